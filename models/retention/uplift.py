"""Whom contact moves: uplift learners on any table of a random experiment, where it is large enough to learn from.

Learners are compared with the ranking by risk times value on rows that they have not seen. One that does not lead by
more than chance is not used: evidence that uplift beats risk in telecom is weak (Verhelst et al., 2021), and a small
experiment finds heterogeneity in noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from models.learner import LearnerError, settings_of, train
from models.learner.table import Table, label_of, table_of
from models.retention.economics import declared
from models.retention.effect import Effect, stratified
from models.retention.gain import Experiment, errors, maximum_profit, qini
from models.retention.mover import BY_RISK, LEARNERS, OWN, QUICK, Mover
from models.retention.mover import chance as chance_of
from models.sql import quoted

FOLDS = 2
FEW = 200  # controls below which risk is learnt from all rows
FEW_OUTCOMES = 20  # and the same for either outcome among them
UNBALANCED = 5.0  # standard errors by which arms may differ in a feature before it is told


@dataclass(frozen=True)
class Candidate:
    """A way of ranking and what it was worth on rows it had not seen. `lead` is its Qini less that of risk."""

    qini: float
    qini_error: float
    lead: float
    lead_error: float
    profit_per_line: float
    best_share: float


@dataclass(frozen=True)
class Uplift:
    """What was found; `score` belongs to `ids`, in the table's order. `mover` is for rows to come, where asked for."""

    method: str
    reason: str
    treated: int
    controls: int
    treated_share: float
    control_share: float
    effect: Effect
    candidates: dict[str, Candidate]
    unbalanced: dict[str, float]
    ids: pl.Series
    score: np.ndarray
    mover: Mover | None = None

    def told(self) -> dict[str, Any]:
        found = self.candidates.get(self.method)
        return {
            "method": self.method, "reason": self.reason, "treated": self.treated, "controls": self.controls,
            "treated_share": self.treated_share, "control_share": self.control_share,
            "effect": {"difference": self.effect.difference, "low": self.effect.low, "high": self.effect.high},
            "qini": found.qini if found else None,
            "maximum_profit_per_line": found.profit_per_line if found else None,
            "best_share": found.best_share if found else None,
            "candidates": {name: asdict(each) for name, each in self.candidates.items()},
            "unbalanced": self.unbalanced,
        }  # fmt: skip

    def scores(self) -> pl.DataFrame:
        """One row per row of the table: id, score (more is better to contact), decile (1 is best)."""
        place = np.empty(len(self.score), dtype=np.int64)
        place[np.lexsort((np.arange(len(self.score)), -self.score))] = np.arange(len(self.score))
        decile = 1 + place * 10 // max(len(place), 1)
        return pl.DataFrame({"id": self.ids, "score": np.round(self.score, 9), "decile": decile})


