"""Frozen lists: kept beside the warehouse, and delivered to it as the desk's, so that the past stays reproducible."""

import getpass
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from models.targeting.audience import Plan
from models.targeting.choose import Chosen
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import write_durably

MEMBERS = ("list_id", "subscription_key", "place", "is_control", "frozen_at")
HEAD = (
    "list_id", "audience", "version", "definition_hash", "purpose", "offer_id", "chosen_on", "ends_on", "lines",
    "controls", "frozen_by", "frozen_at",
)  # fmt: skip


@dataclass(frozen=True)
class Frozen:
    """A list as it was frozen; `digest` is of who is on it, in which order, and who is left alone."""

    list_id: str
    audience: str
    version: int
    definition_hash: str
    purpose: str
    offer_id: str | None
    chosen_on: str
    ends_on: str
    lines: int
    controls: int
    frozen_by: str
    frozen_at: str
    frozen_on: str
    redo: int
    digest: str
    declared: str
    run_id: str


@dataclass(frozen=True)
class Lists:
    """The folder `lists` of a home: per list what it is (JSON) and who is on it (Parquet), for its owner only."""

    home: Home

    @property
    def folder(self) -> Path:
        return self.home.lists

    def all(self) -> list[Frozen]:
        found = [Frozen(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(self.folder.glob("*.json"))]
        return sorted(found, key=lambda one: (one.frozen_at, one.list_id))

    def knows(self, name: str) -> bool:
        return (self.folder / f"{name}.json").exists()

    def keys(self, name: str) -> np.ndarray:
        return np.sort(self.members(name).column("subscription_key").to_numpy())

    def members(self, name: str) -> pa.Table:
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / f"{name}.parquet")

    def waiting(self, connection: duckdb.DuckDBPyConnection, except_audience: str) -> np.ndarray:
        """The lines on lists that published tables do not know yet, left out those of the audience itself."""
        loaded = self.loaded(connection)
        names = [one.list_id for one in self.all() if one.list_id not in loaded and one.audience != except_audience]
        return np.unique(np.concatenate([self.keys(name) for name in names])) if names else np.zeros(0, np.int64)

    @staticmethod
    def loaded(connection: duckdb.DuckDBPyConnection) -> set[str]:
        try:
            return {row[0] for row in connection.execute("select list_id from targeting.list").fetchall()}
        except duckdb.CatalogException:  # published before there were lists
            return set()

    def freeze(
        self, plan: Plan, chosen: Chosen, *, purpose: str, as_of: date, run_id: str, declared: str, now: datetime
    ) -> tuple[Frozen, bool]:
        """Keep a list and deliver it; the same list again is the one that is there, and nothing new."""
        digest = digest_of(chosen)
        earlier = [one for one in self.all() if one.audience == plan.name]
        same = (digest, plan.audience.definition_hash, str(as_of), purpose)
        for one in earlier:
            if (one.digest, one.definition_hash, one.chosen_on, one.purpose) == same:
                return one, False
        local = now.astimezone(operator().zone)
        version = max((one.version for one in earlier), default=0) + 1
        today = [one for one in self.all() if one.frozen_on == str(local.date())]
        frozen = Frozen(
            f"{plan.name}.{version:04d}", plan.name, version, plan.audience.definition_hash, purpose,
            plan.audience.offer,
            str(as_of), str(local.date() + timedelta(days=plan.audience.lasts_days)), len(chosen.keys), chosen.controls,
            getpass.getuser(), f"{local:%Y-%m-%d %H:%M:%S}", str(local.date()),
            max((one.redo for one in today), default=-1) + 1,
            digest, declared, run_id,
        )  # fmt: skip
        self.keep(frozen, chosen)
        self.deliver([*today, frozen], frozen.redo, now)
        return frozen, True

    def keep(self, frozen: Frozen, chosen: Chosen) -> None:
        import pyarrow.parquet as pq

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = pa.table({
            "subscription_key": chosen.keys, "place": np.arange(1, len(chosen.keys) + 1, dtype=np.int32),
            "is_control": chosen.is_control,
        })  # fmt: skip
        path = self.folder / f"{frozen.list_id}.parquet"
        pq.write_table(rows, path)
        path.chmod(0o600)
        write_durably(self.folder / f"{frozen.list_id}.json", json.dumps(asdict(frozen), ensure_ascii=False, indent=1))

    def deliver(self, lists: Sequence[Frozen], redo: int, now: datetime) -> None:
        """All lists of the day as one delivery, in place of the one before: a day has one delivery that counts."""
        columns: dict[str, list[Any]] = {name: [] for name in MEMBERS}
        for one in lists:
            rows = self.members(one.list_id)
            columns["list_id"].append(np.repeat(one.list_id, len(rows)))
            columns["frozen_at"].append(np.repeat(one.frozen_at, len(rows)))
            for name in ("subscription_key", "place"):
                columns[name].append(rows.column(name).to_numpy())
            columns["is_control"].append(rows.column("is_control").to_numpy(zero_copy_only=False).astype(np.int8))
        members = pa.table({name: np.concatenate(parts) for name, parts in columns.items()})
        head = pa.table({name: [getattr(one, name) for one in lists] for name in HEAD})
        self.land("target_list_member", lists[-1].frozen_on, redo, members, now)
        self.land("target_list", lists[-1].frozen_on, redo, head, now)

    def land(self, name: str, day: str, redo: int, rows: pa.Table, now: datetime) -> None:
        """The file, and then its manifest: what has none is not read yet."""
        folder = self.home.landing / "desk"
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{name}_{day.replace('-', '')}.r{redo}"
        unfinished, path = folder / f".{stem}.csv", folder / f"{stem}.csv"
        pc.write_csv(rows, unfinished, pc.WriteOptions(quoting_style="needed", quoting_header="none"))
        unfinished.chmod(0o600)
        content = unfinished.read_bytes()
        unfinished.replace(path)
        file = {
            "name": path.name,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": len(rows),
        }
        manifest = {
            "system": "desk", "table": name, "data_date": day, "redo": redo, "delivered_at": now.isoformat(),
            "files": [file],
        }  # fmt: skip
        write_durably(folder / f"{stem}.manifest.json", json.dumps(manifest))


def digest_of(chosen: Chosen) -> str:
    told = hashlib.sha256(chosen.keys.astype("<i8").tobytes())
    told.update(chosen.is_control.astype(np.uint8).tobytes())
    return told.hexdigest()


def moment_of(day: date | None) -> datetime:
    """Now; or the end of a business day that is past, for an operator whose nights are caught up."""
    if day is None:
        return datetime.now(UTC)
    local = datetime(day.year, day.month, day.day, 23, tzinfo=operator().zone)
    return min(local.astimezone(UTC), datetime.now(UTC))
