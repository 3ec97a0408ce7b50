"""Where numbers went, as mart_mobility.lost_line tells it, held against what the clearing house delivered and who left.

The truth knows who left; where to, only the clearing house knows. So two questions are asked: did the lines with a
destination really leave (truth.churn), and is the destination the one of the number's port of that day as delivered?
"""

from pathlib import Path

from benchmarks.detectors.score import Score, beside_truth, scored

FOUND = """
    select vault.value as user_id, lost.destination_operator
    from mart_mobility.lost_line as lost
    inner join vault.subscription as vault on lost.subscription_key = vault.key
    where lost.destination_evidence = 'clearing_house'"""
LEFT = "select user_id from truth.churn where left_at is not null"
# Ports of numbers whose line the operator knew to leave by porting, each with the operator that took the number.
PORTED = """
    select vault.value as user_id, port.recipient_name as destination_operator
    from core.subscriber_day as line
    inner join vault.subscription as vault on line.subscription_key = vault.key
    inner join stg_mnp.port_event as port
        on line.msisdn_key = port.msisdn_key and port.ported_on = line.day
            and port.status_type = 'done' and port.donor_name = 'own' and port.superseded_on is null
    where line.is_port_out"""


def scores(home: Path) -> list[Score]:
    """Lines with a destination that left, and destinations as delivered."""
    with beside_truth(home, "subscription") as db:
        return [
            scored(
                db,
                "port-out: lines that left",
                f"select user_id from ({FOUND})",
                f"select user_id from ({PORTED}) where user_id in ({LEFT})",
            ),
            scored(db, "port-out: destination", FOUND, PORTED),
        ]
