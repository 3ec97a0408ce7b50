"""Small groups are hidden: fewer than K people, what in the same table gives them away, and small differences."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence

K = 10

Cell = tuple[Hashable, ...]
"""The dimensions of a figure."""


def hidden(people: Mapping[Cell, int], k: int = K) -> set[Cell]:
    """The cells to hide: groups of fewer than `k` people, and those from which they could be found by subtraction.

    A line is what agrees in all dimensions but one, so that a total over it may be known. What is hidden in a line is
    never one cell alone, and never fewer than `k` people together.
    """
    found = {cell for cell, size in people.items() if size < k}
    lines = _lines(people)
    grows = bool(found)
    while grows:
        grows = False
        for line in lines:
            gone = [cell for cell in line if cell in found]
            rest = sorted((people[cell], str(cell), cell) for cell in line if cell not in found)
            if gone and rest and (len(gone) == 1 or sum(people[cell] for cell in gone) < k):
                found.add(rest[0][2])
                grows = True
    return found


def _lines(people: Collection[Cell]) -> list[list[Cell]]:
    lines: dict[Hashable, list[Cell]] = defaultdict(list)
    for cell in people:
        for place in range(len(cell)):
            lines[place, cell[:place], cell[place + 1 :]].append(cell)
    return list(lines.values())


def too_close(now: Mapping[Cell, int], before: Mapping[Cell, int], k: int = K) -> list[Cell]:
    """The cells, or the whole as (), whose groups differ between two tables, but by fewer than `k` people."""
    found = [cell for cell in now if cell in before and 0 < abs(now[cell] - before[cell]) < k]
    return found or ([()] if 0 < abs(sum(now.values()) - sum(before.values())) < k else [])


def few_apart(now: Collection[int], before: Collection[int], k: int = K) -> int:
    """How many people are in one of two lists only, if they are fewer than `k`; else 0."""
    apart = len(set(now) ^ set(before))
    return apart if apart < k else 0


def redacted(rows: Sequence[tuple], dimensions: Sequence[int], people: int, k: int = K) -> tuple[list[tuple], int]:
    """The rows, in hidden ones only their dimensions; and how many are hidden."""
    sizes = {tuple(row[at] for at in dimensions): int(row[people] or 0) for row in rows}
    gone = hidden(sizes, k)
    shown = [
        tuple(value if at in dimensions else None for at, value in enumerate(row))
        if tuple(row[at] for at in dimensions) in gone else row
        for row in rows
    ]  # fmt: skip
    return shown, len(gone)
