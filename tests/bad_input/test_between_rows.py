"""Rows that are right one by one and wrong together: within a delivery, between deliveries, against the past."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.audit import fill_completeness
from pipelines.engine.checks import check_rows
from pipelines.engine.expect import audit_contract
from pipelines.engine.home import Home
from pipelines.engine.ledger import Ledger
from pipelines.engine.ops import prepare
from pipelines.engine.raw import register_deliveries
from pipelines.engine.table import load_tables
from quality.movement import load_rules, movements
from tests.bad_input.case import PLAIN
from tests.engine.landed import CALL, DAY, Installation, lines, row

HEAD = "no,amount,text\n"
SPAN = {
    "columns": {
        "no": {"type": "bigint"},
        "valid_from": {"type": "date"},
        "valid_to": {"type": "date"},
    },
    "key": ["no", "valid_from"],
}


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    note = {**PLAIN, "files": "note_{date}.r{redo}.csv", "key": ["no"]}
    return Installation(Home(tmp_path).prepared(), {"note": note, "call": CALL})


def repeated_keys(site: Installation, table: str) -> int:
    """How many rows share their key, by the expectation that the contract's `key` makes; it watches, core removes."""
    (audited,) = [one for one in site.ingest(audit=audit_contract).checks if one.table == f"raw_ops.{table}"]
    (unique,) = [one for one in audited.results if "unique" in one.title]
    assert unique.success == (not unique.unexpected_count)
    return unique.unexpected_count or 0


# The design keeps every accepted row in the lake and removes copies in core, per event day; ingest counts and tells.
@pytest.mark.parametrize(
    ("number", "rows", "repeated"),
    [
        (54, "1,10.50,a\n1,10.50,a\n2,10.50,b\n", 2),
        (55, "1,10.50,a\n1,11.50,a\n2,10.50,b\n", 2),
        (54, "1,10.50,a\n2,10.50,b\n", 0),
    ],
)
def test_54_55_rows_of_one_key_are_kept_counted_and_told(
    site: Installation, number: int, rows: str, repeated: int
) -> None:
    site.deliver(f"{HEAD}{rows}".encode(), rows=rows.count("\n"), table="note")
    assert repeated_keys(site, "note") == repeated
    assert len(site.lake("no", "note")) == rows.count("\n")


def test_53_one_key_in_the_files_of_two_days_is_no_copy_within_either(site: Installation) -> None:
    for n, amount in enumerate(("10.50", "11.50")):
        day = DAY + timedelta(days=n)
        site.deliver(f"{HEAD}1,{amount},a\n".encode(), rows=1, table="note", day=day)
    report = site.ingest(as_of=DAY + timedelta(days=1), not_before=DAY, audit=audit_contract)
    assert all(result.success for result in report.checks[0].results)
    assert site.lake("no, amount, delivery_id", "note") == [(1, Decimal("10.50"), 1), (1, Decimal("11.50"), 2)]


def test_56_usage_of_an_unknown_line_is_kept_under_the_key_of_nobody_and_watched() -> None:
    table = load_tables()["core.usage_day_version"]
    unknown = "subscription_key <> -1"
    assert unknown in table.header.watch
    columns = ", ".join(f"null::{kind} as {name}" for name, kind in table.header.types().items())
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            f"create table {table.name} as select * replace (key::bigint as subscription_key) "
            f"from (select {columns}), (values (-1), (7)) as line(key)"
        )
        found = check_rows(lambda sql: connection.execute(sql).fetchall(), table, "true", table.name)
    (watched,) = [one for one in found if one.name == unknown]
    assert (watched.severity, watched.passed, watched.offenders) == ("watch", False, 1)


def test_57_what_comes_late_is_loaded_for_its_own_day_and_known_from_the_first_open_night(site: Installation) -> None:
    late = DAY - timedelta(days=30)
    site.deliver(lines(row(1, start_at=f"{late} 10:00:00")), rows=1)
    site.ingest(not_before=DAY)
    assert site.lake("event_day") == [(late,)]
    assert Ledger(site.home.lake).deliveries()[0].known_on == DAY


def test_57_what_comes_later_than_the_contract_allows_is_quarantined(site: Installation) -> None:
    site.deliver(lines(row(1), row(2, start_at="2025-11-20 23:59:59")), rows=2)
    site.ingest()
    assert site.quarantined() == [(2, "start_at", "late_window")]


@pytest.mark.parametrize("blocking", [True, False])
def test_58_a_day_without_its_delivery_is_missing_and_blocks_where_the_contract_says_so(
    site: Installation, blocking: bool
) -> None:
    site.contract = {"note": site.contract["note"] | {"blocking": blocking}}
    days = [DAY + timedelta(days=n) for n in range(3)]
    for day in (days[0], days[2]):
        site.deliver(f"{HEAD}1,1,a\n".encode(), rows=1, table="note", day=day)
    site.ingest(as_of=days[2], not_before=days[0])
    with duckdb.connect() as connection:
        prepare(connection)
        register_deliveries(connection, Ledger(site.home.lake).deliveries(), days[2])
        (gap,) = fill_completeness(connection, site.systems, days[0], days[2])
        states = connection.execute("select data_date, state from ops.completeness order by all").fetchall()
    assert states == [(days[0], "loaded"), (days[1], "missing"), (days[2], "loaded")]
    assert gap.blocking is blocking
    assert gap.message.startswith(
        f"the delivery of ops.note for {days[1]} is missing; `bassline status` says since when"
    )


