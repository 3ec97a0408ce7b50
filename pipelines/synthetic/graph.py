"""Who calls whom: an undirected graph of lines with communities, households and colleagues, stored by line (CSR)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.settings import Settings


@dataclass(frozen=True)
class Graph:
    """Call partners of line i are `peer_line[peer_start[i]:peer_start[i + 1]]`."""

    peer_start: np.ndarray
    peer_line: np.ndarray

    def degree(self) -> np.ndarray:
        return np.diff(self.peer_start)

    def share(self, flagged: np.ndarray) -> np.ndarray:
        """Share of each line's partners for whom the flag holds."""
        running = np.concatenate([[0], np.cumsum(flagged[self.peer_line], dtype=np.int32)])
        met = running[self.peer_start[1:]] - running[self.peer_start[:-1]]
        return (met / np.maximum(self.degree(), 1)).astype(np.float32)


def build(settings: Settings, circles: dict[str, tuple[np.ndarray, float]], lines: int) -> Graph:
    """Each circle is (group of each line or -1, mean number of partners found in it); strangers come on top."""
    rng = settings.rng("graph")
    pairs = [_strangers(rng, lines, mean=0.9)]
    pairs += [within(rng, group, mean) for group, mean in circles.values()]
    left = np.concatenate([pair[0] for pair in pairs])
    right = np.concatenate([pair[1] for pair in pairs])
    return from_pairs(left, right, lines)


def from_pairs(left: np.ndarray, right: np.ndarray, lines: int) -> Graph:
    """The graph of these pairs, in both directions, each partner once, nobody his own partner."""
    differs = left != right
    left, right = left[differs].astype(np.int64), right[differs].astype(np.int64)
    edges = np.concatenate([left * lines + right, right * lines + left])
    edges.sort()
    edges = edges[np.concatenate([[True], edges[1:] != edges[:-1]])] if len(edges) else edges
    peer_start = np.searchsorted(edges, np.arange(lines + 1, dtype=np.int64) * lines)
    return Graph(peer_start, (edges % lines).astype(np.int32))


def with_returned(
    graph: Graph, old: np.ndarray, new: np.ndarray, rng: np.random.Generator, keep: float = 0.75
) -> Graph:
    """Those who came back under a new number call, and are called by, most of the partners of their old line."""
    if not len(old):
        return graph
    lines = len(graph.peer_start) - 1
    degree = graph.degree()
    known = np.repeat(new, degree[old])
    place = np.arange(len(known)) - np.repeat(np.cumsum(degree[old]) - degree[old], degree[old])
    partners = graph.peer_line[np.repeat(graph.peer_start[old], degree[old]) + place]
    kept = rng.random(len(known)) < keep
    left = np.repeat(np.arange(lines), degree)
    # What the slot was drawn with belonged to somebody else.
    own = ~(np.isin(left, new) | np.isin(graph.peer_line, new))
    return from_pairs(
        np.concatenate([left[own], known[kept]]), np.concatenate([graph.peer_line[own], partners[kept]]), lines
    )


def _strangers(rng: np.random.Generator, lines: int, mean: float) -> tuple[np.ndarray, np.ndarray]:
    left = np.repeat(np.arange(lines), rng.poisson(mean, size=lines))
    return left, rng.integers(0, lines, size=len(left))


def within(rng: np.random.Generator, group: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Partners from the same group: lines ordered by group, a partner is drawn from the group's stretch."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    member = np.repeat(np.arange(len(group)), rng.poisson(mean, size=len(group)) * (ordered >= 0))
    first = np.searchsorted(ordered, ordered[member], side="left")
    after = np.searchsorted(ordered, ordered[member], side="right")
    partner = first + (rng.random(len(member)) * (after - first)).astype(np.int64)
    return order[member], order[partner]
