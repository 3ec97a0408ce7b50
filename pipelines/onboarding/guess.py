"""From the profile of a column to its type, and from all columns to keys, event time and mode."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from pipelines.engine.contract import sql_name, sql_text
from pipelines.onboarding.profile import Column, Sql
from pipelines.onboarding.sample import Sample

MONEY = re.compile(r"(^|_)(amt|amount|fee|price|cost|balance|charges?|charged|revenue|total|tax|discount|sum)(_|$)")
TRUTH = re.compile(r"^(is|has|was|can|flag)_|_(flag|yn|indicator)$")
VOLUME = re.compile(r"bytes|octets")
CODE = re.compile(r"(^|_)(code|cd|zip|postcode|postal_code|tac)$|_id$|^id$")
COUNTER = re.compile(r"(^|_)(no|nr|num|number|ref|seq|serial|id)$")
CHANGED = re.compile(r"updated|modified|changed|last_")
OPERATIONS = frozenset({"I", "U", "D"})
STATED = re.compile(r"valid|launch|sign|open|expir|birth|starts?_|ends?_")  # what is so, not when it happened
KEY_COLUMNS = 8  # how many of the first columns may be part of a composed key


def typed(column: Column, *, is_key: bool = False) -> dict[str, Any]:
    """The words `type`, `format`, `epoch` and `pattern` of a contract's column; what fits every value of the sample."""
    if column.personal:
        return {"type": "varchar"}
    if column.field.exact:
        return {"type": column.field.exact}
    filled = column.filled
    if not filled or (column.leading_zeros and column.integers == filled):
        return {"type": "varchar"}
    if column.time_format is not None:
        return {"type": "timestamp"} | ({"format": column.time_format} if column.time_format else {})
    if column.months == filled:
        return {"type": "varchar", "pattern": "^20[0-9]{2}(0[1-9]|1[0-2])$"}
    if (column.date_format and column.digits < filled) or (column.date_format == "%Y%m%d" and has_days(column)):
        return {"type": "date", "format": column.date_format}
    if column.words_of_truth == filled and column.longest > 1 and not {"Yes", "No"} & {text for text, _ in column.top}:
        return {"type": "boolean"}
    if column.flags == filled and TRUTH.search(column.name):
        return {"type": "boolean"}
    if column.integers == filled:
        return {"type": money(column) or integer(column, is_key=is_key)}
    if column.decimals == filled and column.whole_digits <= 18:
        return {"type": money(column) or decimal(column)}
    return {"type": "varchar"}


def has_days(column: Column) -> bool:
    """Eight digits that are days of this age, not numbers that happen to read as days."""
    return bool(column.least and column.greatest and column.least >= "19000101" and column.greatest <= "21001231")


def integer(column: Column, *, is_key: bool) -> str:
    """A number of a fixed length under the name of a code is no number; a counter will grow."""
    is_plain = column.digits == column.filled
    if is_plain and column.shortest == column.longest >= 4 and CODE.search(column.name):
        return "varchar"
    if column.longest > 18:
        return "varchar"
    is_counter = is_key and bool(COUNTER.search(column.name)) and column.distinct > 0.5 * column.filled
    return "bigint" if column.longest > 9 or is_counter or VOLUME.search(column.name) else "integer"


def money(column: Column) -> str | None:
    if not MONEY.search(column.name) or column.longest > 16:
        return None
    return "decimal(18,2)" if column.scale <= 2 else ("decimal(18,6)" if column.scale <= 6 else None)


def decimal(column: Column) -> str:
    scale = next((step for step in (2, 4, 6) if column.scale <= step), column.scale)
    return f"decimal({min(38, max(18, column.whole_digits + scale))},{scale})" if scale <= 20 else "varchar"


def key_of(sample: Sample, columns: Sequence[Column], sql: Sql) -> tuple[tuple[str, ...], ...]:
    """Columns, or else pairs and triples of them, that tell the rows of the sample apart; the likeliest first."""
    single = [one for one in columns if one.is_unique and may_identify(one)]
    if single:
        return tuple((one.name,) for one in sorted(single, key=lambda one: not COUNTER.search(one.name)))
    parts = [one for one in columns if one.filled == one.rows and may_identify(one)][:KEY_COLUMNS]
    for size in (2, 3):
        for group in combinations(parts, size):
            listed = ", ".join(sql_name(one.name) for one in group)
            distinct = f"select count(*) from (select distinct {listed} from {sql_name(sample.relation)})"
            if sample.rows and sql(distinct)[0][0] == sample.rows:
                return (tuple(one.name for one in group),)
    return ()


def may_identify(column: Column) -> bool:
    words = typed(column)["type"]
    return not (
        words.startswith("decimal") or words in ("boolean", "timestamp") or column.personal in ("name", "address")
    )


def event_time(
    sample: Sample,
    columns: Sequence[Column],
    types: Mapping[str, Mapping[str, Any]],
    data_date: date,
    mode: str,
    sql: Sql,
) -> str | None:
    """The moment or day that dates a row: always filled, and none of it later than the day after the delivery's."""
    kinds = {name: words["type"] for name, words in types.items()}
    found = [one for one in columns if kinds[one.name] in ("timestamp", "date") and one.filled == one.rows > 0]
    if mode == "append":
        found = [one for one in found if not STATED.search(one.name)]
        found.sort(key=lambda one: kinds[one.name] != "timestamp")
    else:
        found = [one for one in found if CHANGED.search(one.name)]
    for one in found:
        form, value = types[one.name].get("format"), sql_name(one.name)
        moment = f"try_strptime({value}, {sql_text(form)})" if form else f"try_cast({value} as timestamp)"
        last = sql(f"select max({moment}::date) from {sql_name(sample.relation)}")[0][0]
        if last is not None and last <= data_date + timedelta(days=1):
            return one.name
    return None


def mode_of(columns: Sequence[Column], types: Mapping[str, Mapping[str, Any]]) -> str:
    """Rows that say what was done to them are changes; rows that are dated once happen; the rest is how things are."""
    dated = [one for one in columns if types[one.name]["type"] in ("timestamp", "date")]
    says_what = any({text for text, _ in one.top} <= OPERATIONS and one.filled == one.rows > 0 for one in columns)
    if says_what or any(CHANGED.search(one.name) for one in dated):
        return "delta"
    has_happened = any(one.filled == one.rows and not STATED.search(one.name) for one in dated)
    return "append" if has_happened else "snapshot"
