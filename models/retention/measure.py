"""What was measured of lists that are over, as what the next lists expect: an explicit act, not one of the night.

The belief declared in economics.yaml and the measured effect are averaged by their precision, as two independent
estimates of the same share. A small experiment so moves the belief a little, a large one replaces it, and nowhere lies
an edge at which a list jumps because an interval just excludes zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.retention.economics import Economics

if TYPE_CHECKING:
    import duckdb

POOLED = """
    select list_type, month_start, horizon_days, treated, controls, contacted_treated, accepted, compared_controls,
        difference, difference_low, difference_high, kept_share
    from retention.effect_month
    where list_id = 'all' and difference is not null and kept_share is not null
    order by horizon_days desc, month_start desc, compared_controls desc, list_type
    limit 1
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

    def file(self) -> dict[str, float]:
        """What a night applies."""
        return {"accept_share": round(self.accept_share, 6), "uplift_share": round(self.uplift_share, 6)}


def measure(connection: duckdb.DuckDBPyConnection, economics: Economics) -> Measured:
    """What the newest pooled row of retention.effect_month says.

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
    return of_pooled(dict(zip(names, row, strict=True)), economics)


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
    few = controls < economics.least_controls
    reason = (
        f"{controls:,} controls are fewer than {economics.least_controls:,}: too few to learn whom contact moves more"
        if few
        else f"{controls:,} controls would allow a learner: `bassline retention uplift` compares; lists stay by risk"
    )
    return Measured(
        pooled, accept, kept, error, float(np.clip(uplift, 0, 1)), float(weights.sum() ** -0.5), "risk x value", reason
    )
