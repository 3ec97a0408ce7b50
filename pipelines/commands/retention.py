"""The group `bassline retention`: whom contact moves, on any table of an experiment, and what lists did."""

from dataclasses import asdict
from datetime import date, timedelta
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import DAY, HomeOption, Json, echo_json, home_of, parse_day

TableOption = Annotated[
    str, typer.Option("--table", help="CSV or Parquet file, folder or pattern; or FILE.duckdb:SCHEMA.TABLE.")
]


def register(app: typer.Typer) -> None:
    retention = typer.Typer(no_args_is_help=True, help="Keeping customers: whom contact moves, what lists changed.")
    retention.command("uplift")(uplift)
    retention.command("fit")(fit)
    app.add_typer(retention, name="retention")


def uplift(
    table: TableOption,
    treatment: Annotated[str, typer.Option(help="Column that says who was to be contacted: yes/no, 1/0, true/false.")],
    outcome: Annotated[str, typer.Option(help="Column that says for whom what was wanted happened; see --unwanted.")],
    id: Annotated[str, typer.Option("--id", help="Column that names a row.")],
    unwanted: Annotated[bool, typer.Option("--unwanted", help="The outcome is one to avoid, such as leaving.")] = False,
    value: Annotated[str | None, typer.Option(help="Column of money by which rows are weighed.")] = None,
    worth: Annotated[float | None, typer.Option(help="Without --value, what one wanted outcome is worth.")] = None,
    cost: Annotated[float | None, typer.Option(help="What contacting one line costs.")] = None,
    least_controls: Annotated[
        int | None, typer.Option(help="Lines per arm below which nothing is learnt line by line.")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Write id, score and decile, as .csv or .parquet.")] = None,
    json: Json = False,
) -> None:
    """Measure what contact changed in a random experiment, and rank its rows by whom contact moves.

    Each row is scored by models that have not seen it. Where an arm is small, or learners do not lead by more than
    chance, rows are ranked by risk times value; which of them it was, and why, is told.
    """
    from models.learner.table import open_table
    from models.retention.uplift import learn

    if scores and scores.suffix.lower() not in (".csv", ".parquet"):
        raise typer.BadParameter(f"{scores}: scores are written as .csv or .parquet")
    found = learn(
        open_table(table), treatment, outcome, id, value=value, is_unwanted=unwanted, least_controls=least_controls,
        worth=worth, cost=cost, say=lambda words: typer.echo(words, err=True),
    )  # fmt: skip
    if scores:
        frame = found.scores()
        frame.write_parquet(scores) if scores.suffix.lower() == ".parquet" else frame.write_csv(scores)
    if json:
        echo_json(found.told())
        return
    effect = found.effect
    typer.echo(
        f"{found.treated:,} lines to be contacted, {found.controls:,} left alone: {found.treated_share:.4f} against "
        f"{found.control_share:.4f} with the outcome wanted\n"
        f"effect {effect.difference:+.4f} ({effect.low:+.4f} to {effect.high:+.4f})\n"
        f"ranked by {found.method}: {found.reason}"
    )
    for name, each in found.candidates.items():
        typer.echo(
            f"  {name:<10} Qini {each.qini:+.5f} (standard error {each.qini_error:.5f}), highest profit per line "
            f"{each.profit_per_line:.2f} at the best {each.best_share:.1%}"
        )
    for name, apart in found.unbalanced.items():
        typer.echo(f"not left to chance: the arms differ in {name} by {apart:+.1f} standard errors")
    if scores:
        typer.echo(f"{scores}: scores")


def fit(
    in_force_from: Annotated[
        date | None,
        typer.Option(
            parser=parse_day,
            metavar=DAY,
            help="First day of lists that expect it (default: the day after the last night).",
        ),
    ] = None,
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Let the lists to come expect what the lists of the last twelve months were measured to do.

    With enough controls it also learns whom contact moves more than others; where such a learner leads the ranking by
    risk times value by more than chance, lists to come are ranked by it. Which it is, and why, is told.
    A new version lies in the home's folder `models/retention`; months that end before it is in force keep their lists.
    """
    from models import versions
    from models.retention.economics import declared
    from models.retention.measure import measure
    from pipelines.commands.churn_model import last_closed
    from pipelines.engine.sandbox import reading_warehouse

    root = home_of(home)
    with reading_warehouse(root, "a look at what lists did") as connection:
        day = last_closed(connection)
        connection.execute(f"set variable as_of = date '{day}'")
        found, mover = measure(connection, declared(), say=lambda words: typer.echo(words, err=True))
        data_hash = versions.data_hash(connection, "retention.effect_month")
    begins = in_force_from or day + timedelta(days=1)
    expects = dumps({**found.shares(), "method": found.method}, sort_keys=True) + "\n"
    version = versions.keep(
        root.models / "retention", {"uplift.json": expects, **(mover.files() if mover else {})},
        in_force_from=begins, fitted_as_of=day, data_hash=data_hash,
        code_version=versions.code_version(Path(versions.__file__).parent / "retention"), evaluation=asdict(found),
    )  # fmt: skip
    if json:
        echo_json({"version": version.number, "in_force_from": begins, **asdict(found)})
        return
    typer.echo(
        f"version {version.number}, in force from {begins}: {found.accept_share:.4f} of the lines contacted accept, "
        f"and {found.uplift_share:.4f} (standard error {found.uplift_error:.4f}) of the leavers among them stay\n"
        f"measured: the list keeps {found.kept_share:+.4f} (standard error {found.kept_error:.4f}) of those who would "
        f"leave; {found.pooled['treated']:,} lines to be contacted, {found.pooled['controls']:,} controls\n"
        f"ranked by {found.method}: {found.reason}"
    )
