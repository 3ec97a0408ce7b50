"""A table whose definition changed is filled again from the lake: in place, or made anew when its columns changed."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
from pipelines.engine.rebuild import backfill
from pipelines.engine.table import HeaderError
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

FIRST, LAST = date(2026, 2, 26), date(2026, 2, 27)
TABLE = "core.contact_day"
CONTENT = f"select count(*), sum(calls_made), bit_xor(hash({TABLE.split('.')[1]})) from {TABLE}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("backfill"))
    synthesise(Settings(subscribers=100, days=2, end=LAST, seed=5, faults="none", out=home.root))
    assert run_nights(home, FIRST, LAST).status == "published"
    return home


def asked(warehouse: Path, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect(warehouse) as db:
        return db.execute(question).fetchall()


def test_rows_of_another_definition_are_replaced_from_the_day_asked_for(home: Home) -> None:
    whole = asked(home.warehouse, CONTENT)
    asked(home.warehouse, f"update {TABLE} set calls_made = calls_made + 1 where day = date '{LAST}'")

    rows = backfill(home, TABLE, LAST)

    assert asked(home.warehouse, CONTENT) == whole
    assert whole[0][0] == rows


def test_a_table_of_other_columns_is_made_anew_from_the_first_day_and_refused_from_a_later_one(home: Home) -> None:
    whole = asked(home.warehouse, CONTENT)
    asked(home.warehouse, f"alter table {TABLE} rename column night_events to late_events")

    with pytest.raises(HeaderError, match=f"--from {FIRST}"):
        backfill(home, TABLE, LAST)
    backfill(home, TABLE, FIRST)

    assert asked(home.warehouse, CONTENT) == whole
    recorded = asked(home.warehouse, f"select row_count from ops.table_state where table_name = '{TABLE}'")
    assert recorded == [(whole[0][0],)]
