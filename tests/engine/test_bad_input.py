"""What no sender should send gets a clear refusal or a quarantined row; good deliveries beside it are loaded."""

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine.home import Home
from tests.engine.landed import CALL, DAY, HEADER, Installation, gzipped, lines, row


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared())


def with_format(site: Installation, **changed: Any) -> None:
    site.contract = {"call": CALL | changed}


GZIP = {"compression": "gzip", "files": "call_{date}.r{redo}.csv.gz"}
GOOD = gzipped(lines(*[row(n) for n in range(1000)]))


@pytest.mark.parametrize(
    ("content", "rows", "message"),
    [
        (b"", 3, "promises 3 rows, the file holds 0"),
        (lines(), 3, "promises 3 rows, the file holds 0"),
        (f"{row(1)}\n{row(2)}\n".encode(), 2, "the first line has 7 fields and none is a column; expected a header"),
        (lines(row(1), row(2), header=HEADER.replace(",service", "")), 2, "the header lacks 'service'"),
        (lines(header=HEADER.replace("imei", "msisdn")), 0, "the header names 'msisdn' twice"),
        (lines(row(1)).replace(b",", b";"), 1, "the first line has 1 fields and none is a column"),
        (lines(row(1)).decode().encode("utf-16"), 1, "none is a column"),
        (b"x" * 200_000 + b"\n", 1, "the first line is no header"),
        (lines(*[row(n).replace("voice", "短信") for n in range(11)]).decode().encode("gbk"), 11, "encoding: 11"),
        (lines(row(1), f'2,"{row(2)}', row(3), row(4)), 4, "promises 4 rows, the file holds 2"),
        (lines(row(1), row(2))[:-30], 2, "sha256"),
        (lines(*[row(n, duration_s="1 min") for n in range(20)]), 20, "20 of 20 rows .*type duration_s: 20"),
        (lines(*[row(n, duration_s=-1) for n in range(11)]), 11, "min duration_s: 11"),
        (lines(row(1, duration_s=-1), row(2, fee_amt="x")), 2, "2 of 2 rows break the contract"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    site: Installation, content: bytes, rows: int, message: str
) -> None:
    promise: dict[str, Any] = {"sha256": "0" * 64} if message == "sha256" else {}
    site.deliver(content, rows=rows, **promise)
    site.deliver(lines(row(1)), rows=1, redo=1)

    broken, good = site.ingest().outcomes
    assert broken.status == "refused"
    assert re.search(message, broken.reason or ""), broken.reason
    assert good.status == "loaded"
    assert site.lake("delivery_id, call_no") == [(2, 1)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD[: len(GOOD) // 2], "truncated"),
        (GOOD[:-4], "truncated"),
        (GOOD[:-8] + b"\0\0\0\0" + GOOD[-4:], "not valid gzip"),
        (GOOD[:200] + bytes(byte ^ 0x55 for byte in GOOD[200:260]) + GOOD[260:], "not valid gzip"),
        (lines(row(1)), "not valid gzip"),
        (gzipped(b"0" * 50_000_000), "unpacks to more than 100 times its size"),
    ],
)
def test_a_broken_gzip_file_is_refused(site: Installation, content: bytes, message: str) -> None:
    with_format(site, **GZIP)
    site.deliver(content, rows=1000)
    assert message in site.refused()


def test_several_gzip_members_are_one_file(site: Installation) -> None:
    with_format(site, **GZIP)
    site.deliver(gzipped(lines(row(1))) + gzipped(f"{row(2)}\n".encode()), rows=2)
    assert site.outcome().rows == 2


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"no": "x"}, ("call_no", "type")),
        ({"no": ""}, ("call_no", "required")),
        ({"no": "12345678901234567890123456"}, ("call_no", "type")),
        ({"duration_s": '"1,234"'}, ("duration_s", "type")),
        ({"duration_s": "3.7"}, ("duration_s", "type")),
        ({"duration_s": "0x10"}, ("duration_s", "type")),
        ({"duration_s": "NaN"}, ("duration_s", "type")),
        ({"duration_s": "-1"}, ("duration_s", "min")),
        ({"duration_s": "86401"}, ("duration_s", "max")),
        ({"fee_amt": "abc"}, ("fee_amt", "type")),
        ({"fee_amt": '"10,50"'}, ("fee_amt", "type")),
        ({"fee_amt": "Infinity"}, ("fee_amt", "type")),
        ({"fee_amt": "1.239"}, ("fee_amt", "precision")),
        ({"start_at": "2026-02-30 10:00:00"}, ("start_at", "type")),
        ({"start_at": "0000-00-00 00:00:00"}, ("start_at", "type")),
        ({"start_at": "05/01/2026 10:00"}, ("start_at", "type")),
        ({"start_at": "infinity"}, ("start_at", "type")),
        ({"start_at": "2026-01-07 00:00:00"}, ("start_at", "future")),
        ({"start_at": "2025-11-20 23:59:59"}, ("start_at", "late_window")),
        ({"imei": "8600000000000012"}, ("imei", "pattern")),
        ({"msisdn": "8.6138E+12"}, ("msisdn", "pattern")),
        ({"msisdn": "138\x000000001"}, ("msisdn", "nul byte")),
        ({"service": "telegram"}, ("service", "values")),
        ({"service": "voice,more"}, (None, "too many fields")),
        ({"service": 'voi"ce"'}, ("service", "values")),
    ],
)
def test_a_row_that_breaks_a_rule_is_quarantined(
    site: Installation, changed: dict[str, object], rule: tuple[str | None, str]
) -> None:
    site.deliver(lines(row(1), row(changed.pop("no", 2), **changed), row(3)), rows=3)

    outcome = site.outcome()
    assert (outcome.status, outcome.rows) == ("loaded", 3)
    assert site.quarantined() == [(2, *rule)]
    assert site.lake("row_no") == [(1,), (3,)]
    assert len(site.originals()) == 1


