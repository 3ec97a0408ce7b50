"""Usage of the synthetic operator: pairs, partials, allowances, truth and determinism."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipelines.synthetic.usage import Usage
from tests.synthetic.tiny import tiny_world

CDR = [
    "call_ref", "record_seq", "served_msisdn", "other_msisdn", "imsi", "imei", "start_at", "duration_s", "service_type",
    "direction", "lac", "cell_id", "roam_type", "other_operator", "trunk", "cause", "charge_amt", "is_free_unit",
]  # fmt: skip
DATA = [
    "charging_id", "record_seq", "served_msisdn", "imsi", "imei", "start_at", "bytes_up", "bytes_down", "rat", "apn",
    "cell_id", "rating_group", "roam_type", "charge_amt", "is_free_unit",
]  # fmt: skip


@pytest.fixture(scope="module")
def month() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """All records and truths of 28 days of February."""
    usage = Usage(tiny_world(300, 28))
    days = [(*usage.day(day), usage.truth_day()) for day in usage.world.settings.day_list]
    return tuple(pl.concat(part) for part in zip(*days, strict=True))


def merged(cdr: pl.DataFrame) -> pl.DataFrame:
    return cdr.group_by("call_ref", maintain_order=True).agg(
        pl.first(
            "served_msisdn", "other_msisdn", "start_at", "service_type", "direction", "roam_type", "other_operator"
        ),
        pl.sum("duration_s", "charge_amt"),
        pl.max("is_free_unit"),
        pl.col("cause").sort_by("record_seq").last(),
    )


def test_columns_are_those_of_the_sources(month):
    assert month[0].columns == CDR
    assert month[1].columns == DATA


def test_records_have_unique_keys(month):
    assert month[0].select("call_ref", "record_seq").is_unique().all()
    assert month[1].select("charging_id", "record_seq").is_unique().all()


def test_long_calls_are_half_hour_partials_with_the_charge_on_the_last(month):
    parts = month[0].filter(pl.col("call_ref").is_in(month[0].filter(record_seq=2)["call_ref"].implode()))
    assert parts.height > 0
    last = pl.col("record_seq") == pl.col("record_seq").max().over("call_ref")
    earlier = parts.filter(~last)
    assert earlier.filter(
        (pl.col("duration_s") != 1800) | (pl.col("cause") != "partial") | (pl.col("charge_amt") != 0)
    ).is_empty()
    assert parts.filter(last & (pl.col("cause") == "partial")).is_empty()
    assert (
        parts.group_by("call_ref")
        .agg(pl.col("start_at").n_unique(), pl.len() == pl.max("record_seq"))
        .select((pl.col("start_at") == 1) & pl.col("len"))
        .to_series()
        .all()
    )


def test_large_sessions_are_partials_of_one_charging_id(month):
    parts = month[1].filter(pl.len().over("charging_id") > 1)
    assert parts.height > 0
    assert parts.group_by("charging_id").agg((pl.len() == pl.max("record_seq")).alias("whole"))["whole"].all()
    assert (parts["bytes_up"] + parts["bytes_down"]).max() <= 200 * 2**20 + 10


def test_both_sides_of_an_on_net_call_tell_the_same(month):
    calls = merged(month[0].filter(service_type="voice"))
    callee = calls.filter((pl.col("direction") == "mt") & (pl.col("other_operator") == "own"))
    pairs = callee.join(
        calls.with_columns(call_ref=pl.col("call_ref") + 1).filter(direction="mo"),
        on="call_ref",
        how="left",
        suffix="_mo",
    )
    assert pairs.height == callee.height > 1000
    same = ["start_at", "duration_s", "cause"]
    assert pairs.select(pl.all_horizontal(pl.col(name) == pl.col(f"{name}_mo") for name in same)).to_series().all()
    assert (pairs["served_msisdn"] == pairs["other_msisdn_mo"]).all()
    assert (pairs["other_msisdn"] == pairs["served_msisdn_mo"]).all()
    unanswered = calls.filter((pl.col("direction") == "mo") & (pl.col("other_operator") == "own")).join(
        callee.with_columns(call_ref=pl.col("call_ref") - 1), on="call_ref", how="anti"
    )
    assert unanswered.height < 100
    assert (unanswered["cause"] == "failed").all()


def test_failed_events_last_and_cost_nothing(month):
    failed = month[0].filter(cause="failed")
    assert failed.height > 0
    assert failed.select(pl.col("duration_s") + pl.col("charge_amt") + pl.col("is_free_unit")).to_series().sum() == 0


def test_nothing_happens_outside_the_active_seconds(month):
    noon = month[0].filter(
        (pl.col("served_msisdn").str.slice(3).cast(pl.Int64) % 50 == 7) & (pl.col("start_at").dt.hour() >= 12)
    )
    assert noon.is_empty()


def test_calls_cost_their_minutes_beyond_the_allowance_in_order_of_time(month):
    world = tiny_world(300, 28)
    spells = world.spells.join(world.plans, on="plan").select("msisdn", "voice_allowance_min", "voice_price")
    calls = (
        merged(month[0].filter(service_type="voice", direction="mo"))
        .filter(pl.col("roam_type") != "international")
        .with_columns(minutes=-(-pl.col("duration_s") // 60))
        .join(spells, left_on="served_msisdn", right_on="msisdn")
        .sort("served_msisdn", "start_at", "call_ref")
        .with_columns(used=pl.col("minutes").cum_sum().over("served_msisdn"))
        .with_columns(
            over=pl.min_horizontal(pl.max_horizontal(pl.col("used") - pl.col("voice_allowance_min"), 0), "minutes")
        )
    )
    assert (calls["charge_amt"] == calls["over"] * calls["voice_price"]).all()
    assert ((calls["is_free_unit"] == 1) == ((calls["minutes"] > 0) & (calls["over"] == 0))).all()
    assert calls["charge_amt"].sum() > 0
    assert calls["is_free_unit"].sum() > 0


def test_data_costs_its_bytes_beyond_the_allowance(month):
    world = tiny_world(300, 28)
    spells = world.spells.join(world.plans, on="plan").select("msisdn", "data_allowance_mb", "data_price")
    sessions = (
        month[1]
        .filter(pl.col("roam_type") != "international")
        .group_by("charging_id")
        .agg(
            pl.first("served_msisdn", "start_at"),
            pl.sum("bytes_up", "bytes_down", "charge_amt"),
            pl.col("is_free_unit").all(),
        )
        .join(spells, left_on="served_msisdn", right_on="msisdn")
        .with_columns(
            allowance=pl.col("data_allowance_mb").cast(pl.Int64) * 2**20, size=pl.col("bytes_up") + pl.col("bytes_down")
        )
    )
    lines = sessions.group_by("served_msisdn").agg(
        pl.sum("size", "charge_amt"), pl.first("allowance", "data_price"), pl.len()
    )
    within = lines.filter(pl.col("size") <= pl.col("allowance"))
    beyond = lines.filter(pl.col("size") > pl.col("allowance"))
    assert within.height > 0 and beyond.height > 0
    assert within["charge_amt"].sum() == 0
    expected = (beyond["size"] - beyond["allowance"]) * beyond["data_price"].cast(pl.Float64) / 2**20
    assert (beyond["charge_amt"].cast(pl.Float64) - expected).abs().max() < 1e-4


def test_truth_equals_the_records(month):
    world = tiny_world(300, 28)
    numbers = world.spells.join(world.lines, on="line").select("msisdn", "user_id")
    records = (
        merged(month[0])
        .join(numbers, left_on="served_msisdn", right_on="msisdn")
        .group_by(pl.col("start_at").dt.date().alias("day"), "user_id", service=pl.col("service_type"))
        .agg(pl.len().alias("events"), pl.sum("duration_s").alias("seconds"), pl.sum("charge_amt"))
    )
    truth = month[2].filter(pl.col("service") != "data")
    both = truth.join(records, on=["day", "user_id", "service"], how="full", suffix="_cdr")
    assert both.height == truth.height == records.height
    for name in ("events", "seconds", "charge_amt"):
        assert (both[name] == both[f"{name}_cdr"]).all()
    data = month[2].filter(service="data")
    assert data["bytes_up"].sum() == month[1]["bytes_up"].sum()
    assert data["bytes_down"].sum() == month[1]["bytes_down"].sum()
    assert data["charge_amt"].sum() == month[1]["charge_amt"].sum() > Decimal(0)


def test_the_same_settings_give_the_same_records():
    first, second = Usage(tiny_world(120, 3)), Usage(tiny_world(120, 3))
    days = first.world.settings.day_list
    first.day(days[0]), first.day(days[1])
    assert all(a.equals(b) for a, b in zip(first.day(days[2]), second.day(days[2]), strict=True))


def test_a_day_that_has_passed_is_refused():
    usage = Usage(tiny_world(120, 3))
    usage.day(date(2026, 2, 27))
    with pytest.raises(ValueError, match="rated in order"):
        usage.day(date(2026, 2, 26))
