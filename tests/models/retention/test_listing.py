"""Controls are drawn from the list by lot, the same again, and a measured version counts from its day on."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from models import versions
from models.retention.economics import declared
from models.retention.listing import apply, chosen, controls

MONTH = date(2026, 1, 1)


def base(lines: int = 5_000, month: date = MONTH) -> pl.DataFrame:
    """Lines of ten deciles and four bands; the riskier, the fewer are of high value."""
    rng = np.random.default_rng(7)
    probability = np.round(rng.beta(1, 9, lines), 6)
    amount = np.round(rng.gamma(2, 40, lines), 2)
    return pl.DataFrame(
        {
            "month_start": pl.Series([month] * lines),
            "subscription_key": pl.Series(1000 + rng.permutation(lines)),
            "probability": pl.Series(probability).cast(pl.Decimal(9, 6)),
            "decile": pl.Series(10 - np.argsort(np.argsort(probability)) * 10 // lines, dtype=pl.Int32),
            "value_band": pl.Series(np.array(["low", "mid", "high", "top"])[np.digitize(amount, [40, 80, 150])]),
            "monthly_amt": pl.Series(amount).cast(pl.Decimal(18, 2)),
            "kept_share": pl.Series([None] * lines, dtype=pl.Decimal(9, 6)),
            "method": pl.Series([None] * lines, dtype=pl.String),
        }
    )


def listed(frame: pl.DataFrame, fitted: Path = Path("nothing was fitted")) -> pl.DataFrame:
    return pl.concat(map(pl.DataFrame, apply(reader(frame), fitted)))


def reader(frame: pl.DataFrame) -> pa.RecordBatchReader:
    table = frame.to_arrow()
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=999))


def test_every_stratum_gives_its_share_of_controls() -> None:
    rows = listed(base())
    share = declared().control_share
    strata = rows.group_by("decile", "value_band").agg(lines=pl.len(), held=pl.col("is_control").sum())

    assert len(strata) > 15
    assert rows["is_control"].sum() == round(len(rows) * share)
    assert ((strata["held"] - strata["lines"] * share).abs() < 1).all()


def test_the_lot_knows_nothing_but_seed_month_and_line() -> None:
    frame = base()
    once, again = listed(frame), listed(frame.sample(fraction=1, shuffle=True, seed=3))

    assert once.equals(again)
    rows = pl.DataFrame({"decile": [1] * 500, "value_band": ["low"] * 500, "subscription_key": range(500)})
    drawn = controls(rows, MONTH, 0.08, 1)
    assert drawn.sum() == 40
    for other in (controls(rows, MONTH, 0.08, 2), controls(rows, date(2026, 2, 1), 0.08, 1)):
        assert other.sum() == 40 and 0 < (drawn & other).sum() < 20


def test_controls_are_no_better_and_no_worse_than_the_others() -> None:
    rows = listed(base(20_000))
    held, rest = rows.filter("is_control"), rows.filter(~pl.col("is_control"))

    for column in ("probability", "monthly_amt", "place"):
        one, two = (each[column].cast(pl.Float64) for each in (held, rest))
        error = (one.var() / len(one) + two.var() / len(two)) ** 0.5  # ty: ignore
        assert abs(one.mean() - two.mean()) < 3 * error  # ty: ignore


def test_a_small_list_still_has_its_share_of_controls() -> None:
    frame = base(300)
    rows = listed(frame)

    assert 20 < len(rows) < 300
    assert rows["is_control"].sum() == round(len(rows) * declared().control_share)


def test_the_list_holds_the_lines_that_are_expected_to_pay_best_first() -> None:
    frame, economics = base(), declared()
    probability = frame["probability"].cast(pl.Float64).to_numpy()
    value = economics.value(frame["monthly_amt"].cast(pl.Float64).to_numpy(), probability)
    risk = 1 - (1 - probability) ** (economics.effect_months / economics.horizon_months)
    gain = risk * economics.uplift_share * economics.accept_share * value - economics.cost_amt

    rows = listed(frame)
    assert set(rows["subscription_key"]) == set(frame["subscription_key"].gather(np.flatnonzero(gain > 5e-7)))
    assert rows["expected_profit_amt"].is_sorted(descending=True)
    assert rows["place"].to_list() == list(range(1, len(rows) + 1))


def test_a_capacity_cuts_the_list_and_not_the_ranking() -> None:
    economics = declared().model_copy(update={"capacity": 10})
    rows = chosen(MONTH, base().sort("subscription_key"), None, economics).listed()

    assert rows["subscription_key"].to_list() == listed(base())["subscription_key"].to_list()[:10]


@pytest.mark.parametrize("month", [date(2026, 1, 1), date(2026, 2, 1)])
def test_a_measured_version_counts_for_months_that_end_when_it_is_in_force(tmp_path: Path, month: date) -> None:
    versions.keep(
        tmp_path, {"uplift.json": '{"accept_share": 0.2, "uplift_share": 0.9}'}, in_force_from=date(2026, 2, 1),
        fitted_as_of=date(2026, 1, 31), data_hash="", code_version="", evaluation={},
    )  # fmt: skip
    rows = listed(base(month=month), tmp_path)

    told = set(rows.select("version", "accept_share", "uplift_share").iter_rows())
    assert told == ({(1, 0.2, 0.9)} if month.month == 2 else {(None, 0.3, 0.5)})


def test_where_a_learner_is_in_force_lines_are_ranked_by_whom_contact_moves() -> None:
    frame = base().with_columns(
        kept_share=(pl.col("subscription_key") % 10 / 100).cast(pl.Decimal(9, 6)), method=pl.lit("x_learner")
    )
    economics, rows = declared(), listed(frame)
    gain = rows["kept_share"].cast(pl.Float64) * rows["value_amt"].cast(pl.Float64) - economics.cost_amt

    assert set(rows["method"]) == {"x_learner"} and set(listed(base())["method"]) == {"risk"}
    assert (rows["subscription_key"] % 10 > 0).all()
    assert (gain - rows["expected_profit_amt"]).abs().max() < 0.001  # ty: ignore


def test_months_are_listed_each_by_itself() -> None:
    january, february = base(400), base(400, date(2026, 2, 1))

    assert listed(pl.concat([february, january])).equals(pl.concat([listed(january), listed(february)]))
