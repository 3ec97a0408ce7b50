"""Packed deliveries of every format are read; bombs, torn, locked and misleading ones are refused."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine.home import Home
from pipelines.engine.ingest import Outcome
from tests.engine.landed import HEADER, Installation, lines, row

COLUMNS: dict[str, Any] = {"n": {"type": "bigint", "required": True}, "name": {"type": "varchar"}}
CSV = "n,name\n1,Ann\n2,周\n".encode()


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def zipped(content: bytes, *names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("rows.csv",):
            archive.writestr(name, content)
    return sink.getvalue()


PACK = {"gzip": gzip.compress, "zstd": zstd, "zip": zipped}


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": [1, 2], "name": ["Ann", "周"]}), sink)
    return sink.getvalue()


def workbook() -> bytes:
    import xlsxwriter

    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        sheet = book.add_worksheet("rows")
        for number, cells in enumerate([("n", "name"), (1, "Ann"), (2, "周")]):
            sheet.write_row(number, 0, cells)
    return sink.getvalue()


CONTENT: dict[str, tuple[bytes, dict[str, Any]]] = {
    "csv": (CSV, {}),
    "csv in gb18030": (CSV.decode().encode("gb18030"), {"format": "csv", "encoding": "gb18030"}),
    "jsonl": ('{"n": 1, "name": "Ann"}\n{"n": 2, "name": "周"}\n'.encode(), {}),
    "parquet": (parquet(), {}),
    "excel": (workbook(), {"relation": "rows"}),
}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared())


def delivered(installation: Installation, content: bytes, compression: str, **said: Any) -> Outcome:
    installation.contract = {
        "call": {"files": "call_{date}.r{redo}.bin", "format": "csv", "compression": compression, "mode": "append",
                 "columns": COLUMNS} | said,
    }  # fmt: skip
    installation.deliver(content, rows=2)
    return installation.outcome()


@pytest.mark.parametrize("compression", PACK)
@pytest.mark.parametrize("content", CONTENT)
def test_every_format_is_read_out_of_every_compression(
    compression: str, content: str, installation: Installation
) -> None:
    plain, said = CONTENT[content]
    outcome = delivered(installation, PACK[compression](plain), compression, **({"format": content.split()[0]} | said))

    assert (outcome.status, outcome.reason) == ("loaded", None)
    assert installation.lake("n, name") == [(1, "Ann"), (2, "周")]


def test_frames_and_members_that_follow_each_other_are_one_file(installation: Installation) -> None:
    packed = zstd(CSV[:10]) + zstd(CSV[10:])

    assert delivered(installation, packed, "zstd").status == "loaded"


LARGE = lines(*[row(n) for n in range(20_000)])
BOMB = HEADER.encode() + b"\n" + b"0" * (20 << 20)


@pytest.mark.parametrize(
    ("compression", "content", "reason"),
    [
        ("zstd", zstd(LARGE)[:-100], "truncated file"),
        ("zstd", b"\x00" + zstd(LARGE)[1:], "not valid zstd"),
        ("zip", zipped(LARGE)[:-100], "not a valid zip"),
        ("zip", zipped(LARGE).replace(b"rows.csv", b"../x.csv"), r"called '../x.csv'; expected a plain file name"),
        ("zip", zipped(LARGE, "a.csv", "b.csv"), "a zip with 2 members; expected exactly one"),
        ("zip", zipped(LARGE)[:200] + b"\0" * 40 + zipped(LARGE)[240:], "not a valid zip"),
        ("gzip", gzip.compress(BOMB), "unpacks to more than 100 times its size"),
        ("zstd", zstd(BOMB), "unpacks to more than 100 times its size"),
        ("zip", zipped(BOMB), "unpacks to more than 100 times its size"),
    ],
)
def test_a_packed_file_that_is_not_what_it_should_be_is_refused(
    compression: str, content: bytes, reason: str, installation: Installation
) -> None:
    outcome = delivered(installation, content, compression)

    assert outcome.status == "refused"
    assert reason in (outcome.reason or "")
