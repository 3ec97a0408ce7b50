"""Public tables, a bounded part of what `python -m benchmarks learner_public` measures in full."""

import numpy as np
import polars as pl

from models.learner import train
from models.learner.evaluate import auc
from tests.public_data import public


def test_one_run_of_five_folds_on_ibm_telco_is_above_logistic_regression() -> None:
    from sklearn.model_selection import StratifiedKFold

    frame = pl.read_csv(public("ibm_telco/Telco-Customer-Churn.csv"), infer_schema=False)
    label = (frame["Churn"] == "Yes").to_numpy().astype(int)
    found = []
    for inside, held in StratifiedKFold(5, shuffle=True, random_state=0).split(label, label):
        model = train(frame[inside], "Churn", "customerID", settings={"validation": {"repeats": 1}})
        scores = np.concatenate([batch["score"].to_numpy() for batch in model.score(frame[held])])
        found.append(auc(label[held], scores))

    # Ten runs differ by 0.0003; logistic regression reaches 0.845, LightGBM as it comes 0.834.
    assert np.mean(found) >= 0.848


def test_the_original_split_of_mlc_churn_is_predicted_well() -> None:
    path = public("mlc_churn/mlc_churn.csv")
    model = train(path, "churn", train_where="row_number <= 3333", score_where="row_number > 3333")

    assert model.evaluation["rows"] == 1667
    assert model.evaluation["auc"] >= 0.918
    assert model.evaluation["accuracy"] >= 0.955
