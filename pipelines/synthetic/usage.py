"""The usage of the synthetic operator: every call, message and data session of a day, rated, and its exact truth.

Events are made for chunks of lines, line after line and in order of time within a line, so that rating is a running sum
and memory is bounded by the chunk. State is a few integers per line: allowances used and charges of the month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.calls import Calls, Exchange, Service, cdr
from pipelines.synthetic.devices import MODELS
from pipelines.synthetic.numbers import OPERATORS, OffNet
from pipelines.synthetic.rating import Tariffs, decimals
from pipelines.synthetic.roster import ABROAD, Roster
from pipelines.synthetic.sessions import RATS, Sessions, data_record, sessions
from pipelines.synthetic.world import World

LINES_PER_CHUNK = 65_536
REFS_PER_DAY = 10**11
ITEMS = ("voice", "sms", "data", "roaming")
TRUTH = ("events", "mo_events", "seconds", "mo_seconds", "billed_minutes", "bytes_up", "bytes_down", "charge")


def integers(size: int) -> np.ndarray:
    return np.zeros(size, np.int64)


@dataclass
class Tally:
    """What lines used on one day: an array per truth column of each service, and the charges made abroad."""

    lines: int
    day: date
    counts: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    roaming: np.ndarray = field(init=False)
    exchanged: np.ndarray = field(default_factory=lambda: np.zeros((2, 2, len(OPERATORS), 2), np.int64))

    def __post_init__(self) -> None:
        self.roaming = integers(self.lines)

    def add(self, service: str, column: str, line: np.ndarray, values: np.ndarray | int) -> None:
        if (service, column) not in self.counts:
            self.counts[service, column] = integers(self.lines)
        np.add.at(self.counts[service, column], line, values)

    def of(self, service: str, column: str) -> np.ndarray:
        return self.counts.get((service, column), integers(self.lines))

    def charge(self, item: str) -> np.ndarray:
        """Micro-yuan by line; whatever was charged abroad is the item roaming."""
        return self.roaming if item == "roaming" else self.of(item, "charge") - self.of(item, "roaming")


@dataclass
class Month:
    """What a calendar month adds up to, by item in micro-yuan: charges of postpaid days by line, of prepaid days in all.

    `exchanged` counts by service (voice, sms), direction (in, out), operator: events and seconds.
    """

    billable: dict[str, np.ndarray]
    prepaid: dict[str, int]
    exchanged: np.ndarray
    volume: dict[str, int]

    @classmethod
    def empty(cls, lines: int) -> Month:
        return cls(
            {item: integers(lines) for item in ITEMS},
            dict.fromkeys(ITEMS, 0),
            np.zeros((2, 2, len(OPERATORS), 2), np.int64),
            dict.fromkeys(("voice_minutes", "messages", "data_bytes"), 0),
        )

    def add(self, tally: Tally, is_prepaid: np.ndarray) -> None:
        """Add a day; `is_prepaid` says which lines paid for it in advance."""
        for item in ITEMS:
            charge = tally.charge(item)
            self.prepaid[item] += int(charge[is_prepaid].sum())
            self.billable[item] += np.where(is_prepaid, 0, charge)
        self.exchanged += tally.exchanged
        self.volume["voice_minutes"] += int(tally.of("voice", "seconds").sum()) // 60
        self.volume["messages"] += int(tally.of("sms", "events").sum())
        self.volume["data_bytes"] += int(tally.of("data", "bytes_up").sum() + tally.of("data", "bytes_down").sum())


class Usage:
    """The days of a world in order: each is generated once, from the first day on; the last one stays at hand."""

    def __init__(self, world: World) -> None:
        lines = world.lines.height
        self.world = world
        self.tariffs = Tariffs.of(world.plans)
        self.month = Month.empty(lines)
        self.last_month = Month.empty(lines)
        self.next_day = world.settings.first_day
        self._used = {service: integers(lines) for service in ("voice", "sms", "data")}
        self._off_net = OffNet.drawn(world.settings.rng("numbers outside"), lines)
        self._cells = world.geography.cells
        self._apn = np.where(
            (world.lines["line_type"] == "m2m").to_numpy(), 2, world.lines["line"].to_numpy() % 20 == 0
        )
        self._tally = Tally(lines, self.next_day - timedelta(days=1))
        self.active = world.lines.clear()
        self._frames: tuple[pl.DataFrame, pl.DataFrame] | None = None

    def day(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The call and the data records of a day, after generating the days before it that nobody asked for."""
        while self.next_day < day:
            for _ in self.parts(self.next_day):
                pass
        if self.next_day == day:
            parts = list(self.parts(day))
            self._frames = pl.concat([part[0] for part in parts]), pl.concat([part[1] for part in parts])
        if self._frames is None or self._tally.day != day:
            raise ValueError(f"usage of {day} was already generated: days are rated in order, next is {self.next_day}")
        return self._frames

    def parts(self, day: date) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """The records of the next day, one chunk of lines at a time; the day is closed when the last was taken."""
        if day != self.next_day:
            raise ValueError(f"usage of {day} is not next: days are rated in order, next is {self.next_day}")
        if day.day == 1:
            self._close_month()
        settings = self.world.settings
        self.active = self.world.on(day)
        roster = Roster.of(self.world, day, self.active, self._off_net)
        exchange = Exchange(roster, self.world.peer_line, self._off_net, self.tariffs)
        best_rat = device_rat(roster)
        self._frames = None
        self._tally = tally = Tally(self.world.lines.height, day)
        rng, data_rng = settings.rng("calls", day), settings.rng("sessions", day)
        first_ref = first_id = day.toordinal() * REFS_PER_DAY
        for start in range(0, max(roster.rows, 1), LINES_PER_CHUNK):
            lines = slice(start, min(start + LINES_PER_CHUNK, roster.rows))
            voice = exchange.events("voice", lines, self._used["voice"], rng, first_ref)
            first_ref += 2 * len(voice.ref)
            sms = exchange.events("sms", lines, self._used["sms"], rng, first_ref)
            first_ref += 2 * len(sms.ref)
            chunk = sessions(roster, lines, self._used["data"], self.tariffs, data_rng)
            count_calls(tally, roster, "voice", voice)
            count_calls(tally, roster, "sms", sms)
            count_sessions(tally, roster, chunk)
            yield (
                cdr(roster, voice, sms, self._cells, rng),
                data_record(
                    roster,
                    chunk,
                    best_rat=best_rat,
                    apn=self._apn,
                    cells=self._cells,
                    rng=data_rng,
                    first_id=first_id,
                ),
            )
            first_id += len(chunk.row)
        is_prepaid = np.zeros(self.world.lines.height, bool)
        is_prepaid[roster.line] = self.tariffs.is_prepaid[roster.plan]
        self.month.add(tally, is_prepaid)
        self.next_day = day + timedelta(days=1)

    def _close_month(self) -> None:
        self.last_month, self.month = self.month, Month.empty(self.world.lines.height)
        for used in self._used.values():
            used[:] = 0

    @property
    def today(self) -> Tally:
        """The totals of the day that was generated last."""
        return self._tally

    def truth_day(self) -> pl.DataFrame:
        """One row per day, user_id and service (voice, sms, data) with usage, for the day that was generated last.

        Partial records count as one event; failed events count, with zero seconds. `events` and `seconds` hold both
        directions, `mo_*` outgoing ones; `billed_minutes` are the started minutes of each outgoing call, free or not.
        """
        tally, frames = self._tally, []
        for service in ("voice", "sms", "data"):
            line = np.flatnonzero(tally.of(service, "events"))
            columns = {name: tally.of(service, name)[line] for name in TRUTH}
            charge_amt = decimals(columns.pop("charge"), 6)
            frames.append(
                pl.DataFrame({"user_id": self.world.lines["user_id"].gather(line), **columns, "charge_amt": charge_amt})
                .with_columns(day=pl.lit(tally.day), service=pl.lit(service))
                .select("day", "user_id", "service", *columns, "charge_amt")
            )
        return pl.concat(frames)


