"""A night whose data break a promise publishes nothing and says which rows; once they are repaired it completes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.night import NightReport, catch_up, run_nights
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

YESTERDAY, BILLED, NEXT = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)
PROMISE = "due_on >= issued_on"


@dataclass(frozen=True)
class Seen:
    """How a night ended, and what an analyst and `bassline status` found right after it."""

    report: NightReport
    as_of: date
    billed: Decimal
    told: dict[str, Any]
    runs: list[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Billing sends two bills that are due before they are issued, and the right ones the next morning."""
    home = Home(tmp_path_factory.mktemp("failing"))
    synthesise(Settings(subscribers=200, days=3, end=NEXT, seed=5, faults="none", out=home.root))
    (home.landing / "billing" / "readme.txt").write_text("The layout has not changed.")
    right = (home.landing / "billing" / "bill_item_20260301.r0.txt").read_bytes()
    deliver_bills(home, due_in_february(right, lines=2), redo=0, at="2026-03-02T01:30:00+08:00")

    before = seen(home, run_nights(home, YESTERDAY, YESTERDAY))
    broken = seen(home, run_nights(home, BILLED, BILLED))
    deliver_bills(home, right, redo=1, at="2026-03-02T09:30:00+08:00")
    repaired = seen(home, catch_up(home, NEXT)[-1])
    return {"before": before, "broken": broken, "repaired": repaired}


def due_in_february(bills: bytes, *, lines: int) -> bytes:
    """The last eight characters of a line are the day on which the bill is due."""
    rows = bills.splitlines()
    return b"".join(row + b"\n" for row in [*(row[:-8] + b"20260201" for row in rows[:lines]), *rows[lines:]])


def deliver_bills(home: Home, content: bytes, *, redo: int, at: str) -> None:
    stem = home.landing / "billing" / f"bill_item_20260301.r{redo}"
    file = {"name": f"{stem.name}.txt", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {
        "system": "billing", "table": "bill_item", "data_date": "2026-03-01", "redo": redo, "delivered_at": at,
        "files": [file | {"rows": content.count(b"\n")}],
    }  # fmt: skip
    Path(f"{stem}.txt").write_bytes(content)
    Path(f"{stem}.manifest.json").write_text(json.dumps(manifest))


def seen(home: Home, report: NightReport) -> Seen:
    with duckdb.connect(home.current.resolve(), read_only=True) as db:
        as_of = db.execute("select as_of from as_of").fetchall()[0][0]
        billed = db.execute("select sum(billed_amt) from mart_revenue.subscriber_month").fetchall()[0][0]
    runs = sorted(path.name for path in home.published.iterdir() if path.name != "current")
    return Seen(report, as_of, billed, json.loads((home.root / "night.json").read_text()), runs)


def test_a_failing_check_publishes_nothing_and_keeps_yesterday(nights: dict[str, Seen]) -> None:
    before, broken = nights["before"], nights["broken"]

    assert before.report.status == "published"
    assert (broken.report.status, broken.report.published) == ("failed", None)
    assert broken.as_of == before.as_of == YESTERDAY
    assert broken.runs == before.runs


def test_the_report_names_the_promise_and_the_offending_rows(nights: dict[str, Seen]) -> None:
    (failure, *others) = [one for one in nights["broken"].report.failures if one.blocking]

    assert (failure.where, failure.rule) == ("core.fct_bill_item", "BrokenPromise")
    assert f"`{PROMISE}` fails on 2 rows" in failure.message
    assert "account_key=" in failure.message
    assert "issued_on=2026-03-01, due_on=2026-02-01" in failure.message
    assert "pipelines/core/fct_bill_item.sql" in failure.message
    assert all("not built, because" in other.message for other in others)


def test_what_the_night_leaves_for_status_names_them_too(nights: dict[str, Seen]) -> None:
    told = nights["broken"].told

    assert (told["status"], told["to_day"]) == ("failed", str(BILLED))
    assert [one["where"] for one in told["failures"] if PROMISE in one["message"]] == ["core.fct_bill_item"]
    assert any("due_on=2026-02-01" in one["message"] for one in told["failures"])


def test_what_landed_and_cannot_be_judged_is_told(nights: dict[str, Seen]) -> None:
    assert nights["broken"].told["waiting"] == [
        {
            "where": "'billing/readme.txt'",
            "reason": "no table of the contract has files of this name; it stays unread",
        }
    ]


def test_tables_that_do_not_read_the_failed_one_are_built_all_the_same(nights: dict[str, Seen]) -> None:
    built = {run.table for run in nights["broken"].report.tables}

    assert "core.fct_usage_day" in built
    assert not built & {"core.fct_bill_item", "mart_revenue.subscriber_month"}


def test_after_the_redelivery_the_night_completes(nights: dict[str, Seen]) -> None:
    repaired = nights["repaired"]

    assert (repaired.report.status, repaired.as_of) == ("published", NEXT)
    assert repaired.billed > nights["broken"].billed
    assert repaired.told["status"] == "published"
