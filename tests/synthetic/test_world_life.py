from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.synthetic import hazards
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.world import World, simulate

FIRST, END = date(2025, 3, 1), date(2026, 2, 28)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(8_000, 365, END, seed=3))


def in_service(world: World, day: date) -> int:
    at = pl.lit(day).cast(pl.Datetime("us"))
    running = (pl.col("activated_at") < at) & (pl.col("terminated_at").is_null() | (pl.col("terminated_at") > at))
    return world.lines.filter(running).height


def happened(world: World, kind: Kind) -> int:
    start = (FIRST - date(1970, 1, 1)).days * 86_400
    return world.changes.filter(pl.col("kind") == kind, pl.col("at").is_between(start, start + 365 * 86_400)).height


def test_the_base_begins_at_the_size_asked_for_and_grows_slowly(world: World) -> None:
    begin, end = in_service(world, FIRST), in_service(world, END)

    assert 0.96 < begin / 8_000 < 1.04
    assert 1.0 < end / begin < 1.12


def test_joining_and_leaving_keep_to_their_monthly_rates(world: World) -> None:
    base = (in_service(world, FIRST) + in_service(world, END)) / 2 * 12

    assert 0.020 < happened(world, Kind.ACTIVATE) / base < 0.030
    assert 0.015 < happened(world, Kind.TERMINATE) / base < 0.025
    assert 0 < happened(world, Kind.REACTIVATE) < 0.05 * happened(world, Kind.TERMINATE)
    assert 0.05 < happened(world, Kind.PORT_OUT) / happened(world, Kind.TERMINATE) < 0.3


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_change_happens(world: World, kind: Kind) -> None:
    assert (world.changes["kind"] == kind).any()


def test_the_parts_of_the_hazard_reproduce_it_and_predict_how_many_leave(world: World) -> None:
    churn = world.truth["churn"]
    force = churn["hazard_observable"] + churn["hazard_hidden"]

    assert np.allclose(churn["hazard"], -np.expm1(-force.to_numpy()), atol=1e-6)
    assert churn.select("line", "month").is_duplicated().sum() == 0
    left = churn["cause"].is_not_null().sum()
    assert abs(left - churn["hazard"].sum()) < 4 * np.sqrt(left)
    assert set(churn["cause"].drop_nulls()) == set(hazards.CAUSES)


def test_who_left_in_the_truth_is_terminated_then_or_back_within_days(world: World) -> None:
    left = (
        world.truth["churn"]
        .filter(pl.col("cause").is_not_null())
        .join(world.lines.select("line", "terminated_at"), on="line")
    )

    stayed_away = left.filter(~pl.col("is_back"))
    assert (stayed_away["left_at"] == stayed_away["terminated_at"]).all()
    assert left["left_at"].dt.month_start().dt.date().equals(left["month"])


def test_an_unresolved_complaint_a_finished_contract_and_debts_raise_the_observable_part() -> None:
    calm = hazards.Circumstances(
        overpays=np.ones(4), competition=1.0, price_sensitivity=np.ones(4), trouble=np.full(4, 0.2),
        is_unresolved=np.array([False, True, False, False]), discontent=np.ones(4),
        is_contract_over=np.array([False, False, True, False]), friends_left=np.zeros(4),
        is_in_arrears=np.array([False, False, False, True]), payer_risk=np.full(4, 0.01),
        tenure_months=np.full(4, 30.0), is_corporate=np.zeros(4, bool), is_fake=np.zeros(4, bool), relief=np.zeros(4),
    )  # fmt: skip

    observable = hazards.intensity(calm).observable.sum(axis=0)
    assert (observable[1:] > 5 * observable[0]).all()


def test_controls_are_drawn_at_random(world: World) -> None:
    effect = world.truth["treatment_effect"]
    share = effect["is_control"].mean()
    treated, control = effect.filter(~pl.col("is_control"))["effect"], effect.filter("is_control")["effect"]

    assert abs(share - 0.15) < 4 * np.sqrt(0.15 * 0.85 / effect.height)
    assert abs(treated.mean() - control.mean()) < 4 * effect["effect"].std() / np.sqrt(control.len())
    assert not effect.filter("is_control")["is_reached"].any()


def test_reaching_a_customer_lowers_the_hazard_by_the_stored_effect(world: World) -> None:
    effect = world.truth["treatment_effect"].filter(pl.col("is_reached"), pl.col("effect") > 0.5)
    churn = (
        world.truth["churn"]
        .join(effect, on="line")
        .with_columns(acts=pl.col("month").is_between(pl.col("acts_from"), pl.col("acts_to"), closed="left"))
    )
    means = dict(churn.group_by("acts").agg(pl.col("hazard_hidden").mean()).iter_rows())

    assert means[True] < 0.6 * means[False]


def test_leavers_return_under_a_new_number_to_old_friends(world: World) -> None:
    returned = world.truth["re_entry"]
    spells = world.spells.group_by("line").agg(pl.col("msisdn").first(), last=pl.col("msisdn").last())
    numbers = dict(spells.select("line", "msisdn").iter_rows())
    last = dict(spells.select("line", "last").iter_rows())

    def partners(line: int) -> set[int]:
        return set(world.peer_line[world.peer_start[line] : world.peer_start[line + 1]].tolist())

    gap = returned["returned_at"] - returned["left_at"]
    shared = [
        len(partners(new) & partners(old)) / max(1, len(partners(old)))
        for old, new in returned.select("old_line", "new_line").iter_rows()
    ]

    assert returned.height > 50
    assert gap.min() > timedelta(0) and gap.max() < timedelta(days=63)
    assert all(last[old] != numbers[new] for old, new in returned.select("old_line", "new_line").iter_rows())
    assert np.mean(shared) > 0.5
    assert 0.5 < returned["is_same_device"].mean() < 0.9
    assert 0.6 < returned["is_same_document"].mean() < 0.95


def test_invented_customers_share_phones_and_leave_when_the_commission_is_paid(world: World) -> None:
    fake = world.truth["fake_activation"].join(world.spells.select("line", "imei").unique(), on="line")
    rates = world.lines.join(fake, on="line")["data_per_day"].mean()
    life = (fake["terminated_at"] - fake["activated_at"]).drop_nulls()

    assert fake["imei"].n_unique() < 0.7 * fake.height
    assert rates < 0.2 * world.lines["data_per_day"].mean()
    assert life.min() > timedelta(days=85)
    assert fake["outlet_id"].n_unique() <= 3


def test_one_person_may_be_several_customers(world: World) -> None:
    customers = world.truth["person"].group_by("person").agg(pl.col("cust_no").n_unique(), pl.len())

    assert 0.05 < (customers["len"] > 1).mean() < 0.35
    assert (customers["cust_no"] > 1).sum() > 50
