"""The data-quality scorecard of source interfaces: the answer of `scorecard.sql`, kept in `ops.scorecard`."""

from pathlib import Path

import duckdb

QUERY = Path(__file__).with_name("scorecard.sql")


def fill_scorecard(db: duckdb.DuckDBPyConnection) -> None:
    """Judge what was due on the days of the run anew. One delete and one insert: call it inside a transaction."""
    db.execute("delete from ops.scorecard where data_date between getvariable('from_day') and getvariable('to_day')")
    db.execute(f"insert into ops.scorecard {QUERY.read_text()}")
