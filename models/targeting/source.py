"""Where the facts about lines come from: the published tables as of a day, or one wide Parquet file."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.sql import quoted
from models.targeting.bitmap import Values, values_of
from models.targeting.column import Catalogue, Column, Relation
from models.targeting.condition import WINDOWS, Feature
from models.targeting.evaluate import Block

COLUMNS = 64  # fetched together
BASE = "select subscription_key, party_key from targeting.contact_fact order by subscription_key"


@dataclass(frozen=True)
class Published:
    """The lines that can be contacted at all - in network when the day closed, not for tests - and their facts.

    Queries hold names of the catalogue and days, never a value of a declaration.
    """

    connection: duckdb.DuckDBPyConnection
    catalogue: Catalogue
    as_of: date
    members: Mapping[str, np.ndarray] = field(default_factory=dict)

    def blocks(self) -> Iterable[Callable[[], Block]]:
        return [lambda: self]

    @property
    def keys(self) -> np.ndarray:
        return self._lines[0]

    @cached_property
    def _lines(self) -> tuple[np.ndarray, np.ndarray]:
        """Subscription and party of each line, by subscription."""
        found = self.connection.execute(BASE).to_arrow_table()
        return values_of(found.column(0), "integer").data, values_of(found.column(1), "integer").data

    def values(self, features: Sequence[Feature]) -> Iterator[tuple[Feature, Values]]:
        groups: dict[tuple[str, bool, int, int], list[Feature]] = defaultdict(list)
        for one in features:
            groups[one.relation, one.take in WINDOWS, one.periods, one.before].append(one)
        parts = [group[start : start + COLUMNS] for group in groups.values() for start in range(0, len(group), COLUMNS)]
        with ThreadPoolExecutor(1) as ahead:  # the next table is read while this one's columns are looked at
            coming = [ahead.submit(self._fetch, parts[0])] if parts else []
            for n, together in enumerate(parts, start=1):
                found = coming.pop().result()
                if n < len(parts):
                    coming.append(ahead.submit(self._fetch, parts[n]))
                place = self._place(
                    self.catalogue.relations[together[0].relation], values_of(found.column(0), "integer").data
                )
                for place_no, feature in enumerate(together, start=1):
                    values = place(values_of(found.column(place_no), feature.kind))
                    yield feature, filled(values) if feature.is_total else values

    def _fetch(self, features: Sequence[Feature]) -> pa.Table:
        query = self.query(self.catalogue.relations[features[0].relation], features)
        with self.connection.cursor() as cursor:
            return cursor.execute(query).to_arrow_table()

    def query(self, relation: Relation, features: Sequence[Feature]) -> str:
        """Features of one table that share their window."""
        key, first = quoted(relation.key or ""), features[0]
        columns = ", ".join(
            f"{self.expression(one, relation.columns[one.column])} as f{n}" for n, one in enumerate(features)
        )
        where = f"{key} is not null"
        if relation.partition:
            begins, ends = self.span(relation, first)
            where += f" and {quoted(relation.partition)} between date '{begins}' and date '{ends}'"
        grouping = f" group by {key}" if first.take in WINDOWS else ""
        schema, table = relation.name.split(".")
        return f"select {key}, {columns} from {quoted(schema)}.{quoted(table)} where {where}{grouping}"

    def expression(self, feature: Feature, column: Column) -> str:
        name = quoted(feature.column)
        exact = f"cast({name} as decimal(38,9))" if column.kind == "float" else name
        match feature.take:
            case "days_since":
                return f"date_diff('day', cast({name} as date), date '{self.as_of}')"
            case "sum":
                summed = {"float": "double", "decimal": f"decimal(38,{column.scale})"}.get(column.kind or "", "bigint")
                exact = f"cast({name} as integer)" if column.kind == "boolean" else exact
                return f"cast(sum({exact}) as {summed})"
            case "average":
                return f"round(cast(sum({exact}) as double) / count({name}), 9)"
            case "minimum":
                return f"min({name})"
            case "maximum":
                return f"max({name})"
            case "count":
                return f"count({name})"
        return name

    def span(self, relation: Relation, feature: Feature) -> tuple[date, date]:
        """The first and the last partition of a feature's window; months are over when the day closes."""
        if relation.period == "day":
            last = self.as_of - timedelta(days=feature.before)
            return last - timedelta(days=feature.periods - 1), last
        is_month_end = (self.as_of + timedelta(days=1)).day == 1
        last = self.as_of.year * 12 + self.as_of.month - 1 - (not is_month_end) - feature.before
        return _month(last - feature.periods + 1), _month(last)

    def _place(self, relation: Relation, keys: np.ndarray) -> Callable[[Values], Values]:
        """Puts values of rows with these keys where the lines are; a line without a row has none."""
        subscriptions, parties = self._lines
        if relation.key == "party_key":
            owners, inverse = np.unique(parties, return_inverse=True)
            rows = _found(keys, owners)[inverse]
        else:
            rows = _found(keys, subscriptions)
        is_there = rows >= 0

        def placed(values: Values) -> Values:
            if not len(values.data):
                return Values(
                    values.kind, np.zeros(len(rows), values.data.dtype), np.zeros(len(rows), bool), values.names
                )
            places = np.where(is_there, rows, 0)
            found = values.at(places)
            valid = is_there if found.valid is None else found.valid & is_there
            return Values(found.kind, found.data, None if valid.all() else valid, found.names)

        return placed


