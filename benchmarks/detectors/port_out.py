"""Where numbers went, as mart_mobility.lost_line tells it, against where they truly went.

Ports that were taken back later are among both: on the day they were told, the number went there.
"""

from pathlib import Path

from benchmarks.detectors.score import Score, beside_truth, scored

FOUND = """
    select vault.value as user_id, lost.destination_operator
    from mart_mobility.lost_line as lost
    inner join vault.subscription as vault on lost.subscription_key = vault.key
    where lost.destination_evidence = 'clearing_house'"""
TRUE = "select user_id, recipient as destination_operator from truth.port_out where is_told"


def scores(home: Path) -> list[Score]:
    """Lines with the operator that they went to, where the clearing house tells it."""
    with beside_truth(home, "subscription") as db:
        return [scored(db, "port-out: destination told by the clearing house", FOUND, TRUE)]
