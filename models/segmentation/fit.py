"""Fits segments to any table: k-means on scaled features, their number by silhouette and by stability under resampling.

Nights do not come here: they apply the centres (`member.py`). The same rows give the same segments in whatever order
they come, because the sample and its order are drawn from the ids.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from models.segmentation.k_means import agreement, apart, k_means, silhouette
from models.segmentation.scale import Feature, coordinates, features, nearest

if TYPE_CHECKING:
    import numpy as np

    Pair = tuple[np.ndarray, np.ndarray]  # points, and the distances between them

SAMPLE = 20_000  # rows that segments are fitted on
JUDGED = 1_500  # of these, rows that silhouettes are taken of: their cost grows with the square
STARTS = 5
RESAMPLES = 10
REFERENCES = 2  # data without segments, of each of two kinds, that silhouettes are held against
STABLE = 0.8  # adjusted Rand index of the same rows between two resamples, below which a number of segments is chance
ABOVE_CHANCE = 0.03  # by how much a silhouette must exceed that of data without segments
LEAST_ROWS = 50
SEED = 2026


class SegmentationError(ValueError):
    """Data that cannot be segmented; the message says what was found and what is needed."""


@dataclass(frozen=True)
class Number:
    """How well one number of segments does; `reference` is the silhouette of data without segments."""

    segments: int
    silhouette: float
    reference: float
    stability: float

    @property
    def is_stable(self) -> bool:
        return self.stability >= STABLE

    @property
    def is_distinct(self) -> bool:
        return self.silhouette > self.reference + ABOVE_CHANCE


@dataclass(frozen=True)
class Segment:
    """One segment: an id that outlives refitting, a name, its centre and its share of the sample."""

    segment_id: int
    name: str
    centre: list[float]
    share: float
    profile: dict[str, float]


@dataclass(frozen=True)
class Segmentation:
    """What was fitted: coordinates, segments, and every number of segments that was tried."""

    features: list[Feature]
    segments: list[Segment]
    numbers: list[Number]
    rows: int
    sampled: int
    is_distinct: bool
    told: list[str]

    @property
    def centres(self) -> np.ndarray:
        import numpy as np

        return np.array([segment.centre for segment in self.segments])

    def evaluation(self) -> dict[str, Any]:
        chosen = next(one for one in self.numbers if one.segments == len(self.segments))
        return {
            "rows": self.rows, "sampled": self.sampled, "is_distinct": self.is_distinct,
            "silhouette": chosen.silhouette, "reference_silhouette": chosen.reference, "stability": chosen.stability,
            "numbers": [asdict(one) for one in self.numbers], "told": self.told,
        }  # fmt: skip

    def text(self) -> str:
        """The JSON that a version keeps."""
        content = {
            "features": [asdict(one) for one in self.features],
            "segments": [asdict(one) for one in self.segments],
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> tuple[list[Feature], list[Segment]]:
    """Features and segments of a version."""
    content = json.loads(text)
    return [Feature(**one) for one in content["features"]], [Segment(**one) for one in content["segments"]]


def sample(ids: list[Any], size: int = SAMPLE) -> list[int]:
    """Places of the rows to fit on, drawn and ordered by a hash of their id."""
    keys = [(hashlib.blake2b(str(one).encode(), digest_size=8).digest(), place) for place, one in enumerate(ids)]
    return [place for _, place in sorted(keys)[:size]]


def fit(
    ids: list[Any],
    values: dict[str, np.ndarray],
    *,
    numbers: range = range(2, 11),
    before: tuple[list[Feature], list[Segment]] | None = None,
) -> Segmentation:
    """Segments of the rows; those of an earlier version, `before`, keep their ids and names where they are still there.

    A range of one number is taken as asked for, and still judged.

    Raises:
        SegmentationError: too few rows or no feature that varies.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    if len(ids) < LEAST_ROWS:
        raise SegmentationError(f"{len(ids)} rows; at least {LEAST_ROWS} are needed to tell segments from chance")
    places = sample(ids)
    drawn = {name: np.asarray(column, dtype=float)[places] for name, column in values.items()}
    found, told = features(drawn)
    if not found:
        raise SegmentationError(f"no feature varies: {'; '.join(told)}")
    points = coordinates(found, drawn)
    # Beyond a tenth of the distinct rows segments are single rows.
    most = max(2, min(numbers.stop - 1, len(np.unique(points, axis=0)) // 10))
    with threadpool_limits(1):
        empty = [(made, apart(made)) for made in _without_segments(points[:JUDGED], np.random.default_rng(SEED))]
        distances = apart(points[:JUDGED])
        tried = [_number(points, distances, k, empty) for k in range(numbers.start, max(numbers.start, most) + 1)]
        chosen = _chosen(tried)
        centres, labels = k_means(points, chosen.segments, SEED, starts=STARTS)
    is_distinct = chosen.is_distinct and chosen.is_stable
    if not is_distinct:
        told.append(
            f"no number of segments is both stable and clearer than chance (best: {chosen.segments} with silhouette "
            f"{chosen.silhouette:.2f}, data without segments {chosen.reference:.2f}, stability "
            f"{chosen.stability:.2f}): "
            "the segments cut a continuum, they are no groups that exist"
        )
    segments = _segments(found, centres, labels, before)
    return Segmentation(found, segments, tried, len(ids), len(places), is_distinct, told)


def _chosen(tried: list[Number]) -> Number:
    """The clearest of the stable and distinct numbers; without one the clearest stable, else the most stable."""
    good = [one for one in tried if one.is_stable and one.is_distinct]
    if good:
        return max(good, key=lambda one: (one.silhouette - one.reference, -one.segments))
    if stable := [one for one in tried if one.is_stable]:
        return max(stable, key=lambda one: (one.silhouette - one.reference, -one.segments))
    return max(tried, key=lambda one: (one.stability, -one.segments))


def _number(points: np.ndarray, distances: np.ndarray, segments: int, empty: list[Pair]) -> Number:
    import numpy as np

    _, labels = k_means(points, segments, SEED, starts=STARTS)
    chance = np.random.default_rng([SEED, segments])
    again = []
    for number in range(RESAMPLES):
        rows = chance.integers(0, len(points), len(points))
        others, _ = k_means(points[rows], segments, SEED + 1 + number, starts=2)
        again.append(agreement(labels, nearest(points, others)[0]))
    references = [silhouette(between, k_means(made, segments, SEED, starts=2)[1]) for made, between in empty]
    own = silhouette(distances, labels[: len(distances)])
    return Number(segments, round(own, 6), round(max(references), 6), round(float(np.mean(again)), 6))


def _without_segments(points: np.ndarray, chance: np.random.Generator) -> list[np.ndarray]:
    """Data of the same extent and correlation without segments: a normal cloud, an even block along its main axes."""
    import numpy as np

    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    low, high, spread = turned.min(axis=0), turned.max(axis=0), turned.std(axis=0)
    made = []
    for _ in range(REFERENCES):
        made.append(chance.normal(0, 1, turned.shape) * spread)
        made.append(chance.uniform(low, high, turned.shape))
    return made


def _segments(
    found: list[Feature], centres: np.ndarray, labels: np.ndarray, before: tuple[list[Feature], list[Segment]] | None
) -> list[Segment]:
    import numpy as np

    from models.segmentation.match import ids_of
    from models.segmentation.profile import name_of

    shares = np.bincount(labels, minlength=len(centres)) / len(labels)
    ids = ids_of(found, centres, shares, before)
    names = {segment.segment_id: segment.name for segment in before[1]} if before else {}
    made = []
    for place, segment_id in enumerate(ids):
        profile = {feature.name: round(float(z), 4) for feature, z in zip(found, centres[place], strict=True)}
        name = names.get(segment_id) or name_of(profile)
        taken = {segment.name for segment in made} | set(names.values()) - {names.get(segment_id)}
        made.append(
            Segment(
                segment_id,
                name if name not in taken else f"{name} ({segment_id})",
                [float(one) for one in centres[place]],
                round(float(shares[place]), 6),
                profile,
            )
        )
    return sorted(made, key=lambda segment: segment.segment_id)
