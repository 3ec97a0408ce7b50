"""Many audiences over a source in one pass: each distinct comparison once per block of lines, the rest in bitmaps."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from models.targeting.audience import Plan
from models.targeting.bitmap import Bits, Values, combined, count, holds, leaves, pack, unpack
from models.targeting.condition import Feature, Members, Node, Predicate

THREADS = 2


class Block(Protocol):
    """Some lines of a source, and what is known of them."""

    @property
    def keys(self) -> np.ndarray:
        """The subscription keys."""
        ...

    def values(self, features: Sequence[Feature]) -> Iterator[tuple[Feature, Values]]:
        """Each feature of the block's lines; whoever asks may forget it before the next one comes."""
        ...


class Source(Protocol):
    """All lines, block by block; `members` are keys by the name of a list. Loading a block may wait for a thread."""

    @property
    def members(self) -> Mapping[str, np.ndarray]: ...

    def blocks(self) -> Iterable[Callable[[], Block]]: ...


@dataclass(frozen=True)
class Rule:
    """A reason not to contact a line."""

    name: str
    title: str
    node: Node


@dataclass
class Part:
    """What one block says of one audience: how many, which, and what was kept of them."""

    alone: list[int]
    remaining: list[int]
    leaf_alone: list[int]
    first: list[int]
    holding: list[int]
    bits: Bits
    kept: dict[Feature, Values]


@dataclass
class Outcome:
    """What became of an audience before it is ranked and cut."""

    plan: Plan
    rules: Sequence[Rule]
    population: int = 0
    alone: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    remaining: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    leaf_alone: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    first: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    holding: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    keys: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    kept: dict[Feature, Values] = field(default_factory=dict)
    contactable: int = 0


