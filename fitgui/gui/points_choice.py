"""Which signal points: all of them, those that match a pattern, or those that are selected."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.appearance import short_name
from fitgui.gui.widgets import describe, push_button, text_label
from fitgui.pallets import SignalPoint
from fitgui.pallets.selection import match_points


class PointsChoice(QWidget):
    """Three radio buttons and what belongs to them."""

    changed = Signal()
    """Another choice was made."""
    pattern_chose = Signal(object)
    """Names of the points that match the pattern, as it is typed."""
    select_in_plane = Signal(bool)
    """Whether a drag in the plane is to select points."""
    own_wanted = Signal()
    """A signal of one's own is to be tried, none of the published points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[SignalPoint, ...] = ()
        self._selected: set[str] = set()
        self._all = QRadioButton("All points")
        describe(self._all, "All points", "Fit every signal point of the analysis")
        self._by_name = QRadioButton("By name")
        describe(self._by_name, "Points by name", "Fit the points whose names match a pattern")
        self._by_selection = QRadioButton("Selected")
        describe(
            self._by_selection,
            "Selected points",
            "Fit the points that are selected in the plane or in the table",
        )
        self._all.setChecked(True)
        self._pattern = QLineEdit()
        self._pattern.setPlaceholderText("*_300_*")
        self._pattern.textEdited.connect(self._pattern_typed)
        describe(
            self._pattern,
            "Name pattern",
            "Names of points; * stands for anything, ? for one character; spaces part several patterns",
        )
        self._select = QPushButton("Select in plane")
        self._select.setCheckable(True)
        self._select.toggled.connect(self.select_in_plane)
        self._select.clicked.connect(lambda: self.fit_selected())
        describe(
            self._select,
            "Select in plane",
            "Drag a rectangle in the plane to select points; Shift adds to them",
        )
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addWidget(text_label("Signal points", role="muted"))
        for button in (self._all, self._by_name, self._by_selection):
            group.addButton(button)
            button.toggled.connect(self._toggled)
        column.addWidget(self._all)
        for radio, control in ((self._by_name, self._pattern), (self._by_selection, self._select)):
            line = QHBoxLayout()
            line.addWidget(radio)
            line.addWidget(control, stretch=1)
            column.addLayout(line)
        own = push_button(
            "My own signal…",
            "Type, paste or import the yields of your own signal, and read whether this analysis excludes it",
            self.own_wanted.emit,
            role="link",
        )
        column.addWidget(own, alignment=Qt.AlignmentFlag.AlignLeft)

    @property
    def chosen(self) -> tuple[SignalPoint, ...]:
        """The points that Run would fit."""
        if self._by_name.isChecked():
            return match_points(self._points, self._pattern.text().replace(",", " ").split())
        if self._by_selection.isChecked():
            return tuple(point for point in self._points if point.name in self._selected)
        return self._points

    @property
    def remedy(self) -> str:
        """What to do where nothing is chosen."""
        if self._by_name.isChecked():
            return f"No point matches. Names look like {short_name(self._points[0].name, 24)}"
        return "No point is selected: drag in the plane, or select rows of the table."

    def show_points(self, points: tuple[SignalPoint, ...]) -> None:
        """Offer these points, all of them chosen."""
        self._points = points
        self._pattern.clear()
        self._select.setChecked(False)
        self._all.setChecked(True)
        self.show_selection(())

    def show_selection(self, names: Collection[str]) -> None:
        """The user selected these points in the plane or in the table."""
        self._selected = set(names)
        self.changed.emit()

    def show_selecting(self, on: bool) -> None:
        """Whether a drag in the plane selects points now, which are then to be fitted."""
        self._select.setChecked(on)
        if on:
            self.fit_selected()

    def fit_selected(self) -> None:
        """Choose the points that are selected in the plane or in the table."""
        self._by_selection.setChecked(True)

    def _toggled(self, on: bool) -> None:
        if on:
            self.changed.emit()

    def _pattern_typed(self) -> None:
        self._by_name.setChecked(True)
        self.changed.emit()
        self.pattern_chose.emit({point.name for point in self.chosen})
