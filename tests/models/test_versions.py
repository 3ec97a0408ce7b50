"""Fitted versions: the newest in force at a day, written whole, never overwritten, refused when changed."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.versions import Version, VersionError, code_version, data_hash, in_force, keep, read, versions, write


def kept(parent: Path, since: str, text: str = "tree") -> Version:
    return keep(parent, {"model.txt": text, "more.bin": b"\x00\x01"}, **card(since))


def card(since: str) -> dict[str, Any]:
    return {
        "in_force_from": date.fromisoformat(since),
        "fitted_as_of": date(2026, 1, 31),
        "data_hash": "d",
        "code_version": "c",
        "evaluation": {"auc": 0.8},
    }


def test_the_newest_version_in_force_at_a_day_counts(tmp_path: Path) -> None:
    for since in ("2026-01-31", "2026-03-31", "2026-02-28"):
        kept(tmp_path, since)
    (tmp_path / "notes").mkdir()

    assert [version.number for version in versions(tmp_path)] == [1, 2, 3]
    found = {day: in_force(tmp_path, date.fromisoformat(day)) for day in ("2026-01-30", "2026-01-31", "2026-03-31")}
    assert {day: version and version.number for day, version in found.items()} == {
        "2026-01-30": None, "2026-01-31": 1, "2026-03-31": 3,
    }  # fmt: skip
    assert in_force(tmp_path / "never_fitted", date(2026, 1, 1)) is None


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    version = kept(tmp_path / "models" / "churn", "2026-01-31", "ein Baum: ä")

    assert version.folder.name == "0001"
    assert version.text("model.txt") == "ein Baum: ä"
    assert version.path("more.bin").read_bytes() == b"\x00\x01"
    assert version.evaluation == {"auc": 0.8}
    assert version.card["in_force_from"] == "2026-01-31"


def test_a_changed_or_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    version = kept(tmp_path, "2026-01-31")

    (version.folder / "model.txt").write_text("another tree")
    with pytest.raises(VersionError, match=r"model\.txt: sha256 is .*, expected"):
        read(version.folder)
    (version.folder / "model.txt").unlink()
    with pytest.raises(VersionError, match=r"model\.txt: is missing"):
        versions(tmp_path)


def test_versions_are_never_overwritten_and_failures_leave_nothing(tmp_path: Path) -> None:
    version = kept(tmp_path, "2026-01-31")

    with pytest.raises(VersionError, match="exists already"):
        write(version.folder, {}, version=1, **card("2026-02-28"))
    with pytest.raises(VersionError, match="lacks data_hash"):
        keep(tmp_path, {}, **{word: value for word, value in card("2026-02-28").items() if word != "data_hash"})
    with pytest.raises(FileNotFoundError):
        keep(tmp_path, {"no/folder.txt": ""}, **card("2026-02-28"))
    assert [path.name for path in tmp_path.iterdir()] == ["0001"]


def test_a_data_hash_knows_rows_but_not_their_order() -> None:
    db = duckdb.connect()
    db.execute("create table told as select * from (values (1, 'a'), (2, null), (2, null)) as t (\"of\", name)")

    assert data_hash(db, "told") == data_hash(db, '(from told order by name, "of" desc)')
    assert data_hash(db, "told") != data_hash(db, "(select distinct * from told)")
    assert data_hash(db, "told") != data_hash(db, '(select "of", name as title from told)')


def test_a_code_version_changes_with_code_and_declarations_only(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("one = 1")
    before = code_version(tmp_path)
    (tmp_path / "README.md").write_text("words")

    assert code_version(tmp_path) == before
    (tmp_path / "horizon.yaml").write_text("days: 90")
    assert code_version(tmp_path) != before
