"""The lint refuses what depends on chance, warns of what only DuckDB understands, and lets good forms pass."""

from pathlib import Path

import pytest

from pipelines.engine.lint import lint

PATH = Path("marts/usage/cell_day.sql")

ERRORS = {
    "clock": ["now()", "current_date", "current_timestamp", "today()", "get_current_timestamp()", "localtimestamp"],
    "chance": ["random()", "uuid()", "gen_random_uuid()", "setseed(0.5)", "uuidv7()"],
    "float_aggregate": [
        "sum(x::double)",
        "sum(a / 3)",
        "sum(round(a / 3, 2))",
        "sum(a::float) over (partition by b)",
        "avg(x)",
        "stddev(x)",
        "corr(x, y)",
        "regr_slope(x, y)",
        "fsum(x)",
    ],
    "unordered": [
        "first(x)",
        "last(x)",
        "any_value(x)",
        "arbitrary(x)",
        "mode(x)",
        "arg_max(x, at)",
        "arg_min(x, at)",
        "max_by(x, at)",
        "min_by(x, at)",
        "list(x)",
        "array_agg(x)",
        "string_agg(x, ',')",
        "group_concat(x)",
    ],
    "ranking": [
        "row_number() over (partition by a)",
        "rank() over ()",
        "lag(x) over (partition by a)",
        "first_value(x ignore nulls) over (partition by a)",
    ],
    "star": ["*", "t.*"],
    "approximate": [
        "approx_count_distinct(x)",
        "approx_quantile(x, 0.5)",
        "approx_top_k(x, 3)",
        "reservoir_quantile(x, 0.5)",
    ],
}
WARNINGS = {
    "star_modifier": ["* exclude (a)", "* replace (a + 1 as a)", "columns('a.*')"],
    "date_difference": ["date_diff('month', a, b)", "datediff('hour', a, b)", "paid_on - due_on", "a::date - b::date"],
    "function": ["date_sub('month', a, b)", "list_sum(l)", "time_bucket(interval 1 day, started_at)"],
    "weekday": ["dayofweek(day)", "isodow(day)", "weekday(day)", "extract(isodow from day)", "date_part('dow', day)"],
    "lambda": ["list_transform(l, x -> x + 1)", "list_filter(l, lambda x: x > 1)", "[x + 1 for x in l]"],
    "list_order": ["l[1:2]", "list(x order by y)", "string_agg(distinct x, ',' order by x)"],
    "grouping": ["grouping(a, b)"],
    "series": ["generate_series(1, 3)", "range(3)"],
    "quantile": ["quantile_cont(x, 0.5)", "quantile_disc(x, 0.5)"],
    "cast_to_whole": ["billed_amt::integer", "cast(a / 3 as bigint)", "(1.5 * a)::int"],
    "average": ["round(avg(billed_amt), 2)"],
    "division": ["a / b", "a // b", "a % b", "a / (b - c)"],
}
GOOD = [
    "round(avg(x), 2)",
    "round(avg(billed_amt::double), 2)",
    "avg(x)::decimal(18, 2)",
    "sum(billed_amt)",
    "round(sum(x::double), 2)",
    "sum((a / 3)::decimal(18, 6))",
    "sum(a)::double / nullif(sum(b), 0)",
    "count(*)",
    "count(*) filter (where is_active)",
    "max_by(x, (at, id))",
    "arg_min(x, (at, id))",
    "first(x order by at, id)",
    "string_agg(x, ',' order by x)",
    "list_sort(list(distinct x))",
    "row_number() over (partition by a order by at, id)",
    "sum(x) over (partition by a)",
    "lag(x) over w",
    "getvariable('as_of')",
    "day - 30",
    "day - interval 1 month",
    "date_diff('day', due_on, paid_on)",
    "pf_month_diff(a, b)",
    "pf_iso_dow(day)",
    "pf_div(a, b)",
    "a / 1024",
    "a / nullif(b, 0)",
    "a % 7",
    "round(billed_amt)::integer",
    "floor(a / 3)::integer",
    "is_active::integer",
    "substring(a, 1, 2)",
    "split_part(a, '_', 1)",
    "grouping(a)",
    "percentile_cont(0.5) within group (order by x)",
    "extract(year from day)",
    "a is distinct from b",
]


