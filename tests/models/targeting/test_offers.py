"""Next best offers: rates that say what they rest on, and the three that bring most of those a line may have."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models import versions
from models.targeting.audience import AudienceError
from models.targeting.offer import FACTS, Offers, apply, in_version, rates, terms

HANDSET = {"column": "line_type", "is": "handset"}
DECLARED: dict[str, Any] = {
    "most_offers": 3, "cells": ["pay_type"], "prior_contacts": 50, "margin_share": 0.5, "contact_cost_amt": 0.5,
    "offers": {
        "A": {"title": "A", "months": 10, "fee_amt": 10, "where": {"column": "data_gb", "at_least": 1}},
        "B": {"title": "B", "months": 10, "plan": "P2", "where": {"column": "plan_id", "is": "P1"}},
        "C": {"title": "C", "months": 10, "service": "S", "cost_amt": 1, "where": HANDSET},
        "D": {"title": "D", "months": 1, "fee_amt": 0.1, "where": HANDSET},
        "E": {"title": "E", "months": 2, "fee_amt": 20, "where": HANDSET},
    },
}  # fmt: skip
PLANS, SERVICES = {"P1": 30.0, "P2": 50.0}, {"S": 5.0}


def line(key: int, month: date = date(2026, 1, 1), **facts: Any) -> dict[str, Any]:
    usual = {
        "pay_type": "prepaid",
        "line_type": "handset",
        "plan_id": "P1",
        "data_gb": 2.0,
        "revenue_amt": 0.0,
        "offers_held": "|",
    }
    return {"month_start": month, "subscription_key": key} | dict.fromkeys(FACTS) | usual | facts


def reader(rows: list[dict[str, Any]]) -> pa.RecordBatchReader:
    """As the engine gives the rows: decimals as 128 bits."""
    import duckdb

    kinds = {"month_start": "date", "subscription_key": "bigint"} | FACTS | {"offers_held": "varchar"}
    db = duckdb.connect(config={"threads": 1})
    db.execute(f"create table fact ({', '.join(f'{n} {k}' for n, k in kinds.items())})")
    for row in rows:
        db.execute(f"insert into fact ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))
    return db.execute("from fact order by subscription_key").to_arrow_reader(2)


@pytest.fixture
def fitted(tmp_path: Path) -> Path:
    offers = Offers.model_validate(DECLARED)
    told = rates({"A": {"prepaid": (500, 100), "postpaid": (500, 20)}}, list(offers.offers), 50)
    versions.keep(
        tmp_path, {"offers.json": in_version(offers, PLANS, SERVICES, told, {})}, in_force_from="2026-01-31",
        fitted_as_of="2026-01-31", data_hash="x", code_version="y", evaluation=told,
    )  # fmt: skip
    return tmp_path


def best(rows: list[dict[str, Any]], fitted: Path) -> list[dict[str, Any]]:
    found: Iterator[pa.RecordBatch] = apply(reader(rows), fitted)
    return [row for batch in found for row in batch.to_pylist()]


def test_a_line_is_offered_the_three_that_bring_most(fitted: Path) -> None:
    found = best([line(1)], fitted)
    assert [(row["place"], row["offer_id"]) for row in found] == [(1, "B"), (2, "A"), (3, "C")]
    assert [row["margin_amt"] for row in found] == [
        100.0,
        50.0,
        24.0,
    ]  # 10 x (50 - 30) x 0.5; 10 x 10 x 0.5; 10 x 5 x 0.5 - 1
    assert found[1]["expected_amt"] == round(found[1]["p_accept"] * 50 - 0.5, 2)
    assert [row["basis_type"] for row in found] == ["other_offers", "cell", "other_offers"]


def test_what_a_line_holds_or_may_not_have_or_brings_nothing_is_not_offered(fitted: Path) -> None:
    assert [row["offer_id"] for row in best([line(1, offers_held="|A|B|")], fitted)] == [
        "C",
        "E",
    ]  # D costs more than it brings
    assert [row["offer_id"] for row in best([line(1, data_gb=0.5, plan_id="P2")], fitted)] == ["C", "E"]
    assert best([line(1, line_type="m2m", plan_id=None, data_gb=None)], fitted) == []


def test_months_before_a_version_is_in_force_have_no_offers_and_batches_do_not_matter(fitted: Path) -> None:
    rows = [
        line(1, date(2025, 12, 1)),
        line(2),
        line(3, pay_type="postpaid"),
        line(4, date(2026, 2, 1)),
        line(5, data_gb=0.0),
    ]
    together = best(rows, fitted)

    assert {row["month_start"] for row in together} == {date(2026, 1, 1), date(2026, 2, 1)}
    assert together == [row for one in rows for row in best([one], fitted)]
    assert {row["version"] for row in together} == {1}


def test_few_answers_are_drawn_to_what_more_of_them_say() -> None:
    told = rates(
        {"A": {"young": (1000, 300), "old": (1000, 100), "few": (2, 2)}, "B": {"young": (100, 10), "old": (100, 10)}},
        ["A", "B", "C"], 50,
    )  # fmt: skip
    cells = told["offers"]["A"]["cells"]
    assert abs(cells["young"] - 0.3) < 0.01
    assert abs(cells["old"] - 0.1) < 0.01
    assert cells["old"] < cells["few"] < 0.6
    assert told["offers"]["B"]["strength"] is None  # its cells are alike: one rate for all
    assert len(set(told["offers"]["B"]["cells"].values())) == 1
    assert told["offers"]["C"] == {
        "mean": told["overall"],
        "contacted": 0,
        "accepted": 0,
        "strength": None,
        "cells": {},
    }


def test_drawn_rates_are_nearer_to_the_truth_than_raw_ones() -> None:
    draw = np.random.default_rng(1)
    truth = draw.beta(4, 16, 200)
    contacted = draw.integers(5, 60, 200)
    accepted = draw.binomial(contacted, truth)
    told = rates(
        {"A": {f"{n:03d}": (int(c), int(a)) for n, (c, a) in enumerate(zip(contacted, accepted, strict=True))}},
        ["A"],
        50,
    )
    drawn = np.array(list(told["offers"]["A"]["cells"].values()))

    assert np.mean((drawn - truth) ** 2) < 0.6 * np.mean((accepted / contacted - truth) ** 2)
    assert 10 < told["offers"]["A"]["strength"] < 40  # drawn with 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plan": "P9", "fee_amt": 0}, "offers.A.plan: found 'P9'; the catalogue has P1, P2"),
        ({"where": {"column": "data_gbs", "above": 1}}, "offers.A.where.column: found 'data_gbs'"),
        ({"where": {"column": "data_gb", "between": [3, 2]}}, "nobody is ever chosen"),
    ],
)
def test_offers_that_are_not_sound_are_refused(change: dict[str, Any], message: str) -> None:
    declared = DECLARED | {"offers": {"A": DECLARED["offers"]["A"] | change}}
    with pytest.raises(AudienceError, match=r"offers\.yaml") as caught:
        terms(Offers.model_validate(declared), PLANS, SERVICES, "offers.yaml")
    assert message in str(caught.value)
