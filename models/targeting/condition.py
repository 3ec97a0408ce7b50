"""Conditions as declared, and as typed trees: a value is turned into what its column holds, or refused.

No value of a declaration ever becomes part of a query: queries bring columns whose names the catalogue knows, and what
is compared with them are numbers and texts in memory.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from models.targeting.column import NUMBERS, Catalogue, Column, Kind, Relation, UnknownColumn, nearest

Take = Literal["value", "days_since", "sum", "average", "minimum", "maximum", "count"]
Compare = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "null", "filled"]
Storage = int | float | str | bool

WINDOWS = ("sum", "average", "minimum", "maximum", "count")
COMPARES: dict[str, Compare] = {
    "is": "eq", "is_not": "ne", "below": "lt", "at_most": "le", "above": "gt", "at_least": "ge", "in": "in",
    "not_in": "not_in",
}  # fmt: skip
OPERATORS = (*COMPARES, "between", "missing")
LEAF = ("column", "days_since", *WINDOWS, "before", *OPERATORS)
GROUPS = ("all", "any", "not")
OPPOSITE: dict[Compare, Compare] = {
    "eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "le": "gt", "gt": "le", "in": "not_in", "not_in": "in",
    "null": "filled", "filled": "null",
}  # fmt: skip
ORDERED = ("lt", "le", "gt", "ge")
LARGEST = 2**62  # what is compared is held in 64 bits
DEEPEST, MOST = 50, 10_000  # conditions in each other, and in all
PERIODS = re.compile(r"([1-9]\d{0,2}) (month|day)s?")
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Feature:
    """What a line is judged by: a column as it stood `before` periods ago, or something of its last `periods`."""

    relation: str
    column: str
    take: Take = "value"
    periods: int = 1
    before: int = 0
    kind: Kind = "integer"
    scale: int = 0
    unit: str = field(default="", compare=False)  # of its periods: month, day, or none

    @property
    def title(self) -> str:
        name = f"{self.relation}.{self.column}".lstrip(".")
        told = {"value": name, "days_since": f"days since {name}"}.get(self.take, f"{self.take} of {name}")
        if self.take in WINDOWS and self.unit:
            told += f" over {self.periods} {self.unit}{'s' * (self.periods > 1)}"
        return told + (f", {self.before} {self.unit}{'s' * (self.before > 1)} before" if self.before else "")

    @property
    def is_total(self) -> bool:
        """A sum or a count, which is zero where there is nothing to add up; an average of nothing is missing."""
        return self.take in ("sum", "count")


@dataclass(frozen=True)
class Predicate:
    """A feature compared with a value as it is stored; a missing value satisfies `null` alone."""

    feature: Feature
    compare: Compare
    value: Storage | tuple[Storage, ...] | None = None
    where: str = field(default="", compare=False)
    told: str = field(default="", compare=False)


@dataclass(frozen=True)
class All:
    """Every one of them holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Some:
    """At least one of them holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Members:
    """The line is among some keys, such as those of a list that is frozen and not loaded yet."""

    name: str


Node = Predicate | All | Some | Members


def predicates(node: Node) -> Iterator[Predicate]:
    if isinstance(node, Predicate):
        yield node
    elif isinstance(node, All | Some):
        for part in node.parts:
            yield from predicates(part)


def opposite(node: Node) -> Node:
    """What holds where SQL's `not` does: nobody is chosen by the absence of something that nobody knows."""
    match node:
        case Predicate():
            return replace(node, compare=OPPOSITE[node.compare], told=f"not ({node.told})")
        case All():
            return Some(tuple(map(opposite, node.parts)))
        case Some():
            return All(tuple(map(opposite, node.parts)))
        case Members():
            raise TypeError("lists are never negated")


