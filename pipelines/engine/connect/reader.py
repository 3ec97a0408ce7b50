"""The process that reads a database: it can be ended at any moment, whatever a driver is waiting for.

One JSON object per line. First in: {"name", "url", "connect_seconds"}. Then {"describe": SOURCE} is answered by
{"columns": [[name, type], ...]}, and {"read": SOURCE, "columns", "bound", "to": PATH} by {"rows": so far} after each
batch and {"done": rows}. SOURCE is {"relation": "schema.table"} or {"query": SQL}. A failure is {"error", "kind"}, kind
being login, unreadable or other; the process then ends. It is `python -m pipelines.engine.connect.reader`.
"""

import json
import os
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.engine.connect.dialect import Bound, Database, Retype, Unreadable
from pipelines.engine.secrets import Connection

if TYPE_CHECKING:
    import pyarrow as pa

LOGIN_ERRORS = (
    "authentication failed", "no pg_hba.conf entry", "no password supplied", "not permitted to log in", "Access denied",
)  # fmt: skip


def connect(connection: Connection, seconds: int) -> Database:
    match connection.scheme:
        case "postgresql" | "postgres":
            from pipelines.engine.connect.postgresql import PostgreSQL as Driver
        case "mysql" | "mariadb":
            from pipelines.engine.connect.mysql import MySQL as Driver
        case "sqlite":
            from pipelines.engine.connect.sqlite import SQLite as Driver
        case other:
            raise Unreadable(f"'{other}' is no database known here; expected postgresql, mysql, mariadb or sqlite")
    return Driver(connection, seconds)


def answer(database: Database, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source = _source(database, request.get("describe") or request["read"])
    if "describe" in request:
        yield {"columns": database.describe(source)}
        return
    as_text: set[str] = set()
    bound = Bound(**request["bound"]) if request["bound"] else None
    while True:
        try:
            rows = 0
            for rows in write(database.read(source, request["columns"], bound, as_text), Path(request["to"])):
                yield {"rows": rows}
        except Retype as strange:
            as_text |= strange.columns
        else:
            yield {"done": rows}
            return


def write(batches: "Iterator[pa.RecordBatch]", path: Path) -> Iterator[int]:
    """A Parquet file of the batches; yields the rows written so far, at least once.

    Raises Unreadable for text that is no UTF-8: a database without an encoding of its own hands out any bytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, writer = 0, None
    try:
        for batch in batches:
            try:
                batch.validate(full=True)
            except pa.ArrowInvalid as error:
                raise Unreadable(f"a text is not in the encoding that the database declares ({error})") from None
            writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
            writer.write_batch(batch)
            rows += batch.num_rows
            yield rows
    finally:
        if writer:
            writer.close()


def _source(database: Database, said: dict[str, str]) -> str:
    query = said.get("query")
    return f"({query.strip().rstrip(';')}\n) as fetched" if query else database.relation(said["relation"])


class WithoutPandas(MetaPathFinder):
    """Arrow imports pandas where it can, which would take two seconds here and is of no use."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def serve() -> None:
    """Answer requests until there are none, or one fails."""
    database: Database | None = None
    try:
        first = json.loads(sys.stdin.readline())
        connection = Connection(first["name"], first["url"])
        database = connect(connection, first["connect_seconds"])
        for line in sys.stdin:
            for reply in answer(database, json.loads(line)):
                print(json.dumps(reply), flush=True)  # noqa: T201
    except BaseException as error:  # a driver in Rust panics past Exception
        is_login = database is None and any(text in str(error) for text in LOGIN_ERRORS)
        kind = "unreadable" if isinstance(error, Unreadable) else "login" if is_login else "other"
        print(json.dumps({"error": str(error), "kind": kind}), flush=True)  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # without waiting for connections to say goodbye


if __name__ == "__main__":
    os.umask(0o077)
    sys.meta_path.insert(0, WithoutPandas())
    serve()
