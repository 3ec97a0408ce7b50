"""Rule segments: an ordered list in YAML becomes a table with the first rule that holds for each line and month.

`models/<model>/<table>.yaml`, whose name ends in `_month`, is the table `<model>.<table>`. A condition is SQL over the
columns of the source; one that is null does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlglot import exp

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = Path(__file__).parent.parent
NAME = re.compile(r"[a-z][a-z0-9_]*")


class RuleError(ValueError):
    """A list of rules that cannot be; the message names file, rule, what was found and what is expected."""


class Rule(BaseModel):
    """One segment: the condition under which a line belongs to it, and what that means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: str
    meaning: str


class Rules(BaseModel):
    """A file of rules; their order is meaning. `carried` are columns of the source that the table shows as well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    source: str
    column: str
    carried: dict[str, str] = Field(default_factory=dict)
    rules: dict[str, Rule] = Field(min_length=1)
    otherwise: str
    otherwise_meaning: str
    keep: str = "60 months"


def read(path: Path) -> Rules:
    """The rules in a file. Raises RuleError."""
    try:
        found = Rules.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER))
    except yaml.YAMLError as error:
        raise RuleError(f"{path}: is no YAML: {error}") from error
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise RuleError(f"{path}: {lines}; expected the keys {', '.join(Rules.model_fields)}") from None
    if found.otherwise in found.rules:
        raise RuleError(
            f"{path}: otherwise is '{found.otherwise}', which a rule is named already; expected another name"
        )
    for name in [*found.rules, found.otherwise, found.column]:
        if not NAME.fullmatch(name):
            raise RuleError(f"{path}: '{name}' is no name; expected small letters, digits and _")
    for name, rule in found.rules.items():
        refuse_other_than_condition(rule.when, f"{path}: rules.{name}.when")
    return found


def refuse_other_than_condition(text: str, where: str) -> None:
    """Only a condition over the row may stand in a rule: no query, no second statement."""
    try:
        parsed = sqlglot.parse(f"select 1 where {text}", dialect="duckdb")
    except sqlglot.ParseError as error:
        raise RuleError(f"{where} is '{text}': {str(error).splitlines()[0]}; expected a condition in SQL") from None
    query = parsed[0] if len(parsed) == 1 else None
    known = {"kind", "expressions", "where", "hint", "distinct", "limit", "operation_modifiers"}
    if (
        not isinstance(query, exp.Select)
        or len(list(query.find_all(exp.Query))) > 1
        or {name for name, value in query.args.items() if value} - known
    ):
        raise RuleError(f"{where} is '{text}'; expected one condition over columns, without a query in it")


def sql(found: Rules) -> str:
    """The query of the table."""
    shown = "".join(f"    {name},\n" for name in found.carried)
    cases = "".join(f"        when {rule.when} then '{name}'\n" for name, rule in found.rules.items())
    places = "".join(f"        when {rule.when} then {place}\n" for place, rule in enumerate(found.rules.values(), 1))
    return (
        f"select\n    month_start,\n    subscription_key,\n{shown}    case\n{cases}        else '{found.otherwise}'\n"
        f"    end as {found.column},\n    case\n{places}        else 0\n    end as rule_no\nfrom {found.source}"
    )


def tables(folder: Path = FOLDER) -> Iterator[tuple[str, dict[str, Any], str, Path]]:
    """Name, header, query and file of each table of rules."""
    for path in sorted(folder.glob("*/*_month.yaml")):
        found = read(path)
        meanings = "; ".join(f"{name}: {rule.meaning.rstrip('.')}" for name, rule in found.rules.items())
        yield (
            f"{path.parent.name}.{path.stem}",
            {
                "description": found.description,
                "grain": ["month_start", "subscription_key"],
                "refresh": "month",
                "partition": "month_start",
                "keep": found.keep,
                "open_month": False,
                "public": True,
                "columns": {
                    "month_start": "date - First day of the month, in the operator's time zone.",
                    "subscription_key": "bigint - Line.",
                    **found.carried,
                    found.column: f"varchar - {meanings}; else {found.otherwise}: {found.otherwise_meaning}",
                    "rule_no": "integer - Place of the rule that held first, from 1; 0 when none did.",
                },
            },
            sql(found),
            path,
        )
