"""Numbers outside the operator's own network: competitors, fixed lines and short codes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

OPERATORS = pl.Series(["own", "unicom", "telecom", "fixed", "short"])
OWN, UNICOM, TELECOM, FIXED, SHORT = range(5)
SHORT_CODES = ["10086", "10010", "10000", "12306", "95588", "95555", "1065502", "1069018", "1069107", "12345"]
PREFIXES = {
    UNICOM: ["130", "131", "132", "155", "156", "185", "186"],
    TELECOM: ["133", "153", "180", "181", "189"],
    FIXED: ["010", "021", "0755", "0571"],
}
SHARES = {UNICOM: 0.48, TELECOM: 0.37, FIXED: 0.15}
CONTACTS = 12  # off-net numbers that one line knows; the last of them is a short code


@dataclass(frozen=True)
class OffNet:
    """Every number outside: `msisdn` and its operator's code by position; the short codes come first."""

    msisdn: pl.Series
    operator: np.ndarray

    @classmethod
    def drawn(cls, rng: np.random.Generator, lines: int) -> "OffNet":
        size = min(max(2_000, 2 * lines), 500_000)
        numbers, operators = [pl.Series(SHORT_CODES)], [np.full(len(SHORT_CODES), SHORT, np.int8)]
        for operator, share in SHARES.items():
            count = int(size * share)
            prefix = pl.Series(PREFIXES[operator])[rng.integers(0, len(PREFIXES[operator]), count)]
            tail = pl.Series(rng.integers(20_000_000, 90_000_000, count)).cast(pl.String)
            numbers.append(pl.select(prefix + tail).to_series())
            operators.append(np.full(count, operator, np.int8))
        return cls(pl.concat([part.rename("msisdn") for part in numbers]), np.concatenate(operators))

    def contact(self, line: np.ndarray, appetite: np.ndarray) -> np.ndarray:
        """The position of a number that this line knows; `appetite` in [0, 1) picks one, early ones more often."""
        slot = (CONTACTS * appetite * appetite).astype(np.int64)
        mixed = ((line.astype(np.uint64) * CONTACTS + slot.astype(np.uint64)) * 0x9E3779B97F4A7C15) >> np.uint64(32)
        shorts = len(SHORT_CODES)
        position = (mixed % np.uint64(len(self.operator) - shorts)).astype(np.int32) + shorts
        return np.where(slot == CONTACTS - 1, position % shorts, position)
