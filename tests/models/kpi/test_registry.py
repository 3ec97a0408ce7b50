"""The registry is read whole or refused with file, entry and rule."""

import shutil
from pathlib import Path

import pytest

from models.kpi.registry import FOLDER, RegistryError, registry

ENTRY = """
broken:
  number: null
  name: {en: Broken, zh: 错}
  description: An entry that breaks one rule.
  layers: [analysis]
  unit: subscribers
  additivity: additive
  direction: up
  bounds: [0, null]
  source: K
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_every_layer_and_family_has_kpis_and_the_company_at_most_what_it_can_read() -> None:
    known = registry()

    assert len(known.kpis) >= 45
    assert {kpi.domain for kpi in known.kpis.values()} >= {"base", "revenue", "usage", "churn", "service", "campaign"}
    assert {layer for kpi in known.kpis.values() for layer in kpi.layers} == {"operations", "analysis", "company"}


def test_the_three_churn_rates_and_both_ways_to_net_adds_are_entries_of_their_own() -> None:
    known = registry().kpis

    assert [known[name].number for name in ("churn_rate", "churn_rate_normalised", "churn_rate_opening")] == [
        56,
        57,
        58,
    ]
    assert known["net_adds_by_movement"].equals == "net_adds"


@pytest.mark.parametrize(
    ("measured", "rule"),
    [
        ("", "has neither `day` nor `month`"),
        ("  day: {source: core.nowhere, numerator: count(*)}", "source 'core.nowhere' is not in source.yaml"),
        ("  month: {source: core.subscriber_day, numerator: count(*)}", "one row per day, not per month"),
        ("  day: {source: core.subscriber_day, numerator: is_churn}", "'is_churn' holds no aggregate"),
        ("  day: {source: core.subscriber_day, numerator: count(distinct party_key)}", "cannot be added up over cells"),
        ("  day: {source: core.subscriber_day, numerator: avg(tenure_days)}", "cannot be added up over cells"),
        ("  day: {source: core.subscriber_day, numerator: count(*), needs: [bill]}", "does not declare as `complete`"),
        ("  day: {source: core.subscriber_day, numerator: count(*), denominator: count(*)}", "only a ratio has one"),
        ("  month: {numerator: gross_adds, denominator: net_adds}", "has the additivity `ratio`"),
        ("  month: {sum_of: day}", "sums its days but has no `day`"),
        (
            "  day: {source: core.subscriber_day, numerator: count(*)}\n  population: nobody",
            "'nobody' is not in population",
        ),
        ("  day: {source: core.subscriber_day, numerator: count(*)}\n  colour: red", "colour: Extra inputs"),
    ],
)
def test_a_broken_entry_is_refused_by_file_entry_and_rule(folder: Path, measured: str, rule: str) -> None:
    path = folder / "base.yaml"
    path.write_text(path.read_text() + ENTRY + measured)

    with pytest.raises(RegistryError, match=r"base\.yaml: broken: ") as refused:
        registry(folder)

    assert rule in str(refused.value)


def test_an_id_used_twice_is_refused(folder: Path) -> None:
    path = folder / "churn.yaml"
    path.write_text(path.read_text() + ENTRY.replace("broken:", "gross_adds:"))

    with pytest.raises(RegistryError, match=r"already declared in base\.yaml"):
        registry(folder)
