"""The tiny operator whose answers README.md shows; `make readme` runs its query anew and writes the answer there."""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import run_nights
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

README = PROJECT / "README.md"
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 3)
BLOCK = re.compile(r"```sh\n(\.venv/bin/bassline query [^\n]*)\n```\n\n```text\n(.*?)```\n", re.DOTALL)


def tiny_home(root: Path) -> Home:
    """300 subscribers, three days, published."""
    synthesise(Settings(subscribers=300, days=3, end=LAST, out=root))
    home = Home(root).prepared()
    report = run_nights(home, FIRST, LAST)
    assert report.status == "published", report.failures
    return home


def run(command: str, home: Home) -> subprocess.CompletedProcess[str]:
    """A command of the documents as it is written, on another home."""
    words = shlex.split(command, comments=True)
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *words[1:]],
        cwd=PROJECT, env=os.environ | {"BASSLINE_HOME": str(home.root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def shown() -> tuple[str, str]:
    """The query of README.md and the answer below it."""
    found = BLOCK.search(README.read_text())
    assert found, "README.md shows a `bassline query` in a sh block, and its answer in a text block"
    return found[1], found[2]


def main() -> None:
    with TemporaryDirectory() as folder:
        command, old = shown()
        answer = run(command, tiny_home(Path(folder))).stdout
    README.write_text(README.read_text().replace(f"```text\n{old}```", f"```text\n{answer}```"))


if __name__ == "__main__":
    main()
