"""Bytes that are no text, or another text than was meant."""

import pytest

from tests.bad_input.case import Breaks, Case, Loaded, Refused, Yard, call, value, yard
from tests.engine.landed import CALL, lines, row

HEAD = "no,amount,text\n"
COMPANY = "泉安鲁泰机械制造有限公司"
TAIPEI = "臺灣大哥大"
UTF8_THEN_BYTES = f"{HEAD}1,10.50,語\n".encode() + b"2,10.50,\xff\xfe\n3,10.50,b\n"
ZERO_WIDTH = "138\u200b00000001"
FULL_WIDTH = "１３８０００００００１"
TURNED = "\u202e10000000831"
PLAIN_NUMBER = {
    "sql": "regexp_replace(regexp_replace(translate(value, '０１２３４５６７８９＋', '0123456789+'), "
    "'[^0-9+]', '', 'g'), '^([+]|00)?86', '')",
    "type": "varchar",
}
PLAIN_NAME = {"sql": "lower(translate(value, 'ＡＣＭＥ（）', 'ACME()'))", "type": "varchar"}
ID = {"columns": {"no": {"type": "bigint"}, "value": {"type": "varchar"}}, "derive": {"plain": PLAIN_NUMBER}}


def text(*words: str) -> str:
    """Rows numbered from 1 of which the last column is the word."""
    return HEAD + "".join(f"{n},10.50,{word}\n" for n, word in enumerate(words, 1))


def rows(*words: str) -> list[tuple[int, str, str]]:
    return [(n, "10.50", word) for n, word in enumerate(words, 1)]


def chinese(*encodings: str) -> bytes:
    """Rows with the name of a company, each in the encoding given."""
    return HEAD.encode() + b"".join(f"{n},10.50,{COMPANY}\n".encode(e) for n, e in enumerate(encodings, 1))


def number(n: int, what: str, written: str, plain: str) -> Case:
    """A phone number as written, and the plain one that the contract derives from it."""
    return Case(n, what, f"no,value\n1,{written}\n", Loaded([(written, plain)]), 1, ID, "value, plain")