@dataclass
class Parser:
    """Turns declared conditions into trees; what cannot be accepted is collected in `mistakes`, each with its place."""

    catalogue: Catalogue
    mistakes: list[str] = field(default_factory=list)
    read: int = 0

    def node(self, told: object, where: str, depth: int = 0) -> Node | None:
        if not isinstance(told, dict):
            return self.refuse(where, f"found {told!r}; expected a condition, such as {{column: ..., at_least: 3}}")
        self.read += 1
        if self.read > MOST:
            return self.refuse(where, f"there are more than {MOST:,} conditions") if self.read == MOST + 1 else None
        if depth > DEEPEST:
            return self.refuse(where, f"conditions lie more than {DEEPEST} deep in each other; write it plainer")
        words = [str(word) for word in told]
        if groups := [word for word in words if word in GROUPS]:
            if len(words) > 1:
                return self.refuse(
                    where, f"found {', '.join(words)} beside each other; one of all, any, not stands alone"
                )
            return self.group(told, groups[0], where, depth)
        if unknown := [word for word in words if word not in LEAF]:
            known = nearest(unknown[0], (*LEAF, *GROUPS)) or f"; known are {', '.join((*GROUPS, *LEAF))}"
            return self.refuse(f"{where}.{unknown[0]}", f"found {unknown[0]!r}, which is no word of a condition{known}")
        return self.leaf(told, where)

    def group(self, told: Mapping[str, object], word: str, where: str, depth: int) -> Node | None:
        inner = told[word]
        if word == "not":
            found = self.node(inner, f"{where}.not", depth + 1)
            return None if found is None else opposite(found)
        if not isinstance(inner, list) or not inner:
            return self.refuse(f"{where}.{word}", f"found {inner!r}; expected a list of at least one condition")
        parts = [self.node(one, f"{where}.{word}[{n}]", depth + 1) for n, one in enumerate(inner)]
        kept = tuple(part for part in parts if part is not None)
        return All(kept) if word == "all" else Some(kept)

    def leaf(self, told: Mapping[str, object], where: str) -> Node | None:
        feature = self.feature(told, where)
        used = [word for word in OPERATORS if word in told]
        if feature is None:
            return None
        if not used:
            return self.refuse(where, f"found no comparison; expected one of {', '.join(OPERATORS)}")
        found = [one for word in used for one in self.compared(feature, word, told[word], f"{where}.{word}")]
        return found[0] if len(found) == 1 else All(tuple(found))

    def feature(self, told: Mapping[str, object], where: str) -> Feature | None:
        """The column with its window."""
        subjects = [word for word in ("column", "days_since") if word in told]
        windows = [word for word in WINDOWS if word in told]
        if len(subjects) != 1:
            return self.refuse(where, f"found {' and '.join(subjects) or 'neither'}; expected column or days_since")
        if len(windows) > 1 or (windows and subjects == ["days_since"]):
            return self.refuse(where, f"found {' and '.join([*subjects[:1], *windows])}; one of them says what to take")
        name = told[subjects[0]]
        if not isinstance(name, str):
            return self.refuse(f"{where}.{subjects[0]}", f"found {name!r}; expected a name, schema.table.column")
        try:
            relation, column = self.catalogue.find(name)
        except UnknownColumn as error:
            return self.refuse(f"{where}.{subjects[0]}", f"found {name!r}: {error}")
        take: Any = windows[0] if windows else "value" if subjects == ["column"] else "days_since"
        periods, before = self.span(told, take, relation, where) if windows else 1, 0
        if "before" in told:
            before = self.span(told, "before", relation, where)
        if periods is None or before is None:
            return None
        return self.made(relation, column, take, periods, before, where)

    def made(
        self, relation: Relation, column: Column, take: Take, periods: int, before: int, where: str
    ) -> Feature | None:  # fmt: skip
        name, kind = f"{relation.name}.{column.name}", column.kind or "text"
        if take == "days_since" and (kind not in ("date", "timestamp") or not relation.name):
            return self.refuse(
                f"{where}.days_since", f"found {name}, a {column.type}; expected a date of a published table"
            )
        if take in ("sum", "average") and kind not in (*NUMBERS, *(["boolean"] if take == "sum" else [])):
            return self.refuse(f"{where}.{take}", f"found {name}, a {column.type}; expected a number")
        if take in ("minimum", "maximum") and kind in ("text", "boolean"):
            return self.refuse(f"{where}.{take}", f"found {name}, a {column.type}; expected a number or a date")
        if not relation.is_single and take not in WINDOWS:
            span = f"1 {relation.period}" if relation.period else "all"
            return self.refuse(
                where,
                f"found {name}, of which a line has several rows; expected one of {', '.join(WINDOWS)}, which make "
                f"one value of them, such as 'count: {span}'",
            )
        results: dict[str, Kind] = {"average": "float", "count": "integer", "days_since": "integer"}
        result = "integer" if kind == "boolean" and take == "sum" else results.get(take, kind)
        scale = column.scale if result == "decimal" else 0
        return Feature(relation.name, column.name, take, periods, before, result, scale, relation.period or "")

    def span(self, told: Mapping[str, object], word: str, relation: Relation, where: str) -> int | None:
        """A number of the table's own periods; of a table without any, `all` its rows."""
        text, unit = told[word], relation.period
        if unit is None:
            if word == "before" or relation.is_single:
                return self.refuse(
                    f"{where}.{word}", f"found {text!r}; {relation.name or 'the table'} has one row per line"
                )
            return 1 if text == "all" else self.refuse(f"{where}.{word}", f"found {text!r}; expected all")
        found = PERIODS.fullmatch(text) if isinstance(text, str) else None
        if found is None or found.group(2) != unit:
            return self.refuse(f"{where}.{word}", f"found {text!r}; expected a span in {unit}s, such as '3 {unit}s'")
        return int(found.group(1))

    def compared(self, feature: Feature, word: str, value: object, where: str) -> list[Predicate]:
        if word == "missing":
            if not isinstance(value, bool):
                self.refuse(where, f"found {value!r}; expected true or false")
                return []
            return [Predicate(feature, "null" if value else "filled", None, where, f"{feature.title} missing: {value}")]
        if word == "between":
            if not isinstance(value, list) or len(value) != 2:
                self.refuse(where, f"found {value!r}; expected the lowest and the highest value, as in [3, 5]")
                return []
            return [
                *self.compared(feature, "at_least", value[0], f"{where}[0]"),
                *self.compared(feature, "at_most", value[1], f"{where}[1]"),
            ]
        compare, told = COMPARES[word], f"{feature.title} {word} {value}"
        if compare in ORDERED and feature.kind in ("text", "boolean"):
            self.refuse(
                where, f"found {word} of {feature.title}, a {feature.kind}, which has no order; expected is or in"
            )
            return []
        if compare in ("in", "not_in"):
            if not isinstance(value, list) or not value:
                self.refuse(where, f"found {value!r}; expected a list of at least one value")
                return []
            kept = [self.stored(feature, "eq", one, f"{where}[{n}]") for n, one in enumerate(value)]
            if any(one is None for one in kept):
                return []
            chosen = tuple(sorted({one for one in kept if one is not None}, key=str))
            return [Predicate(feature, compare, chosen, where, told)]
        stored = self.stored(feature, compare, value, where)
        return [] if stored is None else [Predicate(feature, compare, stored, where, told)]

    def stored(self, feature: Feature, compare: Compare, value: object, where: str) -> Storage | None:
        """The value as the feature holds it; a limit between two possible values becomes the one that decides alike."""
        match feature.kind:
            case "text" if isinstance(value, str):
                return value
            case "boolean" if isinstance(value, bool):
                return value
            case "date" if (day := _day(value)) is not None:
                return (day - EPOCH.date()).days
            case "timestamp" if (moment := _moment(value)) is not None:
                return (moment - EPOCH) // (moment.resolution)
            case "integer" | "decimal" | "float" if isinstance(value, int | float) and not isinstance(value, bool):
                return self.number(feature, compare, value, where)
        expected = {
            "text": "a text; put it in quotes", "boolean": "true or false", "date": "a day, such as 2026-01-31",
            "timestamp": "a moment, such as 2026-01-31 08:00:00",
        }.get(feature.kind, "a number")  # fmt: skip
        return self.refuse(where, f"found {value!r}, {_type(value)}; {feature.title} needs {expected}")

    def number(self, feature: Feature, compare: Compare, value: int | float, where: str) -> Storage | None:
        if not math.isfinite(value) or abs(value) * 10**feature.scale > LARGEST:
            return self.refuse(where, f"found {value!r}, which is too large for any value of {feature.title}")
        if feature.kind == "float":
            return float(value)
        exact = Decimal(str(value)).scaleb(feature.scale)
        if exact == exact.to_integral_value():
            return int(exact)
        if compare in ("eq", "ne"):
            digits = f"{feature.scale} digits after the point" if feature.scale else "whole numbers"
            return self.refuse(where, f"found {value!r}; values of {feature.title} have {digits}, none is ever this")
        return math.ceil(exact) if compare in ("ge", "lt") else math.floor(exact)

    def refuse(self, where: str, reason: str) -> None:
        self.mistakes.append(f"{where}: {reason}")


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo is None else None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else None
    except ValueError:
        return None


def _type(value: object) -> str:
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        type(None): "nothing",
    }
    return kinds.get(type(value), f"a {type(value).__name__}")
