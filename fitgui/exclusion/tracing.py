"""Contours and filled areas on triangles, exact for what is linear on each of them.

Every triangle that a level crosses has one straight piece of the contour. Pieces turn such that what is
above the level is on their left; the crossing of an edge ends one piece and begins the next, so that pieces
are joined by the numbers of edges, without comparing coordinates. An outline of an area is joined in the
same way, of pieces of contours and of the border of the mesh. contourpy, good as it is, knows rectangular
grids only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitgui.exclusion.model import Floats
from fitgui.exclusion.triangulation import Ints, Mesh

Bools = NDArray[np.bool_]
Ring = Floats
"""A closed piece, shape (k, 2), the last place being the first."""

_CORNER, _UPPER, _LOWER = 0, 1, 2
_KINDS = 3
_SAME = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A piece of a contour in scaled coordinates."""

    places: Floats
    """Shape (k, 2)."""
    closed: bool


def contour(mesh: Mesh, column: int, level: float) -> list[Trace]:
    """Where one of the values of a mesh is at a level, the longest piece first.

    Args:
        mesh: Triangles and values.
        column: Which of the values.
        level: A corner at exactly this counts as above.
    """
    heights = mesh.values[:, column] - level
    start, stop = _pieces(mesh, heights)
    chains = _joined(start, stop)
    traces = []
    for nodes, closed in chains:
        places = _without_repeats(_crossings(mesh.places, heights, np.array(nodes, dtype=np.int64)))
        if len(places) >= (4 if closed else 2):
            traces.append(Trace(places, closed))
    return sorted(traces, key=_length, reverse=True)


