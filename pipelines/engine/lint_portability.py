"""Rules for the subset of SQL that gives equal rows on DuckDB and, transpiled, on Spark.

The text does not tell every type, so two rules go by the naming convention: `_on`, `_at`, `day` and `_start` are dates
and instants, `_amt`, `_pct`, `_share`, `_mb` and `_gb` are decimals.
"""

import re

from sqlglot import exp

from pipelines.engine.lint_determinism import WHOLE, Rule, called, is_float

DATE_NAME = re.compile(r".*_(on|at|day|start|date)|day|valid_(from|to)")
DECIMAL_NAME = re.compile(r".*_(amt|pct|share|mb|gb)")
DATES = {exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ}
WEEKDAYS = {"dow", "isodow", "dayofweek", "weekday"}
WAYS_OUT = {
    "list_sum": "unnest and sum in a step of its own",
    "list_aggregate": "unnest and aggregate in a step of its own",
    "date_sub": "date_diff('day', ...) or pf_month_diff",
    "datesub": "date_diff('day', ...) or pf_month_diff",
    "list_slice": "a window with row_number in a step of its own",
    "array_slice": "a window with row_number in a step of its own",
}


def _is_date(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this in DATES
    return isinstance(node, exp.Column) and bool(DATE_NAME.fullmatch(node.name.lower()))


def _is_fractional(node: exp.Expr) -> bool:
    """Whether an expression may hold a fraction: a float, a decimal by cast or by name, a literal with a point."""
    if isinstance(node, exp.Predicate | exp.Round | exp.Floor | exp.Ceil | exp.Count | exp.IntDiv):
        return False
    if isinstance(node, exp.Cast):
        return node.to.this not in WHOLE and (node.to.this == exp.DataType.Type.DECIMAL or is_float(node))
    if isinstance(node, exp.Literal):
        return not node.is_string and "." in node.name
    if isinstance(node, exp.Column):
        return bool(DECIMAL_NAME.fullmatch(node.name.lower()))
    return is_float(node) or any(_is_fractional(child) for child in node.iter_expressions())


def join_kind(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Join) and node.method in ("ASOF", "POSITIONAL"):
        return "join on a range, half-open: at >= valid_from and at < valid_to"
    return None


def pivot(node: exp.Expr) -> str | None:
    return "aggregate with filter (where ...), one column each" if isinstance(node, exp.Pivot) else None


def star_modifier(node: exp.Expr) -> str | None:
    modified = isinstance(node, exp.Star) and any(node.args.get(key) for key in ("except_", "replace", "rename"))
    return "spell the columns out" if modified or isinstance(node, exp.Columns) else None


def by_name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        return "list the same columns in the same order on both sides"
    return None


def date_difference(node: exp.Expr) -> str | None:
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() not in ("", "DAY"):
        return "engines count boundaries or elapsed units differently; use 'day', or pf_month_diff for months"
    if isinstance(node, exp.Sub) and _is_date(node.this) and _is_date(node.expression):
        return "a difference of dates is a number here and an interval elsewhere; use date_diff('day', from, to)"
    return None


def weekday(node: exp.Expr) -> str | None:
    is_part = called(node) in ("date_part", "datepart") and str(node.expressions[0].name).lower() in WEEKDAYS
    is_extract = isinstance(node, exp.Extract) and node.name.lower() in WEEKDAYS
    if is_part or is_extract or isinstance(node, exp.DayOfWeek | exp.DayOfWeekIso) or called(node) in WEEKDAYS:
        return "engines number weekdays differently; use pf_iso_dow or core.dim_date"
    return None


def lambda_function(node: exp.Expr) -> str | None:
    return "unnest in a step of its own" if isinstance(node, exp.Lambda | exp.Comprehension) else None


def list_order(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Slice):
        return "rank the rows in a step of its own instead of slicing a list"
    if isinstance(node, exp.ArrayAgg) and node.find(exp.Order):
        return "the order is dropped on the way to another engine; use list_sort(list(distinct x))"
    if isinstance(node, exp.GroupConcat) and node.find(exp.Distinct):
        return "select distinct in a step of its own, then string_agg(x, ',' order by x)"
    return None


def grouping(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Grouping) and len(node.expressions) > 1:
        return "ask grouping() of one column at a time"
    return None


def series(node: exp.Expr) -> str | None:
    if isinstance(node, exp.GenerateSeries | exp.GenerateDateArray):
        return "the calendar is core.dim_date; join it"
    return None


def quantile(node: exp.Expr) -> str | None:
    kinds = (exp.PercentileCont, exp.PercentileDisc, exp.Quantile)
    if isinstance(node, kinds) and not isinstance(node.parent, exp.WithinGroup):
        return "write percentile_cont(p) within group (order by x)"
    return None


def cast_to_whole(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Cast) and node.to.this in WHOLE and _is_fractional(node.this):
        return "a cast rounds here and truncates elsewhere; round() or floor() first"
    return None


def average(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Avg) and _is_fractional(node.this) and not is_float(node.this):
        return "the scale of an average of decimals differs; cast to double first, round after"
    return None


def division(node: exp.Expr) -> str | None:
    if not isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return None
    divisor = node.expression.unnest()
    while isinstance(divisor, exp.Cast):
        divisor = divisor.this.unnest()
    if isinstance(divisor, exp.Nullif) or (isinstance(divisor, exp.Literal) and float(divisor.name) != 0):
        return None
    return "division by zero differs between engines; use pf_div(a, b) or divide by nullif(b, 0)"


def function(node: exp.Expr) -> str | None:
    if isinstance(node, exp.DateBin):
        return "use date_trunc or pf_bucket"
    way_out = WAYS_OUT.get(called(node))
    return f"{called(node)} is not known elsewhere; use {way_out}" if way_out else None


PORTABILITY: dict[str, Rule] = {
    "join_kind": join_kind,
    "pivot": pivot,
    "star_modifier": star_modifier,
    "by_name": by_name,
    "date_difference": date_difference,
    "weekday": weekday,
    "lambda": lambda_function,
    "list_order": list_order,
    "grouping": grouping,
    "series": series,
    "quantile": quantile,
    "cast_to_whole": cast_to_whole,
    "average": average,
    "division": division,
    "function": function,
}
