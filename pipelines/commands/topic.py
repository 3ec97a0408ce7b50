"""Special topics: `marts/topics/<topic>.yaml` beside the table of the same name, asked and told in the terminal.

A topic is a question with an owner and an end. Its table is built every night like any other; its rows, chart and the
figures of its conclusion are read from the published file, so that what is told is what analysts see.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from pydantic import Field, model_validator

from pipelines.commands.rows import table_lines, text
from pipelines.engine.declaration import Declaration, read_declaration
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.sandbox import Refused, bounded, reading, select

BAR, WIDTH = "█", 40


class Chart(Declaration):
    """A bar per row of `rows`: SQL expressions over its columns."""

    label: str
    value: str
    order: str


class Topic(Declaration):
    """One topic. `figures` returns one row, whose columns the conclusion names in braces."""

    title: str
    question: str
    population: str
    owner: str
    expires_on: date
    rows: str
    chart: Chart
    figures: str
    conclusion: str = Field(min_length=40)

    @model_validator(mode="after")
    def _has_figures(self) -> "Topic":
        if "{" not in self.conclusion:
            raise ValueError("the conclusion names no figure; a number that nobody computes is out of date tomorrow")
        return self


def topics(root: Path = PROJECT) -> dict[str, Topic]:
    """Every topic by name. Raises DeclarationError."""
    paths = sorted(path for path in root.glob("marts/topics/*.yaml") if path.with_suffix(".sql").exists())
    return {path.stem: read_declaration(path, Topic) for path in paths}


def listed() -> list[tuple[str, str, str, date]]:
    return [(name, one.title, one.owner, one.expires_on) for name, one in topics().items()]


def told(name: str, home: Home) -> Iterator[str]:
    """The lines of one topic. Raises Refused when there is none of that name."""
    known = topics()
    if name not in known:
        raise Refused(f"no topic '{name}'; there are {', '.join(known)}")
    asked = known[name]
    with bounded(), reading(home) as connection:
        as_of = connection.execute("select as_of from as_of").fetchall()[0][0]
        yield f"{asked.title} ({asked.owner}, as of {as_of})\n\n{asked.question}\n{asked.population}\n"
        if as_of > asked.expires_on:
            yield f"This topic ended on {asked.expires_on}; ask {asked.owner} before using it.\n"
        found = select(connection, asked.rows)
        yield from table_lines([column[0] for column in found.description or ()], found.fetchall())
        yield from bars(select(connection, bar_query(asked)).fetchall())
        yield f"\n{concluded(asked, select(connection, asked.figures))}"


def bar_query(asked: Topic) -> str:
    chart = asked.chart
    return f"""select cast({chart.label} as varchar) as label, {chart.value} as value
        from ({asked.rows}) as found order by {chart.order}"""


def bars(rows: list[tuple[str | None, Any]]) -> list[str]:
    """A line per row, a bar as long as its value against the largest; values below zero are marked by a minus."""
    numbers = [float(value or 0) for _, value in rows]
    largest = max((abs(number) for number in numbers), default=0) or 1
    wide = max((len(label or "") for label, _ in rows), default=0)
    drawn = []
    for (label, value), number in zip(rows, numbers, strict=True):
        bar = ("-" if number < 0 else "") + BAR * round(abs(number) / largest * WIDTH)
        drawn.append(f"{label or '':<{wide}}  {bar} {text(value)}".rstrip())
    return ["", *drawn] if drawn else []


def concluded(asked: Topic, found: duckdb.DuckDBPyConnection) -> str:
    """The conclusion with its figures; without rows there is nothing to conclude."""
    names = [column[0] for column in found.description or ()]
    row = (found.fetchall() or [()])[0]
    if not row or row[0] is None:
        return "No rows yet: the first ones come with the first month that is over."
    return asked.conclusion.strip().format_map(
        {name: text(_short(value)) for name, value in zip(names, row, strict=True)}
    )


def _short(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
