"""Of thousands of points of a line only what can be told apart: more takes a second to paint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgui.exclusion.model import Floats

PLACES: Final = 1000
"""Across a plot, about one for each pixel."""
HEIGHTS: Final = 400
"""The same upwards."""
LONG: Final = 2 * PLACES
"""Numbers of a line up to which all are drawn."""
View = tuple[float, float]
"""The lowest and the highest coordinate that are seen."""


def thin_curve(x: Floats, y: Floats, view: View) -> tuple[Floats, Floats]:
    """A curve as the lowest and the highest value at each place.

    Args:
        x: Shape (n,), rising.
        y: Shape (n,).
        view: What is seen of the axis.

    Returns:
        Coordinates and values, shape (m,); those given where they are few.
    """
    if x.size <= LONG:
        return x, y
    starts, x, (y,) = _places(x, (y,), view)
    if starts.size == x.size:
        return x, y
    pairs = np.column_stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)])
    # To the very last point, or a line would end a pixel early.
    return np.append(np.repeat(x[starts], 2), x[-1]), np.append(pairs.ravel(), y[-1])


def thin_band(x: Floats, low: Floats, high: Floats, view: View) -> tuple[Floats, Floats, Floats]:
    """A band as it reaches furthest at each place; arguments and answer as of :func:`thin_curve`."""
    if x.size <= LONG:
        return x, low, high
    starts, x, (low, high) = _places(x, (low, high), view)
    if starts.size == x.size:
        return x, low, high
    lowest, highest = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    return np.append(x[starts], x[-1]), np.append(lowest, low[-1]), np.append(highest, high[-1])


def thin_marks(x: Floats, y: Floats, view: View, heights: View) -> tuple[Floats, Floats]:
    """Of marks that lie on each other, the first; arguments and answer as of :func:`thin_curve`.

    Args:
        x: Shape (n,).
        y: Shape (n,).
        view: What is seen of the axis.
        heights: What is seen of the other one.
    """
    if x.size <= LONG:
        return x, y
    cells = np.column_stack([_place(x, view, PLACES), _place(y, heights, HEIGHTS)])
    cells = np.clip(cells, -1, [PLACES, HEIGHTS])  # all that is out of sight is one place
    _, first = np.unique(cells, axis=0, return_index=True)
    kept = np.sort(first)
    return x[kept], y[kept]


def _place(values: Floats, view: View, count: int) -> Floats:
    low, high = view
    return np.floor((values - low) / max(high - low, 1e-300) * count)


def _places(
    x: Floats, columns: Sequence[Floats], view: View
) -> tuple[NDArray[np.int64], Floats, list[Floats]]:
    """Where each place begins, and what is seen, with one neighbour on either side."""
    begin = max(int(np.searchsorted(x, view[0])) - 1, 0)
    end = int(np.searchsorted(x, view[1], side="right")) + 1
    x, found = x[begin:end], [column[begin:end] for column in columns]
    if x.size <= LONG:
        return np.arange(x.size), x, found
    place = _place(x, view, PLACES)
    return np.append(0, np.flatnonzero(np.diff(place)) + 1), x, found
