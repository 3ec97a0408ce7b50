"""Headers, delimiters, quotes and line ends."""

import pytest

from tests.bad_input.case import Case, Loaded, Refused, Yard, call, yard
from tests.engine.landed import CALL, HEADER, lines, row

HEAD = "no,amount,text\n"
TWO = f"{HEAD}1,10.50,a\n2,10.50,b\n"
A, B = (1, "10.50", "a"), (2, "10.50", "b")
UNCLOSED = f'{HEAD}1,10.50,a\n2,10.50,"b\n3,1,c\n4,1,d\n'
EMPTY = Refused("is empty and nothing says that it should be")
NO_ROWS = Loaded([], note="no rows, as the manifest says")
NOTE = {"columns": {"no": {"type": "bigint", "required": True}, "text": {"type": "varchar"}}}

CASES = [
    Case(1, "nothing in the file", "", Refused("promises 3 rows, the file holds 0")),
    Case(1, "nothing, as the manifest says", "", NO_ROWS, 0),
    Case(1, "nothing, and no manifest", "", EMPTY, None),
    Case(2, "a header alone", HEAD, Refused("promises 3 rows, the file holds 0")),
    Case(2, "a header alone, as the manifest says", HEAD, NO_ROWS, 0),
    Case(2, "a header alone, and no manifest", HEAD, EMPTY, None),
    Case(3, "no header", "1,10.50,a\n2,10.50,b\n",
         Refused("the first line has 3 fields and none is a column; expected a header: no, amount, text"), 2),
    Case(4, "columns in another order", "text,no,amount\na,1,10.50\n",
         Loaded([A], note="columns in another order than the contract's"), 1),
    Case(4, "columns of like values in another order", "text,amount,no\n3,1,2\n",
         Loaded([(2, "1.00", "3")], note="columns in another order"), 1),
    Case(5, "other letters and blanks", "NO, Amount ,text\n1,10.50,a\n",
         Loaded([A], note="in other letters than the contract's, such as 'NO'"), 1),
    Case(6, "a column twice", "no,amount,amount,text\n1,2,3,a\n",
         Refused("the header names 'amount' twice; each column once"), 1),
    Case(6, "a call file with a column twice", lines(header=HEADER.replace("imei", "msisdn")),
         Refused("the header names 'msisdn' twice"), 0, CALL),
    Case(7, "a column too many", "no,amount,text,colour\n1,10.50,a,red\n",
         Loaded([A], note="'colour'"), 1),
    Case(8, "a required column too few", "amount,text\n10.50,a\n",
         Refused("the header lacks 'no'; expected no, amount, text; deliver the column or change the contract"), 1),
    Case(8, "a column too few that may be absent", "no,text\n1,a\n",
         Loaded([(1, None, "a")], note="the header lacks 'amount', which may be absent; loaded without its values"), 1),
    Case(8, "a call file without the time by which it is dated",
         lines("1,13800000001,86000000000001,60,0.10,voice", header=HEADER.replace("start_at,", "")),
         Refused("the header lacks 'start_at'"), 1, CALL),
    Case(9, "a row of too few fields", f"{HEAD}1,10.50,a\n2\n2,10.50,b\n",
         Loaded([A, B], [(2, None, "too few fields")])),
    Case(10, "a row of too many fields", f"{HEAD}1,10.50,a\n2,10,50,b\n2,10.50,b\n",
         Loaded([A, B], [(2, None, "too many fields")])),
    call(10, "a call with a field too many", (None, "too many fields"), service="voice,more"),
    Case(15, "decimal commas and semicolons", "no;amount;text\n1;10,50;a\n",
         Refused("the first line has 1 fields and none is a column"), 1),
    Case(15, "decimal commas below the header", f"{HEAD}1,10,50,a\n2,10,50,b\n",
         Refused(r"2 of 2 rows break the contract.*\(too many fields: 2\)"), 2),
    Case(16, "another delimiter", TWO.replace(",", "|"),
         Refused("the first line has 1 fields and none is a column"), 2),
    Case(16, "a call file with another delimiter", lines(row(1)).replace(b",", b";"),
         Refused("the first line has 1 fields and none is a column"), 1, CALL),
    Case(16, "another delimiter below the header", f"{HEAD}1|10.50|a\n2|10.50|b\n",
         Refused(r"2 of 2 rows .*\(too few fields: 2\)"), 2),
    Case(16, "a delimiter of two characters, declared", TWO.replace(",", "||"), Loaded([A, B]), 2, {"delimiter": "||"}),
    Case(16, "a semicolon, declared", TWO.replace(",", ";"), Loaded([A, B]), 2, {"delimiter": ";"}),
    Case(32, "newlines, delimiters and quotes in quotes", f'{HEAD}1,10.50,"two\nlines, one ""row"""\n2,10.50,b\n',
         Loaded([(1, "10.50", 'two\nlines, one "row"'), B]), 2),
    Case(32, "rows are numbered behind newlines in quotes", 'no,text\n1,"two\nlines"\n2,b\nx,bad\n3,c\n',
         Loaded([(1, "two\nlines", 1), (2, "b", 2), (3, "c", 4)], [(3, "no", "type")]), 4, NOTE, "no, text, row_no"),
    # The reject counts as a row or is forgotten, by how many files DuckDB reads at once; rows are missing either way.
    Case(33, "a quote never closed", UNCLOSED, Refused("promises 4 rows, the file holds [12]; rows are missing"), 4),
    Case(33, "a quote never closed in the last row, and no manifest", f'{HEAD}1,10.50,a\n2,10.50,"b\n',
         Loaded([A], [(2, None, "quote")]), None),
    Case(33, "a call with a quote never closed", lines(row(1), f'2,"{row(2)}', row(3), row(4)),
         Refused("promises 4 rows, the file holds [12]"), 4, CALL),
    Case(33, "a quote never closed, and no manifest", UNCLOSED,
         Refused("a quote opened in row 2 is never closed, the rows behind it are lost; send it again"), None),
    Case(33, "a quote closed too early", f'{HEAD}1,10.50,a\n2,10.50,"b" c\n2,10.50,b\n',
         Loaded([A, B], [(2, None, "quote")])),
    Case(33, "a quote within a value", f'{HEAD}1,10.50,a "b" c\n', Loaded([(1, "10.50", 'a "b" c')]), 1),
    Case(33, "quotes that mean nothing, declared", f'{HEAD}1,10.50,"a\n2,10.50,b"\n',
         Loaded([(1, "10.50", '"a'), (2, "10.50", 'b"')]), 2, {"quote": ""}),
    Case(34, "carriage returns", TWO.replace("\n", "\r\n"), Loaded([A, B]), 2),
    Case(34, "carriage returns alone", TWO.replace("\n", "\r"), Loaded([A, B]), 2),
    Case(35, "carriage returns in some lines", TWO.replace("\n", "\r\n", 1), Loaded([A, B]), 2),
    Case(35, "blank lines between and behind", f"{HEAD}1,10.50,a\n\n2,10.50,b\n\n\n", Loaded([A, B]), 2),
    Case(36, "a line of three megabytes", lines(row(1), row(2, service="x" * 3_000_000), row(3)),
         Loaded([(1,), (3,)], [(2, None, "line too long")]), table=CALL, shown="row_no"),
    Case(36, "a first line of 200 kilobytes", "x" * 200_000 + "\n", Refused("the first line is no header"), 1),
    Case(37, "cut, as the manifest's bytes tell", TWO[:-5],
         Refused("manifest says 35 bytes, found 30; the file is cut or still being written, send it again"), 2,
         promise={"bytes": 35}),
    Case(37, "cut, and no manifest", TWO[:-5],
         Refused("ends within row 2, the file is cut or still being written; send it again"), None),
    Case(37, "cut between rows, and no manifest to tell", TWO[: -len("2,10.50,b\n")], Loaded([A]), None),
    Case(37, "no newline at the end", TWO.removesuffix("\n"), Loaded([A, B]), 2),
    Case(37, "no newline at the end, and no manifest", TWO.removesuffix("\n"), Loaded([A, B]), None),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lines(case: Case, ingested: Yard) -> None:
    ingested.check(case)
