"""Handsets sold: honest buyers use them, unpacked ones are where the truth says."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.synthetic.geography import COUNTIES
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import device
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate

END = date(2026, 2, 28)
USED_ON = (date(2026, 1, 20), date(2026, 2, 12), END)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(4_000, 180, END, seed=4))


@pytest.fixture(scope="module")
def sales(world: World) -> pl.DataFrame:
    """The sales as told, with the truth about each."""
    told = pl.concat(device.tables(world, day)["handset_sale"] for day in world.settings.day_list)
    unpacked = world.truth["unpacked_bundle"].select("sale_no", "kind", "other_user_id", buyer="user_id")
    return told.join(unpacked, on="sale_no", how="left")


@pytest.fixture(scope="module")
def used(world: World) -> pl.DataFrame:
    """What records of three days say: day, user_id, imei, roam_type, cell_id."""
    usage, parts = Usage(world), []
    for day in USED_ON:
        columns = ("served_msisdn", "imei", "roam_type", "cell_id")
        records = pl.concat(frame.select(columns) for frame in usage.day(day))
        owners = usage.active.select("msisdn", "line").join(world.lines.select("line", "user_id"), on="line")
        parts.append(records.join(owners, left_on="served_msisdn", right_on="msisdn").with_columns(day=pl.lit(day)))
    return pl.concat(parts)


def shown(world: World) -> pl.DataFrame:
    """Which line shows which handset from when on."""
    spells = world.spells.filter(pl.col("status") == "active").join(world.lines.select("line", "user_id"), on="line")
    return spells.group_by("imei", "user_id").agg(since=pl.col("from_at").min())


def test_truth_is_about_told_sales_with_subsidy(sales: pl.DataFrame) -> None:
    unpacked = sales.filter(pl.col("kind").is_not_null())
    assert set(unpacked["kind"]) == {"never_seen", "other_line", "out_of_province"}
    assert (unpacked["buyer"] == unpacked["user_id"]).all()
    assert (unpacked["subsidy_amt"] > 0).all() and (unpacked["contract_months"] > 0).all()
    assert 0.01 < unpacked.height / sales.height < 0.15


def test_few_outlets_sell_most_of_what_is_unpacked(world: World) -> None:
    counts = world.truth["unpacked_bundle"]["outlet_id"].value_counts()["count"].sort(descending=True)
    assert counts.head(3).sum() > 0.6 * counts.sum()
    assert len(counts) > 3  # and some comes from anywhere


def test_honest_buyers_use_the_sold_handset_and_nobody_else_does(world: World, sales: pl.DataFrame) -> None:
    honest = sales.filter(pl.col("kind").is_null())
    seen = honest.join(shown(world), on="imei", suffix="_seen")
    own = seen.filter(pl.col("since") == pl.col("sold_at"))
    others = seen.filter(pl.col("since") != pl.col("sold_at"))
    assert own["sale_no"].n_unique() == honest.height == own.height > 300
    assert own.filter(pl.col("user_id") != pl.col("user_id_seen")).is_empty()
    assert (others["since"] > others["sold_at"] + timedelta(days=30)).all()


def test_from_the_day_after_the_sale_records_show_the_sold_handset(used: pl.DataFrame, sales: pl.DataFrame) -> None:
    honest = sales.filter(pl.col("kind").is_null()).drop_nulls("user_id").select("user_id", "imei", "sold_at")
    last = honest.sort("sold_at").unique("user_id", keep="last")
    records = used.join(last, on="user_id", suffix="_sold").filter(pl.col("day") > pl.col("sold_at").dt.date())
    of_line = records.group_by("user_id", "day").agg(
        pl.col("imei").n_unique(), right=(pl.col("imei") == pl.col("imei_sold")).all()
    )
    assert (of_line["imei"] == 1).all()
    assert of_line["right"].mean() > 0.9  # the others have bought another handset since


def test_a_handset_never_seen_is_in_no_record_and_no_register(
    world: World, used: pl.DataFrame, sales: pl.DataFrame
) -> None:
    never = sales.filter(kind="never_seen")
    register = pl.concat(device.tables(world, day)["subscriber_device"]["imei"] for day in world.settings.day_list)
    assert never.height > 5
    assert not set(never["imei"]) & (set(world.spells["imei"]) | set(used["imei"]) | set(register))


def test_a_handset_handed_on_is_seen_on_the_other_line_within_thirty_days(world: World, sales: pl.DataFrame) -> None:
    handed = sales.filter(kind="other_line")
    seen = handed.join(shown(world), on="imei", suffix="_seen")
    register = pl.concat(device.tables(world, day)["subscriber_device"] for day in world.settings.day_list)
    assert seen.height == handed.height > 5
    assert (seen["user_id_seen"] == seen["other_user_id"]).all()
    assert (seen["other_user_id"] != seen["user_id"]).all()
    days = (seen["since"].dt.date() - seen["sold_at"].dt.date()).dt.total_days()
    assert days.min() > 0 and days.max() <= 30
    assert handed.join(register, left_on=["imei", "other_user_id"], right_on=["imei", "user_id"], how="anti").is_empty()


def test_a_line_that_left_is_always_away(world: World, used: pl.DataFrame, sales: pl.DataFrame) -> None:
    gone = sales.filter(kind="out_of_province")
    records = used.join(gone, on="user_id", suffix="_sold")
    city = world.geography.county_of_cell // len(COUNTIES)
    home = world.lines.filter(pl.col("user_id").is_in(gone["user_id"].implode()))
    lives = world.away_cell[home["line"].to_numpy()]
    assert gone.height > 3 and records.height > 20
    assert (records["imei"] == records["imei_sold"]).all()
    assert set(records["roam_type"]) <= {"national", "international"}
    assert (city[lives] != city[home["home_cell"].to_numpy()]).all()
    assert set(records["cell_id"].drop_nulls()) <= set(world.geography.cells["cell_id"].gather(lives))
    assert np.count_nonzero(world.away_cell >= 0) == gone.height
