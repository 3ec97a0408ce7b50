"""Parties night by night: what joins records, what people decide, and what a correction takes back."""

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
from pipelines.engine.rebuild import rebuild
from pipelines.engine.table import load_tables
from tests.revealed import revealed

FIRST = date(2026, 1, 5)
CRM = (
    "cust_no|name|id_type|id_no|birth_date|gender|address|contact_msisdn|segment|vip_level|is_blacklisted|has_consent|"
    "account_manager|area_id|created_at|updated_at|op"
)
DESK = "decision_no,decided_at,decided_by,decision,cust_no,other_cust_no,reason"
FLAT = "泉安市历城区文化路182号23号楼3单元302室"
PAPERS = "370301195201029432"

WANG = f"C1|王小明|id_card|{PAPERS}|1952-01-02|M|{FLAT}"
WANG_AGAIN = "C2|王小明|passport|E12345678|1952-01-02|M|历城区文化路182号23栋3单元302"
LI = "C3|李华|id_card|370301198003034321|1980-03-03|F|泉安市历城区和平路1号"
LI_WITH_WANGS_NUMBER = f"C4|李华|id_card|{PAPERS}|1980-03-03|F|"
LI_CORRECTED = "C4|李华|id_card|370301198003034321|1980-03-03|F|"
ZHAO = "C5|赵芳|none||||泉安市历城区人民路7号"


def know(home: Home, night: int, *records: str) -> None:
    """Customer records of one day, as CRM delivers them."""
    at = f"{FIRST + timedelta(days=night)} 12:00:00"
    rows = [f"{record}||personal|0|0|1|||2020-01-01 10:00:00|{at}|U" for record in records]
    deliver(home, "crm", "party", night, "\n".join([CRM, *rows, ""]).encode("gb18030"), len(rows))


def decide(home: Home, night: int, *decisions: str) -> None:
    """Decisions of one day, as the desk delivers them."""
    at = f"{FIRST + timedelta(days=night)} 12:00:00"
    rows = [f"{night * 10 + n},{at},steward,{decision}" for n, decision in enumerate(decisions, start=1)]
    deliver(home, "desk", "party_decision", night, "\n".join([DESK, *rows, ""]).encode(), len(rows))


def deliver(home: Home, system: str, table: str, night: int, content: bytes, rows: int) -> None:
    day = FIRST + timedelta(days=night)
    folder = home.landing / system
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{table}_{day:%Y%m%d}.r0"
    (folder / f"{stem}.csv").write_bytes(content)
    file = {"name": f"{stem}.csv", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows}
    manifest: dict[str, object] = {"system": system, "table": table, "data_date": str(day), "redo": 0, "files": [file]}
    manifest["delivered_at"] = f"{day}T23:00:00+08:00"
    (folder / f"{stem}.manifest.json").write_text(json.dumps(manifest))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three nights one by one."""
    home = Home(tmp_path_factory.mktemp("parties")).prepared()
    know(home, 0, WANG, LI, ZHAO)
    know(home, 1, WANG_AGAIN, LI_WITH_WANGS_NUMBER)
    decide(home, 1, "merge,C3,C5,called")
    know(home, 2, LI_CORRECTED)
    decide(home, 2, "split,C2,,asked")
    for night in range(3):
        report = run_nights(home, FIRST + timedelta(days=night), FIRST + timedelta(days=night))
        assert report.status == "published", report.failures
    return home


def parties(home: Home, night: int) -> set[frozenset[str]]:
    """The records of each party as a night closed."""
    day, numbers = FIRST + timedelta(days=night), revealed(home)["customer"]
    with duckdb.connect(str(home.warehouse), read_only=True) as db:
        found = db.execute(
            f"""select list(customer_key) from core.xref_party
            where date '{day}' >= valid_from and date '{day}' < valid_to group by party_key"""
        ).fetchall()
    return {frozenset(numbers[key] for key in keys) for (keys,) in found}


@pytest.mark.parametrize(
    ("night", "together"),
    [
        (0, ["C1", "C3", "C5"]),
        (1, ["C1 C2 C4", "C3 C5"]),  # by weights, by the document, by decision
        (2, ["C1", "C2", "C3 C4 C5"]),  # split off by decision, and joined by the corrected document
    ],
)
def test_each_night_closes_with_the_parties_it_knew(home: Home, night: int, together: list[str]) -> None:
    assert parties(home, night) == {frozenset(records.split()) for records in together}


def test_every_merge_is_logged_with_who_why_and_what_reversed_it(home: Home) -> None:
    with duckdb.connect(str(home.warehouse), read_only=True) as db:
        log = db.execute(
            """select rule_type, decided_by, evidence, valid_from, reversed_on, reversal_type from core.party_merge
            order by valid_from, rule_type"""
        ).fetchall()
    second, third, never = FIRST + timedelta(days=1), FIRST + timedelta(days=2), date(9999, 12, 31)

    assert log == [
        ("decision", "steward", "called", second, never, None),
        ("document", "rules", "document same", second, third, "record changed"),
        ("weights", "weights 1", "name same, birth same, address same", second, third, "decision"),
        ("document", "rules", "name same, birth same, document same", third, never, None),
    ]


def test_nights_in_one_pass_give_the_same(home: Home, tmp_path: Path) -> None:
    twin = Home(tmp_path / "twin").prepared()
    shutil.copytree(home.landing, twin.landing, dirs_exist_ok=True)
    assert run_nights(twin, FIRST, FIRST + timedelta(days=2)).status == "published"

    for table in ("core.party_pair", "core.party_merge", "core.xref_party"):
        assert rows(twin, table) == rows(home, table)


def test_a_rebuild_gives_the_same(home: Home) -> None:
    assert rebuild(home, FIRST + timedelta(days=2)).differing == []


def test_a_rebuild_with_other_weights_says_that_they_are_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = load_tables()["core.identity_weight"]
    assert "15.4507" in weights.sql
    tables = {**load_tables(), weights.name: replace(weights, sql=weights.sql.replace("15.4507", "14.4507"))}
    monkeypatch.setattr("pipelines.engine.rebuild.load_tables", lambda: tables)
    report = rebuild(home, FIRST + timedelta(days=2))

    told = {table.table: table.changed for table in report.tables if table.verdict == "definition changed"}
    assert told == {"core.identity_weight": (weights.name,), "core.party_pair": (weights.name,)}
    assert report.differing == []


def rows(home: Home, table: str) -> list[tuple]:
    with duckdb.connect(str(home.warehouse), read_only=True) as db:
        return db.execute(f"from {table} order by all").fetchall()
