"""Gradient boosting (LightGBM): its settings, its columns, and its fits with an honest number of trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.learner import encode
from models.learner.prepare import FIRST, Preparation

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class Trees:
    """One setting. `native` leaves categories of many levels to LightGBM instead of encoding them."""

    depth: int
    leaves: int
    least_rows: int
    share: float
    shrink: float
    rate: float = 0.03
    native: bool = False

    @property
    def name(self) -> str:
        return f"depth {self.depth}, {self.leaves} leaves, {self.least_rows} rows, {self.share:g} of columns" + (
            ", native categories" if self.native else ""
        )

    def parameters(self, seed: int, threads: int, columns: int) -> dict[str, Any]:
        # A tree that sees one column can learn of no two that only matter together.
        share = min(1.0, max(self.share, 4 / max(columns, 1)))
        return {
            "objective": "binary", "metric": "None", "verbosity": -1, "deterministic": True, "force_row_wise": True,
            "num_threads": threads, "seed": seed, "learning_rate": self.rate, "max_depth": self.depth,
            "num_leaves": self.leaves, "min_data_in_leaf": self.least_rows, "feature_fraction": share,
            "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": self.shrink, "max_bin": 127,
            "min_sum_hessian_in_leaf": 0.1, "feature_pre_filter": False, "cat_l2": 20.0, "cat_smooth": 20.0,
            "max_cat_threshold": 16, "min_data_per_group": 20,
        }  # fmt: skip


SMALL = (
    Trees(2, 4, 20, 0.4, 2.0),
    Trees(3, 8, 20, 0.4, 5.0),
    Trees(4, 12, 20, 0.4, 10.0),
    Trees(6, 24, 20, 0.5, 5.0),
    Trees(9, 40, 10, 0.7, 5.0),
)
LARGE = (Trees(4, 15, 50, 0.5, 5.0, rate=0.1), Trees(7, 40, 100, 0.5, 10.0, rate=0.1))


@dataclass
class Expansion:
    """The columns that trees see: numbers as they are, small categories level by level, large ones encoded."""

    blocks: list[dict[str, Any]]

    @classmethod
    def of(
        cls, preparation: Preparation, matrix: np.ndarray, label: np.ndarray, parts: np.ndarray, one_hot: int,
        native: bool,
    ) -> tuple[Expansion, np.ndarray]:  # fmt: skip
        blocks: list[dict[str, Any]] = []
        made = []
        for at, feature in enumerate(preparation.features):
            size = FIRST + len(feature.levels)
            if feature.kind != "category":
                blocks.append({"kind": "number", "at": at})
            elif len(feature.levels) > one_hot and native:
                blocks.append({"kind": "native", "at": at})
            elif len(feature.levels) > one_hot:
                table, values = encode.fitted(matrix[:, at].astype(np.int64), label, size, parts)
                if not table.any():
                    continue
                blocks.append({"kind": "encoded", "at": at, "table": table.tolist()})
                made.append((len(blocks) - 1, values))
            else:
                rows = np.bincount(matrix[:, at].astype(np.int64), minlength=size)
                own = [int(level) for level in np.flatnonzero(rows)]
                # Of two levels one column says it all.
                blocks.append({"kind": "levels", "at": at, "own": own[1:] if len(own) == 2 else own})
        expansion = cls(blocks)
        wide = expansion.columns(matrix)
        for place, values in made:
            wide[:, expansion.places()[place]] = values
        return expansion, wide

    def places(self) -> list[int]:
        """First column of each block."""
        return np.cumsum([0, *(len(block.get("own", " ")) for block in self.blocks)]).tolist()

    def sources(self) -> list[int]:
        """The feature behind each column."""
        return [block["at"] for block in self.blocks for _ in block.get("own", " ")]

    def native(self) -> list[int]:
        return [at for at, block in zip(self.places(), self.blocks, strict=False) if block["kind"] == "native"]

    def columns(self, matrix: np.ndarray) -> np.ndarray:
        if [block["at"] for block in self.blocks] == list(range(matrix.shape[1])) and all(
            block["kind"] in ("number", "native") for block in self.blocks
        ):
            return matrix
        made = np.empty((len(matrix), self.places()[-1]), dtype=np.float32)
        for place, block in zip(self.places(), self.blocks, strict=False):
            column = matrix[:, block["at"]]
            if block["kind"] == "levels":
                for step, level in enumerate(block["own"]):
                    made[:, place + step] = column == level
            elif block["kind"] == "encoded":
                made[:, place] = np.asarray(block["table"], dtype=np.float32)[column.astype(np.int64)]
            else:
                made[:, place] = column
        return made


def library() -> Any:
    """LightGBM. Raises OSError, which says what to install, where the system lacks the library that it links to."""
    try:
        import lightgbm
    except OSError as error:
        if "libgomp" not in str(error):
            raise
        raise OSError(
            "gradient boosting needs libgomp.so.1, the OpenMP library of the system, and it is missing; "
            f"install it: on Debian and Ubuntu it is in the package libgomp1, on Fedora in libgomp ({error})"
        ) from error
    return lightgbm


def dataset(wide: np.ndarray, label: np.ndarray, native: list[int], threads: int) -> Any:
    lightgbm = library()

    return lightgbm.Dataset(
        wide, label, categorical_feature=native, free_raw_data=False,
        params={"max_bin": 127, "min_data_in_bin": 3, "verbosity": -1, "feature_pre_filter": False,
                "num_threads": threads, "bin_construct_sample_cnt": 100_000},
    )  # fmt: skip


def staged(
    wide: np.ndarray, label: np.ndarray, held: np.ndarray, held_label: np.ndarray, native: list[int], trees: Trees,
    *, limit: int, patience: int, seed: int, threads: int,
) -> tuple[lightgbm.Booster, np.ndarray]:  # fmt: skip
    """A booster and its log loss on the held rows after each tree; it ends when that has long stopped falling."""
    lightgbm = library()
    told: dict[str, Any] = {}
    training = dataset(wide, label, native, threads)
    watched = lightgbm.Dataset(held, held_label, reference=training, params=training.get_params())
    booster = lightgbm.train(
        {**trees.parameters(seed, threads, wide.shape[1]), "metric": "binary_logloss"}, training, num_boost_round=limit,
        valid_sets=[watched], valid_names=["held"],
        callbacks=[lightgbm.record_evaluation(told), lightgbm.early_stopping(patience, verbose=False)],
    )  # fmt: skip
    return booster, np.asarray(told["held"]["binary_logloss"])


def fit(
    wide: np.ndarray, label: np.ndarray, native: list[int], trees: Trees, *, rounds: int, seed: int, threads: int
) -> lightgbm.Booster:
    return library().train(
        trees.parameters(seed, threads, wide.shape[1]), dataset(wide, label, native, threads), num_boost_round=rounds
    )


@dataclass
class Boosted:
    """Fitted boosters, averaged, and the columns they see."""

    expansion: Expansion
    boosters: list[lightgbm.Booster]

    def logit(self, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
        wide = self.expansion.columns(matrix)
        total = np.zeros(len(matrix))
        for booster in self.boosters:
            total += np.asarray(booster.predict(wide, raw_score=True, num_threads=threads))
        return total / len(self.boosters)

    def contributions(self, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
        """What each feature of the matrix adds to the log-odds of each row (TreeSHAP, columns summed by feature)."""
        wide = self.expansion.columns(matrix)
        made = np.zeros(matrix.shape)
        for booster in self.boosters:
            told = np.asarray(booster.predict(wide, pred_contrib=True, num_threads=threads))
            for column, source in enumerate(self.expansion.sources()):
                made[:, source] += told[:, column]
        return made / len(self.boosters)

    def texts(self) -> list[str]:
        return [booster.model_to_string(importance_type="gain") for booster in self.boosters]

    @classmethod
    def of(cls, blocks: list[dict[str, Any]], texts: list[str]) -> Boosted:
        lightgbm = library()
        return cls(Expansion(blocks), [lightgbm.Booster(model_str=text) for text in texts])
