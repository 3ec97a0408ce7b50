"""How good scores are: ranking, calibration, lift, money; with bootstrap intervals, by segment and by month.

`label` is 1 for who left and 0 for who stayed; a `score` rises with the risk, a `chance` is a probability.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models.learner.settings import Campaign, settings_of

BINS = 10
REPLICATES = 200


def auc(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Chance that a leaver is ranked above a stayer, ties counting half; NaN without both classes."""
    return _auc(*_ranked(label, score, weight))


def _ranked(
    label: np.ndarray, score: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By distinct score, rising: weights of leavers and of stayers by row, and where each score begins."""
    order = np.argsort(score, kind="stable")
    ordered = np.asarray(score)[order]
    weights = np.ones(len(order)) if weight is None else np.asarray(weight, dtype=float)[order]
    left = np.asarray(label)[order] > 0
    return weights * left, weights * ~left, np.flatnonzero(np.r_[True, np.diff(ordered) != 0])


def _auc(left: np.ndarray, stayed: np.ndarray, begins: np.ndarray) -> float:
    if not left.sum() or not stayed.sum():
        return float("nan")
    lost, held = np.add.reduceat(left, begins), np.add.reduceat(stayed, begins)
    below = np.cumsum(held) - held
    return float((lost * (below + held / 2)).sum() / (lost.sum() * held.sum()))


def pr_auc(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Average precision: precision at each distinct score, weighted by the leavers it adds."""
    left, stayed, begins = _ranked(label, score, weight)
    return _pr_auc(left, stayed, begins)


def _pr_auc(left: np.ndarray, stayed: np.ndarray, begins: np.ndarray) -> float:
    if not left.sum():
        return float("nan")
    lost, held = np.add.reduceat(left, begins)[::-1], np.add.reduceat(stayed, begins)[::-1]
    precision = np.cumsum(lost) / np.maximum(np.cumsum(lost) + np.cumsum(held), 1e-12)
    return float((precision * lost).sum() / lost.sum())


def lift(label: np.ndarray, score: np.ndarray, share: float = 0.1, weight: np.ndarray | None = None) -> float:
    """Share of leavers among the riskiest tenth over their share among all; a tie at its edge counts in proportion."""
    return _lift(*_ranked(label, score, weight), share)


def _lift(left: np.ndarray, stayed: np.ndarray, begins: np.ndarray, share: float = 0.1) -> float:
    if not left.sum():
        return float("nan")
    lost, held = np.add.reduceat(left, begins)[::-1], np.add.reduceat(stayed, begins)[::-1]
    rows = np.cumsum(lost + held)
    inside = np.interp(share * rows[-1], np.r_[0, rows], np.r_[0, np.cumsum(lost)])
    return float(inside / (share * lost.sum()))


def calibration_table(
    label: np.ndarray, chance: np.ndarray, bins: int = BINS, weight: np.ndarray | None = None
) -> list[dict[str, float]]:
    """Predicted and observed share of leavers in bins of equal size."""
    if not len(label):
        return []
    order = np.argsort(chance, kind="stable")
    weights = np.ones(len(order)) if weight is None else np.asarray(weight, dtype=float)
    rows = []
    for part in np.array_split(order, min(bins, len(order))):
        inside = weights[part]
        rows.append({
            "rows": len(part),
            "predicted": float((np.asarray(chance)[part] * inside).sum() / inside.sum()),
            "observed": float((np.asarray(label)[part] * inside).sum() / inside.sum()),
        })  # fmt: skip
    return rows


def calibration_error(
    label: np.ndarray, chance: np.ndarray, bins: int = BINS, weight: np.ndarray | None = None
) -> float:
    """Expected calibration error: mean distance between predicted and observed share over bins of equal size."""
    table = calibration_table(label, chance, bins, weight)
    if not table:
        return float("nan")
    return float(
        np.average([abs(row["predicted"] - row["observed"]) for row in table], weights=[r["rows"] for r in table])
    )


def best_threshold(label: np.ndarray, chance: np.ndarray, seed: int = 0) -> float:
    """Threshold of the highest accuracy: the median over bootstrap samples, as a single best one is mostly chance."""
    random = np.random.default_rng(seed)
    if len(label) > 100_000:
        some = random.choice(len(label), 100_000, replace=False)
        label, chance = label[some], chance[some]
    order = np.argsort(chance, kind="stable")
    ordered, left = np.asarray(chance)[order], np.asarray(label)[order] > 0
    ends = np.flatnonzero(np.r_[np.diff(ordered) != 0, True])
    bounds = np.r_[0.0, (ordered[ends[:-1]] + ordered[ends[:-1] + 1]) / 2, 1.0]
    found = []
    for _ in range(51):
        count = np.bincount(random.integers(0, len(order), len(order)), minlength=len(order))
        # Everyone up to a bound counts as staying, everyone above as leaving; of equally good bounds the middle.
        gain = np.r_[0, np.cumsum(np.where(left, -count, count))[ends]]
        first = int(np.argmax(gain))
        more = np.flatnonzero(gain[first:] != gain[first])
        last = first + int(more[0]) - 1 if len(more) else len(gain) - 1
        found.append((bounds[first] + bounds[last]) / 2)
    return float(np.median(found))


def accuracy(label: np.ndarray, chance: np.ndarray, threshold: float, weight: np.ndarray | None = None) -> float:
    return float(np.average((np.asarray(chance) >= threshold) == (np.asarray(label) > 0), weights=weight))


def _hull(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, float]:
    """Convex hull of the ROC curve: shares of leavers and of stayers reached, and the share of leavers in all."""
    left, stayed, begins = _ranked(label, score, weight)
    lost = np.r_[0, np.cumsum(np.add.reduceat(left, begins)[::-1])] / left.sum()
    held = np.r_[0, np.cumsum(np.add.reduceat(stayed, begins)[::-1])] / stayed.sum()
    kept: list[int] = []
    for at in range(len(lost)):
        while len(kept) > 1 and (lost[kept[-1]] - lost[kept[-2]]) * (held[at] - held[kept[-2]]) <= (
            lost[at] - lost[kept[-2]]
        ) * (held[kept[-1]] - held[kept[-2]]):
            kept.pop()
        kept.append(at)
    return lost[kept], held[kept], float(left.sum() / (left.sum() + stayed.sum()))


def empc(
    label: np.ndarray, score: np.ndarray, campaign: Campaign | None = None, weight: np.ndarray | None = None
) -> dict[str, float]:
    """Expected maximum profit of a retention campaign per customer of the base, and the share to contact for it.

    Verbraken, Verbeke, Baesens, "A novel profit maximizing metric for measuring classification performance of customer
    churn prediction models", IEEE TKDE 25(5), 2013: of the leavers who are contacted a share gamma ~ Beta(alpha, beta)
    accepts the offer and stays; for each gamma the best threshold is taken.
    """
    from scipy.special import betainc

    terms = campaign or settings_of().campaign
    if not 0 < np.sum(label) < len(label):
        return {"profit": float("nan"), "share": float("nan")}
    lost, held, prior = _hull(label, score, weight)
    offer, contact = terms.offer_cost / terms.lifetime_value, terms.contact_cost / terms.lifetime_value
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (offer + contact) * (1 - prior) * np.diff(held) / (prior * np.diff(lost))
    turns = np.clip((np.where(np.diff(lost) > 0, slope, np.inf) + contact) / (1 - offer), 0, 1)
    edges = np.maximum.accumulate(np.r_[0, turns, 1])
    inside = np.diff(betainc(terms.alpha, terms.beta, edges))
    mean = terms.alpha / (terms.alpha + terms.beta)
    first = mean * np.diff(betainc(terms.alpha + 1, terms.beta, edges))
    gained = ((1 - offer) * first - contact * inside) * prior * lost
    spent = (offer + contact) * (1 - prior) * held * inside
    share = inside * (prior * lost + (1 - prior) * held)
    return {"profit": float(terms.lifetime_value * (gained - spent).sum()), "share": float(share.sum())}


def profit(
    label: np.ndarray, chance: np.ndarray, campaign: Campaign | None = None, weight: np.ndarray | None = None
) -> dict[str, float]:
    """Profit per customer of the base if all are contacted whose probability says that it pays on average."""
    terms = campaign or settings_of().campaign
    accepts = terms.alpha / (terms.alpha + terms.beta)
    won = accepts * (terms.lifetime_value - terms.offer_cost) - terms.contact_cost
    wasted = terms.offer_cost + terms.contact_cost
    threshold = wasted / (won + wasted) if won > 0 else 1.1
    contacted = np.asarray(chance) >= threshold
    value = np.where(contacted, np.where(np.asarray(label) > 0, won, -wasted), 0.0)
    return {
        "profit_per_customer": float(np.average(value, weights=weight)),
        "share_contacted": float(np.average(contacted, weights=weight)),
        "threshold": float(threshold),
    }


def evaluation(
    label: np.ndarray, chance: np.ndarray, *, threshold: float | None = None, campaign: Campaign | None = None,
    weight: np.ndarray | None = None, intervals: bool = True, seed: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """All of it for probabilities of leaving."""
    label, chance = np.asarray(label, dtype=float), np.asarray(chance, dtype=float)
    terms = campaign or settings_of().campaign
    safe = np.clip(chance, 1e-12, 1 - 1e-12)
    share = float(np.average(label, weights=weight)) if len(label) else float("nan")
    found: dict[str, Any] = {"rows": len(label), "leavers": int(label.sum()), "leaver_share": share}
    if not len(label):
        return found
    expected = empc(label, chance, terms, weight)
    losses = -(label * np.log(safe) + (1 - label) * np.log1p(-safe))
    found |= {
        "auc": auc(label, chance, weight), "pr_auc": pr_auc(label, chance, weight),
        "brier": float(np.average((chance - label) ** 2, weights=weight)),
        "log_loss": float(np.average(losses, weights=weight)),
        "calibration_error": calibration_error(label, chance, weight=weight),
        "top_decile_lift": lift(label, chance, weight=weight),
        "empc": expected["profit"], "empc_share": expected["share"], "empc_parameters": terms.model_dump(),
        **profit(label, chance, terms, weight),
    }  # fmt: skip
    found["profit_threshold"] = found.pop("threshold")
    if threshold is not None:
        found |= {"threshold": threshold, "accuracy": accuracy(label, chance, threshold, weight)}
    if intervals:
        found["intervals"] = bootstrap(label, chance, threshold=threshold, weight=weight, seed=seed)
    found["calibration"] = calibration_table(label, chance, weight=weight)
    return found


def bootstrap(
    label: np.ndarray, chance: np.ndarray, *, threshold: float | None = None, weight: np.ndarray | None = None,
    replicates: int = REPLICATES, seed: int = 0,
) -> dict[str, list[float]]:  # fmt: skip
    """95 % intervals from resampled rows (from at most a million row draws in each of the replicates)."""
    random = np.random.default_rng(seed)
    rows = len(label)
    replicates = int(np.clip(40_000_000 // max(rows, 1), 40, replicates))
    order = np.argsort(chance, kind="stable")
    label, chance = label[order], chance[order]
    weights = np.ones(rows) if weight is None else np.asarray(weight, dtype=float)[order]
    left = label > 0
    begins = np.flatnonzero(np.r_[True, np.diff(chance) != 0])
    right = None if threshold is None else (chance >= threshold) == left
    found: dict[str, list[float]] = {"auc": [], "pr_auc": [], "top_decile_lift": [], "brier": [], "accuracy": []}
    for _ in range(replicates):
        count = np.bincount(random.integers(0, rows, rows), minlength=rows) * weights
        lost, held = count * left, count * ~left
        if not lost.sum() or not held.sum():
            continue
        found["auc"].append(_auc(lost, held, begins))
        found["pr_auc"].append(_pr_auc(lost, held, begins))
        found["top_decile_lift"].append(_lift(lost, held, begins))
        found["brier"].append(float(np.average((chance - label) ** 2, weights=count)))
        if right is not None:
            found["accuracy"].append(float(np.average(right, weights=count)))
    return {
        name: [float(value) for value in np.quantile(values, [0.025, 0.975])]
        for name, values in found.items()
        if values
    }


def by_segment(
    label: np.ndarray, chance: np.ndarray, segment: np.ndarray, campaign: Campaign | None = None
) -> dict[str, dict[str, Any]]:
    """The evaluation of each segment for itself; what a segment without both classes cannot have is NaN."""
    names = np.asarray([str(value) for value in segment])
    return {
        str(name): evaluation(label[names == name], chance[names == name], campaign=campaign, intervals=False)
        for name in np.unique(names)
    }
