"""The nearest fitted segment of every line and month: what `segmentation.member_month` applies in the night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.segmentation.fit import read
from models.segmentation.scale import coordinates, nearest
from models.versions import in_force_at_end, versions

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "segment.json"
PLACES = 6  # of distances


def apply(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """Version, segment and distance of every line and month; months before the first version have no rows.

    A month takes the newest version in force on its last day.
    """
    import numpy as np
    import pyarrow as pa

    if not versions(fitted):
        return
    found = cache(lambda month: _of_month(fitted, month))
    for batch in rows:
        months = batch["month_start"].to_numpy(zero_copy_only=False).astype("datetime64[D]")
        for month in np.unique(months):
            of_version = found(month.item())
            if of_version is None:
                continue
            version, features, segments = of_version
            part = batch.filter(pa.array(months == month))
            values = {
                feature.name: part[feature.name].cast(pa.float64()).to_numpy(zero_copy_only=False)
                for feature in features
            }
            place, distance = nearest(coordinates(features, values), np.array([one.centre for one in segments]))
            yield pa.RecordBatch.from_pydict({
                "month_start": part["month_start"],
                "subscription_key": part["subscription_key"],
                "version": pa.array(np.full(len(place), version), pa.int32()),
                "segment_id": pa.array(np.array([one.segment_id for one in segments])[place], pa.int32()),
                "segment_name": pa.array([segments[at].name for at in place], pa.string()),
                "distance": pa.array(distance.round(PLACES)),
            })  # fmt: skip


def _of_month(fitted: Path, month: date):  # noqa: ANN202
    version = in_force_at_end(fitted, month)
    return None if version is None else (version.number, *read(version.text(FILE)))
