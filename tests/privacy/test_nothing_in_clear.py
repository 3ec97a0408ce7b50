"""No name, number, document or address is in clear anywhere but in the deliveries themselves and in the truth."""

import csv
import json
from collections import Counter
from pathlib import Path

import duckdb

from pipelines.commands.export import export_to
from pipelines.engine.home import Home
from tests.privacy.search import Wanted, search

INPUTS = ("landing", "truth")
PERSONAL = ("name", "id_no", "address", "contact_msisdn", "cust_no")
ORDINARY = ("birth_date", "birth_part", "document_part")  # parts of a date and of a number are in every column of dates


def delivered(home: Home) -> set[str]:
    """Personal values as the source systems wrote them, read without the engine."""
    found: set[str] = set()
    for path in home.landing.glob("crm/*.csv"):
        with path.open(encoding="gb18030", errors="replace") as file:
            found |= {row[name] for row in csv.DictReader(file, delimiter="|") for name in PERSONAL if row[name]}
    for path in home.landing.glob("care/ticket_*.jsonl"):
        found |= {str(json.loads(line).get("msisdn")) for line in path.read_text().splitlines() if "{" in line}
    return found


def truth(home: Home) -> set[str]:
    """Every text of the truth that names a line or a customer."""
    found: set[str] = set()
    for path in home.root.glob("truth/**/*.parquet"):
        columns = [row[0] for row in duckdb.sql(f"describe from '{path}'").fetchall()]
        for column in {"user_id", "cust_no", "old_user_id", "new_user_id", "msisdn"} & set(columns):
            found |= {row[0] for row in duckdb.sql(f"select distinct {column} from '{path}'").fetchall() if row[0]}
    return found


def test_the_search_finds_a_value_wherever_it_is(tmp_path: Path) -> None:
    values = {"13800000001": "a number", "王小明": "a name", "a.b@example.com": "an address of mail"}
    for n, value in enumerate(values):
        (tmp_path / f"{n}.log").write_text(f"said: {value}, and more")
        (tmp_path / f"{n}.gb").write_bytes(f"said: {value}。".encode("gb18030"))
        duckdb.execute(f"copy (select 1 as n, '<{value}>' as note) to '{tmp_path}/{n}.parquet' (compression zstd)")
        with duckdb.connect(tmp_path / f"{n}.duckdb") as db:
            db.execute(f"create schema s; create table s.t as select [{{'x': '{value}'}}] as nested")
    (tmp_path / "number.parquet").unlink(missing_ok=True)
    duckdb.execute(f"copy (select 13800000001 as n) to '{tmp_path}/number.parquet'")

    found = search(tmp_path, Wanted(values))
    assert Counter(value for hits in found.values() for value in hits) == {
        "13800000001": 5, "王小明": 4, "a.b@example.com": 4,
    }  # fmt: skip


def test_the_night_leaves_no_personal_value_in_clear(home: Home, pages: Path, known: dict[str, dict[int, str]]) -> None:
    vault = {value for domain, values in known.items() if domain not in ORDINARY for value in values.values()}
    wanted = Wanted(vault | delivered(home) | truth(home))
    assert len(wanted.words) > 800
    assert len(wanted.runs) > 150
    (home.root / "export.duckdb").unlink(missing_ok=True)
    export_to(home, home.root / "export.duckdb")
    assert list(home.quarantine.glob("*/*"))
    assert len(list(pages.rglob("*.html"))) > 10
    assert list(home.dagster.rglob("*.db"))

    assert search(home.root, wanted, leave=INPUTS) == {}
    assert search(pages, wanted) == {}


def test_the_search_would_have_found_a_planted_value(home: Home, known: dict[str, dict[int, str]]) -> None:
    number = next(iter(known["msisdn"].values()))
    with duckdb.connect(home.warehouse) as db:
        db.execute("update ops.run set message = ? where true", [f"line {number} is busy"])
    assert search(home.root, Wanted([number]), leave=INPUTS).keys() == {"warehouse.duckdb"}


def test_personal_columns_of_a_contract_are_of_the_vault(home: Home) -> None:
    """A column named like personal data that no vault domain claims is a contract's mistake."""
    from pipelines.engine.contract import load_contracts

    telling = ("msisdn", "imsi", "imei", "iccid", "id_no", "email", "address", "birth", "passport", "phone")
    open_columns = [
        f"{table.label}.{name}"
        for system in load_contracts().values()
        for table in system.tables.values()
        for name in table.columns
        if any(word in name for word in telling) and name not in table.domains
    ]
    assert open_columns == []
