"""Clerks write what customers show in many ways; how is known to the truth alone."""

from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic import clerks
from pipelines.synthetic.population import Customers
from pipelines.synthetic.settings import Settings

CARD = "370301195201029432"


def spelt(level: str) -> clerks.Spelling:
    """20,000 people of whom every other has two records."""
    person = np.concatenate([np.arange(20_000), np.arange(0, 20_000, 2)])
    registry = Customers(person, person, np.full(len(person), -1), np.zeros(len(person), dtype=bool))
    return clerks.spelling(Settings(100, 1, date(2026, 1, 1), faults=level), registry, np.arange(len(person)))


def test_without_faults_everything_is_written_as_shown() -> None:
    spelling = spelt("none")

    assert not any(np.any(word != "") for word in (spelling.document, spelling.birth, spelling.address, spelling.name))


def test_second_records_carry_most_mistakes() -> None:
    spelling = spelt("default")
    is_wrong = spelling.document != ""

    assert list(spelling.first[20_000:20_003]) == [0, 2, 4]
    assert 0.30 < is_wrong[20_000:].mean() < 0.36
    assert 0.01 < is_wrong[:20_000].mean() < 0.03


def test_papers_are_written_in_five_wrong_ways() -> None:
    words = np.array(["", "mistyped", "mistyped", "old_card", "passport", "missing", "made_up"], dtype=object)
    person = np.array([1, 1, 3, 1, 1, 1, 1])
    written = clerks.papers(pl.Series([CARD] * len(words)), person, words).rows()

    assert written[0] == ("id_card", CARD)
    replaced, swapped = written[1][1], written[2][1]
    assert sum(a != b for a, b in zip(replaced, CARD, strict=True)) == 1
    assert sorted(swapped) == sorted(CARD)
    assert written[3:] == [
        ("id_card", "370301520102943"), ("passport", "E00007919"), ("none", None), ("id_card", clerks.MADE_UP),
    ]  # fmt: skip


def test_births_and_addresses_lose_or_change_parts() -> None:
    words = np.array(["swapped", "swapped", "missing"], dtype=object)
    days = pl.Series([date(1980, 3, 5), date(1980, 3, 25), date(1980, 3, 5)])
    address = pl.Series(["泉安市历城区文化路182号23号楼3单元302室"] * 2)

    assert clerks.births(days, words).to_list() == [date(1980, 5, 3), date(1980, 3, 25), None]
    assert clerks.addresses(address, np.array(["other_words", "no_flat"], dtype=object)).to_list() == [
        "历城区文化路182号23栋3单元302", "泉安市历城区文化路182号",
    ]  # fmt: skip
