"""The usage of the synthetic operator: every call, message and data session of a day, rated, and its exact truth.

Events are made for chunks of lines, line after line and in order of time within a line, so that rating is a running
sum and memory is bounded by the chunk. State is a few integers per line: allowances used and charges of the month. A
history that starts within a month starts with full allowances.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.calls import Exchange, cdr
from pipelines.synthetic.devices import MODELS
from pipelines.synthetic.numbers import OffNet
from pipelines.synthetic.rating import Tariffs
from pipelines.synthetic.roster import Roster
from pipelines.synthetic.sessions import CMIOT, CMNET, CMWAP, RATS, data_record, sessions
from pipelines.synthetic.tally import Month, Tally, integers
from pipelines.synthetic.world import World

LINES_PER_CHUNK = 65_536
REFS_PER_DAY = 10**11
WAP_LINES = 20  # one line in so many still uses the old access point

Records = tuple[pl.DataFrame, pl.DataFrame]


class Usage:
    """The days of a world in order: each is generated once, from the first day on; the last one stays at hand.

    `active` and `today` are the last day's rows of World.on(day) and its totals.
    """

    def __init__(self, world: World) -> None:
        lines = world.lines.height
        self.world = world
        self.tariffs = Tariffs.of(world.plans)
        self.month, self.last_month = Month.empty(lines), Month.empty(lines)
        self.next_day = world.settings.first_day
        self.active = world.lines.clear()
        self.today = Tally(lines, self.next_day - timedelta(days=1))
        self._used = {service: integers(lines) for service in ("voice", "sms", "data")}
        self._off_net = OffNet.drawn(world.settings.rng("numbers outside"), lines)
        self._apn = np.where(np.arange(lines) % WAP_LINES == 0, CMWAP, CMNET)
        self._apn[(world.lines["line_type"] == "m2m").to_numpy()] = CMIOT
        self._records: Records | None = None

    def day(self, day: date) -> Records:
        """The call and the data records of a day, after generating the days before it that nobody asked for."""
        while self.next_day < day:
            for _ in self.parts(self.next_day):
                pass
        if self.next_day == day:
            calls, data = zip(*self.parts(day), strict=True)
            self._records = pl.concat(calls), pl.concat(data)
        if self._records is None or self.today.day != day:
            raise ValueError(f"usage of {day} was already generated: days are rated in order, next is {self.next_day}")
        return self._records

    def parts(self, day: date) -> Iterator[Records]:
        """The records of the next day, one chunk of lines at a time; the day is closed when the last was taken."""
        if day != self.next_day:
            raise ValueError(f"usage of {day} is not next: days are rated in order, next is {self.next_day}")
        if day.day == 1:
            self._close_month()
        self._records = None
        self.active = self.world.on(day)
        self.today = Tally(self.world.lines.height, day)
        roster = Roster.of(self.world, day, self.active, self._off_net)
        yield from self._chunks(roster)
        is_prepaid = np.zeros(self.world.lines.height, bool)
        is_prepaid[roster.line] = self.tariffs.is_prepaid[roster.plan]
        self.month.add(self.today, is_prepaid)
        self.next_day = day + timedelta(days=1)

    def truth_day(self) -> pl.DataFrame:
        """One row per day, user_id and service (voice, sms, data) with usage, for the day that was generated last.

        Partial records count as one event; failed events count, with zero seconds. `events` and `seconds` hold both
        directions, `mo_*` outgoing ones; `billed_minutes` are the started minutes of each outgoing call, free or not.
        """
        return self.today.truth(self.world.lines["user_id"])

    def _chunks(self, roster: Roster) -> Iterator[Records]:
        settings, tally, cells = self.world.settings, self.today, self.world.geography.cells
        exchange = Exchange(
            roster,
            self.world.peer_line,
            self.world.staff.colleagues.peer_line,
            settings.rng("calls at work", roster.day),
            self._off_net,
            self.tariffs,
        )
        best_rat = device_rat(roster)
        call_rng, data_rng = settings.rng("calls", roster.day), settings.rng("sessions", roster.day)
        next_ref = next_id = roster.day.toordinal() * REFS_PER_DAY
        for start in range(0, max(roster.rows, 1), LINES_PER_CHUNK):
            lines = slice(start, min(start + LINES_PER_CHUNK, roster.rows))
            voice = exchange.events("voice", lines, self._used["voice"], call_rng, next_ref)
            next_ref += 2 * len(voice.ref)
            sms = exchange.events("sms", lines, self._used["sms"], call_rng, next_ref)
            next_ref += 2 * len(sms.ref)
            chunk = sessions(roster, lines, self._used["data"], self.tariffs, data_rng)
            tally.count_calls(roster, "voice", voice)
            tally.count_calls(roster, "sms", sms)
            tally.count_sessions(roster, chunk)
            data = data_record(
                roster, chunk, best_rat=best_rat, apn=self._apn, cells=cells, rng=data_rng, first_id=next_id
            )
            next_id += len(chunk.row)
            yield cdr(roster, voice, sms, cells, call_rng), data

    def _close_month(self) -> None:
        self.last_month, self.month = self.month, Month.empty(self.world.lines.height)
        for used in self._used.values():
            used[:] = 0


def device_rat(roster: Roster) -> np.ndarray:
    """The best radio technology of each row's device, as a position in RATS; unknown devices do 4G."""
    order = {name: code for code, name in enumerate(RATS)}
    best = {str(tac): order[rat] for tac, rat in zip(MODELS["tac"], MODELS["rat"], strict=True)}
    return roster.imei.str.slice(0, 8).replace_strict(best, default=order["4G"], return_dtype=pl.Int8).to_numpy()
