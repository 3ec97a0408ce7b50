"""Where leavers go: another operator, with their number or under a new one, and the few ports that are reversed.

Partners of somebody who left go on calling him: at his old number if he took it along, else at the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.synthetic import changes, frames, identifiers
from pipelines.synthetic.changes import Kind, Log
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.life import SPREADING
from pipelines.synthetic.numbers import TELECOM, UNICOM
from pipelines.synthetic.population import HANDSET, Lines
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.state import NEVER, State

OPERATORS = ("unicom", "telecom")
OPERATOR_CODES = np.array([UNICOM, TELECOM], dtype=np.int8)
OPERATOR_SHARES = (0.55, 0.45)
PREFIXES = (identifiers.UNICOM_PREFIXES, identifiers.TELECOM_PREFIXES)
CHANGING_SHARE = 0.75  # of those who leave dissatisfied with their number left behind: the others give up the telephone
REVERSED_SHARE = 0.08  # of the ports to others: done by mistake, or against the customer's will
REVERSED_DAYS = (1, 10)  # after the port


@dataclass(frozen=True)
class Leaving:
    """`log` has the lines that came back with their number. `since`: by line, the day number from which its user has
    another operator, far in the future without; `place` is then his position in `number` and `operator`.

    `movers` has one row per position: line, recipient (position in OPERATORS), number, at (epoch seconds), is_told
    (by the clearing house) and reversed_at (0 without).
    """

    log: Log
    movers: pl.DataFrame
    since: np.ndarray
    place: np.ndarray

    @cached_property
    def number(self) -> pl.Series:
        return identifiers.text(self.movers["number"].to_numpy())

    @cached_property
    def operator(self) -> np.ndarray:
        return OPERATOR_CODES[self.movers["recipient"].to_numpy()]

    @property
    def reversed(self) -> pl.DataFrame:
        """The ports that were undone."""
        return self.movers.filter(pl.col("reversed_at") > 0)


def leave(
    settings: Settings, log: Log, state: State, held: Lines, left_before: np.ndarray, numbers_ported: int
) -> Leaving:
    """Who went where. `left_before` are the lines of leavers who came back under a new number.

    The lines that come back with a reversed port live on in `state`.
    """
    history = changes.history(log, state.first)
    moves = porting(history)
    ports = moves.with_columns(recipient=other_operator(settings.rng("porting"), moves)).filter(kind=Kind.PORT_OUT)
    rng = settings.rng("leavers")
    gone = np.isin(state.cause, SPREADING) & (state.terminated_at < NEVER) & (held.line_type == HANDSET)
    gone &= (held.person >= 0) & ~state.is_fake
    gone[left_before] = False
    gone[ports["line"].to_numpy()] = False
    silent = np.flatnonzero(gone & (rng.random(len(held)) < CHANGING_SHARE))
    recipient = rng.choice(len(OPERATORS), size=len(silent), p=OPERATOR_SHARES)
    movers = pl.concat(
        [
            ports.select("line", "recipient", "number", "at", is_told=pl.lit(True)),
            pl.DataFrame(
                {
                    "line": silent.astype(np.int32), "recipient": recipient,
                    "number": _new_numbers(recipient, numbers_ported), "at": state.terminated_at[silent],
                    "is_told": np.zeros(len(silent), dtype=bool),
                }
            ),
        ]
    )  # fmt: skip
    back = _reversed_at(settings, movers, np.isin(movers["line"].to_numpy(), left_before))
    movers = movers.with_columns(reversed_at=pl.Series(back))
    line, is_back = movers["line"].to_numpy(), back > 0
    state.terminated_at[line[is_back]] = NEVER
    state.fades_from[line[is_back]] = NEVER
    log = Log(list(log.chunks))
    log.add(line[is_back], back[is_back], Kind.REACTIVATE)
    since = np.full(len(held), np.iinfo(np.int32).max, dtype=np.int32)
    since[line] = movers["at"].to_numpy() // DAY
    place = np.full(len(held), -1, dtype=np.int32)
    place[line] = np.arange(len(line))
    return Leaving(log, movers, since, place)


def porting(history: pl.DataFrame) -> pl.DataFrame:
    """One row per number that came or went."""
    return history.filter(pl.col("kind").is_in([Kind.PORT_IN, Kind.PORT_OUT])).select("line", "at", "kind", "number")


def other_operator(rng: np.random.Generator, moves: pl.DataFrame) -> pl.Series:
    """The operator that each number came from, which is told by its prefix, or went to; positions in OPERATORS."""
    home = np.isin(moves["number"].to_numpy() // identifiers.SUFFIXES, identifiers.TELECOM_PREFIXES)
    comes = moves["kind"].to_numpy() == Kind.PORT_IN
    chosen = rng.choice(len(OPERATORS), size=len(moves), p=OPERATOR_SHARES)
    return pl.Series(np.where(comes, home.astype(np.int64), chosen))


def truth(leaving: Leaving, lines: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """One row per line that went to another operator in the delivered days; `is_told`: the clearing house tells of it.

    `new_msisdn` is where its user is reached from then on, the old number if it was ported.
    """
    movers = leaving.movers
    number = leaving.number
    ends = pl.lit(settings.end + timedelta(days=1))
    return movers.select(
        user_id=lines["user_id"].gather(movers["line"]),
        recipient=pl.Series(OPERATORS).gather(movers["recipient"]),
        is_told="is_told",
        left_at=frames.local(movers["at"]),
        new_msisdn=number,
        is_reversed=pl.col("reversed_at") > 0,
    ).filter(pl.col("left_at") >= pl.lit(settings.first_day), pl.col("left_at") < ends)


def _new_numbers(recipient: np.ndarray, numbers_ported: int) -> np.ndarray:
    """A number of the recipient's own for each, none of which ever came here with a port."""
    number = np.empty(len(recipient), dtype=np.int64)
    unused = numbers_ported // len(identifiers.FOREIGN_PREFIXES) + 1
    for operator, prefixes in enumerate(PREFIXES):
        mine = np.flatnonzero(recipient == operator)
        number[mine] = identifiers.msisdn(unused * len(prefixes) + np.arange(len(mine)), prefixes)
    return number


def _reversed_at(settings: Settings, movers: pl.DataFrame, is_left: np.ndarray) -> np.ndarray:
    """When each mover's port was undone, 0 for nearly all; only ports of the delivered days, undone within them."""
    rng, at = settings.rng("reversed ports"), movers["at"].to_numpy()
    back = at // DAY * DAY + rng.integers(*REVERSED_DAYS, size=len(at)) * DAY
    back += rng.integers(9 * 3600, 18 * 3600, size=len(at))
    may = (rng.random(len(at)) < REVERSED_SHARE) & movers["is_told"].to_numpy() & ~is_left
    may &= (at >= epoch_day(settings.first_day) * DAY) & (back < (epoch_day(settings.end) + 1) * DAY)
    return np.where(may, back, 0)
