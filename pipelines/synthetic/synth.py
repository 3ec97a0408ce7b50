"""The synthetic operator as a whole: its world is lived day by day, and what its systems deliver is written to disk.

Below `settings.out`: `landing/<system>/` as the source systems would drop it, and `truth/` which no pipeline reads.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.synthetic.deliver import DELIVERY_SECONDS, Delivery, Landing, Tally
from pipelines.synthetic.faults import RowFaults, Schedule
from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.faults_records import RecordFaults
from pipelines.synthetic.faults_usage import USAGE_TABLES, UsageFaults
from pipelines.synthetic.faults_versions import versions
from pipelines.synthetic.faults_world import list_troubles
from pipelines.synthetic.formats import LAYOUTS, Form, layout_of
from pipelines.synthetic.misbilling import list_errors
from pipelines.synthetic.money import books
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.world import World, simulate

SYSTEMS = tuple(name for name in LAYOUTS if "." not in name)

Tables = Mapping[str, pl.DataFrame]
Source = Callable[[date], Tables]
Progress = Callable[[date], None]


@dataclass(frozen=True)
class Report:
    """What a history consists of and how fast it was made."""

    events: int
    world_seconds: float
    generating_seconds: float
    total_seconds: float
    faults: int
    tallies: Mapping[Form, Tally]

    def lines(self) -> Iterator[str]:
        yield f"world               {self.world_seconds:>12,.1f} s"
        yield f"usage events        {self.events:>12,}   {self.events / self.generating_seconds:>10,.0f} events/s"
        for form, tally in self.tallies.items():
            rate = tally.rows / tally.seconds if tally.seconds else 0.0
            size = f"{tally.bytes:>14,} bytes in {tally.files:,} files"
            yield f"{form.value:<20}{tally.rows:>12,}   {rate:>10,.0f} rows/s   {size}"
        yield f"faults              {self.faults:>12,}"
        yield f"all days            {self.total_seconds:>12,.1f} s"


def synthesise(settings: Settings, *, progress: Progress | None = None) -> Report:
    """Write the whole history of one operator; the same settings give the same bytes.

    Raises:
        FileExistsError: `settings.out` already holds deliveries, which would mix with the new ones.
    """
    started = time.perf_counter()
    world = simulate(settings)
    world_seconds = time.perf_counter() - started
    report = write_history(
        settings,
        world_sources(world),
        lambda: books(world).usage.truth_day(),
        open_ledger=lambda ledger: list_troubles(world.lines, world.spells, world.plans, settings, ledger),
        close_ledger=lambda ledger: list_errors(pl.concat(books(world).bills.errors), ledger),
        progress=progress,
    )
    of_bills = {"billing_error": pl.concat(books(world).bills.errors)}
    for name, frame in (world.truth | of_bills).items():
        write_truth(settings.out / "truth", name, frame)
    return replace(report, world_seconds=world_seconds)


def world_sources(world: World) -> dict[str, Source]:
    """Every source system of the operator: the module of its name tells what it delivers for a day."""

    def source(system: str) -> Source:
        module = importlib.import_module(f"pipelines.synthetic.systems.{system}")
        return lambda day: module.tables(world, day)

    return {system: source(system) for system in SYSTEMS}


class History:
    """Writes the deliveries and the truth of one operator, a day at a time."""

    def __init__(self, settings: Settings, ledger: Ledger, pool: ThreadPoolExecutor) -> None:
        row_faults = RowFaults(settings.faults, settings.end)
        self._settings = settings
        self._ledger = ledger
        self._schedule = Schedule(settings)
        self._usage = UsageFaults(settings, row_faults, ledger)
        self._records = RecordFaults(settings, row_faults, ledger)
        self.landing = Landing(settings.out / "landing", ledger, pool, settings.files_per_day)

    def write_day(self, day: date, sources: Mapping[str, Tables]) -> None:
        """Write what all systems deliver for one business day."""
        seconds = self._settings.rng("delivered at", day).integers(DELIVERY_SECONDS, size=len(SYSTEMS)).tolist()
        for system, second in zip(SYSTEMS, seconds, strict=True):
            true = [self._harmed(system, table, day, frame, second) for table, frame in sources.get(system, {}).items()]
            if true and layout_of(system, true[0].table).is_container:
                self.landing.write_container(true)
                continue
            for delivery in true:
                for version in versions(delivery, self._schedule, self._settings, self._ledger):
                    self.landing.write(version)
        self.landing.finish_day()
        self._ledger.flush()

    def _harmed(self, system: str, table: str, day: date, frame: pl.DataFrame, second: int) -> Delivery:
        """The delivery with the faults of its single rows."""
        usage = USAGE_TABLES.get(f"{system}.{table}")
        if usage is None:
            frame = self._records.inject(system, table, day, frame)
            return Delivery.on_time(system, table, day, frame, second=second)
        frame, junk = self._usage.inject(usage, day, frame)
        return replace(Delivery.on_time(system, table, day, frame, second=second), junk=junk)


def write_truth(folder: Path, name: str, frame: pl.DataFrame) -> None:
    path = folder / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)


def write_history(
    settings: Settings,
    sources: Mapping[str, Source],
    truth_day: Callable[[], pl.DataFrame],
    *,
    open_ledger: Callable[[Ledger], None] = lambda _: None,
    close_ledger: Callable[[Ledger], None] = lambda _: None,
    progress: Progress | None = None,
) -> Report:
    """Live through all days; `truth_day` gives the usage of the day whose sources were asked last.

    A day is written while the next one is lived.
    """
    started, generating, events = time.perf_counter(), 0.0, 0
    truth = settings.out / "truth"
    for folder in (truth, settings.out / "landing"):
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder}: holds another history; choose an empty folder or remove it")
        folder.mkdir(parents=True, exist_ok=True)
    with (
        Ledger(truth / "fault.parquet") as ledger,
        ThreadPoolExecutor(max_workers=2) as pool,
        ThreadPoolExecutor(max_workers=1) as writer,
    ):
        open_ledger(ledger)
        history = History(settings, ledger, pool)
        written: Future[None] | None = None
        for day in settings.day_list:
            asked = time.perf_counter()
            tables = {system: source(day) for system, source in sources.items()}
            generating += time.perf_counter() - asked
            used = truth_day()
            events += int(used["events"].sum())
            write_truth(truth, f"usage_day/{day:%Y%m%d}", used)
            if written:
                written.result()
            written = writer.submit(history.write_day, day, tables)
            if progress:
                progress(day)
        if written:
            written.result()
        close_ledger(ledger)
        ledger.flush()
        faults = ledger.written
    return Report(events, 0.0, generating, time.perf_counter() - started, faults, dict(history.landing.tallies))
