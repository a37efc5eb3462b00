"""Finer triangles for surfaces that are curved between points, and triangles cut along a line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fitgui.exclusion.model import Floats
from fitgui.exclusion.triangulation import Ints, Mesh

_HALVINGS = 50
"""Of an edge, to find where it leaves the allowed side: more than doubles have digits."""


def subdivided(places: Floats, triangles: Ints, levels: int) -> tuple[Floats, Ints]:
    """Each triangle cut into four by the middles of its edges, ``levels`` times.

    Args:
        places: Shape (m, 2), or more columns that are linear between the corners.
        triangles: Shape (t, 3).
        levels: How often.

    Returns:
        Places, of which the first m are those given, and triangles, shape (t * 4**levels, 3), that turn the
        same way.
    """
    for _ in range(levels):
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        ends, which = _unique_edges(edges, len(places))
        middle = len(places) + which.reshape(3, -1)
        places = np.concatenate([places, places[ends].mean(axis=1)])
        a, b, c = triangles.T
        ab, bc, ca = middle
        corners = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        triangles = np.concatenate([np.column_stack(three) for three in corners])
    return places, triangles


def cut(mesh: Mesh, allowance: Callable[[Floats], Floats]) -> Mesh:
    """The part of a mesh where a function is not negative; what it cuts is linear on either side.

    Args:
        mesh: What to cut.
        allowance: From places of shape (n, 2) to shape (n,); changes its sign once along an edge at most.
    """
    good = allowance(mesh.places) >= 0
    count = good[mesh.triangles].sum(axis=1)
    if (count == 3).all():
        return mesh
    split = mesh.triangles[(count == 1) | (count == 2)]
    # The corner that stands alone on its side comes first.
    alone = np.argmax(good[split] == (good[split].sum(axis=1) == 1)[:, None], axis=1)
    first, second, third = (np.take_along_axis(split, ((alone + k) % 3)[:, None], 1)[:, 0] for k in range(3))
    edges = np.concatenate([np.column_stack([first, second]), np.column_stack([third, first])])
    ends, which = _unique_edges(edges, len(mesh.places))
    share = _where_it_ends(mesh.places, ends, good, allowance)[:, None]
    at_second, at_third = len(mesh.places) + which.reshape(2, -1)
    tip = good[first]
    triangles = [
        mesh.triangles[count == 3],
        np.column_stack([first, at_second, at_third])[tip],
        np.column_stack([at_second, second, third])[~tip],
        np.column_stack([at_second, third, at_third])[~tip],
    ]
    places, values = (
        np.concatenate([old, old[ends[:, 0]] + share * (old[ends[:, 1]] - old[ends[:, 0]])])
        for old in (mesh.places, mesh.values)
    )
    return Mesh(places, np.concatenate(triangles), values)


def _unique_edges(edges: Ints, size: int) -> tuple[Ints, Ints]:
    """The different edges, shape (e, 2), and which one each of those given is."""
    ordered = np.sort(edges, axis=1)
    keys, which = np.unique(ordered[:, 0] * size + ordered[:, 1], return_inverse=True)
    return np.column_stack([keys // size, keys % size]), which.ravel()


def _where_it_ends(
    places: Floats,
    ends: Ints,
    good: np.ndarray[tuple[int], np.dtype[np.bool_]],
    allowance: Callable[[Floats], Floats],
) -> Floats:
    """The share of each edge after which the allowed side ends or begins, on the allowed side."""
    start, stop = places[ends[:, 0]], places[ends[:, 1]]
    from_good = good[ends[:, 0]]
    inside, outside = np.where(from_good, 0.0, 1.0), np.where(from_good, 1.0, 0.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (inside + outside)
        allowed = allowance(start + middle[:, None] * (stop - start)) >= 0
        inside, outside = np.where(allowed, middle, inside), np.where(allowed, outside, middle)
    return inside
