"""What a trained model promises: the same data give the same scores, whatever their order and names; kept is loaded."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.learner import LearnerError, Model, additive, load, train
from models.versions import VersionError
from tests.models.learner.frames import LINES, QUICK, customers


def scores(model: Model, frame: pl.DataFrame, reasons: int = 0) -> pl.DataFrame:
    return pl.concat([pl.from_arrow(batch) for batch in model.score(frame, reasons=reasons)]).sort("id")


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return customers(1200, city=lambda random, left: random.choice([f"city {at}" for at in range(40)], 1200))


@pytest.fixture(scope="module")
def model(frame: pl.DataFrame) -> Model:
    return train(frame, "churn", "customer", settings=QUICK)


def test_order_of_rows_and_names_of_columns_change_no_score(frame: pl.DataFrame, model: Model) -> None:
    names = {"tenure": "a b", "contract": "select", "fee": "ü", "city": "CITY_2", "customer": "id"}
    other = frame.sample(fraction=1.0, shuffle=True, seed=4).rename(names)
    again = train(other, "churn", "id", settings=QUICK)

    assert scores(again, other)["score"].to_list() == scores(model, frame)["score"].to_list()
    assert again.evaluation["auc"] == model.evaluation["auc"]


@given(st.lists(st.tuples(
    st.one_of(st.none(), st.floats(width=64), st.integers(-10**9, 10**9)), st.one_of(st.none(), st.text(max_size=5)),
    st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.sampled_from(["city 1", "Ürümqi", ""])),
), min_size=1, max_size=20))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_whatever_comes_has_a_score_between_0_and_1_and_reasons(model: Model, rows: list[tuple[object, ...]]) -> None:
    given_rows = pl.DataFrame(
        [(str(at), None if row[0] is None else float(row[0]), *row[1:]) for at, row in enumerate(rows)],
        schema={
            "customer": pl.String,
            "tenure": pl.Float64,
            "contract": pl.String,
            "fee": pl.Float64,
            "city": pl.String,
        },
        orient="row",
    )
    found = scores(model, given_rows, reasons=3)

    assert len(found) == len(rows)
    assert found["score"].is_between(0, 1).all()
    assert found["decile"].is_between(1, 10).all()


def test_a_kept_model_is_loaded_as_it_was_and_refused_when_changed(
    frame: pl.DataFrame, model: Model, tmp_path: Path
) -> None:
    folder = model.keep(tmp_path / "kept", in_force_from=date(2026, 1, 31), fitted_as_of=date(2026, 1, 31))
    loaded = load(folder)

    assert scores(loaded, frame[:200], reasons=3).equals(scores(model, frame[:200], reasons=3))
    assert loaded.evaluation["auc"] == model.evaluation["auc"]
    assert loaded.drift(frame) == model.drift(frame)
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".txt"}
    path = folder / "model.json"
    path.write_text(path.read_text().replace("0", "1"))
    with pytest.raises(VersionError, match=r"model\.json: sha256 is"):
        load(folder)


def test_a_table_without_the_models_columns_is_refused_by_name(frame: pl.DataFrame, model: Model) -> None:
    with pytest.raises(LearnerError, match="lacks contract, fee, which the model was trained with"):
        scores(model, frame.drop("contract", "fee"))
    with pytest.raises(LearnerError, match="lacks the id column 'customer'"):
        scores(model, frame.drop("customer"))


def test_reasons_say_in_words_what_moved_the_score(model: Model) -> None:
    rows = pl.DataFrame({
        "customer": ["new", "old"], "tenure": [1, 70], "contract": ["Month-to-month", "Two year"], "fee": [30.0, 30.0],
        "city": ["city 1", "city 2"],
    })  # fmt: skip
    found = {row["id"]: row for row in scores(model, rows, reasons=3).to_dicts()}

    assert found["new"]["reason_1"] == "tenure is 1, low: raises risk"
    assert {found["old"]["reason_1"], found["old"]["reason_2"]} == {
        "tenure is 70, high: lowers risk", "contract is Two year: lowers risk",
    }  # fmt: skip
    assert found["new"]["score"] > 0.4 > 0.1 > found["old"]["score"]


def test_contributions_add_up_to_the_score(frame: pl.DataFrame, model: Model) -> None:
    from models.learner.reasons import contributions

    rows = frame[:200].to_arrow()
    preparation = model.preparation
    connection = duckdb.connect()
    connection.register("told", rows)
    kinds = {name: str(kind) for name, kind, *_ in connection.execute("describe from told").fetchall()}
    chosen = connection.sql(f"select {', '.join(preparation.select(kinds, 'told'))} from told").to_arrow_table()
    matrix = preparation.matrix(chosen.columns, chosen.num_rows)
    rest = model.fitted.raw(matrix) - contributions(model.fitted, matrix).sum(axis=1)

    assert np.ptp(rest) < 1e-4


def test_a_population_that_moved_is_told(frame: pl.DataFrame, model: Model) -> None:
    moved = frame.with_columns(pl.col("tenure") // 4, city=pl.lit("elsewhere"))
    told = {one["column"]: one["verdict"] for one in model.drift(moved)}

    assert told["tenure"] == told["city"] == told["score"] == "alarm"
    assert told["fee"] == "steady"


def test_a_rebalanced_sample_is_corrected_to_the_true_share(frame: pl.DataFrame) -> None:
    base = customers(6000, seed=8)
    leavers, stayers = base.filter(pl.col("churn") == "Yes"), base.filter(pl.col("churn") == "No")
    balanced = pl.concat([leavers, stayers[: len(leavers) // 2]])
    true = len(leavers) / len(base)
    model = train(balanced, "churn", "customer", settings=LINES, prior=true)

    assert scores(model, base)["score"].mean() == pytest.approx(true, abs=0.03)
    assert model.evaluation["leaver_share"] == pytest.approx(true, abs=1e-6)
    assert model.evaluation["calibration_error"] < 0.05


def test_a_sample_that_keeps_all_leavers_gives_true_probabilities() -> None:
    base = customers(8000, seed=9).with_columns(
        churn=pl.when((pl.col("churn") == "Yes") & (pl.int_range(8000) % 12 > 0)).then(pl.lit("No")).otherwise("churn")
    )
    small = {**LINES, "sample": {"rows": 1500}}
    model = train(base, "churn", "customer", settings=small)

    assert model.told["rows_fitted"] < 1800
    assert "of leavers and" in model.told["sampled"]
    assert scores(model, base)["score"].mean() == pytest.approx((base["churn"] == "Yes").mean(), rel=0.15)


@pytest.mark.filterwarnings("error")
def test_many_columns_that_say_nearly_the_same_are_solved_to_the_end() -> None:
    """Sums of a few things, some rarely filled and so of little spread: sixty steps were too few for them."""
    random = np.random.default_rng(1)
    said = random.normal(size=(2000, 30))
    columns = (np.repeat(said, 10, axis=1) + 0.5 * random.normal(size=(2000, 300))) * np.geomspace(0.02, 1, 300)
    left = random.random(2000) < 1 / (1 + np.exp(4 - said[:, :3].sum(axis=1)))

    model = additive.solve(columns, left.astype(float), max(additive.STRENGTHS))

    assert 60 < model.n_iter_[0] < additive.STEPS
