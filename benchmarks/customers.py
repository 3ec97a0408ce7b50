"""How fast customers become values and segments: purchase models and centres fitted and applied, on made-up rows."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.line import Line, peak_gb
from models import versions
from models.segmentation import member
from models.segmentation.fit import fit as fit_segments
from models.value import bgnbd, gamma_gamma

CUSTOMERS = 1_000_000
FITTED = 20_000
FEATURES = 10
BATCH = 100_000


def lines(folder: Path, customers: int = CUSTOMERS) -> list[Line]:
    frequency, recency, age, mean = histories(customers)
    again = frequency > 0
    found = []

    def timed(name: str, amount: int, unit: str, began: float) -> None:
        found.append(Line(f"customers: {name}", amount, unit, time.perf_counter() - began, peak_gb=peak_gb()))

    began = time.perf_counter()
    fitted = bgnbd.fit(frequency, recency, age)
    timed("BG/NBD fitted", customers, "customers", began)
    began = time.perf_counter()
    bgnbd.expected(fitted, 90, frequency, recency, age)
    timed("purchases expected", customers, "customers", began)
    began = time.perf_counter()
    gamma_gamma.fit(frequency[again], mean[again])
    timed("Gamma-Gamma fitted", int(again.sum()), "customers", began)

    names = [f"f{place}" for place in range(FEATURES)]
    rows = min(FITTED, customers)
    drawn = np.random.default_rng(1).lognormal(0, 1, (rows, FEATURES))
    began = time.perf_counter()
    segments = fit_segments(list(range(rows)), dict(zip(names, drawn.T, strict=True)))
    timed("segments fitted", rows, "rows", began)
    card = {"data_hash": "", "code_version": "", "evaluation": {}}
    versions.keep(
        folder, {member.FILE: segments.text()}, in_force_from=date(2026, 1, 1), fitted_as_of=date(2026, 1, 1), **card
    )
    keys = [("month_start", pa.date32()), ("subscription_key", pa.int64())]
    schema = pa.schema([*keys, *((name, pa.float64()) for name in names)])
    began = time.perf_counter()
    told = pa.RecordBatchReader.from_batches(schema, made(schema, customers))
    applied = sum(batch.num_rows for batch in member.apply(told, folder))
    timed("segments applied", applied, "lines", began)
    return found


def histories(customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Whole days over two years; nobody leaves, which costs a fit as much as any other history."""
    chance = np.random.default_rng(1)
    age = chance.integers(1, 730, customers).astype(float)
    frequency = np.minimum(chance.poisson(chance.gamma(0.6, 1 / 60.0, customers) * age), age).astype(float)
    recency = np.where(frequency > 0, np.maximum(np.ceil(age * chance.beta(np.maximum(frequency, 1), 1)), 1), 0.0)
    return frequency, recency, age, chance.gamma(6 * np.maximum(frequency, 1), 1 / chance.gamma(4, 1 / 15.0, customers))


def made(schema: pa.Schema, customers: int) -> Iterator[pa.RecordBatch]:
    chance = np.random.default_rng(2)
    for first in range(0, customers, BATCH):
        size = min(BATCH, customers - first)
        columns = [pa.array(column) for column in chance.lognormal(0, 1, (FEATURES, size))]
        months = pa.array([date(2026, 1, 1)] * size, pa.date32())
        yield pa.RecordBatch.from_arrays([months, pa.array(np.arange(first, first + size)), *columns], schema=schema)
