"""What is older than it may be leaves lake, warehouse, landing and quarantine; a rebuild says what it lacks."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.engine import ops
from pipelines.engine.build import Builder
from pipelines.engine.contract import load_contracts
from pipelines.engine.declaration import DeclarationError, first_kept
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import Ledger
from pipelines.engine.rebuild import judged, verdict
from pipelines.engine.retention import expired, retire
from pipelines.engine.table import HeaderError, make_table
from tests.engine.landed import CALL, DAY, Installation, lines, row

DAYS = [DAY + timedelta(days=n) for n in range(5)]


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    """Five nights of calls, of which the lake keeps two days; each has one rejected row."""
    site = Installation(Home(tmp_path).prepared(), {"call": CALL | {"keep": "2 days"}})
    for day in DAYS:
        rows = [row(1, start_at=f"{day} 10:00:00"), row("x", start_at=f"{day} 10:00:00")]
        site.deliver(lines(*rows), rows=2, day=day, delivered_at=f"{day}T23:00:00+08:00")
        site.ingest(as_of=day, not_before=day)
    return site


def parts(site: Installation) -> list[str]:
    return sorted(path.parts[-3] for path in site.home.lake.glob("ops/call/*/*/*.parquet"))


def test_a_span_goes_back_whole_days_or_to_the_first_of_a_month() -> None:
    assert first_kept(date(2026, 3, 31), "90 days") == date(2025, 12, 31)
    assert first_kept(date(2026, 3, 31), "6 months") == date(2025, 9, 1)
    assert first_kept(date(2026, 3, 31), "60 months") == date(2021, 3, 1)


def test_a_word_that_is_no_span_is_told(site: Installation) -> None:
    site.contract = {"call": CALL | {"keep": "half a year"}}
    with pytest.raises(DeclarationError, match=r"'half a year' is no span; write it as '90 days' or '6 months'"):
        assert site.systems


def test_old_parts_leave_the_lake_once_and_the_ledger_stays(site: Installation) -> None:
    entries = len(Ledger(site.home.lake).deliveries())

    assert retire(site.home, site.systems, DAYS[-1]) == 2
    assert parts(site) == [f"data_date={day}" for day in DAYS[2:]]
    assert expired(site.home.lake)["ops.call"] == DAYS[2]
    assert retire(site.home, site.systems, DAYS[-1]) == 0
    assert len(Ledger(site.home.lake).deliveries()) == entries
    assert site.ingest(as_of=DAYS[-1]).outcomes == ()


def test_an_earlier_business_day_brings_nothing_back(site: Installation) -> None:
    retire(site.home, site.systems, DAYS[-1])
    retire(site.home, site.systems, DAYS[-2])
    assert expired(site.home.lake)["ops.call"] == DAYS[2]


def test_delivered_files_and_rejected_rows_stay_as_long_as_the_operator_says(site: Installation) -> None:
    after = DAYS[0] + timedelta(days=operator().landing_days + 1)
    retire(site.home, site.systems, after)

    assert sorted(path.name[5:13] for path in site.landing.glob("call_*.csv")) == [f"{day:%Y%m%d}" for day in DAYS[1:]]
    assert len(list(site.landing.glob("*.manifest.json"))) == 4
    assert len(list(site.home.quarantine.glob("*/*.sealed"))) == 4
    assert site.ingest(as_of=after).outcomes == ()


def test_a_contract_of_the_project_declares_how_long_usage_is_kept() -> None:
    systems = load_contracts()
    kept = {systems["mediation"].tables["cdr"].keep, systems["charging"].tables["data_record"].keep}
    assert kept == {"6 months"}


def test_old_partitions_leave_the_warehouse_and_its_recorded_content() -> None:
    header = {
        "description": "Toy.",
        "grain": ["day"],
        "columns": {"day": "date - d"},
        "refresh": "day",
        "partition": "day",
    }
    source = make_table("core.event", header, "select day from given", Path("event.sql"))
    table = make_table("core.call_day", header | {"keep": "2 days"}, "select day from core.event", Path("call_day.sql"))
    with duckdb.connect() as db:
        ops.prepare(db)
        first = "date '2026-01-01'"
        db.execute(f"create table given as select ({first} + n::integer) as day from range(9) as days(n)")
        tables = {one.name: one for one in (source, table)}
        states = []
        for day in (date(2026, 1, 4), date(2026, 1, 6)):
            builder = Builder(db, tables, f"run-{day}", date(2026, 1, 1), day)
            runs = [builder.build(one) for one in tables.values()]
            builder.settle()
            states.append([row[0].day for row in db.execute("select day from core.call_day order by day").fetchall()])
            assert runs[1].rows == len(states[-1])
    assert states == [[2, 3, 4], [4, 5, 6]]


def test_a_table_without_partitions_cannot_keep_some_of_them() -> None:
    header = {"description": "Toy.", "grain": ["n"], "columns": {"n": "bigint - n"}, "keep": "2 days"}
    with pytest.raises(HeaderError, match="drops old partitions, and refresh replace has none"):
        make_table("core.toy", header, "select 1 as n", Path("toy.sql"))


@pytest.mark.parametrize(
    ("rebuilt", "lacks", "told"),
    [("a", True, "equal"), ("b", True, "beyond retention"), ("b", False, "differs")],
)
def test_a_rebuild_says_that_the_lake_lacks_what_it_needs(rebuilt: str, lacks: bool, told: str) -> None:
    assert verdict(("a", "1"), (rebuilt, "1"), lacks=lacks) == told


def test_a_rebuild_blames_a_definition_for_what_follows_from_it_and_for_nothing_else() -> None:
    """The pairs compared follow from the weights; records that differ do not, nor do parties that are the same."""
    recorded = {"core.identity_weight": ("a", "1"), "core.customer_identity": ("a", "1"), "core.party_pair": ("a", "1")}
    recorded |= {"core.party_merge": ("a", "1"), "core.xref_party": ("a", "1")}
    rebuilt = {"core.identity_weight": ("b", "2"), "core.customer_identity": ("b", "1"), "core.party_pair": ("b", "1")}
    rebuilt |= {"core.party_merge": ("a", "1"), "core.xref_party": ("b", "1")}
    rest = [name for name in recorded if name not in ("core.identity_weight", "core.party_pair", "core.party_merge")]

    found = {one.table: (one.verdict, one.changed) for one in judged(recorded, rebuilt, ())}
    assert found["core.identity_weight"] == ("definition changed", ("core.identity_weight",))
    assert found["core.party_pair"] == ("definition changed", ("core.identity_weight",))
    assert found["core.party_merge"] == ("equal", ())
    assert {found[name] for name in rest[:1]} == {("differs", ())}
