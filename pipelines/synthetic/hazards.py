"""Why lines leave: the monthly intensity of each cause, apart for what the operator could see and what it could not.

A line leaves in a month with probability `1 - exp(-(observable + hidden))`; the cause is drawn in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CAUSES = ("price", "quality", "service", "contract_end", "friends", "arrears", "moved", "fraud")
PRICE, QUALITY, SERVICE, CONTRACT_END, FRIENDS, ARREARS, MOVED, FRAUD = range(len(CAUSES))


@dataclass(frozen=True)
class Circumstances:
    """What bears on each line in one month; arrays by line."""

    overpays: np.ndarray  # 0..2, fee against what the line uses; more after a silent price rise
    competition: float  # about 1, how hard competitors advertise this month
    price_sensitivity: np.ndarray
    trouble: np.ndarray  # of the home cell last month
    is_unresolved: np.ndarray  # a complaint of last month was not resolved
    discontent: np.ndarray
    is_contract_over: np.ndarray
    friends_left: np.ndarray  # share of call partners that left last month
    is_in_arrears: np.ndarray
    payer_risk: np.ndarray
    tenure_months: np.ndarray
    is_corporate: np.ndarray
    is_fake: np.ndarray
    relief: np.ndarray  # share by which a campaign lowers the intensity now


@dataclass(frozen=True)
class Intensity:
    """By cause and line."""

    observable: np.ndarray
    hidden: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return self.observable + self.hidden


def intensity(now: Circumstances) -> Intensity:
    lines = len(now.overpays)
    observable = np.zeros((len(CAUSES), lines), dtype=np.float32)
    hidden = np.zeros_like(observable)
    observable[PRICE] = 0.0046 * now.overpays
    hidden[PRICE] = 0.0028 * now.price_sensitivity * now.competition
    observable[QUALITY] = 0.0130 * now.trouble
    hidden[QUALITY] = 0.0009 * now.discontent
    observable[SERVICE] = 0.16 * now.is_unresolved
    hidden[SERVICE] = 0.0017 * now.discontent
    observable[CONTRACT_END] = 0.090 * now.is_contract_over
    observable[FRIENDS] = 0.18 * np.minimum(now.friends_left, 0.4)
    observable[ARREARS] = 0.38 * now.is_in_arrears
    hidden[ARREARS] = 0.05 * now.payer_risk
    hidden[MOVED] = 0.0030
    frailty = (0.70 + 0.75 * np.exp(-now.tenure_months / 14)) * np.where(now.is_corporate, 0.3, 1.0) * (1 - now.relief)
    factor = frailty.astype(np.float32)
    observable *= factor
    hidden *= factor
    # A dealer's invented customers live until the commission is paid and no longer.
    ripe = now.is_fake & (now.tenure_months >= 3)
    observable[:, now.is_fake] = 0
    hidden[:, now.is_fake] = 0
    hidden[FRAUD, ripe] = 1.4
    return Intensity(observable, hidden)


def leave(rng: np.random.Generator, force: Intensity) -> tuple[np.ndarray, np.ndarray]:
    """Who leaves this month, and the cause of each (meaningless for those who stay)."""
    total = force.total
    running = np.cumsum(total, axis=0)
    leaves = rng.random(total.shape[1]) < -np.expm1(-running[-1])
    draw = rng.random(total.shape[1]) * running[-1]
    cause = np.minimum((running < draw).sum(axis=0), len(CAUSES) - 1)
    return leaves, cause.astype(np.int8)