# The design: movement rules watch unless declared to check; nobody approves a number by hand.
@pytest.mark.parametrize(
    ("number", "kpi", "before", "after", "told"),
    [
        (59, "data_volume_gb", 1000, 200, "data volume gb changed by -80.0% against the day before, from 1,000 to 200"),
        (59, "data_volume_gb", 1000, 5000, r"data volume gb changed by \+400.0% against the day before"),
        (60, "data_volume_gb", 1000, 1000 * 1024, r"changed by \+102300.0%.*or their unit changed"),
        (60, "data_volume_gb", 1000, 1100, None),
    ],
)
def test_59_60_a_volume_or_a_unit_that_moves_too_far_is_told_by_the_shipped_rules(
    number: int, kpi: str, before: int, after: int, told: str | None
) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema kpi")
        connection.execute(
            f"""create table kpi.value as
            select '{kpi}' as kpi_id, 1 as version, 'day' as period_type, day as period_start, 'all' as dimension_set,
                null::varchar as dimension_1, null::varchar as dimension_2, null::varchar as dimension_3,
                numerator::decimal(38, 6) as numerator, null::decimal(38, 6) as denominator, true as is_complete
            from (values (date '{DAY}', {before}), (date '{DAY + timedelta(days=1)}', {after})) as v(day, numerator)"""
        )
        found = movements(connection, load_rules(), from_day=DAY, to_day=DAY + timedelta(days=1))
    assert len(found) == (1 if told else 0)
    for one in found:
        assert one.severity == "watch"
        assert re.search(told or "", one.message), one.message


def test_65_a_period_that_ends_before_it_begins_is_quarantined_by_a_check_of_the_contract(site: Installation) -> None:
    checks = {"ends_after_it_begins": "valid_to > valid_from"}
    site.contract = {"note": {**PLAIN, "files": "note_{date}.r{redo}.csv", **SPAN, "checks": checks}}
    content = "no,valid_from,valid_to\n1,2026-01-01,2026-01-05\n2,2026-01-05,2026-01-01\n3,2026-01-01,\n"
    site.deliver(content.encode(), rows=3, table="note")
    site.ingest()
    assert site.lake("no", "note") == [(1,), (3,)]
    assert site.quarantined() == [(2, None, "ends_after_it_begins")]


def test_65_two_changes_in_one_instant_are_told(site: Installation) -> None:
    site.contract = {"note": {**PLAIN, "files": "note_{date}.r{redo}.csv", **SPAN}}
    content = "no,valid_from,valid_to\n1,2026-01-01,2026-01-05\n1,2026-01-01,2026-01-09\n"
    site.deliver(content.encode(), rows=2, table="note")
    assert repeated_keys(site, "note") == 2


@pytest.mark.parametrize(("digits", "is_imei"), [("490154203237518", True), ("490154203237519", False)])
def test_62_a_check_of_the_contract_may_know_the_check_digit(site: Installation, digits: str, is_imei: bool) -> None:
    doubled = "'0246813579'[imei[{}]::integer + 1]::integer"  # twice the digit, its own digits added
    terms = [doubled.format(n) if n % 2 == 0 else f"imei[{n}]::integer" for n in range(1, 16)]
    luhn = f"({' + '.join(terms)}) % 10 = 0"
    site.contract = {"call": CALL | {"checks": {"check_digit": luhn}}}
    site.deliver(lines(row(1, imei="490154203237518"), row(2, imei=digits)), rows=2)
    site.ingest()
    assert site.quarantined_of(1) == ([] if is_imei else [(2, None, "check_digit")])


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ('=HYPERLINK("http://x")', "\"'=HYPERLINK(\"\"http://x\"\")\""), ("@SUM(A1)", "'@SUM(A1)"),
        ("+1", "'+1"), ("-1+2", "'-1+2"), ("\tx", "'\tx"), ("1=1", "1=1"), ("a", "a"),
    ],
)  # fmt: skip
def test_38_formulas_are_kept_as_text_and_made_harmless_on_the_way_out(tmp_path: Path, cell: str, written: str) -> None:
    run = tmp_path / "published" / "2026-01-05-001"
    run.mkdir(parents=True)
    with duckdb.connect(run / "bassline.duckdb") as connection:
        connection.execute("create table note as select ? as text, -5 as no", [cell])
    (tmp_path / "published" / "current").symlink_to(run.name)
    printed = CliRunner().invoke(app, ["query", "from note", "--format", "csv", "--home", str(tmp_path)]).output
    assert printed == f"text,no\n{written},-5\n"
