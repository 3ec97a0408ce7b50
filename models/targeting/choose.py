"""From those who may be contacted to the list: rank, quotas, number, and a part by lot that is left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.targeting.audience import AudienceError, Capped, Plan
from models.targeting.bitmap import Values
from models.targeting.column import nearest
from models.targeting.condition import Feature, Predicate, predicates
from models.targeting.evaluate import Outcome, Population

FEW_NAMES = 1000  # a text column with more different values is no code
DIGITS = 9  # of a standardised distance


@dataclass
class Chosen:
    """A list, the first of the ranking first, and how many fell away on the way to it."""

    keys: np.ndarray
    is_control: np.ndarray
    without_value: int = 0
    over_quota: list[int] = field(default_factory=list)
    beyond_number: int = 0
    strata: dict[tuple[Any, ...], tuple[int, int]] = field(default_factory=dict)

    @property
    def controls(self) -> int:
        return int(self.is_control.sum())


@dataclass(frozen=True)
class Likeness:
    """Mean and deviation of each feature in the base, and its mean among the seeds, all standardised by them."""

    mean: dict[Feature, float]
    deviation: dict[Feature, float]
    seeds: dict[Feature, float]


def refuse_impossible(plan: Plan, population: Population, file: str, known: Mapping[str, Sequence[str]]) -> None:
    """What only the data can refuse: codes that do not occur, and more lines than there are.

    `known` are declared codes by column, which are right even in a month in which none occurs. Raises AudienceError.
    """
    mistakes = []
    for one in (leaf for step in plan.steps for leaf in predicates(step.node)):
        mistakes += [f"{one.where}: {told}" for told in _strange(one, population, known)]
    if plan.limit is not None and plan.limit > population.lines:
        where = "top" if plan.audience.top else "like"
        mistakes.append(f"{where}.number: found {plan.limit:,}; there are {population.lines:,} lines in all")
    for quota in plan.quotas:
        mistakes += _beyond(quota, population.groups[quota.feature])
    if mistakes:
        raise AudienceError("\n".join(f"{file}: {one}" for one in dict.fromkeys(mistakes)))


def _strange(one: Predicate, population: Population, known: Mapping[str, Sequence[str]]) -> list[str]:
    there = population.names.get(one.feature, set()) | set(known.get(one.feature.column, ()))
    if one.feature.kind != "text" or one.value is None or not there or len(there) > FEW_NAMES:
        return []
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    listed = ", ".join(sorted(there)[:12]) + (", ..." if len(there) > 12 else "")
    return [
        f"found {value!r}, which is no value of {one.feature.title}{nearest(str(value), sorted(there))}; there are "
        f"{listed}"
        for value in values if value not in there
    ]  # fmt: skip


def _beyond(quota: Capped, groups: Mapping[Any, int]) -> list[str]:
    found = []
    for value, most in quota.values.items():
        where = f"{quota.where}.values.{value}"
        if value not in groups:
            listed = ", ".join(sorted(map(str, groups))[:12])
            near = nearest(str(value), sorted(map(str, groups)))
            found.append(
                f"{where}: found {value!r}, which no line has as {quota.feature.title}{near}; there are {listed}"
            )
        elif most > groups[value]:
            found.append(f"{where}: found a quota of {most:,}; there are {groups[value]:,} lines of {value} in all")
    largest = max(groups.values(), default=0)
    if quota.at_most is not None and quota.at_most > largest:
        found.append(f"{quota.where}.at_most: found {quota.at_most:,}; no group has more than {largest:,} lines")
    return found


def choose(outcome: Outcome, likeness: Likeness | None = None, seeds: np.ndarray | None = None) -> Chosen:
    """The list of an audience: the same for the same declaration and data, whatever order these came in."""
    plan, keys = outcome.plan, outcome.keys
    ranks, has_value = _ranked(plan, outcome.kept, keys, likeness, seeds)
    tie = lot(keys, plan.audience.control.seed)
    order = np.lexsort((keys, tie, ranks))
    order = order[has_value[order]]
    found = Chosen(keys, np.zeros(0, bool), without_value=len(keys) - len(order))
    for quota in plan.quotas:
        within = _within(quota, outcome.kept[quota.feature], order)
        found.over_quota.append(len(order) - int(within.sum()))
        order = order[within]
    if plan.limit is not None:
        found.beyond_number = max(len(order) - plan.limit, 0)
        order = order[: plan.limit]
    found.keys = keys[order]
    labels = [_labels(outcome.kept[feature], order) for feature in plan.strata]
    found.is_control, found.strata = controls(
        found.keys, plan.audience.control.share, plan.audience.control.seed, labels
    )
    return found


def _ranked(
    plan: Plan, kept: Mapping[Feature, Values], keys: np.ndarray, likeness: Likeness | None, seeds: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """What is sorted by, the smallest first, and who has it at all."""
    if plan.by is not None and plan.audience.top is not None:
        values = kept[plan.by]
        data = values.data.astype(np.float64) if values.kind == "float" else values.data.astype(np.int64)
        valid = np.ones(len(data), bool) if values.valid is None else values.valid
        return -data if plan.audience.top.order == "highest" else data, valid
    if plan.like and likeness is not None:
        total = np.zeros(len(keys))
        for feature in plan.like:
            total += (_standardised(kept[feature], feature, likeness) - likeness.seeds[feature]) ** 2
        is_seed = np.isin(keys, seeds) if seeds is not None else np.zeros(len(keys), bool)
        return np.round(np.sqrt(total), DIGITS), ~is_seed
    return np.zeros(len(keys)), np.ones(len(keys), bool)


def _standardised(values: Values, feature: Feature, likeness: Likeness) -> np.ndarray:
    """A missing value counts as the mean: it makes nobody alike and nobody different."""
    spread = likeness.deviation[feature] or 1.0
    found = (values.data.astype(np.float64) - likeness.mean[feature]) / spread
    return found if values.valid is None else np.where(values.valid, found, 0.0)


def likeness_of(
    features: Sequence[Feature], known: Mapping[Feature, Values], keys: np.ndarray, seeds: np.ndarray
) -> Likeness:
    """Raises AudienceError when no seed is in the base."""
    is_seed = np.isin(keys, seeds)
    if not is_seed.any():
        raise AudienceError("like.seeds: none of the seeds is a line in network; there is nobody to be like")
    mean, deviation, centre = {}, {}, {}
    for feature in features:
        values = known[feature]
        data = values.data.astype(np.float64)
        valid = np.ones(len(data), bool) if values.valid is None else values.valid
        mean[feature] = float(np.round(data[valid].mean(), DIGITS)) if valid.any() else 0.0
        deviation[feature] = float(np.round(data[valid].std(), DIGITS)) if valid.any() else 0.0
    half = Likeness(mean, deviation, {})
    for feature in features:
        centre[feature] = float(np.round(_standardised(known[feature], feature, half)[is_seed].mean(), DIGITS))
    return Likeness(mean, deviation, centre)


def _within(quota: Capped, values: Values, order: np.ndarray) -> np.ndarray:
    """Of lines in order, those whose value has room left when their turn comes."""
    labels = _labels(values, order)
    most = {label: quota.values.get(label, quota.at_most) for label in set(labels.tolist())}
    taken = np.zeros(len(order), bool)
    for label, limit in most.items():
        places = np.flatnonzero(labels == label)
        taken[places[:limit]] = True
    return taken


def _labels(values: Values, places: np.ndarray) -> np.ndarray:
    own = values.at(places)
    found = np.array(own.names, object)[own.data] if own.kind == "text" and own.names else own.data.astype(object)
    if own.valid is not None:
        found[~own.valid] = None
    return found


def lot(keys: np.ndarray, seed: int) -> np.ndarray:
    """A number drawn for each key, the same for the same seed: two rounds of splitmix64."""
    z = keys.astype(np.uint64) ^ np.uint64((seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64)
    for _ in range(2):
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return z


def controls(
    keys: np.ndarray, share: float, seed: int, strata: Sequence[np.ndarray]
) -> tuple[np.ndarray, dict[tuple[Any, ...], tuple[int, int]]]:
    """Who is left alone, and each stratum's lines and controls.

    Of each stratum the first by lot; numbers are rounded over the strata together, so that the whole has its share.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    labels = list(zip(*(one.tolist() for one in strata), strict=True)) if strata else [()] * len(keys)
    for place, label in enumerate(labels):
        groups.setdefault(label, []).append(place)
    drawn = lot(keys, seed)
    is_control, told, seen, given = np.zeros(len(keys), bool), {}, 0, 0
    for label in sorted(groups, key=lambda one: tuple((part is None, str(part)) for part in one)):
        places = np.array(groups[label])
        seen += len(places)
        wanted = round(share * seen) - given
        given += wanted
        order = np.lexsort((keys[places], drawn[places]))
        is_control[places[order[:wanted]]] = True
        told[label] = (len(places), wanted)
    return is_control, told
