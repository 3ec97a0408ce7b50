"""What `value.survival_month` applies: hazards by tenure become months expected within the horizon."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 60  # months of tenure that are told apart
PLACES = 6


def apply(rows: pa.RecordBatchReader, fitted: Path) -> pa.Table:
    """One row per month, pay type and tenure from 0 to 60, seen or not. Nothing fitted is needed."""
    import pyarrow as pa

    del fitted
    groups: dict[tuple[Any, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.read_all().to_pylist():
        groups[row["month_start"], row["pay_type"]].append(row)
    found = [
        {"month_start": month, "pay_type": pay_type} | line
        for (month, pay_type), group in sorted(groups.items())
        for line in life_table(group)
    ]
    kinds = [
        ("month_start", pa.date32()), ("pay_type", pa.string()), ("tenure_months", pa.int32()),
        ("at_risk", pa.int64()), ("lost", pa.int64()), ("hazard", pa.float64()), ("survival", pa.float64()),
        ("expected_months", pa.float64()), ("discounted_months", pa.float64()),
    ]  # fmt: skip
    return pa.Table.from_pylist(found, pa.schema(kinds))


def life_table(group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By tenure: hazard, and what follows of it over the horizon for a line that has got so far.

    The hazard of a tenure is drawn towards that of all, as if `hazard_prior` more months at risk had been seen at it.
    """
    seen = {row["tenure_months"]: (row["at_risk"], row["lost"]) for row in group}
    rate, horizon, prior = float(group[0]["discount_rate"]), group[0]["horizon_months"], group[0]["hazard_prior"]
    at_risk, lost = (sum(pair[place] for pair in seen.values()) for place in (0, 1))
    overall = lost / at_risk if at_risk else 0.0
    hazards = []
    for tenure in range(LONGEST + 1):
        risk, gone = seen.get(tenure, (0, 0))
        hazards.append((gone + prior * overall) / (risk + prior) if risk + prior else 0.0)
    found = []
    for tenure in range(LONGEST + 1):
        there, expected, discounted = 1.0, 0.0, 0.0
        for ahead in range(1, horizon + 1):
            there *= 1 - hazards[min(tenure + ahead - 1, LONGEST)]
            expected += there
            discounted += there / (1 + rate) ** (ahead / 12)
        risk, gone = seen.get(tenure, (0, 0))
        found.append({
            "tenure_months": tenure, "at_risk": risk, "lost": gone, "hazard": round(hazards[tenure], PLACES),
            "survival": round(there, PLACES), "expected_months": round(expected, PLACES),
            "discounted_months": round(discounted, PLACES),
        })  # fmt: skip
    return found
