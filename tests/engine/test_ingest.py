"""Deliveries land in the lake once, whole, with their lineage; everything they may say is kept or told."""

import hashlib
import json
import os
import random
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.ledger import Ledger
from tests.engine.landed import CALL, DAY, Installation, gzipped, lines, row


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared())


def test_rows_arrive_typed_keyed_derived_and_with_their_lineage(site: Installation) -> None:
    site.deliver(lines(row(1), row(2, msisdn="13700000009", imei="", start_at="2026-01-05 00:30:00")), rows=2)

    assert site.outcome().status == "loaded"
    columns = (
        "call_no, msisdn_key, imei_key, start_at, duration_s, fee_amt::varchar, tac, event_day, delivery_id, file_no"
    )
    assert site.lake(f"{columns}, row_no") == [
        (1, 2, 1, datetime(2026, 1, 5, 2, 0), 60, "0.10", "86000000", DAY, 1, 0, 1),
        (2, 1, None, datetime(2026, 1, 4, 16, 30), 60, "0.10", None, DAY, 1, 0, 2),
    ]


def test_a_derived_personal_value_goes_to_the_vault_and_may_build_on_one_before_it(tmp_path: Path) -> None:
    derive = {
        "plain_number": {"type": "varchar", "key": "plain_number", "sql": "replace(msisdn, '0', '')"},
        "tail": {"type": "varchar", "key": "tail", "sql": "right(plain_number, 2)"},
    }
    site = Installation(Home(tmp_path).prepared(), {"call": CALL | {"derive": derive}})
    numbers = ["13800000001", "13800000002", "13800000102"]
    site.deliver(lines(*(row(n, msisdn=number) for n, number in enumerate(numbers))), rows=3)
    site.ingest()

    # Keys by value: 1381, 13812, 1382 and 12, 81, 82.
    assert site.lake("plain_number_key, tail_key") == [(1, 2), (3, 3), (2, 1)]


def test_a_second_ingest_changes_nothing(site: Installation) -> None:
    site.deliver(lines(row()), rows=1)
    site.ingest()
    before = sorted((path, path.stat().st_mtime_ns) for path in site.home.lake.rglob("*.*"))

    assert site.ingest().outcomes == ()
    assert sorted((path, path.stat().st_mtime_ns) for path in site.home.lake.rglob("*.*")) == before


def test_a_delivery_is_known_from_the_first_night_that_may_know_it(site: Installation) -> None:
    site.deliver(lines(row()), rows=1, delivered_at="2026-01-07T02:00:01+08:00")

    assert site.ingest(as_of=date(2026, 1, 6)).outcomes == ()
    assert len(site.ingest(as_of=date(2026, 1, 7)).outcomes) == 1
    assert Ledger(site.home.lake).deliveries()[0].known_on == date(2026, 1, 7)


def test_what_arrives_for_a_closed_night_is_known_from_the_first_open_one(site: Installation) -> None:
    site.deliver(lines(row()), rows=1)
    site.ingest(as_of=DAY + timedelta(days=5), not_before=DAY + timedelta(days=3))
    assert Ledger(site.home.lake).deliveries()[0].known_on == DAY + timedelta(days=3)


def test_a_new_redo_is_a_delivery_of_its_own(site: Installation) -> None:
    site.deliver(lines(row(1)), rows=1)
    site.deliver(lines(row(1), row(2)), rows=2, redo=1)
    site.ingest()
    assert site.lake("delivery_id, call_no") == [(1, 1), (2, 1), (2, 2)]
    assert {part.path for entry in Ledger(site.home.lake).deliveries() for part in entry.parts} == {
        "ops/call/data_date=2026-01-05/redo=0/part-0.parquet",
        "ops/call/data_date=2026-01-05/redo=1/part-0.parquet",
    }


def test_a_refused_delivery_is_tried_again_only_when_it_or_its_contract_changed(site: Installation) -> None:
    site.deliver(lines(row()), rows=2)
    assert len(site.ingest().refused) == 1
    assert site.ingest().outcomes == ()

    site.deliver(lines(row(1), row(2)), rows=2)
    assert len(site.ingest().loaded) == 1
    assert [entry.status for entry in Ledger(site.home.lake).deliveries()] == ["refused", "loaded"]


def test_a_delivery_changed_after_loading_is_told_and_changes_nothing(site: Installation) -> None:
    site.deliver(lines(row(1)), rows=1)
    site.ingest()
    site.deliver(lines(row(2)), rows=1)

    report = site.ingest()
    assert (report.outcomes, site.lake("call_no")) == ((), [(1,)])
    assert "deliver the change as r1" in report.waiting[0].reason


