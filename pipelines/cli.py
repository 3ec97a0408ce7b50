"""The `bassline` command. What goes wrong as foreseen is told in plain words; only a defect shows a stack trace.

Exit codes: 0 done, 1 a night or a promise failed, 2 the command cannot be done as given, 75 busy, try again.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from pipelines.commands import (
    churn,
    data,
    identity,
    installation,
    nights,
    privacy,
    retention,
    segmentation,
    sources,
    targeting,
    value,
)

FAILED, MISUSED, BUSY = 1, 2, 75


class PlainWords(TyperGroup):
    """Runs the commands; the one place where exceptions become messages and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:
            code = exit_code(error)
            if code is None:
                raise
            typer.secho(f"bassline: {plain(error)}", fg="red" if code != BUSY else "yellow", err=True)
            raise typer.Exit(code) from error


def exit_code(error: Exception) -> int | None:
    """The exit code of an exception that was foreseen; None for a defect of bassline."""
    import duckdb
    from yaml import YAMLError

    from models.learner.settings import LearnerError
    from models.retention.economics import EconomicsError
    from models.retention.measure import NothingMeasured
    from models.targeting.audience import AudienceError
    from models.versions import VersionError
    from pipelines.engine.build import BuildError
    from pipelines.engine.checks import BrokenPromise
    from pipelines.engine.connect.patience import FetchError
    from pipelines.engine.declaration import DeclarationError
    from pipelines.engine.decode import DeliveryError
    from pipelines.engine.lock import WriterBusy
    from pipelines.engine.night import NotPublished, OutOfOrder
    from pipelines.engine.rebuild import NeverClosed
    from pipelines.engine.runs import UnknownRun
    from pipelines.engine.sandbox import NothingPublished, Refused
    from pipelines.engine.seal import SealError
    from pipelines.engine.secrets import SecretError
    from pipelines.engine.table import HeaderError
    from pipelines.privacy.reach import NobodyFound

    match error:
        case WriterBusy() | duckdb.FatalException():  # a database invalidated by a full disk is sound when reopened
            return BUSY
        case Refused() | NobodyFound() | OutOfOrder() | UnknownRun() | NeverClosed() | FileExistsError():
            return MISUSED
        case NotPublished() | BrokenPromise() | BuildError() | HeaderError() | DeclarationError() | NothingPublished():
            return FAILED
        case SealError() | SecretError():
            return FAILED
        case LearnerError() | AudienceError() | NothingMeasured():
            return MISUSED
        case VersionError() | EconomicsError():
            return FAILED
        case DeliveryError() | FetchError() | YAMLError() | duckdb.Error() | OSError():
            return FAILED
        case _:
            return None


def plain(error: Exception) -> str:
    text = str(error).strip()
    if "No space left" in text:
        return f"the disk is full; free some space and run the command again ({text})"
    return text


app = typer.Typer(
    cls=PlainWords,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="The analytics warehouse of a telecom operator: source systems in, one DuckDB warehouse, marts and KPIs out.",
)
nights.register(app)
data.register(app)
privacy.register(app)
sources.register(app)
identity.register(app)
churn.register(app)
retention.register(app)
value.register(app)
segmentation.register(app)
targeting.register(app)
installation.register(app)

if __name__ == "__main__":
    app()
