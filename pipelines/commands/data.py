"""Commands of analysts: query and export the published file, ask a topic, see one subscription's events."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import FirstDay, HomeOption, LastDay, home_of


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    for command in (query, export, topic, detail):
        app.command()(command)


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT; tables are named schema.table.")],
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")] = Format.TABLE,
    home: HomeOption = None,
) -> None:
    """Ask the published file a question. Works at any hour, also while a night runs."""
    from pipelines.commands.rows import show
    from pipelines.engine.sandbox import bounded, reading, select

    with bounded(), reading(home_of(home)) as connection:
        show(select(connection, sql), format)


def export(
    to: Annotated[Path, typer.Option(help="The file to write; it must not exist.")], home: HomeOption = None
) -> None:
    """Copy the published tables into one DuckDB file that tools built on DuckDB 1.4 can open."""
    from pipelines.commands.export import export_to

    tables, rows = export_to(home_of(home), to)
    typer.echo(f"{to}: {tables} tables, {rows:,} rows")


def topic(
    name: Annotated[str | None, typer.Argument(help="The topic; without one, all are listed.")] = None,
    home: HomeOption = None,
) -> None:
    """Ask a special topic: its question, its rows, a chart and a conclusion with the figures of the last night."""
    from pipelines.commands.rows import show_table
    from pipelines.commands.topic import listed, told

    if name is None:
        show_table(["topic", "title", "owner", "expires_on"], listed())
    else:
        for line in told(name, home_of(home)):
            typer.echo(line)


def detail(
    subscription: Annotated[int, typer.Option(help="The subscription_key.")],
    first: FirstDay,
    last: LastDay,
    purpose: Annotated[str, typer.Option(help="Why; it is written to audit.jsonl with your name.")],
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")] = Format.TABLE,
    home: HomeOption = None,
) -> None:
    """Show the single usage events of one subscription. Not published, and every look is logged."""
    from pipelines.commands.detail import looking
    from pipelines.commands.rows import show

    with looking(home_of(home), subscription, first, last, purpose) as events:
        show(events, format)
