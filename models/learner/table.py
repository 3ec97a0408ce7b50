"""Any table as the learner reads it: files, a table in a DuckDB file, a frame or a relation, and its label."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from models.learner.settings import LearnerError
from models.sql import literal, quoted

POSITIVE = {"yes", "y", "true", "t", "1", "1.0", "churn", "churned", "churner", "leaver", "left", "lost", "gone", "+"}
NEGATIVE = {"no", "n", "false", "f", "0", "0.0", "stay", "stayed", "stayer", "active", "kept", "retained", "loyal",
            "no churn", "not churned", "non-churner", "nonchurn", "-", "-1"}  # fmt: skip
BLANK = ("", "na", "n/a", "null", "none", "nan", "?")
FOLDED = "lower(trim(cast({0} as varchar), ' .'))"
SHOWN = 10


def workbench() -> duckdb.DuckDBPyConnection:
    """A database in memory. It shows no progress: that would end up in the answer of a command."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set memory_limit = '4GB'")
    return connection


@dataclass(frozen=True)
class Table:
    """A table that can be asked in SQL, as `told`."""

    ask: Callable[[str], duckdb.DuckDBPyRelation]
    name: str

    @property
    def columns(self) -> dict[str, str]:
        """Type by column, in order."""
        return types_of(self.ask("select * from told limit 0"))

    def column(self, wanted: str, role: str) -> str:
        """The table's spelling of a column that somebody named.

        Raises:
            LearnerError: the table has no such column.
        """
        columns = list(self.columns)
        if wanted in columns:
            return wanted
        if same := [name for name in columns if name.lower() == wanted.lower()]:
            return same[0]
        raise LearnerError(f"{self.name}: has no column '{wanted}' for the {role}; it has {', '.join(columns[:40])}")

    def rows(self, where: str | None = None) -> str:
        """SQL of its rows, numbered as bassline_row; for conditions as row_number, from 1, and rowid, from 0, too."""
        columns, place = {name.lower() for name in self.columns}, "row_number() over ()"
        wanted = {"row_number": place, "rowid": f"{place} - 1"}
        added = [
            f"{sql} as {name}"
            for name, sql in wanted.items()
            if name not in columns and re.search(rf"\b{name}\b", where or "", re.I)
        ]
        added.append(f"{place} as bassline_row")
        return f"(select * from (select *, {', '.join(added)} from told) as told where {where or 'true'})"

    def checked(self, where: str | None, option: str) -> None:
        """Refuse a condition that DuckDB does not understand, in words."""
        if where:
            try:
                self.ask(f"from {self.rows(where)} limit 0").fetchall()
            except duckdb.Error as error:
                raise LearnerError(
                    f'{option} "{where}": {str(error).splitlines()[0]}; expected a condition in SQL over the columns '
                    f"of the table, row_number (from 1) or rowid (from 0)"
                ) from None


def open_table(where: str | Path) -> Table:
    """A table named as on the command line: a CSV or Parquet file or pattern, or `file.duckdb:schema.table`.

    Raises:
        LearnerError: nothing is there, or it cannot be read.
    """
    text = str(where)
    connection = workbench()
    database, _, relation = text.rpartition(":")
    if database and Path(database).is_file():
        _attach(connection, Path(database), relation)
    elif Path(text).suffix in (".duckdb", ".db"):
        raise LearnerError(f"{text}: expected the table too, as {text}:schema.table")
    else:
        reader = _reader(text)
        try:
            connection.execute(f"create view told as from {reader}")
        except duckdb.Error as error:
            raise LearnerError(f"{text}: cannot be read: {str(error).splitlines()[0]}") from None
    return Table(connection.sql, text)


def _attach(connection: duckdb.DuckDBPyConnection, database: Path, relation: str) -> None:
    connection.execute(f"attach {literal(str(database))} as given (read_only)")
    name = ".".join(quoted(part.strip('"')) for part in relation.split("."))
    try:
        connection.execute(f"create view told as from given.{name}")
    except duckdb.Error:
        known = connection.execute("""select table_schema || '.' || table_name from information_schema.tables
            where table_catalog = 'given' order by 1 limit 30""").fetchall()
        found = ", ".join(name for (name,) in known)
        raise LearnerError(f"{database}: has no table '{relation}'; it has {found or 'none'}") from None


def _reader(text: str) -> str:
    path = Path(text)
    if path.is_dir():
        for suffix in (".parquet", ".csv"):
            if any(path.rglob(f"*{suffix}")):
                return _reader(f"{text}/**/*{suffix}")
        raise LearnerError(f"{text}: the folder holds neither Parquet nor CSV files")
    if not any(sign in text for sign in "*?[") and not path.is_file():
        raise LearnerError(f"{text}: is no file; expected CSV, Parquet, or file.duckdb:schema.table")
    if path.suffix in (".parquet", ".pq"):
        return f"read_parquet({literal(text)}, union_by_name = true)"
    # Everything is text at first: which column is a number is judged from all its values, not from the first ones.
    return f"read_csv({literal(text)}, all_varchar = true, header = true, union_by_name = true)"


