"""The mass plane: every signal point where it stands, coloured as its result arrives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fitgui.gui.appearance import point_description
from fitgui.gui.plane.colour_scale import ColourBar, Quantity
from fitgui.gui.plane.legend import Legend
from fitgui.gui.plane.mark_looks import MarkLooks
from fitgui.gui.session import CheckedPoint
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, themed_plot
from fitgui.pallets.plane import Axis, PlaneData
from fitgui.runs.snapshot import PointStatus

SYMBOL_SIZE = 11
FEW_POINTS = 400
LEGEND = (
    "● excluded at 95 % CL",
    "◆ not excluded",
    "▲ doubtful fit",
    "✕ failed",
    "◎ fitting",
    "○ waiting",
    "+ cancelled",
    "∘ not fitted",
)


class SelectingViewBox(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph brings no types
    """A view box in which a drag selects a rectangle instead of moving the plane, when asked to."""

    rectangle_chosen = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.selecting = False

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Draw the rubber band; report it when the button is released."""
        if not self.selecting or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis=axis)
            return
        event.accept()
        if not event.isFinish():
            self.updateScaleBox(event.buttonDownPos(), event.pos())
            return
        self.rbScaleBox.hide()
        corners = pg.Point(event.buttonDownPos(event.button())), pg.Point(event.pos())
        rectangle = self.childGroup.mapRectFromParent(QRectF(*corners).normalized())
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.rectangle_chosen.emit(rectangle, extend)


class PlaneView(QWidget):
    """Plot, colour scale and legend."""

    selection_changed = Signal(object)
    """The set of names that a rectangle or a click chose."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks_look = MarkLooks(theme)
        self._index_of: dict[str, int] = {}
        self._size = SYMBOL_SIZE
        self._bound: float | None = None
        self._hovering: list[str] = []
        self._data: PlaneData | None = None
        self._statuses: Mapping[str, PointStatus] = {}
        self._checked: Mapping[str, CheckedPoint] = {}
        self._selected: set[str] = set()
        self._box = SelectingViewBox()
        self._box.setBorder(None)
        self._box.rbScaleBox.setPen(pg.mkPen(theme.accent, width=1))
        self._box.rbScaleBox.setBrush(pg.mkBrush(QColor(theme.accent).lighter(140).name() + "40"))
        self._box.rectangle_chosen.connect(self._rectangle_chosen)
        self._plot = themed_plot(theme, viewBox=self._box)
        describe(
            self._plot,
            "Mass plane",
            "Every signal point of the analysis. Drag to move, wheel to zoom, click a point to select it; "
            "the table below holds the same points for the keyboard.",
        )
        self._plot.setToolTip("")
        self._marks = pg.ScatterPlotItem(hoverable=True, tip=None, pxMode=True)
        self._marks.sigClicked.connect(self._clicked)
        self._marks.sigHovered.connect(self._hovered)
        self._plot.addItem(self._marks)
        self._legend = Legend(LEGEND)
        row = QHBoxLayout()
        row.addWidget(self._plot, stretch=1)
        self._bar = ColourBar(self._marks_look.colours, theme.muted)
        row.addWidget(self._bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row, stretch=1)
        layout.addWidget(self._legend)

    def show_bound(self, bound: float | None) -> None:
        """Limits on mu are looked for up to here; points whose limit is beyond have a colour of their own."""
        self._bound = bound
        self._bar.show_bound(bound)

    def show_plane(self, data: PlaneData) -> None:
        """Show these points, without results."""
        self._data = data
        self._statuses, self._checked = {}, {}
        self._selected = set()
        for side, axis in (("bottom", data.x), ("left", data.y)):
            _dress_axis(self._plot.getAxis(side), axis)
        shared = data.shared_places
        self._legend.show_hint(
            f"{shared} points lie on others: choose other axes to part them" if shared else ""
        )
        self.refresh()
        self._plot.autoRange(padding=0.06)

    def show_statuses(
        self, statuses: Mapping[str, PointStatus], checked: Mapping[str, CheckedPoint] | None = None
    ) -> None:
        """Take results from ``statuses`` and ``checked``, live mappings that the owner keeps up to date."""
        self._statuses = statuses
        self._checked = {} if checked is None else checked
        self.refresh()

    def colour_by(self, quantity: Quantity) -> None:
        """Let the colour of the points tell another quantity."""
        self._marks_look.quantity = quantity
        self._bar.show_quantity(quantity)
        self.refresh()

    def show_selection(self, names: Collection[str]) -> None:
        """Ring these points."""
        changed = self._selected ^ set(names)
        self._selected = set(names)
        self.points_changed(changed)

    def select_by_rectangle(self, on: bool) -> None:
        """Whether a drag selects points instead of moving the plane."""
        self._box.selecting = on
        self._plot.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def refresh(self) -> None:
        """Draw every point as it stands now."""
        if self._data is None:
            return
        drawn = np.isfinite(self._data.x.values) & np.isfinite(self._data.y.values)
        names = [name for name, shown in zip(self._data.names, drawn, strict=True) if shown]
        self._index_of = {name: index for index, name in enumerate(names)}
        looks = [self._marks_look.of(self._statuses.get(name), name in self._selected) for name in names]
        self._size = SYMBOL_SIZE if len(names) <= FEW_POINTS else max(4, SYMBOL_SIZE - len(names) // 1000)
        self._marks.setData(
            x=self._data.x.values[drawn],
            y=self._data.y.values[drawn],
            symbol=[look.symbol for look in looks],
            brush=[look.brush for look in looks],
            pen=[look.pen for look in looks],
            size=[self._size * look.scale for look in looks],
            data=names,
        )

    def points_changed(self, names: Collection[str]) -> None:
        """Draw these points anew; setting all 10 000 points of a large plane would take half a second."""
        spots = self._marks.data
        for name in names:
            index = self._index_of.get(name)
            if index is not None:
                look = self._marks_look.of(self._statuses.get(name), name in self._selected)
                spots["symbol"][index] = look.symbol
                spots["brush"][index] = look.brush
                spots["pen"][index] = look.pen
                spots["size"][index] = self._size * look.scale
                spots["sourceRect"][index] = 0
        self._marks.updateSpots()
        if not set(names).isdisjoint(self._hovering):
            self._show_tooltip()

    def _rectangle_chosen(self, rectangle: QRectF, extend: bool) -> None:
        if self._data is None:
            return
        inside = {
            name
            for name, x, y in zip(self._data.names, self._data.x.values, self._data.y.values, strict=True)
            if rectangle.contains(x, y)
        }
        self.selection_changed.emit(inside | self._selected if extend else inside)

    def _clicked(self, _item: object, spots: Any, event: Any) -> None:
        chosen = {str(spot.data()) for spot in spots}
        if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            chosen = self._selected ^ chosen
        self.selection_changed.emit(chosen)

    def _hovered(self, _item: object, spots: Any, _event: Any) -> None:
        self._hovering = [str(spot.data()) for spot in spots[:8]]
        self._show_tooltip()

    def _show_tooltip(self) -> None:
        texts = [
            point_description(name, self._statuses.get(name), self._checked.get(name), self._bound)
            for name in self._hovering
        ]
        self._plot.setToolTip("\n\n".join(texts))


def _dress_axis(axis: Any, content: Axis) -> None:
    axis.enableAutoSIPrefix(False)
    axis.setLabel(content.title)
    if content.words:
        axis.setTicks([[(float(index), word) for index, word in enumerate(content.words)]])
    else:
        axis.setTicks(None)
