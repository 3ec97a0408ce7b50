"""Rows per second of gzipped CSV usage files through the whole ingest, beside a bare DuckDB COPY of the same files."""

import argparse
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from isal import igzip

from benchmarks.line import Line
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ingest import ingest

DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class Result:
    """One measurement; `floor` is the time inside DuckDB statements."""

    rows: int
    files: int
    copy_s: float
    ingest_s: float
    cpu_s: float
    floor_s: float


def calls(first: int, rows: int, subscribers: int) -> str:
    """SQL of call records as mediation delivers them."""
    return f"""
        select
            i as call_ref, 1 as record_seq,
            '138' || lpad((hash(i * 7) % {subscribers})::varchar, 8, '0') as served_msisdn,
            '139' || lpad((hash(i * 13) % {3 * subscribers})::varchar, 8, '0') as other_msisdn,
            '46000' || lpad((hash(i * 7) % {subscribers})::varchar, 10, '0') as imsi,
            '86' || lpad((hash(i * 7) % {subscribers})::varchar, 13, '0') as imei,
            strftime(timestamp '{DAY}' + interval (hash(i * 3) % 86400) second, '%Y%m%d%H%M%S') as start_at,
            (hash(i * 5) % 600)::integer as duration_s, case when i % 3 = 0 then 'sms' else 'voice' end as service_type,
            case when i % 2 = 0 then 'mo' else 'mt' end as direction, hash(i) % 500 as lac,
            hash(i * 11) % 20000 as cell_id,
            'home' as roam_type, 'own' as other_operator, 'T' || (i % 50) as trunk, 'normal' as cause,
            ((hash(i * 17) % 1000000) / 1000000)::decimal(18, 6) as charge_amt, i % 2 as is_free_unit
        from range({first}, {first + rows}) as numbers(i)"""


def deliver(landing: Path, rows: int, files: int, subscribers: int) -> list[Path]:
    """One delivery of calls in several gzipped files with trailers, and its manifest."""
    landing.mkdir(parents=True)
    paths, promises = [], []
    for part in range(files):
        first, size = part * rows // files, (part + 1) * rows // files - part * rows // files
        plain = landing / f".{part}.csv"
        duckdb.execute(f"copy ({calls(first, size, subscribers)}) to '{plain}' (header)")
        total = duckdb.execute(f"select sum(duration_s) from ({calls(first, size, subscribers)})").fetchall()[0][0]
        path = landing / f"cdr_{DAY:%Y%m%d}_{part:02d}.r0.csv.gz"
        with plain.open("rb") as source, igzip.open(path, "wb", compresslevel=1) as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
            target.write(f"#TRAILER,rows={size},sum_duration_s={total}\n".encode())
        plain.unlink()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sums = {"duration_s": int(total)}
        promises.append({"name": path.name, "bytes": path.stat().st_size, "sha256": digest, "rows": size, "sums": sums})
        paths.append(path)
    manifest: dict[str, object] = {"system": "mediation", "table": "cdr", "data_date": str(DAY), "redo": 0}
    manifest |= {"delivered_at": f"{DAY}T23:00:00+08:00", "files": promises}
    (landing / f"cdr_{DAY:%Y%m%d}.r0.manifest.json").write_text(json.dumps(manifest))
    return paths


def measure(folder: Path, rows: int, files: int, subscribers: int) -> Result:
    """A bare COPY that types by sniffing and checks nothing, then the ingest; a second day of the same subscribers."""
    home = Home(folder).prepared()
    paths = deliver(home.landing / "mediation", rows, files, subscribers)
    began = time.perf_counter()
    with duckdb.connect() as connection:
        listed = ", ".join(f"'{path}'" for path in paths)
        source = f"read_csv([{listed}], header = true, ignore_errors = true)"
        connection.execute(f"copy (from {source}) to '{folder / 'bare.parquet'}' (format parquet, compression zstd)")
    copy_s = time.perf_counter() - began
    before = os.times()
    systems = {"mediation": load_contracts()["mediation"]}
    report = ingest(home, systems, as_of=DAY, not_before=DAY, run_id="bench")
    after = os.times()
    assert [outcome.rows for outcome in report.loaded] == [rows], report
    cpu = after.user + after.system - before.user - before.system
    return Result(rows, files, copy_s, report.seconds, cpu, report.statement_seconds)


def lines(folder: Path, rows: int = 4_000_000) -> list[Line]:
    """The lines of the benchmark table."""
    found = measure(folder, rows, 1, max(rows // 4, 1))
    return [
        Line("gzipped CSV: bare DuckDB COPY", found.rows, "rows", found.copy_s),
        Line("gzipped CSV: ingest", found.rows, "rows", found.ingest_s, floor=found.floor_s),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--subscribers", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), given.rows, given.files, given.subscribers)
    print(f"{result.rows:,} rows of gzipped CSV in {result.files} file(s)")
    print(f"  bare DuckDB COPY  {result.copy_s:6.1f} s  {result.rows / result.copy_s:10,.0f} rows/s")
    print(f"  ingest            {result.ingest_s:6.1f} s  {result.rows / result.ingest_s:10,.0f} rows/s")
    print(f"  of it in DuckDB   {result.floor_s:6.1f} s   ingest / floor {result.ingest_s / result.floor_s:.2f}")
    print(f"  processor time    {result.cpu_s:6.1f} s")


if __name__ == "__main__":
    main()
