"""Rules in YAML become a table; what is no condition is refused with file, rule and expectation."""

from pathlib import Path

import pytest

from models.segmentation.rule import RuleError, read, sql

FILE = """
description: Lines by use.
source: segmentation.feature_month
column: segment_type
rules:
  idle: {{when: {when}, meaning: No use.}}
otherwise: {otherwise}
otherwise_meaning: Any use.
"""


def written(folder: Path, *, when: str = "active_days = 0", otherwise: str = "used") -> Path:
    path = folder / "use_month.yaml"
    path.write_text(FILE.format(when=when, otherwise=otherwise))
    return path


def test_the_first_rule_that_holds_names_the_segment(tmp_path: Path) -> None:
    query = sql(read(written(tmp_path)))

    assert "when active_days = 0 then 'idle'" in query
    assert "else 'used'" in query


@pytest.mark.parametrize(
    "when",
    [
        "true; drop table core.dim_party",
        "active_days = (select 1)",
        "true group by all",
        "active_days = 0 union select 1",
        "a = = b",
    ],
)
def test_a_rule_that_is_more_than_a_condition_is_refused(tmp_path: Path, when: str) -> None:
    with pytest.raises(RuleError, match=r"use_month.yaml: rules.idle.when is '.*expected (one|a) condition"):
        read(written(tmp_path, when=when))


def test_a_name_used_twice_and_an_unknown_word_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="otherwise is 'idle', which a rule is named already"):
        read(written(tmp_path, otherwise="idle"))
    path = written(tmp_path)
    path.write_text(path.read_text() + "ruls: 1\n")
    with pytest.raises(RuleError, match="ruls: Extra inputs"):
        read(path)