def table_of(given: Any, name: str = "table") -> Table:
    """A frame (Arrow, Polars, pandas), a DuckDB relation, or a path as a table."""
    if isinstance(given, Table):
        return given
    if isinstance(given, str | Path):
        return open_table(given)
    if isinstance(given, duckdb.DuckDBPyRelation):
        return Table(lambda sql: given.query("told", sql), name)
    connection = workbench()
    connection.register("told", given.to_arrow() if type(given).__module__.startswith("polars") else given)
    return Table(connection.sql, name)


@dataclass(frozen=True)
class Label:
    """The column that says who left, and the values that mean yes and no; all others are no label."""

    column: str
    positive: tuple[str, ...]
    negative: tuple[str, ...] | None

    @property
    def sql(self) -> str:
        """1, 0 or null."""
        folded = FOLDED.format(quoted(self.column))
        yes = f"{folded} in ({', '.join(literal(value) for value in self.positive)})"
        if self.negative is None:
            blank = ", ".join(literal(value) for value in BLANK)
            return f"case when {folded} is null or {folded} in ({blank}) then null when {yes} then 1 else 0 end"
        no = f"{folded} in ({', '.join(literal(value) for value in self.negative)})"
        return f"case when {yes} then 1 when {no} then 0 end"


def label_of(table: Table, column: str, rows: str, positive: str | None = None) -> Label:
    """What the values of the label mean.

    Raises:
        LearnerError: one class only, more than two values without `positive`, or values nobody can order.
    """
    folded = FOLDED.format(quoted(column))
    # By place, because any name may be one of the table's columns.
    counted = table.ask(f"select {folded}, count(*) from {rows} group by 1 order by 2 desc, 1 limit 50").fetchall()
    values = {value: held for value, held in counted if value is not None and value not in BLANK}
    found = ", ".join(f"'{value}' {held:,}" for value, held in list(values.items())[:SHOWN]) or "no value at all"
    told = f"{table.name}: label '{column}' holds {found}"
    if positive is not None:
        wanted = re.sub(r"^[ .]+|[ .]+$", "", positive).lower()
        if wanted not in values:
            raise LearnerError(f"{told}; expected the positive value '{positive}' among them")
        if len(values) == 1:
            raise LearnerError(f"{told}; expected two classes, only the positive one is there")
        return Label(column, (wanted,), None)
    if len(values) == 1:
        raise LearnerError(f"{told}; expected two classes, such as yes and no")
    yes, no = tuple(v for v in values if v in POSITIVE), tuple(v for v in values if v in NEGATIVE)
    if len(values) == 2 and (yes or no) and not all(value.strip("+-.0123456789") == "" for value in yes + no):
        yes, no = yes or tuple(values.keys() - no), no or tuple(values.keys() - yes)
    if yes and no and len(yes) + len(no) == len(values):
        return Label(column, yes, no)
    raise LearnerError(
        f"{told}; expected two classes such as yes and no, 1 and 0, true and false; "
        "say with --positive VALUE which one is the leaver"
    )


def stream_of(batches: Any) -> duckdb.DuckDBPyRelation:
    """What is to be scored, to be read once: a relation, a reader, a frame, or an iterator of record batches."""
    import pyarrow as pa

    if isinstance(batches, duckdb.DuckDBPyRelation):
        return batches
    if isinstance(batches, pa.RecordBatch):
        batches = pa.Table.from_batches([batches])
    if type(batches).__module__.startswith("polars"):
        batches = batches.to_arrow()
    if type(batches).__module__.startswith("pandas"):
        batches = pa.Table.from_pandas(batches, preserve_index=False)
    if not isinstance(batches, pa.RecordBatchReader | pa.Table):
        batches = iter(batches)
        first = next(batches, None)
        if first is None:
            raise LearnerError("nothing to score: not a single record batch came, and so no columns either")
        batches = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
    return workbench().from_arrow(batches)


def types_of(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Type by column, in order."""
    return {name: str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}


def in_turn(threads: int, work: Callable[[Any], Any], parts: Iterable[Any]) -> Iterator[Any]:
    """What `work` makes of each part, in order; threads are a few parts ahead of the reader, no more."""
    with ThreadPoolExecutor(threads) as pool:
        waiting = []
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > 2 * threads:
                yield waiting.pop(0).result()
        for one in waiting:
            yield one.result()
