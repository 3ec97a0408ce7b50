"""Guards the DuckDB pin: an aggregate window without ORDER BY must see the partition filter of its hive-partitioned scan.

DuckDB 2.0.0 rewrites `agg() over (partition by k)` into a self-join (optimizer `window_self_join`) whose second copy of the
scan forgets the file filter on the partition column: eight of these thirteen shapes then return wrong numbers, silently and with
a plan that looks right. Flat tables are not affected, so each shape is asked of the partitioned Parquet and of a table with
the same rows. DuckDB may move past 1.5.x only when all thirteen agree.
"""

from pathlib import Path

import duckdb
import pytest

SHAPES = {
    "range_filter": "select id, sum(n) over (partition by k) as total from {t} where day >= date '2026-01-08'",
    "equality_filter": "select id, sum(n) over (partition by k) as total from {t} where day = date '2026-01-05'",
    "in_filter": "select id, sum(n) over (partition by k) as total from {t} where day in (date '2026-01-02', date '2026-01-09')",
    "between_filter": "select id, count(*) over (partition by k) as total from {t} where day between date '2026-01-03' and date '2026-01-04'",
    "filter_in_a_cte": "with d as (select id, k, n from {t} where day >= date '2026-01-08') select id, max(n) over (partition by k) as total from d",
    "filter_in_a_subquery": "select id, min(n) over (partition by k) as total from (select id, k, n from {t} where day = date '2026-01-05') as d",
    "share_of_total": "select id, n::double / sum(n) over (partition by k) as total from {t} where day >= date '2026-01-08'",
    "share_of_grand_total": "select id, n::double / sum(n) over () as total from {t} where day >= date '2026-01-08'",
    "mixed_filter": "select id, sum(n) over (partition by k) as total from {t} where day >= date '2026-01-08' and n % 2 = 0",
    "two_windows": "select id, sum(n) over (partition by k) + count(*) over (partition by j) as total from {t} where day = date '2026-01-05'",
    "window_over_aggregate": "select k as id, sum(sum(n)) over (partition by j) as total from {t} where day >= date '2026-01-08' group by k, j",
    "filter_through_a_join": "select t.id, sum(t.n) over (partition by t.k) as total from {t} as t join picked on t.day = picked.day",
    "qualify": "select id, n as total from {t} where day >= date '2026-01-08' qualify n = max(n) over (partition by k)",
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
