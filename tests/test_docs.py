"""What the documents show works as shown: every command runs, the answer is the true one, every path exists."""

import re
from pathlib import Path

import pytest

from pipelines.engine.home import PROJECT, Home
from tests.readme import README, answered, run, shown, tiny_home

COMMANDS = re.findall(r"^\.venv/bin/bassline .*", README.read_text(), re.MULTILINE)
SAFE = [command for command in COMMANDS if " night" not in command]
TARGETS = set(re.findall(r"`?make ([a-z]+)", README.read_text() + (PROJECT / "CONTRIBUTING.md").read_text()))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return tiny_home(tmp_path_factory.mktemp("readme"))


@pytest.mark.parametrize("command", SAFE)
def test_every_command_of_the_readme_runs(command: str, home: Home) -> None:
    answer = run(command, home)

    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_answer_in_the_readme_is_the_true_one(home: Home) -> None:
    command, answer = shown()

    assert run(command, home).stdout == answer, "`make readme` writes the answer anew"


def test_every_target_named_is_a_target() -> None:
    makefile = (PROJECT / "Makefile").read_text()

    assert {target for target in TARGETS if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_folder_named_is_there(document: str) -> None:
    text = Path(PROJECT / document).read_text()
    named = re.findall(r"`((?:pipelines|marts|models|quality|tests|benchmarks)/[^`<*]*)[`<]", text)
    made = {name for name in named if f"`{name}`:" in text or "roaming" in name}  # by whoever follows the document

    assert not [name for name in named if name not in made and not (PROJECT / name).exists()]


def test_answers_stand_below_questions_and_one_that_nothing_answers_has_none(home: Home, tmp_path: Path) -> None:
    one, none = "```sql\nselect 1 as one\n```\n", "```sql\nselect 1 as one where false\n```\n"
    document = tmp_path / "README.md"
    document.write_text(f"1. One?\n\n{one}\n2. None?\n\n{none}\n```text\nof before\n```\n\nEnd.\n")

    told = answered(document, home)

    assert told == f"1. One?\n\n{one}\n```text\none\n---\n  1\n```\n\n2. None?\n\n{none}\nEnd.\n"
    document.write_text(told)
    assert answered(document, home) == told
