"""Prints the rows of a query: as an aligned table for people, as CSV or JSON for machines."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import typer

from pipelines.commands.data import Format

SHOWN = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show(found: duckdb.DuckDBPyConnection, format: Format) -> None:
    names = [column[0] for column in found.description or ()]
    match format:
        case Format.TABLE:
            show_table(names, found.fetchmany(SHOWN + 1))
        case Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(names)
            while rows := found.fetchmany(10_000):
                writer.writerows([harmless(value) for value in row] for row in rows)
        case Format.JSON:
            separator = "["
            while rows := found.fetchmany(10_000):
                for row in rows:
                    entry = json.dumps(dict(zip(names, row, strict=True)), default=plain, ensure_ascii=False)
                    sys.stdout.write(f"{separator}\n {entry}")
                    separator = ","
            sys.stdout.write("\n]\n" if separator == "," else "[]\n")


def show_table(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    for line in table_lines(names, rows):
        typer.echo(line)


def table_lines(names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Columns as wide as their widest value; numbers to the right."""
    texts = [[text(value) for value in row] for row in rows[:SHOWN]]
    widths = [max(len(name), *(len(row[at]) for row in texts), 0) for at, name in enumerate(names)]
    numeric = [any(isinstance(row[at], int | float | Decimal) for row in rows) for at in range(len(names))]
    for line in (names, ["-" * width for width in widths], *texts):
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        yield "  ".join(cells).rstrip()
    if len(rows) > SHOWN:
        yield f"... the first {SHOWN} rows; --format csv prints them all"


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
