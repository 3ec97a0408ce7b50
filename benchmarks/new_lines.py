"""The limits of the outlet detectors on many operators: `python -m benchmarks.new_lines 101 102 ...`.

A detector of outlets needs many outlets, and an operator of 5,000 subscribers has twenty. Only the usage of new lines
and their partners is generated here; the tables that judge them run on it as they are in marts/channel.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl

from benchmarks.detectors import cross_region, fake_activation
from benchmarks.detectors.score import Score
from pipelines.engine.narrow import month_end
from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import channel
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate

END, DAYS = date(2026, 3, 31), 425
LINE = "outlet_id, line as subscription_key"
WATCHED_DAYS = 62  # a line is new for so long
GIVEN = (
    "core.subscriber_day", "core.place_day", "core.device_day", "core.dim_cell", "core.dim_area", "core.dim_plan",
    "mart_usage.subscriber_month", "mart_channel.outlet", "mart_channel.new_line_score", "core.fct_commission",
    "core.fct_handset_sale", "core.fct_payment", "core.fct_recharge", "core.outlet_order_day", "core.dim_outlet",
    "core.dim_outlet_hierarchy",
)  # fmt: skip
BUILT = (
    "threshold", "new_line_place_month", "new_line_device_month", "new_line_month", "outlet_growth_month",
    "fake_activation_month", "cross_region_month", "outlet_activity_month", "outlet_month", "commission_anomaly_month",
)  # fmt: skip


def measured(subscribers: int, seed: int) -> Iterator[Score]:
    """Scores of one operator that lives for fourteen months."""
    world = simulate(Settings(subscribers=subscribers, days=DAYS, end=END, seed=seed))
    with duckdb.connect() as db:
        judge(db, world)
        yield fake_activation.outlets(db)
        yield cross_region.outlets(db)
        yield cross_region.padded(db)
        yield cross_region.padders(db)


def judge(db: duckdb.DuckDBPyConnection, world: World) -> None:
    """Everything between a world and the verdict on its outlets, the truth beside it as `truth.<name>`."""
    tables = load_tables()
    for macro in MACROS:
        db.execute(macro)
    db.execute(f"set variable as_of = date '{END}'")
    db.execute("attach ':memory:' as truth")
    for name, columns in (("fake_activation", LINE), ("cross_region", LINE), ("commission_anomaly", "*")):
        db.register("frame", world.truth[name].to_arrow())
        db.execute(f"create table truth.{name} as select {columns} from frame")
        db.unregister("frame")
    for name in GIVEN:
        db.execute(f"create schema if not exists {tables[name].schema}")
        columns = ", ".join(f"{column} {kind}" for column, kind in tables[name].header.types().items())
        db.execute(f"create table {name} ({columns})")
    give(db, world)
    for short in BUILT:
        db.execute(f"create table mart_channel.{short} as {tables[f'mart_channel.{short}'].sql}")


def give(db: duckdb.DuckDBPyConnection, world: World) -> None:
    """What the tables read of new lines, as the warehouse would have it."""
    usage, activated = Usage(world), world.lines["activated_at"].dt.date()
    on = world.on
    for day in world.settings.day_list:
        young = ((activated <= day) & (activated > day - timedelta(days=WATCHED_DAYS))).to_numpy()
        active = on(day)
        active = active.filter(pl.Series(with_partners(world, young)[active["line"].to_numpy()]))
        object.__setattr__(world, "on", lambda _, active=active: active)
        watched = active.filter(pl.Series(young[active["line"].to_numpy()]))
        for calls, data in usage.parts(day):
            add_events(db, day, watched, calls, "start_at service_type cell_id roam_type imei duration_s")
            add_events(db, day, watched, data, "start_at cell_id roam_type imei")
    object.__delattr__(world, "on")
    add_months(db, world)
    add_places(db, world)
    add_commission(db, world)


def with_partners(world: World, young: np.ndarray) -> np.ndarray:
    """Some lines and those that they call: without these, calls within the network would be missing."""
    wanted = young.copy()
    for line in np.flatnonzero(young):
        wanted[world.peer_line[world.peer_start[line] : world.peer_start[line + 1]]] = True
    return wanted


def add_events(
    db: duckdb.DuckDBPyConnection, day: date, active: pl.DataFrame, events: pl.DataFrame, columns: str
) -> None:
    frame = events.select("served_msisdn", *columns.split()).join(
        active.select("msisdn", "line"), left_on="served_msisdn", right_on="msisdn"
    )
    is_call = pl.col("service_type") == "voice" if "service_type" in frame.columns else pl.lit(value=False)
    frame = frame.with_columns(is_call=is_call, voice_s=pl.col("duration_s") if "duration_s" in columns else pl.lit(0))
    db.register("event", frame.to_arrow())
    db.execute(
        f"""insert into core.place_day by name select date '{day}' as day, line as subscription_key,
            coalesce(cell_id, -1) as cell_id, count(*) as events, count(*) filter (where is_call) as calls,
            sum(case when is_call then voice_s else 0 end) as voice_s,
            count(*) filter (where roam_type <> 'home') as roaming_events from event group by all"""
    )
    db.execute(
        f"""insert into core.device_day by name select date '{day}' as day, line as subscription_key,
            cast(imei as bigint) as imei_key, cast(left(imei, 14) as bigint) as imei_body_key, true as is_valid,
            count(*) as events from event group by all"""
    )
    db.unregister("event")


def add_months(db: duckdb.DuckDBPyConnection, world: World) -> None:
    """New lines as they stand when a month closes, and what they used in it; money is left out, it judges nobody."""
    lines = world.lines.select(
        "line", "outlet_id", "line_type", "person", "customer", activated=pl.col("activated_at").dt.date(),
        gone=pl.col("terminated_at").dt.date(),
    )  # fmt: skip
    db.register("line", lines.to_arrow())
    days = world.settings.day_list
    for end in (day for day in days if day == month_end(day) and day.replace(day=1) in days):
        db.execute(
            f"""insert into core.subscriber_day by name select date '{end}' as day, line as subscription_key,
                customer as party_key, outlet_id, line_type, true as is_commercial, activated as first_activated_on,
                coalesce(gone > date '{end}', true) as is_in_network, 0 as arrears_amt from line
                where activated <= date '{end}' and activated >= date '{end}' - {WATCHED_DAYS}"""
        )
        db.execute(f"insert into core.subscriber_day (day) values (date '{end.replace(day=1)}')")
    db.execute(
        """insert into mart_usage.subscriber_month by name select cast(date_trunc('month', day) as date) as month_start,
            subscription_key, count(distinct day) as active_days, sum(voice_s) as voice_seconds from core.place_day
        group by all"""
    )
    db.unregister("line")


def add_places(db: duckdb.DuckDBPyConnection, world: World) -> None:
    db.register("cell", world.geography.cells.to_arrow())
    db.register("shop", world.outlets.versions.unique("outlet_id", keep="last", maintain_order=True).to_arrow())
    db.execute("insert into core.dim_cell by name select cell_id, bts_id, area_id, true as is_current from cell")
    db.execute(
        """insert into core.dim_area by name
        select distinct area_id, left(area_id, 6) as county_area_id, left(area_id, 4) as city_area_id from cell"""
    )
    db.execute(
        """insert into mart_channel.outlet by name select outlet_id, channel_type, left(area_id, 6) as county_area_id,
            left(area_id, 4) as city_area_id from shop"""
    )


def add_commission(db: duckdb.DuckDBPyConnection, world: World) -> None:
    days = [channel.tables(world, day)["commission"] for day in world.settings.day_list]
    db.register("booked", pl.concat(days).to_arrow())
    db.execute(
        """insert into core.fct_commission by name select commission_no, outlet_id, tranche, status as status_type,
            cast(substring(user_id, 2) as bigint) as subscription_key, amount_amt as commission_amt,
            cast(booked_at as date) as booked_on from booked"""
    )
    db.unregister("booked")


if __name__ == "__main__":
    found: dict[str, list[Score]] = {}
    for seed in map(int, sys.argv[1:]):
        for score in measured(5_000, seed):
            print(f"seed {seed}: {score.name}: {score.told()}", flush=True)
            found.setdefault(score.name, []).append(score)
    for name, each in found.items():
        total = Score(name, *(sum(getattr(one, part) for one in each) for part in ("found", "true", "hits")))
        print(f"all seeds: {name}: {total.told()}")
