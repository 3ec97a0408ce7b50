"""Rows per second of gzipped CSV usage files through the whole ingest, beside a bare DuckDB COPY of the same files."""

import hashlib
import json
import time
from datetime import date
from pathlib import Path

import duckdb
from isal import igzip

from benchmarks.line import Line
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ingest import ingest

DAY = date(2026, 1, 5)


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
    paths: list[Path] = []
    promises: list[dict[str, object]] = []
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
    write_manifest(landing, promises, redo=0)
    return paths


def write_manifest(landing: Path, files: list[dict[str, object]], *, redo: int) -> None:
    manifest: dict[str, object] = {"system": "mediation", "table": "cdr", "data_date": str(DAY), "redo": redo}
    manifest |= {"delivered_at": f"{DAY}T23:00:00+08:00", "files": files}
    (landing / f"cdr_{DAY:%Y%m%d}.r{redo}.manifest.json").write_text(json.dumps(manifest))


def deliver_again(landing: Path) -> None:
    """The same calls as a re-delivery: for the vault a night without a new number, as most nights are."""
    files = json.loads((landing / f"cdr_{DAY:%Y%m%d}.r0.manifest.json").read_text())["files"]
    for file in files:
        name = file["name"].replace(".r0.", ".r1.")
        (landing / name).hardlink_to(landing / file["name"])
        file["name"] = name
    write_manifest(landing, files, redo=1)


def bare_copy(paths: list[Path], target: Path) -> float:
    """Seconds of DuckDB reading and writing the files: types guessed, nothing checked."""
    listed = ", ".join(f"'{path}'" for path in paths)
    began = time.perf_counter()
    with duckdb.connect() as connection:
        source = f"read_csv([{listed}], header = true, ignore_errors = true)"
        connection.execute(f"copy (from {source}) to '{target}' (format parquet, compression zstd)")
    return time.perf_counter() - began


def lines(folder: Path, rows: int = 4_000_000) -> list[Line]:
    """The lines of the benchmark table: each subscriber makes four calls, in one file."""
    home = Home(folder).prepared()
    landing = home.landing / "mediation"
    paths = deliver(landing, rows, 1, max(rows // 4, 1))
    found = [Line("gzipped CSV: bare DuckDB COPY", rows, "rows", bare_copy(paths, folder / "bare.parquet"))]
    systems = {"mediation": load_contracts()["mediation"]}
    for redo, name in enumerate(("first night, every number new", "later night")):
        if redo:
            deliver_again(landing)
        report = ingest(home, systems, as_of=DAY, not_before=DAY, run_id="bench")
        assert [outcome.rows for outcome in report.loaded] == [rows], report
        found.append(Line(f"gzipped CSV: ingest, {name}", rows, "rows", report.seconds, floor=report.statement_seconds))
    return found
