"""Published runs: a folder each, complete when it holds the file; `current` is a link to the one in force."""

import os
from datetime import date
from pathlib import Path

from pipelines.engine.home import Home
from pipelines.engine.ledger import sync_folder
from pipelines.engine.narrow import month_end
from pipelines.engine.removal import remove_tree

FILE = "bassline.duckdb"
KEPT_RUNS = 3


class UnknownRun(Exception):
    """The run that publishing should go back to is not there."""


def seal(folder: Path) -> None:
    """Make every file of a run read-only and durable; one wait for the disk instead of one per file."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o222:
            path.chmod(0o444)
    os.sync()


def point_to(home: Home, run_id: str) -> None:
    """Move `current` to a run, atomically. Raises UnknownRun listing the runs there are."""
    if not (home.published / run_id / FILE).exists():
        raise UnknownRun(f"{home.published}: holds no run {run_id}; there are {', '.join(runs(home)) or 'none'}")
    link = home.published / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(run_id)
    link.replace(home.published / "current")
    sync_folder(home.published)


def runs(home: Home) -> list[str]:
    """Ids of the complete runs, oldest first."""
    return sorted(path.parent.name for path in home.published.glob(f"*/{FILE}") if not path.parent.is_symlink())


def drop_old_runs(home: Home) -> None:
    """Keep the last three runs, the last run of each month end, and the one in force."""
    complete = runs(home)
    month_ends = {run[:10]: run for run in complete if (day := date.fromisoformat(run[:10])) == month_end(day)}
    kept = {*complete[-KEPT_RUNS:], *month_ends.values(), (home.published / "current").resolve().name}
    for folder in home.published.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder.name not in kept:
            remove_tree(folder)
