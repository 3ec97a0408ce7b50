"""One writer: the lock a night takes before DuckDB is opened, and what it says about its holder."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class WriterBusy(Exception):
    """Another process writes the warehouse."""


@contextmanager
def writer_lock(path: Path, purpose: str) -> Generator[None]:
    """Hold the writer lock of a home. The system releases it when the process ends, however it ends.

    Raises WriterBusy naming the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise WriterBusy(
                f"{path}: another process writes this warehouse ({file.read().strip() or 'just starting'}); "
                "wait for it to end, or stop it"
            ) from None
        file.truncate(0)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": started}))
        file.flush()
        yield
        file.truncate(0)
