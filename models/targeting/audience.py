"""An audience as declared: who is chosen, in which order, how many, and who is left alone for comparison."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from models.targeting.column import Catalogue, nearest
from models.targeting.condition import (
    All,
    Feature,
    Members,
    Node,
    Parser,
    Predicate,
    predicates,
)
from models.targeting.contradiction import contradictions

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$")]
Fact = dict[str, Any]
"""A column with its window, as conditions name it; without a comparison."""


class AudienceError(ValueError):
    """An audience that is refused; one line per mistake, each with file, key, what was found and why."""


class Declared(BaseModel):
    """Base of what is declared: immutable, unknown words refused, no value turned into another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Top(Declared):
    """The best of those who are left, by a fact; who has no value is not among them."""

    by: Fact
    order: str = Field("highest", pattern="^(highest|lowest)$")
    number: int = Field(gt=0, le=1_000_000_000)


class Like(Declared):
    """Those nearest to the mean of a seed list, in standardised facts; the seeds themselves are left out."""

    seeds: FileName
    features: list[Fact] = Field(min_length=1, max_length=100)
    number: int = Field(gt=0, le=1_000_000_000)


class Quota(Declared):
    """At most so many for each value of a fact: as `values` says, and `at_most` for every other value."""

    per: Fact
    at_most: int | None = Field(None, ge=0)
    values: dict[str | int | bool, int] = Field(default_factory=dict)


class Control(Declared):
    """A part of the list that is left alone, drawn by lot in equal shares of each stratum."""

    share: float = Field(ge=0, lt=1)
    seed: int = Field(ge=0, lt=2**63)
    strata: list[Fact] = Field(default_factory=list, max_length=5)


class Audience(Declared):
    """The file as a whole; its name is the audience's."""

    title: str = Field(min_length=1, max_length=200)
    owner: str = Field(min_length=1, max_length=100)
    offer: str | None = Field(None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    lasts_days: int = Field(30, ge=1, le=400)
    where: Any
    like: Like | None = None
    top: Top | None = None
    quotas: list[Quota] = Field(default_factory=list, max_length=5)
    control: Control

    @property
    def definition_hash(self) -> str:
        """Changes exactly when what is declared changes."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Step:
    """One of the conditions that all have to hold, with the words it is told by."""

    title: str
    node: Node


@dataclass(frozen=True)
class Capped:
    """A quota with its column; `values` maps a value as stored to its limit, `at_most` is everybody else's."""

    feature: Feature
    at_most: int | None
    values: dict[Any, int]
    where: str


@dataclass(frozen=True)
class Plan:
    """An audience whose names and values are known to be sound."""

    name: str
    audience: Audience
    steps: tuple[Step, ...]
    by: Feature | None = None
    like: tuple[Feature, ...] = ()
    quotas: tuple[Capped, ...] = ()
    strata: tuple[Feature, ...] = ()

    @property
    def kept(self) -> tuple[Feature, ...]:
        """What has to be known of each line that is left, beyond whether it is."""
        ranked = [self.by] if self.by else []
        return tuple(dict.fromkeys([*ranked, *self.like, *(one.feature for one in self.quotas), *self.strata]))

    @property
    def limit(self) -> int | None:
        if self.audience.top:
            return self.audience.top.number
        return self.audience.like.number if self.audience.like else None


def compiled(name: str, audience: Audience, catalogue: Catalogue, file: str) -> Plan:
    """The audience with typed conditions. Raises AudienceError with every mistake there is."""
    parser = Parser(catalogue)
    node = parser.node(audience.where, "where")
    by = _fact(parser, audience.top.by, "top.by") if audience.top else None
    like = (
        [_fact(parser, one, f"like.features[{n}]") for n, one in enumerate(audience.like.features)]
        if audience.like
        else []
    )
    quotas = [_capped(parser, quota, f"quotas[{n}]") for n, quota in enumerate(audience.quotas)]
    strata = [_fact(parser, one, f"control.strata[{n}]") for n, one in enumerate(audience.control.strata)]
    mistakes = parser.mistakes
    if audience.top and audience.like:
        mistakes.append("like: found beside top; one of them says who comes first")
    for where, feature in (("top.by", by), *((f"like.features[{n}]", one) for n, one in enumerate(like))):
        if feature is not None and feature.kind in ("text", "boolean"):
            mistakes.append(f"{where}: found {feature.title}, a {feature.kind}; expected a number")
    if node is not None and not mistakes:
        mistakes += contradictions(node)
    if mistakes or node is None:
        raise AudienceError("\n".join(f"{file}: {one}" for one in mistakes))
    return Plan(
        name, audience, tuple(steps_of(node)), by, tuple(one for one in like if one),
        tuple(one for one in quotas if one), tuple(one for one in strata if one),
    )  # fmt: skip


def steps_of(node: Node) -> list[Step]:
    parts = node.parts if isinstance(node, All) and node.parts else (node,)
    return [Step(told(part), part) for part in parts]


def told(node: Node) -> str:
    """The condition in a line."""
    match node:
        case Predicate():
            return node.told
        case Members():
            return f"in {node.name}"
        case _:
            inner = [told(part) for part in node.parts]
            word = "all" if isinstance(node, All) else "any"
            text = f"{word} of: {'; '.join(inner)}"
            return (
                text
                if len(text) <= 160
                else f"{word} of {len(inner)} conditions ({sum(1 for _ in predicates(node))} comparisons)"
            )


def _fact(parser: Parser, declared: Fact, where: str) -> Feature | None:
    if extra := [
        str(word)
        for word in declared
        if word not in ("column", "days_since", "before", "sum", "average", "minimum", "maximum", "count")
    ]:
        known = nearest(extra[0], ("column", "days_since", "before", "sum", "average", "minimum", "maximum", "count"))
        return parser.refuse(
            f"{where}.{extra[0]}", f"found {extra[0]!r}; expected a column with its window, no comparison{known}"
        )
    return parser.feature(declared, where)


def _capped(parser: Parser, quota: Quota, where: str) -> Capped | None:
    feature = _fact(parser, quota.per, f"{where}.per")
    if quota.at_most is None and not quota.values:
        return parser.refuse(where, "found neither at_most nor values; expected a number of lines")
    if feature is None:
        return None
    if feature.kind not in ("text", "integer", "boolean"):
        return parser.refuse(
            f"{where}.per", f"found {feature.title}, a {feature.kind}; a quota is for each of few values"
        )
    values = {}
    for value, most in quota.values.items():
        if most < 0:
            parser.refuse(f"{where}.values.{value}", f"found {most}; expected 0 or more lines")
        stored = parser.stored(feature, "eq", value, f"{where}.values.{value}")
        if stored is not None:
            values[stored] = most
    return Capped(feature, quota.at_most, values, where)
