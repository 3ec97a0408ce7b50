"""Turns deliveries into files with manifests in `landing/<system>/`, exactly as a source system would drop them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from pipelines.synthetic.faults_ledger import FAULT, Ledger
from pipelines.synthetic.formats import Form, Layout, csv_bytes, encode, encode_container, layout_of
from pipelines.synthetic.manifests import FileEntry, manifest_bytes, manifest_name, write_atomically

# Stands for bytes that are no character of the file's encoding; 0xFF begins no character in GB18030 or UTF-8.
UNREADABLE: Final = "\ue000"

# Deliveries on time come between 00:10 and 01:40, before the night of 02:00.
FIRST_DELIVERY_AT: Final = clock(0, 10)
DELIVERY_SECONDS: Final = 90 * 60


class Damage(StrEnum):
    """What happens to the last file of a delivery after its manifest was computed, or to how it is written."""

    SHORT = "its last rows are missing"
    TRUNCATED = "its last bytes are missing"
    UTF_8 = "it is in UTF-8"
    NO_FILE = "it is not there"
    NO_MANIFEST = "the delivery's manifest is not there"


@dataclass(frozen=True)
class Delivery:
    """One version of one table for one business day. `frame` may carry the column `FAULT`.

    `junk` holds rows of text that no typed column could hold; they are appended to the last file and count as rows.
    """

    system: str
    table: str
    data_date: date
    delivered_at: datetime
    frame: pl.DataFrame
    redo: int = 0
    damage: Damage | None = None
    fault_id: int = 0
    junk: pl.DataFrame | None = None

    @classmethod
    def on_time(cls, system: str, table: str, data_date: date, frame: pl.DataFrame, *, second: int) -> Delivery:
        """The true delivery, so many seconds after 00:10 of the next day."""
        at = datetime.combine(data_date + timedelta(days=1), FIRST_DELIVERY_AT) + timedelta(seconds=second)
        return cls(system, table, data_date, at, frame)


@dataclass
class Tally:
    """What was written in one form; `seconds` is wall-clock time of encoding and writing."""

    rows: int = 0
    bytes: int = 0
    files: int = 0
    seconds: float = 0.0


Written = tuple[Form, list[FileEntry], float]  # how, what, and in how many seconds


@dataclass
class Landing:
    """The folder into which all systems deliver."""

    root: Path
    ledger: Ledger
    pool: ThreadPoolExecutor
    files_per_day: int = 1
    tallies: dict[Form, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _background: list[Future[Written]] = field(default_factory=list)

    def write(self, delivery: Delivery) -> None:
        """Write the files of a delivery, then its manifest; small tables in the background, until `finish_day`."""
        layout = layout_of(delivery.system, delivery.table)
        if layout.hourly:  # large, and uses every core by itself
            self._count(*self._write(delivery, layout))
        else:
            self._background.append(self.pool.submit(self._write, delivery, layout))

    def write_container(self, deliveries: Sequence[Delivery]) -> None:
        """Write deliveries of one system and day into one file, then one manifest for each table."""
        self._background.append(self.pool.submit(self._write_container, deliveries))

    def finish_day(self) -> None:
        """Wait for what is written in the background; what went wrong there is raised here."""
        for written in self._background:
            self._count(*written.result())
        self._background.clear()

    def _write(self, delivery: Delivery, layout: Layout) -> Written:
        started = time.perf_counter()
        parts = list(self._parts(delivery, layout))
        entries = [
            self._write_part(delivery, layout, frame, name, is_last=name == parts[-1][1]) for frame, name in parts
        ]
        if delivery.fault_id:
            self._place(delivery, parts[-1][1], pl.Series([delivery.fault_id]), row_no=None)
        if delivery.damage is not Damage.NO_MANIFEST:
            self._write_manifest(delivery, entries)
        return layout.form, entries, time.perf_counter() - started

    def _write_container(self, deliveries: Sequence[Delivery]) -> Written:
        one = deliveries[0]
        layout = layout_of(one.system, one.table)
        started = time.perf_counter()
        name = f"{one.system}_{one.data_date:%Y%m%d}.r{one.redo}.{layout.ext}"
        clean = {delivery.table: self._placed(delivery, delivery.frame, name) for delivery in deliveries}
        payload = encode_container(clean, layout)
        write_atomically(self._folder(one.system) / name, payload)
        entries = [FileEntry.of(name, payload, rows=frame.height) for frame in clean.values()]
        for delivery, entry in zip(deliveries, entries, strict=True):
            self._write_manifest(delivery, [entry])
        return layout.form, entries, time.perf_counter() - started

    def _parts(self, delivery: Delivery, layout: Layout) -> Iterator[tuple[pl.DataFrame, str]]:
        """The rows of each file with its name; hourly systems cut a day by the hour of the event."""
        stem = f"{delivery.table}_{delivery.data_date:%Y%m%d}"
        suffix = f"r{delivery.redo}.{layout.ext}"
        if not layout.hourly:
            yield delivery.frame, f"{stem}.{suffix}"
        elif self.files_per_day == 1:
            yield delivery.frame, f"{stem}_00.{suffix}"
        else:
            part = _column(delivery.frame, "start_at").dt.hour().cast(pl.Int32) * self.files_per_day // 24
            for number in range(self.files_per_day):
                yield delivery.frame.filter(part == number), f"{stem}_{number:02}.{suffix}"

    def _write_part(
        self, delivery: Delivery, layout: Layout, frame: pl.DataFrame, name: str, *, is_last: bool
    ) -> FileEntry:
        frame = self._placed(delivery, frame, name)
        junk = self._placed_junk(delivery, name, after=frame.height) if is_last else None
        damage = delivery.damage if is_last else None
        rows = frame.height + (junk.height if junk is not None else 0)
        sums = {name: int(_column(frame, name).sum()) for name in layout.sums}
        kept = frame.head(frame.height - max(1, frame.height // 50)) if damage is Damage.SHORT else frame
        payload = self._encode(kept, junk, layout, rows, sums, damage)
        entry = FileEntry.of(name, payload, rows=rows, sums=sums)
        if damage is not Damage.NO_FILE:
            whole = len(payload) if damage is not Damage.TRUNCATED else len(payload) * 3 // 5
            write_atomically(self._folder(delivery.system) / name, payload[:whole])
        return entry

    def _encode(
        self,
        frame: pl.DataFrame,
        junk: pl.DataFrame | None,
        layout: Layout,
        rows: int,
        sums: dict[str, int],
        damage: Damage | None,
    ) -> bytes:
        if layout.form is Form.GZIP_CSV:
            tail = csv_bytes(junk, layout, header=False).decode() if junk is not None else ""
            totals = "".join(f",sum_{column}={total}" for column, total in sums.items())
            return encode(frame, layout, pool=self.pool, trailer=f"{tail}#TRAILER,rows={rows}{totals}\n")
        payload = encode(frame, layout, pool=self.pool)
        if damage is Damage.UTF_8:
            return payload.decode(layout.encoding).encode()
        if layout.encoding == "gb18030":
            return payload.replace(UNREADABLE.encode(layout.encoding), b"\xff")
        return payload

    def _placed(self, delivery: Delivery, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        """The frame as it is written, after noting where its faulty rows lie."""
        if FAULT not in frame.columns:
            return frame
        frame = frame.clone()
        faults = frame.drop_in_place(FAULT)
        rows = np.flatnonzero(faults.to_numpy())
        if len(rows):
            self._place(delivery, name, faults[rows], row_no=pl.Series(rows + 1))
        return frame

    def _placed_junk(self, delivery: Delivery, name: str, *, after: int) -> pl.DataFrame | None:
        if delivery.junk is None:
            return None
        row_no = pl.Series(range(after + 1, after + 1 + delivery.junk.height))
        self._place(delivery, name, delivery.junk[FAULT], row_no=row_no)
        return delivery.junk.drop(FAULT)

    def _place(self, delivery: Delivery, name: str, ids: pl.Series, *, row_no: pl.Series | None) -> None:
        self.ledger.place(
            ids,
            system=delivery.system,
            table=delivery.table,
            data_date=delivery.data_date,
            redo=delivery.redo,
            file=name,
            row_no=row_no,
            delivered_at=delivery.delivered_at,
        )

    def _write_manifest(self, delivery: Delivery, entries: list[FileEntry]) -> None:
        key = (delivery.system, delivery.table, delivery.data_date, delivery.redo)
        payload = manifest_bytes(*key, delivered_at=delivery.delivered_at, files=entries)
        write_atomically(self._folder(delivery.system) / manifest_name(*key[1:]), payload)

    def _folder(self, system: str) -> Path:
        folder = self.root / system
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _count(self, form: Form, entries: list[FileEntry], seconds: float) -> None:
        tally = self.tallies[form]
        tally.rows += sum(entry.rows for entry in entries)
        tally.bytes += sum({entry.name: entry.bytes for entry in entries}.values())
        tally.files += len({entry.name for entry in entries})
        tally.seconds += seconds


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column by its name in the contract, which a faulty header may write in capitals."""
    return frame[name if name in frame.columns else name.upper()]
