"""Troubles of the operator's life, not of its files: recycled numbers, new cards, reused plan ids, test lines."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.settings import Settings


def list_troubles(
    lines: pl.DataFrame, spells: pl.DataFrame, plans: pl.DataFrame, settings: Settings, ledger: Ledger
) -> None:
    """One ledger row per trouble within the history; each has a day and a table but no file and no row."""
    owned = spells.sort("line", "from_at").join(lines.select("line", "user_id"), on="line", maintain_order="left")
    troubles = [
        ("recycled_number", "status_history", _recycled_numbers(owned)),
        ("sim_swap", "status_history", _sim_swaps(owned)),
        ("plan_id_reuse", "plan", _reused_plan_ids(plans)),
        ("test_user", "subscription", _test_users(lines, settings.first_day)),
    ]
    for kind, table, frame in troubles:
        _list(kind, table, frame.filter(pl.col("on").is_between(settings.first_day, settings.end)), ledger)


def _list(kind: str, table: str, frame: pl.DataFrame, ledger: Ledger) -> None:
    """`frame` has the columns key, original, injected, on, and of a line user_id and msisdn."""
    frame = frame.sort("on", "key").with_columns(fault_id=pl.Series(ledger.ids(frame.height), dtype=pl.Int64))
    line = {name: frame[name] for name in ("user_id", "msisdn") if name in frame.columns}
    columns = {name: frame[name] for name in ("key", "original", "injected")}
    ledger.note(kind, frame["fault_id"], **columns, **line)
    system = "catalogue" if table == "plan" else "provisioning"
    for (day,), part in frame.partition_by("on", as_dict=True, maintain_order=True).items():
        ledger.place(
            part["fault_id"],
            system=system,
            table=table,
            data_date=day,
            redo=0,
            file=None,
            row_no=None,
            delivered_at=None,
        )


def _recycled_numbers(spells: pl.DataFrame) -> pl.DataFrame:
    """A number under which another line began than the one that had it before."""
    starts = spells.sort("msisdn", "from_at").with_columns(before=pl.col("user_id").shift().over("msisdn"))
    return starts.filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("user_id"))).select(
        "user_id", "msisdn", key="msisdn", original="before", injected="user_id", on=pl.col("from_at").dt.date()
    )


def _sim_swaps(spells: pl.DataFrame) -> pl.DataFrame:
    """A line that goes on under the same number with another card."""
    follows = spells.with_columns(
        before=pl.col("imsi").shift().over("line"), number=pl.col("msisdn").shift().over("line")
    )
    return follows.filter((pl.col("before") != pl.col("imsi")) & (pl.col("number") == pl.col("msisdn"))).select(
        "user_id", "msisdn", key="user_id", original="before", injected="imsi", on=pl.col("from_at").dt.date()
    )


def _reused_plan_ids(plans: pl.DataFrame) -> pl.DataFrame:
    """A plan id whose name changed from one version to the next."""
    versions = plans.sort("plan_id", "plan_version").with_columns(before=pl.col("name_zh").shift().over("plan_id"))
    return versions.filter(pl.col("before") != pl.col("name_zh")).select(
        key="plan_id", original="before", injected="name_zh", on=pl.col("valid_from").cast(pl.Date)
    )


def _test_users(lines: pl.DataFrame, first_day: date) -> pl.DataFrame:
    """Lines that were there before count from the first day, which delivers the initial state."""
    return lines.filter(pl.col("is_test").cast(pl.Boolean)).select(
        "user_id",
        key="user_id",
        original=pl.lit("customer"),
        injected=pl.lit("test"),
        on=pl.max_horizontal(pl.col("activated_at").dt.date(), pl.lit(first_day)),
    )
