"""Deliveries with other columns: understood, kept, withheld or refused; old partitions stay readable."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.engine import ops
from pipelines.engine.home import Home
from pipelines.engine.ledger import Ledger
from pipelines.engine.raw import create_views, register_deliveries
from pipelines.engine.status import status
from pipelines.engine.table import make_table
from tests.engine.landed import DAY, HEADER, Installation, lines, row
from tests.engine.test_formats import parquet, table


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared())


def raw(site: Installation, query: str) -> list[tuple[Any, ...]]:
    """What a staged table reads: the views over the lake under the present contract."""
    reader = make_table("stg_ops.call", {"description": "x", "grain": ["a"], "columns": {"a": "integer - x"}},
                        "select call_no as a from raw_ops.call", Path("call.sql"))  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        ops.prepare(connection)
        entries = Ledger(site.home.lake).deliveries()
        register_deliveries(connection, entries, DAY + timedelta(days=9))
        create_views(lambda sql: connection.execute(sql).fetchall(), site.systems, [reader], entries, site.home.lake)
        return connection.execute(query).fetchall()


def test_a_new_column_is_kept_from_its_first_day_and_reported(site: Installation) -> None:
    site.deliver(lines(f"{row(1)},gold,", f"{row(2)},,", header=f"{HEADER},tier,void"), rows=2)
    outcome = site.outcome()

    assert site.lake("call_no, _extra") == [(1, '{"tier":"gold"}'), (2, None)]
    assert outcome.notes[:1] == (
        "surplus column 'tier': 1 values kept in _extra; declare it in the contract to use it",
    )
    assert outcome.notes[1].startswith("surplus column 'void': 0 values")
    assert raw(site, "select delivery_id, note from ops.delivery_note") == [(1, note) for note in outcome.notes]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ref", "13812345678"), ("ref", "call back +4915112345678"), ("ref", "460001234567890"),
        ("ref", "37010119791031560X"), ("ref", "ann@lee.org"), ("ref", "王伟"), ("ref", "Ann Lee"),
        ("ref", "文化路70号"), ("ref", "12 High Street"), ("contact_name", "x"), ("phone", "1"),
        ("ref", "he said it was late again"), ("ref", "客户说昨天晚上信号不好要求退费"),
    ],
)  # fmt: skip
def test_a_new_column_that_looks_personal_is_kept_out_of_the_lake_and_said_so(
    site: Installation, header: str, value: str
) -> None:
    site.deliver(lines(f"{row(1)},{value},gold", header=f"{HEADER},{header},tier"), rows=1)
    outcome = site.outcome()

    assert site.lake("call_no, _extra") == [(1, '{"tier":"gold"}')]
    assert outcome.notes[0] == (
        f"surplus column '{header}': 1 values look personal and are kept out of the lake; "
        "declare it in the contract with a key"
    )


@pytest.mark.parametrize("value", ["gold", "2026-01-05", "20260105101500", "12.50", "4711", "DE", "Y", "D00000000001"])
def test_plain_values_are_not_taken_for_personal(site: Installation, value: str) -> None:
    site.deliver(lines(f"{row(1)},{value}", header=f"{HEADER},remark"), rows=1)
    site.ingest()

    assert site.lake("_extra") == [(json.dumps({"remark": value}, separators=(",", ":")),)]


def test_what_is_personal_is_decided_for_each_delivery_by_itself(site: Installation) -> None:
    """Else a night that loads two days at once would keep other rows than two nights."""
    for n, value in enumerate(("gold", "13812345678")):
        day = DAY + timedelta(days=n)
        content = lines(f"{row(n, start_at=f'{day} 10:00:00')},{value}", header=f"{HEADER},remark")
        site.deliver(content, rows=1, day=day)
    site.ingest(as_of=DAY + timedelta(days=1))

    assert site.lake("call_no, _extra") == [(0, '{"remark":"gold"}'), (1, None)]


def test_new_keys_of_json_are_kept_in_whatever_row_they_first_come(site: Installation) -> None:
    columns = {"no": {"type": "bigint", "required": True}, "city": {"type": "varchar", "path": "$.place.city"}}
    site.contract = {"bill": table("jsonl", "jsonl", columns)}
    rows = [
        {"no": 1, "place": {"city": "A"}},
        {"no": 2, "place": {"city": "B"}, "tier": "gold", "who": {"mail": "ann@lee.org"}},
        {"no": 3, "place": None, "steps": [1, 2]},
    ]
    site.deliver("".join(json.dumps(one) + "\n" for one in rows).encode(), rows=3, table="bill")
    outcome = site.outcome()

    assert site.lake("no, city, _extra", "bill") == [
        (1, "A", None), (2, "B", '{"tier":"gold"}'), (3, None, '{"steps":[1,2]}'),
    ]  # fmt: skip
    assert [note.split(":")[0] for note in outcome.notes] == [
        "surplus column 'steps'", "surplus column 'tier'", "surplus column 'who'",
    ]  # fmt: skip


def test_odd_names_hide_nothing(site: Installation) -> None:
    site.contract = {"bill": table("jsonl", "jsonl", {"no": {"type": "bigint"}})}
    odd = {"no": 1, 'a"b.c': "ann@lee.org", "it's": "gold", "13812345678": "x", "": "13812345678"}
    site.deliver((json.dumps(odd) + "\n").encode(), rows=1, table="bill")
    outcome = site.outcome()

    assert site.lake("_extra", "bill") == [('{"it\'s":"gold"}',)]
    assert "13812345678" not in str(outcome.notes)


def test_new_columns_of_parquet_are_kept_as_text(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet", {"no": {"type": "bigint"}})}
    frame = pl.DataFrame({"level": [7, None], "no": [1, 2], "is_new": [True, False]})
    site.deliver(parquet(frame), rows=2, table="bill")
    site.ingest()

    assert site.lake("no, _extra", "bill") == [(1, '{"level":"7","is_new":"true"}'), (2, '{"is_new":"false"}')]


@pytest.mark.parametrize("header", [HEADER.upper(), " ,".join(reversed(HEADER.split(",")))])
def test_a_recased_or_reordered_header_is_understood(site: Installation, header: str) -> None:
    values = dict(zip(HEADER.split(","), row(7).split(","), strict=True))
    line = ",".join(values[name.strip().lower()] for name in header.split(","))
    site.deliver(lines(line, header=header), rows=1)

    assert site.outcome().reason is None
    assert site.lake("call_no, service, _extra") == [(7, "voice", None)]


TICKET = {
    "no": {"type": "bigint", "required": True},
    "city": {"type": "varchar", "path": "$.place.city"},
    "fee": {"type": "decimal(18,2)"},
    "steps": {"type": "list", "items": {"stage": {"type": "varchar", "required": True}, "at": {"type": "date"}}},
}


def spelt(value: Any, letters: Callable[[str], str]) -> Any:
    """The same JSON value with each of its keys in other letters."""
    if isinstance(value, list):
        return [spelt(one, letters) for one in value]
    return {letters(key): spelt(one, letters) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("letters", [str.upper, str.title, " {} ".format])
@pytest.mark.parametrize("fmt", ["jsonl", "json"])
def test_keys_of_json_in_other_letters_are_understood_at_every_depth(
    site: Installation, letters: Callable[[str], str], fmt: str
) -> None:
    site.contract = {"bill": table(fmt, fmt, TICKET, **({"relation": "rows"} if fmt == "json" else {}))}
    rows = [
        {"steps": [{"at": "2026-01-05", "stage": "a"}, {"stage": 'q"é'}], "no": 1, "place": {"city": "A"}, "fee": 1.50},
        {"no": 2, "steps": None, "place": None, "fee": None},
    ]
    other = spelt(rows, letters)
    lines = "".join(json.dumps(one) + "\n" for one in (*other, rows[0] | {"no": 3}))
    content = lines if fmt == "jsonl" else json.dumps({letters("rows"): [*other, rows[0] | {"no": 3}]})
    site.deliver(content.encode(), rows=3, table="bill")
    outcome = site.outcome()

    steps = [{"stage": "a", "at": DAY}, {"stage": 'q"é', "at": None}]
    assert site.lake("no, city, fee::varchar, steps, _extra", "bill") == [
        (1, "A", "1.50", steps, None), (2, None, None, None, None), (3, "A", "1.50", steps, None),
    ]  # fmt: skip
    told = [letters(key) for key in (["rows"] if fmt == "json" else []) + ["no"]]
    assert [note.partition(": ")[2] for note in outcome.notes] == [
        f"columns in other letters than the contract's, such as '{key}'" for key in told
    ]


def test_other_letters_of_json_hide_no_fault_and_no_surplus_key(site: Installation) -> None:
    site.contract = {"bill": table("jsonl", "jsonl", TICKET)}
    rows = ['{"NO": 1, "fee": "x", "Tier": "gold"}', '{"NO": 2, "no": 3}', '{"No": 4, "Tier": "gold"}', '{"no": 5}']
    site.deliver("".join(f"{line}\n" for line in rows).encode(), rows=4, table="bill")
    outcome = site.outcome()

    assert site.lake("no, _extra", "bill") == [(4, '{"Tier":"gold"}'), (5, None)]
    assert site.quarantined("row_no, column_name, rule, excerpt") == [
        (1, "fee", "type", "x"), (2, None, "structure", '{"xx": 9, "xx": 9}'),
    ]  # fmt: skip
    assert [row["original"] for row in site.originals()] == rows[:2]
    assert len(outcome.notes) == 2


def test_a_missing_column_that_is_needed_stops_the_delivery_and_is_named(site: Installation) -> None:
    """Needed is what is required, and what tells rows, days and sums apart."""
    columns = {name: {"type": "date" if name == "day" else "bigint"} for name in ("no", "day", "total", "other")}
    named: dict[str, Any] = {"key": ["no"], "event_time": "day", "control_sums": ["total"]}
    site.contract = {"bill": table("csv", "csv", columns, **named)}
    for redo, gone in enumerate(columns):
        header = ",".join(name for name in columns if name != gone)
        values = ",".join("2026-01-05" if name == "day" else "1" for name in columns if name != gone)
        site.deliver(f"{header}\n{values}\n".encode(), rows=1, table="bill", redo=redo)

    outcomes = site.ingest().outcomes
    assert [(o.reason or "").partition(": ")[2].partition(";")[0] for o in outcomes] == [
        "the header lacks 'no'", "the header lacks 'day'", "the header lacks 'total'", "",
    ]  # fmt: skip
    assert site.lake("no, total, other", "bill") == [(1, 1, None)]


@pytest.mark.parametrize("fmt", ["csv", "parquet", "excel"])
def test_a_missing_column_that_may_be_absent_is_loaded_without_values_and_told(site: Installation, fmt: str) -> None:
    steps = {"type": "list", "items": {"stage": {"type": "varchar", "required": True}}}
    columns = {
        "no": {"type": "bigint", "required": True},
        "paid_on": {"type": "date"},
        "msisdn": {"type": "varchar", "key": "msisdn", "pattern": "^[0-9]+$"},
        "level": {"type": "integer", "min": 1},
    } | ({"steps": steps} if fmt == "parquet" else {})
    site.contract = {"bill": table(fmt, fmt, columns, derive={"next": {"type": "integer", "sql": "level + 1"}},
                                   checks={"paid": "paid_on > date '2026-01-01'"}, relation="bill")}  # fmt: skip
    whole = pl.DataFrame({"no": [1], "paid_on": ["2026-01-04"], "msisdn": ["138"], "level": ["7"]})
    site.deliver(written(fmt, whole), rows=1, table="bill")
    site.deliver(written(fmt, whole.select("level", pl.col("no") + 1)), rows=1, table="bill", redo=1)
    before, after = site.ingest().outcomes

    absent = ["paid_on", "msisdn"]
    lacks = "the header lacks '{}', which may be absent; loaded without its values"
    assert [note.partition(": ")[2] for note in after.notes] == [
        *map(lacks.format, [*absent, *list(columns)[4:]]), "columns in another order than the contract's",
    ]  # fmt: skip
    assert [note.partition(": ")[2] for note in before.notes] == [*map(lacks.format, list(columns)[4:])]
    assert site.lake("no, paid_on::varchar, msisdn_key, level, next", "bill") == [
        (1, "2026-01-04", 1, 7, 8), (2, None, None, 7, 8),
    ]  # fmt: skip


def written(fmt: str, frame: pl.DataFrame) -> bytes:
    """The frame as a file of the format."""
    if fmt == "csv":
        return frame.write_csv().encode()
    if fmt == "parquet":
        return parquet(frame)
    frame.write_excel(buffer := io.BytesIO(), worksheet="bill")
    return buffer.getvalue()


def test_a_key_that_json_lacks_stops_the_delivery_if_it_is_required(site: Installation) -> None:
    site.contract = {
        "bill": table("jsonl", "jsonl", {"no": {"type": "bigint", "required": True}, "a": {"type": "varchar"}})
    }
    site.deliver(b'{"nr": 1, "a": "x"}\n{"nr": 2, "a": "y"}\n', rows=2, table="bill")

    assert "required no: 2" in site.refused()


def test_a_changed_type_stops_the_delivery_and_is_named(site: Installation) -> None:
    site.deliver(lines(*[row(n, duration_s=f"00:0{n}:00") for n in range(5)]), rows=5)
    assert "type duration_s: 5" in site.refused()

    site.contract = {"bill": table("parquet", "parquet", {"no": {"type": "bigint"}})}
    site.deliver(parquet(pl.DataFrame({"no": [1.0, 2.0]})), rows=2, table="bill")
    (outcome,) = [found for found in site.ingest().outcomes if found.table == "bill"]
    assert "column 'no' is double, the contract says bigint" in (outcome.reason or "")


def test_old_partitions_stay_readable_and_tell_what_they_kept_when_the_contract_learns_a_column(
    site: Installation,
) -> None:
    later = [DAY + timedelta(days=n) for n in range(3)]
    site.deliver(lines(row(1)), rows=1)
    site.deliver(
        lines(f"{row(2, start_at=f'{later[1]} 10:00:00')},5,x", header=f"{HEADER},level,tier"), rows=1, day=later[1]
    )
    site.ingest(as_of=later[1])
    call = site.contract["call"]
    site.contract = {
        "call": call | {"columns": call["columns"] | {"level": {"type": "integer"}, "new": {"type": "date"}}}
    }
    site.deliver(
        lines(f"{row(3, start_at=f'{later[2]} 10:00:00')},6,x,2026-01-01", header=f"{HEADER},level,tier,new"),
        rows=1, day=later[2],
    )  # fmt: skip
    site.ingest(as_of=later[2])

    assert raw(site, "select call_no, level, new::varchar, _extra from raw_ops.call order by call_no") == [
        (1, None, None, None),
        (2, 5, None, '{"level":"5","tier":"x"}'),
        (3, 6, "2026-01-01", '{"tier":"x"}'),
    ]


def test_the_status_of_an_installation_names_the_notes_of_the_day(tmp_path: Path) -> None:
    assert status(Home(tmp_path).prepared())["sources"]["crm"]["notes"] == []
