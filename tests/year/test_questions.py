"""READMEs of modules and models ask questions: their SQL runs as shown, and below each stands the answer it has."""

import re
from pathlib import Path

import pytest

from pipelines.engine.home import Home
from pipelines.engine.sandbox import bounded, reading, select
from tests.readme import MODELS, MODULES, questions

# Nobody fits a model or freezes a list for that year; these tables have no rows before.
UNFITTED = {
    "churn.score_month",
    "retention.curve_month",
    "segmentation.migration_month",
    "segmentation.profile_month",
    "targeting.list",
    "targeting.offer_month",
}


@pytest.mark.parametrize("document", MODULES, ids=lambda path: path.parent.name)
def test_five_questions_with_answers(document: Path) -> None:
    asked = questions(document)

    assert len(asked) >= 5
    assert document.read_text().count("```text\n") == len(asked), "`make demo readme` writes the answers"


@pytest.mark.parametrize("document", MODULES, ids=lambda path: path.parent.name)
def test_every_question_is_answered_after_a_year(document: Path, year: Home) -> None:
    for query in questions(document):
        with bounded(), reading(year) as connection:
            assert select(connection, query).fetchall(), query


@pytest.mark.parametrize("document", MODELS, ids=lambda path: path.parent.name)
def test_every_question_about_a_model_is_answered_after_a_year_but_those_of_fitted_tables(
    document: Path, year: Home
) -> None:
    for query in questions(document):
        with bounded(), reading(year) as connection:
            rows = select(connection, query).fetchall()
        assert bool(rows) != any(re.search(rf"\b{name}\b", query) for name in UNFITTED), query


def test_every_module_has_questions() -> None:
    modules = {path.parent for path in Path(MODULES[0].parents[1]).glob("*/*.sql")}

    assert {document.parent for document in MODULES} == modules
