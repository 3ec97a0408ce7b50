"""One night: deliveries into the lake, tables from their files, promises examined, the result published or refused."""

import json
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, Self

import duckdb

from pipelines.engine import ops
from pipelines.engine.audit import (
    Failure,
    check_movements,
    check_reconciliation,
    check_rules,
    fill_completeness,
    fill_quarantine,
)
from pipelines.engine.build import Builder, BuildError, TableRun
from pipelines.engine.checks import BrokenPromise
from pipelines.engine.connect.fetch import fetch
from pipelines.engine.contract import load_contracts
from pipelines.engine.expect import audit_contract, check_rows, keep_results
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.ingest import IngestReport, ingest
from pipelines.engine.ledger import Ledger
from pipelines.engine.lock import writer_lock
from pipelines.engine.publish import Publisher
from pipelines.engine.raw import create_views, register_deliveries
from pipelines.engine.retention import retire
from pipelines.engine.table import HeaderError, Table, load_tables
from pipelines.engine.warehouse import quoted, transaction, writing
from quality.scorecard import fill_scorecard


class NotPublished(Exception):
    """A promise that blocks publishing does not hold; analysts keep yesterday's file."""


class OutOfOrder(Exception):
    """The days asked for are not the next ones to close."""


class Progress(Protocol):
    """Whoever watches a night."""

    def step(self, name: str, done: int, total: int) -> None: ...

    def say(self, text: str) -> None: ...


@dataclass(frozen=True)
class Silent:
    """Nobody watches."""

    def step(self, name: str, done: int, total: int) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class NightReport:
    """How a night ended. `statement_seconds` is the time inside DuckDB statements: the floor of `seconds`."""

    run_id: str
    from_day: date
    to_day: date
    status: str
    failures: list[Failure]
    published: Path | None
    tables: list[TableRun]
    ingest: IngestReport | None
    seconds: float
    statement_seconds: float


