"""Fits the model of leaving on what was known on a day, keeps it as a version, and says whether it takes over.

A model learns from labels that had matured by that day, so the newest months are those of postpaid lines alone. It
takes over when it ranks the later lines of its own validation no worse than the model in force; else it is kept aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import versions
from models.churn.score import in_force

if TYPE_CHECKING:
    import duckdb

    from models.learner import Model

MONTHS = 18  # of history that a model learns from: a year of matured months, and those that labels need to mature
ROWS = 1_000_000  # lines and months at most; of more, a part of the lines is taken by a hash of their key
GAP_DAYS = 59  # of the time split: the outcomes of the last month learned from are over before validation begins
WORSE = 0.002  # of AUC that a challenger may lose by chance
NEVER = date(9999, 12, 31)  # in force from: kept for comparison only
TRAINING = """
from churn.feature_month as features
inner join churn.label_month as label
    on features.month_start = label.month_start and features.subscription_key = label.subscription_key
inner join churn.definition as defined on label.definition = defined.definition
where
    defined.event_type in ('exit', 'silence')
    and label.label is not null
    and label.known_on <= date '{as_of}'
    and features.month_start >= date '{first}'
"""


class NothingToLearn(Exception):
    """There are no matured labels of both kinds; the message says what there is."""


@dataclass(frozen=True)
class Fit:
    """A version that was kept; the two AUC are of the new model and of the one in force, on the same later lines."""

    version: versions.Version
    model: Model
    champion: int | None
    auc: float | None
    champion_auc: float | None
    takes_over: bool


def fit(
    connection: duckdb.DuckDBPyConnection, fitted: Path, as_of: date, say: Callable[[str], None] = lambda _: None
) -> Fit:
    """`connection` sees the warehouse; only temporary tables are made in it. Raises NothingToLearn."""
    from models.learner import train

    draw(connection, as_of)
    settings = {"validation": {"gap_days": GAP_DAYS}}
    model = train(
        connection.sql("from churn_training"), "has_left", "subscription_key", "month_start", settings, say=say
    )
    champion, own, other = in_force(fitted, as_of), None, None
    if champion is not None and model.held is not None and len(model.held[0]):
        own, other = compared(connection, champion[1], model)
        say(f"version {champion[0]} in force: AUC {other:.4f} on the later lines, the new one {own:.4f}")
    takes_over = own is None or other is None or own >= other - WORSE
    begins = as_of + timedelta(days=1) if takes_over else NEVER
    version = model.keep_version(fitted, in_force_from=begins, fitted_as_of=as_of)
    return Fit(version, model, champion[0] if champion else None, own, other, takes_over)


def draw(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """The temporary table `churn_training`, in the order of months and lines. Raises NothingToLearn."""
    query = TRAINING.format(as_of=as_of, first=add_months(as_of, -MONTHS))
    rows, leavers = connection.execute(f"select count(*), count(*) filter (where label.label) {query}").fetchall()[0]
    if not 0 < leavers < rows:
        raise NothingToLearn(
            f"as of {as_of} {rows:,} lines and months have a label that had matured, {leavers:,} of them leavers; "
            "expected both kinds. churn.label_month says in known_on when labels mature"
        )
    part = f"and hash(features.subscription_key) % 1000000 < {round(1e6 * min(1, ROWS / rows))}"
    connection.execute(
        f"""create or replace temp table churn_training as
        select features.*, label.label as has_left {query} {part}
        order by features.month_start, features.subscription_key"""
    )


def compared(connection: duckdb.DuckDBPyConnection, champion: Model, model: Model) -> tuple[float, float]:
    """AUC of the new model and of the champion on the rows, by number, that the new one was validated on."""
    from models.learner.evaluate import auc

    numbers, own = model.held if model.held is not None else (np.zeros(0), np.zeros(0))
    score, label = [], []
    for batch in champion.score(connection.sql("from churn_training"), carry=("has_left",)):
        score.append(batch["score"].to_numpy())
        label.append(batch["has_left"].to_numpy(zero_copy_only=False).astype(float))
    place = np.asarray(numbers, dtype=np.int64) - 1
    told = np.concatenate(label)[place]
    return auc(told, own), auc(told, np.concatenate(score)[place])


def add_months(day: date, months: int) -> date:
    """First day of the month so many months later."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)
