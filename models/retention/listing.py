"""The list of a month: candidates ranked by expected profit, cut where profit is highest, with controls set aside.

Controls are drawn from the list before anybody sees it: within each decile and value band the lines with the lowest
hash of seed, month and subscription. The same list gives the same controls, and nothing about a line tells its lot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from models.retention.economics import MICRO, Choice, Economics, choose, declared, millionths
from models.retention.mover import BY_RISK
from models.versions import Version, in_force_at_end

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED = ["month_start", "subscription_key", "probability", "decile", "value_band", "monthly_amt"]


@dataclass(frozen=True)
class Month:
    """The candidates of one month in the order of their keys, and the list chosen from them."""

    start: date
    candidates: pl.DataFrame
    choice: Choice
    economics: Economics
    version: Version | None

    def listed(self) -> pl.DataFrame:
        """One row per line on the list, best first."""
        found = self.candidates[self.choice.listed]
        place = np.arange(1, self.choice.length + 1)
        held = controls(found, self.start, self.economics.control_share, self.economics.control_seed)
        return found.with_columns(
            place=pl.Series(place, dtype=pl.Int32),
            is_control=pl.Series(held, dtype=pl.Boolean),
            expected_profit_amt=pl.Series(self.choice.profit[: self.choice.length] / MICRO, dtype=pl.Float64),
        )

    def curve(self) -> pl.DataFrame:
        """Expected profit and cost by length of the list."""
        profit = np.concatenate([[0], np.cumsum(self.choice.profit)])
        cost = np.concatenate([[0], np.cumsum(self.choice.cost)])
        length = np.array(self.choice.curve())
        is_chosen = length == self.choice.length
        return pl.DataFrame(
            {
                "month_start": pl.Series([self.start] * len(length), dtype=pl.Date),
                "lines": pl.Series(length, dtype=pl.Int64),
                "expected_profit_amt": pl.Series(profit[length] / MICRO, dtype=pl.Float64),
                "cost_amt": pl.Series(cost[length] / MICRO, dtype=pl.Float64),
                "is_within_limits": pl.Series(length <= self.choice.feasible, dtype=pl.Boolean),
                "is_chosen": pl.Series(is_chosen, dtype=pl.Boolean),
                "reason": [self.choice.reason if chosen else None for chosen in is_chosen],
            }
        )


def apply(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """The rows of retention.list_month."""
    for month in _months(rows, fitted):
        yield from month.listed().to_arrow().to_batches()


def curve(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """The rows of retention.curve_month."""
    for month in _months(rows, fitted):
        yield from month.curve().to_arrow().to_batches()


def _months(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[Month]:
    candidates = pl.DataFrame(rows.read_all())
    for start in candidates["month_start"].unique().sort():
        month = candidates.filter(pl.col("month_start") == start).sort("subscription_key")
        version = in_force_at_end(fitted, start)
        yield chosen(start, month, version, measured(declared(), version))


def measured(economics: Economics, version: Version | None) -> Economics:
    """The declaration with what `bassline retention fit` measured in place of what was believed."""
    if version is None:
        return economics
    known = version.json("uplift.json")
    return economics.model_copy(update={name: known[name] for name in ("accept_share", "uplift_share")})


def chosen(start: date, candidates: pl.DataFrame, version: Version | None, economics: Economics) -> Month:
    """The list of one month: by what a learner says of each line, else by churn risk times value."""
    probability = candidates["probability"].cast(pl.Float64).to_numpy()
    value = economics.value(candidates["monthly_amt"].cast(pl.Float64).to_numpy(), probability)
    cost = np.full(len(candidates), millionths(economics.cost_amt))
    learnt = candidates["kept_share"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    # A learner knows the lines that were listed; of others it may not say that more stay than would leave.
    most = np.round(economics.risk(probability), 6)
    kept = np.where(np.isnan(learnt), economics.kept(probability), np.minimum(learnt, most))
    choice = choose(
        millionths(kept * value) - cost,
        cost,
        candidates["subscription_key"].to_numpy(),
        budget=None if economics.budget_amt is None else int(millionths(economics.budget_amt)),
        capacity=economics.capacity,
    )
    frame = candidates.select(NEEDED).with_columns(
        kept_share=pl.Series(np.round(kept, 6)),
        method=candidates["method"].fill_null(BY_RISK),
        value_amt=pl.Series(np.round(value, 2)),
        uplift_share=pl.lit(economics.uplift_share),
        accept_share=pl.lit(economics.accept_share),
        cost_amt=pl.Series(cost / MICRO),
        version=pl.lit(version.number if version else None, dtype=pl.Int32),
    )
    return Month(start, frame, choice, economics, version)


def controls(listed: pl.DataFrame, month: date, share: float, seed: int) -> np.ndarray:
    """Which lines of a list are left alone: of each decile and value band, the share with the lowest lots.

    Every stratum gives its whole share; the rest of all strata together is rounded and goes to those with the largest
    remainders, so that the share of the whole list holds however small the strata are.
    """
    drawn = listed.select(
        "decile",
        "value_band",
        place=pl.int_range(pl.len()),
        lot=pl.Series(lots(listed["subscription_key"], month, seed)),
    ).sort("decile", "value_band", "lot")
    strata = drawn.group_by("decile", "value_band", maintain_order=True).agg(lines=pl.len(), lot=pl.col("lot").min())
    wanted = strata["lines"].to_numpy() * share
    quota = np.floor(wanted).astype(np.int64)
    extra = round(float(wanted.sum())) - int(quota.sum())
    quota[np.lexsort((strata["lot"].to_numpy(), -(wanted - quota)))[:extra]] += 1
    drawn = drawn.join(
        strata.with_columns(quota=pl.Series(quota)).drop("lot"), on=["decile", "value_band"], maintain_order="left",
        nulls_equal=True,
    )  # fmt: skip
    taken = drawn.with_columns(turn=pl.int_range(pl.len()).over("decile", "value_band"))
    held = np.zeros(len(listed), dtype=bool)
    held[taken.filter(pl.col("turn") < pl.col("quota"))["place"].to_numpy()] = True
    return held


def lots(keys: pl.Series, month: date, seed: int) -> list[int]:
    """A number of 63 bits by line that depends on seed, month and line only."""
    head = hashlib.blake2b(f"{seed}:{month}:".encode(), digest_size=8)
    found = []
    for key in keys:
        each = head.copy()
        each.update(str(key).encode())
        found.append(int.from_bytes(each.digest(), "big") >> 1)
    return found
