"""A night's results become Data Docs, built by a process of its own."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from quality.compile import validate
from quality.report import PAGE, results_json

SUITE = {
    "name": "mediation.cdr",
    "expectations": [
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "service_type", "value_set": ["voice", "sms"]},
            "severity": "critical",
            "meta": {},
        },
        {
            "type": "expect_column_max_to_be_between",
            "kwargs": {"column": "duration_s", "max_value": 86400},
            "severity": "warning",
            "meta": {},
        },
    ],
    "meta": {},
}


def test_the_pages_show_suite_run_and_counts(tmp_path: Path):
    db = duckdb.connect()
    db.execute("create table cdr as select 'fax' as service_type, 60 as duration_s union all select 'voice', 5")
    results = tmp_path / "results.json"
    results.write_text(
        results_json("night-7", datetime(2026, 1, 6, 2, tzinfo=UTC), [(SUITE, validate(db, "cdr", SUITE))])
    )

    command = [sys.executable, "-m", "quality.report", str(results), str(tmp_path / "docs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.strip().splitlines()[-1])
    assert page == tmp_path / "docs" / PAGE
    assert "mediation.cdr" in page.read_text()
    stored = [
        json.loads(file.read_text()) for file in (tmp_path / "docs").rglob("*.json") if "validations" in str(file)
    ]
    assert [(one["success"], one["suite_name"]) for one in stored] == [(False, "mediation.cdr")]
    assert stored[0]["results"][0]["result"]["unexpected_count"] == 1
    assert any(
        "fax" not in text and "night-7" in text
        for text in (file.read_text() for file in (tmp_path / "docs").rglob("*.html"))
    )


def test_usage_is_told_when_arguments_are_missing():
    done = subprocess.run([sys.executable, "-m", "quality.report"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.strip() == "usage: python -m quality.report RESULTS.json [RESULTS.json ...] FOLDER"


def test_nothing_of_quality_imports_great_expectations_or_pandas_by_itself():
    modules = ["checks", "compile", "movement", "reconciliation", "report", "scorecard", "suite", "table_checks"]
    imports = ", ".join(f"quality.{module}" for module in modules)
    heavy = {"great_expectations", "pandas", "pipelines", "dagster"}
    code = f"import sys, {imports}; print(sorted({heavy} & set(sys.modules)))"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
