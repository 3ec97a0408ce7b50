"""Reading the published file safely: one SELECT, nothing outside its run folder, an end in time."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.engine.home import Home

SECONDS = 300


class NothingPublished(Exception):
    """No night has published yet."""


class Refused(Exception):
    """Something that a reader may not do, or that was asked for in a wrong way."""


@contextmanager
def reading(home: Home, *, seconds: float = SECONDS) -> Generator[duckdb.DuckDBPyConnection]:
    """The run in force, read-only: no other file is reachable, no setting can be changed, and time is limited.

    The link is followed once, so that every query of the connection sees the same night.
    """
    if not home.current.exists():
        raise NothingPublished(f"{home.published}: nothing is published yet; `bassline night` closes the open days")
    path = home.current.resolve()
    with TemporaryDirectory(prefix="bassline-") as spill, duckdb.connect(path, read_only=True) as connection:
        harden(connection, path.parent, Path(spill))
        watchdog = threading.Timer(seconds, connection.interrupt)
        watchdog.start()
        try:
            yield connection
        except duckdb.InterruptException:
            raise Refused(f"the query took longer than {seconds:g} s and was stopped; ask for less") from None
        finally:
            watchdog.cancel()


def harden(connection: duckdb.DuckDBPyConnection, folder: Path, spill: Path) -> None:
    """The order matters: folders, then access off, then the lock; alone, allowed_directories allows everything."""
    for statement in (
        f"set temp_directory = {quoted(spill)}",
        "set max_temp_directory_size = '20GB'",
        "set autoinstall_known_extensions = false",
        "set autoload_known_extensions = false",
        "set allow_community_extensions = false",
        "set python_enable_replacements = false",
        f"set allowed_directories = [{quoted(folder)}]",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run one statement that only reads. Raises Refused for anything else: COPY could overwrite published parts."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.ParserException as error:
        raise Refused(f"this is not SQL: {error}") from None
    if len(statements) != 1:
        raise Refused(f"one statement is expected, found {len(statements)}")
    if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise Refused(f"only queries are possible here, not {statements[0].type.name}; the published file is read-only")
    try:
        return connection.execute(statements[0])
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.PermissionException) as error:
        raise Refused(str(error)) from None
