"""From columns of any type to numbers: what each column is, and the matrix that all candidates start from.

A number or a date is a float, NaN where it is missing; a category is the place of its level: 0 missing, 1 a level that
was not seen or is rare, from 2 the levels by frequency. SQL does the typing, in training as in scoring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import numpy as np

from models.learner.settings import Columns, LearnerError
from models.learner.table import BLANK
from models.sql import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa

MISSING, OTHER, FIRST = 0, 1, 2
Kind = Literal["number", "date", "category"]
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
           "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN")  # fmt: skip
TEXTS = ("VARCHAR", "ENUM", "UUID")
DATES = ("DATE", "TIMESTAMP")
TEXT_DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%d.%m.%Y",
              "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m", "%d-%b-%Y", "%d %b %Y")  # fmt: skip
CLEAN = "trim(cast({0} as varchar))"
FILLED = f"({CLEAN} is not null and lower({CLEAN}) not in ({', '.join(literal(value) for value in BLANK)}))"
COMPARED = 20_000  # rows on which columns are compared for saying the same
NEARLY = 0.99  # of the filled values that read as a number make a text column a number; the rest count as missing


@dataclass(frozen=True)
class Feature:
    """A column that is used: how it is read, and its levels or quartiles in training."""

    name: str
    kind: Kind
    reading: str = ""
    """Format of a text date; 'comma' for decimal commas; else empty."""
    levels: tuple[str, ...] = ()
    quartiles: tuple[float, ...] = ()
    missing_share: float = 0.0

    def sql(self, kind: str) -> str:
        """The column, whose type in the table at hand is `kind`, as this feature reads it: float or text."""
        name = quoted(self.name)
        if self.kind == "category":
            return f"case when {FILLED.format(name)} then {CLEAN.format(name)} end"
        if self.kind == "date":
            value = f"epoch({_as_date(name, kind, self.reading)}) / 86400"
        elif is_text(kind):
            clean = CLEAN.format(name)
            value = f"replace(replace({clean}, '.', ''), ',', '.')" if self.reading == "comma" else clean
        else:
            value = name
        value = f"try_cast({value} as float)"
        return f"case when isfinite({value}) then {value} else 'nan'::float end"


def is_text(kind: str) -> bool:
    return kind.startswith(TEXTS)


def _as_date(name: str, kind: str, reading: str) -> str:
    if not is_text(kind):
        return f"try_cast({name} as timestamp)"
    return f"try_strptime({CLEAN.format(name)}, {literal(reading or TEXT_DATES[0])})"


@dataclass(frozen=True)
class Preparation:
    """The features in the order of the matrix."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> list[str]:
        return [feature.name for feature in self.features]

    def told(self) -> list[dict[str, Any]]:
        return [asdict(feature) for feature in self.features]

    @classmethod
    def of(cls, told: list[dict[str, Any]]) -> Preparation:
        return cls(
            tuple(
                Feature(
                    one["name"], one["kind"], one["reading"], tuple(one["levels"]), tuple(one["quartiles"]),
                    one["missing_share"],
                )
                for one in told
            )
        )  # fmt: skip

    def select(self, columns: dict[str, str], where: str) -> list[str]:
        """SQL of each feature over a table with these columns.

        Raises:
            LearnerError: the table lacks columns that the model needs.
        """
        spelled = {name.lower(): name for name in columns}
        if absent := [name for name in self.names if name.lower() not in spelled]:
            raise LearnerError(f"{where}: lacks {', '.join(absent[:20])}, which the model was trained with")
        return [
            f"{one.sql(columns.get(one.name) or columns[spelled[one.name.lower()]])} as f{at}"
            for at, one in enumerate(self.features)
        ]

    def matrix(self, columns: Iterable[pa.ChunkedArray | pa.Array], rows: int) -> np.ndarray:
        """The float32 matrix of columns as `select` gives them."""
        made = np.empty((rows, len(self.features)), dtype=np.float32)
        for at, (feature, column) in enumerate(zip(self.features, columns, strict=True)):
            made[:, at] = codes(column, feature.levels) if feature.kind == "category" else floats(column)
        return made


