"""The vault opened for tests that compare keys with the truth: a table (key, value) per domain."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import workbench


def reveal(db: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Attach the database `vault`, in memory. A copy of the file is opened, so that several tests can at once."""
    db.execute("attach ':memory:' as vault")
    for domain, values in revealed(home).items():
        db.execute(f'create table vault."{domain}" (key bigint, value varchar)')
        db.execute(f'insert into vault."{domain}" select unnest($1), unnest($2)', [list(values), list(values.values())])


def revealed(home: Home) -> dict[str, dict[int, str]]:
    """Domain to key to value."""
    with TemporaryDirectory() as folder:
        copy = Home(Path(folder))
        shutil.copy(home.vault, copy.vault)
        shutil.copy(home.root / "keys.yaml", copy.root)
        with workbench(copy) as bench:
            vault = Vault(bench, copy)
            return {domain: vault.reveal(domain) for domain in vault.domains()}
