"""What was measured of lists that are over, as what the next lists expect: an explicit act, not one of the night.

The belief declared in economics.yaml and the measured effect are averaged by their precision, as two independent
estimates of the same share. A small experiment so moves the belief a little, a large one replaces it, and nowhere lies
an edge at which a list jumps because an interval just excludes zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.retention.economics import Economics
from models.retention.effect import POOLED_MONTHS
from models.retention.mover import BY_RISK

if TYPE_CHECKING:
    import duckdb

    from models.retention.mover import Mover
    from models.retention.uplift import Uplift

POOLED = """
    select list_type, month_start, horizon_days, treated, controls, contacted_treated, accepted, compared_controls,
        difference, difference_low, difference_high, kept_share
    from retention.effect_month
    where list_id = 'all' and difference is not null and kept_share is not null
    order by horizon_days desc, month_start desc, compared_controls desc, list_type
    limit 1
"""
# The pooled lists' lines with what was known of each when its list was frozen: the newest month that was over then.
EXPERIMENT = """
    create or replace temp table experiment as
    select features.* exclude (month_start), not line.is_control as was_listed, line.has_stayed
    from retention.list_line as line
    inner join churn.feature_month as features
        on line.subscription_key = features.subscription_key
        and features.month_start = date_trunc('month', line.frozen_on + 1) - interval 1 month
    where line.list_type = ? and line.horizon_days = ? and line.is_apart and line.has_stayed is not null
        and line.month_start > ?::date - to_months(?) and line.month_start <= ?
    order by line.month_start, line.list_id, line.subscription_key
"""


class NothingMeasured(ValueError):
    """There is no list with both arms whose outcome is known."""


@dataclass(frozen=True)
class Measured:
    """The lists of twelve months: shares, and what follows for the next lists."""

    pooled: dict[str, Any]
    accept_share: float
    kept_share: float
    kept_error: float
    uplift_share: float
    uplift_error: float
    method: str
    reason: str

    def shares(self) -> dict[str, float]:
        """What a night expects instead of what was declared."""
        return {"accept_share": round(self.accept_share, 6), "uplift_share": round(self.uplift_share, 6)}


def measure(
    connection: duckdb.DuckDBPyConnection, economics: Economics, say: Callable[[str], None] = lambda _: None
) -> tuple[Measured, Mover | None]:
    """What the newest pooled row of retention.effect_month says, and the learner of its lists' lines, if one leads.

    The variable `as_of` of the connection is the last closed day.

    Raises:
        NothingMeasured: no list with controls is over yet.
    """
    rows = connection.execute(POOLED)
    names = [each[0] for each in rows.description or []]
    row = rows.fetchone()
    if row is None:
        raise NothingMeasured(
            "retention.effect_month has no lists with controls whose outcome is known; the declaration stays in force"
        )
    pooled = dict(zip(names, row, strict=True))
    found = of_pooled(pooled, economics)
    if pooled["compared_controls"] < economics.least_controls:
        return found, None
    found_out = learnt(connection, pooled, economics, say)
    return replace(found, method=found_out.method, reason=found_out.reason), found_out.mover


def learnt(
    connection: duckdb.DuckDBPyConnection, pooled: dict[str, Any], economics: Economics, say: Callable[[str], None]
) -> Uplift:
    """Learners of whom contact moves, against the ranking by risk, on the lines of the pooled lists."""
    from models.retention.uplift import learn

    month = pooled["month_start"]
    connection.execute(EXPERIMENT, [pooled["list_type"], pooled["horizon_days"], month, POOLED_MONTHS, month])
    return learn(
        connection.sql("from experiment"), "was_listed", "has_stayed", "subscription_key",
        least_controls=economics.least_controls, cost=economics.cost_amt, is_kept=True, say=say,
    )  # fmt: skip


def of_pooled(pooled: dict[str, Any], economics: Economics) -> Measured:
    contacted, accepted = int(pooled["contacted_treated"]), int(pooled["accepted"])
    accept = accepted / contacted if contacted and accepted else economics.accept_share
    kept, difference = float(pooled["kept_share"]), float(pooled["difference"])
    width = float(pooled["difference_high"]) - float(pooled["difference_low"])
    left = difference / kept if kept else 0.0  # of controls, the share that left
    error = width / (2 * 1.959964) / left if left else float("inf")
    # Of those who accept: being on the list works through them alone, so its effect is divided by their share.
    weights = np.array([1 / economics.uplift_error**2, (accept / error) ** 2])
    uplift = float(np.average([economics.uplift_share, kept / accept], weights=weights))
    controls = int(pooled["compared_controls"])
    reason = (
        f"{controls:,} controls are fewer than {economics.least_controls:,}: too few to learn whom contact moves more"
    )
    return Measured(
        pooled, accept, kept, error, float(np.clip(uplift, 0, 1)), float(weights.sum() ** -0.5), BY_RISK, reason
    )
