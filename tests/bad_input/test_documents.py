"""JSON lines, JSON documents, fixed width, workbooks and database files that are not what they should be."""

import io
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.bad_input.case import Case, Loaded, Refused, Yard, yard

COLUMNS: dict[str, Any] = {
    "no": {"type": "bigint", "required": True},
    "amount": {"type": "decimal(18,2)"},
    "text": {"type": "varchar"},
}
LINES = {"format": "jsonl"}
DOCUMENT = {"format": "json", "relation": "rows"}
SHEET = {"format": "excel", "relation": "rows"}
DATABASE = {"format": "sqlite", "relation": "rows"}
DAYS = {"columns": {"no": {"type": "bigint"}, "text": {"type": "date"}}}
FIXED = {
    "format": "fixed",
    "columns": {"no": {"type": "bigint", "width": 3}, "text": {"type": "varchar", "width": 4}},
}
A, C = (1, "10.50", "a"), (3, "10.50", "c")
FIRST, LAST = '{"no": 1, "amount": 10.50, "text": "a"}\n', '{"no": 3, "amount": "10.50", "text": "c"}\n'
DEEP = "[" * 10_000 + "]" * 10_000
WIDE = "123456789012345.67"  # seventeen digits; a double holds fifteen
WIDER = "1234567890123456.78"


def line(number: int, what: str, middle: str, rule: tuple[str | None, str] | None, row: object = None) -> Case:
    """Three JSON lines, of which the middle one is quarantined by the rule or loaded as the row."""
    expect = Loaded([A, C], [(2, *rule)]) if rule else Loaded([A, row, C])  # ty: ignore
    return Case(number, what, f"{FIRST}{middle}\n{LAST}", expect, table=LINES)


