"""How counted things get their numbers: each function is one-to-one, so no two lines share one by chance."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]

OWN_PREFIXES = np.array([134, 135, 136, 137, 138, 139, 150, 151, 152, 157, 158, 159, 182, 183, 184, 187, 188, 198])
UNICOM_PREFIXES = np.array([130, 131, 132, 155, 156, 185, 186])
TELECOM_PREFIXES = np.array([133, 153, 180, 181, 189])
FOREIGN_PREFIXES = np.concatenate([UNICOM_PREFIXES, TELECOM_PREFIXES])

SUFFIXES = 100_000_000
SCATTER = 61_803_399  # coprime to ten, so that n -> n * SCATTER is a permutation of any power of ten


def msisdn(number: np.ndarray, prefixes: np.ndarray = OWN_PREFIXES) -> Ints:
    """The n-th number ever issued under these prefixes, as an integer of 11 digits."""
    number = np.asarray(number, dtype=np.int64)
    suffix = (number // len(prefixes) * SCATTER + 20_071_988) % SUFFIXES
    return prefixes[number % len(prefixes)].astype(np.int64) * SUFFIXES + suffix


def imsi(sim: np.ndarray) -> Ints:
    return 460_000_000_000_000 + (np.asarray(sim, dtype=np.int64) * SCATTER + 31_415_926) % 10_000_000_000


def iccid(sim: np.ndarray) -> pl.Series:
    serial = (np.asarray(sim, dtype=np.int64) * SCATTER + 27_182_818) % 10_000_000_000_000
    return numbered("898600", serial, 14)


def imei(tac: np.ndarray, device: np.ndarray) -> Ints:
    """15 digits: the type's TAC, a serial of six digits, the Luhn check digit."""
    body = np.asarray(tac, dtype=np.int64) * 1_000_000 + (np.asarray(device, dtype=np.int64) * SCATTER) % 1_000_000
    return body * 10 + luhn(body)


def luhn(body: np.ndarray) -> Ints:
    """Check digit of a 14-digit number: every second digit from the right is doubled, digits are added up."""
    total = np.zeros(len(body), dtype=np.int64)
    rest = np.asarray(body, dtype=np.int64)
    for place in range(14):
        digit = rest % 10
        rest = rest // 10
        doubled = digit * 2
        total += np.where(place % 2 == 0, doubled - 9 * (doubled > 9), digit)
    return -total % 10


def numbered(prefix: str, number: np.ndarray | pl.Series, digits: int) -> pl.Series:
    """`prefix` followed by the number with leading zeros."""
    return pl.select(pl.lit(prefix) + pl.lit(pl.Series(number)).cast(pl.Utf8).str.zfill(digits)).to_series()


def text(number: np.ndarray) -> pl.Series:
    return pl.Series(number).cast(pl.Utf8)
