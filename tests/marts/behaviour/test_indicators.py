"""The module's SQL says of random logs what the definitions say, record by record."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.marts.behaviour import definitions as say
from tests.marts.behaviour.conftest import PLACES, Behaviour
from tests.marts.behaviour.definitions import Recharge, Record

EDGES = [datetime(2026, 1, 9, 19), datetime(2026, 1, 10, 7), datetime(2026, 1, 10), datetime(2026, 1, 12)]
NEAR = [0, 1, 59, 600, 1799, 1800, 3599, 3600, 3601, 7200, -1, -600, -1800, -3599, -3600]
MOMENTS = st.one_of(
    st.builds(lambda edge, s: edge + timedelta(seconds=s), st.sampled_from(EDGES), st.sampled_from(NEAR)),
    st.builds(lambda edge, s: edge + timedelta(seconds=s), st.sampled_from(EDGES), st.integers(-9000, 9000)),
    st.builds(lambda s: datetime(2026, 1, 1) + timedelta(seconds=s), st.integers(0, 31 * 86400 - 1)),
)
RECORDS = st.builds(
    lambda at, is_call, is_made, other, duration, cell: Record(
        at, 0, is_call, is_made, other, duration if is_call else 0, cell
    ),
    MOMENTS, st.booleans(), st.booleans(), st.sampled_from([8, 8, 8, 9, 10, None]),
    st.one_of(st.integers(0, 300), st.just(60), st.integers(0, 86400)), st.sampled_from([1, 2, 3, 4, None]),
)  # fmt: skip


def numbered(log: Iterable[Record]) -> list[Record]:
    """In order of time; what falls into one second stays as it came."""
    return say.in_order(replace(record, event_id=place) for place, record in enumerate(log))


def busy(seed: int) -> list[Record]:
    """Some evenings and mornings round the edges of night and weekend, mostly messages to and fro with one party."""
    chance, log = Random(seed), []
    for _ in range(chance.randint(1, 4)):
        moment = chance.choice(EDGES) + timedelta(seconds=chance.choice(NEAR))
        for _ in range(chance.randint(2, 16)):
            moment += timedelta(seconds=chance.choice([0, 1, 60, 1200, 1799, 3599, 3600, 3601]))
            is_call = chance.random() < 0.2
            log.append(
                Record(
                    moment, 0, is_call, chance.random() < 0.5, chance.choice([8, 8, 8, 8, 9, 10, 11]),
                    chance.choice([0, 30, 60, 61, 4000]) if is_call else 0, chance.choice([1, 1, 2, 3, 4, None]),
                )
            )  # fmt: skip
    return numbered(log)


LOGS = st.one_of(st.lists(RECORDS, max_size=40).map(numbered), *[st.integers(0, 2**32).map(busy)] * 3)
RECHARGES = st.lists(
    st.builds(Recharge, MOMENTS, st.integers(0, 20000).map(lambda cents: Fraction(cents, 100))), max_size=12
)
Expected = dict[tuple[str, ...], dict[str, Any]]
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True
)


def assert_same(found: dict[tuple[Any, ...], dict[str, Any]], expected: Expected) -> None:
    assert found.keys() == expected.keys()
    for grain, row in expected.items():
        for name, value in row.items():
            told = found[grain][name]
            places = 0.5 * 10.0 ** (told.as_tuple().exponent if hasattr(told, "as_tuple") else 0) + 1e-9
            is_same = told is value or (
                None not in (told, value) and math.isclose(told, value, rel_tol=1e-9, abs_tol=places)
            )
            assert is_same, (grain, name, told, value)


def split(log: list[Record], indicators: Callable[[list[Record]], dict[str, Any] | None]) -> Expected:
    found = {(week, day): indicators(kept) for week, day, kept in say.parts(log)}
    return {grain: row for grain, row in found.items() if row is not None}


def split_by_kind(log: list[Record], indicators: Callable[[list[Record]], dict[str, Any] | None]) -> Expected:
    kinds = {"call": [r for r in log if r.is_call], "text": [r for r in log if not r.is_call]}
    return {(kind, *part): row for kind, some in kinds.items() for part, row in split(some, indicators).items()}


@thorough
@given(log=LOGS)
def test_days_and_times_between(behaviour: Behaviour, log: list[Record]) -> None:
    def active(kept: list[Record]) -> dict[str, Any]:
        return {"active_days": len({r.at.date() for r in kept}), "interactions": len(kept),
                "interactions_made": sum(r.is_made for r in kept)}  # fmt: skip

    def following(kept: list[Record]) -> dict[str, Any]:
        times = say.gaps(kept)
        return {"interactions": len(kept), "interactions_made": sum(r.is_made for r in kept),
                "interactions_received": sum(not r.is_made for r in kept),
                "night_interactions": sum(r.is_night for r in kept),
                "nocturnal_share": sum(r.is_night for r in kept) / len(kept),
                "gaps": len(times), "gaps_s": sum(times), "gap_mean_s": say.mean(times),
                "gap_sd_s": say.sd(times)}  # fmt: skip

    behaviour.give(log)
    behaviour.build("interaction")
    assert_same(behaviour.rows("active_month"), split(log, active))
    assert_same(behaviour.rows("interaction_month"), split_by_kind(log, following))


@thorough
@given(log=LOGS)
def test_calls(behaviour: Behaviour, log: list[Record]) -> None:
    def lasting(kept: list[Record]) -> dict[str, Any]:
        lengths = [r.duration for r in kept]
        return {"calls": len(kept), "calls_made": sum(r.is_made for r in kept),
                "initiated_share": sum(r.is_made for r in kept) / len(kept),
                "duration_s": sum(lengths), "duration_mean_s": say.mean(lengths), "duration_sd_s": say.sd(lengths),
                "duration_median_s": say.median(lengths), "duration_min_s": min(lengths),
                "duration_max_s": max(lengths), "duration_skewness": say.shape(lengths, 3),
                "duration_kurtosis": say.shape(lengths, 4)}  # fmt: skip

    behaviour.give(log)
    behaviour.build("interaction")
    assert_same(behaviour.rows("call_month"), split([r for r in log if r.is_call], lasting))


@thorough
@given(log=LOGS)
def test_conversations(behaviour: Behaviour, log: list[Record]) -> None:
    def talking(kept: list[Record]) -> dict[str, Any] | None:
        held = [one for pair in say.by_contact(kept).values() for one in say.conversations(pair)]
        received = [one for one in held if not one[0].is_made]
        answered = [one for one in received if any(r.is_made for r in one)]
        delays = [
            int((b.at - a.at).total_seconds()) for one in held for a, b in pairwise(one)
            if b.is_made and not a.is_made and b.at > a.at
        ]  # fmt: skip
        begun = len(held) - len(received)
        return {"conversations": len(held), "conversations_begun": begun, "initiated_share": begun / len(held),
                "conversations_received": len(received), "conversations_answered": len(answered),
                "response_share": len(answered) / len(received) if received else None, "responses": len(delays),
                "response_delay_s": sum(delays), "response_delay_mean_s": say.mean(delays),
                "response_delay_sd_s": say.sd(delays),
                "response_delay_median_s": say.median(delays)} if held else None  # fmt: skip

    behaviour.give(log)
    behaviour.build("interaction")
    assert_same(behaviour.rows("text_month"), split(log, talking))


@thorough
@given(log=LOGS)
def test_contacts(behaviour: Behaviour, log: list[Record]) -> None:
    def spread(kept: list[Record]) -> dict[str, Any]:
        pairs = say.by_contact(kept)
        counts = [len(pair) for pair in pairs.values()]
        made = [sum(r.is_made for r in pair) for pair in pairs.values()]
        lengths = [sum(r.duration for r in pair) for pair in pairs.values()]
        balance = [Fraction(m, len(kept)) for m in made]
        frequent = say.heaviest(counts, math.ceil(say.PARETO * sum(counts)))
        long = say.heaviest(lengths, math.ceil(say.PARETO * sum(lengths)))
        is_call = kept[0].is_call
        return {"contacts": len(pairs), "contacts_made": sum(m > 0 for m in made),
                "contacts_received": sum(m < n for m, n in zip(made, counts, strict=True)),
                "interactions": len(kept), "interactions_made": sum(made),
                "contact_entropy": say.entropy(counts), "per_contact_mean": say.mean(counts),
                "per_contact_sd": say.sd(counts), "balance_mean": say.mean(balance), "balance_sd": say.sd(balance),
                "pareto_contacts": frequent, "pareto_share": frequent / len(kept),
                "duration_s": sum(lengths) if is_call else None,
                "pareto_duration_contacts": long if is_call else None,
                "pareto_duration_share": long / len(kept) if is_call else None}  # fmt: skip

    behaviour.give(log)
    behaviour.build("interaction")
    assert_same(behaviour.rows("contact_month"), split_by_kind([r for r in log if r.other is not None], spread))


@thorough
@given(log=LOGS)
def test_places(behaviour: Behaviour, log: list[Record]) -> None:
    home = say.home(log)

    def moving(kept: list[Record]) -> dict[str, Any]:
        cells = say.half_hours(kept)
        counts = Counter(cells)
        at_home = counts[home] if home is not None else None
        return {"half_hours": len(cells), "antennas": len(counts), "antenna_entropy": say.entropy(counts.values()),
                "frequent_antennas": say.heaviest(counts.values(), math.ceil(say.PARETO * len(cells))),
                "home_cell_id": home, "home_half_hours": at_home,
                "home_share": None if at_home is None else at_home / len(cells),
                "placed_half_hours": sum(cell in PLACES for cell in cells),
                "gyration_km": say.gyration_km(cells, PLACES)}  # fmt: skip

    behaviour.give(log)
    behaviour.build("interaction", "place_day")
    assert_same(behaviour.rows("mobility_month"), split([r for r in log if r.cell is not None], moving))


@thorough
@given(recharges=RECHARGES)
def test_recharges(behaviour: Behaviour, recharges: list[Recharge]) -> None:
    def topping_up(kept: list[Recharge]) -> dict[str, Any]:
        amounts, times = [r.amount for r in kept], say.gaps(kept)
        days = (kept[-1].at - kept[0].at).days
        area = sum((a.amount * (b.at - a.at).days for a, b in pairwise(kept)), Fraction()) / 2
        taken = next(n for n in range(1, len(kept) + 1)
                     if sum(sorted(amounts, reverse=True)[:n]) >= say.PARETO * sum(amounts))  # fmt: skip
        return {"recharges": len(kept), "recharged_amt": float(sum(amounts)), "recharge_mean_amt": say.mean(amounts),
                "recharge_sd_amt": say.sd(amounts), "gaps": len(times), "gaps_s": sum(times),
                "gap_mean_s": say.mean(times), "gap_sd_s": say.sd(times), "pareto_recharges": taken,
                "pareto_share": taken / len(kept),
                "balance_mean_amt": float(area / days) if days else None}  # fmt: skip

    behaviour.give([], recharges := sorted(recharges, key=lambda r: r.at))
    found = {(week, day): topping_up(kept) for week, day, kept in say.parts(recharges)}
    assert_same(behaviour.rows("recharge_month"), found)
