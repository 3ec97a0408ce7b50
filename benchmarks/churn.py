"""How well the score of leaving ranks lines, beside the true intensity of leaving that an operator could see.

Of the operator on which detectors are measured: fitted on what was known five months before the end, judged on the
later month ends whose sixty days are over, by who really left. The ceiling is the AUC of the truth's observable
intensity of the month after T. Scores may lie above it: whoever will leave soon is seen fading, which the intensity
does not know.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.detectors import LAST
from benchmarks.detectors.score import beside_truth
from benchmarks.line import Line
from models.churn.fit import fit
from models.churn.score import in_force
from models.versions import last_day
from pipelines.engine.home import Home

FITTED_ON = date(2025, 10, 31)
# Lines at T that were still there after the gap, with whether they left in the horizon, and the truth's intensity at T.
JUDGED = """
create temp table judged as
select
    line.month_start, line.subscription_key,
    max(case when truth.left_at::date - last_day(line.month_start) between 11 and 70 and not truth.is_back
        then 1 else 0 end) as has_left,
    max(case when pf_month_diff(line.month_start, truth.month) = 1 then truth.hazard_observable end) as observable
from churn.line_month as line
inner join vault.subscription as known on line.subscription_key = known.key
inner join truth.churn as truth on known.value = truth.user_id
    and truth.month > line.month_start and truth.month <= line.month_start + interval 3 month
where last_day(line.month_start) >= date '{fitted_on}' and last_day(line.month_start) + 70 <= date '{last}'
group by line.month_start, line.subscription_key
having not coalesce(bool_or(truth.left_at::date <= last_day(line.month_start) + 10 and not truth.is_back), false)
"""
FEATURES = """
select features.*, judged.has_left, judged.observable
from churn.feature_month as features
inner join judged using (month_start, subscription_key) where judged.observable is not null
"""


@dataclass(frozen=True)
class Judged:
    """How scores, and the truth's intensity, rank the same lines and months by who left."""

    lines: int
    left: int
    auc: float
    ceiling_auc: float
    lift: float
    ceiling_lift: float
    calibration_error: float


def lines(folder: Path) -> list[Line]:
    """The lines of the benchmark table, on an operator whose nights have run."""
    with beside_truth(folder) as db:
        fit(db, Home(folder).models / "churn", FITTED_ON)
    found = judged(folder)
    difference = found.auc - found.ceiling_auc
    return [
        Line("churn: AUC", note=f"{found.auc:.4f}, ceiling {found.ceiling_auc:.4f}, difference {difference:+.4f} "
             f"({found.lines:,} lines and months, {found.left:,} left)"),
        Line("churn: top-decile lift", note=f"{found.lift:.2f}, ceiling {found.ceiling_lift:.2f}"),
        Line("churn: expected calibration error", note=f"{found.calibration_error:.4f}"),
    ]  # fmt: skip


def judged(home: Path, fitted_on: date = FITTED_ON, last: date = LAST) -> Judged:
    """The version fitted on that day, on an operator whose nights have run; nobody may write it meanwhile."""
    from models.learner.evaluate import auc, calibration_error, lift

    in_its_first_month = in_force(Home(home).models / "churn", last_day(fitted_on + timedelta(days=1)))
    assert in_its_first_month is not None, "no version was fitted"
    with beside_truth(home, "subscription") as db:
        db.execute(JUDGED.format(fitted_on=fitted_on, last=last))
        found: dict[str, list[np.ndarray]] = {"score": [], "has_left": [], "observable": []}
        for batch in in_its_first_month[1].score(db.sql(FEATURES), carry=("has_left", "observable")):
            for name, values in found.items():
                values.append(batch[name].to_numpy(zero_copy_only=False).astype(float))
    score, left, ceiling = (np.concatenate(values) for values in found.values())
    return Judged(
        len(left), int(left.sum()), auc(left, score), auc(left, ceiling), lift(left, score), lift(left, ceiling),
        calibration_error(left, score),
    )  # fmt: skip
