"""A card for a place to compute: a radio button, its state, a line, and controls where it is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.standing import Standing
from fitgui.gui.widgets import describe, set_role, text_label

INSIDE = 7
"""Between the edge of a card and what is in it, in pixels."""


class PlaceCard(QFrame):
    """One place; the mouse may press it anywhere.

    Args:
        title: of the place.
        explanation: what it means to compute there.
        body: what is shown below while it is chosen.
        parent: keeps it.
    """

    chosen = Signal()
    """The user chose it."""

    def __init__(self, title: str, explanation: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("place")
        self._title, self._explanation = title, explanation
        self.radio = QRadioButton(title)
        self.radio.toggled.connect(self._toggled)
        describe(self.radio, title, explanation)
        self._state = text_label(role="muted")
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._line = text_label(role="muted", wrap=True)
        self._line.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._body = body
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.radio)
        head.addStretch(1)
        head.addWidget(self._state)
        self._head = head
        column = QVBoxLayout(self)
        column.setContentsMargins(INSIDE, 6, INSIDE, 7)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._line)
        column.addWidget(body)
        body.hide()

    @property
    def state(self) -> str:
        """Its icon and word."""
        return self._state.text()

    @property
    def line(self) -> str:
        """What stands below its title."""
        return self._line.text()

    def make_room(self, words: Iterable[str]) -> None:
        """Be wide enough for each of these states beside the title, and for the controls, from the start."""
        widest = max(self._state.fontMetrics().horizontalAdvance(word) for word in words)
        head = self.radio.sizeHint().width() + 2 * self._head.spacing() + widest
        inside = max(head, self._body.minimumSizeHint().width())
        self.setMinimumWidth(inside + 2 * (INSIDE + self.frameWidth()))

    def show_standing(self, standing: Standing, details: Mapping[str, str]) -> None:
        """How the place stands; details are told when the mouse rests on its state."""
        self._state.setText(str(standing.look))
        set_role(self._state, standing.role)
        self._line.setText(standing.line)
        self._line.setVisible(bool(standing.line))
        told = "\n".join(f"{key}: {value}" for key, value in details.items())
        for label in (self._state, self._line):
            label.setToolTip(plain_tip(told))
        parts = (str(standing.look.word), standing.line, standing.obstacle, self._explanation)
        about = ". ".join(part.rstrip(".") for part in parts if part) + "."
        describe(self.radio, self._title, about)
        self.radio.setToolTip(plain_tip(about))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        if event.button() == Qt.MouseButton.LeftButton and self.radio.isEnabled():
            self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
            self.radio.click()

    def _toggled(self, on: bool) -> None:
        self._body.setVisible(on)
        self.setProperty("chosen", on)
        self.style().unpolish(self)
        self.style().polish(self)
        if on:
            self.chosen.emit()
