"""The table of bad inputs is whole: every number from 1 to 75 has a case, in a list or as a test of its own."""

import importlib
import re
from pathlib import Path

FOLDER = Path(__file__).parent


def numbers() -> set[int]:
    found: set[int] = set()
    for path in FOLDER.glob("test_*.py"):
        module = importlib.import_module(f"{__package__}.{path.stem}")
        found |= {case.number for case in getattr(module, "CASES", ())}
        for name in vars(module):
            told = re.match(r"test((?:_\d\d)+)_", name)
            found |= set(map(int, told[1].split("_")[1:])) if told else set()
    return found


def test_every_case_is_tried() -> None:
    assert set(range(1, 76)) - numbers() == set()
