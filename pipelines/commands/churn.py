"""Commands of `bassline churn` that learn from any table and score any table; no warehouse is needed."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands import churn_model
from pipelines.commands.options import Json, echo_json

TableOption = Annotated[
    str, typer.Option("--table", help="CSV or Parquet file, folder or pattern; or FILE.duckdb:SCHEMA.TABLE.")
]
SHOWN = ("auc", "pr_auc", "brier", "log_loss", "calibration_error", "accuracy", "top_decile_lift", "empc",
         "profit_per_customer")  # fmt: skip


def register(app: typer.Typer) -> None:
    churn = typer.Typer(no_args_is_help=True, help="Who will leave: train on any table, score, explain.")
    churn.command("train")(train)
    churn.command("score")(score)
    churn_model.add_to(churn)
    app.add_typer(churn, name="churn")


def train(
    table: TableOption,
    label: Annotated[str, typer.Option(help="Column that says who left: yes/no, 1/0, true/false; see --positive.")],
    id: Annotated[str | None, typer.Option("--id", help="Column that names a row (default: its number).")] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="Column of the observation's day or month: earlier rows train.")
    ] = None,
    train_where: Annotated[
        str | None,
        typer.Option(help="Rows to train on, as SQL over the columns and row_number (from 1) or rowid (from 0)."),
    ] = None,
    score_where: Annotated[str | None, typer.Option(help="Rows to score and to evaluate on, likewise.")] = None,
    positive: Annotated[str | None, typer.Option(help="Value of the label that means a leaver.")] = None,
    prior: Annotated[
        float | None, typer.Option(help="True share of leavers, where the rows to train on were re-balanced.")
    ] = None,
    keep_suspect: Annotated[
        list[str] | None, typer.Option(help="Keep this column although it seems to know the outcome; repeatable.")
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Evaluate by this column as well.")] = None,
    gap: Annotated[int | None, typer.Option(help="Days between training and validation, with --time.")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Write id, score, decile and reasons, as .csv or .parquet.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the model in this folder, for `bassline churn score`.")] = None,
    json: Json = False,
) -> None:
    """Train on any table and say how good the scores are.

    The better of logistic regression with curves, gradient boosting and their blend is chosen by validation. Without
    --score-where, --scores are out-of-fold: each row is scored by models that had not seen it.
    """
    from models.learner import train as trained
    from models.learner.scores import FORMATS, write_scores
    from models.learner.table import open_table

    if scores and scores.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{scores}: scores are written as .csv or .parquet")
    if out and out.exists() and any(out.iterdir()):
        raise typer.BadParameter(f"{out} holds something already; models are never overwritten")
    opened = open_table(table)
    settings = {} if gap is None else {"validation": {"gap_days": gap}}
    model = trained(
        opened, label, id, time, settings, positive=positive, train_where=train_where, score_where=score_where,
        prior=prior, keep_suspect=keep_suspect or (), segment=segment, say=lambda words: typer.echo(words, err=True),
    )  # fmt: skip
    if scores:
        held = None if score_where else model.held
        write_scores(model, opened, scores, where=score_where or train_where, held=held)
    if out:
        model.keep(out)
    told: dict[str, Any] = {"evaluation": model.evaluation, **model.told}
    if json:
        echo_json(finite({**told, **model.evaluation}))
        return
    show(told)
    for path, words in ((scores, "scores"), (out, "the model")):
        if path:
            typer.echo(f"{path}: {words}")


def show(told: dict[str, Any]) -> None:
    found = told["evaluation"]
    typer.echo(f"{told['rows_fitted']:,} rows, {told['leavers']:,} leavers; {told['champion']} was chosen")
    typer.echo(f"judged on {found['estimated_on']}")
    for name in SHOWN:
        if name in found:
            low, high = found.get("intervals", {}).get(name, (None, None))
            between = f"  ({low:.4f} to {high:.4f})" if low is not None else ""
            typer.echo(f"  {name:<22}{found[name]:>9.4f}{between}")
    for name, one in told["validation"].get("candidates", {}).items():
        typer.echo(f"  in validation, {name}: AUC {one['auc']:.4f}, log loss {one['log_loss']:.4f}")
    for name, why in told["excluded"].items():
        typer.echo(f"left out: {name}: {why}")
    for one in told["suspects"]:
        if one["kept"]:
            typer.echo(f"kept, but look at it: {one['column']}: {one['found']}")
    weightiest = list(told["importance"])[:8]
    typer.echo(f"weightiest: {', '.join(weightiest)}")


def score(
    model: Annotated[Path, typer.Option(help="Folder that `bassline churn train --out` wrote.")],
    table: TableOption,
    scores: Annotated[Path, typer.Option(help="Where to write id, score, decile and reasons: .csv or .parquet.")],
    where: Annotated[str | None, typer.Option(help="Rows to score, as SQL.")] = None,
    reasons: Annotated[int, typer.Option(min=0, max=10, help="Reasons per row, for the riskiest 200,000.")] = 3,
    json: Json = False,
) -> None:
    """Score any table with a kept model, and say how far it has moved from the one it was trained on."""
    from models.learner import load
    from models.learner.scores import drift_of, write_scores
    from models.learner.table import open_table

    loaded, opened = load(model), open_table(table)
    opened.checked(where, "where")
    told = write_scores(loaded, opened, scores, where=where, reasons=reasons)
    told["drift"] = drift_of(loaded, opened, where)
    if json:
        echo_json(finite(told))
        return
    typer.echo(f"{scores}: {told['rows']:,} rows, mean score {told['mean_score']:.4f}")
    for one in told["drift"]:
        if one["verdict"] != "steady":
            typer.echo(f"{one['verdict']}: {one['column']} has moved since training (PSI {one['psi']:.3f})")


def finite(value: Any) -> Any:
    """JSON has no NaN: what cannot be computed is null."""
    if isinstance(value, dict):
        return {str(key): finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