def found(sql: str, **options: bool) -> set[tuple[str, str]]:
    return {(finding.rule, finding.severity) for finding in lint(sql, path=PATH, **options)}


def cases(samples: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(rule, expression) for rule, expressions in samples.items() for expression in expressions]


@pytest.mark.parametrize(("rule", "expression"), cases(ERRORS))
def test_what_depends_on_chance_is_an_error(rule: str, expression: str):
    assert (rule, "error") in found(f"select {expression} from t group by a")


@pytest.mark.parametrize(("rule", "expression"), cases(WARNINGS))
def test_what_only_duckdb_understands_is_a_warning(rule: str, expression: str):
    assert (rule, "warning") in found(f"select {expression} from t group by a")


@pytest.mark.parametrize("expression", GOOD)
def test_good_forms_pass(expression: str):
    assert found(f"select {expression} as x from t window w as (partition by a order by id)") == set()


@pytest.mark.parametrize(
    ("rule", "severity", "sql"),
    [
        ("limit", "error", "select a from t limit 3"),
        ("limit", "error", "select a from (select a from t limit 3) order by a"),
        ("limit", "error", "select distinct on (a) a, b from t"),
        ("chance", "error", "select a from t using sample 10%"),
        ("star", "error", "select a from t union all select * from u"),
        ("clock", "error", "select a from t where day < current_date - 30"),
        ("from_first", "warning", "from t select a"),
        ("from_first", "warning", "select a from (from t)"),
        ("from_first", "warning", "with u as (select a from t) from u"),
        ("by_name", "warning", "select a from t union all by name select a from u"),
        ("join_kind", "warning", "select a from t asof join u on t.at >= u.at"),
        ("pivot", "warning", "pivot t on a using sum(b)"),
        ("pivot", "warning", "select a from t pivot (sum(b) for c in (1, 2))"),
        ("series", "warning", "select day from range(date '2026-01-01', date '2026-02-01', interval 1 day) as r(day)"),
    ],
)
def test_constructs_beyond_a_single_expression_are_found(rule: str, severity: str, sql: str):
    assert (rule, severity) in found(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "with u as (select a from t) select a from u order by a limit 3",
        "with u as (select *, row_number() over (order by id) as place from t) select a from u where place = 1",
        "select a, extract(year from day) as year_no from t qualify row_number() over (partition by a order by id) = 1",
        "select a from t where a in (select b from u) and substring(a from 2) is distinct from 'x'",
        "with u as (select a, row_number() over (order by id) as place from t) select max_by(a, place) as b from u",
        "select a from t where exists (select 1 from u where u.b = t.a) union all select b from u",
    ],
)
def test_good_queries_pass(sql: str):
    assert found(sql) == set()


def test_a_finding_names_the_line_of_the_file_the_rule_and_the_way_out():
    sql = "/*\ndescription: Load.\n*/\nselect\n    day,\n    avg(load_pct) as load_pct\nfrom t\ngroup by day\n"

    (finding,) = [one for one in lint(sql, path=PATH) if one.severity == "error"]

    assert str(finding) == (
        "marts/usage/cell_day.sql:6: error: float_aggregate: "
        "floating point depends on the order of rows; round() it to the places that matter"
    )


def test_a_header_that_says_portable_no_silences_warnings_but_not_errors():
    sql = "/*\ndescription: x\nportable: no - slices are the point\n*/\nselect l[1:2] as head, now() as at from t"

    assert found(sql) == {("clock", "error")}
    assert found("select l[1:2] as head from t", portable=False) == set()


def test_a_query_that_speaks_of_portability_below_its_header_is_not_silenced():
    sql = "/*\ndescription: x\n*/\n/*\nportable: no\n*/\nselect l[1:2] as head from t"

    assert found(sql) == {("list_order", "warning")}
