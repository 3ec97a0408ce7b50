"""Rows of a SQLite file, every value as text: a SQLite column may hold values of any type."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from pipelines.engine.connect.dialect import BATCH_ROWS, Bound, Described, clause, refuse_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.engine.secrets import Connection


class SQLite:
    """A session in one read transaction, which SQLite keeps as it was when it began."""

    def __init__(self, connection: "Connection", connect_seconds: int) -> None:
        url = connection.parts._replace(scheme="file", netloc="", query="mode=ro").geturl()
        self.database = sqlite3.connect(url, uri=True, timeout=connect_seconds, isolation_level=None)
        self.database.execute("begin")

    def describe(self, source: str) -> list[Described]:
        cursor = self.database.execute(f"select * from {source} limit 0")
        return [(column[0], "any") for column in cursor.description]

    def read(
        self, source: str, columns: Mapping[str, str], bound: Bound | None, as_text: Collection[str]  # noqa: ARG002
    ) -> Iterator["pa.RecordBatch"]:  # fmt: skip
        import pyarrow as pa

        chosen = ", ".join(map(quoted, columns))
        cursor = self.database.execute(f"select {chosen} from {source}{clause(bound, quoted)}")
        schema = pa.schema([(name, pa.string()) for name in columns])
        yield _batch([], schema)  # an empty table has columns too
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield _batch(rows, schema)

    def relation(self, name: str) -> str:
        return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _batch(rows: list[tuple[object, ...]], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    texts = [[_text(name, value) for value in column] for name, column in zip(schema.names, columns, strict=True)]
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in texts], schema=schema)


def _text(name: str, value: object) -> str | None:
    if isinstance(value, bytes):
        refuse_bytes(name, "a blob", f"hex({quoted(name)})")
    return None if value is None else str(value)
