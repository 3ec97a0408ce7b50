"""A small installation for tests of the ingest: one source system, deliveries written as a sender writes them."""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.engine.contract import System, load_contract
from pipelines.engine.home import Home
from pipelines.engine.ingest import IngestReport, Outcome, ingest
from pipelines.engine.ledger import Ledger
from pipelines.engine.quarantine import read_originals

DAY = date(2026, 1, 5)
CALL: dict[str, Any] = {
    "files": "call_{date}_{part}.r{redo}.csv",
    "format": "csv",
    "mode": "append",
    "key": ["call_no"],
    "event_time": "start_at",
    "late_days": 45,
    "max_reject_rows": 10,
    "columns": {
        "call_no": {"type": "bigint", "required": True},
        "msisdn": {"type": "varchar", "key": "msisdn", "required": True, "pattern": "^[0-9]{5,15}$"},
        "imei": {"type": "varchar", "key": "imei", "pattern": "^[0-9]{14,15}$"},
        "start_at": {"type": "timestamp", "required": True},
        "duration_s": {"type": "integer", "min": 0, "max": 86400},
        "fee_amt": {"type": "decimal(18,2)"},
        "service": {"type": "varchar", "values": ["voice", "sms"]},
    },
    "derive": {"tac": {"type": "varchar", "sql": "substr(imei, 1, 8)"}},
}
HEADER = "call_no,msisdn,imei,start_at,duration_s,fee_amt,service"


def row(call_no: object = 1, **changed: object) -> str:
    """A line of the call file that keeps every rule, but for what is changed."""
    values: dict[str, object] = {
        "call_no": call_no, "msisdn": "13800000001", "imei": "86000000000001", "start_at": "2026-01-05 10:00:00",
        "duration_s": 60, "fee_amt": "0.10", "service": "voice",
    } | changed  # fmt: skip
    return ",".join(str(value) for value in values.values())


def lines(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


@dataclass
class Installation:
    """A home with one system `ops` and what was ingested into it."""

    home: Home
    contract: dict[str, Any] = field(default_factory=lambda: {"call": CALL})
    manifest: str = "required"

    @property
    def systems(self) -> dict[str, System]:
        path = self.home.root / "sources" / "ops" / "defs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        attributes = {"title": "Test", "owner": "test", "manifest": self.manifest, "tables": self.contract}
        path.write_text(
            yaml.safe_dump({"type": "pipelines.engine.SourceSystem", "attributes": attributes}, sort_keys=False)
        )
        return {"ops": load_contract(path)}

    @property
    def landing(self) -> Path:
        folder = self.home.landing / "ops"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def deliver(
        self, content: bytes, *, rows: int, table: str = "call", day: date = DAY, redo: int = 0,
        name: str | None = None, delivered_at: str | None = None, sums: dict[str, object] | None = None,
        **promise: object,
    ) -> Path:  # fmt: skip
        """Write one file and its manifest; `promise` overrides what the manifest says of the file."""
        pattern = self.contract[table]["files"].replace("_{part}", "")
        name = name or pattern.replace("{date}", f"{day:%Y%m%d}").replace("{redo}", str(redo))
        path = self.landing / name
        path.write_bytes(content)
        file = {
            "name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows,
            "sums": sums or {},
        } | promise  # fmt: skip
        manifest = {
            "system": "ops", "table": table, "data_date": str(day), "redo": redo,
            "delivered_at": delivered_at or f"{day}T23:00:00+08:00", "files": [file],
        }  # fmt: skip
        (self.landing / f"{table}_{day:%Y%m%d}.r{redo}.manifest.json").write_text(json.dumps(manifest))
        return path

    def ingest(self, as_of: date = DAY, **options: Any) -> IngestReport:
        return ingest(self.home, self.systems, as_of=as_of, not_before=options.pop("not_before", as_of), run_id="run-1",
                      **options)  # fmt: skip

    def outcome(self) -> Outcome:
        """What became of the only delivery."""
        (outcome,) = self.ingest().outcomes
        return outcome

    def refused(self) -> str:
        """Why the only delivery was refused; the lake must be as it was."""
        outcome = self.outcome()
        assert outcome.status == "refused", outcome
        assert not list(self.home.lake.glob("ops/**/*.parquet"))
        return outcome.reason or ""

    def lake(self, columns: str = "*", table: str = "call") -> list[tuple[Any, ...]]:
        """Rows of the lake by the ledger, in the order of delivery and file."""
        entries = [entry for entry in Ledger(self.home.lake).deliveries() if entry.table == table]
        parts = [part.path for entry in entries for part in entry.parts]
        paths = ", ".join(f"'{self.home.lake / part}'" for part in parts)
        order = "order by delivery_id, file_no, row_no"
        return duckdb.sql(
            f"select {columns} from read_parquet([{paths}], hive_partitioning = false) {order}"
        ).fetchall()

    def quarantined(self, columns: str = "row_no, column_name, rule") -> list[tuple[Any, ...]]:
        paths = ", ".join(f"'{path}'" for path in Ledger(self.home.lake).quarantined())
        return duckdb.sql(f"select {columns} from read_parquet([{paths}]) order by delivery_id, row_no").fetchall()

    def quarantined_of(self, delivery_id: int) -> list[tuple[Any, ...]]:
        """Row number, column and rule of one delivery's quarantined rows."""
        columns = "delivery_id, row_no, column_name, rule"
        found = self.quarantined(columns) if Ledger(self.home.lake).quarantined() else []
        return [entry[1:] for entry in found if entry[0] == delivery_id]

    def originals(self) -> list[dict[str, Any]]:
        files = sorted(self.home.quarantine.glob("*/*"))
        return [entry for file in files for entry in read_originals(file, self.home)]


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
