"""Tariffs and how they are applied: allowances first, then the plan's price, in the order of the records.

Money is kept in whole micro-yuan (int64), so every sum is exact. The rules, per line and calendar month:

- voice: a call takes ceil(duration / 60) minutes; a failed call takes none. Outgoing home and national minutes use up
  the allowance; minutes beyond it cost the plan's price each. Incoming calls at home are free.
- sms: an outgoing message takes one unit of the allowance, then costs the plan's price.
- data: a session takes its bytes. Bytes beyond the allowance (1 MB = 1,048,576 bytes) cost price x bytes / 1,048,576,
  rounded half up to a micro-yuan per session.
- abroad no allowance applies: each minute (in and out), outgoing message and session costs the plan's roaming price.

A record is a free unit if the allowance covers it whole. With partial records the charge sits on the last of them.
A bill item is the exact sum of a month's charges, rounded half up to the fen once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

MICRO = 1_000_000
MICRO_PER_FEN = 10_000
BYTES_PER_MB = 1 << 20


@dataclass(frozen=True)
class Tariffs:
    """The price of everything, by plan: allowances in minutes, messages, bytes; prices and fee in micro-yuan."""

    voice_allowance: np.ndarray
    sms_allowance: np.ndarray
    data_allowance: np.ndarray
    voice_price: np.ndarray
    sms_price: np.ndarray
    data_price: np.ndarray
    roam_voice_price: np.ndarray
    roam_sms_price: np.ndarray
    roam_data_price: np.ndarray
    fee: np.ndarray
    is_prepaid: np.ndarray

    @classmethod
    def of(cls, plans: pl.DataFrame) -> "Tariffs":
        ordered = plans.sort("plan")
        return cls(
            voice_allowance=_whole(ordered["voice_allowance_min"], 1),
            sms_allowance=_whole(ordered["sms_allowance"], 1),
            data_allowance=_whole(ordered["data_allowance_mb"], BYTES_PER_MB),
            voice_price=_whole(ordered["voice_price"], MICRO),
            sms_price=_whole(ordered["sms_price"], MICRO),
            data_price=_whole(ordered["data_price"], MICRO),
            roam_voice_price=_whole(ordered["roam_voice_price"], MICRO),
            roam_sms_price=_whole(ordered["roam_sms_price"], MICRO),
            roam_data_price=_whole(ordered["roam_data_price"], MICRO),
            fee=_whole(ordered["monthly_fee"], MICRO),
            is_prepaid=(ordered["pay_type"] == "prepaid").to_numpy(),
        )


def _whole(column: pl.Series, factor: int) -> np.ndarray:
    return (column.cast(pl.Float64).fill_null(0.0) * factor).round().cast(pl.Int64).to_numpy()


def overage(units: np.ndarray, counts: np.ndarray, used: np.ndarray, allowance: np.ndarray) -> np.ndarray:
    """The part of each event that its line's allowance no longer covers.

    Events lie line after line in order of time; `counts` says how many each line has. `used` (per line) is what the
    month has taken so far and moves on in place.
    """
    running = np.cumsum(units, dtype=np.int64)
    ends = np.cumsum(counts)
    total_at_end = np.concatenate(([0], running))[ends]
    total_at_start = np.concatenate(([0], total_at_end[:-1]))
    beyond = running + np.repeat(used - total_at_start - allowance, counts)
    used += total_at_end - total_at_start
    return np.clip(beyond, 0, units)


def data_charge(over: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Micro-yuan for bytes beyond the allowance: prorated per MB, half up."""
    return (over * price + BYTES_PER_MB // 2) // BYTES_PER_MB


def fen(micro: np.ndarray) -> np.ndarray:
    """Whole fen of non-negative micro-yuan, half up."""
    return (micro + MICRO_PER_FEN // 2) // MICRO_PER_FEN


def decimals(values: np.ndarray, scale: int) -> pl.Series:
    """Whole numbers of the smallest unit as Decimal(18, scale), without a Python object per row."""
    words = np.empty((len(values), 2), np.int64)
    words[:, 0] = values
    words[:, 1] = words[:, 0] >> 63
    buffers: list[Any] = [None, pa.py_buffer(words)]
    return pl.Series(pa.Decimal128Array.from_buffers(pa.decimal128(18, scale), len(values), buffers))
