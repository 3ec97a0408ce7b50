"""A column's lineage names the columns that its values are made from, through CTEs, unions and lists."""

from pathlib import Path

from pipelines.engine.lineage import Lineage, column_lineage
from pipelines.engine.table import make_table

COLUMNS = {"core.line": ["id", "plan", "fee"], "core.plan": ["plan", "price"], "raw.ticket": ["no", "stages"]}


def lineage(sql: str, *columns: str) -> Lineage:
    header = {"description": "d", "grain": [], "columns": dict.fromkeys(columns, "varchar - c")}
    return column_lineage(make_table("mart.t", header, sql, Path("t.sql")), COLUMNS)


def test_values_are_followed_through_ctes_and_expressions() -> None:
    sql = """with priced as (select line.id, plan.price - line.fee as gain from core.line as line
        left join core.plan as plan on line.plan = plan.plan) select id, sum(gain) as gain from priced group by id"""

    assert lineage(sql, "id", "gain") == {
        "id": [("core.line", "id")],
        "gain": [("core.line", "fee"), ("core.plan", "price")],
    }


def test_each_branch_of_a_union_is_an_origin() -> None:
    sql = "select plan as word from core.line union all select price from core.plan"

    assert lineage(sql, "word") == {"word": [("core.line", "plan"), ("core.plan", "price")]}


def test_an_element_of_a_list_comes_from_the_list() -> None:
    sql = """select ticket.no, listed.stage.at as reached_at from raw.ticket as ticket
        cross join unnest(ticket.stages) with ordinality as listed (stage, stage_no)"""

    assert lineage(sql, "no", "reached_at") == {"no": [("raw.ticket", "no")], "reached_at": [("raw.ticket", "stages")]}
