"""Local time to UTC and back in plain SQL arithmetic: ICU, which DuckDB would ask row by row, costs seconds."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST, LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)  # outside, the offsets of the borders hold
WEEK = timedelta(weeks=1)  # no zone changes its offset twice within one
RECENT = datetime(2020, 1, 1)  # most rows are younger: their branch comes first


@cache
def transitions(zone: ZoneInfo) -> tuple[tuple[datetime, int, int], ...]:
    """UTC instant, seconds of offset before, seconds of offset after, for every change of the zone's offset."""

    def offset(moment: datetime) -> int:
        return int(zone.utcoffset(moment.replace(tzinfo=UTC).astimezone(zone)).total_seconds())  # ty: ignore

    found, moment, before = [], FIRST, offset(FIRST)
    while moment < LAST:
        after = offset(moment + WEEK)
        if after != before:
            low, high = 0, int(WEEK.total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(moment + timedelta(seconds=middle)) == before else (low, middle)
            found.append((moment + timedelta(seconds=high), before, after))
        moment, before = moment + WEEK, after
    return tuple(found)


def to_utc_sql(local: str, zone: ZoneInfo) -> str:
    """SQL of a local timestamp as UTC. An hour that happens twice is taken as the first of the two."""
    steps = [
        (instant + timedelta(seconds=max(before, after)), before, after)
        for instant, before, after in transitions(zone)
    ]  # fmt: skip
    return _piecewise(local, steps, "-", zone)


def to_local_sql(utc: str, zone: ZoneInfo) -> str:
    """SQL of a UTC timestamp as the zone's local time."""
    return _piecewise(utc, list(transitions(zone)), "+", zone)


def _piecewise(value: str, steps: list[tuple[datetime, int, int]], sign: str, zone: ZoneInfo) -> str:
    """`value` shifted by the offset in force: the youngest past pieces are tried first."""
    past = [step for step in steps if step[0] <= RECENT]
    future = [step for step in steps if step[0] > RECENT]
    start = datetime(2020, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
    current = past[-1][2] if past else (future[0][1] if future else int(start.total_seconds()))
    branches = [f"when {value} < {_moment(moment)} then {before}" for moment, before, _ in future[1:]]
    last = future[-1][2] if future else current
    recent = f"when {value} >= {_moment(past[-1][0])} then {current}" if past else ""
    older = [f"when {value} >= {_moment(moment)} then {after}" for moment, _, after in reversed(past[:-1])]
    oldest = past[0][1] if past else current
    early = f"case {recent} {' '.join(older)} else {oldest} end" if past else str(oldest)
    if future:
        late = f"case {' '.join(branches)} else {last} end" if branches else str(last)
        early = f"case when {value} < {_moment(future[0][0])} then {early} else {late} end"
    return f"({value} {sign} to_seconds({early}))"


def _moment(moment: datetime) -> str:
    return f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'"
