"""Campaigns: targets with a random control group, contacts, answers, and the true relief from leaving they bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.changes import Kind, Log
from pipelines.synthetic.clock import DAY, Month, office_time
from pipelines.synthetic.state import State

CONTROL_SHARE = 0.15
TARGET_SHARE = 0.04  # of the base, per campaign
EFFECT_MONTHS = 3
REACHED, NOT_REACHED, REFUSED = range(3)
KINDS = ("retention", "upsell")
RETENTION, UPSELL = range(2)


def campaign_ids(months: list[date]) -> list[str]:
    """Names of campaigns in the order of their numbers: two a month."""
    return [f"CMP{month:%Y%m}{kind[0].upper()}" for month in months for kind in KINDS]


@dataclass
class Campaigning:
    """One retention and one upselling campaign per month; rows of `targets` collect per campaign."""

    rng: np.random.Generator
    targets: list[pl.DataFrame] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    _frozen: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def freeze(self, month: Month, lines: np.ndarray, state: State, price_sensitivity: np.ndarray) -> None:
        """Choose targets at the start of the month and leave a random part of them alone.

        `price_sensitivity` belongs to `lines`. The effect is what contact would do: the share by which the intensity of
        leaving falls in the next months; for a few it rises, they are reminded that they could go.
        """
        self.months.append(month)
        rested = (state.relief_until[lines] < month.index) & ~state.is_fake[lines]
        ends_soon = np.abs(state.contract_end[lines] - month.start // DAY - 45) < 45
        size = max(8, round(len(lines) * TARGET_SHARE))
        self._frozen = []
        for kind in (RETENTION, UPSELL):
            wish = self.rng.random(len(lines)) + (
                2.0 * ends_soon + 0.25 * price_sensitivity if kind == RETENTION else 0
            )
            pool = np.flatnonzero(rested)
            chosen = np.sort(pool[np.argsort(-wish[pool], kind="stable")[:size]])
            rested[chosen] = False
            noise = self.rng.normal(0, 0.15, size=len(chosen))
            effect = (
                np.clip(0.30 + 0.20 * (price_sensitivity[chosen] - 1) + noise, -0.3, 0.8)
                if kind == RETENTION
                else np.clip(0.04 + noise / 3, -0.2, 0.3)
            )
            is_control = self.rng.random(len(chosen)) < CONTROL_SHARE
            self._frozen.append((kind, lines[chosen], is_control, effect.astype(np.float32)))

    def contact(self, month: Month, state: State, log: Log) -> None:
        """Contact those who are still there; who is reached stays more likely, who accepts may sign a contract."""
        rng = self.rng
        for kind, lines, is_control, effect in self._frozen:
            size = len(lines)
            contacted = office_time(rng, month.start + 2 * DAY, 10, size)
            responded = contacted + (rng.exponential(1.5 * DAY, size=size)).astype(np.int64) + 60
            is_contacted = ~is_control & (state.terminated_at[lines] > contacted)
            outcome = rng.choice(3, size=size, p=[0.62, 0.28, 0.10])
            reached = is_contacted & (outcome == REACHED)
            answers = reached & (rng.random(size) < 0.55) & (state.terminated_at[lines] > responded)
            accepts = answers & (rng.random(size) < 0.25 + 0.5 * np.maximum(effect, 0))
            state.relief[lines[reached]] = effect[reached]
            state.relief_until[lines[reached]] = month.index + EFFECT_MONTHS
            if kind == RETENTION:
                signs = lines[accepts]
                state.contract_end[signs] = responded[accepts] // DAY + 365
                log.add(signs, responded[accepts], Kind.CONTRACT, state.contract_end[signs])
            self.targets.append(
                pl.DataFrame(
                    {
                        "campaign": np.full(size, (len(self.months) - 1) * len(KINDS) + kind, dtype=np.int32),
                        "kind": np.full(size, kind, dtype=np.int8),
                        "line": lines.astype(np.int32),
                        "is_control": is_control,
                        "effect": effect,
                        "priority": rng.integers(1, 4, size=size).astype(np.int32),
                        "is_contacted": is_contacted,
                        "contacted_at": contacted,
                        "outcome": outcome.astype(np.int8),
                        "answers": answers,
                        "responded_at": responded,
                        "is_accepted": accepts,
                    }
                )
            )
