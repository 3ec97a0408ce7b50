"""Outlets whose lines live elsewhere, and outlets that pad their commission, against what the operator knows.

An outlet strays when at least `LINES` of its lines were judged; below that it sold too little for anyone to tell.
"""

from pathlib import Path

import duckdb

from benchmarks.detectors.score import Score, beside_truth, scored

LINES = 10


def scores(home: Path) -> list[Score]:
    with beside_truth(home, "subscription") as db:
        db.execute(
            """create temp table told as select away.*, vault.key as subscription_key from truth.cross_region as away
            inner join vault.subscription as vault on away.user_id = vault.value"""
        )
        return [outlets(db, "told"), padded(db), padders(db)]


def outlets(db: duckdb.DuckDBPyConnection, told: str = "truth.cross_region") -> Score:
    true = f"""select away.outlet_id from {told} as away
        inner join mart_channel.new_line_month as line on away.subscription_key = line.subscription_key
        group by away.outlet_id having count(*) >= {LINES}"""
    found = "select outlet_id from mart_channel.cross_region_month where level > 0"
    return scored(db, f"outlets that sell elsewhere, of {LINES} lines or more", found, true)


def padded(db: duckdb.DuckDBPyConnection) -> Score:
    """Outlet and month; months before which there is nothing to compare with are left out."""
    found = "select outlet_id, month_start from mart_channel.commission_anomaly_month where level > 0"
    true = """select told.outlet_id, told.month from truth.commission_anomaly as told
        inner join mart_channel.commission_anomaly_month as judged
            on told.outlet_id = judged.outlet_id and told.month = judged.month_start
        where judged.past_commission_lines > 0 and judged.repeated_lines > 0"""
    return scored(db, "outlets and months of padded commission", found, true)


def padders(db: duckdb.DuckDBPyConnection) -> Score:
    """Outlets, whatever the month: a second padded month is compared with the first and looks small."""
    found = "select outlet_id from mart_channel.commission_anomaly_month where level > 0"
    true = """select told.outlet_id from truth.commission_anomaly as told
        inner join mart_channel.commission_anomaly_month as judged
            on told.outlet_id = judged.outlet_id and told.month = judged.month_start
        where judged.past_commission_lines > 0 and judged.repeated_lines > 0"""
    return scored(db, "outlets that pad commission", found, true)
