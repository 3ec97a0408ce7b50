"""Data Docs: keeps a night's results as Great Expectations validation results and builds its pages.

`python -m quality.report RESULTS.json [RESULTS.json ...] FOLDER` runs after publishing, as a process of its own,
because GX takes ten seconds to import. RESULTS.json is what `results_json` returns. Nothing leaves the machine: GX's
analytics are off.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality.compile import Result, Suite

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context import FileDataContext
    from great_expectations.data_context.types.resource_identifiers import ValidationResultIdentifier

PAGE = Path("gx", "uncommitted", "data_docs", "local_site", "index.html")
"""The first page, below the folder of the pages."""


def results_json(run_id: str, run_at: datetime, validated: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    """A night's results as text: everything that the pages need, nothing that GX must be imported for."""
    tables = [{"suite": suite, "results": [_plain(result) for result in results]} for suite, results in validated]
    return json.dumps(
        {"run_id": run_id, "run_at": run_at.isoformat(), "tables": tables}, default=str, ensure_ascii=False
    )


def _plain(result: Result) -> dict[str, Any]:
    return {
        "type": result.expectation,
        "kwargs": dict(result.kwargs),
        "severity": result.severity,
        "success": result.success,
        "element_count": result.element_count,
        "unexpected_count": result.unexpected_count,
        "unexpected_percent": result.unexpected_percent,
        "observed_value": result.observed_value,
        "missing_count": None if result.considered_count is None else result.element_count - result.considered_count,
    }


def build_docs(nights: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """Store the results under `folder` and build their pages beside those of earlier nights; the first page's path."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="file", project_root_dir=folder)
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    stored = [_store(context, night, table) for night in nights for table in night["tables"]]
    suites = {key.expectation_suite_identifier.to_tuple(): key.expectation_suite_identifier for key in stored}
    context.build_data_docs(resource_identifiers=[*suites.values(), *stored])  # ty: ignore[invalid-argument-type]
    return folder / PAGE


def _store(context: FileDataContext, night: Mapping[str, Any], table: Mapping[str, Any]) -> ValidationResultIdentifier:
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    suite = gx.ExpectationSuite(**table["suite"])
    context.suites.add_or_update(suite)
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(suite.name),
        run_id=RunIdentifier(run_name=night["run_id"], run_time=night["run_at"]),
        batch_identifier=suite.name,
    )
    context.validation_results_store.add_or_update(key, _validation(night, table))
    return key


def _validation(night: Mapping[str, Any], table: Mapping[str, Any]) -> ExpectationSuiteValidationResult:
    from great_expectations.core import ExpectationSuiteValidationResult

    results = [_expectation(result) for result in table["results"]]
    passed = sum(bool(result.success) for result in results)
    return ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name=table["suite"]["name"],
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results) if results else None,
        },
        meta={
            "run_id": {"run_name": night["run_id"], "run_time": night["run_at"]},
            "batch_spec": {"table": table["suite"]["name"]},
        },
    )


def _expectation(result: Mapping[str, Any]) -> ExpectationValidationResult:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    counts = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "observed_value")
    configuration = ExpectationConfiguration(type=result["type"], kwargs=result["kwargs"], severity=result["severity"])
    return ExpectationValidationResult(
        success=result["success"],
        expectation_config=configuration,
        result={name: result[name] for name in counts if result[name] is not None},
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


def main(results: Sequence[Path], folder: Path) -> None:
    """One process at a time builds the pages of a folder, and it gives way to whatever else the machine does."""
    os.nice(10)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        page = build_docs([json.loads(path.read_text()) for path in results], folder)
    sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python -m quality.report RESULTS.json [RESULTS.json ...] FOLDER")
    *given, last = map(Path, sys.argv[1:])
    main(given, last)