def filled(values: Values) -> Values:
    """Zero where there is no value."""
    data = values.data if values.valid is None else np.where(values.valid, values.data, 0)
    return Values(values.kind, data)


def _found(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The row of each wanted key, or -1; the vault numbers keys without gaps, so a table of all of them is small."""
    top = int(max(keys.max(initial=0), wanted.max(initial=0))) + 1
    rows = np.full(top + 1, -1, np.int32)
    is_real = keys >= 0
    rows[keys[is_real]] = np.flatnonzero(is_real)
    return rows[np.where(wanted >= 0, wanted, top)]


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class ParquetBlock:
    """A row group; columns are read some at a time and forgotten."""

    source: "Parquet"
    group: int
    keys: np.ndarray

    def values(self, features: Sequence[Feature]) -> Iterator[tuple[Feature, Values]]:
        for start in range(0, len(features), COLUMNS):
            together = features[start : start + COLUMNS]
            table = self.source.read(self.group, [one.column for one in together])
            for one in together:
                yield one, values_of(table.column(one.column), one.kind)


@dataclass(frozen=True)
class Parquet:
    """A wide table in one Parquet file, a row per line, with an integer that tells lines apart."""

    path: Path
    key: str
    members: Mapping[str, np.ndarray] = field(default_factory=dict)
    _local: threading.local = field(default_factory=threading.local)

    def blocks(self) -> Iterable[Callable[[], Block]]:
        return [lambda group=group: self._block(group) for group in range(pq.read_metadata(self.path).num_row_groups)]

    def _block(self, group: int) -> ParquetBlock:
        return ParquetBlock(
            self, group, values_of(self.read(group, [self.key]).column(0), "integer").data.astype(np.int64)
        )

    def read(self, group: int, columns: Sequence[str]) -> pa.Table:
        """Each thread has a reader of its own; texts come as the dictionaries that the file holds."""
        if not hasattr(self._local, "file"):
            texts = [name for name, one in self.catalogue.relations[""].columns.items() if one.kind == "text"]
            self._local.file = pq.ParquetFile(self.path, memory_map=True, read_dictionary=texts)
        return self._local.file.read_row_group(group, columns=list(dict.fromkeys(columns)), use_threads=False)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The file's columns, each named by itself."""
        schema = pq.read_schema(self.path)
        columns = {one.name: Column(one.name, _sql_type(one.type)) for one in schema}
        return Catalogue({"": Relation("", columns, key=self.key)})


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _sql_type(kind.value_type)
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_decimal128(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "varchar"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind):
        return "date"
    return "timestamp" if pa.types.is_timestamp(kind) else str(kind)
