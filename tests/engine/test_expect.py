"""A contract's expectations on the rows of an ingest, and how long their results are kept."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.contract import load_contracts
from pipelines.engine.expect import audit_contract, docs_page, keep_results
from pipelines.engine.home import Home

OUTLET = load_contracts()["channel"].tables["outlet"]
COLUMNS = """outlet_id, null as outlet_name, 'agent' as channel_type, null as parent_outlet_id, null as area_id,
null as opened_on, null as closed_on, 3 as staff, now() as updated_at"""


@pytest.mark.parametrize(("rows", "doubles"), [("('A', 1), ('A', 2)", 0), ("('A', 1), ('A', 1)", 2)])
def test_a_key_is_unique_within_a_delivery_not_over_the_days_that_a_night_loads(rows: str, doubles: int) -> None:
    with duckdb.connect() as db:
        db.execute(f"create view typed as select {COLUMNS}, _delivery from (values {rows}) as v(outlet_id, _delivery)")
        [audited] = audit_contract(db, "typed", OUTLET)

    assert {r.title: r.unexpected_count for r in audited.results}[
        "compound columns to be unique: outlet_id, _delivery"
    ] == (doubles)


def test_the_results_of_thirty_runs_are_kept_and_the_pages_of_older_ones_go(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for number in range(1, 33):
        keep_results(home, [], f"2026-01-01-{number:03d}", datetime(2026, 1, 2))
        (tmp_path / "quality/docs/gx/uncommitted/validations/crm/party" / f"2026-01-01-{number:03d}").mkdir(
            parents=True
        )

    kept = sorted(path.stem for path in (tmp_path / "quality").glob("*.json"))
    pages = sorted(path.name for path in (tmp_path / "quality/docs").glob("**/party/*"))

    assert kept == pages == [f"2026-01-01-{number:03d}" for number in range(3, 33)]


def test_the_command_says_where_the_pages_are_and_how_they_come_about(tmp_path: Path) -> None:
    home = Home(tmp_path)

    missing = CliRunner().invoke(app, ["docs", "--home", str(tmp_path)])
    docs_page(home).parent.mkdir(parents=True)
    docs_page(home).write_text("<html>")
    found = CliRunner().invoke(app, ["docs", "--home", str(tmp_path)])

    assert (missing.exit_code, "`bassline night` starts to build the pages" in missing.output) == (1, True)
    assert found.output.strip() == str(docs_page(home))
