"""Values come out of a database as they are in it, or are refused by name; names may be written in any way."""

from decimal import Decimal
from typing import Any

import pytest

from tests.connect import servers
from tests.connect.conftest import Database, Shop


def only(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("database", [kind], indirect=True)


def table(**columns: Any) -> dict[str, Any]:
    named = {name: {"type": said} if isinstance(said, str) else said for name, said in columns.items()}
    return {"relation": "thing", "mode": "snapshot", "key": ["id"], "columns": {"id": {"type": "bigint"}} | named}


def things(database: Database, columns: str, *rows: str) -> None:
    values = "".join(f"insert into thing values {row};\n" for row in rows)
    database.run(f"drop table if exists thing;\ncreate table thing (id int, {columns});\n{values}")


@only("postgresql")
def test_postgresql_keeps_digits_zones_and_texts(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(
        amount="decimal(38,12)", at="timestamp", local="timestamp", day="date", is_on="boolean", doc="varchar",
        who="varchar", tag="varchar", many="varchar",
    )}  # fmt: skip
    things(
        database,
        """amount numeric, at timestamptz, local timestamp, day date, is_on boolean, doc jsonb, who uuid, tag text,
        many int[]""",
        """(1, 12345678901234567890123456.123456789012, '2026-01-05 08:00:00.5+09', '2026-01-05 08:00:00', '2026-01-05',
        true, '{"a": 1}', '00000000-0000-0000-0000-000000000001', 'é周', '{1,2}')""",
        "(2, null, null, null, null, null, null, null, null, null)",
    )
    shop.night()
    first, second = shop.lake(
        'amount, "at"::varchar, local::varchar, day::varchar, is_on, doc, who, tag, many, is_deleted', table="thing"
    )

    assert first == (
        Decimal("12345678901234567890123456.123456789012"), "2026-01-04 23:00:00.5", "2026-01-05 00:00:00",
        "2026-01-05", True, '{"a": 1}', "00000000-0000-0000-0000-000000000001", "é周", "{1,2}", False,
    )  # fmt: skip
    assert set(second[:-1]) == {None}


@only("postgresql")
def test_moments_that_no_calendar_has_are_quarantined_or_declared_as_missing(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(
        valid_to={"type": "timestamp", "missing": ["infinity"]}, seen="date", score="decimal(9,2)"
    ) | {"max_reject_rows": 5}}  # fmt: skip
    things(
        database, "valid_to timestamptz, seen date, score numeric",
        "(1, 'infinity', '2026-01-05', 1.5)", "(2, '2026-01-05 10:00:00+00', 'infinity', 1)", "(3, null, null, 'NaN')",
    )  # fmt: skip
    (outcome,) = shop.night().outcomes

    assert (outcome.status, outcome.rejected) == ("loaded", 2)
    assert shop.lake("id, valid_to, seen::varchar, score", table="thing") == [(1, None, "2026-01-05", Decimal("1.50"))]


@only("mariadb")
def test_mariadb_keeps_digits_zones_and_texts(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(
        amount="decimal(38,12)", at="timestamp", local="timestamp", day="date", big="decimal(20,0)", t="varchar",
        doc="varchar", kind="varchar", long_text="varchar", took="varchar",
    )}  # fmt: skip
    things(
        database,
        """amount decimal(30,12), at timestamp(6) null, local datetime(3), day date, big bigint unsigned,
        t varchar(9) character set latin1, doc json, kind enum('a','b'), long_text text, took time""",
        """(1, 12345678901234567.123456789012, '2026-01-05 08:00:00.5', '2026-01-05 08:00:00.5', '2026-01-05',
        18446744073709551615, 'é', '{"a": 1}', 'a', '周', '26:00:01')""",
        "(2, null, null, null, null, null, null, null, null, null, null)",
    )
    shop.night()
    first, second = shop.lake(
        'amount, "at"::varchar, local::varchar, day::varchar, big, t, doc, kind, long_text, took', table="thing"
    )

    assert first == (
        Decimal("12345678901234567.123456789012"), "2026-01-05 08:00:00.5", "2026-01-05 00:00:00.5", "2026-01-05",
        Decimal("18446744073709551615"), "é", '{"a": 1}', "a", "周", "26:00:01",
    )  # fmt: skip
    assert set(second) == {None}


@only("mariadb")
def test_a_day_of_zeros_is_quarantined_and_not_the_end_of_the_fetch(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(day="date") | {"max_reject_rows": 5}}
    things(database, "day date", "(1, '2026-01-05')")
    database.run("set sql_mode = '';\ninsert into thing values (2, '0000-00-00');\n")
    (outcome,) = shop.night().outcomes

    assert (outcome.rows, outcome.rejected) == (2, 1)


@only("sqlite")
def test_sqlite_values_of_mixed_types_are_judged_one_by_one(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(n="integer", t="varchar") | {"max_reject_rows": 5}}
    things(database, "n, t", "(1, 5, 1.5)", "(2, 'five', 'x')", "(3, null, null)")
    (outcome,) = shop.night().outcomes

    assert (outcome.rows, outcome.rejected) == (3, 1)
    assert shop.lake("id, n, t", table="thing") == [(1, 5, "1.5"), (3, None, None)]


@pytest.mark.parametrize(
    ("database", "kind", "value"),
    [("postgresql", "bytea", "'x'"), ("mariadb", "blob", "'x'"), ("sqlite", "blob", "x'00'")],
    indirect=["database"],
)
def test_bytes_are_refused_with_a_way_out(kind: str, value: str, shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(photo="varchar")}
    things(database, f"photo {kind}", f"(1, {value})")
    (missed,) = shop.fetch()

    assert "column 'photo' is" in missed.message and "a contract has no bytes" in missed.message
    assert "tried" not in missed.message


def test_quoted_and_upper_case_names_are_found(shop: Shop, database: Database) -> None:
    database.run('drop table if exists "Odd Thing";\ncreate table "Odd Thing" ("ID" int, "Full Näme" varchar(9));\n')
    database.run("""insert into "Odd Thing" values (1, 'Ann');\n""")
    columns = {"id": {"type": "bigint"}, "full_name": {"type": "varchar", "header": "full näme"}}
    shop.tables = {"thing": {"relation": "Odd Thing", "mode": "snapshot", "key": ["id"], "columns": columns}}
    shop.night()

    assert shop.lake("id, full_name", table="thing") == [(1, "Ann")]


@only("sqlite")
def test_a_column_that_is_not_there_is_named(shop: Shop, database: Database) -> None:
    shop.tables = {"thing": table(colour="varchar")}
    things(database, "shade varchar(9)", "(1, 'red')")
    (missed,) = shop.fetch()

    assert "the header lacks 'colour'" in missed.message


@only("postgresql")
def test_a_database_in_another_encoding_is_read_as_unicode(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{database.name}_latin"
    servers.postgresql(f"create database {name} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'")
    try:
        servers.postgresql("create table thing (id int, name text);\ninsert into thing values (1, 'Jürgen é');\n", name)
        host, port = servers.POSTGRESQL
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", f"postgresql://postgres@{host}:{port}/{name}")
        shop.tables = {"thing": table(name="varchar")}
        shop.night()
    finally:
        servers.postgresql(f"drop database {name} with (force)")

    assert shop.lake("name", table="thing") == [("Jürgen é",)]
