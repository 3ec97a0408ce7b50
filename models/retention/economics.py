"""How many lines to contact: by expected profit, not by a round number.

A line contacted brings `risk x uplift x accept x value` and costs the contact and, of those that accept, the offer
(Neslin et al., Journal of Marketing Research 43, 2006, 204-211, for one list; here line by line). Lines are ranked by
what is left, and the list ends where the sum of it is highest within budget and capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE = Path(__file__).with_name("economics.yaml")
MICRO = 1_000_000  # money is summed in whole millionths, so that no sum depends on the order or the machine
Share = Field(ge=0, le=1)


class EconomicsError(ValueError):
    """The declaration cannot be used; the message names file, key, what was found and what is expected."""


class Economics(BaseModel):
    """models/retention/economics.yaml, whose comments say what each value means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_amt: float = Field(ge=0)
    offer_amt: float = Field(ge=0)
    accept_share: float = Share
    uplift_share: float = Share
    uplift_error: float = Field(gt=0)
    margin_share: float = Share
    horizon_months: float = Field(gt=0)
    effect_months: float = Field(gt=0)
    life_months: int = Field(ge=1)
    monthly_discount: float = Field(ge=0, lt=1)
    budget_amt: float | None = Field(ge=0)
    capacity: int | None = Field(ge=0)
    control_share: float = Field(ge=0.05, le=0.10)
    control_seed: int
    least_controls: int = Field(ge=1)

    @property
    def cost_amt(self) -> float:
        """What a line on the list is expected to cost."""
        return self.contact_amt + self.accept_share * self.offer_amt

    def risk(self, probability: np.ndarray) -> np.ndarray:
        """The probability that each line leaves while contact acts."""
        return 1 - (1 - np.clip(probability, 0, 1)) ** (self.effect_months / self.horizon_months)

    def kept(self, probability: np.ndarray) -> np.ndarray:
        """The probability that a contact keeps each line: part of its risk."""
        return self.risk(probability) * self.uplift_share * self.accept_share

    def value(self, monthly_amt: np.ndarray, probability: np.ndarray) -> np.ndarray:
        """What a line that is kept brings: margin of the months that it then stays, which its own risk tells."""
        stays = (1 - np.clip(probability, 0, 1)) ** (1 / self.horizon_months) / (1 + self.monthly_discount)
        months = stays * (1 - stays**self.life_months) / np.maximum(1 - stays, 1e-12)
        return monthly_amt * self.margin_share * np.where(stays < 1, months, self.life_months)


@cache
def declared(path: Path = FILE) -> Economics:
    """The declaration in a file.

    Raises:
        EconomicsError: one line per mistake, each with file, key, value found and value expected.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Economics.model_validate(content)
    except yaml.YAMLError as error:
        raise EconomicsError(f"{path}: not valid YAML: {error}") from error
    except ValidationError as error:
        raise EconomicsError("\n".join(f"{path}: {_told(mistake)}" for mistake in error.errors())) from None


def _told(mistake: Any) -> str:
    key = ".".join(map(str, mistake["loc"])) or "file"
    found = "nothing" if mistake["type"] == "missing" else repr(mistake["input"])
    return f"{key}: found {found}, expected: {mistake['msg'][0].lower()}{mistake['msg'][1:]}"


@dataclass(frozen=True)
class Choice:
    """Candidates from best to worst (`order` are their positions) and how many of them make the list.

    `profit` and `cost` belong to `order` and are whole millionths. `reason` says in words why the list ends there.
    """

    order: np.ndarray
    profit: np.ndarray
    cost: np.ndarray
    feasible: int
    length: int
    reason: str

    @property
    def listed(self) -> np.ndarray:
        """Positions of the candidates on the list, best first."""
        return self.order[: self.length]

    def expected(self, length: int) -> int:
        """Expected profit of a list of some length, in millionths."""
        return int(self.profit[:length].sum())

    def curve(self, points: int = 50) -> list[int]:
        """Lengths that show how expected profit goes with length: evenly spread, with the chosen one and the ends."""
        spread = np.linspace(0, len(self.order), points).round().astype(int)
        return sorted({0, self.length, self.feasible, len(self.order), *spread.tolist()})


def millionths(amount: np.ndarray | float) -> np.ndarray:
    return np.rint(np.asarray(amount, dtype=np.float64) * MICRO).astype(np.int64)


def choose(
    profit: np.ndarray,
    cost: np.ndarray,
    key: np.ndarray,
    *,
    budget: int | None = None,
    capacity: int | None = None,
) -> Choice:
    """The list whose expected profit is highest among all lists that begin with the best candidate.

    `profit` and `cost` are whole millionths by candidate, `key` breaks ties. Of equally good lists it is the shortest.
    """
    order = np.lexsort((key, -profit))
    ranked, spent = profit[order], np.cumsum(cost[order])
    affordable = len(order) if budget is None else int(np.searchsorted(spent, budget, side="right"))
    feasible = min(affordable, len(order) if capacity is None else capacity)
    total = np.concatenate([[0], np.cumsum(ranked)])
    best, free = int(np.argmax(total[: feasible + 1])), int(np.argmax(total))
    if not best and not free:
        reason = "no candidate is expected to bring more than it costs"
    elif best == free:
        reason = "the next candidate would cost more than it brings" if free < len(order) else "every candidate pays"
    else:
        limit = "budget" if affordable < (len(order) if capacity is None else capacity) else "capacity"
        lost = (int(total[free]) - int(total[best])) / MICRO
        reason = f"the {limit} ends it; without limits {free} lines would be expected to bring {lost:.2f} more"
    return Choice(order, ranked, cost[order], feasible, best, reason)
