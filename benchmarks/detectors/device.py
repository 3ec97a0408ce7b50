"""Copied handset numbers, SIM swaps, recycled numbers and unpacked bundles against what was really done."""

from pathlib import Path

import duckdb

from benchmarks.detectors.score import Score, beside_truth, scored

SWAPPED = """
select subscription.value, old.value, new.value, swap.swapped_on
from mart_device.sim_swap as swap
inner join vault.subscription as subscription on swap.subscription_key = subscription.key
inner join vault.imsi as old on swap.old_imsi_key = old.key
inner join vault.imsi as new on swap.new_imsi_key = new.key
where swap.swapped_on >= (select min(day) from core.subscriber_day)"""
RECYCLED = """
select number.value, old.value, new.value, recycled.recycled_on
from mart_device.recycled_number as recycled
inner join vault.msisdn as number on recycled.msisdn_key = number.key
inner join vault.subscription as old on recycled.old_subscription_key = old.key
inner join vault.subscription as new on recycled.new_subscription_key = new.key
where recycled.recycled_on >= (select min(day) from core.subscriber_day)"""
TROUBLE = "select key, original, injected, data_date from truth.fault where kind = '{}'"

# The months that the lake holds whole. Only its records tell whose line a copied number was written into; and in a
# month of which they hold the last day only, a line's one record may be the one written over.
COVERED = """
create temp table covered as
select distinct month_start from mart_device.device_month where month_start >= date '{0}'"""
# A record written over may be the second part of an event, whose first part says the handset; then nobody can see it.
COPIED = """
select distinct date_trunc('month', used.day)::date, used.subscription_key, used.imei_body_key
from truth.fault as fault
inner join record on fault.table_name = record.table_name and fault.key = record.number || '/' || record.record_seq
inner join vault.imei as shown on fault.injected = shown.value
inner join core.device_day as used
    on record.event_day = used.day and record.msisdn_key = used.msisdn_key and shown.key = used.imei_key
where fault.kind = 'imei_clone' and fault.original <> fault.injected and used.subscription_key <> -1
    and date_trunc('month', used.day)::date in (select month_start from covered)"""
PASSING = """
select month_start, subscription_key, imei_body_key
from mart_device.imei_clone_month
where month_start in (select month_start from covered)"""

UNPACKED = "select sale_no{} from mart_device.bundle_month where unpacked_type <> 'none'"
REALLY_UNPACKED = """
select sale_no{}
from truth.unpacked_bundle
where sold_at::date + 30 between (select min(month_start) from mart_device.bundle_month)
    and (select last_day(max(month_start)) from mart_device.bundle_month)"""


def scores(home: Path) -> list[Score]:
    with beside_truth(home, "subscription", "msisdn", "imsi", "imei") as db:
        found = [
            scored(db, "SIM swaps", SWAPPED, TROUBLE.format("sim_swap")),
            scored(db, "recycled numbers", RECYCLED, TROUBLE.format("recycled_number")),
        ]
        read_records(db, home)
        found += [
            scored(db, "copied handset numbers", PASSING, COPIED),
            scored(db, "unpacked bundles", UNPACKED.format(""), REALLY_UNPACKED.format("")),
            scored(
                db, "unpacked bundles, by kind", UNPACKED.format(", unpacked_type"), REALLY_UNPACKED.format(", kind")
            ),
        ]
    return found


def read_records(db: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Whose line each record of use that is still in the lake belongs to."""
    parts = " union all ".join(
        f"""select '{table}' as table_name, {number} as number, record_seq, served_msisdn_key as msisdn_key, event_day
        from read_parquet('{home / "lake" / system / table}/*/*/*.parquet')"""
        for system, table, number in (("mediation", "cdr", "call_ref"), ("charging", "data_record", "charging_id"))
    )
    db.execute(f"create temp table record as {parts}")
    folders = (path.parents[1].name for path in (home / "lake" / "mediation" / "cdr").glob("*/*/*.parquet"))
    db.execute(COVERED.format(min(folders).removeprefix("data_date=")))
