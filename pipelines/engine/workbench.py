"""The ingest's own DuckDB, in memory, which spills inside the home; it keeps the time of its statements."""

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.warehouse import Connection, settings


class Clock:
    """The seconds in which at least one of several threads was inside a statement."""

    def __init__(self) -> None:
        self.seconds, self.running, self.lock = 0.0, 0, Lock()

    def __enter__(self) -> None:
        with self.lock:
            if not self.running:
                self.began = time.perf_counter()
            self.running += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.running -= 1
            if not self.running:
                self.seconds += time.perf_counter() - self.began


class Workbench:
    """A connection and the clock of its statements."""

    def __init__(self, connection: Connection, clock: Clock | None = None) -> None:
        self.connection, self.clock = connection, clock or Clock()

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Without bound parameters: DuckDB imports pandas to bind them, which takes longer than a small night."""
        with self.clock:
            return self.connection.execute(sql).fetchall()

    def beside(self) -> "Workbench":
        """The same tables, temporary ones apart, for another thread."""
        return Workbench(self.connection.cursor(), self.clock)


@contextmanager
def workbench(home: Home) -> Generator[Workbench]:
    """Order of insertion is kept: the place of a row in its table is its place in the file.

    It spills into a folder of its own: two DuckDB instances in one folder overwrite each other's files.
    """
    spill = home.spill / "workbench"
    shutil.rmtree(spill, ignore_errors=True)
    with duckdb.connect(config=settings(spill) | {"preserve_insertion_order": True}) as connection:
        connection.execute("set global TimeZone = 'UTC'")  # for the connections beside it too
        yield Workbench(connection)
