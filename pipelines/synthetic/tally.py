"""What events add up to: exact totals per line of a day, and of a calendar month for the bills and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.calls import Calls, Service
from pipelines.synthetic.numbers import OPERATORS
from pipelines.synthetic.rating import decimals
from pipelines.synthetic.roster import ABROAD, Roster
from pipelines.synthetic.sessions import Sessions

ITEMS = ("voice", "sms", "data", "roaming")
TRUTH = ("events", "mo_events", "seconds", "mo_seconds", "billed_minutes", "bytes_up", "bytes_down", "charge")


def integers(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.int64)


def exchange_counts() -> np.ndarray:
    """Events and seconds by service (voice, sms), direction (in, out) and operator of the other number."""
    return integers(2, 2, len(OPERATORS), 2)


@dataclass
class Tally:
    """What lines used on one day: by service and truth column an array over all lines; `roaming` is the part abroad."""

    lines: int
    day: date
    counts: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    exchanged: np.ndarray = field(default_factory=exchange_counts)

    def of(self, service: str, column: str) -> np.ndarray:
        return self.counts.get((service, column), integers(self.lines))

    def charge(self, item: str) -> np.ndarray:
        """Micro-yuan by line; whatever was charged abroad is the item roaming."""
        if item == "roaming":
            return self.of("voice", item) + self.of("sms", item) + self.of("data", item)
        return self.of(item, "charge") - self.of(item, "roaming")

    def all_charges(self) -> np.ndarray:
        return self.of("voice", "charge") + self.of("sms", "charge") + self.of("data", "charge")

    def count_calls(self, roster: Roster, service: Service, calls: Calls) -> None:
        line, outgoing = roster.line[calls.row], np.flatnonzero(calls.is_outgoing)
        self._add(service, "events", line, 1)
        self._add(service, "mo_events", line[outgoing], 1)
        self._add_charges(service, roster, calls.row, calls.charge)
        if service == "voice":
            self._add(service, "seconds", line, calls.duration_s)
            self._add(service, "mo_seconds", line[outgoing], calls.duration_s[outgoing])
            self._add(service, "billed_minutes", line[outgoing], calls.minutes[outgoing])
        kind = roster.operator[calls.other] + len(OPERATORS) * calls.is_outgoing
        for place, weights in enumerate((None, calls.duration_s)):
            sums = np.bincount(kind, weights=weights, minlength=2 * len(OPERATORS)).astype(np.int64)
            self.exchanged[int(service == "sms"), :, :, place] += sums.reshape(2, len(OPERATORS))

    def count_sessions(self, roster: Roster, chunk: Sessions) -> None:
        line = roster.line[chunk.row]
        self._add("data", "events", line, 1)
        self._add("data", "mo_events", line, 1)
        self._add("data", "bytes_up", line, chunk.bytes_up)
        self._add("data", "bytes_down", line, chunk.bytes_down)
        self._add_charges("data", roster, chunk.row, chunk.charge)

    def truth(self, user_id: pl.Series) -> pl.DataFrame:
        """One row per line and service with events; `user_id` by line."""
        frames = []
        for service in ("voice", "sms", "data"):
            line = np.flatnonzero(self.of(service, "events"))
            columns = {name: self.of(service, name)[line] for name in TRUTH}
            charge_amt = decimals(columns.pop("charge"), 6)
            frame = pl.DataFrame({"user_id": user_id[line], **columns, "charge_amt": charge_amt})
            day, name = pl.lit(self.day).alias("day"), pl.lit(service).alias("service")
            frames.append(frame.select(day, "user_id", name, pl.all().exclude("user_id")))
        return pl.concat(frames)

    def _add(self, service: str, column: str, line: np.ndarray, values: np.ndarray | int) -> None:
        if (service, column) not in self.counts:
            self.counts[service, column] = integers(self.lines)
        np.add.at(self.counts[service, column], line, values)

    def _add_charges(self, service: str, roster: Roster, row: np.ndarray, charge: np.ndarray) -> None:
        charged = np.flatnonzero(charge)
        abroad = charged[roster.roam[row[charged]] == ABROAD]
        self._add(service, "charge", roster.line[row[charged]], charge[charged])
        self._add(service, "roaming", roster.line[row[abroad]], charge[abroad])


@dataclass
class Month:
    """Totals of a calendar month: micro-yuan by item, of postpaid days by line and of prepaid days in all; volumes."""

    billable: dict[str, np.ndarray]
    prepaid: dict[str, int]
    exchanged: np.ndarray = field(default_factory=exchange_counts)
    call_seconds: int = 0
    messages: int = 0
    data_bytes: int = 0

    @classmethod
    def empty(cls, lines: int) -> Month:
        return cls({item: integers(lines) for item in ITEMS}, dict.fromkeys(ITEMS, 0))

    def add(self, tally: Tally, is_prepaid: np.ndarray) -> None:
        """Add a day; `is_prepaid` says which lines paid for it in advance."""
        for item in ITEMS:
            charge = tally.charge(item)
            self.prepaid[item] += int(charge[is_prepaid].sum())
            self.billable[item] += np.where(is_prepaid, 0, charge)
        self.exchanged += tally.exchanged
        self.call_seconds += int(tally.of("voice", "seconds").sum())
        self.messages += int(tally.of("sms", "events").sum())
        self.data_bytes += int(tally.of("data", "bytes_up").sum() + tally.of("data", "bytes_down").sum())
