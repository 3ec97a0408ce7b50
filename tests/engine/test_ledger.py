"""The ledger is the only account of the lake: what it does not name does not exist."""

from datetime import date, datetime
from pathlib import Path

from pipelines.engine.ledger import Delivery, Ledger, Part, SourceFile

PART = Part("ops/call/data_date=2026-01-05/redo=0/part-0.parquet", "ab", 10, 2)


def delivery(number: int, parts: tuple[Part, ...] = (PART,)) -> Delivery:
    return Delivery(
        number, "ops", "call", date(2026, 1, 5), 0, datetime(2026, 1, 5, 17, 30), date(2026, 1, 5), "loaded", None, 2,
        0, 9, (SourceFile("call.csv", "cd", 9, 2),), parts, "run-1", "c0ffee", "f1", ("a note",),
    )  # fmt: skip


def put(lake: Path, path: str) -> Path:
    target = lake / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"rows")
    return target


def test_entries_come_back_as_they_were_written(tmp_path: Path) -> None:
    Ledger(tmp_path).commit([delivery(1), delivery(2)])
    Ledger(tmp_path).commit([delivery(3)])
    assert Ledger(tmp_path).deliveries() == [delivery(1), delivery(2), delivery(3)]
    assert Ledger(tmp_path).next_id() == 4


def test_a_ledger_that_is_open_sees_what_others_commit(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.deliveries() == []
    Ledger(tmp_path).commit([delivery(1)])
    assert ledger.deliveries() == [delivery(1)]


def test_nothing_to_say_writes_no_segment(tmp_path: Path) -> None:
    Ledger(tmp_path).commit([])
    assert not (tmp_path / "ledger").exists()


def test_parts_of_a_commit_that_never_happened_are_swept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.promise([PART.path])
    part = put(tmp_path, PART.path)
    (ledger.folder / "00000001.jsonl.tmp").write_text("half")
    put(tmp_path, ".staging/x.parquet")

    assert Ledger(tmp_path).sweep() == [PART.path]
    assert not part.parent.exists()
    assert list(ledger.folder.iterdir()) == []
    assert not ledger.staging.exists()


def test_parts_of_a_commit_that_happened_stay(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.promise([PART.path])
    part = put(tmp_path, PART.path)
    ledger.commit([delivery(1)])
    (ledger.folder / "00000001.promise").write_text(PART.path)  # the crash came before the promise was withdrawn

    assert Ledger(tmp_path).sweep() == []
    assert part.exists()
