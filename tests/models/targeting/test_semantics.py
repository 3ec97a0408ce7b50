"""What an audience chooses is what reading its conditions line by line chooses; a missing value satisfies nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.targeting.audience import AudienceError
from tests.models.targeting.operator import AS_OF, counted, lines, operator, plan

FACTS = {
    "core.subscriber_day.area_id": st.sampled_from(["0755", "0571", "021"]),
    "core.subscriber_day.tenure": st.integers(-3, 6),
    "core.subscriber_day.balance_amt": st.decimals(-2, 4, places=2),
    "core.subscriber_day.rate": st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3)),
    "core.subscriber_day.is_bound": st.booleans(),
    "core.subscriber_day.ends_on": st.dates(date(2026, 1, 28), date(2026, 2, 3)),
}
MONTHS = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
ORDER = {
    "above": lambda a, b: a > b, "at_least": lambda a, b: a >= b, "below": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
}  # fmt: skip


def facts(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name.rsplit(".", 1)[1]: st.none() | FACTS[name] for name in names})


def declared(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    def compare(name: str) -> st.SearchStrategy[dict[str, Any]]:
        values = FACTS[name].map(declared)
        equal = [
            st.fixed_dictionaries({"is": values}), st.fixed_dictionaries({"is_not": values}),
            st.fixed_dictionaries({"in": st.lists(values, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not_in": st.lists(values, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"missing": st.booleans()}),
        ]  # fmt: skip
        if name.rsplit(".", 1)[1] not in ("area_id", "is_bound"):
            equal += [st.fixed_dictionaries({word: values}) for word in ORDER]
            equal.append(st.fixed_dictionaries({"between": st.tuples(values, values).map(sorted).map(list)}))
        return st.one_of(equal).map(lambda words: {"column": name} | words)

    gb = st.sampled_from(["sum", "average", "minimum", "maximum", "count"]).flatmap(
        lambda take: st.tuples(
            st.integers(1, 3), st.integers(0, 2), st.sampled_from(list(ORDER)), st.integers(0, 5)
        ).map(
            lambda t: (
                {"column": "mart_usage.line_month.gb", take: f"{t[0]} months", "before": f"{t[1]} months", t[2]: t[3]}
                if t[1]
                else {"column": "mart_usage.line_month.gb", take: f"{t[0]} months", t[2]: t[3]}
            )
        )
    )
    since = st.tuples(st.sampled_from(list(ORDER)), st.integers(-3, 3)).map(
        lambda t: {"days_since": "core.subscriber_day.ends_on", t[0]: t[1]}
    )
    return st.one_of(st.sampled_from(list(FACTS)).flatmap(compare), gb, since)


def trees() -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda one: {"not": one}),
        ),
        max_leaves=6,
    )


def truth(node: Mapping[str, Any], line: Mapping[str, Any], gb: Mapping[date, Any]) -> bool | None:
    """SQL's three values, worked out for one line."""
    if "all" in node:
        found = [truth(one, line, gb) for one in node["all"]]
        return False if False in found else None if None in found else True
    if "any" in node:
        found = [truth(one, line, gb) for one in node["any"]]
        return True if True in found else None if None in found else False
    if "not" in node:
        inner = truth(node["not"], line, gb)
        return None if inner is None else not inner
    value, exact = value_of(node, line, gb)
    if "missing" in node:
        return (value is None) == node["missing"]
    if value is None:
        return None
    if "between" in node:
        return exact(node["between"][0]) <= value <= exact(node["between"][1])
    for word, compare in ORDER.items():
        if word in node:
            return compare(value, exact(node[word]))
    if "is" in node or "is_not" in node:
        return (value == exact(node["is"])) if "is" in node else (value != exact(node["is_not"]))
    listed = [exact(one) for one in node.get("in", node.get("not_in"))]
    return (value in listed) == ("in" in node)


def value_of(node: Mapping[str, Any], line: Mapping[str, Any], gb: Mapping[date, Any]) -> tuple[Any, Any]:
    if "days_since" in node:
        value = line["ends_on"]
        return None if value is None else (AS_OF - value).days, lambda x: x
    name = node["column"].rsplit(".", 1)[1]
    if name != "gb":
        exact = (lambda x: Decimal(str(x))) if name == "balance_amt" else (lambda x: x)
        return line[name], exact
    take = next(word for word in ("sum", "average", "minimum", "maximum", "count") if word in node)
    last = len(MONTHS) - int(node.get("before", "0 months").split()[0])
    months = MONTHS[max(last - int(node[take].split()[0]), 0) : max(last, 0)]
    rows = [gb[month] for month in months if month in gb]
    known = [one for one in rows if one is not None]
    if take == "count":
        return len(known), lambda x: x
    if not known and take == "sum":
        return 0, Decimal
    if not known:
        return None, lambda x: x
    total = sum(known)
    if take == "average":
        return round(float(total) / len(known), 9), float
    return {"sum": total, "minimum": min(known), "maximum": max(known)}[take], Decimal


