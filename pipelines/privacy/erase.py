"""Erasure: the person's values leave vault, landing and quarantine; the lake keeps integers that stand for nobody.

The vault is replaced last: until then a broken-off erasure is simply done again, and afterwards it has happened.
"""

import hashlib
import json
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.engine import renewal
from pipelines.engine.contract import System, Table, load_contracts
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import Ledger
from pipelines.engine.lock import writer_lock
from pipelines.engine.quarantine import SUFFIX, read_originals, write_originals
from pipelines.engine.sandbox import NothingPublished, Refused
from pipelines.engine.unpack import DeliveryError, unpacked
from pipelines.engine.vault import Vault
from pipelines.engine.warehouse import quoted
from pipelines.engine.workbench import workbench
from pipelines.privacy import register, states
from pipelines.privacy.export import naming
from pipelines.privacy.reach import Keys, NobodyFound, Reach

BINARY = ("parquet", "excel", "sqlite")


@dataclass(frozen=True)
class Erasure:
    """What an erasure removed: values by domain, files of the landing, rows of the quarantine and of states of fetches.

    `lists` are the frozen lists that the person was on and is not any more; `exports` the lists that were written out
    with the person. Whoever works with either must be told.
    """

    subject: str
    kind: str
    values: dict[str, int]
    landing_files: int
    quarantined_rows: int
    state_rows: int
    lists: list[str]
    exports: list[int]
    lake: str


def erase(home: Home, subject: str, *, kind: str | None, reason: str) -> Erasure:
    """Erase the person that a value stands for. Raises Refused or NobodyFound when it is not exactly one."""
    if len(reason.split()) < 2:
        raise Refused("say in a few words why: --reason 'request 4711 of the customer, article 17'")
    if subject in reason:
        raise Refused("the reason is kept for ever; leave the person's own data out of it")
    with writer_lock(home.root / "night.lock", "erasure"), workbench(home) as bench:
        vault = Vault(bench, home)
        try:
            return _erase(home, vault, subject, kind, reason)
        finally:
            vault.close()


def _erase(home: Home, vault: Vault, subject: str, kind: str | None, reason: str) -> Erasure:
    domain, key = _understood(vault, subject, kind)
    name = hashlib.sha256(vault.tombstone_hash(domain, subject).encode()).hexdigest()[:16]
    ledger, systems = Ledger(home.lake), load_contracts()
    before = lake_hash(ledger)
    with _warehouse(home) as connection:
        reach = Reach(connection, systems, ledger, operator().relationships)
        keys = reach.follow(reach.party_of(domain, key))
        loaded = reach.deliveries(keys)
        fetched = [(table, parts) for table, parts in reach.parts() if table.is_fetched]
    values = [value for d, wanted in keys.items() for value in vault.reveal(d, wanted).values()]
    files = _clear_landing(home, systems, ledger, loaded, values)
    rows = _clear_quarantine(home, vault, values)
    remembered = sum(states.forget(home, vault, table, parts, keys) for table, parts in fetched)
    lists, exports = _clear_lists(home, keys.get("subscription", set())), naming(home, keys)
    counts = {d: len(vault.reveal(d, wanted)) for d, wanted in sorted(keys.items())}
    renewal.erase(vault, keys, _until(keys))
    told = {d: n for d, n in counts.items() if n}
    done = Erasure(name, domain, told, files, rows, remembered, lists, exports, lake_hash(ledger))
    if done.lake != before:
        raise AssertionError(f"{home.lake}: changed during an erasure, which must not touch it")
    register.record(home, "erase", reason=reason, keys={d: sorted(k) for d, k in sorted(keys.items())}, **vars(done))
    return done


def _understood(vault: Vault, subject: str, kind: str | None) -> tuple[str, int]:
    """Domain and key of the value given. Raises NobodyFound or Refused."""
    known = vault.keys_of(subject)
    if kind:
        known = {kind: known[kind]} if kind in known else {}
    if not known and (gone := vault.erased(subject)):
        raise NobodyFound(f"the value was erased before, as {', '.join(domain for domain, _ in gone)}; nothing is left")
    if not known:
        raise NobodyFound("the vault does not know the value" + (f" as {kind}" if kind else ""))
    if len(known) > 1:
        raise Refused(f"the value is known as {' and '.join(sorted(known))}; say which one with --kind")
    return next(iter(known.items()))


