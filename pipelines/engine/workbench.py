"""The ingest's own DuckDB, in memory, which spills inside the home; it keeps the time of every statement."""

import shutil
import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.warehouse import Connection, settings


class Workbench:
    """A connection and the seconds that its statements took, by the table they worked for."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.seconds: dict[str, float] = defaultdict(float)

    def run(self, label: str, sql: str) -> list[tuple[Any, ...]]:
        """Without bound parameters: DuckDB imports pandas to bind them, which takes longer than a small night."""
        began = time.perf_counter()
        try:
            return self.connection.execute(sql).fetchall()
        finally:
            self.seconds[label] += time.perf_counter() - began


@contextmanager
def workbench(home: Home) -> Generator[Workbench]:
    """Order of insertion is kept: the place of a row in its temporary table is its place in the file.

    It spills into a folder of its own: two DuckDB instances in one folder overwrite each other's files.
    """
    spill = home.spill / "workbench"
    shutil.rmtree(spill, ignore_errors=True)
    with duckdb.connect(config=settings(spill) | {"preserve_insertion_order": True}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Workbench(connection)
