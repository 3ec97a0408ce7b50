"""Calls and messages of one chunk of lines: who contacts whom, when, for how long, and what it costs."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import polars as pl

from pipelines.synthetic.hours import CALLS
from pipelines.synthetic.numbers import OPERATORS, SHORT_CODES, OffNet
from pipelines.synthetic.rating import Tariffs, decimals, overage
from pipelines.synthetic.roster import ABROAD, AT_WORK, ROAM_TYPES, Roster

Service = Literal["voice", "sms"]
CAUSES = pl.Series(["normal", "partial", "dropped", "failed"])
NORMAL, PARTIAL, DROPPED, FAILED = range(4)
TRUNKS = pl.Series([None, "UNI-01", "TEL-01", "PSTN-01", "SP-01"], dtype=pl.String)
FAILED_SHARE, DROPPED_SHARE = 0.02, 0.01
SPREAD = 1.1  # sigma of the logarithm of a call's duration
LONGEST_S = 4 * 3600
PARTIAL_S = 1800  # the switch closes a record after half an hour
COLLEAGUE_SHARE = 0.5  # of the calls made in working hours by those who have colleagues
SHORT_CODE_SHARE = 0.5  # of incoming off-net messages: banks, shops, codes


@dataclass(frozen=True)
class Calls:
    """Events as the switch and the rating see them, before partial records: one entry per event and served line.

    `row` is the served line's row of the roster, `other` the position of the other number.
    """

    ref: np.ndarray
    row: np.ndarray
    other: np.ndarray
    start_s: np.ndarray
    duration_s: np.ndarray
    cause: np.ndarray
    is_outgoing: np.ndarray
    charge: np.ndarray
    is_free: np.ndarray

    @property
    def minutes(self) -> np.ndarray:
        return (self.duration_s.astype(np.int64) + 59) // 60

    def __add__(self, more: "Calls") -> "Calls":
        names = [field.name for field in fields(self)]
        return Calls(**{name: np.concatenate((getattr(self, name), getattr(more, name))) for name in names})


@dataclass(frozen=True)
class Exchange:
    """What calls are made from: the roster, the graphs of peers and colleagues, the numbers outside, and the tariffs.

    `work_rng` decides on calls at work alone, so that everybody else's calls do not depend on them.
    """

    roster: Roster
    peer_line: np.ndarray
    colleague_line: np.ndarray
    work_rng: np.random.Generator
    off_net: OffNet
    tariffs: Tariffs

    def events(
        self, service: Service, lines: slice, used: np.ndarray, rng: np.random.Generator, first_ref: int
    ) -> Calls:
        """All records that the calls or messages of a chunk of lines leave behind, rated; `used` moves on in place.

        On-net events give two records: ref of the caller's is even, the callee's is the next odd number.
        """
        outgoing = self._outgoing(service, lines, used, rng, first_ref)
        incoming = self._incoming(service, lines, rng, first_ref + 2 * len(outgoing.row))
        return outgoing + self._answered(service, outgoing) + incoming

    def _outgoing(
        self, service: Service, lines: slice, used: np.ndarray, rng: np.random.Generator, first_ref: int
    ) -> Calls:
        roster = self.roster
        counts = rng.poisson(0.5 * self._rate(service)[lines])
        row = np.repeat(np.arange(lines.start, lines.stop, dtype=np.int32), counts)
        start_s = CALLS.times(rng, counts, roster.from_s[lines], roster.to_s[lines])
        other = self._partners(row, rng)
        if service == "voice" and self.roster.is_working_day:
            self._call_colleagues(row, start_s, other)
        duration_s, cause = self._durations(service, row, rng)
        unreachable = ~self._reachable(other, start_s) & (other < roster.rows)
        duration_s[unreachable], cause[unreachable] = 0, FAILED
        charge, is_free = self._rated(service, lines, counts, row, duration_s, cause, used)
        ref = first_ref + 2 * np.arange(len(row), dtype=np.int64)
        return Calls(ref, row, other, start_s, duration_s, cause, np.ones(len(row), bool), charge, is_free)

    def _answered(self, service: Service, outgoing: Calls) -> Calls:
        """The callee's record of every on-net event that reached an active line."""
        reached = np.flatnonzero(self._reachable(outgoing.other, outgoing.start_s))
        return self._received(
            service,
            ref=outgoing.ref[reached] + 1,
            row=outgoing.other[reached],
            other=outgoing.row[reached],
            start_s=outgoing.start_s[reached],
            duration_s=outgoing.duration_s[reached],
            cause=outgoing.cause[reached],
        )

    def _incoming(self, service: Service, lines: slice, rng: np.random.Generator, first_ref: int) -> Calls:
        roster = self.roster
        counts = rng.poisson(0.5 * (self._rate(service) * roster.offnet_share)[lines])
        row = np.repeat(np.arange(lines.start, lines.stop, dtype=np.int32), counts)
        other = self.off_net.contact(roster.line[row], rng.random(len(row), dtype=np.float32)) + roster.rows
        if service == "sms":
            short = np.flatnonzero(rng.random(len(row), dtype=np.float32) < SHORT_CODE_SHARE)
            other[short] = roster.rows + rng.integers(0, len(SHORT_CODES), len(short))
        duration_s, cause = self._durations(service, row, rng)
        return self._received(
            service,
            ref=first_ref + 2 * np.arange(len(row), dtype=np.int64),
            row=row,
            other=other.astype(np.int32),
            start_s=CALLS.times(rng, counts, roster.from_s[lines], roster.to_s[lines]),
            duration_s=duration_s,
            cause=cause,
        )

    def _received(
        self,
        service: Service,
        *,
        ref: np.ndarray,
        row: np.ndarray,
        other: np.ndarray,
        start_s: np.ndarray,
        duration_s: np.ndarray,
        cause: np.ndarray,
    ) -> Calls:
        """Received events cost nothing, except calls abroad."""
        none = np.zeros(len(row), bool)
        charge = np.zeros(len(row), np.int64)
        calls = Calls(ref, row, other, start_s, duration_s, cause, none, charge, none)
        if service == "voice":
            abroad = np.flatnonzero(self.roster.roam[row] == ABROAD)
            charge[abroad] = calls.minutes[abroad] * self.tariffs.roam_voice_price[self.roster.plan[row[abroad]]]
        return calls

    def _rate(self, service: Service) -> np.ndarray:
        return self.roster.voice_per_day if service == "voice" else self.roster.sms_per_day

    def _partners(self, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The other number of each outgoing event: a peer, the first of them most often, or a number outside."""
        roster = self.roster
        appetite = rng.random(len(row), dtype=np.float32)
        degree = roster.peer_count[row]
        slot = np.minimum((degree * appetite * appetite * appetite).astype(np.int32), degree - 1)
        outside = (rng.random(len(row), dtype=np.float32) < roster.offnet_share[row]) | (degree == 0)
        other = np.full(len(row), -1, np.int32)
        inside = np.flatnonzero(~outside)
        peer = self.peer_line[roster.peer_first[row[inside]] + slot[inside]]
        other[inside] = roster.position[peer]
        absent = other[inside] < 0
        outside = np.flatnonzero(other < 0)  # instead of a peer who is no longer there somebody outside is called
        contact = self.off_net.contact(roster.line[row[outside]], rng.random(len(outside), dtype=np.float32))
        other[outside] = contact + roster.rows
        gone = np.flatnonzero(absent)
        gone = gone[roster.left_since[peer[gone]] <= roster.day_number]
        other[inside[gone]] = roster.left_at + roster.left_place[peer[gone]]  # but who left is called where he is now
        return other

    def _call_colleagues(self, row: np.ndarray, start_s: np.ndarray, other: np.ndarray) -> None:
        """In working hours half of the calls of whoever has colleagues go to one of them, if he is there."""
        roster, rng = self.roster, self.work_rng
        at_work = (start_s >= AT_WORK.start * 3600) & (start_s < AT_WORK.stop * 3600)
        may = np.flatnonzero(at_work & (roster.colleague_count[row] > 0))
        caller = may[rng.random(len(may), dtype=np.float32) < COLLEAGUE_SHARE]
        slot = (roster.colleague_count[row[caller]] * rng.random(len(caller))).astype(np.int64)
        called = roster.position[self.colleague_line[roster.colleague_first[row[caller]] + slot]]
        other[caller[called >= 0]] = called[called >= 0]

    def _reachable(self, other: np.ndarray, start_s: np.ndarray) -> np.ndarray:
        """Whether the other number is a line of the roster that is active at that second."""
        roster = self.roster
        on_net = other < roster.rows
        callee = np.where(on_net, other, 0)
        return on_net & (start_s >= roster.from_s[callee]) & (start_s < roster.to_s[callee])

    def _durations(self, service: Service, row: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        luck = rng.random(len(row), dtype=np.float32)
        cause = np.zeros(len(row), np.int8)
        cause[luck < FAILED_SHARE] = FAILED
        if service == "sms":
            return np.zeros(len(row), np.int32), cause
        cause[(luck >= FAILED_SHARE) & (luck < FAILED_SHARE + DROPPED_SHARE)] = DROPPED
        middle = np.log(self.roster.call_s).astype(np.float32) - np.float32(SPREAD * SPREAD / 2)
        length = np.exp(rng.standard_normal(len(row), dtype=np.float32) * np.float32(SPREAD) + middle[row])
        duration_s = np.clip(length, 1, LONGEST_S).astype(np.int32)
        duration_s[cause == FAILED] = 0
        return duration_s, cause

    def _rated(
        self,
        service: Service,
        lines: slice,
        counts: np.ndarray,
        row: np.ndarray,
        duration_s: np.ndarray,
        cause: np.ndarray,
        used: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Charge and free-unit mark of outgoing events, in order of time against the month's allowance."""
        plan, tariffs = self.roster.plan[lines], self.tariffs
        if service == "voice":
            units = (duration_s.astype(np.int64) + 59) // 60
            allowance, price, roam_price = tariffs.voice_allowance, tariffs.voice_price, tariffs.roam_voice_price
        else:
            units = (cause != FAILED).astype(np.int64)
            allowance, price, roam_price = tariffs.sms_allowance, tariffs.sms_price, tariffs.roam_sms_price
        abroad = self.roster.roam[row] == ABROAD
        at_home = np.where(abroad, 0, units)
        chunk = self.roster.line[lines]
        used_so_far = used[chunk]
        over = overage(at_home, counts, used_so_far, allowance[plan])
        used[chunk] = used_so_far
        charge = over * price[self.roster.plan[row]]
        abroad_at = np.flatnonzero(abroad)
        charge[abroad_at] = units[abroad_at] * roam_price[self.roster.plan[row[abroad_at]]]
        return charge, (at_home > 0) & (over == 0)


def cdr(roster: Roster, voice: Calls, sms: Calls, cells: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The records of mediation; a call over half an hour becomes partial records, its charge on the last one."""
    calls = voice + sms
    service = np.concatenate((np.zeros(len(voice.row), np.int8), np.ones(len(sms.row), np.int8)))
    cell = roster.cell(rng, calls.row, calls.start_s)
    parts = np.maximum((calls.duration_s + PARTIAL_S - 1) // PARTIAL_S, 1)
    earlier = np.repeat(np.flatnonzero(parts > 1), parts[parts > 1] - 1)
    at = np.concatenate((np.arange(len(parts)), earlier)).astype(np.int32)
    first = np.searchsorted(earlier, earlier, side="left")
    row, other, cell = calls.row[at], calls.other[at], cell[at]
    zeros = np.zeros(len(earlier), np.int64)
    return pl.DataFrame(
        {
            "call_ref": calls.ref[at],
            "record_seq": np.concatenate((parts, np.arange(len(earlier)) - first + 1)).astype(np.int32),
            "served_msisdn": roster.number[row],
            "other_msisdn": roster.number[other],
            "imsi": roster.imsi[row],
            "imei": roster.imei[row],
            "start_at": roster.start_at(calls.start_s[at]),
            "duration_s": np.concatenate((calls.duration_s - PARTIAL_S * (parts - 1), zeros + PARTIAL_S)).astype(
                np.int32
            ),
            "service_type": pl.Series(["voice", "sms"])[service[at]],
            "direction": pl.Series(["mt", "mo"])[calls.is_outgoing[at].view(np.int8)],
            "lac": of_cell(cells["lac"], cell),
            "cell_id": of_cell(cells["cell_id"], cell),
            "roam_type": ROAM_TYPES[roster.roam[row]],
            "other_operator": OPERATORS[roster.operator[other]],
            "trunk": TRUNKS[roster.operator[other]],
            "cause": CAUSES[np.concatenate((calls.cause, (zeros + PARTIAL).astype(np.int8)))],
            "charge_amt": decimals(np.concatenate((calls.charge, zeros)), 6),
            "is_free_unit": calls.is_free[at].view(np.int8),
        }
    )


def of_cell(attribute: pl.Series, cell: np.ndarray) -> pl.Series:
    """An attribute of each event's cell; null where the cell is not ours (-1)."""
    values = attribute[np.maximum(cell, 0)]
    abroad = np.flatnonzero(cell < 0)
    return values.scatter(abroad, None) if len(abroad) else values
