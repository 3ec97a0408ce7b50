"""Commands to try bassline and to look at it: a synthetic operator, the demo, Dagster's pages."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import DAY, HomeOption, Quiet, home_of, parse_day


def register(app: typer.Typer) -> None:
    for command in (synth, demo, ui):
        app.command()(command)


def synth(
    out: Annotated[Path, typer.Option(help="An empty folder: gets landing/ and truth/.")],
    end: Annotated[date, typer.Option(parser=parse_day, metavar=DAY, help="Last business day.")],
    subscribers: Annotated[int, typer.Option(min=100)] = 5000,
    days: Annotated[int, typer.Option(min=1)] = 30,
    seed: int = 1,
    faults: Annotated[str, typer.Option(help="none, default or heavy")] = "default",
    files_per_day: Annotated[int, typer.Option(min=1, max=24, help="Files per day of calls and data records.")] = 1,
    quiet: Quiet = False,
) -> None:
    """Write what the source systems of a synthetic operator would deliver, and the truth about it."""
    from pipelines.commands.progress import watching
    from pipelines.engine.sandbox import Refused
    from pipelines.synthetic.settings import Settings
    from pipelines.synthetic.synth import synthesise

    try:
        settings = Settings(subscribers, days, end, seed, faults, out, files_per_day)
    except ValueError as error:
        raise Refused(str(error)) from None
    with watching(quiet=quiet) as watch:
        watch.begin("the world", days)
        report = synthesise(settings, progress=watch.day)
    if not quiet:
        for line in report.lines():
            typer.echo(line)


def demo(
    home: HomeOption = None,
    subscribers: Annotated[int, typer.Option(min=100)] = 5000,
    days: Annotated[int, typer.Option(min=5)] = 425,
    quiet: Quiet = False,
) -> None:
    """Make an operator of 5,000 subscribers and 14 months, run its nights, show its KPIs and three answers."""
    from pipelines.commands.demo import run_demo

    run_demo(home_of(home), subscribers=subscribers, days=days, quiet=quiet)


def ui(home: HomeOption = None, port: int = 3000) -> None:
    """Open Dagster: the graph of all tables, the nightly schedule and the sensors, on this machine only."""
    import os
    import sys

    from pipelines.engine.home import PROJECT

    place = home_of(home).prepared()
    link = place.dagster / "dagster.yaml"
    link.unlink(missing_ok=True)
    link.symlink_to(PROJECT / "dagster.yaml")
    environment = {**os.environ, "BASSLINE_HOME": str(place.root), "DAGSTER_HOME": str(place.dagster)}
    command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)]
    os.chdir(PROJECT)
    os.execve(sys.executable, command, environment)
