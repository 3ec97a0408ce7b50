"""The group `bassline value`: what customers without a contract will buy and spend, from any table of transactions."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.options import DAY, Json, echo_json, parse_day

if TYPE_CHECKING:
    from models.value.non_contractual import Fitted
    from models.value.transactions import Histories

AHEAD = 90


def register(app: typer.Typer) -> None:
    value = typer.Typer(no_args_is_help=True, help="What customers are worth.")
    value.callback()(_group)
    value.command("fit")(fit)
    app.add_typer(value, name="value")


def _group() -> None:
    """Keeps `fit` a word of its own while it is the only command."""


def fit(
    table: Annotated[str, typer.Option(help="Transactions: CSV, Parquet, JSON, or file.duckdb:schema.table.")],
    customer: Annotated[str, typer.Option(help="Column that says whose.")],
    date: Annotated[str, typer.Option(help="Column that says when: a day or a time.")],
    amount: Annotated[
        str | None, typer.Option(help="Column that says how much; without it no spend is fitted.")
    ] = None,
    unit: Annotated[str, typer.Option(help="day or week: the unit of time of alpha.")] = "day",
    holdout: Annotated[int, typer.Option(min=0, help="Last days to keep apart and predict.")] = 0,
    until: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar=DAY, help="Last day of observation (default: the last in the table)."),
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Of the days, for times with a zone.")] = "UTC",
    scores: Annotated[Path | None, typer.Option(help="Write one row per customer: .parquet or .csv.")] = None,
    ahead: Annotated[int, typer.Option(min=1, help="Days that the scores' expected purchases are for.")] = AHEAD,
    months: Annotated[int, typer.Option(min=1, max=120, help="Months of the scores' life time value.")] = 12,
    discount: Annotated[float, typer.Option(min=0, help="Yearly discount rate of the life time value.")] = 0.1,
    json: Json = False,
) -> None:
    """Fit BG/NBD and Gamma-Gamma to transactions by maximum likelihood and print what was found.

    Transactions of a customer on one day are one purchase. The first purchase starts the history: frequency counts the
    later ones, recency and age run from it, and it is left out of the mean amount. Times are days over the unit's days.
    """
    from models.value.likelihood import FitError
    from models.value.non_contractual import fit as fitted_to
    from models.value.non_contractual import holdout_error
    from models.value.non_contractual import scores as scored
    from models.value.transactions import DAYS, Columns, histories
    from pipelines.commands.table_file import opened
    from pipelines.engine.sandbox import Refused

    if unit not in DAYS:
        raise typer.BadParameter(f"'{unit}' is no unit; expected {' or '.join(DAYS)}", param_hint="--unit")
    if scores and scores.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter(f"'{scores}' must end in .parquet or .csv", param_hint="--scores")
    with opened(table) as (connection, relation):
        try:
            known = histories(
                connection, relation, Columns(customer, date, amount),
                unit=unit, holdout_days=holdout, until=until, time_zone=time_zone,
            )  # fmt: skip
            fitted = fitted_to(known)
        except FitError as error:
            raise Refused(f"{table}: {error}") from None
        error = holdout_error(fitted, known) if holdout else None
        if scores:
            rows = scored(fitted, known, ahead_days=ahead, months=months, annual_rate=discount)
            connection.register("rows", rows)
            connection.table("rows").order("customer").to_parquet(str(scores)) if scores.suffix == ".parquet" else (
                connection.table("rows").order("customer").to_csv(str(scores), header=True)
            )
    found = answer(known, fitted, error, has_amount=amount is not None)
    echo_json(found) if json else typer.echo("\n".join(in_words(found)))


def answer(known: "Histories", fitted: "Fitted", error: dict[str, Any] | None, *, has_amount: bool) -> dict[str, Any]:
    return {
        "conventions": {
            "unit": known.unit,
            "purchase": "all transactions of a customer on one day",
            "frequency": "purchases after the first",
            "recency_and_age": "from the first purchase to the last one, and to the end of observation",
            "mean_amount": "of the purchases after the first",
        },
        "data": {
            "customers": len(known.frequency),
            "bought_again": int((known.frequency > 0).sum()),
            "purchases": known.transactions,
            "first_day": known.first_day,
            "last_day": known.until,
            "holdout_days": known.holdout_days,
        },
        "bg_nbd": fitted.purchases.as_dict(),
        "gamma_gamma": fitted.spend.as_dict() if fitted.spend else None,
        "holdout": error,
        "told": fitted.told if has_amount else [line for line in fitted.told if not line.startswith("Gamma-Gamma")],
    }


def in_words(found: dict[str, Any]) -> list[str]:
    data = found["data"]
    lines = [
        f"{data['customers']:,} customers, {data['bought_again']:,} of them bought again; {data['purchases']:,} "
        f"purchases from {data['first_day']} to {data['last_day']}, time in {found['conventions']['unit']}s"
    ]
    for model, title in (("bg_nbd", "BG/NBD"), ("gamma_gamma", "Gamma-Gamma")):
        if found[model]:
            lines += ["", f"{title}: log-likelihood {found[model]['log_likelihood']:,.2f}"]
            for name, value in found[model]["parameters"].items():
                error = found[model]["standard_errors"][name]
                told = "not known" if error is None else f"{error:.4f}"
                lines.append(f"  {name:<6}{value:>12.4f}   standard error {told}")
    if found["holdout"]:
        lines += ["", f"the {found['holdout']['days']} days kept apart:"]
        for what in ("purchases", "amount"):
            if one := found["holdout"].get(what):
                off = "" if one["total_error_pct"] is None else f" ({one['total_error_pct']:+.1f} %)"
                lines.append(
                    f"  {what}: {one['expected']:,.1f} expected, {one['happened']:,.1f} happened{off}; per customer "
                    f"off by {one['mae']:.3f} on average, going on at the own rate by {one['mae_of_own_rate']:.3f}"
                )
    return [*lines, *([""] if found["told"] else []), *(f"note: {line}" for line in found["told"])]