@pytest.mark.parametrize(
    ("content", "call_numbers"),
    [
        (b"\xef\xbb\xbf" + lines(row(1)), [1]),
        (lines(row(1), row(2)).replace(b"\n", b"\r\n"), [1, 2]),
        (lines(row(1), row(2)).replace(b"\n", b"\r\n", 1), [1, 2]),
        (lines(row(1), row(2)).removesuffix(b"\n"), [1, 2]),
        (lines(row("-0")), [0]),
        (lines(row('"1"')), [1]),
    ],
)
def test_harmless_differences_are_accepted(site: Installation, content: bytes, call_numbers: list[int]) -> None:
    site.deliver(content, rows=len(call_numbers))
    assert site.outcome().rejected == 0
    assert [number for (number,) in site.lake("call_no")] == call_numbers


def test_newlines_and_delimiters_inside_quotes_belong_to_the_value(site: Installation) -> None:
    columns = {"note_no": {"type": "bigint", "required": True}, "text": {"type": "varchar"}}
    site.contract = {
        "note": {"files": "note_{date}.r{redo}.csv", "format": "csv", "mode": "append", "columns": columns}
    }
    site.deliver(b'note_no,text\n1,"two\nlines, one ""row"""\n2,plain\nx,bad\n3,plain\n', rows=4, table="note")
    site.ingest()
    expected = [(1, 'two\nlines, one "row"', 1), (2, "plain", 2), (3, "plain", 4)]
    assert site.lake("note_no, text, row_no", "note") == expected
    assert site.quarantined("row_no") == [(3,)]


def test_one_line_in_another_encoding_is_quarantined_alone(site: Installation) -> None:
    with_format(site, encoding="gb18030", columns=CALL["columns"] | {"service": {"type": "varchar"}})
    good, bad = row(1, service="语音").encode("gb18030"), row(2, service="x").encode()[:-1] + b"\x81\x20\xff"
    site.deliver(HEADER.encode() + b"\n" + good + b"\n" + bad + b"\n" + good + b"\n", rows=3)
    assert site.outcome().rejected == 1
    assert site.lake("service, row_no") == [("语音", 1), ("语音", 3)]
    assert site.quarantined() == [(2, None, "encoding")]


def test_a_declared_encoding_with_wide_characters_is_read(site: Installation) -> None:
    with_format(site, encoding="utf-16")
    site.deliver(lines(row(1)).decode().encode("utf-16"), rows=1)
    assert site.outcome().status == "loaded"


def test_a_wrong_control_sum_refuses_the_delivery(site: Installation) -> None:
    with_format(site, control_sums=["duration_s"])
    site.deliver(lines(row(1), row(2)), rows=2, sums={"duration_s": 119})
    assert "promises a sum of duration_s of 119, the file holds 120" in site.refused()


def test_a_file_without_manifest_waits(site: Installation) -> None:
    (site.landing / "call_20260105.r0.csv").write_bytes(lines(row(1)))
    report = site.ingest()
    assert report.outcomes == ()
    assert "manifest is not there yet" in report.waiting[0].reason


