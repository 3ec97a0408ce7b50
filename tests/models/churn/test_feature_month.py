"""The wide view holds what its subjects hold."""

from datetime import date

from pipelines.engine.declaration import first_kept
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


def test_what_a_feature_is_made_of_is_kept_as_long_as_the_feature() -> None:
    """Else a range of nights, which drops old months before the next table is built, tells those months with holes."""
    last = date(2026, 3, 31)
    short = {
        (name, source): TABLES[source].header.keep
        for name in TABLES["churn.feature_month"].sources
        for source in TABLES[name].sources & TABLES.keys()
        if (kept := TABLES[source].header.keep) and first_kept(last, kept) > first_kept(last, TABLES[name].header.keep)
    }

    assert short == {}
