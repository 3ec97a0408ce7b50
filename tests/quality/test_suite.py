"""A contract's promises become expectations, in the form that Great Expectations reads and writes."""

from dataclasses import dataclass
from datetime import date

from quality.suite import derive


@dataclass(frozen=True)
class Column:
    type: str
    required: bool = False
    values: tuple[str | int, ...] = ()
    pattern: str | None = None
    min: int | float | date | None = None
    max: int | float | date | None = None


@dataclass(frozen=True)
class Contract:
    columns: dict[str, Column]
    system: str = "mediation"
    name: str = "cdr"
    key: tuple[str, ...] = ()
    max_reject_share: float = 0.0


def kinds(contract: Contract) -> list[tuple[str, dict]]:
    return [(expectation["type"], expectation["kwargs"]) for expectation in derive(contract)["expectations"]]


def test_every_rule_of_a_column_becomes_one_expectation():
    contract = Contract(
        {
            "service_type": Column("varchar", required=True, values=("voice", "sms")),
            "served_msisdn": Column("varchar", pattern="^[0-9]+$"),
            "duration_s": Column("integer", min=0, max=86400),
            "birth_date": Column("date", min=date(1900, 1, 1)),
            "trunk": Column("varchar"),
        }
    )

    assert kinds(contract) == [
        ("expect_column_values_to_not_be_null", {"column": "service_type"}),
        ("expect_column_values_to_be_in_set", {"column": "service_type", "value_set": ["voice", "sms"]}),
        ("expect_column_values_to_match_regex", {"column": "served_msisdn", "regex": "^[0-9]+$"}),
        ("expect_column_values_to_be_between", {"column": "duration_s", "min_value": 0, "max_value": 86400}),
        ("expect_column_values_to_be_between", {"column": "birth_date", "min_value": "1900-01-01"}),
    ]


def test_the_reject_limit_becomes_mostly_of_values_but_not_of_keys():
    contract = Contract({"call_ref": Column("bigint", required=True)}, key=("call_ref",), max_reject_share=0.001)

    assert kinds(contract) == [
        ("expect_column_values_to_not_be_null", {"column": "call_ref", "mostly": 0.999}),
        ("expect_column_values_to_be_unique", {"column": "call_ref"}),
    ]


def test_a_key_of_several_columns_is_unique_as_a_whole_and_only_warns():
    contract = Contract({"call_ref": Column("bigint"), "record_seq": Column("integer")}, key=("call_ref", "record_seq"))

    (expectation,) = derive(contract)["expectations"]

    assert expectation["type"] == "expect_compound_columns_to_be_unique"
    assert expectation["kwargs"] == {"column_list": ["call_ref", "record_seq"]}
    assert expectation["severity"] == "warning"
