"""A table that somebody names on the command line: a CSV, Parquet or JSON file, or `file.duckdb:schema.table`."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.engine.sandbox import Refused, quoted

READERS = {
    ".parquet": "read_parquet({})",
    ".pq": "read_parquet({})",
    ".json": "read_json({})",
    ".jsonl": "read_json({}, format = 'newline_delimited')",
}
THREADS = 2


@contextmanager
def opened(table: str) -> Generator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection, and the relation in it that holds the table. Raises Refused when there is none to read."""
    database, _, name = table.rpartition(":")
    with duckdb.connect(config={"threads": THREADS}) as connection:
        if database and Path(database).is_file():
            connection.execute(f"attach {quoted(database)} as given (read_only)")
            relation = ".".join(['"given"', *('"' + part.replace('"', '""') + '"' for part in name.split("."))])
        else:
            if not Path(table).is_file():
                raise Refused(f"{table}: is no file; expected CSV, Parquet, JSON, or file.duckdb:schema.table")
            # Types are guessed from all rows: an amount that is a fraction in the last row only is no whole number.
            reader = READERS.get(Path(table).suffix.lower(), "read_csv({}, sample_size = -1)")
            relation = f"(from {reader.format(quoted(table))})"
        try:
            connection.execute(f"describe from {relation}")
        except duckdb.Error as error:
            raise Refused(f"{table}: cannot be read: {str(error).splitlines()[0]}") from None
        yield connection, relation
