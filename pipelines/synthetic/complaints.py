"""Complaints: drawn from the radio trouble at home and from discontent; an unresolved one pushes the line to leave."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.synthetic.clock import Month
from pipelines.synthetic.state import State

TYPES = ("network", "billing", "service", "product", "portability")
NETWORK, BILLING, SERVICE = 0, 1, 2
RESOLVED_SHARE = 0.78


@dataclass
class Complaints:
    """Rows of `tickets` collect per month, by time of opening within it."""

    rng: np.random.Generator
    tickets: list[pl.DataFrame] = field(default_factory=list)

    def happen(
        self, month: Month, lines: np.ndarray, state: State, trouble: np.ndarray, discontent: np.ndarray
    ) -> None:
        """`trouble` and `discontent` belong to `lines`; the flag of unresolved complaints of the month is renewed."""
        rng = self.rng
        of_network, of_service = 0.012 * trouble, 0.005 * discontent
        complains = np.flatnonzero(rng.random(len(lines)) < 0.006 + of_network + of_service)
        who = lines[complains]
        opened = np.sort(month.start + (rng.random(len(who)) * (month.end - month.start)).astype(np.int64))
        state.is_unresolved[:] = False
        there = state.terminated_at[who] > opened
        who, opened, complains = who[there], opened[there], complains[there]
        rest = 0.006
        share = of_network[complains] / (rest + of_network + of_service)[complains]
        usual = rng.choice(len(TYPES), size=len(who), p=[0.10, 0.38, 0.27, 0.20, 0.05])
        kind = np.where(rng.random(len(who)) < share, NETWORK, usual)
        is_resolved = rng.random(len(who)) < RESOLVED_SHARE
        state.is_unresolved[who[~is_resolved]] = True
        self.tickets.append(
            pl.DataFrame(
                {
                    "line": who.astype(np.int32),
                    "opened_at": opened,
                    "type": kind.astype(np.int8),
                    "is_resolved": is_resolved,
                }
            )
        )