def areas(mesh: Mesh, upper: Floats, lower: Floats | None = None) -> list[tuple[Ring, list[Ring]]]:
    """Where ``upper`` is not negative and ``lower`` is: outlines, counter-clockwise, each with its holes.

    Args:
        mesh: Triangles; its values are not looked at.
        upper: Heights at its places, shape (m,).
        lower: Nowhere above ``upper``; shape (m,); ``None`` is negative everywhere.
    """
    size = len(mesh.places)
    below = np.full(size, -1.0) if lower is None else lower
    start_up, stop_up = (_KINDS * keys + _UPPER for keys in _pieces(mesh, upper))
    start_low, stop_low = (_KINDS * keys + _LOWER for keys in _pieces(mesh, below))
    start_border, stop_border = _border_pieces(mesh, upper, below)
    start = np.concatenate([start_up, stop_low, start_border])
    stop = np.concatenate([stop_up, start_low, stop_border])
    rings = []
    for nodes, closed in _joined(start, stop):
        chain = np.array(nodes, dtype=np.int64)
        places = np.empty((len(chain), 2))
        for kind, heights in ((_UPPER, upper), (_LOWER, below)):
            mine = chain % _KINDS == kind
            places[mine] = _crossings(mesh.places, heights, chain[mine] // _KINDS)
        corners = chain % _KINDS == _CORNER
        places[corners] = mesh.places[chain[corners] // _KINDS]
        places = _without_repeats(places)
        if closed and len(places) >= 4:
            rings.append(places)
    return _nested(rings)


def signed_area(ring: Ring) -> float:
    """Of a closed polygon; positive if it turns counter-clockwise."""
    x, y = (ring - ring[0]).T
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def contains(ring: Ring, place: Floats) -> bool:
    """Whether a place is inside a closed polygon, by the number of edges to its right."""
    x, y = ring[:-1].T
    next_x, next_y = ring[1:].T
    crosses = (y > place[1]) != (next_y > place[1])
    rise = np.where(crosses, next_y - y, 1.0)
    at = x + (place[1] - y) / rise * (next_x - x)
    return bool(np.count_nonzero(crosses & (at > place[0])) % 2)


def _pieces(mesh: Mesh, heights: Floats) -> tuple[Ints, Ints]:
    """Edges where pieces of a contour begin and end; what is above the level is on their left."""
    above = heights[mesh.triangles] >= 0
    count = above.sum(axis=1)
    crossed = (count == 1) | (count == 2)
    triangles, above, count = mesh.triangles[crossed], above[crossed], count[crossed]
    alone = np.argmax(above == (count == 1)[:, None], axis=1)
    first, second, third = (
        np.take_along_axis(triangles, ((alone + turn) % 3)[:, None], 1)[:, 0] for turn in range(3)
    )
    size = len(mesh.places)
    ahead, behind = _edge(first, second, size), _edge(third, first, size)
    tip = count == 1
    return np.where(tip, ahead, behind), np.where(tip, behind, ahead)


def _border_pieces(mesh: Mesh, upper: Floats, lower: Floats) -> tuple[Ints, Ints]:
    """The parts of the border of the mesh that belong to an area, in its sense of rotation."""
    size = len(mesh.places)
    one = mesh.triangles.ravel()
    two = np.roll(mesh.triangles, -1, axis=1).ravel()
    edges = _edge(one, two, size)
    _, index, count = np.unique(edges, return_index=True, return_counts=True)
    border = index[count == 1]
    start, stop = [], []
    for a, b, edge in zip(one[border].tolist(), two[border].tolist(), edges[border].tolist(), strict=True):
        up, low = bool(upper[a] >= 0), bool(lower[a] >= 0)
        changes = []
        if up != bool(upper[b] >= 0):
            changes.append(_UPPER)
        if low != bool(lower[b] >= 0):
            changes.append(_LOWER)
        if up:  # on the way down, the lower one goes first; rounding must not decide where both are close
            changes.reverse()
        node = _KINDS * a + _CORNER
        for change in [*changes, None]:
            following = _KINDS * b + _CORNER if change is None else _KINDS * edge + change
            if up and not low:
                start.append(node)
                stop.append(following)
            up, low = up != (change == _UPPER), low != (change == _LOWER)
            node = following
    return np.array(start, dtype=np.int64), np.array(stop, dtype=np.int64)


def _edge(one: Ints, two: Ints, size: int) -> Ints:
    return np.asarray(np.minimum(one, two) * size + np.maximum(one, two), dtype=np.int64)


def _crossings(places: Floats, heights: Floats, edges: Ints) -> Floats:
    one, two = edges // len(places), edges % len(places)
    share = heights[one] / (heights[one] - heights[two])
    at: Floats = places[one] + share[:, None] * (places[two] - places[one])
    return at


def _joined(start: Ints, stop: Ints) -> list[tuple[list[int], bool]]:
    """Chains of pieces: their nodes, and whether the last is the first."""
    following: defaultdict[int, list[int]] = defaultdict(list)
    for one, two in zip(start.tolist(), stop.tolist(), strict=True):
        following[one].append(two)
    ends = set(stop.tolist())
    heads = [node for node in following if node not in ends]
    chains = []
    for head in [*heads, *list(following)]:
        while following[head]:
            chain = [head]
            while following[chain[-1]]:
                chain.append(following[chain[-1]].pop())
                if chain[-1] == head:
                    break
            chains.append((chain, chain[-1] == head))
    return chains


def _without_repeats(places: Floats) -> Floats:
    """Without places that follow themselves, as where a contour runs through a corner."""
    step = np.abs(np.diff(places, axis=0)).max(axis=1, initial=0.0)
    kept: Floats = places[np.concatenate([[True], step > _SAME])]
    if len(kept) > 1 and np.array_equal(places[0], places[-1]):
        kept[-1] = kept[0]
    return kept


def _length(trace: Trace) -> float:
    return float(np.linalg.norm(np.diff(trace.places, axis=0), axis=1).sum())


def _nested(rings: list[Ring]) -> list[tuple[Ring, list[Ring]]]:
    sizes = [signed_area(ring) for ring in rings]
    outlines = sorted(
        ((ring, size) for ring, size in zip(rings, sizes, strict=True) if size > 0), key=lambda pair: -pair[1]
    )
    found: list[tuple[Ring, list[Ring]]] = [(ring, []) for ring, _ in outlines]
    for hole, size in zip(rings, sizes, strict=True):
        if size < 0:
            inside = 0.5 * (hole[0] + hole[1])
            around = [holes for ring, holes in found if contains(ring, inside)]
            if around:  # the smallest that surrounds it
                around[-1].append(hole)
    return found
