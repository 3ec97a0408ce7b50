"""The group `bassline sources`: what is declared, what a file would need, what a delivery would become."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import HomeOption, Json, echo_json, home_of

if TYPE_CHECKING:
    from pipelines.onboarding.check import Verdict
    from pipelines.onboarding.propose import Look


def register(app: typer.Typer) -> None:
    sources = typer.Typer(no_args_is_help=True, help="The source systems: declared, looked at, tried without loading.")
    for name, command in (("ls", ls), ("profile", profile), ("check", check), ("capabilities", capabilities)):
        sources.command(name)(command)
    app.add_typer(sources, name="sources")


def ls(json: Json = False) -> None:
    """List the source systems: owner, connector, tables, format, cadence and deadline."""
    from pipelines.engine.contract import load_contracts

    systems = load_contracts()
    if json:
        echo_json({name: system.model_dump(mode="json") for name, system in systems.items()})
        return
    for name, system in systems.items():
        link = f", {system.connector} {system.connection}" if system.connection else ""
        typer.echo(f"{name:<14}{system.title}, {system.owner}{link}{' (optional)' if system.optional else ''}")
        for table in system.tables.values():
            due = f"{table.cadence}, by {table.deadline}" if table.cadence != "on_change" else "when it changes"
            typer.echo(f"  {table.name:<18}{'rows' if table.is_fetched else table.format:<9}{table.mode:<10}{due}")


def profile(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|DSN", help="A file as delivered, the URL of a database, or a connection's name."),
    ],
    table: Annotated[
        str | None, typer.Option(help="A table of the database, or one of a file that holds several.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the folder, named as the system: defs.yaml and SQL.")] = None,
    json: Json = False,
) -> None:
    """Look at a file or a table: what each column holds, and the contract and SQL that would load it.

    Personal values are shown by their shape only: 9 for a digit, A, a and x for letters.
    """
    from pipelines.engine.secrets import Connection, connection
    from pipelines.onboarding.database import propose_table
    from pipelines.onboarding.propose import propose
    from pipelines.onboarding.sample import identifier, stem

    file, given = Path(source), identifier(out.name) if out else ""
    if file.is_file():
        proposal = propose(file, given or stem(file), table)
    elif "://" in source:
        proposal = propose_table(Connection(given or "source", source), table, given or "source")
    elif source == identifier(source):
        proposal = propose_table(connection(source), table, given or source)
    else:
        raise typer.BadParameter(f"'{source}' is no file, no URL of a database and no name of a connection")
    if json:
        looks = [{"table": look.sample.name, "contract": look.contract, "keys": look.keys,
                  "columns": [asdict(column) for column in look.columns]} for look in proposal.looks]  # fmt: skip
        echo_json({"system": proposal.name, "manifest": proposal.manifest, "tables": looks})
    else:
        for look in proposal.looks:
            show_look(look)
    if out:
        system = proposal.write(out)
        if not json:
            typer.echo(f"{out / 'defs.yaml'}: written, and one SQL file for each of {', '.join(system.tables)}")
    elif not json:
        typer.echo(f"\n{proposal.defs()}")


def show_look(look: "Look") -> None:
    words = {word: value for word, value in look.contract.items() if word not in ("columns", "description")}
    part = "" if look.sample.is_whole else " (the beginning of the file)"
    typer.echo(f"\n{look.sample.name}: {look.sample.rows:,} rows{part}")
    typer.echo("  " + ", ".join(f"{word} {value}" for word, value in words.items()))
    for column in look.columns:
        declared = look.contract["columns"][column.name]
        kind = f"{declared['type']}{', key ' + declared['key'] if 'key' in declared else ''}"
        absent = column.nulls + sum(rows for _, rows in column.missing)
        typer.echo(f"\n  {column.name} ({kind}): {column.distinct:,} distinct, {absent:,} missing")
        if column.least is not None:
            typer.echo(f"    from {column.least[:60]!r} to {column.greatest[:60]!r}" if column.greatest else "")
        for title, counted in (
            ("top", column.top), ("shapes", column.shapes), ("read as missing", column.missing),
            ("suspicious", column.sentinels),
        ):  # fmt: skip
            if counted and not (title == "top" and column.personal):
                typer.echo(f"    {title}: " + ", ".join(f"{text[:60]!r} {rows:,}" for text, rows in counted))
        if column.leading_zeros:
            typer.echo(f"    {column.leading_zeros:,} with leading zeros, kept as text")


def check(
    name: Annotated[str, typer.Argument(help="The source system, as `bassline sources ls` names it.")],
    file: Annotated[Path | None, typer.Option(help="One file, instead of what lies in the landing folder.")] = None,
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Try what has landed without loading it: what would be accepted, quarantined or refused, and why.

    Returns 0 if all of it would be accepted, 1 if anything would not.
    """
    from pipelines.engine.contract import load_contracts
    from pipelines.onboarding import check as onboarding

    systems = load_contracts()
    if name not in systems:
        raise typer.BadParameter(f"'{name}' is no source system; there are {', '.join(systems)}")
    try:
        system = systems[name]
        found = onboarding.check_file(file, system) if file else onboarding.check(home_of(home), system)
    except onboarding.NoSuchFile as error:
        raise typer.BadParameter(str(error)) from None
    if json:
        echo_json(asdict(found))
    else:
        for verdict in found.verdicts:
            show_verdict(verdict)
        for waiting in found.waiting:
            typer.echo(f"waits     {waiting.where}: {waiting.reason}")
        if not found.verdicts and not found.waiting:
            typer.echo(f"nothing of {name} has landed that is not loaded already")
    raise typer.Exit(0 if found.is_clean else 1)


