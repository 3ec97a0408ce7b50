"""A topic tells its question, rows, chart and conclusion from the published file, and says when it has ended."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.commands.topic import bar_query, bars, topics
from pipelines.engine.declaration import DeclarationError
from pipelines.engine.home import Home
from pipelines.engine.table import load_tables

TOPICS = topics()


def home_with(root: Path, table: str, rows: list[str], as_of: str = "2026-02-28") -> Home:
    """A published run that holds one topic's table."""
    run = root / "published" / "2026-02-28-001"
    run.mkdir(parents=True)
    columns = ", ".join(f"{name} {kind}" for name, kind in load_tables()[table].header.types().items())
    with duckdb.connect(run / "bassline.duckdb") as connection:
        connection.execute(f"create schema mart_topics; create table {table} ({columns})")
        for row in rows:
            connection.execute(f"insert into {table} by name select {row}")
        connection.execute(f"create table as_of as select date '{as_of}' as as_of")
    (root / "published" / "current").symlink_to(run.name)
    return Home(root)


def run(home: Home, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["topic", *words, "--home", str(home.root)])
    return result.exit_code, result.output


HIGH_USE = [
    "date '2026-01-01' as month_start, 1 as subscription_key, 'heavy' as use_type, 1 as high_charge_days, "
    "0 as high_voice_days, 0 as high_data_days, 60.5 as charge_amt",
    "date '2026-01-01' as month_start, 2 as subscription_key, 'suspicious' as use_type, 2 as high_charge_days, "
    "0 as high_voice_days, 0 as high_data_days, 120 as charge_amt",
    "date '2026-01-01' as month_start, 3 as subscription_key, 'suspicious' as use_type, 1 as high_charge_days, "
    "0 as high_voice_days, 0 as high_data_days, 80 as charge_amt",
]


def test_a_topic_is_told_with_rows_chart_and_the_figures_of_the_night(tmp_path: Path) -> None:
    code, output = run(home_with(tmp_path, "mart_topics.high_use", HIGH_USE), "high_use")

    assert code == 0
    assert "High use and fraud (risk-control, as of 2026-02-28)" in output
    assert "2026-01-01 suspicious 2 3 200.00" in " ".join(output.split())
    assert f"2026-01-01 suspicious  {'█' * 40} 2" in output
    assert f"2026-01-01 heavy       {'█' * 20} 1" in output
    assert "In 2026-01 3 lines had a day of high use. 2 of them are new or owe money" in " ".join(output.split())
    assert "ended on" not in output


def test_a_topic_past_its_end_says_so(tmp_path: Path) -> None:
    _, output = run(home_with(tmp_path, "mart_topics.high_use", HIGH_USE, as_of="2028-01-01"), "high_use")

    assert "This topic ended on 2027-12-31; ask risk-control before using it." in output


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_has_its_table_and_can_be_told_before_the_first_row(name: str, tmp_path: Path) -> None:
    code, output = run(home_with(tmp_path, f"mart_topics.{name}", []), name)

    assert code == 0, output
    assert TOPICS[name].question in output
    assert load_tables()[f"mart_topics.{name}"].header.public


def test_five_topics_are_shipped_and_listed(tmp_path: Path) -> None:
    code, output = run(home_with(tmp_path, "mart_topics.high_use", []))

    assert code == 0
    assert set(TOPICS) == {"high_use", "long_roamer", "zero_use", "holiday_traffic", "price_change"}
    assert all(one.title in output and one.owner in output for one in TOPICS.values())


def test_an_unknown_topic_names_those_that_there_are(tmp_path: Path) -> None:
    code, output = run(home_with(tmp_path, "mart_topics.high_use", []), "weather")

    assert code == 2
    assert "no topic 'weather'; there are high_use, holiday_traffic" in output


def test_bars_are_as_long_as_their_values_and_tell_losses() -> None:
    assert bars([("a", Decimal(4)), ("bb", Decimal(-2)), ("c", None)]) == [
        "", f"a   {'█' * 40} 4", f"bb  -{'█' * 20} -2", "c"
    ]  # fmt: skip
    assert bars([]) == []


def test_a_conclusion_without_a_computed_figure_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "marts" / "topics"
    folder.mkdir(parents=True)
    (folder / "guess.sql").write_text("select 1")
    (folder / "guess.yaml").write_text(
        "title: Guess\nquestion: Why?\npopulation: All\nowner: nobody\nexpires_on: 2027-01-01\nrows: select 1 as a\n"
        "chart: {label: a, value: a, order: a}\nfigures: select 1 as a\n"
        "conclusion: Twelve percent of all lines are affected, as everybody knows.\n"
    )

    with pytest.raises(DeclarationError, match="the conclusion names no figure"):
        topics(tmp_path)


def test_the_chart_is_drawn_in_its_own_order() -> None:
    assert bar_query(TOPICS["zero_use"]).rstrip().endswith("order by zero_lines desc, channel_type")
    assert all(one.expires_on > date(2026, 1, 1) for one in TOPICS.values())
