"""Outlets that activate invented customers, and the invented lines themselves, against what the operator knows.

An outlet fakes when at least `FAKES` of the lines that could be judged are invented: those activated in the months of
history whose next month is over. Fewer are no pattern that commission could be withheld for; no honest outlet of the
synthetic operator has any, so the number only leaves out outlets that had hardly time to begin. An outlet is found when
any month names it. The limits were chosen on the seeds 101 to 103 with `python -m benchmarks.new_lines`.
"""

from pathlib import Path

import duckdb

from benchmarks.detectors.score import Score, beside_truth, scored

FAKES = 5


def scores(home: Path) -> list[Score]:
    with beside_truth(home, "subscription") as db:
        db.execute(
            """create temp table told as select fake.*, vault.key as subscription_key from truth.fake_activation as fake
            inner join vault.subscription as vault on fake.user_id = vault.value"""
        )
        return [outlets(db, "told"), by_the_book(db, "told"), lines(db, "told"), held_lines(db, "told")]


def judged(told: str) -> str:
    """Invented lines among those that were judged."""
    return f"""select fake.outlet_id, fake.subscription_key from {told} as fake
        inner join mart_channel.new_line_month as line on fake.subscription_key = line.subscription_key"""


def fakers(told: str) -> str:
    return f"select outlet_id from ({judged(told)}) group by outlet_id having count(*) >= {FAKES}"


def outlets(db: duckdb.DuckDBPyConnection, told: str = "truth.fake_activation") -> Score:
    found = "select outlet_id from mart_channel.fake_activation_month where is_suspected"
    return scored(db, f"outlets with at least {FAKES} invented customers", found, fakers(told))


def by_the_book(db: duckdb.DuckDBPyConnection, told: str) -> Score:
    """The score of the book, entry and all; published beside the other, and no match for it where outlets are small."""
    found = "select outlet_id from mart_channel.fake_activation_month where book_level > 0"
    return scored(db, "the same, by the score of the book", found, fakers(told))


def lines(db: duckdb.DuckDBPyConnection, told: str) -> Score:
    found = "select subscription_key from mart_channel.new_line_month where is_suspected"
    return scored(db, "invented lines, a month after", found, f"select subscription_key from ({judged(told)})")


def held_lines(db: duckdb.DuckDBPyConnection, told: str) -> Score:
    found = "select subscription_key from mart_channel.new_line_score where is_held"
    true = f"""select fake.subscription_key from {told} as fake
        inner join mart_channel.new_line_score as line on fake.subscription_key = line.subscription_key"""
    return scored(db, "invented lines, held on day 15", found, true)
