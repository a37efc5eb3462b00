"""Which parameters of a fit go together."""

from __future__ import annotations

import numpy as np

from fitgui.insight.model import Floats, Parameters

FAINT = 0.005
"""Correlations below this are none to a reader."""


def related(parameters: Parameters, number: int) -> list[int]:
    """Places of the parameters with the strongest correlations, in the order of the model.

    Args:
        parameters: Of a fit.
        number: How many; 0 takes all that move in the fit.
    """
    off = _off_diagonal(parameters)
    strongest = off.max(axis=1, initial=0.0)
    order = [int(place) for place in np.argsort(-strongest, kind="stable") if strongest[place] > 0.0]
    return sorted(order[:number] if number else order)


def strongest_pairs(parameters: Parameters, part: str, number: int) -> list[tuple[int, int, float]]:
    """Pairs with the strongest correlations: both places and the correlation, the strongest first.

    Args:
        parameters: Of a fit.
        part: Only pairs of which one has this in its name.
        number: At most so many.
    """
    off = np.triu(_off_diagonal(parameters))
    wanted = part.strip().lower()
    if wanted:
        named = np.array([wanted in name.lower() for name in parameters.names], dtype=bool)
        off = np.where(named[:, None] | named[None, :], off, 0.0)
    flat = np.argsort(-off, axis=None, kind="stable")[:number]
    rows, columns = np.unravel_index(flat, off.shape)
    return [
        (int(row), int(column), float(parameters.correlations[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if off[row, column] > FAINT
    ]


def _off_diagonal(parameters: Parameters) -> Floats:
    """Sizes of the correlations; zero on the diagonal and where there is none."""
    sizes = np.abs(np.nan_to_num(parameters.correlations))
    np.fill_diagonal(sizes, 0.0)
    return np.asarray(sizes)
