"""What the function of a model makes of a query's rows: the header key `applies`."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.engine.table import HeaderError, Table
from pipelines.engine.warehouse import Connection

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 100_000  # that a table's function sees at a time


def applied(connection: Connection, table: Table, query: str, fitted: Path | None) -> str:
    """The rows that a table's function makes of those of a query, as a query over a temporary table.

    They stream through it; only its result is held. `fitted` is the folder of the models' fitted versions. Raises
    HeaderError without it.
    """
    import pyarrow as pa

    module, function = (table.header.applies or "").rsplit(".", 1)
    if fitted is None:
        raise HeaderError(f"{table.path}: applies {module}.{function}, and this run has no folder of fitted models")
    result = getattr(import_module(module), function)(lazily(connection, query), fitted / table.schema)
    batches = result.to_batches() if hasattr(result, "to_batches") else list(result)
    if not batches:
        return f"select {', '.join(f'null as {name}' for name in table.header.columns)} where false"
    connection.register("applied_batches", pa.Table.from_batches(batches))
    connection.execute("create or replace temp table applied_rows as from applied_batches")
    connection.unregister("applied_batches")
    return "from applied_rows"


def lazily(connection: Connection, query: str) -> "pa.RecordBatchReader":
    """The rows of a query that runs when they are asked for: a model that was never fitted does not ask."""
    import pyarrow as pa

    def batches() -> Iterator["pa.RecordBatch"]:
        yield from connection.execute(query).to_arrow_reader(BATCH_ROWS)

    schema = connection.execute(f"from ({query}) limit 0").to_arrow_reader(BATCH_ROWS).schema
    return pa.RecordBatchReader.from_batches(schema, batches())