@dataclass
class Population:
    """What the whole base holds: lines by value of what quotas are for, and the texts that occur."""

    lines: int = 0
    groups: dict[Feature, dict[Any, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    names: dict[Feature, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class Job:
    """What is asked of every block."""

    plans: Sequence[Plan]
    rules: Sequence[Sequence[Rule]]
    members: Mapping[str, np.ndarray]
    is_listed: bool

    def run(self, load: Callable[[], Block]) -> tuple[np.ndarray, list[Part], Population]:
        block, asked = load(), self.asked
        bits: dict[Predicate | Members, Bits] = {}
        kept: dict[Feature, Values] = {}
        wanted = {feature for plan in self.plans for feature in plan.kept}
        base = Population(lines=len(block.keys))
        for feature, values in block.values([*asked, *(one for one in wanted if one not in asked)]):
            for one in asked.get(feature, ()):
                bits[one] = pack(holds(values, one))
            if feature in wanted:
                kept[feature] = values
            if values.kind == "text":
                base.names[feature].update(name for name in values.names if name is not None)
        for name, keys in self.members.items():
            bits[Members(name)] = pack(np.isin(block.keys, keys))
        for feature in {quota.feature for plan in self.plans for quota in plan.quotas}:
            for value, lines in grouped(kept[feature]):
                base.groups[feature][value] += lines
        parts = [
            self.part(plan, rules, bits, kept, base.lines) for plan, rules in zip(self.plans, self.rules, strict=True)
        ]
        return block.keys, parts, base

    @property
    def asked(self) -> dict[Feature, list[Predicate]]:
        """Every distinct comparison, by what it compares."""
        nodes = [step.node for plan in self.plans for step in plan.steps]
        nodes += [rule.node for rules in self.rules for rule in rules]
        found: dict[Feature, dict[Predicate, None]] = defaultdict(dict)
        for leaf in leaves(nodes):
            if isinstance(leaf, Predicate):
                found[leaf.feature][leaf] = None
        return {feature: list(those) for feature, those in found.items()}

    def part(
        self, plan: Plan, rules: Sequence[Rule], bits: Mapping[Predicate | Members, Bits],
        kept: Mapping[Feature, Values], lines: int,
    ) -> Part:  # fmt: skip
        left = pack(np.ones(lines, bool))
        found = Part([], [], [], [], [], left, {})
        for step in plan.steps:
            own = combined(step.node, bits)
            found.alone.append(count(own))
            np.bitwise_and(left, own, out=left)
            found.remaining.append(count(left))
        if len(self.plans) == 1:  # told to people; of hundreds of audiences nobody reads it
            found.leaf_alone = [count(bits[leaf]) for step in plan.steps for leaf in leaves([step.node])]
        chosen = left.copy()
        for rule in rules:
            own = combined(rule.node, bits)
            found.holding.append(count(own & chosen))
            found.first.append(count(own & left))
            np.bitwise_and(left, ~own, out=left)
        if plan.kept or self.is_listed:
            places = np.flatnonzero(unpack(left, lines))
            found.kept = {feature: kept[feature].at(places) for feature in plan.kept}
        return found


def evaluate(
    plans: Sequence[Plan], rules: Sequence[Sequence[Rule]], source: Source, *, is_listed: bool = True,
    threads: int = THREADS,
) -> tuple[list[Outcome], Population]:  # fmt: skip
    """What became of each audience, in the order of the plans; `is_listed` false for counts alone."""
    job = Job(plans, rules, source.members, is_listed)
    outcomes = [Outcome(plan, own) for plan, own in zip(plans, rules, strict=True)]
    base, gathered = Population(), [[] for _ in plans]
    with ThreadPoolExecutor(threads) as pool:
        for keys, parts, own in pool.map(job.run, source.blocks()):
            base.lines += own.lines
            for feature, groups in own.groups.items():
                for value, lines in groups.items():
                    base.groups[feature][value] += lines
            for feature, names in own.names.items():
                base.names[feature] |= names
            for outcome, part, pieces in zip(outcomes, parts, gathered, strict=True):
                _add(outcome, part)
                if outcome.plan.kept or is_listed:
                    pieces.append((keys[unpack(part.bits, len(keys))], part.kept))
    for outcome, pieces in zip(outcomes, gathered, strict=True):
        outcome.population = base.lines
        if pieces:
            outcome.keys = np.concatenate([keys for keys, _ in pieces])
            outcome.kept = {one: _joined([kept[one] for _, kept in pieces]) for one in outcome.plan.kept}
    return outcomes, base


def _add(outcome: Outcome, part: Part) -> None:
    for name in ("alone", "remaining", "leaf_alone", "first", "holding"):
        own, more = getattr(outcome, name), np.array(getattr(part, name), np.int64)
        setattr(outcome, name, own + more if len(own) else more)
    outcome.contactable += count(part.bits)


def grouped(values: Values) -> Iterator[tuple[Any, int]]:
    """Each value with the number of lines that have it; a missing one is None."""
    data = values.data if values.valid is None else values.data[values.valid]
    if missing := len(values.data) - len(data):
        yield None, missing
    for value, lines in zip(*np.unique(data, return_counts=True), strict=True):
        yield values.names[value] if values.kind == "text" else value.item(), int(lines)


def _joined(pieces: Sequence[Values]) -> Values:
    """Blocks one behind the other; the places of texts are those among all names, in order of the alphabet."""
    names = sorted({name for piece in pieces for name in piece.names if name is not None})
    place = {name: n for n, name in enumerate(names)}
    parts = []
    for piece in pieces:
        if piece.kind == "text":
            table = np.array([place.get(name, 0) for name in piece.names] or [0], np.int32)
            parts.append(table[piece.data if piece.valid is None else np.where(piece.valid, piece.data, 0)])
        else:
            parts.append(piece.data)
    valid = None
    if any(piece.valid is not None for piece in pieces):
        valid = np.concatenate([np.ones(len(p.data), bool) if p.valid is None else p.valid for p in pieces])
    return Values(pieces[0].kind, np.concatenate(parts), valid, tuple(names))
