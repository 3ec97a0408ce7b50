"""Scores of a whole table as a file: id, score, decile and reasons, in the order of the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from models.learner.riskiest import Riskiest
from models.learner.settings import LearnerError
from models.learner.table import Table, workbench
from models.sql import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from models.learner.model import Model

REASONS = 3
EXPLAINED = 200_000  # rows that get reasons: all of a smaller table, the riskiest of a larger one
CELLS = 200_000_000  # of the rows that get reasons, values held in memory at most
COMPARED = 200_000  # rows that are compared with training
FORMATS = {".csv": "format csv, header", ".parquet": "format parquet, compression zstd"}


def write_scores(
    model: Model, table: Table, path: Path, *, where: str | None = None, reasons: int = REASONS,
    held: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Score the rows of a table into a CSV or Parquet file; returns rows, mean score and how many have reasons.

    With `held`, row numbers and scores by models that had not seen those rows, these scores are taken for them, and the
    column out_of_fold says for which.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise LearnerError(f"{path}: scores are written as .csv or .parquet, not as '{path.suffix}'")
    if not path.parent.is_dir():
        raise LearnerError(f"{path}: there is no folder {path.parent}")
    source = f"from {table.rows(where)}"
    connection = workbench()
    most = min(EXPLAINED, CELLS // max(len(model.preparation.features), 1))
    riskiest = Riskiest(most, held) if reasons else None
    stream = model.score(table.ask(source), carry=("bassline_row",), riskiest=riskiest)
    scored = _kept(connection, "scored", stream)
    if held is not None:
        connection.register("held", {"bassline_row": held[0], "score": held[1]})
    connection.execute(f"""create table ranked as
        select *, ntile(10) over (order by score desc, bassline_row) as decile from (
            select scored.bassline_row, scored.id,
                {"coalesce(held.score, scored.score)" if held else "scored.score"} as score,
                {"held.score is not null" if held else "false"} as out_of_fold
            from scored {"left join held on scored.bassline_row = held.bassline_row" if held else ""})""")
    columns = ["ranked.id", "round(ranked.score, 9) as score", "ranked.decile"]
    joined, explained = "", 0
    if riskiest is not None:
        explained = _kept(connection, "told", model.told_of(riskiest, reasons))
        columns += [f"told.reason_{at}" for at in range(1, reasons + 1)]
        joined = "left join told on ranked.bassline_row = told.row"
    if held is not None:
        columns.append("ranked.out_of_fold")
    query = f"select {', '.join(columns)} from ranked {joined} order by ranked.bassline_row"
    connection.execute(f"copy ({query}) to {literal(str(path))} ({form})")
    mean = connection.execute("select avg(score) from ranked").fetchall()[0][0]
    return {"rows": scored, "mean_score": mean, "explained": explained}


def _kept(connection: duckdb.DuckDBPyConnection, name: str, batches: Iterator[pa.RecordBatch]) -> int:
    """The batches as a table; how many rows there are."""
    import pyarrow as pa

    first = next(batches, None)
    if first is None:
        raise LearnerError("there is no row to score")

    def all_of() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    connection.register("stream", pa.RecordBatchReader.from_batches(first.schema, all_of()))
    connection.execute(f"create or replace table {name} as from stream")
    connection.unregister("stream")
    return connection.execute(f"select count(*) from {name}").fetchall()[0][0]


def drift_of(model: Model, table: Table, where: str | None = None) -> list[dict[str, Any]]:
    """How far a sample of the table has moved from training."""
    source = table.rows(where)
    rows = table.ask(f"select count(*) from {source}").fetchall()[0][0]
    every = max(1, rows // COMPARED)
    return model.drift(table.ask(f"select * from {source} where hash(bassline_row) % {every} = 0"))
