"""From point to point by the arrow keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def neighbour(
    x: Floats, y: Floats, start: int | None, direction: tuple[int, int], pixel: tuple[float, float]
) -> int | None:
    """The next point in a direction.

    Args:
        x: places of the points, shape (n,).
        y: as ``x``.
        start: index of the point to leave; ``None`` begins at the lower left.
        direction: right, up: one of them 1 or -1, the other 0.
        pixel: width and height of a pixel in the units of ``x`` and ``y``.

    Returns:
        Its index; ``None`` where there is none. What is straight ahead counts for more than what is near but
        aside, and what is further aside than ahead is not in this direction at all.
    """
    if not x.size:
        return None
    across, up = x / pixel[0], y / pixel[1]
    if start is None:
        return int(np.argmin(across + up))
    ahead = (across - across[start]) * direction[0] + (up - up[start]) * direction[1]
    aside = np.abs((across - across[start]) * direction[1] + (up - up[start]) * direction[0])
    cost = np.where((ahead > 0.5) & (aside <= ahead), ahead + 3 * aside, np.inf)
    best = int(np.argmin(cost))
    return best if np.isfinite(cost[best]) else None
