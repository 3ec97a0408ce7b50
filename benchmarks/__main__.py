"""The benchmark table: `python -m benchmarks [PART[=SIZE] ...]`.

Parts: ingest (rows of gzipped CSV), interfaces (deliveries), synth, identity, behaviour (events of a month), year
(subscribers: detectors and the model of leaving against the truth of 14 months), learner (rows), learner_public (runs),
features (subscribers with six months), customers, retention, targeting (lines of a wide table; 10 GB at full size),
large and flat (subscribers). Without parts: all of them, at full size.
Everything is made in a folder below ./data that is deleted afterwards; the large night needs 30 GB there.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks import (
    behaviour,
    churn,
    customers,
    detectors,
    features,
    identity,
    ingest,
    interfaces,
    learner,
    night,
    retention,
    synth,
    targeting,
)
from benchmarks.line import Line
from pipelines.engine.home import PROJECT

PARTS: dict[str, Callable[..., Iterable[Line]]] = {
    "ingest": ingest.lines,
    "interfaces": interfaces.lines,
    "synth": synth.lines,
    "identity": identity.lines,
    "behaviour": behaviour.lines,
    "year": lambda folder, *size: [*detectors.lines(folder, *size), *churn.lines(folder)],
    "learner": learner.lines,
    "learner_public": learner.public_lines,
    "features": features.lines,
    "customers": customers.lines,
    "retention": retention.lines,
    "targeting": targeting.lines,
    "large": lambda folder, *size: night.lines(folder, "large", *size),
    "flat": lambda folder, *size: night.lines(folder, "flat", *size),
}


def asked(words: list[str]) -> dict[str, list[int]]:
    """Sizes by part; no size means the full one."""
    found = {}
    for word in words or PARTS:
        part, _, size = word.partition("=")
        if part not in PARTS or (size and not size.isdigit()):
            sys.exit(f"benchmarks: '{word}' is none of {', '.join(PARTS)}, or its size is no number; as in large=300")
        found[part] = [int(size)] if size else []
    return found


def main(words: list[str]) -> None:
    scratch = PROJECT / "data"
    scratch.mkdir(exist_ok=True)
    table = Table("benchmark", title="Speed on this machine")
    for column in ("amount", "seconds", "rate", "in DuckDB s", "seconds / floor", "peak GB"):
        table.add_column(column, justify="right")
    for part, size in asked(words).items():
        print(f"benchmarks: {part} ...", file=sys.stderr, flush=True)
        with TemporaryDirectory(dir=scratch, prefix="bench-") as folder:
            for line in PARTS[part](Path(folder), *size):
                table.add_row(*line.cells())
        table.add_section()
    Console(width=None if sys.stdout.isatty() else 150).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
