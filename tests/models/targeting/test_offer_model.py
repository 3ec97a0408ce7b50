"""Where answers are many, a model tells lines apart if it can; a night only applies it."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models import versions
from models.targeting.offer import Offers, in_version, rates
from pipelines.commands.offers import model_of
from tests.models.targeting.test_offers import DECLARED, PLANS, SERVICES, best, line

pytest.importorskip("models.learner.learn")


def contacts(share: np.ndarray, use: np.ndarray) -> pa.Table:
    draw = np.random.default_rng(3)
    months = [date(2025, 1, 1) + timedelta(days=30 * int(n)) for n in np.arange(len(use)) // (len(use) // 8)]
    return pa.table(
        {
            "subscription_key": np.arange(len(use)), "frozen_on": pa.array(months, pa.date32()),
            "is_accepted": draw.random(len(use)) < share, "data_gb": use,
            "tenure_months": draw.integers(0, 60, len(use)),
        }
    )  # fmt: skip


def test_a_model_is_kept_with_the_rates_and_decides_for_its_offer(tmp_path: Path) -> None:
    use = np.random.default_rng(1).random(4000) * 10
    model = model_of(contacts(np.where(use > 5, 0.5, 0.05), use))
    assert model is not None
    kept = model.keep_version(
        tmp_path / "offers" / "A", in_force_from=date(2026, 1, 31), fitted_as_of=date(2026, 1, 31)
    )
    offers = Offers.model_validate(DECLARED)
    told = rates({"A": {"prepaid": (4000, 1100)}}, list(offers.offers), 50)
    versions.keep(
        tmp_path, {"offers.json": in_version(offers, PLANS, SERVICES, told, {"A": kept.number})},
        in_force_from="2026-01-31", fitted_as_of="2026-01-31", data_hash="x", code_version="y", evaluation=told,
    )  # fmt: skip
    found = best([line(1, data_gb=9.0), line(2, data_gb=2.0), line(3, data_gb=9.0)], tmp_path)
    chance = {row["subscription_key"]: row["p_accept"] for row in found if row["offer_id"] == "A"}

    assert {row["basis_type"] for row in found if row["offer_id"] == "A"} == {"model"}
    assert chance[2] < 0.2 < 0.4 < chance[1] < 0.6  # drawn with 0.05 and 0.5
    assert chance[1] == chance[3]


def test_a_model_that_tells_nobody_apart_is_not_kept() -> None:
    use = np.random.default_rng(1).random(2000) * 10
    assert model_of(contacts(np.full(2000, 0.2), use)) is None
