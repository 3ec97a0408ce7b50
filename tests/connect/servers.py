"""The database servers of this machine; a missing one fails in CI and says elsewhere which package it is in."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

POSTGRESQL, MARIADB = ("127.0.0.1", 5432), ("127.0.0.1", 3306)
PATIENCE_S = 20


def answers(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=2):
        return True
    return False


def need(address: tuple[str, int], package: str, start: Callable[[], None]) -> None:
    """Start what is installed if it does not run yet."""
    if not answers(address):
        with suppress(OSError, subprocess.SubprocessError, IndexError):
            start()
        ends = time.monotonic() + PATIENCE_S
        while not answers(address) and time.monotonic() < ends:
            time.sleep(0.5)
    if not answers(address):
        reason = f"no server answers on {address[0]}:{address[1]}; install Debian's package {package} and start it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def start_postgresql() -> None:
    listed = subprocess.run(["pg_lsclusters", "-h"], capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["pg_ctlcluster", listed[0], listed[1], "start"], check=True, timeout=PATIENCE_S)


def start_mariadb() -> None:
    command = shutil.which("mariadbd-safe") or shutil.which("mysqld_safe") or "mariadbd-safe"
    subprocess.Popen([command, "--user=mysql"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def session(kind: str, database: str) -> Callable[[str], object]:
    """One connection that stays: a statement at a time, transactions as they are written."""
    if kind == "postgresql":
        import adbc_driver_postgresql.dbapi as driver

        url = f"postgresql://postgres@{POSTGRESQL[0]}:{POSTGRESQL[1]}/{database}"
        return driver.connect(url, autocommit=True).cursor().execute
    import pymysql

    return pymysql.connect(host=MARIADB[0], port=MARIADB[1], user="root", database=database).cursor().execute


def postgresql(sql: str, database: str = "postgres") -> None:
    """Run statements as the superuser, each by itself."""
    import adbc_driver_postgresql.dbapi as driver

    url = f"postgresql://postgres@{POSTGRESQL[0]}:{POSTGRESQL[1]}/{database}?client_encoding=UTF8"
    with driver.connect(url, autocommit=True) as db, db.cursor() as cursor:
        for statement in filter(str.strip, sql.split(";\n")):
            cursor.execute(statement)


def mariadb(sql: str, database: str | None = None) -> None:
    import pymysql

    db = pymysql.connect(host=MARIADB[0], port=MARIADB[1], user="root", database=database, autocommit=True)
    with db, db.cursor() as cursor:
        for statement in filter(str.strip, sql.split(";\n")):
            cursor.execute(statement)