def _until(keys: Keys) -> dict[str, date]:
    """Relationships are never issued again; what else is erased may be somebody else's from tomorrow on."""
    today = datetime.now(UTC).astimezone(operator().zone).date()
    return {domain: date.max if domain in operator().relationships else today for domain in keys}


@contextmanager
def _warehouse(home: Home) -> Generator[duckdb.DuckDBPyConnection]:
    if not home.warehouse.exists():
        raise NothingPublished(f"{home.warehouse}: there is no warehouse yet; `bassline night` makes it")
    with duckdb.connect(home.warehouse, read_only=True) as connection:
        connection.execute(f"set variable time_zone = {quoted(operator().time_zone)}")
        yield connection


def lake_hash(ledger: Ledger) -> str:
    """One hash over the ledger, which holds the hash of every part of the lake."""
    digest = hashlib.sha256()
    for segment in sorted(ledger.folder.glob("*.jsonl")):
        digest.update(segment.read_bytes())
    return digest.hexdigest()


def _clear_landing(home: Home, systems: dict[str, System], ledger: Ledger, loaded: set[int], values: list[str]) -> int:
    """Delete the files that hold a value. A manifest stays: it holds none, and says that its delivery was here.

    A delivery that is not decided yet is left for the night, which takes nothing of the person from it.
    """
    told = {(entry.system, file.name) for entry in ledger.deliveries() for file in entry.files
            if entry.delivery_id in loaded}  # fmt: skip
    refused = {entry.slot for entry in ledger.deliveries() if entry.status == "refused"}
    refused -= {entry.slot for entry in ledger.deliveries() if entry.status == "loaded"}
    gone = 0
    for name, system in systems.items():
        for path in sorted((home.landing / name).glob("*")):
            tables = [t for t in system.tables.values() if _slot(t, path.name) in refused]
            if (name, path.name) in told or any(_may_hold(path, table, values) for table in tables):
                path.unlink()
                gone += 1
    return gone


def _slot(table: Table, name: str) -> tuple[str, str, date, int] | None:
    """The delivery that a file of the landing belongs to by its name."""
    found = table.match(name) or {}
    try:
        day = datetime.strptime(found.get("date", ""), "%Y%m%d").date()
    except ValueError:
        return None
    return table.system, table.name, day, int(found.get("redo") or 0)


def _may_hold(path: Path, table: Table, values: list[str]) -> bool:
    """Whether a refused file, of which the lake does not tell, holds a value; what cannot be searched counts too."""
    if table.format in BINARY:
        return True
    try:
        with path.open("rb") as packed:
            content = b"".join(unpacked(path, packed, table.compression))
    except (OSError, DeliveryError):
        return True
    return any(value.encode(table.encoding, errors="ignore") in content for value in values)


def _clear_lists(home: Home, lines: Collection[int]) -> list[str]:
    """Take a person's lines off the frozen lists, so that no campaign is delivered with them again."""
    left = []
    for path in sorted(home.lists.glob("*.parquet")):
        members = pl.read_parquet(path)
        others = members.filter(~pl.col("subscription_key").is_in(lines))
        if len(others) < len(members):
            unfinished = path.with_suffix(".unfinished")
            others.write_parquet(unfinished)
            unfinished.chmod(0o600)
            unfinished.replace(path)
            left.append(path.stem)
    return left


def _clear_quarantine(home: Home, vault: Vault, values: list[str]) -> int:
    """Take the rows that hold a value out of the sealed originals."""
    gone = 0
    spelled = [(value, json.dumps(value)[1:-1]) for value in values]  # rows of JSON may spell their characters as codes
    for path in sorted(home.quarantine.glob(f"*/*{SUFFIX}")):
        rows = read_originals(path, home)
        kept = [row for row in rows if not any(word in (row["original"] or "") for pair in spelled for word in pair)]
        if len(kept) < len(rows):
            gone += len(rows) - len(kept)
            write_originals(path, kept, vault.seal)
    return gone