def test_a_manifest_without_its_file_waits_and_is_loaded_when_the_file_comes(site: Installation) -> None:
    path = site.deliver(lines(row(1)), rows=1)
    path.rename(path.with_suffix(".tmp"))
    report = site.ingest()
    assert (report.outcomes, report.waiting[0].reason[:18]) == ((), "the manifest names")

    path.with_suffix(".tmp").rename(path)
    assert len(site.ingest().loaded) == 1


def test_a_manifest_that_cannot_be_read_is_told(site: Installation) -> None:
    site.deliver(lines(row(1)), rows=1)
    path = site.landing / "call_20260105.r0.manifest.json"
    path.write_text(path.read_text()[:50])
    assert "the manifest cannot be read" in site.ingest().waiting[0].reason


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("table", "other", "name and content differ"),
        ("files", [], "names no file"),
    ],
)
def test_a_manifest_that_contradicts_itself_refuses_the_delivery(
    site: Installation, key: str, value: object, message: str
) -> None:
    site.deliver(lines(row(1)), rows=1)
    path = site.landing / "call_20260105.r0.manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert message in site.refused()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "call_20260106.r0.csv", "other_20260105.r0.csv"])
def test_a_manifest_may_name_only_files_of_its_own_table_day_and_redo(site: Installation, name: str) -> None:
    path = site.deliver(lines(row(1)), rows=1)
    manifest = site.landing / "call_20260105.r0.manifest.json"
    manifest.write_text(manifest.read_text().replace(path.name, name))
    if "/" not in name:
        path.rename(site.landing / name)
    report = site.ingest()
    assert not report.loaded
    assert report.refused or name in report.waiting[0].reason


@pytest.mark.parametrize(
    "replace", [os.symlink, lambda target, path: os.mkfifo(path), lambda target, path: path.mkdir()]
)
def test_only_regular_files_are_read(site: Installation, replace: Callable[[Path, Path], None]) -> None:
    path = site.deliver(lines(row(1)), rows=1)
    elsewhere = site.home.root / "elsewhere.csv"
    path.rename(elsewhere)
    replace(elsewhere, path)
    assert re.search("plain file is expected|not a regular file", site.refused())


def test_names_that_are_no_file_names_stay_unread(site: Installation) -> None:
    for name in ("call_*.csv", "a'b;drop.csv", "call_20260105.r0.csv.exe"):
        (site.landing / name).write_text("x")
    report = site.ingest()
    assert report.outcomes == ()
    assert len(report.waiting) == 3


def test_a_bad_delivery_is_refused_alone_among_many(site: Installation) -> None:
    for n in range(12):
        day = DAY + timedelta(days=n)
        body = lines(row(n, start_at=f"{day} 10:00:00"))
        site.deliver(body if n != 5 else body[:40], rows=1, day=day)
    report = site.ingest(as_of=DAY + timedelta(days=11), not_before=DAY)
    assert [outcome.data_date for outcome in report.refused] == [DAY + timedelta(days=5)]
    assert len(report.loaded) == 11


def test_a_line_of_three_megabytes_is_quarantined(site: Installation) -> None:
    site.deliver(lines(row(1), row(2, service="x" * 3_000_000), row(3)), rows=3)
    assert site.outcome().rejected == 1
    assert site.quarantined("row_no, rule") == [(2, "line too long")]


def chinese(site: Installation, *encodings: str) -> None:
    """A delivery in a system of GB18030, each row in the encoding given."""
    with_format(site, encoding="gb18030", columns=CALL["columns"] | {"service": {"type": "varchar"}})
    rows = [row(n, service="泉安鲁泰机械制造有限公司").encode(encoding) for n, encoding in enumerate(encodings)]
    site.deliver(b"\n".join([HEADER.encode(), *rows, b""]), rows=len(rows))


def test_a_row_in_utf_8_is_not_taken_for_gb18030(site: Installation) -> None:
    chinese(site, "gb18030", "utf-8", "gb18030")
    assert site.outcome().rejected == 1
    assert site.quarantined() == [(2, None, "encoding")]
    assert site.lake("service") == [("泉安鲁泰机械制造有限公司",)] * 2


def test_a_file_in_utf_8_is_refused_where_gb18030_is_declared(site: Installation) -> None:
    chinese(site, "utf-8", "utf-8")
    assert "none of the 2 lines with such characters is gb18030" in site.refused()
