"""Ids of segments that outlive refitting: new centres are matched with the old ones, each with at most one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from models.segmentation.fit import Segment
    from models.segmentation.scale import Feature


def ids_of(
    features: list[Feature],
    centres: np.ndarray,
    shares: np.ndarray,
    before: tuple[list[Feature], list[Segment]] | None,
) -> list[int]:
    """An id per centre: that of the old segment it is, else the next number never used, largest segment first.

    Old and new centres are compared in the old coordinates, over the features that both have. Matches are those of
    least total distance, but never farther than old segments are from each other: then it is another segment.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    matched: dict[int, int] = {}
    if before:
        old_features = {feature.name: (place, feature) for place, feature in enumerate(before[0])}
        both = [(place, *old_features[f.name], f) for place, f in enumerate(features) if f.name in old_features]
        if both:
            old = np.array([[segment.centre[at] for _, at, _, _ in both] for segment in before[1]])
            new = np.column_stack([_in_old(centres[:, place], now, then) for place, _, then, now in both])
            distance = np.sqrt(((new[:, None, :] - old[None, :, :]) ** 2).sum(axis=2))
            apart = np.sqrt(((old[:, None, :] - old[None, :, :]) ** 2).sum(axis=2))
            limit = float(apart[~np.eye(len(old), dtype=bool)].min()) if len(old) > 1 else float("inf")
            for place, at in zip(*linear_sum_assignment(distance), strict=True):
                if distance[place, at] < limit:
                    matched[int(place)] = before[1][at].segment_id
    following = max((segment.segment_id for segment in before[1]), default=0) if before else 0
    for place in sorted(range(len(centres)), key=lambda one: (-shares[one], one)):
        if place not in matched:
            following += 1
            matched[place] = following
    return [matched[place] for place in range(len(centres))]


def _in_old(coordinate: np.ndarray, now: Feature, then: Feature) -> np.ndarray:
    """A coordinate of the new scale as one of the old scale."""
    import numpy as np

    plain = coordinate * now.deviation + now.mean
    return then.coordinate(np.expm1(plain) * now.unit if now.unit else plain)
