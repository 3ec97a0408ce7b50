"""Local times become UTC as the zone's own rules say, and back, whatever the zone."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipelines.engine.zones import to_local_sql, to_utc_sql, transitions

ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"]


def converted(moments: list[datetime], conversion: Callable[[str, ZoneInfo], str], zone: ZoneInfo) -> list[datetime]:
    listed = ", ".join(f"({number}, timestamp '{moment}')" for number, moment in enumerate(moments))
    query = f"select {conversion('moment', zone)} from (values {listed}) as given(number, moment) order by number"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def as_utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(tzinfo=None)


def as_local(utc: datetime, zone: ZoneInfo) -> datetime:
    return utc.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize("name", ZONES)
def test_conversion_equals_that_of_the_zone_database(name: str) -> None:
    zone, draw = ZoneInfo(name), random.Random(name)
    moments = [datetime(1970, 1, 2) + timedelta(seconds=draw.randrange(90 * 365 * 86400)) for _ in range(500)]
    assert converted(moments, to_utc_sql, zone) == [as_utc(moment, zone) for moment in moments]
    assert converted(moments, to_local_sql, zone) == [as_local(moment, zone) for moment in moments]


@pytest.mark.parametrize("name", ZONES)
def test_every_change_of_the_clock_is_met_to_the_second(name: str) -> None:
    zone = ZoneInfo(name)
    around = [timedelta(seconds=seconds) for seconds in (-3600, -1, 0, 1, 1799, 1800, 3599, 3600)]
    utc = [instant + step for instant, _, _ in transitions(zone) if 2015 < instant.year < 2035 for step in around]
    local = [as_local(moment, zone) for moment in utc]
    assert not utc or converted(utc, to_local_sql, zone) == local
    assert not utc or converted(local, to_utc_sql, zone) == [as_utc(moment, zone) for moment in local]
