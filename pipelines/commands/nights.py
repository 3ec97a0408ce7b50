"""Commands of operations: run nights, look at them, repeat them, undo them."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import DAY, Day, FirstDay, HomeOption, Json, Quiet, echo_json, home_of, parse_day

if TYPE_CHECKING:
    from pipelines.engine.night import NightReport


def register(app: typer.Typer) -> None:
    for command in (night, status, docs, rebuild, backfill, publish):
        app.command()(command)


def night(
    day: Annotated[date | None, typer.Option(parser=parse_day, metavar=DAY)] = None,
    first: Annotated[date | None, typer.Option("--from", parser=parse_day, metavar=DAY)] = None,
    last: Annotated[date | None, typer.Option("--to", parser=parse_day, metavar=DAY)] = None,
    home: HomeOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Close business days: load what is pending, build the tables, examine them, publish.

    Without days: every day still open up to yesterday, in order. With --from and --to: the range in one pass.
    Returns 0 only if everything asked for was published.
    """
    from pipelines.commands.progress import watching
    from pipelines.engine.expect import start_docs
    from pipelines.engine.night import catch_up, run_nights
    from pipelines.engine.status import last_business_day

    if (day and (first or last)) or bool(first) != bool(last):
        raise typer.BadParameter("say either --day, or --from and --to, or none of them")
    place = home_of(home)
    with watching(quiet=quiet or json) as watch:
        if day:
            reports = [run_nights(place, day, day, progress=watch)]
        elif first and last:
            reports = [run_nights(place, first, last, progress=watch)]
        else:
            reports = catch_up(place, last_business_day(), progress=watch)
    if reports:
        start_docs(place, [report.run_id for report in reports])
    if json:
        echo_json([asdict(report) for report in reports])
    elif not quiet:
        for report in reports:
            tell(report)
    for report in reports:
        if report.status != "published":
            reasons = "\n".join(f"  {found.where}: {found.message}" for found in report.failures if found.blocking)
            typer.echo(f"bassline: the night of {report.to_day} published nothing:\n{reasons}", err=True)
    raise typer.Exit(0 if reports and reports[-1].status == "published" else 1)


def tell(report: "NightReport") -> None:
    days = str(report.to_day) if report.from_day == report.to_day else f"{report.from_day} to {report.to_day}"
    watched = sum(not failure.blocking for failure in report.failures)
    typer.echo(
        f"{days}: {report.status} in {report.seconds:.1f} s ({report.statement_seconds:.1f} s inside DuckDB), "
        f"{len(report.tables)} tables, {watched} to watch{' (bassline status)' if watched else ''}"
    )


def status(home: HomeOption = None, json: Json = False) -> None:
    """Say what arrived, what is late, what failed, and as of when the published data are."""
    from pipelines.engine.status import status as state

    found = state(home_of(home))
    if json:
        echo_json(found)
        return
    if found["as_of"]:
        behind = f" ({found['days_behind']} days behind yesterday)" if found["days_behind"] else ""
        typer.echo(
            f"published   as of {found['as_of']}{behind}, run {found['run_id']}\n            {found['published']}"
        )
    else:
        typer.echo("published   nothing yet; `bassline night` closes the days that are open")
    last = found["night"]
    typer.echo(f"last night  {last['to_day']}: {last['status']}" if last else "last night  none")
    typer.echo(f"\nsources on {found['business_day']}       expected received   loaded")
    for name, source in found["sources"].items():
        counts = f"{source['expected']:9}{source['received']:9}{source['loaded']:9}"
        notes = [f"{word}: {', '.join(source[word])}" for word in ("late", "missing", "refused") if source[word]]
        typer.echo(f"  {name:<26}{counts}  {'; '.join(notes)}".rstrip())
        for note in source["notes"]:
            typer.echo(f"      note: {note}")
    if found["waiting"]:
        typer.echo("\nlanded, but not to be judged yet")
        for waiting in found["waiting"]:
            typer.echo(f"  {waiting['where']}: {waiting['reason']}")
    if found["failures"]:
        typer.echo("\nfailures")
        for failure in found["failures"]:
            typer.echo(f"  {'blocks' if failure['blocking'] else 'watch '}  {failure['where']}: {failure['message']}")


def docs(home: HomeOption = None) -> None:
    """Say where Data Docs are: the pages that show how each delivery kept its contract, of the last 30 runs."""
    from pipelines.engine.expect import docs_page
    from pipelines.engine.sandbox import NothingPublished

    place = home_of(home)
    page = docs_page(place)
    if not page.exists():
        raise NothingPublished(
            f"{page}: is not there; `bassline night` starts to build the pages when it ends, which takes a minute, "
            f"and what went wrong is in {place.root / 'quality' / 'docs.log'}"
        )
    typer.echo(str(page))


def rebuild(day: Day, home: HomeOption = None, json: Json = False) -> None:
    """Build a past day again from the lake alone, and compare every table with what its night recorded."""
    from pipelines.engine.rebuild import rebuild as again

    report = again(home_of(home), day)
    if json:
        echo_json(asdict(report))
    else:
        for table in report.tables:
            others = ", ".join(name for name in table.changed if name != table.table)
            typer.echo(f"{table.verdict:<20}{table.table}{f' (of {others})' if others else ''}")
        typer.echo(f"{len(report.tables)} tables in {report.seconds:.1f} s, {len(report.differing)} differ")
    raise typer.Exit(1 if report.differing else 0)


def backfill(
    table: Annotated[str, typer.Argument(help="schema.table, as in core.fct_bill_item")],
    first: FirstDay,
    home: HomeOption = None,
) -> None:
    """Apply the present definition of a table to its past, from a day on; the next night publishes it."""
    from pipelines.engine.rebuild import backfill as fill

    rows = fill(home_of(home), table, first)
    typer.echo(f"{table} now holds {rows:,} rows; the next night publishes them")


def publish(
    to: Annotated[str, typer.Option(help="The run to go back to, such as 2026-01-31-001.")], home: HomeOption = None
) -> None:
    """Point analysts to an earlier run; its files were never changed."""
    from pipelines.engine.runs import point_to

    place = home_of(home)
    point_to(place, to)
    typer.echo(f"{place.current} is run {to} now")
