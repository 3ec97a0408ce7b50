"""Lists: ranking, quotas, look-alikes, controls by lot, and the contact policy with every exclusion counted."""

from typing import Any

import numpy as np
import pytest

from models.targeting.choose import choose, controls, likeness_of, lot
from models.targeting.evaluate import evaluate
from models.targeting.policy import Policy, pending, rules
from models.targeting.source import Published
from tests.models.targeting.operator import AS_OF, CATALOGUE, chosen, counted, lines, operator, plan

AREA, TENURE, BALANCE = "core.subscriber_day.area_id", "core.subscriber_day.tenure", "core.subscriber_day.balance_amt"
EVERYBODY = {"column": TENURE, "at_least": 0}


def test_the_best_by_a_fact_are_taken_in_order_and_who_has_none_is_not_ranked() -> None:
    tenure = {1: 5, 2: None, 3: 9, 4: 7, 5: 1}
    db = operator({"core.subscriber_day": [one | {"tenure": tenure[one["subscription_key"]]} for one in lines(5)]})
    where = {"any": [EVERYBODY, {"column": TENURE, "missing": True}]}

    best = chosen(db, plan(where, top={"by": {"column": TENURE}, "number": 3}))
    assert (best.keys.tolist(), best.without_value, best.beyond_number) == ([3, 4, 1], 1, 1)
    last = chosen(db, plan(where, top={"by": {"column": TENURE}, "order": "lowest", "number": 2}))
    assert last.keys.tolist() == [5, 1]


def test_quotas_are_filled_by_the_best_of_each_value() -> None:
    rows = [one | {"tenure": one["subscription_key"], "area_id": "ab"[one["subscription_key"] % 2]} for one in lines(8)]
    db = operator({"core.subscriber_day": rows})
    top = {"by": {"column": TENURE}, "number": 8}

    found = chosen(db, plan(EVERYBODY, top=top, quotas=[{"per": {"column": AREA}, "at_most": 2}]))
    assert (found.keys.tolist(), found.over_quota) == ([8, 7, 6, 5], [4])
    found = chosen(db, plan(EVERYBODY, top=top, quotas=[{"per": {"column": AREA}, "values": {"a": 1}}]))
    assert found.keys.tolist() == [8, 7, 5, 3, 1]


def test_who_is_alike_is_nearest_to_the_mean_of_the_seeds_and_no_seed() -> None:
    known = {1: (10, 100), 2: (11, 110), 3: (10, 105), 4: (50, 100), 5: (10, 900), 6: (None, None)}
    facts = [
        one | dict(zip(("tenure", "balance_amt"), known[one["subscription_key"]], strict=True)) for one in lines(6)
    ]
    db = operator(
        {"core.subscriber_day": facts}
    )  # fmt: skip
    one = plan(
        {"column": "core.subscriber_day.is_bound", "missing": True},
        like={"seeds": "s.csv", "features": [{"column": TENURE}, {"column": BALANCE}], "number": 3},
    )
    seeds = np.array([1, 2])
    outcomes, _ = evaluate([one], [[]], source := Published(db, CATALOGUE, AS_OF))
    alike = choose(outcomes[0], likeness_of(one.like, dict(source.values(one.like)), source.keys, seeds), seeds)

    assert alike.keys.tolist() == [3, 6, 4]  # what is not known of 6 makes it neither alike nor different
    assert alike.without_value == 2


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.99])
def test_each_stratum_leaves_its_share_alone(share: float) -> None:
    keys = np.arange(1, 3001)
    strata = [np.array(["a", "b", "c", None], object)[keys % 4], (keys % 3).astype(object)]
    is_control, told = controls(keys, share, 7, strata)

    assert is_control.sum() == round(share * 3000) == sum(number for _, number in told.values())
    assert len(told) == 12
    assert all(abs(number - share * size) < 1 for size, number in told.values())


def test_the_lot_is_fair_whatever_keys_there_are() -> None:
    for keys in (np.arange(100_000), np.arange(100_000) * 1024):
        drawn = lot(keys, 1) / 2.0**64
        assert abs(drawn.mean() - 0.5) < 0.005
        assert abs(np.corrcoef(drawn, keys)[0, 1]) < 0.01
        assert abs(np.corrcoef(drawn, lot(keys, 2) / 2.0**64)[0, 1]) < 0.01


def test_the_same_declaration_gives_the_same_list_whatever_the_order_of_rows() -> None:
    rows = [one | {"tenure": 3, "area_id": "ab"[one["subscription_key"] % 2]} for one in lines(200)]
    wanted = {
        "control": {"share": 0.2, "seed": 5, "strata": [{"column": AREA}]},
        "top": {"by": {"column": TENURE}, "number": 120},
    }
    one, other = (
        chosen(operator({"core.subscriber_day": each}), plan(EVERYBODY, **wanted)) for each in (rows, rows[::-1])
    )

    assert one.keys.tolist() == other.keys.tolist()
    assert one.is_control.tolist() == other.is_control.tolist()
    assert one.controls == 24
    reseeded = chosen(
        operator({"core.subscriber_day": rows}), plan(EVERYBODY, **wanted | {"control": {"share": 0.2, "seed": 6}})
    )
    assert set(reseeded.keys.tolist()) != set(one.keys.tolist())  # ties in the ranking are broken by lot


POLICY = {
    "opted_out": {"title": "Said no", "purposes": ["marketing"], "where": {"column": AREA, "is": "no"}},
    "complaint": {"title": "Complains", "where": {"column": TENURE, "at_least": 5}},
    "campaign": {"title": "In another", "is_in_other_campaign": True, "where": {"column": BALANCE, "at_least": 1}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("purpose", "names", "holding", "first", "left"),
    [
        ("marketing", ["opted_out", "complaint", "campaign"], [2, 2, 2], [2, 1, 1], [6]),
        ("service", ["complaint", "campaign"], [2, 2], [2, 1], [1, 6]),
    ],
)
def test_each_reason_is_counted_as_often_as_it_holds_and_once_where_it_is_the_first(
    purpose: str, names: list[str], holding: list[int], first: list[int], left: list[int]
) -> None:
    facts: dict[int, dict[str, Any]] = {
        1: {"area_id": "no"}, 2: {"area_id": "no", "tenure": 5}, 3: {"tenure": 9, "balance_amt": 1}, 4: {}, 6: {},
    }  # fmt: skip
    rows = [
        {"subscription_key": key, "party_key": key, "tenure": 0, "area_id": "yes", "balance_amt": 0} | more
        for key, more in facts.items()
    ]
    policy = Policy.model_validate({"rules": POLICY})
    db = operator({"core.subscriber_day": rows})
    own = rules(policy, CATALOGUE, purpose, "some")
    outcome, _ = counted(db, plan(EVERYBODY), own, {pending("some"): np.array([4])})

    assert [rule.name for rule in own] == names
    assert (outcome.holding.tolist(), outcome.first.tolist()) == (holding, first)
    assert outcome.keys.tolist() == left
    assert outcome.contactable == len(left)


def test_the_policy_that_is_in_force_names_what_the_tables_have() -> None:
    from models.targeting.column import Catalogue
    from models.targeting.policy import read_policy
    from pipelines.commands.audiences import relation
    from pipelines.engine.table import load_tables

    catalogue = Catalogue({name: relation(one, is_there=True) for name, one in load_tables().items()})
    names = [rule.name for rule in rules(read_policy(), catalogue, "marketing", "some")]
    assert names == ["opted_out", "blacklisted", "complaint_open", "contacted_often", "other_campaign"]
    assert "opted_out" not in [rule.name for rule in rules(read_policy(), catalogue, "service", "some")]
