"""Revenue assurance against what billing got wrong: every wrong item, and by how much, to the cent."""

from pathlib import Path

from benchmarks.detectors.score import Score, beside_truth, scored

FOUND = """
select vault.subscription.value as user_id, strftime(month_start, '%Y%m') as cycle, item_code {amounts}
from mart_assurance.line_item_month
left join vault.subscription on subscription_key = vault.subscription.key
where leakage_amt {sign} 0"""

TRUE = """
select user_id, cycle, item_code {amounts}
from truth.billing_error
where kind = '{kind}' and cycle in (select strftime(month_start, '%Y%m') from mart_assurance.bill_run)"""

KINDS = {"unbilled_usage": ">", "over_billed": "<"}


def scores(home: Path) -> list[Score]:
    """Items by kind of error, and the same with both amounts: found is only what is found exactly."""
    found = []
    with beside_truth(home, "subscription") as db:
        for kind, sign in KINDS.items():
            found.append(
                scored(db, f"{kind}, items", FOUND.format(amounts="", sign=sign), TRUE.format(amounts="", kind=kind))
            )
            found.append(
                scored(
                    db,
                    f"{kind}, items and amounts to the cent",
                    FOUND.format(amounts=", due_amt, billed_amt", sign=sign),
                    TRUE.format(amounts=", rated_amt, billed_amt", kind=kind),
                )
            )
    return found
