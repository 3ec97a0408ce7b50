"""How fast six months of an operator become what a model may know of each line, table by table, on a made-up core.

A line has contact with eighteen numbers on some ninety days a month, thirteen of them on two days or more and half of
them of its own net, and its rows in the marts that features are made of. Tables are built as a night builds a range:
narrowed, checked, hashed and committed. The view over them is read month by month, every column.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Set
from datetime import date
from pathlib import Path
from time import perf_counter

from sqlglot import exp

from benchmarks.line import Line, peak_gb
from pipelines.engine import ops
from pipelines.engine.build import Builder
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.table import Table, load_tables
from pipelines.engine.warehouse import Connection, writing

LINES = 1_000_000
FIRST, LAST = date(2025, 10, 1), date(2026, 3, 31)
VIEW = "churn.feature_month"
# Who is there and when: two lines of a hundred leave in a month, and stay in the snapshot for ninety days.
WORLD = f"""
create temp table month as
select begins::date as month_start, last_day(begins) as ends_on
from range(date '{FIRST}', date '{LAST}', interval 1 month) as months(begins);
create temp table line as
select line, date '{FIRST}' + (hash(line) % 1500)::integer as left_on from range({{lines}}) as lines(line);
create temp view line_day as
select line, left_on, day::date as day, hash(line, day) as seed, day >= left_on as is_gone
from range(date '{FIRST}', date '{LAST}' + 1, interval 1 day) as days(day), line where day <= left_on + 90;
create temp view line_month as
select line, month_start, month_start as day, hash(line, month_start) as seed from line, month where left_on > ends_on;
create temp view line_part as
select * replace (hash(seed, part) as seed), if(part = 2, 'weekend', 'all') as week_part,
    if(part = 1, 'night', 'all') as day_part
