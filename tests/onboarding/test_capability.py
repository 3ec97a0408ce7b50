"""What is said to be lost without a source is what a night without it lacks; every table still builds."""

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import sqlglot
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
from pipelines.onboarding.capability import Capabilities, is_empty, row_sources
from tests.onboarding.conftest import LAST

KNOWN = Capabilities.of_project()
ABSENT = {name for name, system in KNOWN.systems.items() if system.optional} | {
    "billing", "channel", "catalogue",  # not optional, and yet no reason not to build
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(landed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """Rows of every table after one night over all days: with all systems, and without some."""
    found = {}
    for name, absent in (("all", set()), ("few", ABSENT)):
        home = Home(tmp_path_factory.mktemp(name)).prepared()
        ignored = shutil.ignore_patterns(*absent) if absent else None
        shutil.copytree(landed, home.landing, dirs_exist_ok=True, ignore=ignored)
        assert not {folder.name for folder in home.landing.iterdir()} & absent
        report = run_nights(home, date(2026, 1, 29), LAST)
        assert report.status == "published", report.failures
        with duckdb.connect(home.warehouse, read_only=True) as connection:
            stored = [table.name for table in KNOWN.tables.values() if table.header.refresh != "view"]
            found[name] = {
                table: connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table in stored
            }
    return found


def test_the_tables_said_to_be_dark_have_no_rows_and_others_only_where_something_is_lost(
    rows: dict[str, dict[str, int]],
) -> None:
    """What judges by what is lost may come out empty as well: nobody to name, in six days of 300 lines."""
    standings = KNOWN.without(ABSENT)
    filled = {name for name, count in rows["all"].items() if count}
    empty = {name for name in filled if not rows["few"][name]}
    dark = {name for name in filled if standings[name].state == "dark"}

    assert len(dark) > 10 and dark <= empty
    assert {name for name in empty - dark if standings[name].state != "partly"} == set()


def test_what_is_said_to_be_as_before_has_the_same_number_of_rows(rows: dict[str, dict[str, int]]) -> None:
    standings = KNOWN.without(ABSENT)
    kept = {name for name, standing in standings.items() if standing.state == "full"} & rows["all"].keys()

    assert {name for name in kept if rows["all"][name] != rows["few"][name]} == set()


@pytest.mark.parametrize(
    ("query", "empty", "gives_rows"),
    [
        ("select 1 as x from s.gone", True, {"s.gone"}),
        ("select 1 as x from s.kept left join s.gone on true", False, {"s.kept"}),
        ("select 1 as x from s.kept inner join s.gone on true", True, {"s.kept", "s.gone"}),
        ("select 1 as x from s.gone full join s.kept on true", False, {"s.kept", "s.gone"}),
        ("select 1 as x from s.kept union all select 1 from s.gone", False, {"s.kept", "s.gone"}),
        ("with a as (select 1 as x from s.gone) select x from a left join s.kept on true", True, {"s.gone"}),
        ("select count(*) as x from s.gone", False, {"s.gone"}),
        ("select (select max(y) from s.kept) as x from s.gone", True, {"s.gone"}),
        ("select sum(y) over () as x from s.gone", True, {"s.gone"}),
        ("select max(y) as x from s.gone group by z", True, {"s.gone"}),
        ("select x from (select 1 as x from s.gone) as inner_query, s.kept", True, {"s.kept", "s.gone"}),
    ],
)
def test_a_query_tells_whether_it_has_rows_and_from_where(query: str, empty: bool, gives_rows: set[str]) -> None:
    parsed = sqlglot.parse_one(query, dialect="duckdb")

    assert is_empty(parsed, {"s.gone"}) is empty
    assert row_sources(parsed) == gives_rows


def test_a_header_says_in_its_own_words_what_is_lost() -> None:
    lost = KNOWN.without(["campaign"])["mart_customer.interaction"]

    assert (lost.state, lost.words) == ("partly", ("stg_campaign.contact: no campaign contacts in the timeline",))


def test_kpis_lose_what_the_columns_they_count_lose() -> None:
    kpis = KNOWN.kpis_without(KNOWN.without(["catalogue"]))

    assert {name for name, one in kpis.items() if one.state == "partly"} == {
        "convergent_penetration", "effective_adds", "effective_add_rate", "commission_per_effective_add",
        "five_g_device_without_plan_rate", "leakage_rate", "downgrade_rate", "revenue_forecast_error",
    }  # fmt: skip
    assert {name for name, one in kpis.items() if one.state == "dark"} == {
        "data_bundle_saturation", "voice_bundle_saturation", "over_bundle_share",
    }  # fmt: skip
    assert "nothing in is_convergent" in kpis["convergent_penetration"].loses()


def test_the_command_tells_people_and_machines_and_writes_a_page(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["sources", "capabilities", "--without", "billing"])
    found = json.loads(CliRunner().invoke(app, ["sources", "capabilities", "--json"]).output)
    unknown = CliRunner().invoke(app, ["sources", "capabilities", "--without", "biling"])
    CliRunner().invoke(app, ["sources", "capabilities", "--page", str(tmp_path / "page.md")])
    page = (tmp_path / "page.md").read_text()

    assert "dark  mart_revenue.arrears_month: no rows" in told.output
    assert found["mart_revenue.arrears_month"]["billing"] == "dark"
    assert unknown.exit_code == 2 and "biling: no source system" in unknown.output
    assert {name for name in (*KNOWN.shown, *KNOWN.kpis.kpis) if f"\n| {name} |" not in page} == set()
    assert {name for name in KNOWN.systems if f"\n## Without {name}" not in page} == set()
