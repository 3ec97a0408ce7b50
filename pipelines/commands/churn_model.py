"""In the group `bassline churn`: fit the warehouse's own model of leaving, and see how its versions do."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import HomeOption, Json, echo_json, home_of

if TYPE_CHECKING:
    import duckdb


Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Know what this day's close knew; default: the last one."),
]


def add_to(churn: typer.Typer) -> None:
    churn.command("fit")(fit)
    churn.command("evaluate")(evaluate)


def fit(as_of: Day = None, home: HomeOption = None, json: Json = False) -> None:
    """Fit a model on the warehouse's features and matured labels, and keep it as the next version.

    Nights apply it from the day after on, if it ranks no worse than the version in force; they never fit.
    `bassline backfill churn.score_month --from D` scores months that are closed already.
    """
    from models.churn.fit import NothingToLearn
    from models.churn.fit import fit as fitted
    from pipelines.engine.sandbox import reading_warehouse

    folder = home_of(home)
    with reading_warehouse(folder, "a look at the model of leaving") as connection:
        day = as_of.date() if as_of else last_closed(connection)
        try:
            found = fitted(connection, folder.models / "churn", day, say=lambda text: typer.echo(text, err=True))
        except NothingToLearn as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
    told = {
        "version": found.version.number, "folder": str(found.version.folder), "fitted_as_of": day,
        "in_force_from": found.version.in_force_from, "takes_over": found.takes_over, "auc": found.auc,
        "champion": found.champion, "champion_auc": found.champion_auc, "evaluation": found.version.evaluation,
    }  # fmt: skip
    if json:
        echo_json(told)
        return
    typer.echo(f"version {found.version.number}, fitted as of {day}: {found.version.folder}")
    typer.echo(summary(found.version.evaluation))
    begins = f"in force from {found.version.in_force_from} on" if found.takes_over else (
        f"kept aside: version {found.champion} in force ranks the same lines better"
    )  # fmt: skip
    typer.echo(begins)


def evaluate(home: HomeOption = None, json: Json = False) -> None:
    """Show how each version does on later months whose outcomes are known, and what drifted since it was fitted."""
    from models.churn.evaluate import evaluate as evaluated
    from pipelines.engine.sandbox import reading_warehouse

    folder = home_of(home)
    with reading_warehouse(folder, "a look at the model of leaving") as connection:
        found = evaluated(connection, folder.models / "churn")
    if json:
        echo_json([{"version": one.version.number, "months": one.months, "drift": one.drift} for one in found])
        return
    for one in found:
        typer.echo(f"version {one.version.number}, fitted as of {one.version.fitted_as_of}")
        for month in one.months:
            typer.echo(
                f"  {month['month']}: {month['rows']:,} lines, AUC {month['auc']:.4f}, top decile lift "
                f"{month['top_decile_lift']:.2f}, calibration error {month['calibration_error']:.4f}, "
                f"scores {month['verdict']}"
            )
        moved = [f"{each['column']} {each['psi']:.2f}" for each in one.drift if each["verdict"] == "alarm"]
        typer.echo(f"  drift in the newest month: {', '.join(moved[:10]) or 'none'}")
    if not found:
        typer.echo("no version yet; `bassline churn fit` makes the first")


def summary(evaluation: dict[str, object]) -> str:
    """The figures of an evaluation in one line."""
    names = {"auc": "AUC", "top_decile_lift": "top-decile lift", "calibration_error": "calibration error"}
    told = [f"{title} {evaluation[name]:.4f}" for name, title in names.items() if name in evaluation]
    return f"{', '.join(told)} on {evaluation.get('estimated_on', 'nothing')}"


def last_closed(connection: "duckdb.DuckDBPyConnection") -> date:
    found = connection.execute("select max(day) from core.subscriber_day").fetchall()[0][0]
    if found is None:
        raise typer.BadParameter("no night has closed a day yet")
    return date.fromisoformat(str(found))