@settings(max_examples=120, deadline=None)
@given(
    where=trees(),
    told=st.lists(facts(list(FACTS)), min_size=1, max_size=8),
    use=st.lists(
        st.dictionaries(st.sampled_from(MONTHS), st.none() | st.decimals(0, 4, places=6)), min_size=8, max_size=8
    ),
)  # fmt: skip
def test_an_audience_chooses_what_reading_it_line_by_line_chooses(where: Any, told: list[Any], use: list[Any]) -> None:
    rows = [{"subscription_key": key, "party_key": key} | facts for key, facts in enumerate(told, start=1)]
    months = [
        {"month_start": month, "subscription_key": key, "gb": gb}
        for key, by_month in enumerate(use[: len(rows)], start=1) for month, gb in by_month.items()
    ]  # fmt: skip
    naive = [row["subscription_key"] for row, gb in zip(rows, use, strict=False) if truth(where, row, gb) is True]
    try:
        one = plan(where)
    except AudienceError as error:
        assert "nobody is ever chosen" in str(error)
        if "any" not in str(where):  # else the rest of the alternatives may well choose somebody
            assert naive == []
        return
    with operator({"core.subscriber_day": rows, "mart_usage.line_month": months}) as db:
        outcome, _ = counted(db, one)
    assert outcome.keys.tolist() == naive
    assert outcome.contactable == outcome.remaining[-1] == len(naive)


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ({"column": "mart_customer.party_month.paid_amt", "above": 5}, [1, 2]),  # all lines of the customer
        ({"column": "mart_service.ticket.is_open", "sum": "all", "at_least": 2}, [3]),
        ({"column": "mart_service.ticket.minutes", "count": "all", "is": 0}, [1, 2]),
        ({"column": "mart_usage.line_month.calls", "is": 7}, [2]),
        ({"column": "mart_usage.line_month.calls", "before": "1 month", "is": 7}, [1]),
        ({"column": "core.subscriber_day.tenure", "before": "1 day", "is": 1}, [3]),
    ],
)  # fmt: skip
def test_facts_come_from_the_line_the_customer_and_the_time_that_is_meant(where: Any, keys: list[int]) -> None:
    db = operator(
        {
            "core.subscriber_day": [
                {"subscription_key": 1, "party_key": 7}, {"subscription_key": 2, "party_key": 7},
                {"subscription_key": 3, "party_key": 8},
                {"subscription_key": 4, "party_key": 7, "is_in_network": False},
                {"subscription_key": 5, "party_key": 7, "is_test": True},
                {"subscription_key": 3, "day": AS_OF - timedelta(days=1), "tenure": 1},
            ],
            "mart_customer.party_month": [
                {"month_start": date(2026, 1, 1), "party_key": 7, "paid_amt": 9},
                {"month_start": date(2026, 1, 1), "party_key": 8, "paid_amt": 5},
                {"month_start": date(2026, 1, 1), "party_key": -1, "paid_amt": 99},
            ],
            "mart_service.ticket": [
                {"ticket_no": "a", "subscription_key": 3, "is_open": True, "minutes": 1},
                {"ticket_no": "b", "subscription_key": 3, "is_open": True, "minutes": 2},
                {"ticket_no": "c", "subscription_key": -1, "is_open": True, "minutes": 3},
            ],
            "mart_usage.line_month": [
                {"month_start": date(2026, 1, 1), "subscription_key": 2, "calls": 7},
                {"month_start": date(2025, 12, 1), "subscription_key": 1, "calls": 7},
                {"month_start": date(2026, 2, 1), "subscription_key": 3, "calls": 7},  # not over when the day closes
            ],
        }
    )  # fmt: skip
    assert counted(db, plan(where))[0].keys.tolist() == keys


def test_each_condition_is_counted_alone_and_with_those_before_it() -> None:
    db = operator({"core.subscriber_day": [one | {"tenure": one["subscription_key"]} for one in lines(10, plan="A")]})
    above, below = (
        {"column": "core.subscriber_day.tenure", "above": 3},
        {"column": "core.subscriber_day.tenure", "below": 6},
    )
    outcome, _ = counted(db, plan({"all": [above, below]}))

    assert outcome.population == 10
    assert [step.title for step in outcome.plan.steps] == [
        "core.subscriber_day.tenure above 3", "core.subscriber_day.tenure below 6",
    ]  # fmt: skip
    assert (outcome.alone.tolist(), outcome.remaining.tolist()) == ([7, 5], [7, 2])
