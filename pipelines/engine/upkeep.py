"""What follows a published night: the pages that show its quality, and a bounded record of Dagster's runs."""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipelines.engine.assets import PUBLISHED
from pipelines.engine.resource import NightRun

DOCS = dg.AssetKey(["quality", "data_docs"])
HISTORY = dg.AssetKey(["operations", "dagster_history"])
BUILT = "pages_are_built"
DOCS_SECONDS = 1800
KEPT_DAYS = 30
BATCH = 100
PATIENCE = 20
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dg.asset(
    key=DOCS,
    deps=[PUBLISHED],
    group_name="quality",
    kinds={"html"},
    description="Data Docs: how each delivery of the last 30 runs kept the expectations of its contract.",
    check_specs=[dg.AssetCheckSpec(BUILT, asset=DOCS, description="Great Expectations could build its pages.")],
)
def data_docs(night: NightRun) -> dg.MaterializeResult:
    """A page that is not built is told by a check: the night has published and is not to be repeated for it."""
    path, problem = night.build_docs(seconds=DOCS_SECONDS)
    check = dg.AssetCheckResult(
        check_name=BUILT, passed=not problem, severity=dg.AssetCheckSeverity.WARN, metadata={"problem": problem}
    )
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path)}, check_results=[check])


@dg.asset(
    key=HISTORY,
    deps=[PUBLISHED],
    group_name="operations",
    kinds={"sqlite"},
    description="Dagster's own record of runs: the last 30 days of it, without the space that older runs took.",
)
def dagster_history(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    pruned = prune(context.instance)
    for busy in pruned.busy:
        context.log.info("%s is in use and keeps its size until the next night", busy)
    return dg.MaterializeResult(metadata={"runs forgotten": pruned.runs, "bytes freed": pruned.freed})


@dataclass(frozen=True)
class Pruned:
    """Runs forgotten, bytes given back, and the files that were in use and keep their size for now."""

    runs: int
    freed: int
    busy: list[Path]


def prune(instance: dg.DagsterInstance, *, now: datetime | None = None) -> Pruned:
    """Forget the ended runs of more than 30 days ago, then shrink what Dagster's SQLite storage left empty."""
    root = Path(instance.root_directory)
    before = size(root)
    forgotten = forget(instance, root, (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS))
    files = sorted([*root.glob("history/*.db"), *root.glob("schedules/*.db")])
    busy = [path for path in files if not shrunk(path)]
    return Pruned(forgotten, before - size(root), busy)


def forget(instance: dg.DagsterInstance, root: Path, before: datetime) -> int:
    """Delete runs with their events; Dagster itself leaves the file of a run's events and its output behind."""
    old = dg.RunsFilter(statuses=ENDED, created_before=before)
    forgotten = 0
    while ids := [record.dagster_run.run_id for record in instance.get_run_records(old, limit=BATCH)]:
        for run_id in ids:
            instance.delete_run(run_id)
            for path in root.glob(f"history/runs/{run_id}.db*"):
                path.unlink(missing_ok=True)
            shutil.rmtree(root / "storage" / run_id, ignore_errors=True)
        forgotten += len(ids)
    return forgotten


def shrunk(path: Path) -> bool:
    """Vacuum a database of which a tenth or more is empty; False when another process keeps it locked."""
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
        pages, empty = (connection.execute(f"pragma {what}").fetchone()[0] for what in ("page_count", "freelist_count"))
        if empty * 10 < pages or not empty:
            return True
        with suppress(sqlite3.OperationalError):
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
            return True
    return False


def size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
