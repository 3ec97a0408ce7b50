"""An analyst's process: opens the published file again and again until told to stop, and tells what it saw."""

import json
import sys
import time
from pathlib import Path

import duckdb


def read(current: Path, stop: Path) -> dict[str, int | list[str]]:
    """Each look compares the day that the file names with the newest days of its tables."""
    looks, mixed, errors, days = 0, 0, [], set()
    while not stop.exists():
        time.sleep(0.1)
        if not current.exists():
            continue
        try:
            with duckdb.connect(str(current.resolve()), read_only=True) as db:
                as_of = db.execute("select as_of from as_of").fetchall()[0][0]
                newest = db.execute(
                    """select (select max(period_start) from kpi.value where period_type = 'day'),
                        (select max(to_day) from ops.run where status = 'published' or to_day = ?)""",
                    [as_of],
                ).fetchall()[0]
        except duckdb.Error as error:
            errors.append(str(error))
            continue
        looks += 1
        days.add(as_of)
        mixed += newest != (as_of, as_of)
    return {"looks": looks, "mixed": mixed, "errors": errors, "days": len(days)}


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201
