"""What a remote store holds lands as it lies there, is loaded once, and is never touched at its place."""

import gzip
import hashlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.connect.conftest import FIRST, Shop
from tests.connect.proxy import Proxy
from tests.connect.stores import PASSWORD, S3, Sftp, s3_server, sftp_server

NAME, MANIFEST = "order_20260105.r0.jsonl.gz", "order_20260105.r0.manifest.json"
ORDER: dict[str, Any] = {
    "files": "order_{date}.r{redo}.jsonl.gz", "format": "jsonl", "compression": "gzip", "mode": "append",
    "columns": {"order_no": {"type": "bigint", "required": True}, "amount": {"type": "decimal(18,2)"}},
}  # fmt: skip
ROWS = b'{"order_no": 1, "amount": "1.10"}\n{"order_no": 2, "amount": "2.20"}\n'
LONG = b'{"order_no": 1, "amount": "1.10", "note": "' + os.urandom(400_000).hex().encode() + b'"}\n'


@pytest.fixture(scope="module")
def s3() -> Generator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture(params=["s3", "sftp"])
def store(
    request: pytest.FixtureRequest, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Generator[S3 | Sftp]:
    shop.connector, shop.tables = "remote", {"order": ORDER}
    if request.param == "s3":
        server: S3 = request.getfixturevalue("s3")
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", server.url())
        yield server
        for key in server.names():
            server.client.delete_object(Bucket="drop", Key=key)
    else:
        with sftp_server(tmp_path) as sftp:
            monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", sftp.url())
            sftp.put("unrelated.txt", b"")
            yield sftp


def deliver(store: S3 | Sftp, content: bytes, rows: int) -> None:
    store.put(NAME, content)
    file = {"name": NAME, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows}
    manifest = {
        "system": "shop", "table": "order", "data_date": "2026-01-05", "redo": 0,
        "delivered_at": "2026-01-05T20:00:00+08:00", "files": [file],
    }  # fmt: skip
    store.put(MANIFEST, json.dumps(manifest).encode())


def test_a_delivery_with_manifest_lands_and_is_loaded(shop: Shop, store: S3 | Sftp) -> None:
    deliver(store, gzip.compress(ROWS), rows=2)
    before = store.names()
    report = shop.night()

    assert [(one.status, one.rows) for one in report.outcomes] == [("loaded", 2)]
    assert sorted(path.name for path in shop.landing.iterdir()) == [NAME, MANIFEST]
    assert store.names() == before


def test_a_file_without_manifest_counts_from_the_time_it_has_over_there(shop: Shop, store: S3 | Sftp) -> None:
    shop.extra = {"manifest": "none"}
    store.put(NAME, gzip.compress(ROWS))
    assert shop.fetch() == []
    modified = (shop.landing / NAME).stat().st_mtime

    assert modified == pytest.approx(store.modified(NAME), abs=1)
    assert shop.fetch() == []
    assert (shop.landing / NAME).stat().st_mtime == modified


def test_a_changed_file_is_copied_again_and_one_that_was_loaded_and_cleared_is_not(
    shop: Shop, store: S3 | Sftp
) -> None:
    deliver(store, b"torn", rows=2)
    assert [one.status for one in shop.night().outcomes] == ["refused"]
    deliver(store, gzip.compress(ROWS), rows=2)
    assert [one.status for one in shop.night().outcomes] == ["loaded"]
    for path in shop.landing.iterdir():
        path.unlink()
    assert shop.fetch() == []

    assert list(shop.landing.iterdir()) == []


def test_names_that_lead_elsewhere_are_refused(shop: Shop, store: S3 | Sftp) -> None:
    store.put("order 20260105;.jsonl.gz", b"")
    if isinstance(store, S3):
        store.put("../order_20260105.r0.jsonl.gz", b"")  # to S3 a name like any other
    (missed,) = shop.fetch()

    assert "is no plain file name" in missed.message
    assert not list(shop.home.root.rglob("*.gz"))


@pytest.mark.parametrize("fault", ["reset", "stall"])
def test_a_connection_that_breaks_is_tried_again(
    fault: str, shop: Shop, store: S3 | Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(store, gzip.compress(LONG), rows=1)
    with Proxy(("127.0.0.1", store.port)) as proxy:
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", store.url(proxy.port))
        proxy.fail(fault, after=100_000, times=2)

        assert [one.status for one in shop.night_of(answer_seconds=1).outcomes] == ["loaded"]
    assert not list(shop.landing.glob("*.tmp"))


def test_a_store_that_stays_away_is_told_without_its_password(
    shop: Shop, store: S3 | Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(store, gzip.compress(LONG), rows=1)
    with Proxy(("127.0.0.1", store.port)) as proxy:
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", store.url(proxy.port))
        proxy.fail("reset", after=100_000)
        (missed, *_) = shop.fetch(patience=shop.patience(answer_seconds=1))

    assert "connection 'shop'): " in missed.message and "(tried 3 times)" in missed.message
    assert PASSWORD not in missed.message and "s3cr3t" not in missed.message
    assert not [path for path in shop.landing.iterdir() if path.name != MANIFEST]


def test_a_folder_that_is_not_there_is_told(shop: Shop, store: S3 | Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "BASSLINE_CONNECTION_SHOP", store.url().replace("crm/out", "crm/nowhere").replace("drop", "gone")
    )
    (missed,) = shop.fetch()

    assert missed.where == "shop" and "was not fetched from" in missed.message


def test_an_unknown_host_key_is_refused(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.connector, shop.tables = "remote", {"order": ORDER}
    with sftp_server(tmp_path) as sftp:
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", sftp.url())
        sftp.known_hosts.write_text("")
        (missed,) = shop.fetch(FIRST)

    assert "refused: Host key is not trusted" in missed.message
