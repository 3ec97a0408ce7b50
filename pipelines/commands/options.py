"""Options that several commands share, so that they read and behave the same everywhere."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.engine.home import Home


def parse_day(text: str | date) -> date:
    """A day as people type it. Typer passes defaults through as well, which are days already."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day; write it as 2026-01-31") from None


DAY = "YYYY-MM-DD"
HomeOption = Annotated[
    Path | None, typer.Option("--home", envvar="BASSLINE_HOME", help="Folder of the installation (default: ./data).")
]
Day = Annotated[date, typer.Option("--day", parser=parse_day, metavar=DAY)]
FirstDay = Annotated[date, typer.Option("--from", parser=parse_day, metavar=DAY)]
LastDay = Annotated[date, typer.Option("--to", parser=parse_day, metavar=DAY)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]


def home_of(path: Path | None) -> "Home":
    """The home that was asked for, else that of the environment."""
    from pipelines.engine.home import Home

    return Home(path.resolve()) if path else Home.default()


def echo_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, default=str, ensure_ascii=False, indent=1))
