"""From raw to typed, and the rules of a contract as SQL conditions; the first rule that a row breaks is its fault."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from zoneinfo import ZoneInfo

from pipelines.engine.connect.declared import DELETED
from pipelines.engine.contract import Column, Table, sql_name, sql_text
from pipelines.engine.zones import to_local_sql, to_utc_sql

INTEGERS = ("smallint", "integer", "bigint")
NUMBERS = (*INTEGERS, "boolean")
OFFSET = r":\d\d(\.\d+)?\s*(Z|UTC|[+-]\d\d[\d:]*)$"
PLACE = r"(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"  # no place on earth is further from UTC
YEARS = "'1000-01-01' and {0} '10000-01-01'"  # of four digits: DuckDB reads 26-01-05 as the year 26


@dataclass(frozen=True)
class Rule:
    """A condition that is true for a row that breaks the contract."""

    column: str | None
    name: str
    broken: str


def present(column: Column, raw: str, kind: str, null_tokens: tuple[str, ...]) -> str:
    """The raw value, null where its text means that there is none. CSV's null tokens are the parser's business."""
    tokens = tuple(dict.fromkeys((*null_tokens, *column.missing)))
    if column.type == "list" or not tokens or (kind != "text" and not column.missing):
        return raw
    text = raw if kind == "text" else f"{raw}::varchar"
    return f"case when {text} in ({', '.join(map(sql_text, tokens))}) then null else {raw} end"


def typed(column: Column, raw: str, kind: str, zone: ZoneInfo) -> str:
    """The value in its lake type, null where it does not fit; timestamps in UTC."""
    match column.type:
        case "list":
            items = ", ".join(
                f"{sql_name(name)} := {typed(item, f'_item.{sql_name(item.header or name)}', 'text', zone)}"
                for name, item in column.items.items()
            )
            return f"list_transform({raw}, lambda _item: struct_pack({items}))"
        case "varchar":
            return raw if kind == "text" else f"{raw}::varchar"
        case "timestamp":
            return _timestamp(column, raw, kind, zone)
        case "date" if column.format and kind == "text":
            return f"try_strptime({raw}, {sql_text(column.format)})::date"
        case "date":
            day = f"try_cast({raw} as date)"
            # DuckDB ignores what follows a day; midnight may.
            is_day = f"length({raw}) <= 10 or " if kind == "text" else ""
            return f"case when isfinite({day}) and ({is_day}try_cast({raw} as timestamp) = {day}) then {day} end"
        case _:
            return f"try_cast({raw} as {column.type})"


def _timestamp(column: Column, raw: str, kind: str, zone: ZoneInfo) -> str:
    if column.epoch:
        epoch = f"timestamp '{column.epoch.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
        seconds = f"try_cast({raw} as decimal(18,6))::decimal(28,6)"  # the product needs the wider type
        return f"({epoch} + to_microseconds(cast({seconds} * 1000000 as bigint)))"
    if kind != "text":
        if "tz=" in kind:
            return f"timezone('UTC', {raw})"
        return to_utc_sql(f"try_cast({raw} as timestamp)", zone)
    if column.format:
        parsed = f"try_strptime({raw}, {sql_text(column.format)})"
        return f"timezone('UTC', {parsed})" if "%z" in column.format else to_utc_sql(parsed, zone)
    moment = f"try_cast({raw} as timestamp)"  # without a word, an offset in the text is ignored here
    local = to_utc_sql(moment, zone)
    zoned = (
        f"case when regexp_matches({raw}, {sql_text(PLACE)}) then timezone('UTC', try_cast({raw} as timestamptz)) end"
    )
    return f"""case when not isfinite({moment}) then null
        when regexp_matches({raw}, {sql_text(OFFSET)}) then {zoned}
        else {local} end"""


def column_rules(name: str, column: Column, kind: str, *, unless: str | None = None) -> Iterator[Rule]:
    """Rules of one column; its raw value is `_<name>`, its typed one `<name>`. It may be empty in rows `unless`."""
    raw, value = f"_{name}", sql_name(name)
    if column.required:
        yield Rule(name, "required", f"{raw} is null" + (f" and not coalesce({unless}, false)" if unless else ""))
    yield from (Rule(name, rule, broken) for rule, broken in _value_rules(column, raw, value, kind))
    for item_name, item in column.items.items():
        field, given_field = f"_item.{sql_name(item_name)}", f"_item.{sql_name(item.header or item_name)}"
        given = f"len(list_filter({raw}, lambda _item: {given_field} is not null))"
        fitting = f"len(list_filter({value}, lambda _item: {field} is not null))"
        yield Rule(f"{name}.{item_name}", "type", f"{given} <> {fitting}")
        if item.required:
            yield Rule(f"{name}.{item_name}", "required", f"{fitting} <> len({value})")
        for rule, broken in _domain_rules(item, field):
            yield Rule(f"{name}.{item_name}", rule, f"len(list_filter({value}, lambda _item: {broken})) > 0")


def _value_rules(column: Column, raw: str, value: str, kind: str) -> Iterator[tuple[str, str]]:
    if column.type not in ("varchar", "list"):
        yield "type", f"{value} is null and {raw} is not null"
    # A rule has the same number whatever the file's own types are, hence the conditions that are never true.
    if column.type in INTEGERS:
        # DuckDB would round 3.7 and read 0x10 and 1_000; equal spelling is the fast way to see a plain number.
        odd = f"{value}::varchar <> {raw} and not regexp_full_match({raw}, '\\s*[+-]?[0-9]+\\s*')"
        yield "type", odd if kind == "text" else f"{raw} <> {value}" if kind.startswith("decimal") else "false"
    if column.type == "boolean":
        yield "type", f"{raw} not in (0, 1)" if "int" in kind else "false"
    if column.type.startswith("decimal"):
        digits, scale = map(int, column.type[8:-1].split(","))
        wide = f"decimal({min(digits + 6, 38)},{min(scale + 6, 38)})"
        finer = f"length({raw}) - strpos({raw}, '.') > {scale} and try_cast({raw} as {wide}) <> {value}"
        yield "precision", finer if kind == "text" else f"try_cast({raw} as {wide}) <> {value}"
    yield from _domain_rules(column, value)


def _domain_rules(column: Column, value: str) -> Iterator[tuple[str, str]]:
    if column.type in ("date", "timestamp"):
        yield "type", f"{value} not between {column.type} {YEARS.format(column.type)}"
    if column.values and column.type in (*NUMBERS, "varchar", "date"):
        given = ", ".join(f"{_constant(entry)}" for entry in column.values)
        yield "values", f"{value} not in ({given})"
    if column.pattern:
        yield "pattern", f"not regexp_matches({value}, {sql_text(column.pattern)})"
    if column.min is not None:
        yield "min", f"{value} < {_constant(column.min)}"
    if column.max is not None:
        yield "max", f"{value} > {_constant(column.max)}"


def _constant(value: str | float | date) -> str:
    if isinstance(value, str):
        return sql_text(value)
    return f"date '{value}'" if isinstance(value, date) else str(value)


def table_rules(table: Table, kinds: dict[str, str], *, has_nul: bool, day: str) -> list[Rule]:
    """Every rule of a table in the order of judgement; `day` is SQL for the data_date of the row's delivery."""
    rules = []
    if table.format in ("json", "jsonl", "fixed"):
        rules.append(Rule(None, "structure", "_broken is not null"))
    if has_nul:
        rules += [Rule(name, "nul byte", f"contains(_{name}::varchar, chr(0))") for name in table.columns]
    for name, column in table.columns.items():
        has_only_key = table.tells_deletions and name not in (*table.key, DELETED)
        rules += column_rules(name, column, kinds[name], unless=DELETED if has_only_key else None)
        if table.format in ("json", "jsonl") and column.type.startswith("decimal"):
            rules.append(_rounded(name, column))
    if table.event_time:
        rules.append(Rule(table.event_time, "future", f"event_day > {day} + 1"))
        if table.late_days is not None:
            rules.append(Rule(table.event_time, "late_window", f"event_day < {day} - {table.late_days}"))
    return rules + [Rule(None, name, f"try(({sql})) is false") for name, sql in table.checks.items()]


def _rounded(name: str, column: Column) -> Rule:
    """A JSON number of more than fifteen digits has gone through a double by the time it is seen."""
    scale = int(column.type[8:-1].split(",")[1])
    written = f"json_type(_line, {sql_text(json_path(name, column))})"
    return Rule(name, "precision", f"abs({sql_name(name)}) >= 1e{15 - scale} and {written} = 'DOUBLE'")


def json_path(name: str, column: Column) -> str:
    """Where a JSON line has a column's value."""
    return column.path or f'$."{column.header or name}"'


def fault_sql(rules: list[Rule]) -> str:
    """The number of the first broken rule, counted from 1; 0 for a row that keeps them all."""
    cases = " ".join(f"when {rule.broken} then {number}" for number, rule in enumerate(rules, start=1))
    return f"(case {cases} else 0 end)::smallint" if rules else "0::smallint"


def event_day_sql(table: Table, zone: ZoneInfo) -> str | None:
    if table.event_time is None:
        return None
    event_time = sql_name(table.event_time)
    return event_time if table.columns[table.event_time].type == "date" else f"{to_local_sql(event_time, zone)}::date"
