"""A contract's expectations on what was delivered: run inside the ingest, kept for the scorecard and Data Docs."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipelines.engine.contract import Table
from pipelines.engine.home import Home
from pipelines.engine.warehouse import Connection
from quality.compile import Result, validate
from quality.report import results_json
from quality.suite import derive


@dataclass(frozen=True)
class Audited:
    """The expectations of one source table on the typed rows of an ingest, before any row was rejected."""

    table: str
    suite: dict[str, Any]
    results: list[Result]


def audit_contract(connection: Connection, relation: str, table: Table) -> list[Audited]:
    """The results of a contract's suite on typed rows; the hook that `ingest` calls."""
    suite = derive(table)
    return [Audited(f"raw_{table.label}", suite, validate(connection, relation, suite))]


def check_rows(audited: Sequence[Audited], run_id: str, to_day: date) -> Iterator[tuple[Any, ...]]:
    """Rows of ops.check_result. They only watch: whether a delivery is refused, its reject limit has decided."""
    for found in audited:
        for result in found.results:
            offenders = result.unexpected_count or 0
            yield run_id, to_day, found.table, result.title, "watch", result.success, offenders, None


def keep_results(home: Home, audited: Sequence[Audited], run_id: str, run_at: datetime) -> None:
    """Leave the results where `start_docs` finds them."""
    folder = home.root / "quality"
    folder.mkdir(exist_ok=True)
    validated = [(found.suite, found.results) for found in audited]
    (folder / f"{run_id}.json").write_text(results_json(run_id, run_at, validated))


def start_docs(home: Home, run_id: str) -> "subprocess.Popen[bytes]":
    """Build Data Docs of a run in a process of its own that outlives this one: GX takes ten seconds to import."""
    results, folder = home.root / "quality" / f"{run_id}.json", home.root / "quality" / "docs"
    with (home.root / "quality" / "docs.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "quality.report", str(results), str(folder)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