def test_parts_of_a_day_are_numbered_and_counted_apart(site: Installation) -> None:
    first = site.deliver(lines(row(1), row(2)), rows=2, name="call_20260105_01.r0.csv")
    second = site.landing / "call_20260105_02.r0.csv"
    second.write_bytes(lines(row(3)))
    path = site.landing / "call_20260105.r0.manifest.json"
    manifest = json.loads(path.read_text())
    content = second.read_bytes()
    entry = {"name": second.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": 1}
    manifest["files"].append(entry)
    path.write_text(json.dumps(manifest))

    assert site.outcome().rows == 3
    assert site.lake("call_no, file_no, row_no") == [(1, 0, 1), (2, 0, 2), (3, 1, 1)]
    assert first.exists()


def test_many_days_are_read_in_one_statement_and_judged_one_by_one(site: Installation) -> None:
    days = [DAY + timedelta(days=n) for n in range(40)]
    for n, day in enumerate(days):
        start = f"{day} 10:00:00" if n != 7 else f"{day + timedelta(days=3)} 10:00:00"
        site.deliver(lines(*[row(n * 100 + k, start_at=start) for k in range(20)]), rows=20, day=day)
    report = site.ingest(as_of=days[-1], not_before=days[0])
    assert [outcome.data_date for outcome in report.refused] == [days[7]]
    assert "future start_at: 20" in (report.refused[0].reason or "")
    assert len(site.lake("call_no")) == 39 * 20


def test_trailer_and_manifest_are_compared_with_the_rows(site: Installation) -> None:
    trailer = "#TRAILER,rows={rows},sum_duration_s={duration_s}"
    gz = {"compression": "gzip", "files": "call_{date}.r{redo}.csv.gz", "trailer": trailer}
    site.contract = {"call": CALL | gz | {"control_sums": ["duration_s"]}}
    good = gzipped(lines(row(1), row(2)) + b"#TRAILER,rows=2,sum_duration_s=120\n")
    site.deliver(good, rows=2, sums={"duration_s": 120})
    wrong = gzipped(lines(row(1), row(2)) + b"#TRAILER,rows=2,sum_duration_s=121\n")
    site.deliver(wrong, rows=2, redo=1)
    site.deliver(gzipped(lines(row(1), row(2))), rows=2, redo=2)

    loaded, sum_differs, no_trailer = site.ingest().outcomes
    assert (loaded.status, loaded.rows) == ("loaded", 2)
    assert "trailer promises a sum of duration_s of 121, the file holds 120" in (sum_differs.reason or "")
    assert "last line is no trailer" in (no_trailer.reason or "")


def test_header_names_decide_not_their_order_or_case(site: Installation) -> None:
    header = "Service,FEE_AMT , duration_s,start_at,imei,msisdn,call_no,remark"
    site.deliver(f"{header}\nsms,0.20,0,2026-01-05 10:00:00,,13800000001,7,hello\n".encode(), rows=1)

    outcome = site.outcome()
    assert site.lake("call_no, service, fee_amt::varchar") == [(7, "sms", "0.20")]
    assert "surplus column 'remark': 1 values kept in _extra" in " ".join(outcome.notes)


def test_an_empty_delivery_is_loaded_without_a_part(site: Installation) -> None:
    site.deliver(lines(), rows=0)
    assert site.outcome().status == "loaded"
    assert Ledger(site.home.lake).deliveries()[0].parts == ()


def test_loaded_and_rejected_rows_make_up_the_file(site: Installation) -> None:
    site.deliver(lines(row(1), row("x"), row(3), "4,too few", row(5)), rows=5)
    outcome = site.outcome()
    assert (outcome.rows, outcome.rejected) == (5, 2)
    assert site.lake("call_no, row_no") == [(1, 1), (3, 3), (5, 5)]
    assert site.quarantined() == [(2, "call_no", "type"), (4, None, "too few fields")]


def test_originals_are_kept_for_the_owner_only_and_excerpts_are_masked(site: Installation) -> None:
    site.deliver(lines(row(1, imei="8600000000000123"), row(2)), rows=2)
    site.ingest()
    assert site.quarantined("column_name, rule, excerpt") == [("imei", "pattern", "9999999999999999")]
    assert "8600000000000123" in site.originals()[0]["original"]
    for path in site.home.quarantine.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert site.home.vault.stat().st_mode & 0o077 == 0


def test_times_are_utc_and_event_days_those_of_the_operator(site: Installation) -> None:
    site.deliver(
        lines(
            row(1, start_at="2026-01-05T23:59:59"),
            row(2, start_at="2026-01-06T01:00:00+08:00"),
            row(3, start_at="2026-01-05T17:00:00Z"),
        ),
        rows=3,
    )
    site.ingest()
    assert site.lake("start_at, event_day") == [
        (datetime(2026, 1, 5, 15, 59, 59), date(2026, 1, 5)),
        (datetime(2026, 1, 5, 17, 0), date(2026, 1, 6)),
        (datetime(2026, 1, 5, 17, 0), date(2026, 1, 6)),
    ]


def test_a_crash_before_the_ledger_leaves_nothing_that_counts(
    site: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deliver(lines(row(1)), rows=1)
    monkeypatch.setattr(Ledger, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        site.ingest()
    monkeypatch.undo()
    assert list(site.home.lake.rglob("part-0.parquet"))

    assert Ledger(site.home.lake).sweep() == ["ops/call/data_date=2026-01-05/redo=0/part-0.parquet"]
    assert not list(site.home.lake.rglob("*.parquet"))
    assert len(site.ingest().loaded) == 1


def test_nights_one_by_one_and_a_range_give_the_same_rows_keys_and_ids(tmp_path: Path) -> None:
    sites = [Installation(Home(tmp_path / name).prepared()) for name in ("nights", "range")]
    days = [DAY + timedelta(days=n) for n in range(4)]
    for site in sites:
        site.contract = {"call": CALL, "extra": CALL | {"files": "extra_{date}.r{redo}.csv"}}
        for n, day in enumerate(days):
            at = f"{day} 10:00:00"
            numbers = [f"1380000{(n * 7 + k * 5) % 11:04d}" for k in range(4)]
            for table in ("call", "extra"):
                body = lines(*[row(k, msisdn=number, start_at=at) for k, number in enumerate(numbers)])
                site.deliver(body, rows=4, table=table, day=day, delivered_at=f"{day}T23:00:00+08:00")
    for day in days:
        sites[0].ingest(as_of=day, not_before=day)
    sites[1].ingest(as_of=days[-1], not_before=days[0])
    for table in ("call", "extra"):
        assert sites[0].lake(table=table) == sites[1].lake(table=table)


def test_an_audit_sees_all_typed_rows_before_any_is_rejected(site: Installation) -> None:
    site.deliver(lines(row(1), row(2, duration_s=-5)), rows=2)
    seen = []

    def audit(connection: duckdb.DuckDBPyConnection, view: str, table: object) -> list[str]:
        seen.extend(connection.execute(f"select _delivery, call_no, msisdn, duration_s from {view}").fetchall())
        return ["checked"]

    assert site.ingest(audit=audit).checks == ("checked",)
    assert seen == [(1, 1, "13800000001", 60), (1, 2, "13800000001", -5)]


def test_without_manifest_a_settled_file_is_a_delivery(site: Installation) -> None:
    epoch = {"type": "timestamp", "epoch": "2026-01-01T00:00:00Z", "header": "timestamp"}
    table = {
        "files": "calls.csv", "format": "csv", "mode": "append", "data_date": "2026-01-05",
        "columns": {"at": epoch, "duration_s": {"type": "integer", "header": "duration", "missing": ["-1"]}},
    }  # fmt: skip
    site.contract, site.manifest = {"calls": table}, "none"
    path = site.landing / "calls.csv"
    path.write_text("timestamp,duration\n184,121\n3920,-1\n")
    waiting = site.ingest(as_of=date(2026, 12, 31)).waiting
    assert "may still be growing" in waiting[0].reason

    moment = datetime(2026, 1, 5, 12).timestamp()
    os.utime(path, (moment, moment))
    assert len(site.ingest(as_of=date(2026, 12, 31)).loaded) == 1
    assert site.lake('"at", duration_s', "calls") == [
        (datetime(2026, 1, 1, 0, 3, 4), 121),
        (datetime(2026, 1, 1, 1, 5, 20), None),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_row_is_accounted_for_at_its_own_number(site: Installation, seed: int) -> None:
    """Good rows, rows with a bad value and lines that are no row, mixed at random over several files."""
    draw = random.Random(seed)
    site.contract = {
        "call": CALL | {"max_reject_share": 1, "columns": CALL["columns"] | {"service": {"type": "varchar"}}}
    }
    kinds = [draw.choices("gglbxq", k=draw.randrange(1, 60)) for _ in range(3)]
    written = {
        "g": lambda n: row(n), "l": lambda n: row(n, service='"two\nlines"'), "b": lambda n: row(n, duration_s="bad"),
        "x": lambda n: f"{n},too few", "q": lambda n: f'{n},"1" 2,,,,,',
    }  # fmt: skip
    contents = [lines(*[written[kind](n + 1) for n, kind in enumerate(file)]) for file in kinds]
    names = [f"call_20260105_{part:02d}.r0.csv" for part in range(len(kinds))]
    site.deliver(contents[0], rows=len(kinds[0]), name=names[0])
    manifest = site.landing / "call_20260105.r0.manifest.json"
    files = json.loads(manifest.read_text())
    files["files"] = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": len(file)}
        for name, content, file in zip(names, contents, kinds, strict=True)
    ]
    for name, content in zip(names, contents, strict=True):
        (site.landing / name).write_bytes(content)
    manifest.write_text(json.dumps(files))

    outcome = site.outcome()
    places = [(part, n + 1, kind) for part, file in enumerate(kinds) for n, kind in enumerate(file)]
    assert outcome.rows == len(places)
    assert outcome.reason is None
    good = [(part, number, number) for part, number, kind in places if kind in "gl"]
    assert site.lake("file_no, row_no, call_no") == good
    bad = [(names[part], number) for part, number, kind in places if kind not in "gl"]
    assert sorted(site.quarantined("file_name, row_no")) == bad