def show_verdict(verdict: "Verdict") -> None:
    where = f"{verdict.table} {verdict.data_date} r{verdict.redo}"
    if verdict.reason:
        typer.echo(f"refused   {where}: {verdict.reason}")
    else:
        typer.echo(f"accepted  {where}: {verdict.accepted:,} of {verdict.rows:,} rows")
    for broken in verdict.broken:
        example = f", such as {broken.example!r}" if broken.example else ""
        typer.echo(
            f"          quarantined: {broken.rows:,} rows, {broken.column or 'the line'}: {broken.rule}{example}"
        )
    for note in verdict.notes:
        typer.echo(f"          note: {note}")


def capabilities(
    without: Annotated[list[str] | None, typer.Option(help="A system that never delivers; may be repeated.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write it all as a page in Markdown.")] = None,
    json: Json = False,
) -> None:
    """Say which marts and KPIs light up with which source systems, and what each loses without some of them."""
    from pipelines.onboarding.capability import Capabilities
    from pipelines.onboarding.page import page_of

    known = Capabilities.of_project()
    if unknown := sorted(set(without or ()) - known.systems.keys()):
        raise typer.BadParameter(f"{', '.join(unknown)}: no source system; there are {', '.join(known.systems)}")
    if page:
        page.write_text(page_of(known), encoding="utf-8")
        typer.echo(f"{page}: written")
    elif without:
        standings = known.without(without)
        found = {name: standings[name] for name in known.shown} | known.kpis_without(standings)
        if json:
            echo_json({name: {"state": one.state, "loses": one.loses()} for name, one in found.items()})
            return
        for name, one in found.items():
            if one.state != "full":
                typer.echo(f"{'dark' if one.state == 'dark' else 'less':<6}{name}: {one.loses() or 'no rows'}")
        typer.echo(f"{sum(one.state == 'full' for one in found.values())} of {len(found)} marts and KPIs as before")
    elif json:
        echo_json(known.needs())
    else:
        for name, systems in known.needs().items():
            needs = ", ".join(system for system, state in systems.items() if state == "dark")
            uses = ", ".join(system for system, state in systems.items() if state == "partly")
            typer.echo(f"{name}: needs {needs or 'no system by itself'}{'; uses ' + uses if uses else ''}")
