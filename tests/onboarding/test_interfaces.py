"""The next interface is cheap: 180 of them load in seconds, and a delivery costs little beside its reading."""

import re
from pathlib import Path

from benchmarks.interfaces import INTERFACES, declare, definitions, lines, stage


def test_the_definitions_of_180_interfaces_load_within_five_seconds(tmp_path: Path) -> None:
    declare(tmp_path, INTERFACES)
    stage(tmp_path)
    seconds, tables = definitions(tmp_path)

    assert tables == INTERFACES
    assert seconds < 5


def test_a_delivery_costs_at_most_50_ms_beside_the_reading_of_its_rows(tmp_path: Path) -> None:
    beside = next(line.note for line in lines(tmp_path, 100) if line.note)
    found = re.match(r"([\d.]+) ms per delivery", beside)

    assert found and float(found[1]) <= 50