@dataclass
class Night:
    """The work of one run over business days from_day to to_day, holding the writer lock while it is open.

    `project` is the folder whose sources and tables it runs.
    """

    home: Home
    from_day: date
    to_day: date
    progress: Progress = field(default_factory=Silent)
    project: Path = PROJECT

    def __enter__(self) -> Self:
        self.began = time.perf_counter()
        self.tables = load_tables(self.project)
        self.systems = load_contracts(self.project / "pipelines" / "sources")
        self.failures: list[Failure] = []
        self.runs: list[TableRun] = []
        self.ingested: IngestReport | None = None
        self.unbuilt: set[str] = set()
        with ExitStack() as stack:
            self.home.prepared()
            stack.enter_context(writer_lock(self.home.root / "night.lock", f"night {self.from_day} to {self.to_day}"))
            self.connection = stack.enter_context(writing(self.home.warehouse, self.home))
            ops.prepare(self.connection)
            self.refuse_disorder()
            self.start_run()
            span = (self.from_day, self.to_day)
            self.builder = Builder(self.connection, self.tables, self.run_id, *span, self.home.models)
            self.publisher = Publisher(self.home, self.connection, self.tables, self.run_id, self.to_day)
            stack.callback(self.publisher.close)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def refuse_disorder(self) -> None:
        """Nights close in order, and a closed day is never closed differently. Raises OutOfOrder."""
        last = ops.last_closed(self.connection)
        if self.from_day > self.to_day:
            raise OutOfOrder(f"the first day {self.from_day} lies after the last, {self.to_day}; swap them")
        if last and self.to_day < last:
            raise OutOfOrder(
                f"{self.to_day} is closed, the last closed day is {last}; `bassline rebuild --day {self.to_day}` "
                "computes it again beside the warehouse"
            )
        if last and self.from_day > last + timedelta(days=1):
            raise OutOfOrder(
                f"the nights after {last} are missing; run `bassline night --from {last + timedelta(days=1)} "
                f"--to {self.to_day}`"
            )

    def start_run(self) -> None:
        same = self.connection.execute(f"select count(*) from ops.run where to_day = date '{self.to_day}'").fetchall()
        self.run_id = f"{self.to_day}-{same[0][0] + 1:03d}"
        self.connection.execute("update ops.run set status = 'broken off' where status = 'running'")
        now = utc_now()
        row = [self.run_id, self.from_day, self.to_day, now, None, "running", None, revision(), duckdb.__version__]
        ops.insert(self.connection, "ops.run", [row])
        self.tell("running")

    def ingest(self) -> IngestReport:
        """Fetch from remote systems, load what is pending, bring ops.delivery up to date, show the lake to staging."""
        for missed in fetch(self.home, self.systems, self.to_day, progress=self.progress):
            self.fail(Failure(missed.where, "fetch", missed.message, missed.blocking))
        last = ops.last_closed(self.connection)
        self.ingested = ingest(
            self.home, self.systems, as_of=self.to_day, not_before=last + timedelta(days=1) if last else self.from_day,
            run_id=self.run_id, progress=self.progress, audit=audit_contract,
        )  # fmt: skip
        ops.insert(self.connection, "ops.check_result", check_rows(self.ingested.checks, self.run_id, self.to_day))
        keep_results(self.home, self.ingested.checks, self.run_id, utc_now())
        self.see_lake()
        return self.ingested

    def see_lake(self) -> None:
        entries = Ledger(self.home.lake).deliveries()
        register_deliveries(self.connection, entries, self.to_day)
        self.builder.anew = self.builder.outdated()
        create_views(self.builder.sql, self.systems, self.builder.read_whole(), entries, self.home.lake)

    def build(self, names: Iterable[str]) -> list[TableRun]:
        """Build tables in order, each all or nothing. A failure is recorded and the table's readers wait.

        What is committed is written for the published run meanwhile, as long as nothing failed.
        """
        done: list[TableRun] = []
        built: list[Table] = []
        wanted = [self.tables[name] for name in names]
        for number, table in enumerate(wanted):
            self.progress.step(table.name, number, len(wanted))
            if waiting := sorted(table.sources & self.unbuilt):
                self.unbuilt.add(table.name)
                self.fail(Failure(table.name, "sources", f"not built, because {', '.join(waiting)} failed", True))
                continue
            try:
                done.append(self.builder.build(table))
                built.append(table)
            except (BuildError, BrokenPromise, HeaderError) as error:
                self.unbuilt.add(table.name)
                self.fail(Failure(table.name, type(error).__name__, str(error), True))
            if not self.builder.unsettled and not self.unbuilt:
                self.publisher.write_ahead(built)
                built = []
        self.builder.settle()
        self.runs += done
        self.builder.record(done)
        self.record_checks(done)
        return done

    def fail(self, failure: Failure) -> None:
        """Keep it for the report and `bassline status`; what stops the night is said at once."""
        self.failures.append(failure)
        if failure.blocking:
            self.progress.say(failure.message)

    def record_checks(self, runs: Sequence[TableRun]) -> None:
        rows = [
            (self.run_id, self.to_day, run.table, c.name, c.severity, c.passed, c.offenders, c.sample)
            for run in runs for c in run.checks if c.severity == "watch" or not c.passed
        ]  # fmt: skip
        ops.insert(self.connection, "ops.check_result", rows)

    def audit(self) -> list[Failure]:
        """Examine completeness, cross-table rules, movements, reconciliation; fill the scorecard."""
        span = (self.run_id, self.from_day, self.to_day)
        found = fill_completeness(self.connection, self.systems, self.from_day, self.to_day)
        fill_quarantine(self.connection, self.home.lake)
        fill_scorecard(self.connection)
        if not self.unbuilt:
            broken = check_rules(self.builder.sql)
            severity = {True: "check", False: "watch"}
            results = [
                (self.run_id, self.to_day, f.where, f.rule, severity[f.blocking], False, None, f.message)
                for f in broken
            ]
            ops.insert(self.connection, "ops.check_result", results)
            found += broken
            found += check_movements(self.connection, *span) + check_reconciliation(self.connection, *span)
        for failure in found:
            self.fail(failure)
        return found

    def publish(self) -> Path:
        """Publish the run. Raises NotPublished with the reasons; then analysts keep the run in force."""
        blocking = [failure for failure in self.failures if failure.blocking]
        if blocking:
            self.end("failed", "; ".join(failure.message for failure in blocking))
            reasons = "\n".join(f"  {failure.where}: {failure.message}" for failure in blocking)
            raise NotPublished(f"the night of {self.to_day} published nothing, yesterday's tables stay:\n{reasons}")
        path = self.publisher.publish()
        self.end("published", None)
        retire(self.home, self.systems, self.to_day)
        return path

    def end(self, status: str, message: str | None) -> None:
        with transaction(self.connection):
            if status == "published":
                self.publisher.keep_stale(self.connection)
                ops.forget_run(self.connection)
            self.connection.execute(
                f"""update ops.run set status = '{status}', message = {quoted(message) if message else "null"},
                ended_at = timestamp '{utc_now()}' where run_id = '{self.run_id}'"""
            )
        self.tell(status)

    def tell(self, status: str) -> None:
        """Leave the state where `bassline status` finds it without opening the warehouse."""
        state: dict[str, Any] = {
            "run_id": self.run_id, "from_day": self.from_day, "to_day": self.to_day, "status": status, "at": utc_now(),
            "failures": [vars(failure) for failure in self.failures],
            "waiting": [vars(found) for found in self.ingested.waiting] if self.ingested else [],
        }  # fmt: skip
        temporary = self.home.root / ".night.json"
        temporary.write_text(json.dumps(state, default=str, indent=1))
        temporary.replace(self.home.root / "night.json")

    def report(self, published: Path | None) -> NightReport:
        statements = self.builder.statement_seconds + (self.ingested.statement_seconds if self.ingested else 0.0)
        return NightReport(
            self.run_id, self.from_day, self.to_day, "published" if published else "failed", self.failures, published,
            self.runs, self.ingested, time.perf_counter() - self.began, statements,
        )  # fmt: skip


