"""The wide view holds what its subjects hold."""

from pipelines.engine.table import load_tables

TABLES = load_tables()
KEYS = {"msisdn_key", "party_key", "account_key", "outlet_id", "last_event_on", "community_key"}  # no features


def test_every_column_of_every_subject_is_a_feature_with_the_same_meaning() -> None:
    wide = TABLES["churn.feature_month"]
    expected = {}
    for name in wide.sources:
        expected |= {column: text for column, text in TABLES[name].header.columns.items() if column not in KEYS}

    assert len(wide.header.columns) - 2 >= 150
    assert {c: t for c, t in wide.header.columns.items() if c not in ("month_start", "subscription_key")} == {
        c: t for c, t in expected.items() if c not in ("month_start", "subscription_key")
    }


def test_no_feature_is_made_of_the_newest_state() -> None:
    """What says how things are now would tell the past what came later."""
    newest = {
        "core.dim_subscription",
        "core.dim_party",
        "core.dim_plan",
        "mart_customer.family",
        "mart_device.re_entry",
    }
    subjects = [TABLES[name] for name in TABLES["churn.feature_month"].sources]

    assert {table.name: table.sources & newest for table in subjects if table.sources & newest} == {}
