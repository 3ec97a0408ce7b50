"""The command line: fast, documented, plain about what went wrong, exact in its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.lock import writer_lock

COMMANDS = sorted(get_command(app).commands)  # ty: ignore[unresolved-attribute]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_is_shown_in_the_documents(command: str) -> None:
    documents = (PROJECT / "README.md").read_text() + (PROJECT / "CONTRIBUTING.md").read_text()
    result = CliRunner().invoke(app, [command, "--help"])

    assert result.exit_code == 0
    assert len(result.output) > 300
    assert f"bassline {command}" in documents


def test_help_needs_nothing_heavy() -> None:
    code = "import sys; import pipelines.cli; print(*sys.modules)"
    modules = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )

    assert not modules & {"duckdb", "polars", "pandas", "dagster", "sqlglot", "pyarrow", "numpy"}


def test_a_day_that_is_none_is_refused_with_an_example() -> None:
    result = CliRunner().invoke(app, ["night", "--day", "yesterday"])

    assert result.exit_code == 2
    assert "write it as 2026-01-31" in result.output


def test_half_a_range_is_refused() -> None:
    assert CliRunner().invoke(app, ["night", "--from", "2026-01-01"]).exit_code == 2


def test_a_busy_warehouse_asks_to_try_again(tmp_path: Path) -> None:
    with writer_lock(tmp_path / "night.lock", "night 2026-01-05 to 2026-01-05"):
        result = CliRunner().invoke(app, ["night", "--day", "2026-01-05", "--home", str(tmp_path)])

    assert result.exit_code == 75
    assert "another process writes this warehouse" in result.output


def test_status_of_an_empty_home_is_told_to_people_and_machines(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["status", "--home", str(tmp_path)])
    found = json.loads(CliRunner().invoke(app, ["status", "--json", "--home", str(tmp_path)]).output)

    assert told.exit_code == 0
    assert "nothing yet" in told.output
    assert {"as_of", "run_id", "published", "sources", "failures"} <= found.keys()
    assert found["sources"]["mediation"].keys() >= {"expected", "received", "loaded", "late", "missing"}


def test_an_unknown_run_is_refused_naming_those_there_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["publish", "--to", "2026-01-01-001", "--home", str(Home(tmp_path).prepared().root)]
    )

    assert result.exit_code == 2
    assert "there are none" in result.output


def test_the_sources_are_listed_with_owner_and_deadline() -> None:
    output = CliRunner().invoke(app, ["sources", "ls"]).output

    assert "mediation     Voice and message mediation, network-it" in output
    assert "daily, by 01:45" in output
