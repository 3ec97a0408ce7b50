"""Fitted models, versioned: a folder per version with its card, written whole or not at all, verified when read.

`<home>/models/<schema>/0001/` holds the files of a version (text, JSON, ONNX, Parquet) and `card.json`, which says
since when the version is in force, what it was fitted on and what each file must hash to.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from models.sql import quoted

if TYPE_CHECKING:
    import duckdb

CARD = "card.json"
NEEDED = ("version", "in_force_from", "fitted_as_of", "data_hash", "code_version", "evaluation", "sha256")


class VersionError(ValueError):
    """A version that cannot be trusted or written; the message names the file, what was found and what is expected."""


@dataclass(frozen=True)
class Version:
    """A fitted version: its folder and what its card says. `card` has every word of it."""

    folder: Path
    number: int
    in_force_from: date
    fitted_as_of: date
    card: dict[str, Any]

    @property
    def evaluation(self) -> dict[str, Any]:
        return self.card["evaluation"]

    def path(self, name: str) -> Path:
        """A file of the version, after its content was compared with the card.

        Raises:
            VersionError: the card does not know the file, or its content is not what was written.
        """
        path, expected = self.folder / name, self.card["sha256"].get(name)
        if expected is None:
            known = ", ".join(sorted(self.card["sha256"])) or "no file"
            raise VersionError(f"{self.folder / CARD}: knows no file '{name}', only {known}")
        if not path.is_file():
            raise VersionError(f"{path}: is missing; expected the file with sha256 {expected}")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise VersionError(
                f"{path}: sha256 is {found}, expected {expected}; the file was changed after it was kept"
            )
        return path

    def text(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def json(self, name: str) -> Any:
        return json.loads(self.text(name))


def read(folder: Path) -> Version:
    """The version in a folder, every file of it verified."""
    path = folder / CARD
    if not path.is_file():
        raise VersionError(f"{path}: is missing; expected the folder of a fitted model")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise VersionError(f"{path}: is no JSON ({error})") from None
    if absent := [word for word in NEEDED if word not in card]:
        raise VersionError(f"{path}: lacks {', '.join(absent)}; expected at least {', '.join(NEEDED)}")
    try:
        days = date.fromisoformat(card["in_force_from"]), date.fromisoformat(card["fitted_as_of"])
    except (TypeError, ValueError):
        raise VersionError(f"{path}: in_force_from and fitted_as_of must be days such as 2026-01-31") from None
    version = Version(folder, int(card["version"]), *days, card)
    for name in card["sha256"]:
        version.path(name)
    return version


def versions(parent: Path) -> list[Version]:
    """All versions below `<home>/models/<schema>/`, oldest first; none where nothing was fitted yet."""
    folders = [path for path in parent.iterdir() if re.fullmatch(r"\d+", path.name)] if parent.is_dir() else []
    found = [read(path) for path in sorted(folders, key=lambda path: int(path.name))]
    for version in found:
        if version.number != int(version.folder.name):
            raise VersionError(f"{version.folder / CARD}: version is {version.number}, expected the folder's name")
    return found


def in_force(parent: Path, day: date) -> Version | None:
    """The newest version with `in_force_from` on or before the day; None when there is none yet."""
    return next((version for version in reversed(versions(parent)) if version.in_force_from <= day), None)


def last_day(month: date) -> date:
    """T of a month: the day whose close its rows are seen from."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def in_force_at_end(parent: Path, month: date) -> Version | None:
    """The version that the rows of a month take: the newest in force on its last day."""
    return in_force(parent, last_day(month))


def keep(parent: Path, files: Mapping[str, str | bytes], **card: Any) -> Version:
    """Write the next version below `<home>/models/<schema>/` and return it as read back.

    `card` has at least in_force_from, fitted_as_of, data_hash, code_version, evaluation (`write` adds the hashes).
    """
    taken = [int(path.name) for path in parent.iterdir() if re.fullmatch(r"\d+", path.name)] if parent.is_dir() else []
    number = max(taken, default=0) + 1
    return write(parent / f"{number:04d}", files, version=number, **card)


def write(folder: Path, files: Mapping[str, str | bytes], **card: Any) -> Version:
    """Write a version as this folder: all of it appears at once, by renaming, or nothing does.

    Raises:
        VersionError: the folder holds something already, or the card lacks a word.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise VersionError(f"{folder}: exists already; versions are never overwritten, name another folder")
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in sorted(files.items())}
    card |= {"sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}}
    if absent := [word for word in NEEDED if word not in card]:
        raise VersionError(f"{folder / CARD}: lacks {', '.join(absent)}; expected at least {', '.join(NEEDED)}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{uuid4().hex}")
    draft.mkdir()
    try:
        text = json.dumps(card, default=str, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        for name, content in {**contents, CARD: text.encode()}.items():
            _write_through(draft / name, content)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return read(folder)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def data_hash(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Hash of the rows of a relation (a name or a query in brackets), whatever order they come in.

    It also changes with the names, types and order of columns, and holds for one version of DuckDB.
    """
    described = connection.execute(f"describe from {relation}").fetchall()
    columns = ", ".join(quoted(name) for name, *_ in described)
    rows, total = connection.execute(f"select count(*), sum(hash({columns})::hugeint) from {relation}").fetchall()[0]
    names = "|".join(f"{name}:{kind}" for name, kind, *_ in described)
    return hashlib.sha256(f"{names}|{rows}|{total}".encode()).hexdigest()


def code_version(folder: Path) -> str:
    """Hash of the code and declarations in a model's folder, the same in a checkout and in an installed package."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".sql", ".yaml"):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
