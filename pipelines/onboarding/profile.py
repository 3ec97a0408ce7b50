"""What the values of a column look like, counted by DuckDB: missing, distinct, range, shapes, suspicious constants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.engine.contract import sql_name, sql_text
from pipelines.onboarding.personal import domain_of, identifier_domain
from pipelines.onboarding.sample import Field, Sample

Sql = Callable[[str], list[tuple[Any, ...]]]
TOP = 5
JUDGED = 2_000  # distinct values that are looked at one by one
MISSING = ("na", "n/a", "#n/a", "nan", "null", "none", "nil", "unknown", "-", "--", "?", "\\n", "(null)", "未知", "无")
SENTINELS = (
    "1900-01-01", "1970-01-01", "2000-01-01", "2030-12-31", "2099-12-31", "9999-12-31", "19000101", "20000101",
    "99991231", "-1",
)  # fmt: skip
DATES = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y年%m月%d日")
TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
)  # fmt: skip
SHAPES = {
    "digits": r"[0-9]+",
    "integers": r"[+-]?[0-9]+",
    "leading_zeros": r"0[0-9]+",
    "decimals": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
    "flags": r"0|1",
    "words_of_truth": r"true|false|t|f|yes|no|y|n",
    "months": r"20[0-9]{2}(0[1-9]|1[0-2])",
}


@dataclass(frozen=True)
class Column:
    """Counts over the sample. `filled` are the values that are neither null nor `missing`; ranges are theirs.

    `personal` is the vault domain of what they are. Then `top` and the range show shapes instead of values.
    """

    field: Field
    rows: int
    nulls: int
    missing: tuple[tuple[str, int], ...]
    filled: int
    distinct: int
    shortest: int
    longest: int
    least: str | None
    greatest: str | None
    top: tuple[tuple[str, int], ...]
    shapes: tuple[tuple[str, int], ...]
    sentinels: tuple[tuple[str, int], ...]
    leading_zeros: int
    digits: int  # of these, values of digits only
    integers: int
    decimals: int
    flags: int
    words_of_truth: int
    months: int
    scale: int
    whole_digits: int
    date_format: str | None
    time_format: str | None  # '' for moments in ISO 8601 with fractions or several offsets
    personal: str | None

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def is_unique(self) -> bool:
        return self.filled == self.rows == self.distinct and self.rows > 0


def profile(sample: Sample, sql: Sql) -> list[Column]:
    return [column(one, sample.relation, sample.rows, sql) for one in sample.fields]


def column(one: Field, relation: str, rows: int, sql: Sql) -> Column:
    values = f"(select {sql_name(one.name)} as v from {sql_name(relation)})"
    nulls, missing = absent(values, sql)
    tokens = ", ".join(sql_text(text) for text, _ in missing)
    filled = f"(select v from {values} where v is not null{f' and v not in ({tokens})' if tokens else ''})"
    distinct = f"(select v, count(*)::bigint as n from {filled} group by v)"
    counts = facts(distinct, sql)
    judged = [row[0] for row in sql(f"select v from {distinct} order by hash(v), v limit {JUDGED}")]
    personal = domain_of(one.name, judged)
    personal = personal or identifier_domain(one.name, distinct=counts["distinct"], filled=counts["filled"])
    shapes = sql(
        f"select {shape_of('v')}, sum(n)::bigint as m from {distinct} group by 1 order by m desc, 1 limit {TOP}"
    )
    top = shapes if personal else sql(f"select v, n from {distinct} order by n desc, v limit {TOP}")
    is_number = 0 < counts["filled"] == counts["decimals"]
    least, greatest = (None, None) if personal else extremes(distinct, sql, is_number=is_number)
    return Column(
        one, rows, nulls, missing, least=least, greatest=greatest, top=tuple(top), shapes=tuple(shapes),
        sentinels=suspicious(distinct, sql, counts, least, greatest), personal=None if one.items else personal,
        date_format=format_of(DATES, "date", distinct, counts, sql),
        time_format=format_of(TIMES, "timestamp", distinct, counts, sql), **counts,
    )  # fmt: skip


def absent(values: str, sql: Sql) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Nulls, and texts that mean nothing with their counts; in a column of two-letter codes NA is one of them."""
    nulls = sql(f"select count(*) from {values} where v is null")[0][0]
    words = ", ".join(map(sql_text, MISSING))
    found = sql(
        f"select v, count(*) from {values} where trim(lower(v)) in ({words}) or trim(v) = '' group by v order by v"
    )
    codes = sql(f"select bool_and(regexp_full_match(v, '[A-Z]{{2}}')) from {values} where trim(v) <> ''")[0][0]
    return nulls, tuple((text, n) for text, n in found if not (codes and text == "NA"))


