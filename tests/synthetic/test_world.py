from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.synthetic.changes import Kind
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.world import World, simulate


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(3_000, 240, date(2026, 2, 28), seed=7))


def test_the_same_settings_give_the_same_world(world: World) -> None:
    again = simulate(Settings(3_000, 240, date(2026, 2, 28), seed=7))

    assert again.lines.equals(world.lines)
    assert again.spells.equals(world.spells)
    assert np.array_equal(again.peer_line, world.peer_line)
    assert all(again.truth[name].equals(frame) for name, frame in world.truth.items())
    assert again.on(date(2026, 2, 17)).equals(world.on(date(2026, 2, 17)))


def test_another_seed_gives_another_world(world: World) -> None:
    other = simulate(Settings(3_000, 240, date(2026, 2, 28), seed=8))

    assert not other.lines.equals(world.lines)


def test_chance_depends_on_purpose_and_day_not_on_order() -> None:
    settings = Settings(100, 1, date(2026, 1, 1))
    settings.rng("other").random(1000)

    assert settings.rng("a", date(2026, 1, 1)).random() == settings.rng("a", date(2026, 1, 1)).random()
    assert settings.rng("a", date(2026, 1, 1)).random() != settings.rng("a", date(2026, 1, 2)).random()


def test_settings_refuse_what_cannot_be_simulated() -> None:
    with pytest.raises(ValueError, match="at least 100 subscribers"):
        Settings(10, 1, date(2026, 1, 1))
    with pytest.raises(ValueError, match="none, default or heavy"):
        Settings(100, 1, date(2026, 1, 1), faults="some")


def test_spells_of_a_line_do_not_overlap(world: World) -> None:
    follows = world.spells.sort("line", "from_at").with_columns(after=pl.col("from_at").shift(-1).over("line"))

    assert follows.filter(pl.col("after") < pl.col("to_at")).is_empty()
    assert follows.filter(pl.col("to_at") <= pl.col("from_at")).is_empty()


def test_a_line_begins_with_its_activation_and_has_no_spell_after_its_end(world: World) -> None:
    ends = world.spells.group_by("line").agg(pl.col("from_at").min(), pl.col("to_at").max())
    lines = world.lines.join(ends, on="line")

    assert lines.height == world.lines.height
    assert (lines["from_at"] == lines["activated_at"]).all()
    gone = lines.filter(pl.col("terminated_at").is_not_null())
    assert (gone["to_at"] == gone["terminated_at"]).all()


@pytest.mark.parametrize("identifier", ["msisdn", "iccid"])
def test_no_number_or_card_serves_two_lines_at_once(world: World, identifier: str) -> None:
    spells = world.spells.sort(identifier, "from_at").with_columns(
        next_line=pl.col("line").shift(-1).over(identifier), next_from=pl.col("from_at").shift(-1).over(identifier)
    )

    assert spells.filter(pl.col("next_line") != pl.col("line"), pl.col("next_from") < pl.col("to_at")).is_empty()


def test_numbers_are_recycled_and_rest_ninety_days_before(world: World) -> None:
    held = world.spells.group_by("msisdn", "line").agg(pl.col("from_at").min(), pl.col("to_at").max())
    again = held.sort("msisdn", "from_at").with_columns(
        rest=pl.col("from_at") - pl.col("to_at").shift(1).over("msisdn")
    )
    again = again.filter(pl.col("rest").is_not_null())

    assert again.height > 50
    assert again["rest"].min() >= timedelta(days=90)


def test_identifiers_look_like_those_of_the_country(world: World) -> None:
    assert world.spells["msisdn"].str.contains(r"^1[3-9]\d{9}$").all()
    assert world.spells["imsi"].str.contains(r"^46000\d{10}$").all()
    assert world.spells["iccid"].str.contains(r"^898600\d{14}$").all()
    assert world.spells["imei"].str.contains(r"^\d{15}$").all()
    digits = np.array([list(map(int, imei)) for imei in world.spells["imei"].unique().head(200)])
    doubled = digits[:, 1::2] * 2
    assert ((digits[:, ::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)) % 10 == 0).all()


def test_a_day_shows_only_active_lines_once_within_their_spell(world: World) -> None:
    day = date(2025, 12, 20)
    start, end = pl.lit(day).cast(pl.Datetime("us")), pl.lit(day + timedelta(days=1)).cast(pl.Datetime("us"))
    active = world.spells.filter(pl.col("status") == "active", pl.col("from_at") < end, pl.col("to_at") > start)
    shown = world.on(day)

    assert shown["line"].is_unique().all()
    assert set(shown["line"]) == set(active["line"])
    assert (shown["active_from_s"] < shown["active_to_s"]).all()
    assert shown["active_to_s"].max() == 86_400
    joined = shown.join(active.select("line", "msisdn", "imei", "plan"), on=["line", "msisdn", "imei", "plan"])
    assert joined["line"].n_unique() == shown.height


def test_usage_follows_weekday_and_spring_festival(world: World) -> None:
    def mean(day: date, name: str) -> float:
        return float(world.on(day)[name].mean())

    assert mean(date(2026, 1, 14), "voice_per_day") > mean(date(2026, 1, 18), "voice_per_day")
    assert mean(date(2026, 2, 16), "sms_per_day") > 2 * mean(date(2026, 2, 11), "sms_per_day")


def test_those_about_to_leave_use_less_and_less(world: World) -> None:
    day = date(2026, 2, 27)
    leaving = world.lines.filter(pl.col("terminated_at").is_between(pl.datetime(2026, 2, 28), pl.datetime(2026, 3, 5)))
    faded = np.flatnonzero(world.fades_from < 2**60)
    shown = world.on(day).join(leaving.filter(pl.col("line").is_in(faded.tolist())), on="line", suffix="_usual")

    assert shown.height > 3
    assert (shown["data_per_day"] < 0.9 * shown["data_per_day_usual"]).all()


def test_call_partners_are_mutual_and_mostly_neighbours(world: World) -> None:
    line = np.repeat(np.arange(world.lines.height), np.diff(world.peer_start))
    pairs = set(zip(line.tolist(), world.peer_line.tolist(), strict=True))
    community = world.lines["community"].to_numpy()

    assert all((right, left) in pairs for left, right in pairs)
    assert (line != world.peer_line).all()
    assert 3 < len(pairs) / world.lines.height < 12
    assert np.mean(community[line] == community[world.peer_line]) > 0.3


def test_prices_change_once_in_silence_and_once_as_a_version(world: World) -> None:
    silent = world.plans.filter("is_silent").row(0, named=True)
    before = world.plans.filter(plan_id=silent["plan_id"], is_silent=False).row(0, named=True)
    moved = world.changes.filter(pl.col("kind") == Kind.PRICE_CHANGE)

    assert before["plan_version"] == silent["plan_version"]
    assert silent["monthly_fee"] > before["monthly_fee"]
    assert moved["plan"].unique().to_list() == [silent["plan"]]
    assert world.plans["plan_version"].max() == 2
    assert world.plans["plan_id"].n_unique() == 12
