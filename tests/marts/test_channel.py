"""Whatever outlets report: no commission is lost or taken back twice, and no SIM card is in two places."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS
from tests.test_sql_cases import give_sources, set_variables

TABLES = load_tables()
FIRST, AS_OF = date(2025, 10, 1), date(2026, 1, 31)
CLAW_BACK_DAYS = 90
RULES = {
    "module": "channel", "tranche_1_month": 2, "tranche_2_month": 4, "tranche_3_month": 7,
    "claw_back_days": CLAW_BACK_DAYS,
}  # fmt: skip
Rows = list[dict[str, Any]]

days = st.integers(0, (AS_OF - FIRST).days).map(lambda number: FIRST + timedelta(days=number))
outlets = st.sampled_from(["A", "B", "C"])
booking = st.fixed_dictionaries(
    {
        "booked_on": days, "outlet_id": outlets, "subscription_key": st.integers(1, 4), "scheme_code": st.just("S"),
        "tranche": st.integers(1, 3), "commission_amt": st.integers(-30, 60).map(Decimal),
        "status_type": st.sampled_from(["paid", "withheld"]),
    }
)  # fmt: skip
bookings = st.lists(booking, min_size=1, max_size=12).map(
    lambda rows: [{"commission_no": number, **row} for number, row in enumerate(rows)]
)
ends = st.dictionaries(st.integers(1, 4), days)
issues = st.lists(st.tuples(st.integers(1, 6), outlets, days), max_size=10)
uses = st.dictionaries(st.integers(1, 8), st.tuples(days, outlets), max_size=6)


def made(name: str, rows: dict[str, Rows]) -> Rows:
    with duckdb.connect(config={"threads": 1}) as connection:
        for macro in MACROS:
            connection.execute(macro)
        set_variables(connection, {"as_of": AS_OF})
        give_sources(connection, TABLES[name], rows)
        asked = connection.sql(TABLES[name].sql)
        return [dict(zip(asked.columns, row, strict=True)) for row in asked.fetchall()]


def commission(booked: Rows, left: dict[int, date]) -> Rows:
    lines: Rows = [
        {"subscription_key": line, "first_activated_at": datetime(2025, 9, 15, 4)}
        | ({"terminated_at": datetime.combine(left[line], datetime.min.time()).replace(hour=4)} if line in left else {})
        for line in range(1, 5)
    ]
    given_rows = {"mart_channel.threshold": [RULES], "core.fct_commission": booked, "core.dim_subscription": lines}
    return made("mart_channel.commission_tranche", given_rows)


@settings(max_examples=40, deadline=None)
@given(booked=bookings, left=ends)
def test_every_booked_amount_is_in_one_tranche_and_no_more_than_was_paid_is_taken_back(
    booked: Rows, left: dict[int, date]
) -> None:
    found = commission(booked, left)

    assert Counter(row["subscription_key"] for row in found) == dict.fromkeys(
        {row["subscription_key"] for row in booked}, 3
    )
    for row in found:
        key = (row["subscription_key"], row["tranche"])
        own = [one for one in booked if (one["subscription_key"], one["tranche"]) == key]
        paid = sum(one["commission_amt"] for one in own if one["status_type"] == "paid")
        assert row["paid_amt"] + row["withheld_amt"] == sum(one["commission_amt"] for one in own)
        assert row["paid_amt"] == paid
        left_on, first = left.get(row["subscription_key"]), row["booked_on"]
        lost = left_on is not None and first is not None and left_on <= first + timedelta(days=CLAW_BACK_DAYS)
        assert row["claw_back_amt"] == (max(paid, 0) if lost else 0)
        assert not (own and row["expected_amt"])


@settings(max_examples=20, deadline=None)
@given(booked=bookings, left=ends, other=st.permutations(range(12)))
def test_the_order_in_which_bookings_are_delivered_changes_nothing(
    booked: Rows, left: dict[int, date], other: list[int]
) -> None:
    shuffled = [booked[at] for at in other if at < len(booked)]

    assert sorted(map(str, commission(booked, left))) == sorted(map(str, commission(shuffled, left)))


@settings(max_examples=40, deadline=None)
@given(handed=issues, used=uses)
def test_cards_handed_over_are_on_hand_until_they_are_used_once(
    handed: list[tuple[int, str, date]], used: dict[int, tuple[date, str]]
) -> None:
    found = made(
        "mart_channel.stock_month",
        {
            "core.fct_stock_issue": [
                {"issue_no": number, "iccid_key": card, "outlet_id": outlet, "issued_at": day, "issued_on": day}
                for number, (card, outlet, day) in enumerate(handed)
            ],
            "core.bridge_sim": [
                {"iccid_key": card, "subscription_key": card, "valid_from": day} for card, (day, _) in used.items()
            ],
            "core.dim_subscription": [
                {"subscription_key": card, "outlet_id": outlet} for card, (_, outlet) in used.items()
            ],
            "core.dim_date": [{"day": FIRST + timedelta(days=number)} for number in range(150)],
        },
    )

    at_first = {}
    for number, (card, outlet, day) in enumerate(handed):
        at_first.setdefault(card, []).append((day, number, outlet))
    owner = {card: min(told)[2] for card, told in at_first.items()}
    assert sum(row["issued_cards"] for row in found) == len(owner)
    assert sum(row["used_cards"] for row in found) == len(owner.keys() & used.keys())
    assert sum(row["used_elsewhere_cards"] for row in found) == sum(
        used[card][1] != outlet for card, outlet in owner.items() if card in used
    )
    last = {row["outlet_id"]: row["on_hand_cards"] for row in sorted(found, key=lambda row: row["month_start"])}
    left = Counter(outlet for card, outlet in owner.items() if card not in used)
    assert {outlet: cards for outlet, cards in last.items() if cards} == dict(left)
