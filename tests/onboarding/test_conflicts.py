"""Systems that state the same thing differently: listed with counts and examples, resolved in the declared order."""

import shutil
from collections.abc import Generator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.engine.declaration import DeclarationError
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import run_nights
from pipelines.engine.precedence import precedence_tables
from pipelines.engine.rebuild import rebuild
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

DAYS = 20
LAST = date(2026, 2, 10)
FIRST = LAST - timedelta(days=DAYS - 1)
Rows = list[tuple[Any, ...]]
DECLARED = """
attributes:
  colour:
    description: Colour of a thing.
    subject: thing_key
    sources:
      - {name: shop, from: shop, value: "nullif(colour, '-')", newest: told_on desc}
      - {name: maker, from: maker, subject: thing_no, value: colour, where: is_sold, newest: thing_no}
"""
GIVEN = """
create table shop as from (values
    (1, 'red', 1), (1, 'blue', 2), (2, '-', 1), (3, 'green', 1), (5, 'red', 1)) as t (thing_key, colour, told_on);
create table maker as from (values
    (1, 'red', true), (2, 'black', true), (3, 'green', true), (4, 'white', true), (5, 'blue', false)
    ) as t (thing_no, colour, is_sold);
"""


def answers(tmp_path: Path, text: str = DECLARED) -> dict[str, Rows]:
    path = tmp_path / "pipelines" / "core" / "precedence.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with duckdb.connect() as connection:
        connection.execute(GIVEN)
        return {
            name: connection.execute(f"select * from ({query}) order by all").fetchall()
            for name, _, query, _ in precedence_tables(tmp_path)
        }


def test_the_first_source_that_states_a_value_counts_and_its_newest_statement(tmp_path: Path) -> None:
    assert answers(tmp_path)["core.attribute_value"] == [
        ("colour", 1, "blue", "shop"),
        ("colour", 2, "black", "maker"),
        ("colour", 3, "green", "shop"),
        ("colour", 4, "white", "maker"),
        ("colour", 5, "red", "shop"),
    ]


def test_what_both_state_is_compared_and_what_they_state_differently_is_shown(tmp_path: Path) -> None:
    assert answers(tmp_path)["core.attribute_conflict"] == [("colour", "shop", "maker", 2, 1, "1: blue / red")]


def test_one_source_is_no_question_of_precedence(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="at least 2 items"):
        answers(tmp_path, DECLARED[: DECLARED.index("      - {name: maker")])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """500 subscribers and twenty days with many faults, closed in one night."""
    home = Home(tmp_path_factory.mktemp("conflicts")).prepared()
    synthesise(Settings(subscribers=500, days=DAYS, end=LAST, faults="heavy", out=home.root))
    report = run_nights(home, FIRST, LAST)
    assert report.status == "published", report.failures
    return home


@pytest.fixture
def warehouse(home: Home, tmp_path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """A copy that a test may change."""
    shutil.copyfile(home.warehouse, tmp_path / "copy.duckdb")
    with duckdb.connect(tmp_path / "copy.duckdb") as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set variable time_zone = 'Asia/Shanghai'")
        connection.execute(f"set variable from_day = date '{FIRST}'; set variable to_day = date '{LAST}'")
        yield connection


def test_attributes_of_the_operator_differ_between_its_systems(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select attribute, min(conflicts), bool_and(examples is not null) from core.attribute_conflict "
        "where conflicts > 0 group by attribute order by attribute"
    ).fetchall()

    assert {attribute for attribute, _, _ in found} >= {"area_id", "outlet_id"}
    assert all(conflicts > 0 and is_shown for _, conflicts, is_shown in found)


@pytest.mark.parametrize("attribute", ["status_type", "plan_id", "account_key", "outlet_id"])
def test_the_dimension_holds_what_the_precedence_says(attribute: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Also where the first source states nothing: the record of every tenth line is made to forget its outlet."""
    warehouse.execute("update stg_provisioning.subscription set outlet_id = '0' where subscription_key % 10 = 0")
    query = (PROJECT / "pipelines" / "core" / "dim_subscription.sql").read_text()
    differing = warehouse.execute(
        f"""select count(*), count(*) filter (line.{attribute}::varchar is distinct from stated.value)
        from ({query}) as line
        left join core.attribute_value as stated
            on line.subscription_key = stated.subject_key and stated.attribute = '{attribute}'"""
    ).fetchall()

    assert differing[0][0] > 250 and differing[0][1] == 0
    nameless = warehouse.execute(
        f"select count(*) from ({query}) where outlet_id = '0' or outlet_id is null"
    ).fetchall()
    assert nameless == [(0,)]


def test_a_row_that_a_join_drops_is_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    rule = (PROJECT / "quality" / "rules" / "no_row_is_lost_in_a_join.sql").read_text()
    assert warehouse.execute(rule).fetchall() == []

    (given,) = warehouse.execute("select count(*) from core.fct_recharge").fetchall()[0]
    warehouse.execute(
        "delete from core.fct_recharge where recharge_no = (select min(recharge_no) from core.fct_recharge)"
    )
    assert warehouse.execute(rule).fetchall() == [("recharges into core.fct_recharge", given, given - 1, 1)]


def test_a_code_without_a_meaning_is_told_with_its_count_and_an_example(warehouse: duckdb.DuckDBPyConnection) -> None:
    rule = (PROJECT / "quality" / "rules" / "every_source_code_is_mapped.sql").read_text()
    assert warehouse.execute(rule).fetchall() == []

    warehouse.execute("update stg_provisioning.status_history set event_type = 'barred' where event_no <= 2")
    query = (PROJECT / "pipelines" / "core" / "fct_subscription_event.sql").read_text()
    warehouse.execute(f"create or replace table core.fct_subscription_event as {query}")
    assert warehouse.execute(rule).fetchall() == [("status_type", "provisioning", "barred", 2, 1)]


def test_codes_and_conflicts_of_a_night_equal_those_of_its_rebuild(home: Home) -> None:
    assert [table.table for table in rebuild(home, LAST).differing] == []
