"""Deliveries into the lake: found, examined, parsed, judged, keyed by the vault, written, and put on the ledger last.

Order of writing: vault, Parquet, ledger. A crash in between leaves keys that nothing uses yet and parts that the next
run sweeps; a delivery counts from the rename of its ledger segment.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, Protocol

from pipelines.engine import lake, quarantine
from pipelines.engine.burial import Burial
from pipelines.engine.connect.declared import DELETED
from pipelines.engine.contract import System, Table
from pipelines.engine.decode import DeliveryError
from pipelines.engine.home import Home, operator
from pipelines.engine.landing import Pending, Scan, Waiting
from pipelines.engine.ledger import Delivery, Ledger, SourceFile
from pipelines.engine.load import Candidate, TableLoad
from pipelines.engine.preflight import examine
from pipelines.engine.removal import remove_tree
from pipelines.engine.vault import Vault
from pipelines.engine.warehouse import Connection
from pipelines.engine.workbench import Workbench, workbench

LARGE = 1 << 20
WRITING = 2  # tables at once: their files are opened and closed one by one, which keeps one core idle
BATCH_BYTES = 1 << 30  # landed bytes of whole nights that are held in memory at once

Audit = Callable[[Connection, str, Table], list[Any]]


class Progress(Protocol):
    """Whoever watches."""

    def step(self, name: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery."""

    delivery_id: int
    system: str
    table: str
    data_date: date
    redo: int
    status: Literal["loaded", "refused"]
    reason: str | None
    rows: int
    rejected: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did. `statement_seconds` is the time inside DuckDB statements, the least that its work costs."""

    outcomes: tuple[Outcome, ...]
    waiting: tuple[Waiting, ...]
    checks: tuple[Any, ...]
    statement_seconds: float
    seconds: float

    @property
    def loaded(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == "loaded"]

    @property
    def refused(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == "refused"]


def ingest(
    home: Home,
    systems: Mapping[str, System],
    *,
    as_of: date,
    not_before: date,
    run_id: str,
    progress: Progress | None = None,
    audit: Audit | None = None,
) -> IngestReport:
    """Load every delivery received by the night of `as_of` that is not on the ledger; the caller holds the writer lock.

    `not_before` is the first night that is not closed: what arrives late for an earlier one is known from then on.
    `audit` sees the typed rows of each table's accepted deliveries before any row is rejected, as a view with
    `_delivery` and `_fault`; what it returns is passed on in the report.
    """
    began = time.perf_counter()
    ledger = Ledger(home.lake)
    ledger.sweep()
    landing = Scan(home.landing, ledger, as_of=as_of, not_before=not_before).look(systems)
    outcomes: list[Outcome] = []
    checks: list[Any] = []
    with _private(), workbench(home) as bench:
        for batch in _batches(landing.pending):
            run = Batch(home, ledger, bench, run_id, audit)
            outcomes += run.load(batch, progress)
            checks += run.checks
    seconds = time.perf_counter() - began
    return IngestReport(tuple(outcomes), landing.waiting, tuple(checks), bench.clock.seconds, seconds)


def _batches(pending: Sequence[Pending]) -> Generator[list[Pending]]:
    """Whole nights, as many together as stay below the limit. Keys do not depend on where the border falls."""
    batch: list[Pending] = []
    size = 0
    for _, night in groupby(pending, key=lambda found: found.known_on):
        deliveries = list(night)
        weight = sum(found.bytes for found in deliveries)
        if batch and size + weight > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch, size = batch + deliveries, size + weight
    if batch:
        yield batch


class Batch:
    """Deliveries that are committed together."""

    def __init__(self, home: Home, ledger: Ledger, bench: Workbench, run_id: str, audit: Audit | None) -> None:
        self.home, self.ledger, self.bench, self.run_id, self.audit = home, ledger, bench, run_id, audit
        self.spill = home.spill / "ingest"
        self.checks: list[Any] = []
        self.unwanted: list[Path] = []

    def load(self, pending: Sequence[Pending], progress: Progress | None) -> list[Outcome]:
        candidates = self._candidates(pending)
        quarantine.prepare(self.bench)
        tables = len({candidate.pending.table.label for candidate in candidates})
        loads: list[TableLoad] = []
        with self._spilling():
            with closing(self._loads(candidates)) as examined:
                for load in examined:
                    if progress:
                        progress.step(f"ingest {load.table.label}", len(loads), tables)
                    self._judge(load)
                    loads.append(load)
            self._key(loads)
            self.ledger.staging.mkdir(parents=True, exist_ok=True)
            with ThreadPoolExecutor(WRITING) as pool:
                list(pool.map(self._write, loads))
        self._note_repeats(candidates)
        self._commit(candidates)
        return [_outcome(candidate) for candidate in candidates]

    def rehearse(self, pending: Sequence[Pending]) -> list[Candidate]:
        """What would become of deliveries; the bench keeps the rejected rows, and nothing else is written."""
        candidates = self._candidates(pending)
        quarantine.prepare(self.bench)
        with self._spilling(), closing(self._loads(candidates)) as loads:
            for load in loads:
                self._judge(load)
                load.drop()
        return candidates

    def _loads(self, candidates: Sequence[Candidate]) -> Generator[TableLoad]:
        """The deliveries by table, each when its files are examined; meanwhile those of the next tables are."""
        in_order = sorted(candidates, key=lambda candidate: candidate.pending.table.label)
        by_table = [list(own) for _, own in groupby(in_order, key=lambda candidate: candidate.pending.table.label)]
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            started = [self._examine(pool, own) for own in by_table]
            for own, examined in zip(by_table, started, strict=True):
                for each in examined:
                    each.result()
                yield TableLoad(self.bench, own[0].pending.table, own)
        finally:
            pool.shutdown(cancel_futures=True)

    def _candidates(self, pending: Sequence[Pending]) -> list[Candidate]:
        """Numbered in the order of their nights, so that ids and keys are those of nights run one by one."""
        tables = {label: n for n, label in enumerate(sorted({found.table.label for found in pending}))}
        nights = {night: n for n, night in enumerate(sorted({found.known_on for found in pending}))}
        first = self.ledger.next_id()
        return [
            Candidate(first + n, found, nights[found.known_on] * len(tables) + tables[found.table.label])
            for n, found in enumerate(pending)
        ]

    def _examine(self, pool: ThreadPoolExecutor, candidates: Sequence[Candidate]) -> list[Future[None]]:
        """Every file of every delivery; large ones side by side, because hashing and unpacking free the interpreter."""
        large = [[candidate] for candidate in candidates if candidate.pending.bytes > LARGE]
        small = [candidate for candidate in candidates if candidate.pending.bytes <= LARGE]
        return [pool.submit(self._examine_all, each) for each in (*large, small)]

    def _examine_all(self, candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            if candidate.pending.fault:
                candidate.refuse(candidate.pending.fault)
            for number, landed in enumerate(candidate.pending.files):
                spill = self.spill / f"{candidate.delivery_id}_{number}"
                try:
                    readable = examine(landed, candidate.pending.table, spill)
                except DeliveryError as error:
                    candidate.refuse(str(error))
                except OSError as error:
                    candidate.refuse(f"{landed.path.name}: cannot be read ({error}); deliver it again")
                else:
                    candidate.files.append(readable)
                    candidate.notes += (f"{readable.name}: {note}" for note in readable.notes)

    def _judge(self, load: TableLoad) -> None:
        load.parse()
        load.judge()
        load.accept()
        if not load.has_rows:
            return
        if self.audit:
            view = f"audited_{load.table.system}_{load.table.name}"
            load.run(
                f"""create or replace temp view {view} as select typed.*, files.delivery_id as _delivery
                from {load.typed} as typed inner join {load.files} as files on typed._file = files._file
                {f"where not {DELETED}" if load.table.tells_deletions else ""}"""
            )
            self.checks += self.audit(self.bench.connection, view, load.table)
            load.run(f"drop view {view}")
        quarantine.collect(load)

    def _key(self, loads: Iterable[TableLoad]) -> None:
        wanted: dict[str, list[str]] = {}
        for load in loads:
            if load.has_rows:
                for domain, queries in lake.key_queries(load).items():
                    wanted.setdefault(domain, []).extend(queries)
        vault = Vault(self.bench, self.home)
        vault.find(wanted)
        if past := vault.past(wanted):
            self._bury(vault, past, wanted, loads)
        else:
            vault.keep(wanted)
        self.seal = vault.seal
        vault.close()

    def _bury(self, vault: Vault, past: set[str], wanted: Mapping[str, list[str]], loads: Iterable[TableLoad]) -> None:
        """The same on a night when values of erased people come again: neither landing nor quarantine keeps them."""
        burial = Burial(vault, past, operator().relationships)
        for candidate in burial.bury(loads):
            quarantine.forget_originals(self.bench, candidate.delivery_id)
            self.unwanted += [file.path for file in candidate.pending.files]
        left = {domain: burial.without(queries) for domain, queries in wanted.items()}
        vault.find(left)
        vault.past(left)
        vault.keep(left)
        burial.tell_keys()

    def _write(self, load: TableLoad) -> None:
        load.bench = self.bench.beside()
        if load.has_rows:
            lake.write_parts(load, self.ledger.staging)
            lake.settle(load.candidates)
        load.drop()

    def _note_repeats(self, candidates: Sequence[Candidate]) -> None:
        """Tell bytes that came before for the same table, such as yesterday's file under the name of today."""
        came = [c for c in candidates if c.reason is None and c.rows]
        firsts = {candidate.files[0].sha256 for candidate in came}
        known = {
            (entry.system, entry.table, *(file.sha256 for file in entry.files)): entry.slot
            for entry in self.ledger.deliveries()
            if entry.status == "loaded" and entry.files[0].sha256 in firsts
        }
        for candidate in came:
            system, table, day, redo = candidate.pending.slot
            key = (system, table, *(file.sha256 for file in candidate.files))
            if key in known:
                candidate.notes.append("the same bytes as {1} {2} r{3}, loaded before".format(*known[key]))
            known.setdefault(key, (system, table, day, redo))

    def _commit(self, candidates: Sequence[Candidate]) -> None:
        segment, staging = self.ledger.next_segment(), self.ledger.staging
        rejected = f"quarantine/{segment}.parquet"
        has_rejected = quarantine.write(self.bench, staging / "quarantine.parquet")
        parts = [part.path for candidate in candidates for part in candidate.parts]
        self.ledger.promise([*parts, rejected])
        lake.move_parts(candidates, self.ledger.lake)
        if has_rejected:
            lake.hash_durably(staging / "quarantine.parquet")
            (self.ledger.lake / rejected).parent.mkdir(exist_ok=True)
            (staging / "quarantine.parquet").replace(self.ledger.lake / rejected)
            quarantine.keep_originals(self.bench, self.home.quarantine / segment, self.seal)
        self.ledger.commit([_entry(candidate, self.run_id) for candidate in candidates])
        for path in self.unwanted:
            path.unlink(missing_ok=True)

    @contextmanager
    def _spilling(self) -> Generator[None]:
        """A folder for decoded copies, which hold personal data and go when the batch is over."""
        remove_tree(self.spill)
        self.spill.mkdir(parents=True, mode=0o700)
        try:
            yield
        finally:
            remove_tree(self.spill)


def _outcome(candidate: Candidate) -> Outcome:
    system, table, data_date, redo = candidate.pending.slot
    status: Literal["loaded", "refused"] = "refused" if candidate.reason else "loaded"
    return Outcome(
        candidate.delivery_id, system, table, data_date, redo, status, candidate.reason, candidate.rows,
        candidate.rejected, tuple(candidate.notes),
    )  # fmt: skip


def _entry(candidate: Candidate, run_id: str) -> Delivery:
    pending, outcome = candidate.pending, _outcome(candidate)
    files = tuple(
        SourceFile(file.name, file.sha256, file.bytes, candidate.file_rows.get(number, 0))
        for number, file in enumerate(candidate.files)
    )
    return Delivery(
        outcome.delivery_id, outcome.system, outcome.table, outcome.data_date, outcome.redo, pending.received_at,
        pending.known_on, outcome.status, outcome.reason, outcome.rows, outcome.rejected,
        sum(file.bytes for file in files), files, tuple(candidate.parts), run_id, pending.table.hash,
        pending.fingerprint, outcome.notes,
    )  # fmt: skip


@contextmanager
def _private() -> Generator[None]:
    """What is written meanwhile (vault, spill, lake) is readable by the owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