def facts(distinct: str, sql: Sql) -> dict[str, int]:
    counted = ", ".join(
        f"coalesce(sum(n) filter (regexp_full_match(lower(v), {sql_text(pattern)})), 0)::bigint"
        for pattern in SHAPES.values()
    )
    found = sql(
        f"""select coalesce(sum(n), 0)::bigint, count(*), coalesce(min(length(v)), 0), coalesce(max(length(v)), 0),
        coalesce(max(length(v) - strpos(v, '.')) filter (contains(v, '.')), 0),
        coalesce(max(length(regexp_extract(v, '[0-9]+'))), 0), {counted} from {distinct}"""
    )[0]
    names = ("filled", "distinct", "shortest", "longest", "scale", "whole_digits", *SHAPES)
    return dict(zip(names, found, strict=True))


def shape_of(value: str) -> str:
    """SQL for the shape of a text: 9 for a digit, A and a for letters, x for those without a case."""
    shape = f"regexp_replace(left({value}, 40), '[0-9]', '9', 'g')"
    for letters, sign in (("[A-Z]", "A"), ("[a-z]", "a"), ("[^\\x00-\\x7F]", "x")):
        shape = f"regexp_replace({shape}, '{letters}', '{sign}', 'g')"
    return shape


def extremes(distinct: str, sql: Sql, *, is_number: bool) -> tuple[str | None, str | None]:
    order = "try_cast(v as decimal(38, 9)), v" if is_number else "v"
    low = sql(f"select v from {distinct} order by {order} limit 1")
    high = sql(
        f"select v from {distinct} order by {order.replace(', v', ' desc, v')}{'' if is_number else ' desc'} limit 1"
    )
    return (low[0][0], high[0][0]) if low else (None, None)


def suspicious(
    distinct: str, sql: Sql, counts: dict[str, int], least: str | None, greatest: str | None
) -> tuple[tuple[str, int], ...]:
    """Constants that often stand for "unknown" or "open": well-known dates, -1, runs of one digit, a lonely 99."""
    known = ", ".join(map(sql_text, SENTINELS))
    repeated = "length(v) >= 4 and regexp_full_match(v, '0+|1+|9+')"
    found = sql(
        f"select v, n from {distinct} where left(v, 10) in ({known}) or ({repeated}) order by n desc, v limit {TOP}"
    )
    if counts["integers"] == counts["filled"] > 0 and greatest and set(greatest) == {"9"} and len(greatest) in (2, 3):
        below = sql(f"select max(try_cast(v as bigint)) from {distinct} where v <> {sql_text(greatest)}")[0][0]
        if below is not None and 2 * below < int(greatest):
            found += sql(f"select v, n from {distinct} where v = {sql_text(greatest)}")
    if least == "-1":
        below_zero = sql(f"select count(*) from {distinct} where v like '-%'")[0][0]
        found = [pair for pair in found if pair[0] != "-1" or below_zero == 1]
    return tuple(found)


def format_of(formats: Sequence[str], kind: str, distinct: str, counts: dict[str, int], sql: Sql) -> str | None:
    """The first format that every value has; '' for moments that DuckDB reads by itself; None for other values."""
    if not counts["filled"] or counts["shortest"] < 8 or counts["longest"] > 40:
        return None
    tried = ", ".join(
        f"bool_and(coalesce(year(try_strptime(v, {sql_text(one)})) between 1900 and 9999, false))" for one in formats
    )
    iso = "bool_and(try_cast(v as timestamp) is not null and regexp_matches(v, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]'))"
    *fits, is_iso = sql(f"select {tried}, {iso} from {distinct}")[0]
    found = next((one for one, fit in zip(formats, fits, strict=True) if fit), None)
    return "" if found is None and is_iso and kind == "timestamp" else found
