"""Which fitted points a statement about the plane between them can rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion.model import PlanePoints
from fitgui_backends.results import FitResult

ASYMPTOTIC: Final = "Contours of asymptotic CLs"
"""To be said where there are CLs from pseudo-experiments, too. Toys of one point fluctuate apart
from those of its neighbour, and a contour through them would be as ragged as they are few."""
_NOTHING = (np.nan,) * 6


def plane_points(
    names: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    results: Sequence[FitResult | None],
) -> PlanePoints:
    """The points with both coordinates and with CLs, observed and expected, that can be trusted.

    CLs are the asymptotic ones, also where there are toys (:data:`ASYMPTOTIC`).

    A result whose fits did not all converge is left out. One that converged but whose search for an upper
    limit did not is taken: nothing of that enters CLs.

    Args:
        names: ``n`` names.
        x: Shape (n,), NaN where a point lacks the coordinate.
        y: Shape (n,), as ``x``.
        results: ``n`` results, ``None`` where a point has none (yet).

    Returns:
        The points that are left, in the order given.

    Raises:
        ValueError: if the numbers of names, coordinates and results differ.
    """
    places = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    if not len(names) == len(places) == len(results):
        raise ValueError("names, coordinates and results must be as many as each other")
    table = np.array([_six(result) for result in results], dtype=np.float64).reshape(-1, 6)
    # One column that is missing would make a hole in one surface only, and contours that contradict.
    kept = np.flatnonzero(
        np.isfinite(np.column_stack([places, table])).all(axis=1) & (table >= 0).all(axis=1)
    )
    return PlanePoints(
        tuple(names[row] for row in kept.tolist()), places[kept, 0], places[kept, 1], table[kept]
    )


def with_toys(results: Iterable[FitResult | None]) -> bool:
    """Whether any of them has CLs from pseudo-experiments, too."""
    return any(result is not None and result.toys is not None for result in results)


def _six(result: FitResult | None) -> tuple[float, ...]:
    if result is None or not result.converged:
        return _NOTHING
    return (result.cls_obs, *result.cls_exp)
