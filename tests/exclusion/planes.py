"""Planes that are made up, and what contours on them are compared with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from fitgui.exclusion.model import Exclusion, Floats, Line, PlanePoints, Surface
from fitgui.exclusion.significance import cls_of

SHIFTS = np.array([0.0, 2.0, 1.0, 0.0, -1.0, -2.0])
"""Of the significance, surface by surface."""


def plane(x: ArrayLike, y: ArrayLike, heights: ArrayLike) -> PlanePoints:
    """Points whose observed and expected significance is given, with a band of one sigma a sigma."""
    columns = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
    names = tuple(f"point_{number}" for number in range(columns[0].size))
    return PlanePoints(names, *columns, cls_of(np.asarray(heights, dtype=float).ravel()[:, None] + SHIFTS))


def grid(xs: ArrayLike, ys: ArrayLike, height: Callable[[Floats, Floats], Floats]) -> PlanePoints:
    """Points on a rectangular grid."""
    x, y = np.meshgrid(np.asarray(xs, dtype=float), np.asarray(ys, dtype=float))
    return plane(x, y, height(x, y))


def walked(pieces: Iterable[Floats], step: float) -> Floats:
    """Places along pieces of lines, each of shape (k, 2), no more than a step apart."""
    found = [np.empty((0, 2))]
    for piece in pieces:
        for begin, end in itertools.pairwise(piece):
            count = int(np.linalg.norm(end - begin) / step) + 2
            found.append(begin + np.linspace(0, 1, count)[:, None] * (end - begin))
    return np.concatenate(found)


def of_lines(lines: Iterable[Line]) -> list[Floats]:
    """Lines as arrays of shape (k, 2)."""
    return [np.column_stack([line.x, line.y]) for line in lines]


def contour(exclusion: Exclusion, surface: Surface = Surface.OBSERVED) -> Floats:
    """All corners of a contour, shape (k, 2), sorted, so that pieces may begin anywhere."""
    places = np.concatenate([np.empty((0, 2)), *of_lines(exclusion.contours[surface])])
    return np.unique(places.round(9), axis=0)


def farthest(places: Floats, others: Floats) -> float:
    """The largest distance from a place to the nearest of the others."""
    if not len(places):
        return 0.0
    return float(cKDTree(others).query(places)[0].max()) if len(others) else np.inf


def hausdorff(one: Floats, two: Floats) -> float:
    """How far two sets of places are from each other, in either direction."""
    return max(farthest(one, two), farthest(two, one))
