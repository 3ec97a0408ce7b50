"""K-means and silhouettes on one thread: the same points give the same centres, whatever else the machine does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ROUNDS = 100
STILL = 1e-4  # movement of all centres, over the variance of the points, below which they have settled


def k_means(points: np.ndarray, segments: int, seed: int, *, starts: int) -> tuple[np.ndarray, np.ndarray]:
    """The best of several k-means++ starts: centres and the place of each point's centre."""
    import numpy as np

    chance = np.random.default_rng([seed, segments])
    squares = np.einsum("ij,ij->i", points, points)
    runs = [_settled(points, squares, _spread_out(points, segments, chance)) for _ in range(starts)]
    _, centres, labels = min(runs, key=lambda one: one[0])
    return centres.round(9), labels


def _spread_out(points: np.ndarray, segments: int, chance: np.random.Generator) -> np.ndarray:
    """First centres among the points, each far from those before it (k-means++)."""
    import numpy as np

    centres = [points[chance.integers(len(points))]]
    distance = ((points - centres[0]) ** 2).sum(axis=1)
    for _ in range(segments - 1):
        reach = np.cumsum(distance)
        place = np.searchsorted(reach, chance.random() * reach[-1]) if reach[-1] > 0 else chance.integers(len(points))
        centres.append(points[min(int(place), len(points) - 1)])
        distance = np.minimum(distance, ((points - centres[-1]) ** 2).sum(axis=1))
    return np.array(centres)


def _settled(points: np.ndarray, squares: np.ndarray, centres: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    import numpy as np

    enough = STILL * float(points.var(axis=0).sum())
    labels, distance = _assigned(points, squares, centres)
    for _ in range(ROUNDS):
        counts = np.bincount(labels, minlength=len(centres))
        sums = np.column_stack([
            np.bincount(labels, weights=points[:, axis], minlength=len(centres)) for axis in range(points.shape[1])
        ])  # fmt: skip
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        if (counts == 0).any():  # a centre that lost all its points starts again at the point farthest from its own
            moved[counts == 0] = points[np.argsort(-distance, kind="stable")[: int((counts == 0).sum())]]
        shift = float(((moved - centres) ** 2).sum())
        centres = moved
        labels, distance = _assigned(points, squares, centres)
        if shift <= enough:
            break
    return float(distance.sum()), centres, labels


def _assigned(points: np.ndarray, squares: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    distance = np.einsum("ij,ij->i", centres, centres) - 2 * (points @ centres.T)
    labels = distance.argmin(axis=1)
    return labels, np.maximum(distance[np.arange(len(points)), labels] + squares, 0)


def apart(points: np.ndarray) -> np.ndarray:
    """Distances between all points."""
    import numpy as np

    squares = np.einsum("ij,ij->i", points, points)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * (points @ points.T), 0))


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette: how much nearer points are to their own segment than to the next, -1 to 1; 0 for a lone one."""
    import numpy as np

    kinds, place = np.unique(labels, return_inverse=True)
    if len(kinds) < 2:
        return 0.0
    own = np.arange(len(place)), place
    counts = np.bincount(place)
    sums = distances @ np.eye(len(kinds))[place]
    inside = sums[own] / np.maximum(counts[place] - 1, 1)
    means = sums / counts
    means[own] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    value = np.where((counts[place] > 1) & (larger > 0), (outside - inside) / np.where(larger > 0, larger, 1), 0.0)
    return float(value.mean())


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Adjusted Rand index of two partitions of the same points: 1 for the same, about 0 for chance."""
    import numpy as np

    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / max(len(one) * (len(one) - 1) / 2, 1)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)
