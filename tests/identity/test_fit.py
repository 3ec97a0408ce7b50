"""What nights compute in SQL is what Splink computes; a fit gives a file that can take the place of the present one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from models.identity.fit import Weight, model
from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.engine.table import read_table


@pytest.fixture
def records(resolved: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        db.execute(f"attach '{resolved.warehouse}' as warehouse (read_only); create schema core")
        for name in ("customer_identity", "junk_document", "identity_weight", "party_pair"):
            db.execute(f"create table core.{name} as from warehouse.core.{name}")
        yield db


def test_scores_in_sql_are_those_of_splink(records: duckdb.DuckDBPyConnection) -> None:
    rows = records.execute("select comparison, level, m, u, match_weight from core.identity_weight").fetchall()
    weights = [Weight(name, level, m and float(m), u and float(u), float(w)) for name, level, m, u, w in rows]
    predicted = model(records, weights).inference.predict(threshold_match_weight=-100)
    splink = {
        frozenset((left, right)): weight
        for left, right, weight in records.execute(
            f"select customer_key_l, customer_key_r, match_weight from {predicted.physical_name}"
        ).fetchall()
    }
    sql = {
        frozenset((left, right)): (float(weight), level)
        for left, right, weight, level in records.execute(
            """select pair.customer_key, pair.other_customer_key, pair.match_weight, pair.document_level
            from core.party_pair as pair
            inner join core.customer_identity as record on pair.customer_key = record.customer_key
            where not record.is_organisation"""
        ).fetchall()
    }

    assert len(sql) > 200
    assert {pair: weight for pair, (weight, _) in sql.items()} == {
        pair: pytest.approx(splink[pair], abs=0.001) for pair in sql
    }
    assert {pair for pair, weight in splink.items() if weight >= 0.001} <= sql.keys()


def test_a_fit_writes_the_next_version_of_the_file(resolved: Home, tmp_path: Path) -> None:
    target = tmp_path / "weights.sql"
    done = CliRunner().invoke(app, ["identity", "fit", "--home", str(resolved.root), "--to", str(target)])

    assert done.exit_code == 0, done.output
    before, after = rows_of(Path("pipelines/core/identity_weight.sql")), rows_of(target)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert {row[3] for row in after} == {before[0][3] + 1}
    agrees = {row[:2]: row[2] for row in after}
    assert all(agrees[name, "same"] > agrees[name, "other"] for name, level in agrees if level == "other")


def rows_of(path: Path) -> list[tuple]:
    table = read_table(path, "core.identity_weight")
    return duckdb.sql(f"select comparison, level, match_weight, version from ({table.sql})").fetchall()
