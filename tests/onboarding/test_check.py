"""A dry run says what would become of a delivery and leaves the home as it is, byte for byte."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.onboarding.check import check, check_file
from tests.engine.landed import Installation, lines, row


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    """One delivery is loaded, one is good, one has bad rows, one is cut short, one is still without its manifest."""
    made = Installation(Home(tmp_path).prepared())
    made.deliver(lines(row(1)), rows=1)
    made.ingest()
    made.deliver(lines(row(2), row(3)), rows=2, redo=1)
    bad = lines(row(4), row(5, msisdn="1380000000x"), row(6, duration_s=-1), row(7, duration_s=-2), "8,too few")
    made.deliver(bad, rows=5, redo=2)
    made.deliver(lines(row(9)), rows=2, redo=3)
    (made.landing / "call_20260105.r4.csv").write_bytes(lines(row(10)))
    return made


def content(root: Path) -> dict[str, str]:
    """Hash and mode of every file below a folder, and its folders."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
        if path.is_file() else "folder"
        for path in sorted(root.rglob("*"))
    }  # fmt: skip


def test_what_would_be_accepted_quarantined_and_refused_is_told_and_nothing_changes(site: Installation) -> None:
    system = site.systems["ops"]
    before = content(site.home.root)
    found = check(site.home, system)

    assert content(site.home.root) == before
    good, bad, short = found.verdicts
    assert (good.redo, good.rows, good.accepted, good.reason) == (1, 2, 2, None)
    assert (bad.redo, bad.rows, bad.accepted, bad.quarantined) == (2, 5, 1, 4)
    assert [(broken.column, broken.rule, broken.rows) for broken in bad.broken] == [
        ("duration_s", "min", 2), ("msisdn", "pattern", 1), (None, "too few fields", 1),
    ]  # fmt: skip
    assert "1380000000x" not in str(bad.broken), "what is shown of a personal value is its shape"
    assert (short.redo, short.accepted) == (3, 0)
    assert "promises 2 rows, the file holds 1" in (short.reason or "")
    assert [waiting.reason for waiting in found.waiting] == [
        "its manifest is not there yet; the file may still be growing"
    ]


def test_one_file_is_tried_wherever_it_lies(site: Installation, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "call_20260106.r0.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(lines(row(1, start_at="2026-01-09 10:00:00"), row(2, start_at="2026-01-06 10:00:00")))
    (verdict,) = check_file(elsewhere, site.systems["ops"]).verdicts

    assert verdict.data_date == date(2026, 1, 6)
    assert [(broken.column, broken.rule) for broken in verdict.broken] == [("start_at", "future")]


def test_what_the_dry_run_says_is_what_the_ingest_does(site: Installation) -> None:
    said = [(v.redo, v.rows, v.quarantined, v.reason) for v in check(site.home, site.systems["ops"]).verdicts]

    assert said == [(o.redo, o.rows, o.rejected, o.reason) for o in site.ingest().outcomes]


def test_the_command_tells_it_in_lines_and_returns_1_when_something_would_not_be_accepted(
    landed: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path).prepared()
    shutil.copytree(landed / "mnp", home.landing / "mnp")
    good = CliRunner().invoke(app, ["sources", "check", "mnp", "--home", str(tmp_path)])
    file = home.landing / "mnp" / "port_event_20260129.r0.csv"
    file.write_text(file.read_text().replace(",done\n", ",lost\n"))
    bad = CliRunner().invoke(app, ["sources", "check", "mnp", "--json", "--home", str(tmp_path)])
    unknown = CliRunner().invoke(app, ["sources", "check", "roming", "--home", str(tmp_path)])

    assert good.exit_code == 0 and "accepted  mnp.enquiry 2026-01-29 r0" in good.output
    assert bad.exit_code == 1
    refused = [verdict for verdict in json.loads(bad.output)["verdicts"] if verdict["reason"]]
    assert [(verdict["table"], verdict["data_date"]) for verdict in refused] == [("mnp.port_event", "2026-01-29")]
    assert unknown.exit_code == 2 and "'roming' is no source system" in unknown.output
