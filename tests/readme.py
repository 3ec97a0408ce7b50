"""The answers that documents show: README.md's of a tiny operator, those below marts/ and models/ of the demo's.

`make readme` runs all queries anew and writes the answers below them. A question that nothing answers, because nobody
fitted the model or froze a list, stands without one.
"""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.commands.rows import table_lines
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import run_nights
from pipelines.engine.sandbox import bounded, reading, select
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

README = PROJECT / "README.md"
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 3)
MODULES = sorted(PROJECT.glob("marts/*/README.md"))
MODELS = sorted(PROJECT.glob("models/*/README.md"))
QUESTION = re.compile(r"```sql\n(.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)
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


def questions(document: Path) -> list[str]:
    """The queries of a module's or a model's README."""
    return QUESTION.findall(document.read_text())


def answered(document: Path, home: Home) -> str:
    """The document with the answer of a home below each of its queries that has one."""

    def one(found: re.Match[str]) -> str:
        with bounded(), reading(home) as connection:
            answer = select(connection, found[1])
            names, rows = [column[0] for column in answer.description or ()], answer.fetchall()
        told = "\n".join(table_lines(names, rows))
        return f"```sql\n{found[1]}```\n" + (f"\n```text\n{told}\n```\n" if rows else "")

    return QUESTION.sub(one, document.read_text())


def main() -> None:
    with TemporaryDirectory() as folder:
        command, old = shown()
        answer = run(command, tiny_home(Path(folder))).stdout
    README.write_text(README.read_text().replace(f"```text\n{old}```", f"```text\n{answer}```"))
    demo = Home.default()
    if not demo.current.exists():
        sys.exit(
            f"{demo.root}: holds no published run; `make demo` makes the operator whose answers marts and models show"
        )
    for document in [*MODULES, *MODELS]:
        document.write_text(answered(document, demo))


if __name__ == "__main__":
    main()
