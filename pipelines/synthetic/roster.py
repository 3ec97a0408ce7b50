"""Who can produce usage on a day, and where they are: the rows of World.on(day) as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.synthetic.clock import epoch_day
from pipelines.synthetic.numbers import OWN, OffNet
from pipelines.synthetic.seasons import is_working_day
from pipelines.synthetic.world import World

ROAM_TYPES = pl.Series(["home", "national", "international"])
HOME, NATIONAL, ABROAD = range(3)
ABROAD_SHARE = 0.08  # of the days away from the home network
AT_WORK = range(9, 18)  # hours
ELSEWHERE_SHARE = 0.06  # of events at neither home nor work


@dataclass(frozen=True)
class Roster:
    """One entry per line with an active spell; `position` leads from a line to its row, or to -1."""

    day: date
    line: np.ndarray
    plan: np.ndarray
    from_s: np.ndarray
    to_s: np.ndarray
    voice_per_day: np.ndarray
    sms_per_day: np.ndarray
    data_per_day: np.ndarray
    offnet_share: np.ndarray
    call_s: np.ndarray
    session_mb: np.ndarray
    home_cell: np.ndarray
    work_cell: np.ndarray
    roam: np.ndarray
    wanders: np.ndarray  # away from home today, in no particular place
    away_cell: np.ndarray  # where a line lives that left for another city, else -1
    position: np.ndarray
    peer_first: np.ndarray
    peer_count: np.ndarray
    colleague_first: np.ndarray
    colleague_count: np.ndarray
    number: pl.Series
    operator: np.ndarray
    left_at: int  # position of the first number of those who went to another operator
    left_since: np.ndarray  # by line, as in world.leaving
    left_place: np.ndarray
    imsi: pl.Series
    imei: pl.Series

    @classmethod
    def of(cls, world: World, day: date, active: pl.DataFrame, off_net: OffNet) -> Roster:
        """The rows of `active`, which is World.on(day), in its order."""
        line = active["line"].to_numpy()
        known = world.lines[line].select("offnet_share", "call_s", "session_mb", "home_cell", "work_cell", "roam_share")
        arrays = {name: known[name].to_numpy() for name in known.columns}
        away = world.settings.rng("roaming", day).random(len(line), dtype=np.float32) / np.maximum(
            arrays.pop("roam_share"), 1e-9
        )
        position = np.full(world.lines.height, -1, np.int32)
        position[line] = np.arange(len(line), dtype=np.int32)
        first, colleagues = world.peer_start[line], world.staff.colleagues
        colleague_first = colleagues.peer_start[line]
        roam = np.where(away >= 1, HOME, np.where(away >= ABROAD_SHARE, NATIONAL, ABROAD)).astype(np.int8)
        away_cell, left = world.away_cell[line], world.leaving
        return cls(
            day=day,
            line=line,
            roam=np.where((away_cell >= 0) & (roam == HOME), NATIONAL, roam).astype(np.int8),
            wanders=roam == NATIONAL,
            away_cell=away_cell,
            position=position,
            peer_first=first,
            peer_count=(world.peer_start[line + 1] - first).astype(np.int32),
            colleague_first=colleague_first,
            colleague_count=(colleagues.peer_start[line + 1] - colleague_first).astype(np.int32),
            number=pl.concat([active["msisdn"], off_net.msisdn.rename("msisdn"), left.number.rename("msisdn")]),
            operator=np.concatenate((np.full(len(line), OWN, np.int8), off_net.operator, left.operator)),
            left_at=len(line) + len(off_net.operator),
            left_since=left.since,
            left_place=left.place,
            imsi=active["imsi"],
            imei=active["imei"],
            plan=active["plan"].to_numpy(),
            from_s=active["active_from_s"].to_numpy(),
            to_s=active["active_to_s"].to_numpy(),
            **{name: active[name].to_numpy() for name in ("voice_per_day", "sms_per_day", "data_per_day")},
            **arrays,
        )

    @property
    def rows(self) -> int:
        return len(self.line)

    @cached_property
    def day_number(self) -> int:
        return epoch_day(self.day)

    @cached_property
    def is_working_day(self) -> bool:
        return is_working_day(self.day)

    @cached_property
    def lives_away(self) -> np.ndarray:
        return self.away_cell >= 0

    def cell(self, rng: np.random.Generator, row: np.ndarray, start_s: np.ndarray) -> np.ndarray:
        """The cell of each event: work in working hours, home otherwise, sometimes elsewhere; -1 abroad.

        A line that left for another city is always there, which the network calls national roaming.
        """
        hour = start_s // 3600
        works = (hour >= AT_WORK.start) & (hour < AT_WORK.stop) & (self.day.weekday() < 5)
        cell = np.where(works, self.work_cell[row], self.home_cell[row])
        elsewhere = np.flatnonzero((rng.random(len(row), dtype=np.float32) < ELSEWHERE_SHARE) | self.wanders[row])
        cell[elsewhere] = self.home_cell[rng.integers(0, self.rows, len(elsewhere))]
        if self.lives_away.any():
            away = np.flatnonzero(self.lives_away[row])
            cell[away] = self.away_cell[row[away]]
        cell[self.roam[row] == ABROAD] = -1
        return cell

    def start_at(self, start_s: np.ndarray) -> pl.Series:
        midnight_s = (self.day - date(1970, 1, 1)).days * 86_400
        return pl.Series((start_s.astype(np.int64) + midnight_s) * 1_000_000).cast(pl.Datetime("us"))
