"""Data sessions of one chunk of lines: when, how many bytes, on which radio technology, and what they cost."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic.calls import of_cell
from pipelines.synthetic.hours import SESSIONS
from pipelines.synthetic.rating import BYTES_PER_MB, Tariffs, data_charge, decimals, overage
from pipelines.synthetic.roster import ABROAD, ROAM_TYPES, Roster

RATS = pl.Series(["2G", "3G", "4G", "5G"])
APNS = pl.Series(["cmnet", "cmwap", "cmiot"])
CMNET, CMWAP, CMIOT = range(3)
RATING_GROUPS = np.array([100, 200, 300, 400], np.int32)  # browsing, video, social, games
RATING_GROUP_STEPS = np.array([0.45, 0.75, 0.93], np.float32)
SPREAD = 1.4  # sigma of the logarithm of a session's volume
LARGEST_MB = 4096
PARTIAL_BYTES = 200 * BYTES_PER_MB  # charging closes a record at this volume
FALLBACK_SHARE = 0.12  # of sessions one radio generation below the best of the device


@dataclass(frozen=True)
class Sessions:
    """Rated sessions before partial records, one entry each."""

    row: np.ndarray
    start_s: np.ndarray
    bytes_up: np.ndarray
    bytes_down: np.ndarray
    charge: np.ndarray
    is_free: np.ndarray


def sessions(roster: Roster, lines: slice, used: np.ndarray, tariffs: Tariffs, rng: np.random.Generator) -> Sessions:
    """The sessions of a chunk of lines, rated in order of time; `used` (bytes of the month) moves on in place."""
    counts = rng.poisson(roster.data_per_day[lines])
    row = np.repeat(np.arange(lines.start, lines.stop, dtype=np.int32), counts)
    middle = np.log(np.maximum(roster.session_mb, 1e-3)).astype(np.float32) - np.float32(SPREAD * SPREAD / 2)
    volume_mb = np.exp(rng.standard_normal(len(row), dtype=np.float32) * np.float32(SPREAD) + middle[row])
    total = (np.clip(volume_mb, 0.001, LARGEST_MB) * BYTES_PER_MB).astype(np.int64)
    bytes_up = (total * (0.04 + 0.16 * rng.random(len(row), dtype=np.float32))).astype(np.int64)
    abroad = roster.roam[row] == ABROAD
    at_home = np.where(abroad, 0, total)
    chunk = roster.line[lines]
    used_so_far = used[chunk]
    over = overage(at_home, counts, used_so_far, tariffs.data_allowance[roster.plan[lines]])
    used[chunk] = used_so_far
    plan = roster.plan[row]
    price = np.where(abroad, tariffs.roam_data_price[plan], tariffs.data_price[plan])
    return Sessions(
        row=row,
        start_s=SESSIONS.times(rng, counts, roster.from_s[lines], roster.to_s[lines]),
        bytes_up=bytes_up,
        bytes_down=total - bytes_up,
        charge=data_charge(np.where(abroad, total, over), price),
        is_free=~abroad & (over == 0),
    )


def data_record(
    roster: Roster,
    chunk: Sessions,
    *,
    best_rat: np.ndarray,
    apn: np.ndarray,
    cells: pl.DataFrame,
    rng: np.random.Generator,
    first_id: int,
) -> pl.DataFrame:
    """The records of charging; a large session becomes partial records, its charge on the last one.

    `best_rat` and `apn` are positions in RATS and APNS, by row of the roster and by line.
    """
    parts = np.maximum(-(-(chunk.bytes_up + chunk.bytes_down) // PARTIAL_BYTES), 1)
    earlier = np.repeat(np.flatnonzero(parts > 1), parts[parts > 1] - 1)
    at = np.concatenate((np.arange(len(parts)), earlier)).astype(np.int32)
    first = np.searchsorted(earlier, earlier, side="left")
    up, down = chunk.bytes_up // parts, chunk.bytes_down // parts
    row = chunk.row[at]
    cell = roster.cell(rng, chunk.row, chunk.start_s)[at]
    step_down = (rng.random(len(parts), dtype=np.float32) < FALLBACK_SHARE).astype(np.int8)
    rat = np.maximum(best_rat[chunk.row] - step_down, 0)
    group = RATING_GROUPS[np.searchsorted(RATING_GROUP_STEPS, rng.random(len(parts), dtype=np.float32))]
    return pl.DataFrame(
        {
            "charging_id": first_id + at.astype(np.int64),
            "record_seq": np.concatenate((parts, np.arange(len(earlier)) - first + 1)).astype(np.int32),
            "served_msisdn": roster.number[row],
            "imsi": roster.imsi[row],
            "imei": roster.imei[row],
            "start_at": roster.start_at(chunk.start_s[at]),
            "bytes_up": np.concatenate((chunk.bytes_up - up * (parts - 1), up[earlier])),
            "bytes_down": np.concatenate((chunk.bytes_down - down * (parts - 1), down[earlier])),
            "rat": RATS[rat[at]],
            "apn": APNS[apn[roster.line[row]]],
            "cell_id": of_cell(cells["cell_id"], cell),
            "rating_group": group[at],
            "roam_type": ROAM_TYPES[roster.roam[row]],
            "charge_amt": decimals(np.concatenate((chunk.charge, np.zeros(len(earlier), np.int64))), 6),
            "is_free_unit": chunk.is_free[at],
        }
    )
