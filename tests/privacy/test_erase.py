"""An erased person is nowhere any more and does not come back; everybody else and the lake stay as they were."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ledger import Ledger
from pipelines.engine.night import run_nights
from pipelines.engine.sandbox import Refused
from pipelines.privacy import register
from pipelines.privacy.erase import Erasure, erase
from pipelines.privacy.reach import NobodyFound
from tests.privacy.conftest import NEXT
from tests.privacy.search import Wanted, search
from tests.revealed import revealed

WHY = "request 4711 of the customer"
Known = dict[str, dict[int, str]]


def a_holder(home: Home) -> tuple[int, int]:
    """Keys of a number and of the customer record whose only line holds it."""
    with duckdb.connect(home.warehouse, read_only=True) as db:
        found = db.execute(
            """select held.msisdn_key, line.customer_key
            from core.bridge_msisdn as held
            inner join core.dim_subscription as line on held.subscription_key = line.subscription_key
            inner join core.dim_customer as customer on line.customer_key = customer.customer_key
                and customer.is_current and customer.document_key is not null
            inner join core.xref_party as xref on line.customer_key = xref.customer_key
                and xref.valid_to = date '9999-12-31'
            where held.valid_to > timestamp '9000-01-01'
                and line.party_key in (select party_key from core.dim_party where customers = 1)
            order by all limit 1"""
        ).fetchone()
    assert found
    return found


def lake_files(home: Home) -> dict[str, str]:
    files = (path for path in home.lake.rglob("*") if path.is_file())
    return {str(path.relative_to(home.lake)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def gone(before: Known, after: Known) -> Known:
    lost = {d: {k: v for k, v in values.items() if k not in after[d]} for d, values in before.items()}
    return {domain: values for domain, values in lost.items() if values}


def slots(path: Path) -> set[tuple[str, str, date, int]]:
    """The deliveries that a file of the landing may belong to."""
    tables = load_contracts()[path.parent.name].tables.values()
    matched = [(table, found) for table in tables if (found := table.match(path.name)) and "date" in found]
    return {
        (table.system, table.name, date.fromisoformat(found["date"]), int(found.get("redo") or 0))
        for table, found in matched
    }


def deliver_again(home: Home, landing: Path) -> int:
    """Every delivery that was loaded, once more as its next redo, from a copy somebody kept; returns how many."""
    count = 0
    for path in sorted(landing.glob("*/*.manifest.json")):
        told = json.loads(path.read_text())
        table = load_contracts()[told["system"]].tables[told["table"]]
        if "{redo}" not in table.files or told["data_date"] >= str(NEXT) or table.format == "sqlite":
            continue
        if not all((path.parent / file["name"]).exists() for file in told["files"]):
            continue  # one of the injected faults
        redo = 70
        for file in told["files"]:
            name = file["name"].replace(f".r{told['redo']}.", f".r{redo}.")
            shutil.copy(path.parent / file["name"], home.landing / told["system"] / name)
            file["name"] = name
        stem = path.name.replace(f".r{told['redo']}.", f".r{redo}.")
        told |= {"redo": redo, "delivered_at": f"{NEXT}T20:00:00+08:00"}
        (home.landing / told["system"] / stem).write_text(json.dumps(told))
        count += 1
    return count


@pytest.fixture
def erased(home: Home, known: Known) -> tuple[Home, Erasure, Known]:
    """The home after the erasure of the holder of a number, and the values that it took from the vault."""
    number, _ = a_holder(home)
    done = erase(home, known["msisdn"][number], kind=None, reason=WHY)
    return home, done, gone(known, revealed(home))


def test_the_person_is_gone_from_vault_landing_and_quarantine(
    ran: Home, erased: tuple[Home, Erasure, Known], known: Known
) -> None:
    home, done, lost = erased
    number, customer = a_holder(ran)

    assert known["msisdn"][number] in lost["msisdn"].values()
    assert lost["customer"] == {customer: known["customer"][customer]}
    assert lost.keys() >= {"customer", "subscription", "account", "msisdn", "imsi", "iccid", "document"}
    assert {domain: len(values) for domain, values in lost.items()} == done.values
    values = {value for domain in lost for value in lost[domain].values()} - {"0", ""}
    decided = {entry.slot for entry in Ledger(home.lake).deliveries()}
    found = search(home.root, Wanted(values), leave=["truth"])
    waiting = {name for name in found if name.startswith("landing") and slots(home.root / name).isdisjoint(decided)}
    assert found.keys() <= waiting


def test_the_lake_is_what_it_was_and_the_register_proves_it(ran: Home, erased: tuple[Home, Erasure, Known]) -> None:
    home, done, lost = erased

    assert lake_files(home) == lake_files(ran)
    (entry,) = register.entries(home)
    assert (entry["action"], entry["reason"], entry["values"]) == ("erase", WHY, done.values)
    assert register.broken(home) == []
    assert not Wanted(v for values in lost.values() for v in values.values()).found_in(json.dumps(entry).encode())


def test_the_next_night_and_old_files_do_not_bring_the_person_back(
    ran: Home, erased: tuple[Home, Erasure, Known]
) -> None:
    home, _, lost = erased
    assert deliver_again(home, ran.landing) > 20

    report = run_nights(home, NEXT, NEXT)

    assert report.status == "published", report.failures
    now = revealed(home)
    back = {d: set(values.values()) & set(now[d].values()) for d, values in lost.items()}
    assert not any(back.values()), back
    found = search(home.root, Wanted(v for values in lost.values() for v in values.values()), leave=["truth"])
    assert {name for name in found if "channel" not in name} == set()  # of one SQLite file some tables wait


def test_the_person_leaves_the_frozen_lists_and_those_are_named(home: Home, known: Known) -> None:
    number, customer = a_holder(home)
    with duckdb.connect(home.warehouse, read_only=True) as db:
        query = f"select subscription_key from core.dim_subscription where customer_key = {customer}"
        (line,) = db.execute(query).fetchall()[0]
    home.lists.mkdir()
    for name, keys in (("winback.0001", [line + 1, line, line + 2]), ("young.0001", [line + 1])):
        pq.write_table(pa.table({"subscription_key": keys, "place": range(len(keys))}), home.lists / f"{name}.parquet")

    done = erase(home, known["msisdn"][number], kind=None, reason=WHY)

    assert done.lists == ["winback.0001"]
    left = pq.read_table(home.lists / "winback.0001.parquet").to_pydict()
    assert left == {"subscription_key": [line + 1, line + 2], "place": [0, 2]}
    assert register.entries(home)[0]["lists"] == ["winback.0001"]
    assert not list(home.lists.glob("*.unfinished"))


def test_a_subject_that_is_nobody_or_several_is_refused(home: Home, known: Known) -> None:
    number, _ = a_holder(home)
    with pytest.raises(NobodyFound, match="does not know the value"):
        erase(home, "10000000000", kind=None, reason=WHY)
    with pytest.raises(Refused, match="say in a few words why"):
        erase(home, known["msisdn"][number], kind=None, reason="because")
    with pytest.raises(Refused, match="leave the person's own data out"):
        erase(home, known["msisdn"][number], kind=None, reason=f"{known['msisdn'][number]} asked for it")
    assert register.entries(home) == []


def test_an_erasure_that_breaks_off_is_done_again(home: Home, known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = a_holder(home)
    monkeypatch.setattr("pipelines.engine.renewal.erase", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        erase(home, known["msisdn"][number], kind=None, reason=WHY)
    monkeypatch.undo()

    assert erase(home, known["msisdn"][number], kind=None, reason=WHY).values["customer"] == 1
    with pytest.raises(NobodyFound, match="was erased before, as msisdn"):
        erase(home, known["msisdn"][number], kind=None, reason=WHY)


def test_a_line_of_the_register_that_was_changed_is_found(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for n in range(3):
        register.record(home, "test", number=n)
    path = register.register_of(home)
    assert register.broken(home) == []

    path.write_text(path.read_text().replace('"number": 1', '"number": 7'))
    assert register.broken(home) == ["line 2 does not follow the line before it: one of them was changed or removed"]
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    first, cut = register.broken(home)
    assert first.startswith("line 1 does not follow") and "cut off" in cut, (first, cut)
