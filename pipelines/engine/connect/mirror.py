"""Files of a remote store as files of the landing folder: new and changed ones are copied, nothing is ever deleted.

A copy has the size and the time of its original, which is how it is known again. One that was loaded and then cleared
from the landing folder is not copied anew.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.engine.connect.patience import FetchError, Patience, Unreachable
from pipelines.engine.connect.stores import RemoteFile, Store, open_store
from pipelines.engine.contract import System, Table
from pipelines.engine.home import Home
from pipelines.engine.landing import MANIFEST, PLAIN_NAME
from pipelines.engine.ledger import Delivery, sync_folder
from pipelines.engine.secrets import Connection


def mirror(
    home: Home, system: System, connection: Connection, deliveries: list[Delivery], patience: Patience
) -> Iterator[tuple[str, FetchError | None]]:
    """Copy what is new; yields the name of each file copied, or of what failed with the reason."""
    folder = home.landing / system.name
    folder.mkdir(parents=True, exist_ok=True)
    loaded = {name for entry in deliveries if entry.system == system.name for name in _names_of(entry)}
    try:
        with open_store(connection, patience) as store:
            found = patience.insist(store.files)
            wanted = [file for file in found if _table(system, file.name)]
            for odd in sorted(file.name for file in found if file not in wanted and not _is_plain(file.name)):
                yield repr(odd), FetchError(f"{odd!r} is no plain file name and stays where it is; rename it there")
            # Manifests come last: a delivery counts as soon as its manifest is there.
            for file in sorted(wanted, key=lambda one: (one.name.endswith(".manifest.json"), one.name)):
                if _is_new(folder / file.name, file, loaded):
                    yield file.name, _copied(store, file, folder, patience)
    except FetchError as error:
        yield "", error


def _table(system: System, name: str) -> Table | None:
    """The table that a file belongs to, by its name."""
    if not _is_plain(name):
        return None
    if manifest := MANIFEST.fullmatch(name):
        return system.tables.get(manifest["table"])
    return next((table for table in system.tables.values() if table.match(name) is not None), None)


def _is_plain(name: str) -> bool:
    return PLAIN_NAME.fullmatch(name) is not None and not name.startswith(".")


def _names_of(entry: Delivery) -> set[str]:
    if entry.status != "loaded":
        return set()
    manifest = f"{entry.table}_{entry.data_date:%Y%m%d}.r{entry.redo}.manifest.json"
    return {manifest, *(file.name for file in entry.files)}


def _is_new(local: Path, file: RemoteFile, loaded: set[str]) -> bool:
    try:
        state = local.lstat()
    except FileNotFoundError:
        return file.name not in loaded
    return (state.st_size, state.st_mtime_ns) != (file.bytes, file.modified_ns)


def _copied(store: Store, file: RemoteFile, folder: Path, patience: Patience) -> FetchError | None:
    unfinished = folder / f".{file.name}.tmp"

    def copy() -> None:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as sink:
            store.copy(file.name, sink)
            sink.flush()
            os.fsync(handle)
        if (size := unfinished.stat().st_size) != file.bytes:
            raise Unreachable(f"listed with {file.bytes} bytes, {size} came; it may still be growing")

    try:
        patience.insist(copy)
        os.utime(unfinished, ns=(file.modified_ns, file.modified_ns))
        unfinished.replace(folder / file.name)
        sync_folder(folder)
    except FetchError as error:
        return error
    finally:
        unfinished.unlink(missing_ok=True)
    return None
