"""Whoever changes, removes or cuts off lines of the register is told of, also after others were written behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.privacy import register

Change = Callable[[list[str]], list[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A register of five lines."""
    monkeypatch.setenv("BASSLINE_SECRETS", str(tmp_path / "none.yaml"))
    home = Home(tmp_path / "home").prepared()
    for number in range(5):
        register.record(home, "detail", purpose=f"ticket {number}")
    return home


def audited(home: Home) -> tuple[int, list[str]]:
    shown = CliRunner().invoke(app, ["audit", "--home", str(home.root), "--json"])
    return shown.exit_code, json.loads(shown.output)["changed"]


def change(home: Home, how: Change) -> None:
    path = register.register_of(home)
    path.write_text("".join(how(path.read_text().splitlines(keepends=True))))


def test_an_untouched_register_has_nothing_to_tell(home: Home) -> None:
    assert audited(home) == (0, [])
    assert len(register.entries(home)) == 5


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (lambda lines: lines[:4], "lines 5 to 5 were cut off"),
        (lambda lines: [], "lines 1 to 5 were cut off"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3 does not follow the line before it"),
        (lambda lines: [*lines[:4], lines[4].replace("ticket 4", "ticket 5")], "line 5 was not the one"),
        (lambda lines: [line.replace("ticket 1", "ticket 7") for line in lines], "line 3 does not follow"),
    ],
)
def test_a_change_is_told_now_and_after_later_lines(home: Home, how: Change, told: str) -> None:
    change(home, how)
    code, found = audited(home)
    assert code == 1 and any(told in one for one in found), found

    register.record(home, "detail", purpose="somebody else")
    register.record(home, "detail", purpose="and another one")
    code, found = audited(home)
    assert code == 1 and any(told in one for one in found), found


def test_a_register_and_its_head_removed_are_told_by_what_is_left(home: Home) -> None:
    register.head_of(home).unlink()
    assert audited(home) == (1, ["audit.head was missing: whether lines were cut off cannot be told"])
    register.record(home, "detail", purpose="somebody else")
    assert audited(home)[0] == 1


def test_a_head_made_with_another_key_does_not_count(home: Home) -> None:
    other = Home(home.root.with_name("other")).prepared()
    register.record(other, "detail", purpose="made elsewhere")
    register.head_of(home).write_bytes(register.head_of(other).read_bytes())
    register.register_of(home).write_bytes(register.register_of(other).read_bytes())
    code, (found,) = audited(home)
    assert code == 1 and "audit.head did not open" in found

    register.head_of(home).write_text("no head")
    assert "audit.head did not open" in audited(home)[1][0]


def test_a_run_that_broke_off_between_line_and_head_is_no_change(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(register, "_seal", broken_off)
        register.record(home, "detail", purpose="broken off")
    assert audited(home) == (0, [])
    register.record(home, "detail", purpose="the next one")
    assert audited(home) == (0, [])


def test_lines_without_a_head_behind_them_are_told(home: Home) -> None:
    head = register.head_of(home).read_bytes()
    for _ in range(2):
        register.record(home, "detail", purpose="forged")
    register.head_of(home).write_bytes(head)
    assert audited(home) == (1, ["lines from 6 on were not written by bassline"])


def test_a_register_of_an_earlier_version_goes_on(home: Home) -> None:
    register.head_of(home).unlink()
    old, before = [], register.FIRST
    for number in range(3):
        entry = {"at": "2026-01-05", "user": "ann", "purpose": f"ticket {number}", "previous": before}
        old.append(json.dumps(entry))
        before = register._hash(old[-1].encode())
    register.register_of(home).write_text("".join(f"{line}\n" for line in old))
    assert audited(home) == (0, [])
    register.record(home, "detail", purpose="the first sealed one")
    assert audited(home) == (0, [])
    change(home, lambda lines: lines[:2])
    assert audited(home) == (1, ["lines 3 to 4 were cut off"])
