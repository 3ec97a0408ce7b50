"""`bassline churn fit` and `evaluate` on a small home: one version after the other, and what is said without any."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app

# Lines leave the more often the fewer events they have; `turned` are the months in which it is the other way round.
WORLD = """
create or replace table core.subscriber_day as select date '2026-06-30' as day;
create or replace table churn.definition as select 'postpaid_exit' as definition, 'exit' as event_type;
create or replace table churn.feature_month as
select month::date as month_start, line as subscription_key, (hash(line, month) % 100)::integer as events,
    (hash(line, month, 'other') % 100)::integer as bytes, if(line % 2 = 0, 'a', 'b') as brand
from range(date '2026-01-01', date '2026-07-01', interval 1 month) as months(month), range(60) as lines(line);
create or replace table churn.line_month as select month_start, subscription_key from churn.feature_month;
create or replace table churn.label_month as
select month_start, subscription_key, 'postpaid_exit' as definition, last_day(month_start) + {days} as known_on,
    if(month_start in ({turned}), events >= 95, events < 5) as label
from churn.feature_month;
"""


def world(home: Path, days: int = 20, turned: str = "null") -> None:
    """Labels mature so many days after the month's end."""
    home.mkdir(exist_ok=True)
    with duckdb.connect(home / "warehouse.duckdb") as db:
        db.execute("create schema if not exists core; create schema if not exists churn")
        db.execute(WORLD.format(days=days, turned=turned))


def churn(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["churn", *words, "--home", str(home)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    world(tmp_path / "home")
    return tmp_path / "home"


def test_the_first_version_takes_over_the_day_after_what_it_was_fitted_on(home: Path) -> None:
    result = churn(home, "fit", "--as-of", "2026-05-25", "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (told["version"], told["fitted_as_of"], told["in_force_from"]) == (1, "2026-05-25", "2026-05-26")
    assert told["takes_over"] and told["champion"] is None
    assert (home / "models" / "churn" / "0001" / "card.json").exists()


def test_without_a_day_the_last_closed_one_is_taken_and_figures_are_told_in_words(home: Path) -> None:
    result = churn(home, "fit")

    assert result.exit_code == 0
    assert "version 1, fitted as of 2026-06-30" in result.stdout
    assert "AUC " in result.stdout and "calibration error" in result.stdout
    assert "in force from 2026-07-01 on" in result.stdout


def test_a_version_that_ranks_later_lines_worse_is_kept_aside(home: Path) -> None:
    churn(home, "fit", "--as-of", "2026-05-25")
    world(home, turned=", ".join(f"date '2026-0{month}-01'" for month in range(1, 5)))
    result = churn(home, "fit", "--as-of", "2026-06-30")

    assert result.exit_code == 0
    assert "kept aside: version 1 in force ranks the same lines better" in result.stdout
    assert json.loads((home / "models" / "churn" / "0002" / "card.json").read_text())["in_force_from"] == "9999-12-31"


def test_versions_are_judged_on_the_months_after_them_whose_outcome_is_known(home: Path) -> None:
    churn(home, "fit", "--as-of", "2026-04-25")
    (found,) = json.loads(churn(home, "evaluate", "--json").stdout)
    words = churn(home, "evaluate").stdout

    assert [(month["month"], month["rows"]) for month in found["months"]] == [
        (str(date(2026, month, 1)), 60) for month in (4, 5, 6)
    ]
    assert all(month["auc"] > 0.9 for month in found["months"]), found["months"]
    assert {"events", "bytes", "score"} <= {one["column"] for one in found["drift"]}
    assert "version 1, fitted as of 2026-04-25" in words and "2026-05-01: 60 lines, AUC " in words
    assert "drift in the newest month: " in words


def test_labels_that_have_not_matured_are_counted_and_nothing_is_fitted(home: Path) -> None:
    world(home, days=400)
    result = churn(home, "fit")

    assert result.exit_code == 2
    assert "as of 2026-06-30 0 lines and months have a label that had matured" in result.stderr
    assert not (home / "models").exists()


def test_without_version_or_closed_night_the_next_step_is_told(home: Path) -> None:
    assert "no version yet; `bassline churn fit` makes the first" in churn(home, "evaluate").stdout
    with duckdb.connect(home / "warehouse.duckdb") as db:
        db.execute("delete from core.subscriber_day")

    result = churn(home, "fit")
    assert result.exit_code == 2
    assert "no night has closed a day yet" in result.stderr
