"""A trained model: scores tables of any size in a stream, says why, is kept as text with hashes and loaded again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import versions
from models.learner import calibrate, reasons
from models.learner.additive import Additive
from models.learner.boosting import Boosted
from models.learner.drift import drift
from models.learner.fitted import THREADS, Fitted
from models.learner.prepare import Preparation
from models.learner.riskiest import Riskiest
from models.learner.settings import LearnerError
from models.learner.table import in_turn, stream_of, types_of
from models.sql import quoted

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 32_768
PART = 2_048  # rows explained at a time
FORM = 1


@dataclass
class Model:
    """What `train` returns and `load` reads: `evaluation` estimates its quality, `told` is all that training says."""

    preparation: Preparation
    fitted: Fitted
    id: str | None
    threshold: float
    deciles: list[float]
    evaluation: dict[str, Any]
    told: dict[str, Any]
    data_hash: str
    expected: dict[str, Any] = field(default_factory=dict)
    held: tuple[np.ndarray, np.ndarray] | None = None
    """Row numbers and scores of training rows by models that had not seen them; not kept."""

    def score(
        self, batches: Any, reasons: int = 0, carry: Sequence[str] = (), riskiest: Riskiest | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Record batches of id, score, decile (1 the riskiest, by the scores in training), reason_1 to reason_n.

        `carry` names columns of the table that are passed on. `riskiest` gathers rows, named by the first of these,
        of which `told_of` says the reasons afterwards.

        Raises:
            LearnerError: columns that the model needs are missing.
        """
        given = stream_of(batches)
        types = types_of(given)
        carried = [f"{quoted(name)} as c{at}" for at, name in enumerate(carry)]
        features = self.preparation.select(types, "the table to score")
        chosen = ", ".join([f"{self._identity(types)} as id", *carried, *features])
        stream = given.project(chosen).to_arrow_reader(BATCH)
        yield from in_turn(THREADS, lambda batch: self._scored(batch, reasons, carry, riskiest), stream)

    def _identity(self, types: dict[str, str]) -> str:
        if self.id is None:
            return "bassline_row" if "bassline_row" in types else "row_number() over ()"
        same = [name for name in types if name.lower() == self.id.lower()]
        if not same:
            raise LearnerError(f"the table to score: lacks the id column '{self.id}'; it has {', '.join(types)[:500]}")
        return quoted(self.id if self.id in types else same[0])

    def _scored(
        self, batch: pa.RecordBatch, count: int, carry: Sequence[str], riskiest: Riskiest | None
    ) -> pa.RecordBatch:
        import pyarrow as pa

        matrix = self.preparation.matrix(batch.columns[1 + len(carry) :], batch.num_rows)
        chance = self.chance(matrix)
        if riskiest is not None:
            riskiest.offer(batch.column(1).to_numpy(zero_copy_only=False), chance, matrix)
        columns = {
            "id": batch.column(0),
            "score": pa.array(chance),
            "decile": pa.array((10 - np.searchsorted(self.deciles, chance, side="right")).astype(np.int8)),
        }
        columns |= self._reasons(matrix, count)
        columns |= {name: batch.column(1 + at) for at, name in enumerate(carry)}
        return pa.RecordBatch.from_pydict(columns)

    def _reasons(self, matrix: np.ndarray, count: int) -> dict[str, pa.Array]:
        if not count:
            return {}
        added = reasons.contributions(self.fitted, matrix)
        told = reasons.words(self.preparation.features, matrix, added, count)
        return {f"reason_{at}": text for at, text in enumerate(told, 1)}

    def told_of(self, riskiest: Riskiest, count: int) -> Iterator[pa.RecordBatch]:
        """Record batches of row, reason_1 to reason_n of the rows that were gathered."""
        import pyarrow as pa

        rows, matrix = riskiest.found()

        def explained(begin: int) -> pa.RecordBatch:
            part = slice(begin, begin + PART)
            return pa.RecordBatch.from_pydict({"row": rows[part]} | self._reasons(matrix[part], count))

        yield from in_turn(THREADS, explained, range(0, len(rows), PART))

    def chance(self, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
        """Probability of leaving, to nine digits: further ones differ between processors."""
        return np.round(calibrate.sigmoid(self.fitted.logit(matrix, threads)), 9)

    def drift(self, table: Any) -> list[dict[str, Any]]:
        """Population stability index of score and features in a table against training, the worst first."""
        given = stream_of(table)
        rows = given.project(
            ", ".join(self.preparation.select(types_of(given), "the table to compare"))
        ).to_arrow_table()
        matrix = self.preparation.matrix(rows.columns, rows.num_rows)
        found = {feature.name: matrix[:, at] for at, feature in enumerate(self.preparation.features)}
        return drift(self.expected, {**found, "score": self.chance(matrix, THREADS)})

    def files(self, prefix: str = "") -> dict[str, str]:
        """What is kept: JSON, and LightGBM's own text; `prefix` is for versions that hold several models."""
        boosted, additive = self.fitted.boosted, self.fitted.additive
        made = {
            "form": FORM, "id": self.id, "features": self.preparation.told(), "champion": self.fitted.champion,
            "weight": self.fitted.weight, "calibration": self.fitted.calibration, "threshold": self.threshold,
            "deciles": self.deciles, "expected": self.expected,
            "additive": additive.told() if additive else None,
            "expansion": boosted.expansion.blocks if boosted else None,
            "boosters": len(boosted.boosters) if boosted else 0,
        }  # fmt: skip
        files = {f"{prefix}model.json": json.dumps(made, ensure_ascii=False, default=_plain)}
        for at, text in enumerate(boosted.texts() if boosted else ()):
            files[f"{prefix}trees_{at}.txt"] = text
        return files

    def card(self) -> dict[str, Any]:
        """What the model card says beside version and day."""
        return {
            "data_hash": self.data_hash, "code_version": versions.code_version(Path(__file__).parent),
            "evaluation": json.loads(json.dumps(self.evaluation, default=_plain)),
            "training": json.loads(json.dumps(self.told, default=_plain)),
        }  # fmt: skip

    def keep(self, folder: Path | str, *, in_force_from: date | None = None, fitted_as_of: date | None = None) -> Path:
        """Write the model as one folder, whole or not at all; an existing one is not overwritten."""
        days = {"in_force_from": in_force_from or date(1970, 1, 1), "fitted_as_of": fitted_as_of or date.today()}
        return versions.write(Path(folder), self.files(), version=1, **days, **self.card()).folder

    def keep_version(self, parent: Path, *, in_force_from: date, fitted_as_of: date) -> versions.Version:
        """The next version of this kind of model below `<home>/models/<schema>/`."""
        return versions.keep(
            parent, self.files(), in_force_from=in_force_from, fitted_as_of=fitted_as_of, **self.card()
        )

    @classmethod
    def of(cls, version: versions.Version, prefix: str = "") -> Model:
        """The model whose files a version holds. Raises LearnerError for one of another form."""
        told = version.json(f"{prefix}model.json")
        if told.get("form") != FORM:
            raise LearnerError(f"{version.folder}: model of form {told.get('form')}, expected {FORM}; train it again")
        texts = [version.text(f"{prefix}trees_{at}.txt") for at in range(told["boosters"])]
        nothing = np.zeros(0)
        fitted = Fitted(
            told["champion"], Additive.of(told["additive"]) if told["additive"] else None,
            Boosted.of(told["expansion"], texts) if texts else None, told["weight"], told["calibration"],
            nothing.astype(np.int64), nothing,
        )  # fmt: skip
        return cls(
            Preparation.of(told["features"]), fitted, told["id"], told["threshold"], told["deciles"],
            version.evaluation, version.card.get("training", {}), version.card["data_hash"], told["expected"],
        )  # fmt: skip


def load(folder: Path | str) -> Model:
    """The model in a folder, after every file was compared with its hash."""
    return Model.of(versions.read(Path(folder)))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return str(value)
