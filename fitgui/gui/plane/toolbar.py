"""The row above the plane: colour, axes, what is shown, what a drag selects, what to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from fitgui.exclusion.model import Method
from fitgui.gui.plane.box import Drag
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.quantities import QUANTITIES, Quantity
from fitgui.gui.widgets import describe

SPACING = 6
DRAGS = {
    Drag.MOVE: "Drag &moves the plane",
    Drag.RECTANGLE: "Drag selects a &rectangle",
    Drag.LASSO: "Drag selects with a &lasso",
}
SELECTIONS = (("Select &all", "all"), ("Select &none", "none"), ("Select the &others", "others"))
METHODS: dict[Method, str] = {
    "linear": "Interpolate &linearly on triangles",
    "rbf": "Interpolate &smoothly (radial functions)",
}
CURVED_POINTS = 5000
"""A quarter of :data:`fitgui.exclusion.interpolation.RESOLUTION`: of more, points make as many triangles as a
curved surface is cut into, and are joined straight."""
METHOD_TIPS: dict[Method, str] = {
    "linear": "Straight lines on triangles between neighbouring points, as the field does",
    "rbf": "Curved between points, and through every one; where there are more than about "
    f"{CURVED_POINTS} points, these are close enough to be joined straight",
}


class PlaneToolbar(QWidget):
    """Emits what the user chooses; the page does it."""

    quantity_chosen = Signal(object)
    choices_changed = Signal(object)
    """Other :class:`PlaneChoices`."""
    axes_chosen = Signal(str, str)
    """The coordinates along both axes."""
    drag_chosen = Signal(object)
    selection_asked = Signal(str)
    """``all``, ``none`` or ``others``."""
    all_asked = Signal()
    """Every point is to be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = PlaneChoices()
        self._axes: tuple[tuple[str, str], ...] = ()
        self._x = self._y = ""
        self.colour_box = QComboBox()
        self.colour_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.colour_box.setMinimumContentsLength(15)
        describe(self.colour_box, "Colour", "What the colour of the points in the plane tells")
        self.offer_quantities(QUANTITIES[:1])
        self.colour_box.currentIndexChanged.connect(self._colour_chosen)
        self._left, self._right = QWidget(), QWidget()
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(2, 4, 2, 0)
        self._rows.setSpacing(SPACING)
        self._rows.setColumnStretch(1, 1)
        self._narrow: bool | None = None
        left, bar = QHBoxLayout(self._left), QHBoxLayout(self._right)
        for row in (left, bar):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACING)
        label = QLabel("Colour")
        label.setBuddy(self.colour_box)
        left.addWidget(label)
        left.addWidget(self.colour_box)
        left.addStretch(1)
        bar.addStretch(1)
        self.axes_menu = self._menu(bar, "Axes", "Which coordinates the axes show, linear or logarithmic")
        self.show_menu = self._menu(bar, "Show", "Contours, bands, numbers at the points, interpolation")
        self.select_menu = self._menu(bar, "Select", "Select points for another run: rectangle, lasso, all")
        self.compare_menu = self._menu(bar, "Compare", "Contours of other runs, and published ones")
        self._fill_show()
        self._drags = self._fill_select()
        self._fill_axes()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two rows where one is too short."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider of two rows."""
        wider = max(self._left.sizeHint().width(), self._right.sizeHint().width())
        return QSize(wider + 4, super().minimumSizeHint().height())

    @property
    def quantities(self) -> set[str]:
        """Which are offered, by their short names."""
        return {self.colour_box.itemText(index) for index in range(self.colour_box.count())}

    def offer_quantities(self, quantities: Sequence[Quantity]) -> None:
        """Offer these; a choice that is not among them any more is given up."""
        offered = [self.colour_box.itemText(index) for index in range(self.colour_box.count())]
        if offered == [quantity.short for quantity in quantities]:
            return
        chosen = self.colour_box.currentText()
        self.colour_box.blockSignals(True)
        self.colour_box.clear()
        for quantity in quantities:
            self.colour_box.addItem(quantity.short, quantity)
        index = max(0, self.colour_box.findText(chosen))
        self.colour_box.setCurrentIndex(index)
        self.colour_box.blockSignals(False)
        if self.colour_box.itemText(index) != chosen:
            self.quantity_chosen.emit(self.colour_box.itemData(index))

    def offer_axes(self, axes: Sequence[tuple[str, str]], x: str, y: str) -> None:
        """Offer these coordinates, each with its title; these two are on show."""
        self._axes, self._x, self._y = tuple(axes), x, y
        self._fill_axes()

    def show_drag(self, drag: Drag) -> None:
        """What a drag does now."""
        self._drags[drag].setChecked(True)

    @property
    def choices(self) -> PlaneChoices:
        """What was chosen."""
        return self._choices

    def show_choices(self, choices: PlaneChoices) -> None:
        """Have these chosen."""
        if choices != self._choices:
            self._choices = choices
            self.show_menu.clear()
            self._fill_show()
            self._fill_axes()
            self.choices_changed.emit(choices)

    def _menu(self, bar: QHBoxLayout, text: str, explanation: str) -> QMenu:
        button = QToolButton()
        button.setText(text)
        button.setProperty("role", "menu")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        describe(button, text, explanation)
        menu = QMenu(text, button)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        bar.addWidget(button)
        return menu

    def _fill_axes(self) -> None:
        """Menus rather than lists to choose from: most planes have two coordinates, and show them."""
        self.axes_menu.clear()
        for title, here, choose in (
            ("&Horizontal", self._x, lambda label: self._choose_axes(label, self._y)),
            ("&Vertical", self._y, lambda label: self._choose_axes(self._x, label)),
        ):
            menu = self.axes_menu.addMenu(title)
            group = QActionGroup(menu)
            for label, written in self._axes:
                entry = _checkable(menu, written.replace("&", "&&"), label == here, group)
                entry.triggered.connect(lambda _on, label=label, choose=choose: choose(label))
        self.axes_menu.addAction("E&xchange the axes").triggered.connect(
            lambda: self._choose_axes(self._y, self._x)
        )
        self.axes_menu.addSeparator()
        for text, field in (
            ("Horizontal axis &logarithmic", "x_log"),
            ("Vertical axis l&ogarithmic", "y_log"),
        ):
            self._switch(self.axes_menu, text, field)
        self.axes_menu.addSeparator()
        self.axes_menu.addAction("Show &all points").triggered.connect(lambda: self.all_asked.emit())

    def _fill_show(self) -> None:
        menu = self.show_menu
        for text, field in (
            ("&Observed contour", "observed"),
            ("&Expected contour", "expected"),
            ("Expected ±&1σ band", "band"),
            ("Expected ±&2σ band", "wide_band"),
        ):
            entry = _checkable(menu, text, getattr(self._choices.contours, field))
            entry.toggled.connect(
                lambda on, field=field: self._change(contours=replace(self._choices.contours, **{field: on}))
            )
        menu.addSeparator()
        group = QActionGroup(menu)
        for method, text in METHODS.items():
            entry = _checkable(menu, text, method == self._choices.method, group)
            entry.setToolTip(METHOD_TIPS[method])
            entry.triggered.connect(lambda _on, method=method: self._change(method=method))
        menu.addSeparator()
        self._switch(menu, "&Border of the kinematically allowed side", "border")
        self._switch(menu, "&Numbers at the points", "numbers")

    def _fill_select(self) -> dict[Drag, QAction]:
        group, drags = QActionGroup(self.select_menu), {}
        for drag, text in DRAGS.items():
            drags[drag] = _checkable(self.select_menu, text, drag is Drag.MOVE, group)
            drags[drag].triggered.connect(lambda _on, drag=drag: self.drag_chosen.emit(drag))
        self.select_menu.addSeparator()
        for text, which in (
            ("Select &all", "all"),
            ("Select &none", "none"),
            ("Select the &others", "others"),
        ):
            self.select_menu.addAction(text).triggered.connect(
                lambda _on, which=which: self.selection_asked.emit(which)
            )
        return drags

    def _switch(self, menu: QMenu, text: str, field: str) -> None:
        entry = _checkable(menu, text, getattr(self._choices, field))
        entry.toggled.connect(lambda on: self._change(**{field: on}))

    def _change(self, **changes: object) -> None:
        self._choices = replace(self._choices, **changes)  # type: ignore[arg-type]  # by the names of its fields
        self.choices_changed.emit(self._choices)

    def _arrange(self) -> None:
        needed = self._left.sizeHint().width() + self._right.sizeHint().width() + SPACING + 4
        narrow = self.width() < needed
        if narrow != self._narrow:
            self._narrow = narrow
            self._rows.addWidget(self._left, 0, 0, 1, 2 if narrow else 1)
            place = (1, 0, 1, 2) if narrow else (0, 1, 1, 1)
            self._rows.addWidget(self._right, *place)

    def _colour_chosen(self, index: int) -> None:
        if index >= 0:
            self.quantity_chosen.emit(self.colour_box.itemData(index))

    def _choose_axes(self, x: str, y: str) -> None:
        if (x, y) != (self._x, self._y):
            self.axes_chosen.emit(x, y)


def _checkable(menu: QMenu, text: str, on: bool, group: QActionGroup | None = None) -> QAction:  # a state
    entry = menu.addAction(text)
    entry.setCheckable(True)
    entry.setChecked(on)
    if group is not None:
        group.addAction(entry)
    return entry
