"""Real files of two more source systems, onboarded with the YAML and SQL in `onboarded/` and nothing else."""

import os
import shutil
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import Night
from tests.public_data import public

FILES = {
    "copenhagen_cns": ("calls.csv", "sms.csv"),
    "ibm_telco": ("Telco-Customer-Churn.csv",),
}
STAGED = ("stg_copenhagen_cns.call", "stg_copenhagen_cns.sms", "stg_ibm_telco.customer", "core.study_message")
DAY = date(2026, 1, 29)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Generator[Night]:
    """The night of a project that has the two systems beside all others, after it ingested and staged their files."""
    root = tmp_path_factory.mktemp("real")
    home = Home(root / "data").prepared()
    land_files(home)
    for folder in (PROJECT, Path(__file__).parent / "onboarded"):
        shutil.copytree(folder / "pipelines" / "sources", root / "pipelines" / "sources", dirs_exist_ok=True)
        shutil.copytree(folder / "pipelines" / "core", root / "pipelines" / "core", dirs_exist_ok=True)
    with Night(home, DAY, DAY, project=root) as night:
        night.ingest()
        night.build(STAGED)
        yield night


def land_files(home: Home) -> None:
    """Without manifest a file counts as received when it was last written: here at noon of its day."""
    written = datetime(2026, 1, 29, 12, tzinfo=UTC).timestamp()
    for system, names in FILES.items():
        (home.landing / system).mkdir()
        for name in names:
            shutil.copyfile(public(f"{system}/{name}"), home.landing / system / name)
            os.utime(home.landing / system / name, (written, written))


def rows(night: Night, query: str) -> list[tuple[Any, ...]]:
    return night.connection.execute(query).fetchall()


def test_the_lake_holds_every_row_of_the_real_files(night: Night) -> None:
    assert night.failures == []
    assert rows(
        night, "select system, table_name, status, row_count, rejected from ops.delivery order by row_count"
    ) == [
        ("copenhagen_cns", "call", "loaded", 3_600, 0),
        ("ibm_telco", "customer", "loaded", 7_043, 0),
        ("copenhagen_cns", "sms", "loaded", 24_333, 0),
    ]
    assert rows(night, "select count(*) from raw_copenhagen_cns.call") == [(3_600,)]
    assert rows(night, "select count(*) from raw_copenhagen_cns.sms") == [(24_333,)]
    assert rows(night, "select count(*) from raw_ibm_telco.customer") == [(7_043,)]


def test_a_duration_of_minus_one_is_a_missed_call_and_zero_a_short_one(night: Night) -> None:
    query = """
        select count(*) filter (where duration_s is null) as missed, count(*) filter (where duration_s = 0) as short,
            count(*) filter (where duration_s > 0) as answered, sum(duration_s) as seconds
        from stg_copenhagen_cns.call
    """
    assert rows(night, query) == [(366, 580, 2_654, 204_813)]


def test_seconds_since_the_start_become_moments_of_28_days(night: Night) -> None:
    first_call = "select started_at, duration_s from stg_copenhagen_cns.call where row_no = 1"
    assert rows(night, first_call) == [(datetime(2026, 1, 1, 0, 3, 4), 121)]
    assert rows(night, "select date_diff('day', min(sent_at), max(sent_at)) + 1 from stg_copenhagen_cns.sms") == [(28,)]


def test_core_reports_the_21_duplicate_messages_it_removes(night: Night) -> None:
    query = "select count(*), sum(removed_copies) from core.study_message"
    assert rows(night, query) == [(24_333 - 21, 21)]


def test_eleven_blank_charges_are_null_and_all_of_new_customers(night: Night) -> None:
    query = "select count(*), max(tenure_months) from stg_ibm_telco.customer where total_charge_amt is null"
    assert rows(night, query) == [(11, 0)]
    assert rows(night, "select count(*) from stg_ibm_telco.customer where has_left") == [(1_869,)]


def test_callers_and_texters_are_the_same_people_under_keys(night: Night) -> None:
    """The second rows are 3920,512,299,670 (a call) and 37,512,370 (a message)."""
    query = """
        select call.caller_key = message.sender_key from stg_copenhagen_cns.call, stg_copenhagen_cns.sms as message
        where call.row_no = 2 and message.row_no = 2
    """
    assert rows(night, query) == [(True,)]
