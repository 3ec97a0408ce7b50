"""Which rows are compared with which: folds that never share a row, an id or a copy, and splits that respect time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEW_GROUPS = 200


@dataclass(frozen=True)
class Fold:
    """Rows to fit on and rows to judge by."""

    train: np.ndarray
    valid: np.ndarray


def groups_of(copies: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """A number per row; rows that are copies of each other or have the same id have the same, in order of the hashes.

    A table of so few different rows that they are no copies but a coarse description is grouped by id only.
    """
    _, copy = np.unique(copies, return_inverse=True)
    _, own = np.unique(ids, return_inverse=True)
    if copy.max(initial=-1) + 1 < min(FEW_GROUPS, len(copies)):
        copy = np.arange(len(copies)) if len(copies) > FEW_GROUPS else copy
    people = own.max(initial=-1) + 1
    if people == len(own):
        return np.unique(copy, return_inverse=True)[1]
    if copy.max(initial=-1) + 1 == len(copy):
        return own
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = people + copy.max() + 1
    links = coo_array((np.ones(len(own), dtype=np.int8), (own, copy + people)), shape=(size, size))
    return connected_components(links, directed=False)[1][own]


def grouped(groups: np.ndarray, label: np.ndarray, count: int, seed: int) -> list[Fold]:
    """Folds of whole groups, with as even a share of leavers as groups allow. The same groups give the same folds."""
    number = int(groups.max()) + 1
    left = np.zeros(number, dtype=bool)
    left[groups[label > 0]] = True
    order = np.random.default_rng(seed).permutation(number)
    place = np.empty(number, dtype=np.int64)
    for is_left in (True, False):
        members = order[left[order] == is_left]
        place[members] = np.arange(len(members)) % count if is_left else (count - 1 - np.arange(len(members)) % count)
    of_row = place[groups]
    folds = [Fold(np.flatnonzero(of_row != at), np.flatnonzero(of_row == at)) for at in range(count)]
    return [fold for fold in folds if len(fold.valid) and 0 < label[fold.train].sum() < len(fold.train)]


def holdout(times: np.ndarray, share: float, gap: float) -> Fold | None:
    """The latest rows to judge by, about `share` of all, and those that ended a gap before; None without a past."""
    known = np.unique(times[~np.isnan(times)])
    if len(known) < 2:
        return None
    later = np.array([(times >= day).mean() for day in known[1:]])
    begin = known[1:][int(np.argmin(np.abs(later - share)))]
    valid, train = np.flatnonzero(times >= begin), np.flatnonzero(times < begin - gap)
    return Fold(train, valid) if len(train) and len(valid) else None


def forward(times: np.ndarray, label: np.ndarray, blocks: int, gap: float) -> list[Fold]:
    """Folds that only ever judge by later rows than they were fitted on; empty where time is too short for that."""
    known = np.unique(times[~np.isnan(times)])
    if len(known) < blocks + 1:
        return []
    shares = np.array([(times < day).mean() for day in known])
    marks = [known[int(np.argmin(np.abs(shares - want)))] for want in np.linspace(0.4, 1, blocks + 1)[:-1]]
    folds = []
    for begin, end in zip(marks, [*marks[1:], np.inf], strict=True):
        fold = Fold(np.flatnonzero(times < begin - gap), np.flatnonzero((times >= begin) & (times < end)))
        if all(0 < label[part].sum() < len(part) for part in (fold.train, fold.valid)):
            folds.append(fold)
    return folds if len(folds) >= 2 else []
