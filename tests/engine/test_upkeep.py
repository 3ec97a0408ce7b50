"""Dagster's record of runs stays bounded: what is old and ended goes, and the disk gets its space back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.engine.upkeep import prune, size

LATER = datetime.now(UTC) + timedelta(days=31)


@dg.op
def talk(context: dg.OpExecutionContext) -> None:
    for _ in range(100):
        context.log.info("x" * 5000)


@dg.job
def talkative() -> None:
    talk()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def test_old_runs_go_and_their_space_with_them(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)):
        fresh = size(tmp_path)
    for _ in range(3):
        assert talkative.execute_in_process(instance=instance).success
    grown = size(tmp_path)

    pruned = prune(instance, now=LATER)

    assert (pruned.runs, pruned.busy) == (3, [])
    assert instance.get_runs_count() == 0
    assert not list(tmp_path.glob("history/runs/????????-*"))
    assert pruned.freed > (grown - fresh) / 2


def test_young_runs_and_runs_that_have_not_ended_stay(instance: dg.DagsterInstance) -> None:
    assert talkative.execute_in_process(instance=instance).success
    waiting = instance.create_run_for_job(talkative)

    assert prune(instance).runs == 0
    assert prune(instance, now=LATER).runs == 1
    assert [run.run_id for run in instance.get_runs()] == [waiting.run_id]