from line_month, range(3) as parts(part);
create temp view line_type as
select * replace (hash(seed, type) as seed), if(type = 0, 'call', 'text') as interaction_type
from line_part, range(2) as types(type);
create temp view line_contact as
select line, left_on, month_start, hash(line, month_start, place) as seed, 1 + 2 * (13 // (place + 1)) as days,
    (line + {{lines}} + (place // 2 + 1) * (1 - 2 * (place % 2)) * 7919 % {{lines}}) % {{lines}} as other
from line, month, range(18) as places(place);  -- every second one further down, so that most contacts are mutual
create temp view contact as
select line, day, other, hash(seed, day) as seed, hash(least(line, other), greatest(line, other)) % 2 = 0 as is_own
from (
    select *, month_start + ((seed % 28 + nth * 28 // days) % 28)::integer as day
    from line_contact, range(27) as times(nth) where nth < days
) where day < left_on
"""
# What is not drawn by chance, by table or by a column of its grain; what else features read is drawn by `seed`.
OF_MONTH = "select month_start, line as subscription_key, line as msisdn_key, seed from line_month"
OF_GRAIN = {
    "interaction_type": """
        select month_start, line as subscription_key, interaction_type, week_part, day_part, seed from line_type""",
    "week_part": "select month_start, line as subscription_key, week_part, day_part, seed from line_part",
}
GIVEN = {
    "core.subscriber_day": f"""
        select day, line as subscription_key, line as msisdn_key, line // 2 as party_key, line // 2 as account_key,
            'O' || line % 500 as outlet_id, if(line % 2 = 0, 'prepaid', 'postpaid') as pay_type, true as is_commercial,
            if(is_gone, 'terminated', 'active') as status_type, not is_gone as is_in_network,
            if(is_gone, left_on, date '{FIRST}') as status_known_on, date '{FIRST}' as activated_on,
            day - date '{FIRST}' + line % 2000 as tenure_days, left_on + 30 as contract_end_on,
            day - (seed % 9)::integer as last_event_on, 1 + seed % 28 as mtd_active_days, seed
        from line_day order by day, line""",
    "core.contact_day": """
        select day, line as msisdn_key, line as subscription_key, 1 + seed % 3 as calls_made, seed,
            if(is_own, other, {lines} + hash(line, other) % {lines}) as other_msisdn_key,
            if(is_own, 'own', ['unicom', 'telecom', 'fixed'][(1 + hash(line, other) % 3)::bigint]) as other_operator
        from contact order by day, line""",
    "core.fct_cell_day": """
        select day, cell_id, hash(cell_id, day) as seed
        from (select distinct day from line_day) as days, range(3000) as cells(cell_id)""",
    "core.fct_session": """
        select day + (seed % 28)::integer as started_on, line as msisdn_key, hash(seed, nth) as seed
        from line_month, range(1 + line % 3) as times(nth)""",
    "core.fct_port_enquiry": """
        select day + (seed % 28)::integer as enquired_on, line as subscription_key, seed
        from line_month where seed % 100 = 0""",
    "core.plan_fee": f"""
        select 'v' || plan as plan_id, 1 as plan_version, date '2020-01-01' as valid_from, hash(plan, fee) as seed,
            if(fee = 0, date '2020-01-01', date '{FIRST}' + 90) as known_from,
            if(fee = 0, date '{FIRST}' + 90, date '9999-12-31') as known_to,
            known_from as in_force_from, known_to as in_force_to
        from range(8) as plans(plan), range(2) as fees(fee)""",
    "mart_service.ticket_day": """
        select day + (seed % 20 + 3 * step)::integer as day, line || '-' || day as ticket_no, line as subscription_key,
            day + (seed % 20)::integer as opened_at, step = 0 as is_opened, step = 1 as is_closed,
            if(step = 1, if(line % 3 = 0, 'unresolved', 'resolved'), null) as result_type, seed
        from line_month, range(2) as steps(step) where seed % 20 = 0""",
    "mart_campaign.target_month": f"select *, 'C' || month_start as campaign_id from ({OF_MONTH}) where seed % 10 = 0",
    "mart_data.bundle_month": f"""
        select *, if(nth = 0, 'voice', 'data') as service_type from ({OF_MONTH}), range(2) as services(nth)""",
    "mart_enterprise.member_month": f"from ({OF_MONTH}) where seed % 20 = 0",
    "mart_network.home_month": f"select *, seed % 3000 as home_cell_id, seed % 2999 as work_cell_id from ({OF_MONTH})",
}
DRAWN = {
    "boolean": "hash(seed, {place}) % 8 = 0",
    "date": f"date '{FIRST}' - (hash(seed, {{place}}) % 900)::integer",
    "decimal": "hash(seed, {place}) % 1000 / 1000",
    "varchar": "'v' || hash(seed, {place}) % 8",
}


def lines(folder: Path, subscribers: int = LINES) -> Iterator[Line]:
    """One line of the table for each table of features and the view, one for all of them, one for the newest month.

    Making up and building are processes of their own, so that peak memory is that of building.
    """
    for step in STEPS:
        words = [sys.executable, "-m", "benchmarks.features", step, str(folder), str(subscribers)]
        done = subprocess.run(words, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
        for told in done.stdout.splitlines():
            yield Line(**json.loads(told))


def make(folder: Path, subscribers: int) -> None:
    """Every table that tables of features read and that is none of them, in the columns that they read."""
    tables = load_tables()
    built = behind(tables, VIEW)
    read = {column.name for name in built for column in tables[name].query.find_all(exp.Column)}
    home = Home(folder).prepared()
    with writing(home.warehouse, home) as db:
        ops.prepare(db)
        db.execute(WORLD.format(lines=subscribers))
        for name in sorted({source for table in built for source in tables[table].sources} - set(built)):
            db.execute(f"create schema if not exists {name.split('.')[0]}")
            if tables[name].header.refresh == "view":
                db.execute(f"create view {name} as {tables[name].sql}")
            else:
                db.execute(f"create table {name} as {made(db, tables[name], read, subscribers)}")
                rows = db.execute(f"select count(*) from {name}").fetchall()[0][0]
                db.execute(ops.insertion("ops.table_state", [(name, rows, 0, tables[name].definition_hash)]))


def behind(tables: Mapping[str, Table], view: str) -> list[str]:
    """The tables of the view's schema that it is made of, in the order of building, itself the last."""
    found, todo = set(), {view}
    while todo:
        found |= todo
        todo = {
            source for name in todo for source in tables[name].sources if source.startswith(tables[view].schema + ".")
        }
    return [name for name in tables if name in found]


def made(db: Connection, table: Table, read: Set[str], subscribers: int) -> str:
    """Rows of a table: given columns, drawn ones where features read them, and nothing in the others."""
    of_grain = (OF_GRAIN[column] for column in OF_GRAIN if column in table.header.grain)
    rows = GIVEN.get(table.name) or next(of_grain, OF_MONTH)
    rows = rows.format(lines=subscribers)
    given = {column[0] for column in db.execute(f"describe {rows}").fetchall()}
    columns = []
    for place, (name, kind) in enumerate(table.header.types().items()):
        drawn = DRAWN.get(kind.split("(")[0], "hash(seed, {place}) % 100").format(place=place)
        value = name if name in given else drawn if name in read else "null"
        columns.append(f"cast({value} as {kind}) as {name}")
    return f"select {', '.join(columns)} from ({rows}) as given"


def build(folder: Path, _: int) -> None:
    """All six months in one pass, as a range of nights makes them."""
    rows, whole = 0, 0.0
    for name, rows, seconds in built(folder, FIRST):
        whole += seconds
        tell(name, rows, "rows", seconds)
    tell("all of six months", rows, "lines and months", whole)


def newest(folder: Path, _: int) -> None:
    """The last month again, with the others as its past, as a night makes it."""
    measured = list(built(folder, LAST.replace(day=1)))
    tell("all of the newest month", measured[-1][1], "lines", sum(seconds for _, _, seconds in measured))


def built(folder: Path, first: date) -> Iterator[tuple[str, int, float]]:
    """Each table that is built from a day on, then the view as a model reads it: name, rows and seconds."""
    tables, home = load_tables(), Home(folder)
    with writing(home.warehouse, home) as db:
        ops.prepare(db)
        builder = Builder(db, tables, "benchmark", first, LAST, home.models)
        for name in behind(tables, VIEW):
            began = perf_counter()
            rows = builder.build(tables[name]).rows
            builder.settle()
            if name == VIEW:
                rows = view_rows(db, tables[VIEW], first)
            yield name, rows, perf_counter() - began


def view_rows(db: Connection, view: Table, first: date) -> int:
    """Every column of every row is read, as a hash of them, each month by itself."""
    months = db.execute("select distinct month_start from churn.line_month order by month_start").fetchall()
    query = f"select count(*), sum(hash({', '.join(view.header.columns)})::hugeint) from {VIEW} where month_start = ?"
    return sum(db.execute(query, [month]).fetchall()[0][0] for (month,) in months if month >= first)


def tell(name: str, amount: int, unit: str, seconds: float) -> None:
    line = {"name": f"features: {name}", "amount": amount, "unit": unit, "seconds": seconds, "peak_gb": peak_gb()}
    print(json.dumps(line))


STEPS = {"make": make, "build": build, "newest": newest}

if __name__ == "__main__":
    STEPS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
