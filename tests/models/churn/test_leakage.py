"""Features at T, made when nothing later was known, are those made from all history, column by column."""

from collections.abc import Generator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.night import Night
from pipelines.engine.table import Table, load_tables
from pipelines.engine.warehouse import MACROS
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

FIRST, T, LAST = date(2025, 11, 10), date(2026, 1, 31), date(2026, 4, 1)
TABLES = load_tables()
SUBJECTS = sorted(TABLES["churn.feature_month"].sources | {"churn.contact_month", "churn.number_month"})


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Generator[duckdb.DuckDBPyConnection]:
    """`early` closed T and knows nothing of later days, `late` closed sixty days more; without late deliveries.

    Both months ends are closed in one pass, so that whatever looks at the newest state would show it.
    """
    root = tmp_path_factory.mktemp("leakage")
    settings = Settings(150, days=(LAST - FIRST).days + 1, end=LAST, seed=11, faults="none", out=root / "landed")
    synthesise(settings)
    with duckdb.connect(config={"threads": 2}) as connection:
        for macro in MACROS:
            connection.execute(macro)
        for name, last in (("early", T), ("late", LAST)):
            home = closed(root / name, root / "landed" / "landing", last)
            connection.execute(f"attach '{home.warehouse}' as {name} (read_only)")
        yield connection


def closed(root: Path, landing: Path, last: date) -> Home:
    """A home in which the tables that features are made of were built up to a day."""
    home = Home(root)
    root.mkdir()
    home.landing.symlink_to(landing)
    with Night(home, FIRST, last) as night:
        night.ingest()
        night.build([name for name in TABLES if name in needed()])
        assert night.failures == []
    return home


def needed() -> set[str]:
    found: set[str] = set()
    todo = [*SUBJECTS]
    while todo:
        name = todo.pop()
        if name in TABLES and name not in found:
            found.add(name)
            todo += TABLES[name].sources
    return found


def leaks(connection: duckdb.DuckDBPyConnection, table: Table, query: str) -> list[str]:
    """Columns that say something else of months up to T when more is known; `{}` in the query is the warehouse."""
    keys = " and ".join(f"early.{name} is not distinct from late.{name}" for name in table.header.grain)
    differs = ", ".join(
        f"count(*) filter (where early.{name} is distinct from late.{name}) as {name}" for name in table.header.columns
    )
    closed_by_t = f"{table.header.partition} <= date '{T}'"
    result = connection.execute(
        f"""select {differs} from (select * from ({query.format("early")}) as query where {closed_by_t}) as early
        full join (select * from ({query.format("late")}) as query where {closed_by_t}) as late on {keys}"""
    )
    (counts,) = result.fetchall()
    return [name for name, count in zip(table.header.columns, counts, strict=True) if count]


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_is_known_at_t_does_not_change_with_what_comes_later(
    warehouses: duckdb.DuckDBPyConnection, name: str
) -> None:
    (rows,) = warehouses.execute(f"select count(*) from early.{name}").fetchall()[0]

    assert rows > 100
    assert leaks(warehouses, TABLES[name], f"from {{}}.{name}") == []


def test_a_bill_that_arrives_after_t_would_be_found(warehouses: duckdb.DuckDBPyConnection) -> None:
    """The same query with the bill of the month itself in place of the one before."""
    table = TABLES["churn.money_month"]
    planted = table.sql.replace("ago = 1 then revenue_amt", "ago = 0 then revenue_amt")
    for source in table.sources:
        planted = planted.replace(f" {source} as", f" {{0}}.{source} as").replace(f" {source})", f" {{0}}.{source})")

    assert planted != table.sql
    assert "bill_1_amt" in leaks(warehouses, table, planted)


def test_the_fee_listed_today_would_be_found(warehouses: duckdb.DuckDBPyConnection) -> None:
    """A plan whose price rose without a new version: the newest listing shows the past at the new price."""
    query = """
        select line.month_start, line.subscription_key, plan.monthly_fee_amt as fee_amt
        from {0}.churn.line_month as line left join {0}.core.dim_plan as plan on line.plan_id = plan.plan_id
        and plan.is_current"""
    header = TABLES["churn.money_month"].header
    columns = {name: header.columns[name] for name in ("month_start", "subscription_key", "fee_amt")}
    table = Table("churn.planted", header.model_copy(update={"columns": columns}), query, Path("planted.sql"))

    assert leaks(warehouses, table, query) == ["fee_amt"]