def sheet(*rows: tuple[Any, ...], name: str = "rows") -> bytes:
    """A workbook with header and rows; a text that begins with = is a formula, as in a spreadsheet."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        made = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for at, value in enumerate(row):
                if value == "=1/0":
                    made.write_formula(number, at, value, None, "#DIV/0!")
                else:
                    made.write(number, at, value)
    return buffer.getvalue()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def lying(size: int) -> bytes:
    """A workbook with a sheet of so many bytes whose directory says that it has one."""
    made = zipped(**{"xl/worksheets/sheet1.xml": b" " * size})
    return made.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little"))


def database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.sqlite"
        connection = sqlite3.connect(path)
        connection.executescript(";".join(statements))
        connection.close()
        return path.read_bytes()


TABLE = "create table rows (no, amount, text)"
HEADER = ("no", "amount", "text")

CASES = [
    line(73, "a line that is no JSON", '{"no": 2', (None, "structure")),
    line(73, "a line that is no object", "5", (None, "structure")),
    Case(73, "an empty line is no row", f"{FIRST}\n{LAST}", Loaded([A, C]), 2, LINES),
    line(73, "a key twice", '{"no": 2, "no": 4, "text": "b"}', (None, "structure")),
    line(73, "ten thousand brackets", f'{{"no": 2, "text": {DEEP}}}', None, (2, None, DEEP)),
    line(73, "ten thousand objects in a number", f'{{"no": {"[" * 10_000}{"]" * 10_000}}}', ("no", "type")),
    line(73, "26 digits in a whole number", f'{{"no": {"1" * 26}}}', ("no", "type")),
    line(73, "a text of 26 digits", f'{{"no": 2, "text": {"1" * 26}}}', None, (2, None, "1" * 26)),
    line(73, "an amount of fifteen digits", '{"no": 2, "amount": 1234567890123.45}', None,
         (2, "1234567890123.45", None)),
    line(73, "an amount that a double does not hold", f'{{"no": 2, "amount": {WIDER}}}', ("amount", "precision")),
    line(73, "an amount as text", f'{{"no": 2, "amount": "{WIDER}"}}', None, (2, WIDER, None)),
    line(73, "no number", '{"no": 2, "amount": NaN}', ("amount", "type")),
    line(73, "half a character", '{"no": 2, "text": "\\ud800"}', (None, "structure")),
    line(73, "NUL as an escape", '{"no": 2, "text": "x\\u0000y"}', ("text", "nul byte")),
    Case(73, "lines cut in the last one", FIRST + LAST[:-9], Refused("manifest says 79 bytes"), 2, LINES,
         promise={"bytes": 79}),
    Case(73, "lines cut in the last one, and no manifest", FIRST + LAST[:-9], Refused("ends within row 2"), None,
         LINES),
    Case(73, "nothing but lines of no JSON", "a\nb\n", Refused("2 of 2 rows break the contract.*structure: 2"), 2,
         LINES),
    Case(73, "a document", f'{{"rows": [{FIRST}, {LAST}]}}', Loaded([A, C]), 2, DOCUMENT),
    Case(73, "a document cut", '{"rows": [', Refused("not valid JSON"), 1, DOCUMENT),
    Case(73, "a document without the rows", '{"lines": []}', Refused("no list 'rows' at the top"), 0, DOCUMENT),
    Case(73, "a document of ten thousand brackets", DEEP, Refused("not valid JSON"), 1, DOCUMENT),
    Case(73, "a document with a key twice", '{"rows": [], "rows": []}', Refused("the key 'rows' is there twice"), 0,
         DOCUMENT),
    Case(73, "a document with exact amounts", f'{{"rows": [{{"no": 1, "amount": {WIDER}}}]}}',
         Loaded([(1, WIDER, None)]), 1, DOCUMENT),
    Case(73, "a document with five thousand digits", f'{{"rows": [{{"no": {"1" * 5000}}}, {FIRST}]}}',
         Loaded([A], [(1, "no", "type")]), 2, DOCUMENT),
    Case(37, "fixed width, a short line", "  1a   \n  2\n  3c   \n",
         Loaded([(1, "a"), (3, "c")], [(2, None, "structure")]),
         table=FIXED, shown="no, text"),
    Case(37, "fixed width, a line that is one odd byte", "  1a   \n\x03\n  3c   \n",
         Loaded([(1, "a"), (3, "c")], [(2, None, "structure")]), table=FIXED, shown="no, text"),
    Case(45, "a workbook that is no zip", b"no workbook", Refused("not a readable workbook"), 1, SHEET),
    Case(45, "a workbook cut", sheet(HEADER, (1, 2, "a"))[:500], Refused("not a readable workbook"), 1, SHEET),
    Case(45, "a workbook without the sheet", sheet(HEADER, name="other"),
         Refused("no sheet 'rows'; the workbook has other"), 1, SHEET),
    Case(44, "a workbook that unpacks too far", zipped(**{"xl/worksheets/sheet1.xml": b" " * 50_000_000}),
         Refused("unpacks to more than 100 times its size"), 1, SHEET),
    Case(44, "a workbook that lies about how far it unpacks", lying(50_000_000), Refused("damaged"), 1, SHEET),
    Case(45, "a workbook with names that lead outside", zipped(**{"../../evil": b"x", "/etc/evil": b"x"}),
         Refused("not a readable workbook"), 1, SHEET),
    Case(18, "a workbook's numbers and texts", sheet(HEADER, (1, 10.5, "a"), (3, "10.50", "=1+1")),
         Loaded([A, (3, "10.50", "0")]), 2, SHEET),
    Case(18, "a workbook's error in a cell", sheet(HEADER, (1, 10.5, "a"), (2, "=1/0", "b"), (3, 10.5, "c")),
         Loaded([A, C], [(2, "amount", "type")]), 3, SHEET),
    Case(46, "no database", b"no database", Refused("table 'rows' cannot be read"), 1, DATABASE),
    Case(46, "a database cut", database(TABLE, "insert into rows values (1, '10.50', 'a')")[:4096],
         Refused("table 'rows' cannot be read"), 1, DATABASE),
    Case(46, "a database with bytes for a text",
         database(TABLE, "insert into rows values (1, 10.5, 'a'), (2, 1, x'ff00')"),
         Refused("column 'text' holds bytes"), 2, DATABASE),
    Case(66, "SQL for a table's name", database(TABLE), Refused("table '.* cannot be read"), 0,
         DATABASE | {"relation": 'rows" where 1; drop table rows; --'}),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_documents(case: Case, ingested: Yard) -> None:
    ingested.check(case)