def run_nights(home: Home, from_day: date, to_day: date, *, progress: Progress | None = None) -> NightReport:
    """Close a day, or a range of days in one set-based pass; the tables are those of nights run one by one."""
    with Night(home, from_day, to_day, progress or Silent()) as night:
        night.ingest()
        night.build(night.tables)
        night.audit()
        try:
            published = night.publish()
        except NotPublished:
            published = None
        return night.report(published)


def catch_up(home: Home, to_day: date, *, progress: Progress | None = None) -> list[NightReport]:
    """Close every day after the last closed one up to to_day, in order.

    A day that does not publish by itself is tried once more together with the days after it: what repairs it, such as
    a redelivery, may have come after its own cut. Then the rest is closed, or nothing is.
    """
    reports = []
    for day in open_days(home, to_day):
        reports.append(run_nights(home, day, day, progress=progress))
        if reports[-1].status != "published":
            if day < to_day:
                reports.append(run_nights(home, day, to_day, progress=progress))
            break
    return reports


def open_days(home: Home, to_day: date) -> list[date]:
    """Business days not closed yet, up to to_day; on a fresh home only to_day itself."""
    last = None
    if home.warehouse.exists():
        with writer_lock(home.root / "night.lock", "look up the last closed day"), writing(home.warehouse, home) as db:
            ops.prepare(db)
            last = ops.last_closed(db)
    first = last + timedelta(days=1) if last else to_day
    return [first + timedelta(days=n) for n in range((to_day - first).days + 1)] or [to_day]


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def revision() -> str:
    """The git revision of the code, or 'unknown' outside a checkout."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
        )
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"
