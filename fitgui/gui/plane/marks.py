"""The points of the plane as marks of one scatter plot, drawn anew one by one as their results arrive."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from fitgui.gui.plane.frame import Frame
from fitgui.gui.plane.mark_looks import MARKS, MarkLook, MarkLooks, kind_of
from fitgui.gui.plane.quantities import Quantity
from fitgui.gui.theme import Theme
from fitgui.pallets.plane import PlaneData
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.results import FitResult

SYMBOL_SIZE = 11
FEW_POINTS = 400


class Marks:
    """Where the points stand, how they look, and what they came to."""

    def __init__(self, theme: Theme, scale: float) -> None:
        self._scale = scale
        self.looks = MarkLooks(theme, scale)
        self.item = pg.ScatterPlotItem(hoverable=True, tip=None, pxMode=True)
        self.names: list[str] = []
        """Of the points that are drawn, in their order."""
        self.x: NDArray[np.float64] = np.zeros(0)
        """In the units of the axis."""
        self.y: NDArray[np.float64] = np.zeros(0)
        self.places: tuple[NDArray[np.float64], NDArray[np.float64]] = (self.x, self.y)
        """In the coordinates of the plot."""
        self.results: list[FitResult | None] = []
        self.hidden = 0
        """How many have no place on a logarithmic axis."""
        self.size = float(SYMBOL_SIZE)
        self._index_of: dict[str, int] = {}
        self._kinds: list[str] = []
        self._counts: Counter[str] = Counter()
        self._quantity: Quantity = self.looks.quantity
        self._span = (math.inf, -math.inf)

    @property
    def quantity(self) -> Quantity:
        """What the colour tells, with its scale as it is now."""
        return self.looks.quantity

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which kinds of points there are, in the order of the legend."""
        return tuple(kind for kind in MARKS if self._counts[kind] > 0)

    @property
    def waiting(self) -> NDArray[np.bool_]:
        """Which of the drawn points have no result yet, but are to have one."""
        return np.array([kind in ("queued", "running") for kind in self._kinds], dtype=np.bool_)

    def index_of(self, name: str) -> int | None:
        """Which of the drawn points it is."""
        return self._index_of.get(name)

    def colour_by(self, quantity: Quantity) -> None:
        """Let the colour tell another quantity, from the next drawing of each point on."""
        self._quantity = self.looks.quantity = quantity
        self._rescale(self.results, anew=True)

    def draw(
        self,
        data: PlaneData,
        frame: Frame,
        statuses: Mapping[str, PointStatus],
        selected: Collection[str],
    ) -> None:
        """Draw every point as it stands now."""
        places = frame.x(data.x.values), frame.y(data.y.values)
        drawn = np.isfinite(places[0]) & np.isfinite(places[1])
        self.hidden = int(np.count_nonzero(data.drawn & ~drawn))
        self.names = [name for name, shown in zip(data.names, drawn.tolist(), strict=True) if shown]
        self.x, self.y = data.x.values[drawn], data.y.values[drawn]
        self.places = places[0][drawn], places[1][drawn]
        self._index_of = {name: index for index, name in enumerate(self.names)}
        found = [statuses.get(name) for name in self.names]
        self.results = [None if status is None else status.result for status in found]
        self._kinds = [kind_of(status) for status in found]
        self._counts = Counter(self._kinds)
        self._rescale(self.results, anew=True)
        count = len(self.names)
        smaller = SYMBOL_SIZE if count <= FEW_POINTS else max(4, SYMBOL_SIZE - count // 1000)
        self.size = smaller * self._scale
        looks = [
            self.looks.of(status, name in selected) for status, name in zip(found, self.names, strict=True)
        ]
        self.item.setData(x=self.places[0], y=self.places[1], data=self.names, size=self.size)
        spots = self.item.data
        for field, values in (
            ("symbol", [look.symbol for look in looks]),
            ("brush", [look.brush for look in looks]),
            ("pen", [look.pen for look in looks]),
        ):
            spots[field] = _objects(values)
        spots["size"] = [self.size * look.scale for look in looks]
        spots["sourceRect"] = 0
        self.item.updateSpots()

    def change(
        self, names: Collection[str], statuses: Mapping[str, PointStatus], selected: Collection[str]
    ) -> bool:
        """Draw these points anew; whether the scale of the colours is too short for them.

        Setting all 10 000 points of a large plane would take longer than a frame.
        """
        spots, fresh = self.item.data, []
        for name in names:
            index = self._index_of.get(name)
            if index is None:
                continue
            status = statuses.get(name)
            self.results[index] = None if status is None else status.result
            fresh.append(self.results[index])
            kind = kind_of(status)
            self._counts[self._kinds[index]] -= 1
            self._counts[kind] += 1
            self._kinds[index] = kind
            _dress(spots, index, self.looks.of(status, name in selected), self.size)
        self.item.updateSpots()
        return self._rescale(fresh, anew=False)

    def values(self) -> list[float | None]:
        """The coloured quantity of every point that is drawn."""
        pick = self.quantity.pick
        return [None if result is None else pick(result) for result in self.results]

    def _rescale(self, results: Collection[FitResult | None], *, anew: bool) -> bool:
        """Let a scale that follows its values hold those of these results; whether it changed."""
        if not self._quantity.follows:
            return False
        low, high = (math.inf, -math.inf) if anew else self._span
        for result in results:
            value = None if result is None else self._quantity.pick(result)
            if value is not None and math.isfinite(value):
                low, high = min(low, value), max(high, value)
        self._span = low, high
        before, scale = self.looks.quantity, self._quantity.spanning(low, high)
        if (before.lowest, before.highest) == (scale.lowest, scale.highest):
            return False
        self.looks.quantity = scale
        return True


def _dress(spots: Any, index: int, look: MarkLook, size: float) -> None:
    spots["symbol"][index] = look.symbol
    spots["brush"][index] = look.brush
    spots["pen"][index] = look.pen
    spots["size"][index] = size * look.scale
    spots["sourceRect"][index] = 0


def _objects(values: list[Any]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
