"""Many small interfaces in one night: what a delivery costs beside the reading of its rows, and what contracts cost.

The rows are few on purpose: what remains is the engine's own work for a contract, a table and a delivery.
"""

import hashlib
import json
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.line import Line
from pipelines.engine.contract import Table, load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ingest import ingest
from pipelines.engine.table import load_tables
from pipelines.onboarding.propose import staged

INTERFACES = 180
TABLES = 3  # of each system
ROWS = 20
LAST = date(2026, 1, 31)
TABLE = """\
    record_{number}:
      files: "record_{number}_{{date}}.r{{redo}}.csv"
      format: csv
      cadence: daily
      mode: append
      key: [record_no]
      event_time: recorded_at
      columns:
        record_no: {{type: bigint, required: true, min: 0}}
        msisdn: {{type: varchar, key: msisdn, required: true, pattern: "^[0-9]{{5,15}}$"}}
        recorded_at: {{type: timestamp, format: "%Y-%m-%d %H:%M:%S", required: true}}
        kind: {{type: varchar, values: [a, b, c]}}
        fee_amt: {{type: "decimal(18,2)", min: 0}}
"""


def declare(project: Path, interfaces: int) -> None:
    """A project of nothing but sources, three tables each."""
    for system in range(-(-interfaces // TABLES)):
        folder = project / "pipelines" / "sources" / f"system_{system}"
        folder.mkdir(parents=True)
        numbers = range(min(TABLES, interfaces - system * TABLES))
        head = f"type: pipelines.engine.SourceSystem\nattributes:\n  title: System {system}\n  owner: test\n  tables:\n"
        (folder / "defs.yaml").write_text(head + "".join(TABLE.format(number=number) for number in numbers))


def stage(project: Path) -> None:
    """The staging query of every table."""
    for system in load_contracts(project / "pipelines" / "sources").values():
        for table in system.tables.values():
            path = project / "pipelines" / "sources" / system.name / f"{table.name}.sql"
            path.write_text(staged(table))


def deliver(home: Home, table: Table, day: date) -> Path:
    """One file of a few rows and its manifest."""
    folder = home.landing / table.system
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{n},138{hash_of(table.label, n):08d},{day} 10:{n % 60:02d}:00,{'abc'[n % 3]},{n}.50\n" for n in range(ROWS)
    ]
    content = ("record_no,msisdn,recorded_at,kind,fee_amt\n" + "".join(rows)).encode()
    path = folder / f"{table.name}_{day:%Y%m%d}.r0.csv"
    path.write_bytes(content)
    file = {"name": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": ROWS}
    manifest: dict[str, object] = {"system": table.system, "table": table.name, "data_date": str(day), "redo": 0}
    manifest |= {"delivered_at": f"{LAST}T23:00:00+08:00", "files": [file]}
    (folder / f"{table.name}_{day:%Y%m%d}.r0.manifest.json").write_text(json.dumps(manifest))
    return path


def hash_of(label: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{label}{number}".encode()).digest()[:4], "big") % 10**8


def bare_reading(paths: dict[str, list[Path]]) -> float:
    """Seconds of DuckDB reading the files of each table in one statement: types guessed, nothing checked or kept."""
    began = time.perf_counter()
    with duckdb.connect() as connection:
        for found in paths.values():
            listed = ", ".join(f"'{path}'" for path in found)
            connection.execute(f"select count(distinct columns(*)) from read_csv([{listed}], header = true)").fetchall()
    return time.perf_counter() - began


def definitions(project: Path) -> tuple[float, int]:
    """Seconds that contracts, tables and assets of a project take to load, Dagster imported before; and the tables."""
    import dagster as dg

    from pipelines.engine.component import SourceSystem

    began = time.perf_counter()
    tables = load_tables(project)
    folders = sorted(path.parent for path in (project / "pipelines" / "sources").glob("*/defs.yaml"))
    dg.Definitions.merge(*(SourceSystem.from_folder(folder).defs() for folder in folders))
    return time.perf_counter() - began, sum(name.startswith("stg_") for name in tables)


def lines(folder: Path, deliveries: int = 1_000) -> list[Line]:
    """Every interface delivers for the last days, until there are as many deliveries as asked for."""
    interfaces = max(1, INTERFACES * deliveries // 1_000)
    declare(folder, interfaces)
    stage(folder)
    loading, tables = definitions(folder)
    systems = load_contracts(folder / "pipelines" / "sources")
    home = Home(folder / "home").prepared()
    declared = [table for system in systems.values() for table in system.tables.values()]
    paths: dict[str, list[Path]] = {}
    for number in range(deliveries):
        table, day = declared[number % interfaces], LAST - timedelta(days=number // interfaces)
        paths.setdefault(table.label, []).append(deliver(home, table, day))
    reading = bare_reading(paths)
    report = ingest(home, systems, as_of=LAST, not_before=LAST, run_id="bench")
    assert len(report.loaded) == deliveries, report.refused[:3]
    beside = 1000 * max(0.0, report.seconds - reading) / deliveries
    return [
        Line(f"definitions of {interfaces} interfaces", tables, "tables", loading),
        Line("small deliveries: ingest", deliveries, "deliveries", report.seconds, floor=report.statement_seconds),
        Line("small deliveries: beside bare reading", note=f"{beside:.1f} ms per delivery ({reading:.1f} s reading)"),
    ]
