"""Which fitted points a statement about the plane between them can rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion.model import PlanePoints
from fitgui_backends.results import FitResult

_NOTHING = (np.nan,) * 6


def plane_points(
    names: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    results: Sequence[FitResult | None],
    *,
    toys: bool = False,
) -> PlanePoints:
    """The points with both coordinates and with CLs, observed and expected, that can be trusted.

    A result whose fits did not all converge is left out. One that converged but whose search for an upper
    limit did not is taken: nothing of that enters CLs.

    Args:
        names: ``n`` names.
        x: Shape (n,), NaN where a point lacks the coordinate.
        y: Shape (n,), as ``x``.
        results: ``n`` results, ``None`` where a point has none (yet).
        toys: CLs from pseudo-experiments; points without are left out.

    Returns:
        The points that are left, in the order given.

    Raises:
        ValueError: if the numbers of names, coordinates and results differ.
    """
    places = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    if not len(names) == len(places) == len(results):
        raise ValueError("names, coordinates and results must be as many as each other")
    table = np.array([_six(result, toys=toys) for result in results], dtype=np.float64).reshape(-1, 6)
    # One column that is missing would make a hole in one surface only, and contours that contradict.
    kept = np.flatnonzero(
        np.isfinite(np.column_stack([places, table])).all(axis=1) & (table >= 0).all(axis=1)
    )
    return PlanePoints(
        tuple(names[row] for row in kept.tolist()), places[kept, 0], places[kept, 1], table[kept]
    )


def _six(result: FitResult | None, *, toys: bool) -> tuple[float, ...]:
    if result is None or not result.converged:
        return _NOTHING
    if not toys:
        return (result.cls_obs, *result.cls_exp)
    if result.toys is None or result.toys.cls_obs is None:
        return _NOTHING
    return (result.toys.cls_obs, *result.toys.cls_exp)
