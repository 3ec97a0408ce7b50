"""How each version of the model does on months that it had not seen: decay, drift, and version against version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import versions
from models.learner import load

if TYPE_CHECKING:
    import duckdb

MATURED = """
select features.*, label.label as has_left
from churn.feature_month as features
inner join churn.label_month as label
    on features.month_start = label.month_start and features.subscription_key = label.subscription_key
inner join churn.definition as defined on label.definition = defined.definition
where defined.event_type in ('exit', 'silence') and label.label is not null
    and last_day(features.month_start) >= date '{after}'
"""
NEWEST = "from churn.feature_month where month_start = (select max(month_start) from churn.line_month)"


@dataclass(frozen=True)
class Evaluation:
    """Of one version: by later month how good it still is, and what moved since training (PSI, the worst first)."""

    version: versions.Version
    months: list[dict[str, Any]]
    drift: list[dict[str, Any]]


def evaluate(connection: duckdb.DuckDBPyConnection, fitted: Path) -> list[Evaluation]:
    """Every version on the month ends after the day it was fitted on whose labels have matured."""
    return [of_version(connection, version) for version in versions.versions(fitted)]


def of_version(connection: duckdb.DuckDBPyConnection, version: versions.Version) -> Evaluation:
    from models.learner.drift import decay

    model = load(version.folder)
    query = MATURED.format(after=version.fitted_as_of)
    month, score, label = [], [], []
    if connection.execute(f"select count(*) from ({query})").fetchall()[0][0]:
        for batch in model.score(connection.sql(query), carry=("month_start", "has_left")):
            month.append(batch["month_start"].to_numpy(zero_copy_only=False))
            score.append(batch["score"].to_numpy())
            label.append(batch["has_left"].to_numpy(zero_copy_only=False).astype(float))
    months = decay(np.concatenate(month), np.concatenate(score), np.concatenate(label)) if month else []
    return Evaluation(version, months, model.drift(connection.sql(NEWEST)))
