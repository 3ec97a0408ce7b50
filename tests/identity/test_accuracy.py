"""Parties, the lines of one person and households against what the synthetic operator knows."""

import duckdb
import pytest
from filelock import FileLock

from benchmarks.identity import Accuracy, accuracy
from pipelines.engine.home import Home

PROMISED = {"persons": (0.98, 0.92), "multi-line persons": (0.95, 0.80), "households": (0.90, 0.75)}


@pytest.fixture(scope="module")
def found(resolved: Home) -> dict[str, Accuracy]:
    with FileLock(resolved.root.with_suffix(".vault")):  # DuckDB lets one process at a time open the vault
        return accuracy(resolved)


@pytest.mark.parametrize("question", PROMISED)
def test_pairs_are_right_and_complete(question: str, found: dict[str, Accuracy]) -> None:
    precision, recall = PROMISED[question]

    assert found[question].true > 100
    assert found[question].precision >= precision, found[question]
    assert found[question].recall >= recall, found[question]


def test_documents_alone_would_not_find_enough(resolved: Home, found: dict[str, Accuracy]) -> None:
    with duckdb.connect(str(resolved.warehouse), read_only=True) as db:
        by_rule = dict(db.execute("select rule_type, count(*) from core.party_merge group by rule_type").fetchall())

    assert by_rule["document"] < 0.92 * found["persons"].true
    assert by_rule["weights"] > 0.1 * found["persons"].true


def test_a_number_that_shops_type_for_everybody_joins_nobody(resolved: Home) -> None:
    with duckdb.connect(str(resolved.warehouse), read_only=True) as db:
        junk = db.execute("select count(*) from core.junk_document").fetchall()[0][0]
        joined = db.execute(
            """select count(*) from core.party_merge
            inner join core.customer_identity as record on party_merge.customer_key = record.customer_key
            inner join core.junk_document as junk on record.plain_document_key = junk.plain_document_key
            where rule_type = 'document'"""
        ).fetchall()[0][0]

    assert (junk, joined) == (1, 0)
