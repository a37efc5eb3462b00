"""Small pieces that every panel is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from fitgui.gui import theme
from fitgui.gui.plain_tip import plain_tip

FRESH_MILLISECONDS = 4000
"""How long a notice stands out that has just been told."""
NOTICE_ICONS = {"info": "ℹ", "warning": "⚠", "error": "✗"}


class Panel(QFrame):
    """A card with a heading: one of the three steps."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(heading)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        self.body.setSpacing(theme.SPACING)
        self.body.addWidget(text_label(heading.upper(), role="step"))


def text_label(text: str = "", *, role: str = "", wrap: bool = False) -> QLabel:
    """A label; ``role`` picks its look from the style sheet."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(wrap)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if wrap:
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
    return label


def push_button(text: str, explanation: str, action: Callable[[], object], *, role: str = "") -> QPushButton:
    """A button with its explanation for the mouse and for a screen reader."""
    button = QPushButton(text)
    button.setProperty("role", role)
    button.clicked.connect(lambda: action())
    describe(button, text, explanation)
    return button


def describe(widget: QWidget, name: str, explanation: str) -> None:
    """Give a control its accessible name and its tooltip."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(explanation)
    widget.setToolTip(plain_tip(explanation))


def narrow_combo(name: str, explanation: str) -> QComboBox:
    """A list to choose from that long names do not widen; the list that drops down shows them whole."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    describe(box, name, explanation)
    return box


def set_role(label: QWidget, role: str) -> None:
    """Change the look of a label or a button."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def themed_plot(look: theme.Theme, **options: Any) -> pg.PlotWidget:
    """An empty plot in the colours of a theme; the keyboard passes it by."""
    plot = pg.PlotWidget(background=look.panel, **options)
    plot.setAntialiasing(True)
    plot.hideButtons()
    plot.showGrid(x=True, y=True, alpha=0.15)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    _drop_menus(plot)
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        # Else pyqtgraph writes "(x0.001)" beside μ, and by the logarithm where the axis is logarithmic.
        axis.enableAutoSIPrefix(False)
        axis.setPen(look.text)
        axis.setTextPen(look.text)
    return plot


def _drop_menus(plot: pg.PlotWidget) -> None:
    """Offer none of pyqtgraph's menus, and let them go with the plot.

    They have no parent: each plot would leave eight behind, which every change of colours dresses.
    """
    item = plot.getPlotItem()
    item.setMenuEnabled(False)
    menus = (*item.ctrlMenu.findChildren(QMenu), item.ctrlMenu)

    def drop() -> None:
        for menu in menus:
            if isValid(menu):
                menu.deleteLater()

    plot.destroyed.connect(drop)


class NoticeBar(QFrame):
    """One sentence that needs attention but must not interrupt, with at most one thing to do about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        self._icon = QLabel()
        self._text = text_label(wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._act: Callable[[], None] | None = None
        self._button = push_button("Do it", "Do what the notice proposes", self._do)
        self._dismiss = push_button("Dismiss", "Hide this notice", self.hide, role="link")
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(FRESH_MILLISECONDS)
        self._fresh.timeout.connect(lambda: self._mark(fresh=False))
        layout.addWidget(self._icon)
        layout.addWidget(self._text, stretch=1)
        layout.addWidget(self._button)
        layout.addWidget(self._dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown, empty if none is."""
        return self._text.text() if not self.isHidden() else ""

    def tell(self, level: str, text: str, *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Show ``text``; ``action`` is the word on the button that calls ``act``."""
        self._icon.setText(NOTICE_ICONS.get(level, "⚠"))
        role = {"error": "error", "warning": "warning"}.get(level, "")
        set_role(self._icon, role)
        self._text.setText(text)
        self.setAccessibleName(f"{level}: {text}")
        self._act = act
        self._button.setText(action)
        self._button.setVisible(act is not None)
        if act is not None:
            describe(self._button, action, text)
        self._mark(fresh=True)
        self._fresh.start()
        self.show()

    @property
    def is_fresh(self) -> bool:
        """Whether it stands out, because something has been told a moment ago."""
        return bool(self.property("fresh"))

    def _mark(self, *, fresh: bool) -> None:
        """Also what was told before and is told again is seen to be said now."""
        self.setProperty("fresh", fresh)
        self.style().unpolish(self)
        self.style().polish(self)

    def _do(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
