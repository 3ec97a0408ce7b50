"""An audience that cannot be meant is refused with the key, what was found there, why, and the nearest known name."""

from pathlib import Path
from typing import Any

import pytest

from models.targeting.audience import AudienceError
from pipelines.commands.audiences import audience_of, name_of
from tests.models.targeting.operator import chosen, lines, operator, plan

PLAN, TENURE = "core.subscriber_day.plan", "core.subscriber_day.tenure"
BOUND, BALANCE, GB = "core.subscriber_day.is_bound", "core.subscriber_day.balance_amt", "mart_usage.line_month.gb"


def leaf(column: str, **words: Any) -> dict[str, Any]:
    return {"column": column, **words}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (leaf("core.subscriber_day.tenur", above=3), "core.subscriber_day has no column 'tenur'; nearest is 'tenure'"),
        (leaf("mart_usage.line_mont.gb", above=3), "is not known; nearest is 'mart_usage.line_month.gb'"),
        (leaf("tenure", above=3), "'tenure' names no table, as in schema.table.column"),
        (leaf("core.secret.x", above=3), "core.secret is not public"),
        (leaf("core.subscriber_day.msisdn_key", **{"is": 3}), "msisdn_key stands for a person, a number or an account"),
        (leaf("core.subscriber_day.party_key", **{"is": 3}), "party_key stands for a person"),
        (leaf("mart_usage.line_month.month_start", above="2026-01-01"), "month_start dates the rows"),
        (leaf(TENURE, abov=3), "where.abov: found 'abov', which is no word of a condition; nearest is 'above'"),
        (leaf(TENURE), "found no comparison; expected one of is, is_not"),
        (leaf(TENURE, above="3"), "where.above: found '3', a text; core.subscriber_day.tenure needs a number"),
        (leaf(PLAN, **{"is": 755}), "found 755, a number; core.subscriber_day.plan needs a text; put it in quotes"),
        (leaf(PLAN, above="A"), "found above of core.subscriber_day.plan, a text, which has no order"),
        (leaf("core.subscriber_day.is_bound", **{"is": "yes"}), "needs true or false"),
        (leaf("core.subscriber_day.ends_on", below="31.01.2026"), "needs a day, such as 2026-01-31"),
        (leaf(TENURE, **{"is": 2.5}), "have whole numbers, none is ever this"),
        (leaf(BALANCE, **{"is": 1.005}), "have 2 digits after the point, none is ever this"),
        (leaf(TENURE, above=float("nan")), "too large for any value"),
        (leaf(TENURE, above=10**30), "too large for any value"),
        (leaf(GB, sum="3 days", above=1), "where.sum: found '3 days'; expected a span in months, such as '3 months'"),
        (leaf(PLAN, sum="3 days", above=1), "a varchar; expected a number"),
        (leaf("mart_service.ticket.minutes", above=1), "of which a line has several rows; expected one of sum"),
        (leaf(GB, before="last", above=1), "where.before: found 'last'"),
        (leaf(TENURE, between=[3]), "expected the lowest and the highest value"),
        (leaf(PLAN, **{"in": []}), "expected a list of at least one value"),
        ({"days_since": TENURE, "above": 3}, "expected a date"),
        ({"all": []}, "expected a list of at least one condition"),
        ({"all": [leaf(TENURE, above=1)], "any": [leaf(TENURE, above=1)]}, "all, any beside each other"),
        ("tenure > 3", "expected a condition, such as"),
        (None, "expected a condition, such as"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named(where: Any, told: str) -> None:
    with pytest.raises(AudienceError) as caught:
        plan(where)
    assert told in str(caught.value)
    assert str(caught.value).startswith("some.yaml: where")


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(AudienceError) as caught:
        plan({"all": [leaf("core.subscriber_day.tenur", above=3), {"not": leaf(TENURE, above="x")}]})
    assert [line.split(":")[1].strip() for line in str(caught.value).splitlines()] == [
        "where.all[0].column", "where.all[1].not.above",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "where",
    [
        {"all": [leaf(TENURE, above=5), leaf(TENURE, below=3)]},
        {"all": [leaf(TENURE, above=5), leaf(TENURE, below=6)]},  # whole numbers
        {"all": [leaf(TENURE, between=[1, 2]), leaf(TENURE, not_in=[1, 2])]},
        leaf(TENURE, between=[5, 3]),
        {"all": [leaf(PLAN, **{"is": "A"}), leaf(PLAN, **{"is": "B"})]},
        {"all": [leaf(PLAN, **{"in": ["A", "B"]}), leaf(PLAN, not_in=["A", "B", "C"])]},
        {"all": [leaf(TENURE, missing=True), leaf(TENURE, at_least=0)]},
        {"all": [leaf(BOUND, is_not=True), leaf(BOUND, is_not=False)]},
        {"not": {"any": [leaf(TENURE, at_least=3), leaf(TENURE, below=3)]}},
        {"all": [leaf(TENURE, above=5), {"any": [leaf(TENURE, above=9), leaf(TENURE, below=2)]}]},  # a dead alternative
        {"all": [{"all": [leaf(BALANCE, above=1.5)]}, leaf(BALANCE, at_most=1.50)]},
    ],
)  # fmt: skip
def test_conditions_that_exclude_each_other_are_refused(where: Any) -> None:
    with pytest.raises(AudienceError, match="no value is all of that, so nobody is ever chosen"):
        plan(where)


@pytest.mark.parametrize(
    "where",
    [
        {"all": [leaf(BALANCE, above=5), leaf(BALANCE, below=6)]},
        {"any": [leaf(TENURE, above=5), leaf(TENURE, below=3)]},
        {"all": [leaf(GB, above=5), leaf(GB, below=3, before="1 month")]},
        {"all": [leaf(PLAN, **{"in": ["A", "B"]}), leaf(PLAN, not_in=["B"])]},
    ],
)
def test_conditions_that_can_hold_together_are_not(where: Any) -> None:
    assert plan(where).steps


@pytest.mark.parametrize(
    "text", ["'; drop table core.subscriber_day; --", "A' or '1'='1", 'A"); copy x to y', "A\x00", "🙂'"]
)
def test_sql_in_a_value_is_a_text_that_no_line_has(text: str) -> None:
    db = operator({"core.subscriber_day": lines(3, plan="A")})
    with pytest.raises(AudienceError, match=r"which is no value of core\.subscriber_day\.plan"):
        chosen(db, plan(leaf(PLAN, **{"is": text})))
    assert db.execute("select count(*) from core.subscriber_day").fetchall() == [(3,)]

    db.execute("update core.subscriber_day set plan = ? where subscription_key = 2", [text])
    assert chosen(db, plan(leaf(PLAN, **{"is": text}))).keys.tolist() == [2]


@pytest.mark.parametrize(
    "name",
    [
        'core.subscriber_day.tenure" or 1=1 --', "core.subscriber_day.tenure; drop table x", "core.subscriber_day.*",
        "core.subscriber_day.tenure) from read_csv('/etc/passwd') --", 'core.subscriber_day".tenure', "..", "",
        "information_schema.tables.table_name", "duckdb_secrets().x",
    ],
)  # fmt: skip
def test_sql_in_a_name_is_no_column(name: str) -> None:
    with pytest.raises(AudienceError, match=r"where.column: found"):
        plan(leaf(name, above=1))


def test_a_value_outside_the_codes_of_a_column_is_refused_with_the_nearest() -> None:
    db = operator({"core.subscriber_day": [*lines(3, plan="prepaid"), {"subscription_key": 9, "plan": "postpaid"}]})
    with pytest.raises(AudienceError) as caught:
        chosen(db, plan({"all": [leaf(PLAN, **{"in": ["prepayd", "postpaid"]})]}))
    assert str(caught.value) == (
        "some.yaml: where.all[0].in: found 'prepayd', which is no value of core.subscriber_day.plan; nearest is "
        "'prepaid'; there are postpaid, prepaid"
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"quotas": [{"per": {"column": PLAN}, "values": {"A": 9}}]}, "values.A: found a quota of 9; there are 3"),
        ({"quotas": [{"per": {"column": PLAN}, "values": {"a": 1}}]}, "values.a: found 'a', which no line has"),
        ({"quotas": [{"per": {"column": PLAN}, "at_most": 9}]}, "at_most: found 9; no group has more than 3 lines"),
        ({"top": {"by": {"column": TENURE}, "number": 4}}, "top.number: found 4; there are 3 lines in all"),
    ],
)  # fmt: skip
def test_more_than_there_are_is_refused(more: dict[str, Any], told: str) -> None:
    db = operator({"core.subscriber_day": lines(3, plan="A", tenure=4)})
    with pytest.raises(AudienceError) as caught:
        chosen(db, plan(leaf(TENURE, above=1), **more))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: x\nownr: y\n", "young.yaml:2: unknown word 'ownr'"),
        ("title: x\ntitle: y\n", "young.yaml:2: 'title' is declared twice"),
        ("title: [", "young.yaml:2: not valid YAML"),
        ("title: x\nowner: y\nwhere: {}\ncontrol: {share: 1.5, seed: 1}\n", "young.yaml:4: control.share is 1.5"),
        ("title: x\nowner: y\nwhere: {}\ncontrol: {share: '0.1', seed: 1}\n", "young.yaml:4: control.share is '0.1'"),
        ("title: x\nowner: y\nwhere: {}\n", "control"),
        ("title: x\nowner: y\nwhere: {}\nlike: {seeds: ../../etc/passwd, features: [], number: 1}\n", "like.seeds"),
        ("", "young.yaml"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "young.yaml"
    path.write_text(text)
    with pytest.raises(AudienceError) as caught:
        audience_of(path)
    assert told in str(caught.value)


def test_aliases_that_stand_for_billions_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    levels = [f"x{n}: &x{n} {{any: [{', '.join([f'*x{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    path.write_text("\n".join(["x0: &x0 {column: a.b.c, above: 1}", *levels]))
    with pytest.raises(AudienceError, match="found an alias"):
        audience_of(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "young.yaml"
    path.write_bytes(b"title: \xff\xfe")
    with pytest.raises(AudienceError, match="is no text in UTF-8"):
        audience_of(path)


def test_more_conditions_than_anybody_reads_are_refused_once() -> None:
    with pytest.raises(AudienceError) as caught:
        plan({"any": [leaf(TENURE, above=1)] * 20_000})
    assert str(caught.value).count("there are more than 10,000 conditions") == 1


def test_conditions_deep_in_each_other_are_refused() -> None:
    node = leaf(TENURE, above=1)
    for _ in range(200):
        node = {"not": node}
    with pytest.raises(AudienceError, match="more than 50 deep"):
        plan(node)


@pytest.mark.parametrize("name", ["Young.yaml", "a b.yaml", "a'b.yaml", "1a.yaml"])
def test_a_file_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudienceError, match="an audience is named by"):
        name_of(tmp_path / name)
