"""Schema `ops`: what was delivered, built, checked, restated. Schema `run`: what an unfinished night knows."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pipelines.engine.warehouse import Connection, quoted

DDL = """
create schema if not exists ops;
create schema if not exists run;
create table if not exists ops.delivery (
    delivery_id integer, system varchar, table_name varchar, data_date date, redo integer, received_at timestamp,
    known_on date, superseded_on date, status varchar, reason varchar, files integer, row_count bigint,
    rejected bigint, bytes bigint, run_id varchar);
create table if not exists ops.delivery_note (delivery_id integer, note varchar);
create table if not exists ops.quarantine (
    delivery_id integer, file_name varchar, row_no integer, column_name varchar, rule varchar, excerpt varchar);
create table if not exists ops.run (
    run_id varchar, from_day date, to_day date, started_at timestamp, ended_at timestamp, status varchar,
    message varchar, git_revision varchar, duckdb_version varchar);
create table if not exists ops.table_run (
    run_id varchar, to_day date, table_name varchar, row_count bigint, inserted bigint, deleted bigint,
    seconds double, content_hash varchar, definition_hash varchar);
create table if not exists ops.table_state (
    table_name varchar, row_count bigint, content_hash hugeint, definition_hash varchar);
create table if not exists ops.check_result (
    run_id varchar, to_day date, table_name varchar, check_name varchar, severity varchar, passed boolean,
    offenders bigint, sample varchar);
create table if not exists ops.completeness (
    system varchar, table_name varchar, data_date date, state varchar, deadline_at timestamp, received_at timestamp);
create table if not exists ops.restatement (
    run_id varchar, to_day date, table_name varchar, partition_start date, row_change bigint, measure varchar,
    amount_change decimal(38, 6));
create table if not exists ops.recon (
    run_id varchar, check_id varchar, period_start date, dimension varchar, left_value decimal(38, 6),
    right_value decimal(38, 6), difference decimal(38, 6), tolerance decimal(18, 6), status varchar);
create table if not exists ops.rule_check (
    run_id varchar, rule varchar, period_start date, lhs decimal(38, 6), rhs decimal(38, 6), ratio double, lo double,
    hi double, severity varchar, decision varchar, reason varchar);
create table if not exists ops.scorecard (
    system varchar, table_name varchar, data_date date, completeness double, validity double, timeliness double,
    uniqueness double, consistency double, overall double);
create table if not exists ops.stale (table_name varchar, partition date, scope bigint);
create table if not exists run.delivery_change (delivery_id integer, was_counted boolean);
alter table run.delivery_change add column if not exists was_counted boolean default false;
create table if not exists run.rewritten (table_name varchar, partition date);
create table if not exists run.restated (table_name varchar, partition date, scope bigint);
"""


def prepare(connection: Connection) -> None:
    """Make what is missing of the operations schema."""
    connection.execute(DDL)


def insert(connection: Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Append tuples to an operations table, in its column order."""
    if listed := list(rows):
        connection.execute(insertion(table, listed))


def insertion(table: str, rows: Sequence[Sequence[Any]]) -> str:
    """The statement that appends tuples, of which there is at least one.

    Values go as texts inside one JSON literal: binding a parameter or registering a frame makes DuckDB import pandas,
    which takes longer than a small night, and many rows of literals are slow to parse.
    """
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    columns = ", ".join(f"row[{number}]" for number in range(1, len(texts[0]) + 1))
    cells = quoted(json.dumps(texts, ensure_ascii=False))
    return f"""insert into {table} select {columns} from (select unnest(from_json({cells}, '[["VARCHAR"]]')) as row)"""


def last_closed(connection: Connection) -> date | None:
    """The last business day whose night published."""
    row = connection.execute("select max(to_day) from ops.run where status = 'published'").fetchone()
    return row[0] if row else None


def first_closed(connection: Connection) -> date | None:
    """The first business day that a night closed."""
    row = connection.execute("select min(from_day) from ops.run where status = 'published'").fetchone()
    return row[0] if row else None


def is_unfinished(connection: Connection) -> bool:
    """True when a night loaded deliveries that no published run has seen."""
    return bool(connection.execute("select 1 from run.delivery_change limit 1").fetchall())


def last_published(connection: Connection) -> str | None:
    """Id of the run that was published last."""
    row = connection.execute(
        "select run_id from ops.run where status = 'published' order by to_day desc, run_id desc limit 1"
    ).fetchone()
    return row[0] if row else None


def forget_run(connection: Connection) -> None:
    """Drop what an unfinished night had to remember; the night is over. The caller holds a transaction."""
    names = connection.execute("select table_name from duckdb_tables() where schema_name = 'run'").fetchall()
    for (name,) in names:
        connection.execute(f'drop table run."{name}"')
    connection.execute(DDL)
