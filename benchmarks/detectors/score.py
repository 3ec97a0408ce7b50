"""How right a detector is: what it found, what is true, and what is both."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.engine.home import Home
from pipelines.engine.vault import Vault
from pipelines.engine.warehouse import settings
from pipelines.engine.workbench import workbench


@dataclass(frozen=True)
class Score:
    """Cases found, cases that are true, and found ones that are true. An empty denominator counts as nothing right."""

    name: str
    found: int
    true: int
    hits: int

    @property
    def precision(self) -> float:
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.true if self.true else 0.0

    def told(self) -> str:
        shares = f"precision {self.precision:.4f}, recall {self.recall:.4f}"
        return f"{shares} ({self.found:,} found, {self.true:,} true)"


def beside_truth(home: Path, *domains: str) -> duckdb.DuckDBPyConnection:
    """The warehouse read-only as default catalogue, the truth as `truth.<name>`, values of keys as `vault.<domain>`.

    Nobody may write the home meanwhile. A view of the truth has the columns that pipelines/synthetic/truth.py gives it;
    `vault.<domain>` has `key` and `value`.
    """
    db = duckdb.connect(config=settings(Home(home).spill / "truth"))
    db.execute("set TimeZone = 'UTC'")
    db.execute(f"attach '{Home(home).warehouse}' as warehouse (read_only); attach ':memory:' as truth")
    db.execute("attach ':memory:' as vault; use warehouse")
    for path in (home / "truth").glob("*.parquet"):
        db.execute(f"create view truth.{path.stem} as from '{path}'")
    if domains:
        with workbench(Home(home)) as bench:
            vault = Vault(bench, Home(home))
            for domain in domains:
                values = vault.reveal(domain)
                told = pa.table({"key": list(values), "value": list(values.values())})
                db.register("told", told)
                db.execute(f"create table vault.{domain} as from told")
                db.unregister("told")
            vault.close()
    return db


def scored(db: duckdb.DuckDBPyConnection, name: str, found: str, true: str) -> Score:
    """The score of two queries that return comparable rows; equal rows count once."""
    counts = db.execute(
        f"""select (select count(*) from (select distinct * from ({found}))),
            (select count(*) from (select distinct * from ({true}))),
            (select count(*) from (from ({found}) intersect from ({true})))"""
    ).fetchall()
    return Score(name, *counts[0])
