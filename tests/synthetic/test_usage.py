"""Usage of the synthetic operator: pairs, partials, allowances, truth and determinism."""

from datetime import date

import polars as pl
import polars.selectors as cs
import pytest

from pipelines.synthetic import usage as module
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate

CDR = [
    "call_ref", "record_seq", "served_msisdn", "other_msisdn", "imsi", "imei", "start_at", "duration_s", "service_type",
    "direction", "lac", "cell_id", "roam_type", "other_operator", "trunk", "cause", "charge_amt", "is_free_unit",
]  # fmt: skip
DATA = [
    "charging_id", "record_seq", "served_msisdn", "imsi", "imei", "start_at", "bytes_up", "bytes_down", "rat", "apn",
    "cell_id", "rating_group", "roam_type", "charge_amt", "is_free_unit",
]  # fmt: skip


def world(days: int = 28) -> World:
    """The last days of February."""
    return simulate(Settings(subscribers=300, days=days, end=date(2026, 2, 28)))


@pytest.fixture(scope="module")
def month() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """All records and truths of 28 days of February; each record with its line, plan and active seconds of the day."""
    usage = Usage(world())
    lines = usage.world.lines.select("line", "user_id")
    days = []
    for day in usage.world.settings.day_list:
        active = usage.world.on(day).drop("imsi", "imei", cs.ends_with("_per_day")).join(lines, on="line")
        records = (
            frame.join(active, left_on="served_msisdn", right_on="msisdn", how="left", maintain_order="left")
            for frame in usage.day(day)
        )
        days.append((*records, usage.truth_day()))
    calls, data, truth = (pl.concat(part) for part in zip(*days, strict=True))
    return calls, data, truth


def merged(cdr: pl.DataFrame) -> pl.DataFrame:
    """One row per call or message; its partial records lie apart, so order is that of the first one seen."""
    same = pl.all().exclude("call_ref", "record_seq", "duration_s", "charge_amt", "cause").first()
    last = pl.col("cause").sort_by("record_seq").last()
    return cdr.group_by("call_ref", maintain_order=True).agg(same, pl.sum("duration_s", "charge_amt"), last)


def test_columns_are_those_of_the_sources(month):
    assert month[0].columns[: len(CDR)] == CDR
    assert month[1].columns[: len(DATA)] == DATA


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
    for records in month[:2]:
        second = (pl.col("start_at") - pl.col("start_at").dt.truncate("1d")).dt.total_seconds()
        assert records["line"].null_count() == 0
        assert records.filter(~second.is_between("active_from_s", "active_to_s", closed="left")).is_empty()
        assert records.filter(pl.col("active_from_s") > 0).height > 0


def test_calls_cost_their_minutes_beyond_the_allowance_in_order_of_time(month):
    plans = world().plans.select("plan", "voice_allowance_min", "voice_price")
    calls = (
        merged(month[0].filter(service_type="voice", direction="mo"))
        .filter(pl.col("roam_type") != "international")
        .with_columns(minutes=-(-pl.col("duration_s") // 60))
        .join(plans, on="plan")
        .sort("line", "start_at", "call_ref")
        .with_columns(beyond=pl.col("minutes").cum_sum().over("line") - pl.col("voice_allowance_min"))
        .with_columns(over=pl.min_horizontal(pl.max_horizontal("beyond", 0), "minutes"))
    )
    assert (calls["charge_amt"] == calls["over"] * calls["voice_price"]).all()
    assert ((calls["is_free_unit"] == 1) == ((calls["minutes"] > 0) & (calls["over"] == 0))).all()
    assert calls["charge_amt"].sum() > 0
    assert calls["is_free_unit"].sum() > 0


def test_calls_abroad_cost_every_minute_in_both_directions(month):
    plans = world().plans.select("plan", "roam_voice_price")
    calls = merged(month[0].filter(service_type="voice", roam_type="international")).join(plans, on="plan")
    assert set(calls["direction"]) == {"mo", "mt"}
    assert (calls["charge_amt"] == -(-calls["duration_s"] // 60) * calls["roam_voice_price"]).all()
    assert calls["cell_id"].null_count() == calls.height


def test_data_costs_its_bytes_beyond_the_allowance(month):
    plans = world().plans.select("plan", "data_allowance_mb", "data_price")
    lines = (
        month[1]
        .filter(pl.col("roam_type") != "international")
        .group_by("line")
        .agg(
            pl.sum("bytes_up", "bytes_down", "charge_amt"),
            pl.first("plan"),
            plans=pl.col("plan").n_unique(),
            sessions=pl.col("charging_id").n_unique(),
        )
        .filter(plans=1)
        .join(plans, on="plan")
        .with_columns(
            over=pl.col("bytes_up") + pl.col("bytes_down") - pl.col("data_allowance_mb").cast(pl.Int64) * 2**20
        )
    )
    within, beyond = lines.filter(pl.col("over") <= 0), lines.filter(pl.col("over") > 0)
    assert within.height > 0
    assert beyond.height > 0
    assert within["charge_amt"].sum() == 0
    expected = beyond["over"] * beyond["data_price"].cast(pl.Float64) / 2**20
    rounding = beyond["sessions"] * 0.5e-6 + 1e-7
    assert ((beyond["charge_amt"].cast(pl.Float64) - expected).abs() <= rounding).all()


def test_truth_equals_the_records(month):
    calls = merged(month[0]).group_by(
        pl.col("start_at").dt.date().alias("day"), "user_id", service=pl.col("service_type")
    )
    records = calls.agg(pl.len().alias("events"), pl.sum("duration_s").alias("seconds"), pl.sum("charge_amt"))
    truth = month[2].filter(pl.col("service") != "data")
    both = truth.join(records, on=["day", "user_id", "service"], how="full", suffix="_cdr")
    assert both.height == truth.height == records.height
    assert both.select(pl.col(name) == pl.col(f"{name}_cdr") for name in ("events", "seconds", "charge_amt")).min().row(
        0
    ) == (True, True, True)
    data, truth = month[1], month[2].filter(service="data")
    assert truth["events"].sum() == data["charging_id"].n_unique()
    for name in ("bytes_up", "bytes_down", "charge_amt"):
        assert truth[name].sum() == data[name].sum() > 0


def test_on_net_pairs_meet_across_chunks_of_lines(month, monkeypatch):
    monkeypatch.setattr(module, "LINES_PER_CHUNK", 50)
    usage = Usage(world(2))
    parts = list(usage.parts(usage.next_day))
    cdr = pl.concat(part[0] for part in parts)
    own = cdr.filter(other_operator="own").filter(pl.col("cause") != "failed").group_by("direction").len()
    assert len(parts) > 4
    assert own["len"].n_unique() == 1
    assert cdr.select("call_ref", "record_seq").is_unique().all()


def test_the_same_settings_give_the_same_records():
    first, second = Usage(world(3)), Usage(world(3))
    days = first.world.settings.day_list
    for day in days[:2]:
        first.day(day)
    assert all(a.equals(b) for a, b in zip(first.day(days[2]), second.day(days[2]), strict=True))


def test_a_day_that_has_passed_is_refused():
    usage = Usage(world(3))
    usage.day(date(2026, 2, 27))
    with pytest.raises(ValueError, match="rated in order"):
        usage.day(date(2026, 2, 26))
