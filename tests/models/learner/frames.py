"""Tables of customers whose leaving follows a known rule."""

import numpy as np
import polars as pl

QUICK = {"validation": {"repeats": 1, "folds": 3}}
LINES = {"validation": {"repeats": 1, "folds": 3, "few_positives": 1_000_000}}  # logistic regression only: quick


def customers(rows: int = 1500, seed: int = 1, **more: object) -> pl.DataFrame:
    """Short tenure and monthly contracts leave; `more` are further columns, or functions of (random, left)."""
    random = np.random.default_rng(seed)
    tenure = random.integers(0, 72, rows)
    contract = random.choice(["Month-to-month", "One year", "Two year"], rows, p=[0.5, 0.3, 0.2])
    logit = 0.6 - 0.06 * tenure - 1.2 * (contract == "Two year") - 0.5 * (contract == "One year")
    left = random.random(rows) < 1 / (1 + np.exp(-logit))
    made = {name: value(random, left) if callable(value) else value for name, value in more.items()}
    return pl.DataFrame({
        "customer": [f"c{at:06d}" for at in random.permutation(rows)], "tenure": tenure, "contract": contract,
        "fee": random.gamma(2.0, 20.0, rows).round(2), **made, "churn": np.where(left, "Yes", "No"),
    })  # fmt: skip
