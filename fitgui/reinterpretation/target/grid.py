"""Where a signal is among the published ones, in the plane of the model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgui.reinterpretation.model import Signal
    from fitgui.reinterpretation.target.shapes import Published

    Array = npt.NDArray[np.float64]
    _Table = tuple[tuple[str, ...], Array, Array]


def place(known: Published, signal: Signal) -> Array | None:
    """How far a signal is from each of the published ones, in parts of the range of each coordinate.

    Args:
        known: ``n`` published signals.
        signal: its coordinates count where it has all of those that published signals have, as numbers.

    Returns:
        Distances ``(n,)``; ``None`` where coordinates do not tell.
    """
    table = _table(known)
    if table is None:
        return None
    labels, values, widths = table
    own = [signal.values.get(label) for label in labels]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in own):
        return None
    where = np.array(own, dtype=np.float64)
    return np.asarray(np.linalg.norm((values - where) / widths, axis=1))


def distances(known: Published) -> Array | None:
    """The same between all published signals, ``(n, n)``."""
    table = _table(known)
    if table is None:
        return None
    _, values, widths = table
    scaled = values / widths
    return np.asarray(np.linalg.norm(scaled[:, None, :] - scaled[None, :, :], axis=2))


def _table(known: Published) -> _Table | None:
    """Labels, coordinates ``(n, d)`` and how wide each is; read once."""
    if "table" not in known.derived:
        known.derived["table"] = _read(known)
    return cast("_Table | None", known.derived["table"])


def _read(known: Published) -> _Table | None:
    if len(known) < 2:
        return None
    labels = tuple(known.values[0])
    rows = []
    for values in known.values:
        row = [values.get(label) for label in labels]
        if not labels or not all(isinstance(value, int | float) and math.isfinite(value) for value in row):
            return None
        rows.append(row)
    table = np.array(rows, dtype=np.float64)
    widths = np.ptp(table, axis=0)
    # A coordinate that never varies is as wide as it is large: another value of it is far away.
    return labels, table, np.where(widths > 0.0, widths, np.maximum(np.abs(table[0]), 1.0))
