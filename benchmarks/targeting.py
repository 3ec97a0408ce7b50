"""How fast many audiences are evaluated: 300 campaigns over a wide table in one pass, and one campaign counted.

A campaign is one of three conjunctions of three comparisons each. The table has 500 columns of whole numbers, decimals,
floats, truth values, texts and days, some with missing values; making it is not counted. A sample of campaigns is held
against plain SQL. The one campaign is counted as `bassline targeting count` does it, contact policy included, on
published tables of a tenth of the lines, with a part per late day and per settled month of days.
"""

import random
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.line import Line, peak_gb
from models.targeting.audience import Audience, compiled
from models.targeting.evaluate import Outcome, evaluate
from models.targeting.source import Parquet
from pipelines.commands.audiences import published
from pipelines.commands.lists import Lists
from pipelines.engine.home import Home
from pipelines.engine.table import load_tables

ROWS = 10_000_000
GROUP = 100_000
COLUMNS = 500
CAMPAIGNS = 300
SAMPLE = 12
DAY = 19_000  # days since 1970
TEXTS = [f"code{n:02d}" for n in range(40)]


def lines(folder: Path, rows: int = ROWS) -> list[Line]:
    """One line for all campaigns in one pass; raises AssertionError when SQL counts otherwise."""
    path = folder / "wide.parquet"
    make(path, rows)
    source = Parquet(path, "line_id")
    draw = random.Random(2026)
    declared = [campaign(draw) for _ in range(CAMPAIGNS)]
    plans = [compiled(f"c{n}", audience(where), source.catalogue, "bench") for n, where in enumerate(declared)]
    began = time.perf_counter()
    outcomes, _ = evaluate(plans, [[] for _ in plans], source, is_listed=False)
    seconds, peak = time.perf_counter() - began, peak_gb()
    check(path, declared, outcomes)
    path.unlink()
    return [
        Line("targeting: 300 campaigns of 2,700 comparisons", rows, "lines", seconds, peak_gb=peak),
        *counting(folder, max(rows // 10, 1)),
    ]


def counting(folder: Path, rows: int) -> list[Line]:
    """One campaign with windows, ranking, quotas and policy, on published tables."""
    home = Home(folder / "home")
    publish(home, rows)
    path = folder / "campaign.yaml"
    path.write_text(CAMPAIGN.replace("NUMBER", str(rows // 50)).replace("MOST", str(rows // 400)))
    began = time.perf_counter()
    with published(home, ["campaign"], Lists(home)) as campaigns:
        found = campaigns.count([path], "marketing", Lists(home))[0]
    seconds = time.perf_counter() - began
    assert found.outcome.population == rows and len(found.chosen.keys) > 0, found.outcome
    return [Line("targeting: one campaign counted", rows, "lines", seconds, peak_gb=peak_gb())]


def publish(home: Home, rows: int) -> None:
    """Tables of made-up rows, in parts as a night publishes them."""
    run = home.published / "run"
    run.mkdir(parents=True)
    (home.published / "current").symlink_to("run")
    tables = load_tables()
    with duckdb.connect(run / "bassline.duckdb") as db:
        db.execute(f"create table as_of as select date '{AS_OF}' as as_of, 'run' as run_id")
        for name, parts in PUBLISHED.items():
            folder = run / "parts" / name
            folder.mkdir(parents=True)
            header = tables[name].header
            for number in range(parts):
                day = AS_OF - timedelta(days=number) if header.refresh == "day" else month_before(number)
                size = rows if number == 0 or header.refresh == "month" else rows // 200
                columns = ", ".join(
                    f"{made(column, kind, day, n)} as {column}"
                    for n, (column, kind) in enumerate(header.types().items())
                )
                db.execute(
                    f"""copy (select {columns} from range(1, {size + 1}) as lines(i))
                    to '{folder}/{day}-0.parquet' (format parquet, compression zstd)"""
                )
            schema = name.split(".")[0]
            db.execute(
                f"create schema if not exists {schema}; create view {name} as from read_parquet('{folder}/*.parquet')"
            )


def month_before(number: int) -> date:
    month = AS_OF.year * 12 + AS_OF.month - 1 - number
    return date(month // 12, month % 12 + 1, 1)


def made(column: str, kind: str, day: date, number: int) -> str:
    """A value of a column's type, by the line's number."""
    if column in ("day", "month_start"):
        return f"date '{day}'"
    if column.endswith("_key"):
        return "i::bigint"
    drawn = f"hash(i, {number}, {day.toordinal()}) % 1000"
    special = {
        "is_in_network": "true",
        "is_test": "false",
        "has_consent": f"{drawn} < 900",
        "is_blacklisted": f"{drawn} < 5",
        "open_complaints": f"({drawn} < 10)::integer",
        "active_campaigns": f"({drawn} < 50)::integer",
    }
    plain = {
        "varchar": f"'v' || {drawn} % 10",
        "boolean": f"{drawn} < 300",
        "date": f"date '{day}' - ({drawn})::integer",
    }
    return special.get(column) or plain.get(kind) or f"({drawn})::{'bigint' if kind == 'timestamp' else kind}"


def audience(where: Mapping[str, Any]) -> Audience:
    return Audience.model_validate(
        {"title": "A", "owner": "bench", "where": where, "control": {"share": 0.1, "seed": 1}}
    )


def campaign(draw: random.Random) -> dict[str, Any]:
    return {"any": [{"all": [comparison(draw, n) for n in draw.sample(range(COLUMNS), 3)]} for _ in range(3)]}


def comparison(draw: random.Random, number: int) -> dict[str, Any]:
    name, word = f"c{number:03d}", draw.choice(["above", "at_least", "below", "at_most"])
    match number % 10:
        case 0 | 1 | 2:
            return {"column": name, word: draw.randrange(60)}
        case 3 | 4:
            return {"column": name, word: draw.randrange(20_000)}
        case 5:
            return {"column": name, word: draw.randrange(1_000_000) / 100}
        case 6:
            return {"column": name, word: draw.randrange(100_000) / 1000}
        case 7:
            return {"column": name, "is": draw.random() < 0.5}
        case 8:
            return {"column": name, draw.choice(["in", "not_in"]): draw.sample(TEXTS, 4)}
    return {"column": name, word: str(np.datetime64(DAY + draw.randrange(1500), "D"))}


def make(path: Path, rows: int) -> None:
    writer = None
    for start in range(0, rows, GROUP):
        table = block(np.random.default_rng(start), start, min(GROUP, rows - start))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table, row_group_size=GROUP)
    if writer:
        writer.close()


def block(draw: np.random.Generator, start: int, rows: int) -> pa.Table:
    columns: dict[str, Any] = {"line_id": pa.array(np.arange(start + 1, start + rows + 1, dtype=np.int64))}
    for number in range(COLUMNS):
        missing = draw.random(rows) < 0.05 if number % 3 == 0 else None
        columns[f"c{number:03d}"] = column(draw, number % 10, rows, missing)
    return pa.table(columns)


def column(draw: np.random.Generator, kind: int, rows: int, missing: np.ndarray | None) -> pa.Array:
    match kind:
        case 0 | 1 | 2:
            return pa.array(draw.integers(0, 60, rows, dtype=np.int8), mask=missing)
        case 3 | 4:
            return pa.array(draw.integers(0, 20_000, rows, dtype=np.int32), mask=missing)
        case 5:
            words = np.zeros((rows, 2), np.int64)  # 128 bits of a decimal
            words[:, 0] = draw.integers(0, 1_000_000, rows)
            valid = pa.array(np.ones(rows, bool), mask=missing).buffers()[0] if missing is not None else None
            return pa.Array.from_buffers(pa.decimal128(18, 2), rows, [valid, pa.py_buffer(words.tobytes())])
        case 6:
            return pa.array(np.round(draw.random(rows) * 100, 3), mask=missing)
        case 7:
            return pa.array(draw.random(rows) < 0.3, mask=missing)
        case 8:
            codes = np.minimum(draw.geometric(0.1, rows) - 1, len(TEXTS) - 1).astype(np.int32)
            return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), TEXTS)
    return pa.array((DAY + draw.integers(0, 1500, rows)).astype(np.int32), mask=missing).cast(pa.date32())


AS_OF = date(2026, 3, 31)
PUBLISHED = {
    "core.subscriber_day": 100, "mart_campaign.contact_pressure": 50, "mart_usage.subscriber_month": 6,
    "mart_customer.customer_month": 2, "mart_revenue.subscriber_month": 2, "targeting.contact_fact": 1,
}  # fmt: skip
CAMPAIGN = """
title: A campaign with everything in it
owner: bench
where:
  all:
    - {column: mart_usage.subscriber_month.pay_type, in: [v1, v2, v3, v4, v5]}
    - {column: mart_usage.subscriber_month.data_gb, average: 3 months, before: 1 month, at_least: 300}
    - any:
        - {column: mart_usage.subscriber_month.data_gb, below: 300}
        - {days_since: core.subscriber_day.last_event_on, at_least: 7}
    - not: {column: core.subscriber_day.tenure_months, below: 3}
    - {column: mart_customer.customer_month.lines_in_network, between: [1, 900]}
top: {by: {column: mart_revenue.subscriber_month.revenue_amt}, number: NUMBER}
quotas: [{per: {column: core.subscriber_day.area_id}, at_most: MOST}]
control: {share: 0.1, seed: 2026, strata: [{column: core.subscriber_day.plan_id}]}
"""
SQL = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "is": "=", "in": "in", "not_in": "not in"}


def in_sql(node: Mapping[str, Any]) -> str:
    """The condition as somebody would write it in SQL, for the check alone."""
    for word, joint in (("any", " or "), ("all", " and ")):
        if word in node:
            return "(" + joint.join(in_sql(one) for one in node[word]) + ")"
    name, (word, value) = node["column"], next(item for item in node.items() if item[0] != "column")
    told = f"({', '.join(map(repr, value))})" if isinstance(value, list) else repr(value)
    return f"{name} {SQL[word]} {told.lower() if isinstance(value, bool) else told}"


def check(path: Path, declared: list[dict[str, Any]], outcomes: list[Outcome]) -> None:
    sample = range(0, len(declared), len(declared) // SAMPLE)
    counts = ", ".join(f"count(*) filter (where {in_sql(declared[n])})" for n in sample)
    with duckdb.connect(config={"threads": 2}) as db:
        found = db.execute(f"select {counts} from '{path}'").fetchall()[0]
    mine = tuple(outcomes[n].contactable for n in sample)
    assert found == mine, f"SQL counts {found}, bitmaps {mine}"


if __name__ == "__main__":
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    for line in lines(Path(sys.argv[1]), rows):
        print(*line.cells())
