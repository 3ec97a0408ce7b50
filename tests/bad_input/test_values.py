"""Numbers, texts, days and moments that are not what their column says."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.bad_input.case import Breaks, Case, Loaded, Refused, Yard, call, value, yard
from tests.engine.landed import CALL, lines, row

TYPE = Breaks("type")
MSISDN = {"type": "varchar", "pattern": "^[0-9]{11}$"}
IMSI = {"type": "varchar", "pattern": "^[0-9]{14,15}$"}
AMOUNT = "decimal(18,2)"
WIDE = "decimal(38,0)"
NO_DAY = {"type": "date", "missing": ["9999-12-31", "1900-01-01"]}
EPOCH = {"type": "timestamp", "epoch": "1970-01-01T00:00:00Z"}
SLASHES = {"type": "date", "format": "%d/%m/%Y"}
SHORT = {"type": "date", "format": "%Y-%m-%d"}
DASHES = {"type": "varchar", "missing": ["-", "NA"]}
NEW_YEAR = {"type": "timestamp", "format": "%Y-%m-%d %H:%M:%S%z"}


def noon(day: str) -> datetime:
    """Noon UTC of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00")


CASES = [
    value(11, "letters in a number", AMOUNT, "abc", TYPE),
    value(11, "letters in a whole number", "bigint", "x", TYPE),
    value(11, "a fraction in a whole number", "integer", "3.7", TYPE),
    value(11, "a hexadecimal number", "integer", "0x10", TYPE),
    value(11, "an exponent in a whole number", "integer", "1e3", TYPE),
    value(11, "underscores between digits", "integer", "1_000", TYPE),
    value(11, "thousands separators", "integer", "1,234", TYPE),
    value(11, "thousands separators in an amount", AMOUNT, "1,234.50", TYPE),
    value(11, "blanks between thousands", AMOUNT, "1 234.50", TYPE),
    value(11, "apostrophes between thousands", AMOUNT, "1'234.50", TYPE),
    value(11, "a currency before the amount", AMOUNT, "¥12.50", TYPE),
    value(11, "digits of full width in a number", AMOUNT, "１２.５０", TYPE),
    value(11, "a minus behind the amount", AMOUNT, "12.50-", TYPE),
    value(11, "an amount in brackets", AMOUNT, "(12.50)", TYPE),
    value(11, "a third decimal", AMOUNT, "1.239", Breaks("precision")),
    value(11, "a third decimal that is nothing", AMOUNT, "1.230", Decimal("1.23")),
    value(11, "blanks around a number", AMOUNT, " 5.00 ", Decimal("5.00")),
    value(11, "neither true nor false", "boolean", "perhaps", TYPE),
    call(11, "a call number that is none", ("call_no", "type"), no="x"),
    call(11, "a call of no number", ("call_no", "required"), no=""),
    call(11, "seconds with separators", ("duration_s", "type"), duration_s='"1,234"'),
    call(11, "a fee that is no number", ("fee_amt", "type"), fee_amt="abc"),
    call(11, "a service that is none", ("service", "values"), service="telegram"),
    call(11, "a service in quotes within", ("service", "values"), service='voi"ce"'),
    Case(11, "every duration in words", lines(*[row(n, duration_s="1 min") for n in range(20)]),
         Refused("20 of 20 rows break the contract, at most 10 may, and not all .type duration_s: 20"), 20, CALL),
    Case(11, "both rows bad in their own way", lines(row(1, duration_s=-1), row(2, fee_amt="x")),
         Refused("2 of 2 rows break the contract"), 2, CALL),
    value(12, "nothing, declared", "varchar", "\\N", None),
    value(12, "the word NULL, not declared", "varchar", "NULL", "NULL"),
    value(12, "the word NULL in a number", AMOUNT, "NULL", TYPE),
    value(12, "a word for nothing, declared", DASHES, "NA", None),
    value(13, "no number", AMOUNT, "NaN", TYPE),
    value(13, "no whole number", "integer", "NaN", TYPE),
    value(13, "infinity", AMOUNT, "Infinity", TYPE),
    value(13, "minus infinity", AMOUNT, "-inf", TYPE),
    value(13, "beyond any number", AMOUNT, "1e400", TYPE),
    value(14, "minus nothing", AMOUNT, "-0.00", Decimal("0.00")),
    value(14, "minus nothing, whole", "bigint", "-0", 0),
    value(15, "a decimal comma", AMOUNT, "10,50", TYPE),
    value(15, "points between thousands and a decimal comma", AMOUNT, "1.234,50", TYPE),
    value(17, "one more than 64 bits hold", "bigint", str(2**63), TYPE),
    value(17, "the most that 64 bits hold", "bigint", str(2**63 - 1), 2**63 - 1),
    value(17, "26 digits in a whole number", "bigint", "12345678901234567890123456", TYPE),
    value(17, "26 digits in a column as wide", WIDE, "1" * 26, Decimal("1" * 26)),
    value(17, "39 digits in a column of 38", WIDE, "1" * 39, TYPE),
    value(17, "more than 32 bits hold", "integer", "2147483648", TYPE),
    value(17, "26 digits for a phone number", MSISDN, "12345678901234567890123456", Breaks("pattern")),
    value(18, "a phone number from a spreadsheet", MSISDN, "8.6138E+12", Breaks("pattern")),
    call(18, "a caller from a spreadsheet", ("msisdn", "pattern"), msisdn="8.6138E+12"),
    value(19, "leading zeros in a text", "varchar", "007", "007"),
    value(20, "a day that never was", "date", "2025-02-30", TYPE),
    value(20, "a day of noughts", "date", "0000-00-00", TYPE),
    value(20, "a leap day in a year without", "date", "2026-02-29", TYPE),
    value(20, "a moment that never was", "timestamp", "2026-02-30 10:00:00", TYPE),
    value(20, "an hour that a day does not have", "timestamp", "2026-01-05 25:00:00", TYPE),
    value(20, "a day for ever", "date", "infinity", TYPE),
    value(20, "a moment for ever", "timestamp", "infinity", TYPE),
    value(20, "a year of two digits", "date", "26-01-05", TYPE),
    value(20, "a moment in a year of two digits", "timestamp", "26-01-05 10:00:00", TYPE),
    value(20, "a year of two digits where the format has four", SHORT, "26-01-05", TYPE),
    value(20, "a year of six digits", "timestamp", "290000-01-01 00:00:00", TYPE),
    value(20, "before Christ", "date", "2026-01-05 (BC)", TYPE),
    value(20, "more behind the day", "date", "2026-01-05 or so", TYPE),
    value(20, "a moment where a day is meant", "date", "2026-01-05 23:30:00", TYPE),
    value(20, "midnight where a day is meant", "date", "2026-01-05 00:00:00", date(2026, 1, 5)),
    value(20, "the day number of a spreadsheet", "date", "46027", TYPE),
    value(20, "the day number of a spreadsheet in a moment", "timestamp", "46027.5", TYPE),
    value(21, "the day before the month", "date", "31/12/2025", TYPE),
    value(21, "the month before the day, declared otherwise", SLASHES, "12/31/2025", TYPE),
    value(21, "the day before the month, as declared", SLASHES, "31/12/2025", date(2025, 12, 31)),
    Case(21, "another order of days in every row", "no,value\n1,31/12/2025\n2,01/01/2026\n",
         Refused("2 of 2 rows break the contract.*type value: 2"), 2,
         {"columns": {"no": {"type": "bigint"}, "value": {"type": "date"}}}),
    call(21, "a start in another order", ("start_at", "type"), start_at="05/01/2026 10:00"),
    value(22, "a day that stands for none, declared", NO_DAY, "9999-12-31", None),
    value(22, "a day that stands for none, not declared", "date", "9999-12-31", date(9999, 12, 31)),
    call(23, "a call of the day after tomorrow", ("start_at", "future"), start_at="2026-01-07 00:00:00"),
    call(23, "a call of tomorrow", None, start_at="2026-01-06 23:59:59"),
    call(24, "a call before the late window", ("start_at", "late_window"), start_at="2025-11-20 23:59:59"),
    value(24, "seconds since 1970", EPOCH, "1767614400", noon("2026-01-05")),
    value(24, "milliseconds where seconds are declared", EPOCH, "1767614400000", TYPE),
    value(24, "seconds since 1970 where a moment is declared", "timestamp", "1767614400", TYPE),
    value(24, "no zone: the operator's", "timestamp", "2026-01-05 20:00:00", noon("2026-01-05")),
    value(24, "the zone Z", "timestamp", "2026-01-05T12:00:00Z", noon("2026-01-05")),
    value(24, "the zone UTC", "timestamp", "2026-01-05 12:00:00 UTC", noon("2026-01-05")),
    value(24, "an offset", "timestamp", "2026-01-05T06:30:00.000-05:30", noon("2026-01-05")),
    value(24, "an offset without a colon", "timestamp", "2026-01-05 20:00:00+0800", noon("2026-01-05")),
    value(24, "an offset in the declared format", NEW_YEAR, "2026-01-05 20:00:00+08", noon("2026-01-05")),
    value(24, "an offset that no place has", "timestamp", "2026-01-05 10:00:00+25:00", TYPE),
    value(24, "the name of a zone", "timestamp", "2026-01-05 10:00:00 Europe/Berlin", TYPE),
    value(24, "an hour skipped when the clock went forward", "timestamp", "1986-05-04 02:30:00",
          datetime(1986, 5, 3, 18, 30)),
    value(24, "the first of an hour that came twice", "timestamp", "1986-09-14 01:30:00",
          datetime(1986, 9, 13, 16, 30)),
    value(24, "the last second before midnight", "timestamp", "2026-01-05 23:59:59.999999",
          datetime(2026, 1, 5, 15, 59, 59, 999999)),
    value(24, "a leap second", "timestamp", "2016-12-31 23:59:60", TYPE),
    call(62, "an IMEI of sixteen digits", ("imei", "pattern"), imei="8600000000000012"),
    value(62, "an IMSI too short", IMSI, "4600012345678", Breaks("pattern")),
    call(64, "less than no time", ("duration_s", "min"), duration_s="-1"),
    call(64, "more than a day", ("duration_s", "max"), duration_s="86401"),
    Case(64, "eleven calls of less than no time", lines(*[row(n, duration_s=-1) for n in range(11)]),
         Refused("11 of 11 rows break the contract.*min duration_s: 11"), 11, CALL),
    Case(38, "formulas", 'no,value\n1,"=HYPERLINK(""http://x"",""y"")"\n2,@SUM(A1)\n3,+1\n',
         Loaded([(1, '=HYPERLINK("http://x","y")'), (2, "@SUM(A1)"), (3, "+1")]), 3,
         {"columns": {"no": {"type": "bigint"}, "value": {"type": "varchar"}}}, "no, value"),
    value(38, "SQL in a field", "varchar", "'); drop table x; --", "'); drop table x; --"),
    value(38, "braces, dollars and backslashes", "varchar", "{0} $1 \\1 %s", "{0} $1 \\1 %s"),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case: Case, ingested: Yard) -> None:
    ingested.check(case)
