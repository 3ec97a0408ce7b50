"""Conditions that no line can satisfy: empty intervals, two different equalities, alternatives that are dead."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.targeting.condition import All, Feature, Node, Predicate, Some, Storage


@dataclass
class Possible:
    """The values of a feature that are left, as conditions narrow them one by one."""

    low: float = -math.inf
    high: float = math.inf
    is_low_open: bool = False
    is_high_open: bool = False
    only: set[Storage] | None = None
    never: set[Storage] = field(default_factory=set)
    is_missing: bool | None = None
    places: list[str] = field(default_factory=list)

    def narrow(self, one: Predicate) -> bool:
        """Take a condition in; false when nothing is left."""
        self.places.append(f"{one.where} ({one.told})")
        if self.is_missing is not None and self.is_missing != (one.compare == "null"):
            return False
        self.is_missing = one.compare == "null"
        values = one.value if isinstance(one.value, tuple) else () if one.value is None else (one.value,)
        match one.compare:
            case "eq" | "in":
                self.only = set(values) if self.only is None else self.only & set(values)
            case "ne" | "not_in":
                self.never |= set(values)
            case "ge" | "gt":
                self._above(values[0], is_open=one.compare == "gt")
            case "le" | "lt":
                self._below(values[0], is_open=one.compare == "lt")
        return self._is_possible(one.feature)

    def _above(self, value: Storage, *, is_open: bool) -> None:
        if not isinstance(value, str) and (value, is_open) > (self.low, self.is_low_open):
            self.low, self.is_low_open = value, is_open

    def _below(self, value: Storage, *, is_open: bool) -> None:
        if not isinstance(value, str) and (value, not is_open) < (self.high, not self.is_high_open):
            self.high, self.is_high_open = value, is_open

    def _is_possible(self, feature: Feature) -> bool:
        if self.only is not None:
            return any(self._allows(value) for value in self.only - self.never)
        if feature.kind == "boolean":
            return len(self.never) < 2
        if feature.kind in ("text", "float"):
            return self.low < self.high or (self.low == self.high and not self.is_low_open and not self.is_high_open)
        # Values are whole: between 5 and 6, both excluded, there is none. A short span can be used up by exclusions.
        low, high = self.low + self.is_low_open, self.high - self.is_high_open
        if low > high:
            return False
        return high - low > len(self.never) or any(value not in self.never for value in range(int(low), int(high) + 1))

    def _allows(self, value: Storage) -> bool:
        if isinstance(value, str | bool):
            return True
        above = value > self.low or (value == self.low and not self.is_low_open)
        return above and (value < self.high or (value == self.high and not self.is_high_open))


def contradictions(node: Node, given: Sequence[Predicate] = ()) -> list[str]:
    """One message for each set of conditions that exclude each other, and for each alternative that never holds."""
    if isinstance(node, Some):
        return [told for part in node.parts for told in contradictions(part, given)]
    own = [one for one in _together(node) if isinstance(one, Predicate)]
    if told := _impossible([*given, *own]):
        return [told]
    nested = [one for one in _together(node) if isinstance(one, Some)]
    return [told for one in nested for told in contradictions(one, [*given, *own])]


def _together(node: Node) -> Iterable[Node]:
    if isinstance(node, All):
        for part in node.parts:
            yield from _together(part)
    else:
        yield node


def _impossible(conditions: Iterable[Predicate]) -> str:
    possible: dict[Feature, Possible] = {}
    for one in conditions:
        left = possible.setdefault(one.feature, Possible())
        if not left.narrow(one):
            return f"{' and '.join(left.places)}: no value is all of that, so nobody is ever chosen"
    return ""
