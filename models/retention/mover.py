"""Whom contact moves, learnt from lines contacted and lines left alone by lot.

T-learner: a model per arm, their difference. X-learner (Künzel et al., PNAS 116, 2019, 4156-4165): trees of what lines
of one arm did beyond what the other arm's model says of them, weighed by the share of the arms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from models.learner import Model, train
from models.learner.boosting import library
from models.versions import Version, in_force_at_end, versions

BY_RISK = "risk"  # times value; else by one of the learners
LEARNERS = ("t_learner", "x_learner")
OWN = "of the table: "  # before the names of a table's columns, which may be any word
QUICK = {
    "validation": {"folds": 2, "repeats": 1}
}  # each row is scored by a model of the other half; arms are halves too
TREES = {
    "objective": "regression", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 100, "lambda_l2": 10.0,
    "feature_fraction": 0.8, "num_threads": 2, "seed": 1, "deterministic": True, "verbose": -1,
}  # fmt: skip
ROUNDS = 100
GAINS = pa.schema(
    [
        ("month_start", pa.date32()), ("subscription_key", pa.int64()), ("version", pa.int32()),
        ("method", pa.string()), ("kept_share", pa.float64()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Mover:
    """The models of both arms, the trees of the effect as seen in each, and the share of rows contacted."""

    contacted: Model
    alone: Model
    effect_contacted: Any
    effect_alone: Any
    share: float

    @classmethod
    def learn(cls, rows: pl.DataFrame, treated: np.ndarray) -> Mover:
        """From features and `bassline_wanted` of an experiment's rows, and which of them were contacted (1) or not."""
        arms = rows.filter(pl.Series(treated > 0)), rows.filter(pl.Series(treated == 0))
        contacted, alone = (train(arm, "bassline_wanted", settings=QUICK, positive="1.0") for arm in arms)
        beyond = [
            arm["bassline_wanted"].to_numpy() - chance(other, arm)
            for arm, other in zip(arms, (alone, contacted), strict=True)
        ]
        effects = trees(contacted, arms[0], beyond[0]), trees(contacted, arms[1], -beyond[1])
        return cls(contacted, alone, *effects, float(treated.mean()))

    def gains(self, rows: pl.DataFrame) -> dict[str, np.ndarray]:
        """By way of ranking, how much contact raises the chance of what is wanted; of `risk`, how much is to gain."""
        alone, told = chance(self.alone, rows), floats(self.contacted, rows)
        weighed = self.share * self.effect_alone.predict(told) + (1 - self.share) * self.effect_contacted.predict(told)
        return {
            BY_RISK: 1 - alone,
            "t_learner": self.contacted.chance(told, threads=2) - alone,
            "x_learner": np.round(weighed, 9),
        }

    def files(self) -> dict[str, str]:
        """What is kept in a version, beside other files of it."""
        return {
            **self.contacted.files("contacted_"), **self.alone.files("alone_"),
            "effect_contacted.txt": self.effect_contacted.model_to_string(),
            "effect_alone.txt": self.effect_alone.model_to_string(), "share.json": json.dumps(self.share),
        }  # fmt: skip

    @classmethod
    def of(cls, version: Version) -> Mover:
        effects = (library().Booster(model_str=version.text(f"effect_{arm}.txt")) for arm in ("contacted", "alone"))
        models = (Model.of(version, f"{arm}_") for arm in ("contacted", "alone"))
        return cls(*models, *effects, version.json("share.json"))


def method_of(version: Version | None) -> str:
    """How a version ranks lines: by risk times value, or by a learner."""
    return BY_RISK if version is None else version.json("uplift.json").get("method", BY_RISK)


def apply(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """The rows of retention.uplift_month: one column in, `features`, rows of churn.feature_month in any order."""
    if all(method_of(version) == BY_RISK for version in versions(fitted)):
        return
    known: dict[Any, tuple[int, str, Mover] | None] = {}
    for batch in rows:
        lines = pl.DataFrame(pa.Table.from_batches([pa.RecordBatch.from_struct_array(batch.column(0))]))
        for month in lines["month_start"].unique().sort():
            if month not in known:
                known[month] = in_force(fitted, month)
            if (found := known[month]) is not None:
                yield of_month(lines.filter(pl.col("month_start") == month), *found)


def in_force(fitted: Path, month: Any) -> tuple[int, str, Mover] | None:
    version = in_force_at_end(fitted, month)
    if version is None or (method := method_of(version)) == BY_RISK:
        return None
    return version.number, method, Mover.of(version)


def of_month(lines: pl.DataFrame, number: int, method: str, mover: Mover) -> pa.RecordBatch:
    gain = mover.gains(lines.rename(lambda name: OWN + name))[method]
    columns = [
        lines["month_start"].to_arrow(), lines["subscription_key"].to_arrow(), pa.array([number] * len(lines)),
        pa.array([method] * len(lines)), pa.array(np.round(gain, 6)),
    ]  # fmt: skip
    cast = [column.cast(field.type) for column, field in zip(columns, GAINS, strict=True)]
    return pa.RecordBatch.from_arrays(cast, schema=GAINS)


def trees(prepared: Model, rows: pl.DataFrame, target: np.ndarray) -> Any:
    lightgbm = library()
    return lightgbm.train(TREES, lightgbm.Dataset(floats(prepared, rows), target, free_raw_data=True), ROUNDS)


def chance(model: Model, rows: pl.DataFrame) -> np.ndarray:
    return model.chance(floats(model, rows), threads=2)


def floats(prepared: Model, rows: pl.DataFrame) -> np.ndarray:
    import duckdb

    connection = duckdb.connect()
    connection.register("told", rows.to_arrow())
    types = {name: str(kind) for name, kind, *_ in connection.execute("describe from told").fetchall()}
    chosen = ", ".join(prepared.preparation.select(types, "the table"))
    return prepared.preparation.matrix(connection.sql(f"select {chosen} from told").to_arrow_table().columns, len(rows))
