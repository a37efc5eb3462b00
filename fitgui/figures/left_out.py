"""The points of a plane on which its contours do not rest: what they are, and their marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fitgui import words
from fitgui.exclusion.model import Floats, PlanePoints
from fitgui.figures.style import Look
from fitgui.pallets.plane import PlaneData
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState
from fitgui_backends.results import is_doubtful

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

DOUBTFUL, FAILED, UNFITTED = "Doubtful fit", "Failed", "Not fitted"
_COLOUR: Final = "#D55E00"
"""As other warnings; the shape of the mark tells the same."""
_NOWHERE: Final = np.zeros((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Places of points, each of shape (k, 2)."""

    doubtful: Floats
    """A fit, or a search for a limit, did not converge; those of the second kind are in the contours, too."""
    failed: Floats
    unfitted: Floats
    count: int = 0
    """Of the points of the plane, how many are not in its contours."""
    whole: int = 0
    """How many points the plane has."""

    @property
    def places(self) -> Floats:
        """All of them."""
        return np.concatenate([self.doubtful, self.failed, self.unfitted])

    @property
    def sentence(self) -> str:
        """For a caption; empty where every point is in the contours."""
        if not self.count:
            return ""
        return f"{self.count} of {words.count(self.whole, 'point')} left out of the contours"


NOTHING_LEFT_OUT: Final = LeftOut(_NOWHERE, _NOWHERE, _NOWHERE)


def left_out_of(plane: PlaneData, kept: PlanePoints, statuses: Mapping[str, PointStatus]) -> LeftOut:
    """Sort the points of a plane as the window does.

    Args:
        plane: all of its points.
        kept: those with numbers that can be trusted.
        statuses: by name, as far as there are any.
    """
    found: dict[str, list[tuple[float, float]]] = {DOUBTFUL: [], FAILED: [], UNFITTED: []}
    used = frozenset(kept.names)
    known = plane.drawn
    for name, x, y, placed in zip(
        plane.names, plane.x.values.tolist(), plane.y.values.tolist(), known.tolist(), strict=True
    ):
        kind = _kind(statuses.get(name), kept=name in used)
        if kind is not None and placed:
            found[kind].append((x, y))
    doubtful, failed, unfitted = (
        np.array(found[kind], dtype=np.float64).reshape(-1, 2) for kind in (DOUBTFUL, FAILED, UNFITTED)
    )
    whole = int(known.sum())
    return LeftOut(doubtful, failed, unfitted, whole - len(kept.names), whole)


def draw_left_out(axes: Axes, left_out: LeftOut, look: Look) -> list[Artist]:
    """Triangles, crosses and rings, each kind with its entry for the legend."""
    size, width = 0.5 * look.type_size, 0.09 * look.type_size
    drawn: list[Artist] = []
    for label, places, mark, colour in (
        (DOUBTFUL, left_out.doubtful, "^", _COLOUR),
        (FAILED, left_out.failed, "x", _COLOUR),
        (UNFITTED, left_out.unfitted, "o", look.quiet),
    ):
        if len(places):
            drawn += axes.plot(
                places[:, 0],
                places[:, 1],
                linestyle="none",
                marker=mark,
                markersize=size if mark != "o" else 0.6 * size,
                markerfacecolor="none",
                markeredgecolor=colour,
                markeredgewidth=width if mark != "o" else 0.7 * width,
                zorder=2.6,
                label=label,
                gid=label.lower(),
            )
    return drawn


def _kind(status: PointStatus | None, *, kept: bool) -> str | None:
    if status is not None and status.state is TaskState.FAILED:
        return FAILED
    if status is None or status.state is not TaskState.DONE or status.result is None:
        return UNFITTED
    # Without a CLs there is nothing to trust, although the fits may have converged.
    return DOUBTFUL if is_doubtful(status.result) or not kept else None
