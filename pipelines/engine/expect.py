"""A contract's expectations on what was delivered: run inside the ingest, kept for the scorecard and Data Docs."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipelines.engine.contract import Table
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.removal import remove_tree
from pipelines.engine.warehouse import Connection
from quality.compile import Result, validate
from quality.report import PAGE, results_json
from quality.suite import derive

KEPT_RESULTS = 30
UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")


@dataclass(frozen=True)
class Audited:
    """The expectations of one source table on the typed rows of an ingest, before any row was rejected."""

    table: str
    suite: dict[str, Any]
    results: list[Result]


def audit_contract(connection: Connection, relation: str, table: Table) -> list[Audited]:
    """The results of a contract's suite on typed rows; the hook that `ingest` calls."""
    suite = within_delivery(derive(table))
    return [Audited(f"raw_{table.label}", suite, validate(connection, relation, suite))]


def within_delivery(suite: dict[str, Any]) -> dict[str, Any]:
    """The suite with keys unique within each delivery: a night may load several days of a table together."""
    expectations = []
    for one in suite["expectations"]:
        if one["type"] in UNIQUE:
            key = one["kwargs"].get("column_list") or [one["kwargs"]["column"]]
            one = one | {"type": UNIQUE[1], "kwargs": {"column_list": [*key, "_delivery"]}}
        expectations.append(one)
    return suite | {"expectations": expectations}


def check_rows(audited: Sequence[Audited], run_id: str, to_day: date) -> Iterator[tuple[Any, ...]]:
    """Rows of ops.check_result. They only watch: whether a delivery is refused, its reject limit has decided."""
    for found in audited:
        for result in found.results:
            offenders = result.unexpected_count or 0
            yield run_id, to_day, found.table, result.title, "watch", result.success, offenders, None


def keep_results(home: Home, audited: Sequence[Audited], run_id: str, run_at: datetime) -> None:
    """Leave the results where `start_docs` finds them; the oldest give way, with their pages."""
    folder = home.root / "quality"
    folder.mkdir(exist_ok=True)
    validated = [(found.suite, found.results) for found in audited]
    results_of(home, run_id).write_text(results_json(run_id, run_at, validated))
    for old in sorted(folder.glob("*.json"))[:-KEPT_RESULTS]:
        old.unlink()
        for pages in list((folder / "docs").glob(f"gx/uncommitted/**/{old.stem}")):
            remove_tree(pages)


def results_of(home: Home, run_id: str) -> Path:
    return home.root / "quality" / f"{run_id}.json"


def docs_page(home: Home) -> Path:
    """The first page of Data Docs; it is there once the pages of a night were built."""
    return home.root / "quality" / "docs" / PAGE


def docs_command(home: Home, run_ids: Sequence[str]) -> list[str]:
    """Builds the pages of some runs, in a process of its own: GX takes ten seconds to import."""
    results = [str(results_of(home, run_id)) for run_id in run_ids if results_of(home, run_id).exists()]
    return [sys.executable, "-m", "quality.report", *results, str(home.root / "quality" / "docs")]


def start_docs(home: Home, run_ids: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Build the pages of some runs in a process that outlives this one; what it says is in quality/docs.log."""
    with (home.root / "quality" / "docs.log").open("wb") as log:
        return subprocess.Popen(
            docs_command(home, run_ids), cwd=PROJECT, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