def learn(
    table: Any, treatment: str, outcome: str, id: str, *, value: str | None = None, is_unwanted: bool = False,
    least_controls: int | None = None, worth: float | None = None, cost: float | None = None, is_kept: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Uplift:  # fmt: skip
    """What contact changed in a table of a random experiment, and a ranking of its rows by whom it moves.

    `outcome` is what was wanted (staying, buying), unless `is_unwanted` (leaving). `value` is a column of money by
    which rows are weighed, else each wanted outcome is worth `worth`; a contact costs `cost`.

    Raises:
        LearnerError: a column is not there, holds other than two values, or there is nothing to learn from.
    """
    frame, features = _read(table_of(table), treatment, outcome, id, value, is_unwanted)
    treated, wanted = frame["bassline_treated"].to_numpy(), frame["bassline_wanted"].to_numpy()
    effect = stratified(
        *(np.array([number]) for number in (treated.sum(), wanted[treated > 0].sum())),
        *(np.array([number]) for number in ((1 - treated).sum(), wanted[treated == 0].sum())),
    )
    if effect is None:
        raise LearnerError(f"treatment '{treatment}': all rows are of one arm; expected lines left alone as well")
    worth = settings_of().campaign.lifetime_value if worth is None else worth
    money = frame["bassline_value"].to_numpy()
    value_of = np.where(np.isnan(money), 0.0, money) if value else np.full(len(frame), float(worth))
    experiment = Experiment(treated, wanted, value_of, declared().cost_amt if cost is None else cost)
    least = declared().least_controls if least_controls is None else least_controls
    few = min(effect.treated, effect.controls)
    matrix = frame.select("bassline_wanted", *features)
    if few < least:
        arm = "controls" if effect.controls == few else "treated lines"
        reason = f"{few:,} {arm} are fewer than {least:,}: too few to tell whom contact moves more than others"
        gains = {BY_RISK: _risk(matrix, treated, wanted, say)}
    else:
        gains = _cross_fitted(matrix, treated, frame["bassline_fold"].to_numpy(), say)
        reason = ""
    weighed = {name: gain * value_of if value else gain for name, gain in gains.items()}
    candidates = _compared(experiment, weighed)
    method = BY_RISK if few < least else _champion(candidates)
    if few >= least:
        reason = _why(method, candidates)
    return Uplift(
        method, reason, effect.treated, effect.controls, effect.treated_share, effect.control_share, effect,
        candidates, _unbalanced(frame, features, treated), frame["bassline_id"], weighed[method],
        Mover.learn(matrix, treated) if is_kept and method != BY_RISK else None,
    )  # fmt: skip


def _read(
    table: Table, treatment: str, outcome: str, id: str, value: str | None, is_unwanted: bool
) -> tuple[pl.DataFrame, list[str]]:
    """Rows with arm, wanted outcome, value, id and fold, and the names of the features."""
    named = {
        role: table.column(name, role) for role, name in (("treatment", treatment), ("outcome", outcome), ("id", id))
    }
    if value:
        named["value"] = table.column(value, "value")
    features = [name for name in table.columns if name not in {*named.values()} - {named.get("value")}]
    if not features:
        raise LearnerError(f"{table.name}: has no column beside treatment, outcome and id; expected features")
    arm, event = (
        label_of(table, named[role], f"(select {quoted(named[role])} from {table.rows()})")
        for role in ("treatment", "outcome")
    )
    worth = f"try_cast({quoted(named['value'])} as double)" if value else "null::double"
    rows = table.ask(
        f"""select {arm.sql}::double as bassline_treated,
            {f"1 - {event.sql}" if is_unwanted else event.sql}::double as bassline_wanted,
            {worth} as bassline_value, {quoted(named["id"])} as bassline_id,
            (hash({quoted(named["id"])}) % {FOLDS})::integer as bassline_fold,
            {", ".join(f"{quoted(name)} as {quoted(OWN + name)}" for name in features)}
        from {table.rows()} where {arm.sql} is not null and {event.sql} is not null"""
    )
    return pl.DataFrame(rows.to_arrow_table()), [OWN + name for name in features]


def _cross_fitted(
    matrix: pl.DataFrame, treated: np.ndarray, fold: np.ndarray, say: Callable[[str], None]
) -> dict[str, np.ndarray]:
    """By way of ranking a gain per row, from models of the other rows."""
    gains = {name: np.zeros(len(matrix)) for name in (BY_RISK, *LEARNERS)}
    for part in range(FOLDS):
        say(f"learning from part {part + 1} of {FOLDS}")
        rest, held = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        found = Mover.learn(matrix[rest], treated[rest]).gains(matrix[held])
        for name, gain in found.items():
            gains[name][held] = gain
    return gains


def _risk(matrix: pl.DataFrame, treated: np.ndarray, wanted: np.ndarray, say: Callable[[str], None]) -> np.ndarray:
    """Risk of every row when left alone, of those that were learnt from by models that had not seen them."""
    alone = treated == 0
    seldom = min(wanted[alone].sum(), (1 - wanted[alone]).sum())
    learnt = np.flatnonzero(alone) if alone.sum() >= FEW and seldom >= FEW_OUTCOMES else np.arange(len(matrix))
    say(f"learning the risk from {len(learnt):,} rows")
    model = train(matrix[learnt], "bassline_wanted", settings=QUICK, positive="1.0")
    chance = chance_of(model, matrix)
    if model.held is not None:
        numbers, scores = model.held
        chance[learnt[numbers - 1]] = scores
    return 1 - chance


def _compared(experiment: Experiment, weighed: dict[str, np.ndarray]) -> dict[str, Candidate]:
    orders = {name: experiment.best_first(score) for name, score in weighed.items()}
    error = errors(experiment, orders, BY_RISK)
    found = {name: qini(experiment, order) for name, order in orders.items()}
    profit = {name: maximum_profit(experiment, order) for name, order in orders.items()}
    return {
        name: Candidate(
            found[name],
            error[name][0],
            found[name] - found[BY_RISK],
            error[name][1],
            profit[name].per_line,
            profit[name].share,
        )
        for name in orders
    }


def _champion(candidates: dict[str, Candidate]) -> str:
    """The learner with the highest Qini, if it leads risk by more than a standard error and finds anything at all."""
    best = max(LEARNERS, key=lambda name: candidates[name].qini)
    found = candidates[best]
    return best if found.lead > found.lead_error and found.qini > 2 * found.qini_error else BY_RISK


def _why(method: str, candidates: dict[str, Candidate]) -> str:
    risk, best = candidates[BY_RISK], max((candidates[n] for n in LEARNERS), key=lambda one: one.qini)
    if method == BY_RISK:
        return (
            f"the better learner has a Qini of {best.qini:.5f} (standard error {best.qini_error:.5f}) on rows it had "
            f"not seen, risk {risk.qini:.5f}: a lead of {best.lead:.5f} "
            f"(standard error {best.lead_error:.5f}) may be chance"
        )
    found = candidates[method]
    return (
        f"on rows it had not seen it has a Qini of {found.qini:.5f} (standard error {found.qini_error:.5f}), "
        f"{found.lead:.5f} (standard error {found.lead_error:.5f}) more than the ranking by risk"
    )


def _unbalanced(frame: pl.DataFrame, features: list[str], treated: np.ndarray) -> dict[str, float]:
    """Features in which the arms differ by more than chance, with the difference in standard errors."""
    found = {}
    for name in features:
        if not frame.schema[name].is_numeric():
            continue
        column = frame[name].cast(pl.Float64).to_numpy()
        arms = [each[~np.isnan(each)] for each in (column[treated > 0], column[treated == 0])]
        if min(map(len, arms)) < 2:
            continue
        error = float(np.sqrt(sum(np.var(each, ddof=1) / len(each) for each in arms)))
        apart = (float(arms[0].mean()) - float(arms[1].mean())) / error if error else 0.0
        if abs(apart) > UNBALANCED:
            found[name.removeprefix(OWN)] = round(apart, 2)
    return found
