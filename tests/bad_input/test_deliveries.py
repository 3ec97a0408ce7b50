"""Manifests, names, kinds of files, deliveries that come again, and landing folders that are not as they should be."""

import json
import os
import socket
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine.decode import DeliveryError, open_landed
from pipelines.engine.home import Home
from pipelines.engine.ingest import Batch
from pipelines.engine.landing import Scan
from pipelines.engine.ledger import Ledger
from pipelines.engine.workbench import workbench
from tests.bad_input.case import NOON, PLAIN, Case, Loaded, Refused, Waits, Yard, yard
from tests.engine.landed import DAY, Installation

HEAD, A, B = "no,amount,text\n", "1,10.50,a\n", "2,10.50,b\n"
ONE, TWO = f"{HEAD}{A}", f"{HEAD}{A}{B}"
FIRST = (1, "10.50", "a")
SUMS = {"control_sums": ["amount", "no"]}
NOT_PLAIN = Refused("a plain file is expected|not a regular file; send the file itself, no link, folder or pipe")


def elsewhere(path: Path) -> None:
    """A link to a good file outside of landing."""
    target = path.parents[2] / f"{path.name}.elsewhere"
    target.write_text(ONE)
    path.symlink_to(target)


def listening(path: Path) -> None:
    """A socket, bound in its folder because the whole path may be too long for one."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


CASES = [
    Case(49, "other bytes than the manifest says", ONE, Refused("manifest says 99 bytes, found 25"), 1,
         promise={"bytes": 99}),
    Case(49, "another sha256 than the manifest says", ONE,
         Refused("manifest says sha256 000000000000…, found .*; the bytes were changed on the way"), 1,
         promise={"sha256": "0" * 64}),
    Case(49, "more rows than the manifest says", TWO,
         Refused("the manifest promises 1 rows, the file holds 2; rows are missing or surplus, ask for .* as r"), 1),
    Case(49, "fewer rows than the manifest says", ONE, Refused("promises 2 rows, the file holds 1"), 2),
    Case(49, "another sum than the manifest says", TWO,
         Refused("promises a sum of amount of 20.00, the file holds 21.00; values were changed on the way"), 2,
         SUMS, promise={"sums": {"amount": "20.00"}}),
    Case(49, "the sum that the manifest says", TWO, Loaded([FIRST, (2, "10.50", "b")]), 2, SUMS,
         promise={"sums": {"amount": "21.00", "no": 3}}),
    Case(49, "a sum of which a row is rejected", f"{HEAD}{A}x,10.50,b\n",
         Loaded([FIRST], [(2, "no", "type")], "sum of no not comparable, rejected rows hold the difference"), 2, SUMS,
         promise={"sums": {"amount": "21.00", "no": 3}}),
    Case(67, "a link", elsewhere, NOT_PLAIN, 1),
    Case(67, "a link to nothing", lambda path: path.symlink_to("nothing"), NOT_PLAIN, 1),
    Case(67, "a pipe", os.mkfifo, NOT_PLAIN, 1),
    Case(67, "a folder", Path.mkdir, NOT_PLAIN, 1),
    Case(67, "a socket", listening, NOT_PLAIN, 1),
    Case(67, "a device", lambda path: path.symlink_to("/dev/zero"), NOT_PLAIN, 1),
    Case(67, "a link, and no manifest", elsewhere, NOT_PLAIN, None),
    Case(50, "a manifest without its file", lambda path: None,
         Waits("the manifest names .*, which is not there"), 1),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_deliveries(case: Case, ingested: Yard) -> None:
    ingested.check(case)


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared(), {"note": {**PLAIN, "files": "note_{date}_{part}.r{redo}.csv"}})


def deliver(site: Installation, content: str, **more: Any) -> Path:
    return site.deliver(content.encode(), rows=content.count("\n") - 1, table="note", **more)


def reasons(site: Installation) -> list[str]:
    return [f"{one.where}: {one.reason}" for one in site.ingest().waiting]


MANIFEST = "note_20260105.r0.manifest.json"


def test_50_a_file_without_its_manifest_waits(site: Installation) -> None:
    deliver(site, ONE)
    (site.landing / MANIFEST).unlink()
    assert reasons(site) == ["ops/note_20260105.r0.csv: its manifest is not there yet; the file may still be growing"]


def test_50_a_manifest_whose_file_comes_later_is_loaded_then(site: Installation) -> None:
    path = deliver(site, ONE)
    path.rename(path.with_suffix(".tmp"))
    assert site.ingest().outcomes == ()

    path.with_suffix(".tmp").rename(path)
    assert len(site.ingest().loaded) == 1


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("table", "other", "name and content differ: it says ops.other 2026-01-05 r0"),
        ("data_date", "2026-01-04", "name and content differ: it says ops.note 2026-01-04 r0"),
        ("files", [], "names no file; an empty delivery still has a file, with no rows"),
    ],
)
def test_50_a_manifest_that_contradicts_itself_refuses_the_delivery(
    site: Installation, key: str, value: object, message: str
) -> None:
    deliver(site, ONE)
    path = site.landing / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert message in site.refused()


@pytest.mark.parametrize(
    ("found", "written"),
    [('{"sys', '["sys'), ("0", "x"), ('"rows": 1', '"rows": -1'), ('"bytes": 25', '"bytes": "many"'), ("+08:00", "")],
)
def test_50_a_manifest_that_cannot_be_read_is_told(site: Installation, found: str, written: str) -> None:
    deliver(site, ONE)
    path = site.landing / MANIFEST
    assert found in path.read_text()
    path.write_text(path.read_text().replace(found, written))
    report = site.ingest()
    assert not report.loaded
    assert report.refused or "the manifest cannot be read" in report.waiting[0].reason


def test_50_a_file_named_twice_is_not_counted_twice(site: Installation) -> None:
    deliver(site, ONE)
    path = site.landing / MANIFEST
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"files": manifest["files"] * 2}))
    assert "the manifest names a file twice" in site.refused()


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd", "/etc/passwd", "..", ".", "", "note_20260106.r0.csv", "other_20260105.r0.csv",
        "note_20260105.r1.csv",
        "note_20260105.r0.csv\n", "note_20260105.r0.csv\0", "note_*.csv", "ops/note_20260105.r0.csv",
    ],
)  # fmt: skip
def test_66_a_manifest_may_name_only_files_of_its_own_table_day_and_redo(site: Installation, name: str) -> None:
    path = deliver(site, ONE)
    manifest = site.landing / MANIFEST
    manifest.write_text(manifest.read_text().replace(json.dumps(path.name), json.dumps(name)))
    if "/" not in name and "\0" not in name and name.strip("."):
        path.rename(site.landing / name)
    report = site.ingest()
    assert not report.loaded
    assert [one.reason for one in (*report.refused, *report.waiting)]


@pytest.mark.parametrize(
    "name",
    [
        "note_*.csv", "note_[0-9].csv", "a'b;drop table x;--.csv", "note_20260105.r0.csv.exe", "note_20260105.r0.csv\n",
        "note 20260105.r0.csv", "note_２０２６０１０５.r0.csv", "n" * 240 + ".csv", "-rf", "$(reboot).csv",
        "..csv.manifest.json",
    ],
)  # fmt: skip
def test_66_what_has_no_name_of_the_contract_stays_unread(site: Installation, name: str) -> None:
    (site.landing / name).write_text(ONE)
    deliver(site, ONE)
    report = site.ingest()
    assert len(report.loaded) == 1
    assert all("no table of the contract has files of this name" in one.reason for one in report.waiting)
    assert len(report.waiting) == (0 if name.startswith(".") or name.endswith(".manifest.json") else 1)


def test_66_a_name_of_three_hundred_characters_in_a_manifest_is_refused(site: Installation) -> None:
    path = deliver(site, ONE)
    manifest = site.landing / MANIFEST
    manifest.write_text(manifest.read_text().replace(path.name, "n" * 300 + ".csv"))
    assert "which is not there" in reasons(site)[0]


def test_70_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    site = Installation(
        Home(tmp_path / "tenant=evil" / "no=7").prepared(), {"note": {**PLAIN, "files": "n_{date}.csv"}}
    )
    (site.landing / "dt=2026-01-05").mkdir()
    (site.landing / "dt=2026-01-05" / "n_20260105.csv").write_text(TWO)
    deliver(site, ONE)
    report = site.ingest()
    assert [one.where for one in report.waiting] == ["'ops/dt=2026-01-05'"]
    assert site.lake("no, amount::varchar, text", "note") == [FIRST]  # not number 7


# The design counts a redelivery by its number: the same bytes as r1 are a version of their own that changes no row.
def test_51_the_same_file_again_is_a_version_with_a_note(site: Installation) -> None:
    deliver(site, TWO)
    deliver(site, TWO, redo=1)
    first, again = site.ingest().outcomes
    assert (first.notes, again.status) == ((), "loaded")
    assert again.notes == ("the same bytes as note 2026-01-05 r0, loaded before",)


def test_51_the_file_of_yesterday_under_the_name_of_today_is_told(site: Installation) -> None:
    deliver(site, TWO)
    site.ingest()
    deliver(site, TWO, day=DAY + timedelta(days=1))
    (today,) = site.ingest(as_of=DAY + timedelta(days=1)).outcomes
    assert today.notes == ("the same bytes as note 2026-01-05 r0, loaded before",)


def test_51_empty_deliveries_are_alike_without_a_note(site: Installation) -> None:
    deliver(site, HEAD)
    deliver(site, HEAD, redo=1)
    assert [one.notes for one in site.ingest().outcomes] == [("no rows, as the manifest says",)] * 2


def test_52_a_corrected_file_under_its_old_name_changes_nothing_and_is_told(site: Installation) -> None:
    deliver(site, ONE)
    site.ingest()
    deliver(site, TWO)
    report = site.ingest()
    assert (report.outcomes, site.lake("no", "note")) == ((), [(1,)])
    assert (
        "changed after it was loaded; the lake keeps what it has, deliver the change as r1" in report.waiting[0].reason
    )


def test_52_a_corrected_file_as_the_next_redo_stands_beside_the_first(site: Installation) -> None:
    deliver(site, ONE)
    site.ingest()
    deliver(site, TWO, redo=1)
    site.ingest()
    assert site.lake("delivery_id, no", "note") == [(1, 1), (2, 1), (2, 2)]
    assert [entry.redo for entry in Ledger(site.home.lake).deliveries()] == [0, 1]


def test_52_a_corrected_file_without_manifest_is_told(site: Installation) -> None:
    site.manifest = "none"
    path = site.landing / "note_20260105.r0.csv"
    path.write_text(ONE)
    os.utime(path, (NOON, NOON))
    site.ingest()
    path.write_text(TWO)
    os.utime(path, (NOON + 3600, NOON + 3600))
    report = site.ingest()
    assert (report.outcomes, site.lake("no", "note")) == ((), [(1,)])
    assert (
        "changed after it was loaded; the lake keeps what it has, deliver the change as r1" in report.waiting[0].reason
    )


def test_52_a_corrected_file_whose_name_has_no_redo_is_the_next_redo(site: Installation) -> None:
    site.manifest = "none"
    site.contract["note"]["files"] = "note_{date}.csv"
    path = site.landing / "note_20260105.csv"
    for hour, content in enumerate((ONE, TWO, TWO)):
        path.write_text(content)
        os.utime(path, (NOON + hour, NOON + hour))
        site.ingest()
    assert site.ingest().outcomes == ()
    assert site.lake("delivery_id, no", "note") == [(1, 1), (2, 1), (2, 2)]
    assert [entry.redo for entry in Ledger(site.home.lake).deliveries()] == [0, 1]


def test_68_a_file_written_this_moment_waits_where_there_is_no_manifest(site: Installation) -> None:
    site.manifest = "none"
    path = site.landing / "note_20260105.r0.csv"
    path.write_text(ONE)
    assert "written less than 5 s ago; it may still be growing" in reasons(site)[0]
    os.utime(path, (NOON, NOON))
    assert site.outcome().status == "loaded"


def test_68_a_file_that_is_shorter_than_its_manifest_says_is_refused_until_it_has_grown(site: Installation) -> None:
    path = deliver(site, TWO)
    path.write_text(ONE)
    assert "manifest says 35 bytes, found 25; the file is cut or still being written" in site.refused()
    path.write_text(TWO)
    assert site.outcome().status == "loaded"


def test_69_a_file_that_vanishes_after_it_was_seen_is_refused_alone(site: Installation) -> None:
    gone = deliver(site, ONE)
    deliver(site, TWO, redo=1)
    ledger = Ledger(site.home.lake)
    landing = Scan(site.home.landing, ledger, as_of=DAY, not_before=DAY).look(site.systems)
    gone.unlink()
    with workbench(site.home) as bench:
        refused, loaded = Batch(site.home, ledger, bench, "run-1", None).load(landing.pending, None)
    assert "cannot be opened (No such file or directory); a plain file is expected" in (refused.reason or "")
    assert loaded.status == "loaded"


def test_69_a_file_that_may_not_be_read_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "note_20260105.r0.csv"
        path.write_text(ONE)
        path.chmod(0)
        superuser = os.geteuid() == 0
        if superuser:  # may read everything; somebody else tries
            os.seteuid(65534)
        try:
            with pytest.raises(
                DeliveryError, match=r"cannot be opened \(Permission denied\); a plain file is expected"
            ):
                open_landed(path)
        finally:
            if superuser:
                os.seteuid(0)


def test_a_bad_delivery_is_refused_alone_among_many(site: Installation) -> None:
    for n in range(12):
        deliver(site, ONE if n != 5 else "amount,text\n2,a\n", day=DAY + timedelta(days=n))
    report = site.ingest(as_of=DAY + timedelta(days=11), not_before=DAY)
    assert [outcome.data_date for outcome in report.refused] == [DAY + timedelta(days=5)]
    assert len(report.loaded) == 11