def count_calls(tally: Tally, roster: Roster, service: Service, calls: Calls) -> None:
    line, outgoing = roster.line[calls.row], np.flatnonzero(calls.is_outgoing)
    charged = np.flatnonzero(calls.charge)
    abroad = charged[roster.roam[calls.row[charged]] == ABROAD]
    tally.add(service, "events", line, 1)
    tally.add(service, "mo_events", line[outgoing], 1)
    tally.add(service, "charge", line[charged], calls.charge[charged])
    tally.add(service, "roaming", line[abroad], calls.charge[abroad])
    np.add.at(tally.roaming, line[abroad], calls.charge[abroad])
    if service == "voice":
        tally.add(service, "seconds", line, calls.duration_s)
        tally.add(service, "mo_seconds", line[outgoing], calls.duration_s[outgoing])
        tally.add(service, "billed_minutes", line[outgoing], calls.minutes[outgoing])
    kind = roster.operator[calls.other] + len(OPERATORS) * calls.is_outgoing
    for place, weights in enumerate((None, calls.duration_s)):
        sums = np.bincount(kind, weights=weights, minlength=2 * len(OPERATORS)).astype(np.int64)
        tally.exchanged[int(service == "sms"), :, :, place] += sums.reshape(2, len(OPERATORS))


def count_sessions(tally: Tally, roster: Roster, chunk: Sessions) -> None:
    line, charged = roster.line[chunk.row], np.flatnonzero(chunk.charge)
    abroad = charged[roster.roam[chunk.row[charged]] == ABROAD]
    tally.add("data", "events", line, 1)
    tally.add("data", "mo_events", line, 1)
    tally.add("data", "bytes_up", line, chunk.bytes_up)
    tally.add("data", "bytes_down", line, chunk.bytes_down)
    tally.add("data", "charge", line[charged], chunk.charge[charged])
    tally.add("data", "roaming", line[abroad], chunk.charge[abroad])
    np.add.at(tally.roaming, line[abroad], chunk.charge[abroad])


def device_rat(roster: Roster) -> np.ndarray:
    """The best radio technology of each line's device on the day, as a position in RATS; unknown devices do 4G."""
    order = {name: code for code, name in enumerate(RATS)}
    best = {str(tac): order[rat] for tac, rat in zip(MODELS["tac"], MODELS["rat"], strict=True)}
    return roster.imei.str.slice(0, 8).replace_strict(best, default=order["4G"], return_dtype=pl.Int8).to_numpy()
