"""The mass plane: every signal point where it stands, coloured as its result arrives, with live contours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fitgui.exclusion.model import Exclusion
from fitgui.gui.appearance import point_description
from fitgui.gui.latest import Run, run_here
from fitgui.gui.log_axis import LogAxis
from fitgui.gui.plane.box import Drag, SelectingViewBox
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.colour_scale import ColourBar
from fitgui.gui.plane.compared import Overlay
from fitgui.gui.plane.contour_item import ContourLayers
from fitgui.gui.plane.diagonal_item import DiagonalItem
from fitgui.gui.plane.frame import Frame
from fitgui.gui.plane.legend import Legend
from fitgui.gui.plane.legend_words import entries_for, hints_for
from fitgui.gui.plane.live import Found, LiveExclusion
from fitgui.gui.plane.marks import Marks
from fitgui.gui.plane.numbers_item import NumbersItem
from fitgui.gui.plane.quantities import Quantity
from fitgui.gui.plane.walk import neighbour
from fitgui.gui.session import CheckedPoint
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, themed_plot
from fitgui.pallets.plane import Axis, PlaneData
from fitgui.runs.snapshot import PointStatus

PADDING = 0.06
EDGE = 7
"""Pixels between the titles of the axes and the border of the plot."""
FRAME = 6
"""Pixels around everything, in which a frame tells where the keyboard is."""
WRITTEN = 0.85
MANY_POINTS = 2000
"""Are coloured anew over several frames."""
AT_ONCE = 1000
"""Points that are coloured anew in a frame."""
CURSORS = {
    Drag.MOVE: Qt.CursorShape.ArrowCursor,
    Drag.RECTANGLE: Qt.CursorShape.CrossCursor,
    Drag.LASSO: Qt.CursorShape.CrossCursor,
}
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class PlaneView(QWidget):
    """Plot, colour scale and legend.

    Args:
        theme: its colours.
        run: where contours are computed: a bridge's ``run``, or in this thread if not given.
        scale: of type, marks and lines, beside those of the window; a talk wants about 2.
        written: size of what is written between the points, beside the other type.
    """

    selection_changed = Signal(object)
    """The set of names that an area, a click or the keyboard chose."""
    point_opened = Signal(str)
    """The point that was double-clicked, or on which Enter was pressed."""
    drag_changed = Signal(object)
    """What dragging does now: a :class:`Drag`."""
    exclusion_changed = Signal()
    """:attr:`exclusion` is another one."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        run: Run[Found] = run_here,
        scale: float = 1.0,
        written: float = WRITTEN,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bound: float | None = None
        self._hovering: list[str] = []
        self._data: PlaneData | None = None
        self._shared = 0
        """How many points lie on others."""
        self._statuses: Mapping[str, PointStatus] = {}
        self._checked: Mapping[str, CheckedPoint] = {}
        self._selected: set[str] = set()
        self._choices = PlaneChoices()
        self._frame = Frame()
        self._overlays: tuple[Overlay, ...] = ()
        self._live = LiveExclusion(run, self._exclusion_found, self)
        self._box = SelectingViewBox(theme)
        self._box.area_chosen.connect(self._area_chosen)
        self._plot = themed_plot(
            theme,
            viewBox=self._box,
            axisItems={side: LogAxis(side, always=False) for side in ("bottom", "left")},
        )
        describe(self._plot, "Mass plane", "Every signal point of the analysis")
        self._plot.setToolTip("")
        describe(
            self,
            "Mass plane",
            "Every signal point of the analysis. Drag to move, wheel to zoom, click a point to select it, "
            "double-click to open it. By keyboard: arrows go from point to point, Enter opens, "
            "Home shows all.",
        )
        self.setToolTip("")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._marks = Marks(theme, scale)
        self._old_colours: list[str] = []
        """Points that are still to be coloured anew."""
        self._colouring = QTimer(self)
        self._colouring.timeout.connect(self._colour_some)
        self._marks.item.sigClicked.connect(self._clicked)
        self._marks.item.sigHovered.connect(self._hovered)
        small = self._dress_fonts(scale, written)
        self._border = DiagonalItem(theme, small)
        self._numbers = NumbersItem(theme, small, self._marks.size)
        for item in (self._border, self._numbers):
            self._plot.addItem(item, ignoreBounds=True)
        self._plot.addItem(self._marks.item)
        self._contours = ContourLayers(self._plot, theme, scale)
        self.legend = Legend(colour=theme.muted, scale=scale)
        self.bar = ColourBar(self._marks.looks.colours, theme.muted, scale=scale)
        row = QHBoxLayout()
        row.addWidget(self._plot, stretch=1)
        row.addWidget(self.bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(FRAME, FRAME, FRAME, FRAME)
        layout.addLayout(row, stretch=1)
        layout.addWidget(self.legend)

    @property
    def data(self) -> PlaneData | None:
        """The points on show."""
        return self._data

    @property
    def choices(self) -> PlaneChoices:
        """What is to be seen."""
        return self._choices

    @property
    def quantity(self) -> Quantity:
        """What the colours of the points tell."""
        return self._marks.quantity

    @property
    def exclusion(self) -> Exclusion | None:
        """The contours on show; ``None`` before there are any."""
        return self._live.exclusion

    @property
    def up_to_date(self) -> bool:
        """Whether the contours are those of all results."""
        return self._live.idle

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """What the contours are compared with."""
        return self._overlays

    @property
    def selected(self) -> frozenset[str]:
        """The points that are ringed."""
        return frozenset(self._selected)

    @property
    def drag(self) -> Drag:
        """What dragging does."""
        return self._box.drag

    def show_bound(self, bound: float | None) -> None:
        """Limits on mu are looked for up to here; points whose limit is beyond have a colour of their own."""
        self._bound = bound
        self.bar.show_bound(bound)

    def show_plane(
        self,
        data: PlaneData,
        statuses: Mapping[str, PointStatus] | None = None,
        checked: Mapping[str, CheckedPoint] | None = None,
    ) -> None:
        """Show these points, without anything to compare with; results as of :meth:`show_statuses`."""
        self._data, self._shared = data, data.shared_places
        self._statuses = {} if statuses is None else statuses
        self._checked = {} if checked is None else checked
        self._selected = set()
        self._overlays = ()
        self._live.forget()
        self._dress_axes()
        self.refresh()
        self.show_all()

    def show_all(self) -> None:
        """Move and zoom so that every point is seen."""
        self._plot.autoRange(padding=PADDING)

    def show_statuses(
        self, statuses: Mapping[str, PointStatus], checked: Mapping[str, CheckedPoint] | None = None
    ) -> None:
        """Take results from ``statuses`` and ``checked``, live mappings that the owner keeps up to date."""
        self._statuses = statuses
        self._checked = {} if checked is None else checked
        self.refresh()

    def show_choices(self, choices: PlaneChoices) -> None:
        """See the plane in another way."""
        before, self._choices = self._choices, choices
        if self._data is None or choices == before:
            return
        if choices.frame(self._data) != self._frame:
            self._dress_axes()
            self.refresh()
            self.show_all()
        else:
            self._draw_contours()
            self._draw_numbers()
            self._ask(now=True)

    def show_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Compare with these contours."""
        self._overlays = tuple(overlays)
        self._draw_contours()

    def colour_by(self, quantity: Quantity) -> None:
        """Let the colour of the points tell another quantity."""
        self._marks.colour_by(quantity)
        if len(self._marks.names) <= MANY_POINTS:
            self.refresh()
            return
        self.bar.show_quantity(self._marks.quantity)
        self._old_colours = list(self._marks.names)
        self._colouring.start()

    def show_selection(self, names: Collection[str]) -> None:
        """Ring these points."""
        changed = self._selected ^ set(names)
        self._selected = set(names)
        self._draw_changed(changed)

    def select_by_rectangle(self, on: bool) -> None:
        """Whether a drag selects points instead of moving the plane; a lasso in use stays one."""
        if on != (self._box.drag is not Drag.MOVE):
            self.drag_selects(Drag.RECTANGLE if on else Drag.MOVE)

    def drag_selects(self, drag: Drag) -> None:
        """Let a drag with the left button move the plane, or select points by an area."""
        if drag is not self._box.drag:
            self._box.drag = drag
            self._plot.setCursor(CURSORS[drag])
            self.drag_changed.emit(drag)

    def refresh(self) -> None:
        """Draw every point as it stands now."""
        self._end_colouring()
        if self._data is None:
            return
        self._frame = self._choices.frame(self._data)
        self._marks.draw(self._data, self._frame, self._statuses, self._selected)
        self.bar.show_quantity(self._marks.quantity)
        self._draw_numbers()
        self._draw_contours()
        self._ask(now=True)

    def points_changed(self, names: Collection[str]) -> None:
        """These points have another state or another result."""
        self._draw_changed(names)
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while the plane was hidden."""
        super().showEvent(event)
        self._ask(now=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame while the keyboard is here."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from point to point; Enter opens, Escape selects nothing, Home shows all points."""
        key = Qt.Key(event.key())
        if key in ARROWS and self._marks.names:
            self._walk(ARROWS[key], extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self._selected) == 1:
            self.point_opened.emit(next(iter(self._selected)))
        elif key == Qt.Key.Key_Escape and self._box.drag is not Drag.MOVE:
            self.drag_selects(Drag.MOVE)
        elif key == Qt.Key.Key_Escape and self._selected:
            self.selection_changed.emit(set())
        elif key == Qt.Key.Key_Home:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _dress_fonts(self, scale: float, written: float) -> QFont:
        """Larger type on the axes; returns the font of what is written into the plane."""
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * scale)
        for side in ("bottom", "left"):
            axis = self._plot.getAxis(side)
            axis.setStyle(tickFont=font)
            axis.label.setFont(font)
        # pyqtgraph puts titles onto the very edge, and a little beyond.
        edge = EDGE * scale
        self._plot.getPlotItem().layout.setContentsMargins(edge, 1, 1, edge)
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * written)
        return small

    def _dress_axes(self) -> None:
        if self._data is None:
            return
        frame = self._choices.frame(self._data)
        for side, content, log in (
            ("bottom", self._data.x, frame.x_log),
            ("left", self._data.y, frame.y_log),
        ):
            axis = self._plot.getAxis(side)
            _dress_axis(axis, content)
            axis.setLogMode(log)

    def _draw_changed(self, names: Collection[str]) -> None:
        if self._marks.change(names, self._statuses, self._selected):
            self.refresh()
            return
        self._draw_numbers()
        self._draw_legend()
        if not set(names).isdisjoint(self._hovering):
            self._show_tooltip()

    def _colour_some(self) -> None:
        """The next points take the new colours."""
        some, self._old_colours = self._old_colours[:AT_ONCE], self._old_colours[AT_ONCE:]
        if self._marks.change(some, self._statuses, self._selected):
            self.refresh()
        elif not self._old_colours:
            self._end_colouring()
            self._draw_numbers()

    def _end_colouring(self) -> None:
        self._colouring.stop()
        self._old_colours = []

    def _draw_numbers(self) -> None:
        if not self._choices.numbers:
            self._numbers.show_numbers(np.zeros(0), np.zeros(0), (), self._marks.size)
            return
        quantity = self._marks.quantity
        texts = ["" if value is None else quantity.text(value, self._bound) for value in self._marks.values()]
        self._numbers.show_numbers(*self._marks.places, texts, self._marks.size)

    def _draw_contours(self) -> None:
        if self._data is None:
            return
        self._contours.show(self._live.exclusion, self._overlays, self._frame, self._choices.contours)
        side = self._data.allowed if self._choices.border else "all"
        self._border.show_side(side, self._frame, "kinematically forbidden")
        self._draw_legend()

    def _draw_legend(self) -> None:
        self.legend.show_entries(
            entries_for(
                self._marks.kinds,
                self._live.exclusion,
                self._overlays,
                self._choices.contours,
                self._contours.looks,
            )
        )
        self.legend.show_hints(*hints_for(self._shared, self._marks.hidden, self._live.found))

    def _ask(self, *, now: bool = False) -> None:
        """Compute the contours anew; while the plane is hidden nobody needs them."""
        if self._data is None or not self.isVisible():
            return
        self._live.ask(self._data, self._marks, self._choices, now=now)

    def _exclusion_found(self) -> None:
        self._draw_contours()
        self.exclusion_changed.emit()

    def _area_chosen(self, area: QPainterPath, extend: bool) -> None:
        inside = {
            name
            for name, x, y in zip(self._marks.names, *self._marks.places, strict=True)
            if area.contains(QPointF(x, y))
        }
        self.selection_changed.emit(inside | self._selected if extend else inside)

    def _clicked(self, _item: object, spots: Any, event: Any) -> None:
        chosen = {str(spot.data()) for spot in spots}
        if event.double():
            self.point_opened.emit(str(spots[0].data()))
            return
        if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            chosen = self._selected ^ chosen
        self.selection_changed.emit(chosen)

    def _walk(self, direction: tuple[int, int], *, extend: bool) -> None:
        here = next((name for name in self._marks.names if name in self._selected), None)
        start = None if here is None else self._marks.index_of(here)
        target = neighbour(*self._marks.places, start, direction, self._box.viewPixelSize())
        if target is not None:
            name = self._marks.names[target]
            self.selection_changed.emit(self._selected | {name} if extend else {name})

    def _hovered(self, _item: object, spots: Any, _event: Any) -> None:
        self._hovering = [str(spot.data()) for spot in spots[:8]]
        self._show_tooltip()

    def _show_tooltip(self) -> None:
        texts = [
            point_description(
                name, self._statuses.get(name), self._checked.get(name), self._bound, self._place_of(name)
            )
            for name in self._hovering
        ]
        self._plot.setToolTip("\n\n".join(texts))

    def _place_of(self, name: str) -> str:
        index = self._marks.index_of(name)
        if self._data is None or index is None:
            return ""
        where = (self._data.x, float(self._marks.x[index])), (self._data.y, float(self._marks.y[index]))
        return ", ".join(f"{axis.symbol or axis.label} = {_value(axis, value)}" for axis, value in where)


def _value(axis: Axis, value: float) -> str:
    return axis.words[round(value)] if axis.words else f"{value:g} {axis.unit}".rstrip()


def _dress_axis(axis: Any, content: Axis) -> None:
    axis.enableAutoSIPrefix(False)
    axis.setLabel(content.title)
    if content.words:
        axis.setTicks([[(float(index), word) for index, word in enumerate(content.words)]])
    else:
        axis.setTicks(None)
