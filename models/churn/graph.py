"""Where lines stand in the graph of calls: what SQL cannot say well, from sparse matrices, each month by itself.

Nothing is drawn by chance: nodes are numbered by key, edges sorted, sums run in that order, and results are rounded.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

DAMPING = 0.85  # share of its rank that a line passes on to those it calls
ROUNDS = 50
SETTLED = 1e-10  # change of all ranks together below which no further round is worth it
ROWS_AT_A_TIME = 50_000  # of the matrix that counts triangles, which bounds its memory


def apply(rows: pa.RecordBatchReader, _fitted: Path) -> Iterator[pa.RecordBatch]:
    """Rows in: month_start, subscription_key, other_subscription_key (null for none), made. One row per line out."""
    edges = rows.read_all()
    begins = edges["month_start"].to_numpy()
    for month in np.unique(begins):
        yield from of_month(edges.filter(pa.array(begins == month)), month).to_batches()


def of_month(edges: pa.Table, month: np.datetime64) -> pa.Table:
    source = edges["subscription_key"].to_numpy()
    known = edges["other_subscription_key"].is_valid().to_numpy()
    target = edges["other_subscription_key"].fill_null(-1).to_numpy()[known]
    key = np.unique(source)
    weight = np.nan_to_num(edges["made"].to_numpy(zero_copy_only=False)[known].astype(float))
    out = matrix(np.searchsorted(key, source[known]), np.searchsorted(key, target), weight, len(key))
    mutual = out.minimum(out.T).tocsr()
    community, size = communities(mutual)
    share = clustering(mutual)
    return pa.table(
        {
            "month_start": pa.array(np.full(len(key), month), pa.date32()),
            "subscription_key": key,
            "own_degree_out": np.diff(out.indptr).astype(np.int64),
            "own_degree_in": np.diff(out.tocsc().indptr).astype(np.int64),
            "page_rank": np.round(page_rank(out) * len(key), 3),
            "clustering": pa.array(np.round(np.nan_to_num(share), 6), mask=np.isnan(share)),
            "community_key": key[community],
            "community_size": size.astype(np.int64),
        }
    )


def matrix(source: np.ndarray, target: np.ndarray, weight: np.ndarray, lines: int):  # noqa: ANN201 - scipy is heavy
    """Weights from line to line, nobody calling himself; pairs that come twice are added up."""
    from scipy.sparse import coo_array

    other = source != target
    found = coo_array((weight[other], (source[other], target[other])), shape=(lines, lines)).tocsr()
    found.sum_duplicates()
    found.sort_indices()
    return found


def page_rank(out) -> np.ndarray:  # noqa: ANN001
    """Ranks that add up to one; who calls nobody passes his rank on to all alike."""
    lines = out.shape[0]
    total = np.asarray(out.sum(axis=1)).ravel()
    passes = np.divide(1.0, total, out=np.zeros(lines), where=total > 0)
    received = out.T.tocsr()
    received.sort_indices()
    rank = np.full(lines, 1 / lines)
    for _ in range(ROUNDS):
        kept = rank[total == 0].sum()
        now = (1 - DAMPING) / lines + DAMPING * (received @ (rank * passes) + kept / lines)
        change, rank = np.abs(now - rank).sum(), now
        if change < SETTLED:
            break
    return rank


def clustering(mutual) -> np.ndarray:  # noqa: ANN001
    """Closed pairs over pairs of contacts, by line; not a number for lines with fewer than two contacts."""
    links = mutual.astype(bool).astype(np.int32).tocsr()
    degree = np.diff(links.indptr).astype(np.int64)
    closed = np.zeros(links.shape[0], dtype=np.int64)
    for first in range(0, links.shape[0], ROWS_AT_A_TIME):
        part = links[first : first + ROWS_AT_A_TIME]
        closed[first : first + ROWS_AT_A_TIME] = np.asarray((part @ links).multiply(part).sum(axis=1)).ravel()
    pairs = degree * (degree - 1)
    return np.divide(closed, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def communities(mutual) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN001
    """Number of the first line of each line's community, and its size: every line joined to its strongest contact."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    lines = mutual.shape[0]
    row = np.repeat(np.arange(lines), np.diff(mutual.indptr))
    order = np.lexsort((mutual.indices, -mutual.data, row))
    first = np.searchsorted(row[order], np.arange(lines))
    has = np.diff(mutual.indptr) > 0
    best = mutual.indices[order][np.minimum(first, max(len(order) - 1, 0))] if len(order) else np.arange(lines)
    best = np.where(has, best, np.arange(lines))
    joined = coo_array((np.ones(lines), (np.arange(lines), best)), shape=(lines, lines))
    _, label = connected_components(joined, directed=False)
    lowest = np.full(label.max() + 1, lines)
    np.minimum.at(lowest, label, np.arange(lines))
    return lowest[label], np.bincount(label)[label]
