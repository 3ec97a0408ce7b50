"""The catalogue of faults (`faults.yaml`) and the schedule of those that befall a whole delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict

from pipelines.synthetic.settings import Settings

CATALOGUE = Path(__file__).with_name("faults.yaml")


class Fault(BaseModel):
    """One kind of fault; the meaning of each key stands in the head of `faults.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meaning: str
    per: Literal["row", "delivery", "world"]
    expected: Literal["deduplicated", "merged", "restated", "refused", "quarantined", "flagged", "reconciled"]
    tables: tuple[str, ...] = ()
    days: tuple[int, int] = (0, 0)
    rates: dict[str, float] = {}


@cache
def catalogue() -> dict[str, Fault]:
    """Kind -> fault, in the order of the file."""
    return {kind: Fault.model_validate(entry) for kind, entry in yaml.safe_load(CATALOGUE.read_text()).items()}


@dataclass(frozen=True)
class RowFaults:
    """The kinds that befall single rows, at the rates of one level of faults."""

    level: str
    last_day: date

    def rate(self, kind: str, system: str, table: str) -> float:
        """Share of the rows of this table; 0 where the kind does not occur."""
        fault = catalogue()[kind]
        return fault.rates[self.level] if f"{system}.{table}" in fault.tables else 0.0

    def arrival(self, kind: str, day: date, count: int, rng: np.random.Generator) -> np.ndarray:
        """Days until each of `count` late rows arrives; -1 where that would be after the history.

        Most are a few days late and some very late: the delay is skewed towards the shortest.
        """
        low, high = catalogue()[kind].days
        lag = low + ((high - low + 1) * rng.random(count) ** 3).astype(np.int64)
        return np.where(lag <= (self.last_day - day).days, lag, -1)


@dataclass(frozen=True)
class Appointment:
    """A delivery fault that waits for the first fitting delivery of its table from `day` on."""

    day: date
    kind: str
    lag: int


class Schedule:
    """Which delivery faults befall which tables when. At most one per delivery, none on the first day of history.

    Every kind with a rate above zero occurs at least once, because a short history that happens to miss a kind proves
    nothing. A fault whose correction would arrive after the last day is never injected: at the end nothing is lost.
    """

    def __init__(self, settings: Settings) -> None:
        self._last_day = settings.end
        self._waiting: dict[str, list[Appointment]] = {}
        for kind, fault in catalogue().items():
            rate = fault.rates.get(settings.faults, 0.0) if fault.per == "delivery" else 0.0
            if not rate:
                continue
            rng = settings.rng(f"fault {kind}")
            low, high = fault.days
            for _ in range(max(1, round(rate * settings.days))):
                table = fault.tables[int(rng.integers(len(fault.tables)))]
                # The last days are left free, so that a fault that has to wait for a fitting delivery still finds one.
                day = settings.first_day + timedelta(days=int(rng.integers(1, max(2, settings.days * 3 // 4))))
                self._waiting.setdefault(table, []).append(Appointment(day, kind, int(rng.integers(low, high + 1))))
        for appointments in self._waiting.values():
            appointments.sort(key=lambda one: (one.day, one.kind))

    def due(self, system: str, table: str, day: date) -> list[Appointment]:
        """The faults that may befall this delivery, the longest waiting first."""
        waiting = self._waiting.get(f"{system}.{table}", [])
        return [one for one in waiting if one.day <= day and day + timedelta(days=one.lag) <= self._last_day]

    def settle(self, system: str, table: str, appointment: Appointment) -> None:
        """This fault has happened."""
        self._waiting[f"{system}.{table}"].remove(appointment)
