"""Features as coordinates: logarithms where they are skewed, deviations from the mean, the missing at the middle."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

SKEWED = 1.0  # skewness from which a feature that is never negative is taken as its logarithm
UNITS = (1.0, 0.1, 0.01)  # of the median of those above zero: what a logarithm counts as one, the least skewed of them
FARTHEST = 5.0  # standard deviations; a single line of a thousand gigabytes must not be a segment


@dataclass(frozen=True)
class Feature:
    """One coordinate: `unit` is what a logarithm counts as one (0: no logarithm); `missing` stands for null."""

    name: str
    unit: float
    missing: float
    mean: float
    deviation: float

    def coordinate(self, values: np.ndarray) -> np.ndarray:
        import numpy as np

        known = np.where(np.isfinite(values), values, self.missing)
        plain = np.log1p(np.maximum(known, 0) / self.unit) if self.unit else known
        return np.clip((plain - self.mean) / self.deviation, -FARTHEST, FARTHEST)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def features(values: dict[str, np.ndarray]) -> tuple[list[Feature], list[str]]:
    """The coordinates that columns give, and what is told of those that give none."""
    import numpy as np

    found: list[Feature] = []
    told: list[str] = []
    seen: dict[bytes, str] = {}
    for name, column in values.items():
        known = column[np.isfinite(column)]
        if len(known) == 0 or known.min() == known.max():
            told.append(f"{name} has one value only and is left out")
            continue
        if (same := seen.setdefault(column.tobytes(), name)) != name:
            told.append(f"{name} is {same} again and is left out")
            continue
        if len(known) < len(column):
            told.append(f"{name} is missing in {1 - len(known) / len(column):.1%} of the rows; its median stands there")
        middle, unit = float(np.median(known)), 0.0
        if known.min() >= 0 and _skewness(known) > SKEWED:
            middle_used = float(np.median(known[known > 0]))
            unit = min((middle_used * share for share in UNITS), key=lambda one: abs(_skewness(np.log1p(known / one))))
        plain = np.log1p(known / unit) if unit else known
        filled = np.log1p(middle / unit) if unit else middle
        whole = np.concatenate([plain, np.full(len(column) - len(known), filled)])
        found.append(Feature(name, unit, middle, float(whole.mean()), float(whole.std())))
    return found, told


def _skewness(values: np.ndarray) -> float:
    apart = values - values.mean()
    return float((apart**3).mean() / max((apart**2).mean(), 1e-300) ** 1.5)


def coordinates(features: list[Feature], values: dict[str, np.ndarray]) -> np.ndarray:
    """Rows of coordinates, one column per feature."""
    import numpy as np

    return np.column_stack([feature.coordinate(values[feature.name]) for feature in features])


def nearest(points: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of the nearest centre and the distance to it; of two equally near, the first.

    Feature by feature and without a matrix product, whose sums depend on threads and processor.
    """
    import numpy as np

    best, place = np.full(len(points), np.inf), np.zeros(len(points), dtype=np.int64)
    for number, centre in enumerate(centres):
        square = np.zeros(len(points))
        for axis in range(points.shape[1]):
            square += (points[:, axis] - centre[axis]) ** 2
        closer = square < best
        best[closer], place[closer] = square[closer], number
    return place, np.sqrt(best)