def floats(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return column.to_numpy() if hasattr(column, "chunks") else column.to_numpy(zero_copy_only=False)


def codes(column: pa.ChunkedArray | pa.Array, levels: tuple[str, ...]) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    lookup = pc.SetLookupOptions(value_set=pa.array(levels, pa.string()))
    places = pc.call_function("index_in", [column], lookup).fill_null(OTHER - FIRST)
    found = floats(places).astype(np.int64) + FIRST
    found[floats(column.is_null())] = MISSING
    return found


def understood(
    connection: duckdb.DuckDBPyConnection, relation: str, names: list[str], settings: Columns
) -> tuple[list[Feature], dict[str, str]]:
    """What each of these columns of a relation is, and why others are of no use."""
    types = {name: str(kind) for name, kind, *_ in connection.execute(f"describe from {relation}").fetchall()}
    rows = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
    features, excluded = [], {}
    for name in names:
        kind = types[name]
        found = _understood(connection, relation, name, kind, rows, settings)
        if isinstance(found, str):
            excluded[name] = found
        else:
            features.append(found)
    return features, excluded


def _understood(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, kind: str, rows: int, settings: Columns
) -> Feature | str:
    """The feature that a column is, or why it is none."""
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "BLOB", "BIT", "INTERVAL", "JSON")):
        return f"a column of type {kind.split('(')[0].lower()} is neither number, date nor category"
    if kind.startswith(NUMBERS):
        return running_number(connection, relation, f"cast({quoted(name)} as double)", rows) or Feature(name, "number")
    if kind.startswith(DATES):
        return Feature(name, "date")
    clean, filled = CLEAN.format(quoted(name)), FILLED.format(quoted(name))
    # What the values are is asked once per value, not once per row.
    connection.execute(f"""create or replace temp table spelling as
        select {clean} as value, count(*) as held from {relation} where {filled} group by 1""")
    comma = "replace(replace(value, '.', ''), ',', '.')"
    held, distinct, numbers, commas, padded = connection.execute(
        f"""select coalesce(sum(held), 0)::bigint, count(*),
            coalesce(sum(held) filter (where try_cast(value as double) is not null), 0),
            coalesce(sum(held) filter (where try_cast({comma} as double) is not null
                and regexp_full_match(value, '-?[0-9.]+,[0-9]+|-?[0-9]+')), 0),
            count(*) filter (where regexp_full_match(value, '0[0-9]+'))
        from spelling"""
    ).fetchall()[0]
    if not held:
        return "empty in every row"
    if not padded and numbers >= NEARLY * held:
        return running_number(connection, relation, f"try_cast({clean} as double)", rows) or Feature(name, "number")
    if not padded and commas >= NEARLY * held:
        return Feature(name, "number", "comma")
    if is_text(kind) and (reading := _date_reading(connection, held)):
        return Feature(name, "date", reading)
    if distinct > settings.text_share * held and distinct > 50:
        return f"{distinct:,} different texts in {held:,} rows: an identifier or free text, no category"
    least = 1 if rows < 1000 else 2
    levels = connection.execute(
        f"select value from spelling where held >= {least} order by held desc, value limit {settings.levels}"
    ).fetchall()
    return Feature(name, "category", levels=tuple(level for (level,) in levels))


def running_number(connection: duckdb.DuckDBPyConnection, relation: str, value: str, rows: int) -> str | None:
    """Why a number only counts the rows; None if it does not. Judged in doubles: long numbers are no floats."""
    if rows < 50:
        return None
    told = f"(select {value} as value from {relation})"
    whole, least, greatest = connection.execute(
        f"select count(*) filter (where value = floor(value)), min(value), max(value) from {told}"
    ).fetchall()[0]
    if whole < rows or greatest - least < rows - 1:
        return None
    if connection.execute(f"select count(distinct value) from {told}").fetchall()[0][0] < rows:
        return None
    if greatest - least >= 1.5 * rows:
        steps = np.diff(connection.execute(f"select {value} as value from {relation}").fetchnumpy()["value"])
        if not ((steps > 0).all() or (steps < 0).all()):
            return None
    return "a running number: every row has its own; it tells where or when a row was written, not who leaves"


def _date_reading(connection: duckdb.DuckDBPyConnection, held: int) -> str | None:
    """The format in which nearly all texts of the column at hand are dates."""
    counts = ", ".join(
        f"coalesce(sum(held) filter (where try_strptime(value, {literal(reading)}) is not null), 0)"
        for reading in TEXT_DATES
    )
    found = connection.execute(f"select {counts} from spelling where regexp_matches(value, '[0-9]')").fetchall()[0]
    best = max(range(len(TEXT_DATES)), key=lambda at: (found[at], -at))
    return TEXT_DATES[best] if found[best] >= NEARLY * held else None


def without_repeats(features: list[Feature], matrix: np.ndarray) -> tuple[list[int], dict[str, str]]:
    """Places of the features that say something of their own, and why others are dropped."""
    kept: list[int] = []
    excluded: dict[str, str] = {}
    seen: dict[bytes, str] = {}
    sample = matrix[:: max(1, len(matrix) // COMPARED)]
    numbers: list[int] = []
    directions = np.empty((len(sample), sum(one.kind == "number" for one in features)))
    for at, feature in enumerate(features):
        column = matrix[:, at]
        present = column[~np.isnan(column)]
        if not len(present):
            excluded[feature.name] = "empty in every row"
            continue
        if present.min() == present.max() and len(present) == len(column):
            excluded[feature.name] = "has one value only"
            continue
        key = blake2b(np.ascontiguousarray(column).data).digest()
        if (same := seen.get(key)) is not None:
            excluded[feature.name] = f"repeats {same}"
            continue
        if feature.kind == "number" and len(sample) >= 20:
            part = sample[:, at].astype(float)
            holes = np.isnan(part)
            centred = np.where(holes, 0.0, part - part[~holes].mean()) if not holes.all() else np.zeros(len(part))
            if norm := np.linalg.norm(centred):
                # Not by BLAS: so small a product is slower there where processors are busy.
                alike = np.abs(np.einsum("ij,i->j", directions[:, : len(numbers)], centred / norm)) > 0.99999
                same = [numbers[place] for place in np.flatnonzero(alike)]
                same = [other for other in same if np.array_equal(np.isnan(sample[:, other]), holes)]
                if same:
                    excluded[feature.name] = f"repeats {features[same[0]].name}, times a constant"
                    continue
                directions[:, len(numbers)] = centred / norm
                numbers.append(at)
        seen[key] = feature.name
        kept.append(at)
    return kept, excluded
