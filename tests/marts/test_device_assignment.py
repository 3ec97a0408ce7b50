"""Whose handset is whose: one line a handset, one handset a line, nothing lost, whatever the order of rows."""

from datetime import date
from random import Random

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS

TABLES = load_tables()
MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
USE = st.tuples(
    st.sampled_from(MONTHS), st.integers(1, 4), st.integers(1, 4), st.integers(1, 2), st.integers(1, 31),
    st.integers(1, 3),
)  # fmt: skip
Row = tuple[object, ...]


def assigned(used: list[tuple[date, int, int, int, int, int]]) -> list[Row]:
    """Month, line, handset, role and events of what was used: (month, line, handset, number, days, events)."""
    with duckdb.connect(config={"threads": 1}) as db:
        for macro in MACROS:
            db.execute(macro)
        db.execute("set variable as_of = date '2026-03-31'; create schema mart_device")
        db.execute(f"create table mart_device.threshold as {TABLES['mart_device.threshold'].sql}")
        columns = ", ".join(f"{n} {kind}" for n, kind in TABLES["mart_device.device_month"].header.types().items())
        db.execute(f"create table mart_device.device_month ({columns})")
        db.executemany(
            """insert into mart_device.device_month
            (month_start, subscription_key, imei_body_key, msisdn_key, days, events) values (?, ?, ?, ?, ?, ?)""",
            used,
        )
        for name in ("imei_month", "line_device_month"):
            db.execute(f"create table mart_device.{name} as {TABLES[f'mart_device.{name}'].sql}")
        return db.execute(
            """select month_start, subscription_key, imei_body_key, role_type, events
            from mart_device.line_device_month order by all"""
        ).fetchall()


def once(used: list[tuple[date, int, int, int, int, int]]) -> list[tuple[date, int, int, int, int, int]]:
    return list({row[:3]: row for row in used}.values())


@settings(max_examples=30, deadline=None)
@given(st.lists(USE, min_size=1, max_size=20).map(once), st.randoms(use_true_random=False))
def test_primary_pairs_are_one_to_one_and_every_pair_stays(
    used: list[tuple[date, int, int, int, int, int]], chance: Random
) -> None:
    found = assigned(used)
    primary = [row for row in found if row[3] == "primary"]

    assert len({(row[0], row[1]) for row in primary}) == len({(row[0], row[2]) for row in primary}) == len(primary)
    assert {row[1:3] for row in found if row[0] == MONTHS[2]} == {row[1:3] for row in used}
    assert sum(int(str(row[4])) for row in found if row[0] == MONTHS[2]) == sum(row[5] for row in used)
    assert assigned(chance.sample(used, len(used))) == found


@settings(max_examples=30, deadline=None)
@given(st.lists(USE, min_size=1, max_size=20).map(once))
def test_a_month_with_use_has_a_primary_pair_and_the_busiest_pair_is_one(
    used: list[tuple[date, int, int, int, int, int]],
) -> None:
    found = assigned(used)

    for month in {row[0] for row in found}:
        pairs = [row for row in found if row[0] == month]
        busiest = max(int(str(row[4])) for row in pairs)
        assert any(row[3] == "primary" and row[4] == busiest for row in pairs)
