"""Memberships and circles of colleagues, whatever workbooks claim and whoever calls whom."""

from datetime import date, timedelta

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.table import load_tables

TABLES = load_tables()
FIRST = date(2026, 1, 1)
Claim = tuple[str, bool, int, int]
Pair = tuple[int, int]

claims = st.lists(
    st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.booleans(), st.integers(0, 12), st.integers(0, 12)),
    max_size=6,
    unique_by=lambda claim: (claim[0], claim[2]),
)
pairs = st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] < pair[1]), max_size=16)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def table(db: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, object]]) -> None:
    db.execute(f"create schema if not exists {name.split('.')[0]}")
    db.execute(f"create table {name} ({', '.join(f'{n} {k}' for n, k in TABLES[name].header.types().items())})")
    for row in rows:
        db.execute(f"insert into {name} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


@settings(max_examples=60, deadline=None)
@given(claims)
def test_on_every_day_a_claimed_line_belongs_to_exactly_the_enterprise_that_the_rule_names(found: list[Claim]) -> None:
    rows: list[dict[str, object]] = [
        {
            "enterprise_id": enterprise,
            "subscription_key": 1,
            "is_test": is_test,
            "valid_from": day(begin),
            "valid_to": day(end),
        }
        for enterprise, is_test, begin, end in found
    ]
    with duckdb.connect() as db:
        table(db, "core.enterprise_member_claim", rows)
        held = db.execute(
            f"select enterprise_id, valid_from, valid_to from ({TABLES['core.bridge_enterprise_member'].sql})"
        )
        intervals = held.fetchall()

    for number in range(13):
        open_claims = [claim for claim in found if claim[2] <= number < claim[3]]
        first = sorted(open_claims, key=lambda claim: (claim[1], -claim[2], claim[0]))[:1]
        assert [name for name, begin, end in intervals if begin <= day(number) < end] == [claim[0] for claim in first]


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_a_circle_never_reaches_beyond_those_who_are_linked_and_who_delivers_first_does_not_matter(
    found: set[Pair],
) -> None:
    ordered = sorted(found)
    assert circles(ordered) == circles(ordered[::-1])
    reach = {line: component(line, found) for pair in found for line in pair}
    for line, circle, lines in circles(ordered):
        members = {other for other, name, _ in circles(ordered) if name == circle}
        assert len(members) == lines
        assert members <= reach[line]


def circles(found: list[Pair]) -> list[tuple[int, int, int]]:
    links = [*found, *((other, one) for one, other in found)]
    with duckdb.connect() as db:
        table(db, "mart_enterprise.threshold", [{"circle_rounds": 6}])
        table(
            db,
            "mart_enterprise.colleague_link_month",
            [
                {"month_start": FIRST, "subscription_key": one, "other_subscription_key": other, "cell_id": 7}
                for one, other in links
            ],
        )
        sql = TABLES["mart_enterprise.colleague_circle_month"].sql
        return sorted(db.execute(f"select subscription_key, circle_key, lines from ({sql})").fetchall())


def component(line: int, found: set[Pair]) -> set[int]:
    reached, before = {line}, set[int]()
    while reached != before:
        before = set(reached)
        reached |= {other for pair in found if reached & set(pair) for other in pair}
    return reached
