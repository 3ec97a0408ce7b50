"""Tables as they come: text for numbers, holes, odd names, few rows, one class; refused with words or understood."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from models.learner import LearnerError, settings_of, train
from models.learner.draw import drawn_from
from models.learner.table import label_of, open_table, table_of
from tests.models.learner.frames import LINES, customers


def reading(frame: pl.DataFrame, **more: object) -> tuple[dict[str, str], dict[str, str]]:
    """Kind by feature, and why other columns were left out."""
    table = table_of(frame)
    drawn = drawn_from(table, label_of(table, "churn", "told"), settings_of(LINES), id="customer", **more)
    return {one.name: one.kind for one in drawn.preparation.features}, drawn.excluded


def test_numbers_dates_and_categories_are_known_by_their_values_not_by_their_type() -> None:
    n = 300
    frame = customers(
        n,
        total=[" " if at % 20 == 0 else f"{at * 1.5:.2f}" for at in range(n)],
        dotted=[f"{at % 37},{at % 10}5" for at in range(n)],
        postcode=[f"0{at % 9 + 1}00" for at in range(n)],
        since=[str(date(2020, 1, 1) + timedelta(days=at * 7 % 900)) for at in range(n)],
        bought=[f"{at % 27 + 1:02d}.{at % 12 + 1:02d}.2024" for at in range(n)],
        is_roaming=[at % 3 == 0 for at in range(n)],
        paperless=[("Yes", "No", "NA")[at % 7 % 3] for at in range(n)],
    )
    kinds, _ = reading(frame)

    assert kinds == {
        "tenure": "number", "contract": "category", "fee": "number", "total": "number", "dotted": "number",
        "postcode": "category", "since": "date", "bought": "date", "is_roaming": "number", "paperless": "category",
    }  # fmt: skip


def test_useless_columns_are_dropped_and_named() -> None:
    n = 400
    frame = customers(n, seed=3).with_columns(
        empty=pl.lit(None, pl.String), same=pl.lit("x"), copy=pl.col("fee"), cents=pl.col("fee") * 100,
        note=pl.Series([f"called {at}" for at in range(n)]), list=pl.Series([[at] for at in range(n)]),
    )  # fmt: skip
    kinds, excluded = reading(frame)

    assert set(kinds) == {"tenure", "contract", "fee"}
    assert {name: why.split(":")[0] for name, why in excluded.items()} == {
        "empty": "empty in every row", "same": "has one value only", "copy": "repeats fee",
        "cents": "repeats fee, times a constant", "note": "400 different texts in 400 rows",
        "list": "a column of type integer[] is neither number, date nor category",
    } | {"list": excluded["list"]}  # fmt: skip
    assert "neither number, date nor category" in excluded["list"]


def test_odd_names_holes_and_infinite_values_are_no_obstacle() -> None:
    n = 300
    frame = customers(
        n,
        **{
            "select": [float(at % 5) for at in range(n)],
            "größe in €": [None if at % 3 else at * 1.0 for at in range(n)],
            'a "quoted" name': [float("inf") if at % 50 == 0 else float(at % 17) for at in range(n)],
            "label": [at % 4 for at in range(n)],
        },
    ).rename({"churn": "order", "customer": "group"})
    model = train(frame, "order", "group", settings=LINES)

    assert set(model.preparation.names) >= {"select", "größe in €", 'a "quoted" name', "label"}
    scores = np.concatenate([batch["score"].to_numpy() for batch in model.score(frame)])
    assert len(scores) == n
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    "values", [("Yes", "No"), ("1", "0"), ("true", "false"), ("Y", "N"), ("True.", "False."), ("churned", "stayed"),
               ("1.0", "0.0"), ("churn", "current")],
)  # fmt: skip
def test_labels_are_understood_as_people_write_them(values: tuple[str, str]) -> None:
    frame = customers(200).with_columns(told=pl.col("churn").replace({"Yes": values[0], "No": values[1]}))
    table = table_of(frame)
    label = label_of(table, "told", "told")

    assert table.ask(f"select churn, {label.sql} from told group by all order by all").fetchall() == [
        ("No", 0), ("Yes", 1),
    ]  # fmt: skip


def test_labels_nobody_can_order_are_refused_unless_the_leaver_is_named() -> None:
    frame = customers(200).with_columns(churn=pl.col("churn").replace({"Yes": "A", "No": "B"}))

    with pytest.raises(LearnerError, match=r"label 'churn' holds 'b' .*, 'a' .*; expected .*--positive VALUE"):
        train(frame, "churn", "customer")
    assert label_of(table_of(frame), "churn", "told", "A").positive == ("a",)


def test_one_class_no_row_and_unknown_columns_are_refused_in_words(tmp_path: Path) -> None:
    frame = customers(60)

    with pytest.raises(LearnerError, match="holds 'no' 60; expected two classes"):
        train(frame.with_columns(churn=pl.lit("No")), "churn", "customer")
    with pytest.raises(LearnerError, match="holds no value at all"):
        train(frame.clear(), "churn", "customer")
    with pytest.raises(LearnerError, match="has no column 'left' for the label; it has customer, tenure"):
        train(frame, "left", "customer")
    with pytest.raises(LearnerError, match='train-where "tenur < 3"'):
        train(frame, "churn", "customer", train_where="tenur < 3")
    with pytest.raises(LearnerError, match="no column beside label, id and time"):
        train(frame.select("customer", "churn"), "churn", "customer")
    with pytest.raises(LearnerError, match="no column is left to learn from: fee: has one value only"):
        train(frame.select("customer", "churn", fee=pl.lit(1)), "churn", "customer")
    with pytest.raises(LearnerError, match="is no file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(LearnerError, match=r"prior is 1\.5"):
        train(frame, "churn", "customer", prior=1.5)
    with pytest.raises(LearnerError, match=r"validation\.repeats is 0"):
        train(frame, "churn", "customer", settings={"validation": {"repeats": 0}})


def test_rows_without_label_are_left_out_and_counted() -> None:
    frame = customers(300).with_columns(
        churn=pl.when(pl.int_range(300) % 10 == 0).then(pl.lit(" ")).otherwise(pl.col("churn"))
    )
    model = train(frame, "churn", "customer", settings=LINES)

    assert (model.told["rows_without_label"], model.told["rows_fitted"]) == (30, 270)


@pytest.mark.parametrize("leavers", [1, 2, 5])
def test_a_handful_of_rows_or_leavers_is_enough_to_fit_and_claims_nothing_it_cannot(leavers: int) -> None:
    frame = customers(20).with_columns(churn=pl.Series([at < leavers for at in range(20)]))
    model = train(frame, "churn", "customer")

    scores = np.concatenate([batch["score"].to_numpy() for batch in model.score(frame)])
    assert ((scores >= 0) & (scores <= 1)).all()
    if leavers == 1:
        assert "auc" not in model.evaluation
        assert "too few rows of one class" in model.evaluation["estimated_on"]


def test_files_of_any_kind_give_the_same_model(tmp_path: Path) -> None:
    frame = customers(300)
    frame.write_csv(tmp_path / "told.csv")
    (tmp_path / "parts").mkdir()
    frame[:100].write_parquet(tmp_path / "parts" / "1.parquet")
    frame[100:].write_parquet(tmp_path / "parts" / "2.parquet")
    with duckdb.connect(tmp_path / "told.duckdb") as db:
        db.execute("create schema crm")
        db.register("frame", frame.to_arrow())
        db.execute("create table crm.customer as from frame")
    connection = duckdb.connect()
    connection.register("frame", frame.to_arrow())

    given = [tmp_path / "told.csv", tmp_path / "parts", f"{tmp_path / 'told.duckdb'}:crm.customer",
             connection.sql("from frame"), frame, frame.to_arrow(), frame.to_pandas()]  # fmt: skip
    found = {train(one, "churn", "customer", settings=LINES).evaluation["log_loss"] for one in given}

    assert len(found) == 1
    with pytest.raises(LearnerError, match=r"has no table 'crm\.line'; it has crm\.customer"):
        open_table(f"{tmp_path / 'told.duckdb'}:crm.line")


def test_a_column_that_only_tells_training_from_scoring_is_no_feature() -> None:
    frame = customers(300, fold=[at % 5 for at in range(300)])
    model = train(frame, "churn", "customer", settings=LINES, train_where="fold <> 3", score_where="fold = 3")

    assert model.told["excluded"] == {"fold": "separates the rows to train on from those to score"}
    assert model.evaluation["rows"] == 60


def test_a_running_number_is_no_feature_whether_or_not_the_table_is_sorted_by_outcome() -> None:
    frame = (
        customers(400)
        .sort("churn")
        .with_columns(line_no=pl.int_range(400), ticket=pl.int_range(400) * 7 + 79_990_000_001)
    )
    kinds, excluded = reading(frame)

    assert set(kinds) == {"tenure", "contract", "fee"}
    assert all(excluded[name].startswith("a running number") for name in ("line_no", "ticket"))


def test_columns_may_have_the_names_that_the_learner_uses_itself() -> None:
    n = 300
    frame = customers(n, value=[at % 7 for at in range(n)], held=["ab"[at % 2] for at in range(n)])

    kinds, _ = reading(frame.rename({"contract": "spelling"}))

    assert kinds == {"tenure": "number", "spelling": "category", "fee": "number", "value": "number", "held": "category"}
