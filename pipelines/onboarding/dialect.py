"""How the lines of a delimited file are cut: delimiter, quote, header, trailer."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|", "||", "\x01")
LOOKED_AT = 500
VALUE = re.compile(r"[+-]?\d[\d.,:/ T+-]*Z?")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Dialect:
    """`names` are the header's fields, or numbered ones without a header. `trailer` is a contract's template."""

    delimiter: str
    quote: str
    has_header: bool
    names: tuple[str, ...]
    trailer: str | None


def dialect_of(lines: Sequence[str], *, is_whole: bool) -> Dialect:
    """The dialect that cuts most lines evenly and finest; a file of one column has the delimiter ','."""
    shown = [line for line in lines[:LOOKED_AT] if line]
    is_doubled = any("||" in line for line in shown) and not any("|" in line.replace("||", "") for line in shown)
    possible = [delimiter for delimiter in DELIMITERS if delimiter != "|" or not is_doubled]
    ranked = [(*evenness(shown, delimiter, quote), delimiter, quote) for delimiter in possible for quote in ('"', "")]
    *_, delimiter, quote = max(ranked, key=lambda rank: rank[:2])  # the first of equals: comma, with quotes
    rows = cut(shown, delimiter, quote)
    has_header = is_header(rows)
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    names = tuple(rows[0]) if has_header else tuple(f"column_{n + 1}" for n in range(width))
    trailer = None
    if is_whole and len(lines) > 1 and len(cut(lines[-1:], delimiter, quote)[0]) != width:
        trailer = trailer_of(lines[-1], rows=len(lines) - 1 - has_header, names=names)
    return Dialect(delimiter, quote, has_header, names, trailer)


def evenness(lines: Sequence[str], delimiter: str, quote: str) -> tuple[float, int]:
    """The share of lines with the most frequent number of fields if that is above one, in tenths; and that number."""
    widths = Counter(map(len, cut(lines, delimiter, quote)))
    if not widths:
        return 0.0, 0
    width, count = widths.most_common(1)[0]
    return (round(count / widths.total(), 1), width) if width > 1 else (0.0, 1)


def cut(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in lines]
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, quotechar=quote or None, quoting=quoting)
    try:
        return list(reader)
    except csv.Error:
        return []


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Names: filled, different, no values themselves, and none of them a value further down in its own column."""
    if not rows:
        return False
    names = [field.strip() for field in rows[0]]
    if not all(names) or len(set(map(str.casefold, names))) < len(names) or any(map(VALUE.fullmatch, names)):
        return False
    return not any(
        name == row[place].strip() for row in rows[1:] for place, name in enumerate(names) if place < len(row)
    )


def trailer_of(line: str, *, rows: int, names: Sequence[str]) -> str | None:
    """A template such as `#TRAILER,rows={rows},sum_fee={fee}`, if one of the line's numbers is the number of rows."""
    template, end, is_counted = "", 0, False
    for found in NUMBER.finditer(line):
        word = re.findall(r"[A-Za-z_]+", line[: found.start()])[-1:] or ["number"]
        name = next((name for name in names if word[0].casefold() in (name.casefold(), f"sum_{name}".casefold())), None)
        if not is_counted and found[0] == str(rows):
            name, is_counted = "rows", True
        template += line[end : found.start()] + "{" + (name or f"{word[0].lower()}_{found.start()}") + "}"
        end = found.end()
    return template + line[end:] if is_counted else None