CASES = [
    Case(25, "a byte order mark", b"\xef\xbb\xbf" + text("a").encode(), Loaded(rows("a")), 1),
    Case(25, "a byte order mark before quotes", b'\xef\xbb\xbf"no","amount","text"\n1,10.50,a\n', Loaded(rows("a")), 1),
    Case(26, "GBK where UTF-8 is declared", text(*[COMPANY] * 11).encode("gbk"),
         Refused("none of the 11 rows with such characters is utf-8, as the contract declares"), 11),
    Case(26, "GB18030, declared", text(COMPANY, "a", "㐀").encode("gb18030"), Loaded(rows(COMPANY, "a", "㐀")),
         table={"encoding": "gb18030"}),
    Case(26, "Big5, declared", text(TAIPEI, "a").encode("big5"), Loaded(rows(TAIPEI, "a")), 2, {"encoding": "big5"}),
    Case(26, "Big5 where UTF-8 is declared", text(TAIPEI, TAIPEI).encode("big5"),
         Refused("none of the 2 rows with such characters is utf-8"), 2),
    Case(26, "UTF-8 where GB18030 is declared", chinese("utf-8", "utf-8"),
         Refused("none of the 2 lines with such characters is gb18030, as the contract declares; send the file"),
         2, {"encoding": "gb18030"}),
    Case(27, "UTF-16, declared", text("語").encode("utf-16"), Loaded(rows("語")), 1, {"encoding": "utf-16"}),
    Case(27, "UTF-16 with carriage returns, declared", text("語").replace("\n", "\r\n").encode("utf-16-be"),
         Loaded(rows("語")), 1, {"encoding": "utf-16-be"}),
    Case(27, "UTF-16 where UTF-8 is declared", text("a").encode("utf-16"), Refused("none is a column"), 1),
    Case(27, "UTF-8 where UTF-16 is declared", text("a"), Refused("not utf-16"), 1, {"encoding": "utf-16-le"}),
    Case(27, "UTF-16 cut within a character", text("a").encode("utf-16-le")[:-1], Refused("not utf-16-le at byte"), 1,
         {"encoding": "utf-16-le"}),
    Case(28, "Latin-1 where UTF-8 is declared", text("café", "a", "naïve").encode("latin-1"),
         Refused("none of the 2 rows with such characters is utf-8, as the contract declares; send the file in that")),
    Case(28, "one row of Latin-1 where UTF-8 is declared", text("a", "café", "b").encode("latin-1"),
         Loaded([(1, "10.50", "a"), (3, "10.50", "b")], [(2, None, "encoding")])),
    Case(28, "Latin-1, declared", text("café").encode("latin-1"), Loaded(rows("café")), 1, {"encoding": "latin-1"}),
    Case(29, "one row in other bytes among UTF-8", UTF8_THEN_BYTES,
         Loaded([(1, "10.50", "語"), (3, "10.50", "b")], [(2, None, "encoding")])),
    Case(29, "one row in UTF-8 among GB18030", chinese("gb18030", "utf-8", "gb18030"),
         Loaded([(1, "10.50", COMPANY), (3, "10.50", COMPANY)], [(2, None, "encoding")]),
         table={"encoding": "gb18030"}),
    Case(29, "one row that is no GB18030", text("语音").encode("gb18030") + b"2,1,\x81\x20\xff\n3,10.50,b\n",
         Loaded([(1, "10.50", "语音"), (3, "10.50", "b")], [(2, None, "encoding")]), table={"encoding": "gb18030"}),
    Case(29, "more rows in other bytes than the limit allows",
         text(*["語"] * 20).encode() + b"".join(b"%d,1,\xff\n" % n for n in range(11)),
         Refused(r"11 of 31 rows break the contract, at most 10 may, and not all \(encoding: 11\)"), 31),
    value(30, "a NUL in a text", "varchar", "138\x000000001", Breaks("nul byte")),
    value(30, "a NUL in a number", "bigint", "1\x002", Breaks("nul byte")),
    call(30, "a NUL in a phone number", ("msisdn", "nul byte"), msisdn="138\x000000001"),
    Case(30, "a NUL in the header", "no\x00,amount,text\n1,1,a\n", Refused(r"the header lacks 'no'"), 1),
    call(31, "a space of no width in a phone number", ("msisdn", "pattern"), msisdn=ZERO_WIDTH),
    call(31, "a phone number turned around", ("msisdn", "pattern"), msisdn=TURNED),
    value(31, "marks in a free text", "varchar", "a\u200b\u202eb\x07", "a\u200b\u202eb\x07"),
    # Ids are not mended unasked: the contract derives the plain form, and core joins on that.
    number(31, "a space of no width, derived plain", ZERO_WIDTH, "13800000001"),
    number(61, "a phone number with +86, derived plain", "+8613800000001", "13800000001"),
    number(61, "a phone number with 0086, derived plain", "008613800000001", "13800000001"),
    number(61, "a phone number with 86 and blanks, derived plain", "86 138 0000 0001", "13800000001"),
    number(61, "a phone number of full width, derived plain", FULL_WIDTH, "13800000001"),
    call(61, "a phone number of full width", ("msisdn", "pattern"), msisdn=FULL_WIDTH),
    call(61, "a phone number with +86", ("msisdn", "pattern"), msisdn="+8613800000001"),
    value(63, "a name in characters of full width", "varchar", "ＡＣＭＥ（中国）", "ＡＣＭＥ（中国）"),
    Case(63, "a name in characters of full width, derived for joins", "no,value\n1,ＡＣＭＥ（中国）\n",
         Loaded([("acme(中国)",)]), 1, ID | {"derive": {"plain": PLAIN_NAME}}, "plain"),
    Case(29, "a file of calls in UTF-16", lines(row(1)).decode().encode("utf-16"), Loaded([(1,)]), 1,
         CALL | {"encoding": "utf-16"}, "call_no"),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_encodings(case: Case, ingested: Yard) -> None:
    ingested.check(case)
