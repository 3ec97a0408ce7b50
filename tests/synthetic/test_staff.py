"""People who work together share a cell and call each other at work, whether their employer is registered or not."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipelines.synthetic.geography import COUNTIES
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import enterprise
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate

MONDAY, SUNDAY, HOLIDAY = date(2026, 2, 2), date(2026, 2, 8), date(2026, 2, 17)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(3_000, 60, date(2026, 2, 28), seed=6))


@pytest.fixture(scope="module")
def calls(world: World) -> dict[date, pl.DataFrame]:
    """Outgoing calls of three days: hour, cell_id, roam_type, line, other_line (null outside), and the firm of each."""
    usage, days = Usage(world), {}
    firm = pl.DataFrame({"line": np.arange(world.lines.height, dtype=np.int32), "firm": world.staff.firm})
    for day in (MONDAY, SUNDAY, HOLIDAY):
        records = usage.day(day)[0].filter(service_type="voice", direction="mo")
        owner = usage.active.select("msisdn", "line").join(firm, on="line")
        told = records.join(owner, left_on="served_msisdn", right_on="msisdn")
        told = told.join(owner, left_on="other_msisdn", right_on="msisdn", how="left", suffix="_other")
        days[day] = told.with_columns(hour=pl.col("start_at").dt.hour())
    return days


def share_to_colleagues(calls: pl.DataFrame) -> float:
    staff = calls.filter(pl.col("firm") >= 0)
    return staff.select((pl.col("firm") == pl.col("firm_other")).fill_null(False).mean()).item()


def test_employees_of_one_employer_in_one_city_share_a_work_cell(world: World) -> None:
    city = world.people.county[world.lines["person"].fill_null(0).to_numpy()] // len(COUNTIES)
    staff = world.lines.select("work_cell", firm=world.staff.firm, city=city).filter(pl.col("firm") >= 0)
    cells = staff.group_by("firm", "city").agg(pl.col("work_cell").n_unique(), pl.len())
    assert (cells["work_cell"] == 1).all() and cells.filter(pl.col("len") >= 8).height > 10
    place = world.geography.county_of_cell[staff["work_cell"].to_numpy()] // len(COUNTIES)
    assert (place == staff["city"].to_numpy()).all()


def test_colleagues_are_called_in_working_hours_of_working_days(calls: dict[date, pl.DataFrame]) -> None:
    at_work = pl.col("hour").is_between(9, 17)
    assert share_to_colleagues(calls[MONDAY].filter(at_work)) > 0.4
    assert share_to_colleagues(calls[MONDAY].filter(~at_work)) < 0.2  # colleagues may be friends too
    assert share_to_colleagues(calls[SUNDAY].filter(at_work)) < 0.2  # colleagues may be friends too
    assert share_to_colleagues(calls[HOLIDAY].filter(at_work)) < 0.2  # colleagues may be friends too


def test_at_work_most_of_their_calls_are_made_from_the_work_cell(world: World, calls: dict[date, pl.DataFrame]) -> None:
    at_work = calls[MONDAY].filter(pl.col("hour").is_between(9, 17), pl.col("firm") >= 0, roam_type="home")
    cells = world.geography.cells["cell_id"].gather(world.lines["work_cell"].gather(at_work["line"]))
    assert at_work.height > 100
    assert (at_work["cell_id"] == cells).mean() > 0.85


def test_a_hidden_group_works_in_one_cell_and_is_hardly_registered(world: World) -> None:
    truth = world.truth["hidden_group"].join(world.lines.select("user_id", "work_cell"), on="user_id")
    groups = truth.group_by("group").agg(
        pl.col("work_cell").n_unique(), pl.col("is_registered").mean(), size=pl.col("terminated_at").is_null().sum()
    )
    assert groups.height >= 8
    assert (groups["work_cell"] == 1).all()
    assert groups["size"].min() >= 6  # eight at the end, of whom somebody may leave in the month after
    assert groups["is_registered"].max() < 0.3 and (groups["is_registered"] > 0).any()
    assert truth["user_id"].is_unique().all()


def test_the_workbook_lists_whom_the_truth_calls_registered_and_nobody_else(world: World) -> None:
    member = enterprise.tables(world, date(2026, 2, 1))["member"]
    truth = world.truth["hidden_group"].filter(pl.col("activated_at") < date(2026, 2, 1))
    listed = truth["user_id"].is_in(member["user_id"].implode())
    assert truth["is_registered"].any()
    assert (listed == truth["is_registered"]).all()


def test_registered_employers_keep_their_members(world: World) -> None:
    member = enterprise.tables(world, date(2026, 2, 1))["member"].filter(role="employee")
    staff = world.lines.filter(pl.Series((world.staff.firm >= 0) & (world.staff.firm < world.staff.enterprises)))
    staff = staff.filter(pl.col("activated_at") < date(2026, 2, 1))
    assert staff.height > 200
    assert staff.join(member, on="user_id", how="anti").height < 0.05 * staff.height  # of enterprises without a line


def test_small_firms_are_no_truth(world: World) -> None:
    hidden = world.staff.firm[world.staff.firm >= world.staff.enterprises]
    assert len(np.unique(hidden)) > world.truth["hidden_group"]["group"].n_unique()
