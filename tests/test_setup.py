"""Setting up says plainly what is missing: Python, the network, the disk. Run for real, in a copy of the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.engine.home import PROJECT

UNREACHABLE = {"PIP_INDEX_URL": "https://127.0.0.1:1/simple", "PIP_RETRIES": "0", "PIP_DEFAULT_TIMEOUT": "1"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the set-up reads of a checkout."""
    (tmp_path / ".ci").mkdir()
    for name in (".ci/setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    return tmp_path


def instead(checkout: Path, command: str, script: str) -> None:
    """A command that the set-up finds before the real one."""
    path = checkout / "bin" / command
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def setup(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [checkout / ".ci" / "setup"], env={**os.environ, "PATH": path, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_without_network_it_says_so_and_what_to_do(checkout: Path) -> None:
    done = setup(checkout, **UNREACHABLE, PIP_CACHE_DIR=str(checkout / "cache"))

    assert done.returncode == 1
    assert "is the network (or the proxy) up? Then run make again" in done.stderr
    assert not (checkout / ".venv" / ".ready").exists()


def test_an_old_python_is_refused_before_anything_is_made(checkout: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        instead(checkout, name, "exit 1")

    done = setup(checkout, PYTHON="")

    assert done.returncode == 1
    assert "Python 3.11 or newer with its venv module is missing" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_disk_with_too_little_room_is_told_before_anything_is_downloaded(checkout: Path) -> None:
    instead(checkout, "df", "echo 'Filesystem 1024-blocks Used Available'; echo '/dev/sda1 9000000 8900000 102400'")

    done = setup(checkout)

    assert done.returncode == 1
    assert "only 100 MB of disk are free" in done.stderr
    assert not (checkout / ".venv" / "bin").exists()


def test_a_disk_that_fills_up_on_the_way_is_told(checkout: Path) -> None:
    instead(
        checkout, "fullpython",
        'case "$*" in *ensurepip*) exit 0;; --version) echo Python 3.11;;\n'
        "*) echo 'OSError: [Errno 28] No space left on device' >&2; exit 1;; esac",
    )  # fmt: skip

    done = setup(checkout, PYTHON=str(checkout / "bin" / "fullpython"))

    assert done.returncode == 1
    assert "the disk is full; about 2 GB are needed" in done.stderr
