"""The registry of KPIs: what each number means, read from the YAML files beside this module and checked as a whole."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlglot import exp

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times faster where libyaml is there
FOLDER = Path(__file__).parent
OTHERS = ("source", "population")  # what lies beside the families

PeriodType = Literal["day", "month"]
Layer = Literal["operations", "analysis", "company"]
Additivity = Literal["additive", "semi_additive", "ratio", "distinct"]
Model = TypeVar("Model", bound="Declared")


class RegistryError(ValueError):
    """The registry breaks a rule; the message names file, entry and rule."""


class Declared(BaseModel):
    """Base of everything declared in YAML: immutable, unknown words refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Declared):
    """A table that KPIs are measured from, one scan each; `complete` holds named conditions over a period's rows."""

    period_type: PeriodType
    date: str
    dimensions: dict[str, str]
    complete: dict[str, str] = Field(default_factory=dict)
    closed: str = "true"


class Sources(Declared):
    """models/kpi/source.yaml: the tables measured and the dimension sets that their values are kept for."""

    dimension_sets: list[list[str]]
    sources: dict[str, Source]


class Population(Declared):
    """Who is counted: a predicate over any source, with a version because the set has changed before and will again."""

    predicate: str
    description: str
    version: int
    valid_from: date


class Name(Declared):
    """What people call the KPI."""

    en: str
    zh: str


class Measured(Declared):
    """SQL aggregates over one source. `needs` names the source's conditions without which the value is incomplete."""

    source: str
    numerator: str
    denominator: str | None = None
    filter: str | None = None
    needs: list[str] = Field(default_factory=list)
    days_of: str | None = None  # a daily KPI that must be complete on every day of the month


class Composed(Declared):
    """A quotient of two other KPIs of the same period and dimensions."""

    numerator: str
    denominator: str


class Summed(Declared):
    """The sum of the daily values of the same KPI."""

    sum_of: Literal["day"]


class Kpi(Declared):
    """One entry. Ratios are stored as numerator and denominator and divided only when read."""

    id: str
    domain: str
    number: int | None  # the row of the operator's KPI dictionary; null for a building block
    name: Name
    description: str
    layers: list[Layer]
    population: str
    day: Measured | Composed | None = None
    month: Measured | Composed | Summed | None = None
    unit: str
    additivity: Additivity
    over_time: Literal["sum", "last"] = "last"  # ratios: whether to-date is the quotient of sums, or undefined
    direction: Literal["up", "down"]
    dimensions: list[str]
    bounds: tuple[float | None, float | None]
    equals: str | None = None  # another KPI that must give the same number in every cell: an identity
    owner: str
    version: int
    valid_from: date
    approved_by: str
    source: str  # where the definition comes from (the book)

    @property
    def period_types(self) -> list[PeriodType]:
        return [period for period in ("day", "month") if getattr(self, period) is not None]

    def measured(self, period: PeriodType) -> Measured | None:
        found = getattr(self, period)
        return found if isinstance(found, Measured) else None


class Registry(Declared):
    """Every KPI with the sources and populations they name."""

    sources: dict[str, Source]
    dimension_sets: list[list[str]]
    populations: dict[str, Population]
    kpis: dict[str, Kpi]

    def sets_of(self, kpi: Kpi) -> list[list[str]]:
        """The dimension sets a KPI has values for, the total among them."""
        return [each for each in self.dimension_sets if set(each) <= set(kpi.dimensions)]


@cache
def registry(folder: Path = FOLDER) -> Registry:
    """The registry in a folder. Raises RegistryError naming file, entry and rule."""
    declared = _checked(Sources, _yaml(folder / "source.yaml"), f"{folder / 'source.yaml'}")
    populations = {
        name: _checked(Population, entry, f"{folder / 'population.yaml'}: {name}")
        for name, entry in _yaml(folder / "population.yaml").items()
    }
    kpis: dict[str, Kpi] = {}
    for path in sorted(folder.glob("*.yaml")):
        family = path.stem
        if family in OTHERS:
            continue
        content = _yaml(path)
        defaults = content.pop("defaults", {})
        for name, entry in content.items():
            if name in kpis:
                raise RegistryError(f"{path}: {name}: already declared in {kpis[name].domain}.yaml; ids are unique")
            kpis[name] = _checked(Kpi, {"id": name, "domain": family, **defaults, **entry}, f"{path}: {name}")
    found = Registry(
        sources=declared.sources, dimension_sets=declared.dimension_sets, populations=populations, kpis=kpis
    )
    for kpi in kpis.values():
        _refuse_broken_rules(kpi, found, f"{folder / kpi.domain}.yaml: {kpi.id}")
    return found


