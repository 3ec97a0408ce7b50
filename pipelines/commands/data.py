"""Commands of analysts: query and export the published file, see one subscription's events, list the sources."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import FirstDay, HomeOption, Json, LastDay, echo_json, home_of


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    for command in (query, export, detail):
        app.command()(command)
    sources = typer.Typer(no_args_is_help=True, help="The source systems and what they promise to deliver.")
    sources.command("ls")(sources_ls)
    app.add_typer(sources, name="sources")


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


def sources_ls(json: Json = False) -> None:
    """List the source systems: owner, tables, format, cadence and deadline."""
    from pipelines.engine.contract import load_contracts

    systems = load_contracts()
    if json:
        echo_json({name: system.model_dump(mode="json") for name, system in systems.items()})
        return
    for name, system in systems.items():
        typer.echo(f"{name:<14}{system.title}, {system.owner}{' (optional)' if system.optional else ''}")
        for table in system.tables.values():
            due = f"{table.cadence}, by {table.deadline}" if table.cadence != "on_change" else "when it changes"
            typer.echo(f"  {table.name:<18}{table.format:<9}{table.mode:<10}{due}")
