"""Detectors against the truth of the synthetic operator: one module a subject, each with `scores(home)`.

`python -m benchmarks year` measures all of them on 14 months with default faults, of a seed by which no threshold
was chosen.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from benchmarks.detectors.score import Score
from benchmarks.line import Line
from pipelines.engine.home import PROJECT

LAST, DAYS, SEED = date(2026, 3, 31), 425, 2026


def operate(folder: Path, subscribers: int, days: int = DAYS) -> None:
    """An operator whose nights up to the last day have run in one pass, in a process of its own."""
    first = LAST - timedelta(days=days - 1)
    made = ("synth", "--out", folder, "--subscribers", subscribers, "--days", days, "--end", LAST, "--seed", SEED)
    closed = ("night", "--home", folder, "--from", first, "--to", LAST)
    for command in (made, closed):
        words = [sys.executable, "-m", "pipelines.cli", *map(str, command), "--quiet"]
        done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"detectors: {' '.join(words[2:])} broke off:\n{done.stdout}{done.stderr}")


def scores(folder: Path) -> Iterator[Score]:
    """The scores of every subject, on an operator whose nights have run."""
    for found in iter_modules(__path__):
        if found.name != "score":
            yield from import_module(f"{__name__}.{found.name}").scores(folder)


def lines(folder: Path, subscribers: int = 20_000) -> list[Line]:
    """The lines of the benchmark table."""
    operate(folder, subscribers)
    return [Line(f"detector: {score.name}", note=score.told()) for score in scores(folder)]
