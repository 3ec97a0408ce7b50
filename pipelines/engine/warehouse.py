"""The single warehouse file: one writer, opened with the settings that every statement is measured with."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil

from pipelines.engine.home import Home, operator

Connection = duckdb.DuckDBPyConnection

# Version 2 against 1: a third less to write and to read. Level 1 against 3: a twentieth larger at most, in a sixth less
# time.
PARQUET = "format parquet, compression zstd, compression_level 1, parquet_version v2"

MACROS = (
    "create or replace macro pf_div(a, b) as a::double / nullif(b, 0)::double",
    "create or replace macro pf_month_diff(a, b) as (year(b) - year(a)) * 12 + month(b) - month(a)",
    "create or replace macro pf_iso_dow(d) as isodow(d)",
)


def memory_limit() -> str:
    """BASSLINE_MEMORY (such as 4GB), else half of the machine's memory and at most 6 GB."""
    half = psutil.virtual_memory().total // 2
    return os.environ.get("BASSLINE_MEMORY", f"{min(half, 6 * 1024**3) // 1024**2}MB")


def settings(spill: Path) -> dict[str, str | bool | int | float | list[str]]:
    """Settings of a writing connection: bounded memory, spill inside the home, nothing loaded from the network."""
    return {
        "memory_limit": memory_limit(),
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
        "checkpoint_threshold": "512MB",  # the default, 16 MB, made every third commit wait for a checkpoint
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_persistent_secrets": False,
        "python_enable_replacements": False,
    }


@contextmanager
def writing(path: Path, home: Home) -> Generator[Connection]:
    """The warehouse opened for the night. The caller holds the writer lock."""
    with duckdb.connect(path, config=settings(home.spill)) as connection:
        connection.execute("set global TimeZone = 'UTC'")  # for the connection that publishes too
        connection.execute(f"set variable time_zone = {quoted(operator().time_zone)}")
        connection.execute(f"set variable late_days = {operator().late_days}")
        for macro in MACROS:
            connection.execute(macro)
        yield connection


@contextmanager
def transaction(connection: Connection) -> Generator[Connection]:
    """Everything inside is committed together or not at all."""
    connection.begin()
    try:
        yield connection
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def quoted(text: str) -> str:
    """Text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
