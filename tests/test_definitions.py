"""The graph loads fast and light and is the one that was reviewed; its job and its schedule are what they say."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs, every_night
from pipelines.engine.assets import check_name

SNAPSHOT = Path(__file__).parent / "__snapshots__" / "graph.txt"
LOADING = """
import json, sys, time
import dagster
alone = time.process_time()
from pipelines.definitions import defs
defs().get_repository_def().get_all_jobs()
print(json.dumps({"alone": alone, "seconds": time.process_time(), "modules": sorted(sys.modules)}))
"""
HEAVY = {"pandas", "great_expectations", "sklearn", "lightgbm", "scipy", "polars"}


@pytest.fixture(scope="module")
def graph() -> dg.Definitions:
    return defs()


def test_definitions_load_in_a_fresh_process_within_three_seconds_and_without_heavy_imports() -> None:
    answer = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])

    assert not HEAVY & set(found["modules"])
    # A busy machine takes longer for everything; then the graph may cost no more than importing Dagster does.
    assert found["seconds"] < max(3.0, 2 * found["alone"])


def test_the_graph_is_the_one_that_was_reviewed(graph: dg.Definitions) -> None:
    lines = []
    for spec in graph.resolve_all_asset_specs():
        deps = sorted(dep.asset_key.to_user_string() for dep in spec.deps)
        lines.append(" ".join([spec.key.to_user_string(), "<-", *deps]))
    outline = "\n".join(sorted(lines)) + "\n"
    if os.environ.get("ACCEPT"):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(outline)

    assert outline == SNAPSHOT.read_text(), (
        "if the change is meant: ACCEPT=1 .venv/bin/pytest tests/test_definitions.py"
    )


def test_every_table_that_is_read_is_a_table_that_is_made(graph: dg.Definitions) -> None:
    made = set(graph.resolve_job_def("nightly").asset_layer.executable_asset_keys)
    read = {spec.key for spec in graph.resolve_all_asset_specs()}  # Dagster invents an asset for a name nobody makes

    assert {key.to_user_string() for key in read - made} == set()


def test_every_table_says_what_it_is_and_what_its_columns_mean(graph: dg.Definitions) -> None:
    for spec in graph.resolve_all_asset_specs():
        if "dagster/auto_created_stub_asset" in spec.metadata:
            continue
        assert spec.description, spec.key
        is_table = spec.group_name not in ("published", "quality", "operations")
        assert not is_table or spec.metadata["dagster/column_schema"].columns, spec.key


def test_the_night_is_one_job_over_all_assets_in_one_process(graph: dg.Definitions) -> None:
    job = graph.resolve_job_def("nightly")

    assert job.executor_def.name == "in_process"
    assert len(list(job.nodes)) < 50, "one step per folder keeps Dagster's own cost small"


def test_the_schedule_closes_yesterday_of_the_operator_at_two_in_the_operators_night() -> None:
    tick = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)  # 02:00 on the 6th in Shanghai
    request = every_night(dg.build_schedule_context(scheduled_execution_time=tick))

    assert isinstance(request, dg.RunRequest)
    assert (every_night.cron_schedule, every_night.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert request.run_config == {"resources": {"night": {"config": {"to_day": "2026-01-05"}}}}


def test_promises_that_differ_by_their_operator_only_are_different_checks() -> None:
    names = {
        check_name(promise) for promise in ("a >= 0", "a <= 0", "a > 0", "a - b = 0", "a + b = 0", "a" * 90, "a" * 91)
    }

    assert len(names) == 7
    assert check_name("billed_amt >= 0") == "billed_amt_at_least_0"


def test_nothing_but_none_passes_through_dagster() -> None:
    @dg.asset(io_manager_def=graph_io_manager())
    def rows() -> list[int]:
        return [1]

    result = dg.materialize([rows], raise_on_error=False)

    assert not result.success
    assert "leaves its rows in the warehouse" in str(result.failure_data_for_node("rows"))


def graph_io_manager() -> dg.IOManagerDefinition:
    from pipelines.engine.iomanager import NothingPasses

    return dg.IOManagerDefinition.hardcoded_io_manager(NothingPasses())
