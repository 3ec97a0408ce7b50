"""Guards the DuckDB pin: a window without ORDER BY must see the partition filter of its hive-partitioned scan.

DuckDB 2.0.0 rewrites `agg() over (partition by k)` into a self-join (optimizer `window_self_join`) whose second copy of
the scan forgets the file filter on the partition column: eight of these thirteen shapes then return wrong numbers,
silently and with a plan that looks right. Flat tables are not affected, so each shape is asked of the partitioned
Parquet and of a table with the same rows. DuckDB may move past 1.5.x only when all thirteen agree.
"""

from pathlib import Path

import duckdb
import pytest

RECENT = "day >= date '2026-01-08'"
ONE_DAY = "day = date '2026-01-05'"
TOTAL = "sum(n) over (partition by k) as total"

SHAPES = {
    "range_filter": f"select id, {TOTAL} from {{t}} where {RECENT}",
    "equality_filter": f"select id, {TOTAL} from {{t}} where {ONE_DAY}",
    "in_filter": f"select id, {TOTAL} from {{t}} where day in (date '2026-01-02', date '2026-01-09')",
    "between_filter": f"select id, {TOTAL} from {{t}} where day between date '2026-01-03' and date '2026-01-04'",
    "filter_in_a_cte": f"with recent as (select id, k, n from {{t}} where {RECENT}) select id, {TOTAL} from recent",
    "filter_in_a_subquery": f"select id, {TOTAL} from (select id, k, n from {{t}} where {ONE_DAY}) as one_day",
    "share_of_total": f"select id, n::double / sum(n) over (partition by k) as total from {{t}} where {RECENT}",
    "share_of_grand_total": f"select id, n::double / sum(n) over () as total from {{t}} where {RECENT}",
    "mixed_filter": f"select id, {TOTAL} from {{t}} where {RECENT} and n % 2 = 0",
    "two_windows": f"""
        select id, sum(n) over (partition by k) + count(*) over (partition by j) as total from {{t}} where {ONE_DAY}""",
    "window_over_aggregate": f"""
        select k as id, sum(sum(n)) over (partition by j) as total from {{t}} where {RECENT} group by k, j""",
    "filter_through_a_join": """
        select t.id, sum(t.n) over (partition by t.k) as total from {t} as t join picked on t.day = picked.day""",
    "qualify": f"select id, n as total from {{t}} where {RECENT} qualify n = max(n) over (partition by k)",
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    lake: Path = tmp_path_factory.mktemp("lake")
    db = duckdb.connect()
    db.execute("""
        create table flat as
        select i as id, i % 7 as k, i % 3 as j, i * 37 % 101 as n, date '2026-01-01' + (i % 10)::integer as day
        from range(5000) as rows(i)
    """)
    db.execute("create table picked as select date '2026-01-04' as day")
    db.execute(f"copy flat to '{lake}' (format parquet, partition_by (day))")
    db.execute(f"create view hive as from read_parquet('{lake}/*/*.parquet', hive_partitioning = true)")
    return db


@pytest.mark.parametrize("shape", SHAPES)
def test_a_partitioned_scan_gives_the_rows_of_the_flat_table(db: duckdb.DuckDBPyConnection, shape: str):
    hive, flat = (
        db.execute(f"{SHAPES[shape].format(t=table)} order by id, total").fetchall() for table in ("hive", "flat")
    )

    assert flat
    assert hive == flat
