"""A small operator with real usage and other tables made by hand, and a second, plain reading of its files.

The reader is written against the agreed file formats with DuckDB alone; it shares no code with what writes them.
"""

import gzip
import hashlib
import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl

from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import Report, write_history
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


def parties(day: date) -> dict[str, pl.DataFrame]:
    names = ["王小明", "李四", "欧阳娜娜", "张伟|大", "刘"]
    frame = pl.DataFrame(
        {"cust_no": [f"C{n}" for n in range(40)], "name": names * 8, "updated_at": [at(day, n % 24) for n in range(40)]}
    )
    return {"party": frame.with_columns(op=pl.lit("U"))} | ({"party_full": frame} if day.day == 1 else {})


def lines(day: date) -> dict[str, pl.DataFrame]:
    users = pl.DataFrame({"user_id": [f"U{n:011}" for n in range(60)], "outlet_id": "S1", "updated_at": at(day, 9)})
    first = day.toordinal() * 100
    events = users.select("user_id", event_no=pl.lit(first) + pl.int_range(60), event_at="updated_at").select(
        "event_no", "user_id", "event_at"
    )
    return {"subscription": users, "status_history": events}


def money(day: date) -> dict[str, pl.DataFrame]:
    payment = pl.DataFrame(
        {
            "payment_no": [f"P{day:%Y%m%d}{n:03}" for n in range(40)],
            "acct_no": [f"A{n:011}" for n in range(40)],
            "paid_at": [at(day, n % 24) for n in range(40)],
            "amount": [Decimal(n + 1) / 4 for n in range(40)],
            "reversal_of": pl.Series([None] * 40, dtype=pl.String),
        }
    ).with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    return {"payment": payment}


def bills(day: date) -> dict[str, pl.DataFrame]:
    adjustment = pl.DataFrame(
        {
            "adjustment_no": [day.toordinal() * 100 + n for n in range(10)],
            "acct_no": [f"A{n:011}" for n in range(10)],
            "orig_cycle": "202512",
            "amount_amt": [Decimal("-1.50")] * 10,
        }
    )
    item = pl.DataFrame(
        {
            "acct_no": [f"A{n:011}" for n in range(300)],
            "user_id": [f"U{n:011}" for n in range(300)],
            "cycle": "202601",
            "item_code": "fee",
            "amount_fen": [n * 100 for n in range(300)],
            "discount_fen": 0,
            "tax_fen": [n * 6 for n in range(300)],
            "issued_on": day,
            "due_on": day,
        }
    )
    return {"adjustment": adjustment} | ({"bill_item": item} if day.day == 1 else {})


def shops(day: date) -> dict[str, pl.DataFrame]:
    outlet = pl.DataFrame({"outlet_id": [f"S{n}" for n in range(30)], "opened_on": date(2020, 5, 1), "staff": 3})
    issue = pl.DataFrame({"issue_no": [1], "issued_at": [at(day, 10)]})
    return {"outlet": outlet, "stock_issue": issue}


def plain(table: str, key: str, when: str, rows: int = 20):
    def source(day: date) -> dict[str, pl.DataFrame]:
        return {
            table: pl.DataFrame({key: [f"{day}/{n}" for n in range(rows)], when: [at(day, n) for n in range(rows)]})
        }

    return source


def deliver(out: Path, *, faults: str, days: int = 30, files_per_day: int = 1) -> tuple[Report, pl.DataFrame]:
    """The deliveries and the truth of a small history that ends in February 2026, and who owned which number when."""
    settings = Settings(120, days, date(2026, 2, 28), 1, faults, out, files_per_day)
    world = simulate(settings)
    usage = Usage(world)
    sources = {
        "mediation": lambda day: {"cdr": usage.day(day)[0]},
        "charging": lambda day: {"data_record": usage.day(day)[1]},
        "crm": parties,
        "provisioning": lines,
        "payments": money,
        "billing": bills,
        "channel": shops,
        "echannel": plain("session", "session_id", "started_at"),
        "care": plain("call_interval", "queue", "interval_start"),
        "device": plain("subscriber_device", "user_id", "first_seen_on"),
    }
    return write_history(settings, sources, usage.truth_day), owners(world)


def owners(world: World) -> pl.DataFrame:
    """Which number was whose from when to when."""
    owned = world.spells.join(world.lines.select("line", "user_id"), on="line")
    return owned.select("msisdn", "user_id", "from_at", "to_at")


def manifests(out: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted((out / "landing").glob("*/*.manifest.json"))]


def is_sound(folder: Path, manifest: dict) -> bool:
    """Whether files are what their manifest says: there, unchanged, readable, with all rows and the key column."""
    for entry in manifest["files"]:
        path = folder / entry["name"]
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            return False
        if path.suffix == ".gz":
            text = gzip.decompress(path.read_bytes()).decode().splitlines()
            if len(text) - 2 != entry["rows"] or "call_ref" not in text[0].lower().split(","):
                return False
        elif path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            if frame.height != entry["rows"] or "charging_id" not in frame.columns:
                return False
    return True


def in_force(out: Path, system: str, table: str) -> list[str]:
    """The files of the last sound version of each business day."""
    folder = out / "landing" / system
    last: dict[str, dict] = {}
    for manifest in manifests(out):
        if manifest["system"] == system and manifest["table"] == table and is_sound(folder, manifest):
            before = last.get(manifest["data_date"])
            if before is None or before["redo"] < manifest["redo"]:
                last[manifest["data_date"]] = manifest
    return [str(folder / entry["name"]) for one in last.values() for entry in one["files"]]


def usage_by_day(out: Path, owned: pl.DataFrame) -> list[tuple]:
    """(day, user_id, service, events, seconds, bytes, charge) of what is in force: typed, merged and counted once."""
    connection = duckdb.connect()
    connection.register("owners", owned)
    connection.sql(
        f"""
        create view calls as
        select distinct on (call_ref, record_seq) served_msisdn, service_type as service, call_ref as ref,
            try_cast(duration_s as bigint) as seconds, 0 as bytes, charge_amt::decimal(18, 6) as charge,
            strptime(start_at, '%Y%m%d%H%M%S') as start_at
        from read_csv({in_force(out, "mediation", "cdr")}, all_varchar = true, comment = '#', union_by_name = true,
            normalize_names = true)
        where try_cast(duration_s as bigint) >= 0 and len(imei) <= 15"""
    )
    connection.sql(
        f"""
        create view sessions as
        select distinct on (charging_id, record_seq) served_msisdn, 'data' as service, charging_id as ref,
            0 as seconds, bytes_up + bytes_down as bytes, charge_amt as charge, start_at
        from read_parquet({in_force(out, "charging", "data_record")}, union_by_name = true)
        where bytes_up >= 0 and bytes_down >= 0 and len(imei) <= 15"""
    )
    return connection.sql(
        """
        select start_at::date, user_id, service, count(distinct ref), sum(seconds)::bigint, sum(bytes)::bigint,
            sum(charge)
        from (from calls union all from sessions) as used
        inner join owners on used.served_msisdn = owners.msisdn
            and used.start_at >= owners.from_at and used.start_at < owners.to_at
        group by all order by all"""
    ).fetchall()


def true_usage_by_day(out: Path) -> list[tuple]:
    return duckdb.sql(
        f"""
        select day, user_id, service, events, seconds, bytes_up + bytes_down, charge_amt
        from read_parquet('{out}/truth/usage_day/*.parquet') order by all"""
    ).fetchall()


def ledger(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "truth" / "fault.parquet")