def aggregates(expression: str) -> list[exp.Expr]:
    """The outermost aggregates of an expression, each with its filter."""
    tree = sqlglot.parse_one(expression, dialect="duckdb")
    found = [node for node in tree.walk() if isinstance(node, exp.AggFunc)]
    return [node.parent if isinstance(node.parent, exp.Filter) else node for node in found]


def _yaml(path: Path) -> dict[str, Any]:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except yaml.YAMLError as error:
        raise RegistryError(f"{path}: not valid YAML: {error}") from error


def _checked(model: type[Model], content: Any, where: str) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        rules = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'entry'}: {item['msg']}" for item in error.errors())
        raise RegistryError(f"{where}: {rules}") from None


def _refuse_broken_rules(kpi: Kpi, found: Registry, where: str) -> None:
    """The rules that no single field can show."""

    def rule(holds: bool, text: str) -> None:
        if not holds:
            raise RegistryError(f"{where}: {text}")

    rule(bool(kpi.period_types), "has neither `day` nor `month`; say how it is measured")
    rule(kpi.population in found.populations, f"population '{kpi.population}' is not in population.yaml")
    rule(kpi.equals is None or kpi.equals in found.kpis, f"equals '{kpi.equals}', which is no KPI")
    for period in kpi.period_types:
        declared = getattr(kpi, period)
        if isinstance(declared, Measured):
            _refuse_broken_measure(kpi, declared, period, found, where)
        elif isinstance(declared, Composed):
            rule(kpi.additivity == "ratio", "a quotient of two KPIs has the additivity `ratio`")
            for part in (declared.numerator, declared.denominator):
                rule(part in found.kpis, f"is composed of '{part}', which is no KPI")
                other = getattr(found.kpis[part], period)
                rule(isinstance(other, Measured), f"is composed of '{part}', which is not measured by {period}")
                missing = set(kpi.dimensions) - set(found.kpis[part].dimensions)
                rule(not missing, f"has dimensions {sorted(missing)} that '{part}' lacks")
        else:
            rule(kpi.day is not None, "sums its days but has no `day`")
            rule(kpi.additivity == "additive", "only an additive KPI may be the sum of its days")


def _refuse_broken_measure(kpi: Kpi, measure: Measured, period: str, found: Registry, where: str) -> None:
    source = found.sources.get(measure.source)
    if source is None:
        raise RegistryError(f"{where}: source '{measure.source}' is not in source.yaml")
    if source.period_type != period:
        raise RegistryError(f"{where}: {measure.source} has one row per {source.period_type}, not per {period}")
    if unknown := set(kpi.dimensions) - source.dimensions.keys():
        raise RegistryError(f"{where}: {measure.source} has no dimensions {sorted(unknown)}")
    if unknown := set(measure.needs) - source.complete.keys():
        raise RegistryError(f"{where}: needs {sorted(unknown)}, which {measure.source} does not declare as `complete`")
    if measure.days_of is not None and (measure.days_of not in found.kpis or not found.kpis[measure.days_of].day):
        raise RegistryError(f"{where}: days_of '{measure.days_of}', which is no daily KPI")
    if (measure.denominator is not None) != (kpi.additivity == "ratio"):
        raise RegistryError(f"{where}: a ratio has a denominator, and only a ratio has one")
    for expression in filter(None, (measure.numerator, measure.denominator)):
        parts = aggregates(expression)
        if not parts:
            raise RegistryError(f"{where}: '{expression}' holds no aggregate")
        for part in parts:
            inner = part.this if isinstance(part, exp.Filter) else part
            if not isinstance(inner, exp.Sum | exp.Count) or inner.find(exp.Distinct):
                raise RegistryError(f"{where}: '{part.sql()}' cannot be added up over cells; use sum or count(*)")
