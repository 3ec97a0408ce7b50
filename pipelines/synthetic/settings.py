"""What one synthetic history is asked for, and the only source of chance: every draw goes through `Settings.rng`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Settings:
    """One history: `days` business days up to and including `end`, of about `subscribers` lines at its start."""

    subscribers: int
    days: int
    end: date
    seed: int = 1
    faults: str = "default"
    out: Path = Path("landing")
    files_per_day: int = 1

    def __post_init__(self) -> None:
        if self.subscribers < 100 or self.days < 1:
            raise ValueError(
                f"subscribers={self.subscribers}, days={self.days}: at least 100 subscribers and 1 day are needed"
            )
        if self.faults not in {"none", "default", "heavy"}:
            raise ValueError(f"faults={self.faults!r}: expected none, default or heavy")
        if not 1 <= self.files_per_day <= 24:
            raise ValueError(f"files_per_day={self.files_per_day}: expected 1 to 24")

    @property
    def first_day(self) -> date:
        return self.end - timedelta(days=self.days - 1)

    @cached_property
    def day_list(self) -> list[date]:
        return [self.first_day + timedelta(days=offset) for offset in range(self.days)]

    def rng(self, purpose: str, day: date | None = None) -> np.random.Generator:
        """A generator that depends on the seed, the purpose and the day only, never on what was drawn before."""
        digest = hashlib.sha256(purpose.encode()).digest()
        words = [self.seed, int.from_bytes(digest[:8], "big"), day.toordinal() if day else 0]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))
