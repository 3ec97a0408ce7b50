"""Reading the published file safely: one SELECT, nothing outside its run folder, nothing written, an end in time.

DuckDB's own settings are not enough: with every one of them set, `from enable_logging(...)` is a SELECT that ends the
process, and `explain analyze copy ... to` overwrites published parts. So the parsed statement is examined as well.
"""

import json
import resource
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import psutil

from pipelines.engine.home import Home
from pipelines.engine.lock import writer_lock
from pipelines.engine.warehouse import settings

SECONDS = 300
AGAIN = 0.5  # an interrupt that meets no running query is lost, so it is repeated
MEMORY = "2GB"
PROCESS = 6 << 30  # room for the memory above, for threads and for what is printed
TABLE_FUNCTIONS = {
    "range", "generate_series", "unnest", "json_each", "json_tree", "summary", "duckdb_tables", "duckdb_columns",
    "duckdb_views", "duckdb_schemas", "pragma_table_info",
}  # fmt: skip
FORBIDDEN_FUNCTIONS = {"getenv", "write_log", "sleep_ms", "setseed", "stats"}


class NothingPublished(Exception):
    """No night has published yet."""


class Refused(Exception):
    """Something that a reader may not do, or that was asked for in a wrong way."""


@contextmanager
def reading(home: Home, *, seconds: float = SECONDS, memory: str = MEMORY) -> Generator[duckdb.DuckDBPyConnection]:
    """The run in force, read-only: no other file is reachable, no setting can be changed, time and memory are limited.

    The link is followed once, so that every query of the connection sees the same night. Raises NothingPublished, and
    Refused for a query that took too long or too much memory. Give `select` what a reader typed, never `execute`.
    """
    if not home.current.exists():
        raise NothingPublished(f"{home.published}: nothing is published yet; `bassline night` closes the open days")
    path = home.current.resolve()
    with TemporaryDirectory(prefix="bassline-") as spill, duckdb.connect(path, read_only=True) as connection:
        harden(connection, path.parent, Path(spill), memory)
        with _ended_in_time(connection, seconds):
            try:
                yield connection
            except duckdb.InterruptException:
                raise Refused(f"the query took longer than {seconds:g} s and was stopped; ask for less") from None
            except duckdb.OutOfMemoryException:
                raise Refused(f"the query needs more than {memory} of memory; ask for less") from None


@contextmanager
def reading_warehouse(home: Home, why: str) -> Generator[duckdb.DuckDBPyConnection]:
    """The private warehouse, read-only, while no night writes it. Raises NothingPublished, and WriterBusy during one.

    For the house's own questions: what a reader typed is answered by `reading`. Rows keep their order from query to
    query, on which who reads a table in several ones relies.
    """
    if not home.warehouse.exists():
        raise NothingPublished(f"{home.warehouse}: there is no warehouse yet; `bassline night` makes it")
    ordered = settings(home.spill / "reader") | {"preserve_insertion_order": True}
    with (
        writer_lock(home.root / "night.lock", why),
        duckdb.connect(home.warehouse, read_only=True, config=ordered) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@contextmanager
def _ended_in_time(connection: duckdb.DuckDBPyConnection, seconds: float) -> Generator[None]:
    is_over = threading.Event()

    def watch() -> None:
        if not is_over.wait(seconds):
            connection.interrupt()
            while not is_over.wait(AGAIN):
                connection.interrupt()

    watchdog = threading.Thread(target=watch, daemon=True)
    watchdog.start()
    try:
        yield
    finally:
        is_over.set()
        watchdog.join()


@contextmanager
def bounded(size: int = PROCESS) -> Generator[None]:
    """Let this process grow by at most `size` bytes meanwhile: DuckDB's own limit leaves out what functions return.

    For a process that answers one reader at a time.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def harden(connection: duckdb.DuckDBPyConnection, folder: Path, spill: Path, memory: str = MEMORY) -> None:
    """The order matters: folders, then access off, then the lock; alone, allowed_directories allows everything."""
    for statement in (
        f"set memory_limit = '{memory}'",
        f"set temp_directory = {quoted(spill)}",
        "set max_temp_directory_size = '20GB'",
        "set autoinstall_known_extensions = false",
        "set autoload_known_extensions = false",
        "set allow_community_extensions = false",
        "set allow_persistent_secrets = false",
        "set python_enable_replacements = false",
        f"set allowed_directories = [{quoted(folder)}]",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)


def quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run one SELECT over published tables. Raises Refused for anything else."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.ParserException as error:
        raise Refused(f"this is not SQL: {error}") from None
    if len(statements) != 1:
        raise Refused(f"one statement is expected, found {len(statements)}")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise Refused(f"only queries are possible here, not {statements[0].type.name}; the published file is read-only")
    examine(connection, sql)
    try:
        return connection.execute(statements[0])
    except (duckdb.InterruptException, duckdb.OutOfMemoryException, duckdb.FatalException):
        raise
    except duckdb.Error as error:
        raise Refused(str(error)) from None


def examine(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse functions that reach beyond the tables, wherever in the query they are."""
    answer = connection.execute(f"select json_serialize_sql({quoted(sql)})").fetchall()
    try:
        tree = json.loads(answer[0][0])
    except RecursionError:
        raise Refused("the query is nested too deeply; write it in steps, using `with`") from None
    if tree["error"]:
        raise Refused(f"only a SELECT is possible here: {tree.get('error_message', sql)}")
    for node in _nodes(tree["statements"]):
        name = str(node.get("function_name", "")).lower()
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node["function"].get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise Refused(
                    f"{name}() is not possible here; a query reads published tables, and of functions that make rows "
                    f"only {', '.join(sorted(TABLE_FUNCTIONS))}"
                )
        elif name in FORBIDDEN_FUNCTIONS:
            raise Refused(f"{name}() is not possible here")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a parsed statement; without recursion, because a reader decides how deep it is."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
