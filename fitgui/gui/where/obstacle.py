"""The line beside the primary button: what keeps the chosen place from being used, and the way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from fitgui.gui.appearance import breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.standing import CHECKING, Action, Standing
from fitgui.gui.widgets import describe, set_role, text_label


class ObstacleLine(QWidget):
    """A sentence, and one thing to do; hidden where nothing is in the way.

    Args:
        act: does what the place needs.
        parent: keeps it.
    """

    def __init__(self, act: Callable[[Action], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act = act
        self._action: Action | None = None
        self._text = text_label(role="warning", wrap=True)
        self._button = QPushButton()
        self._button.clicked.connect(self._pressed)
        describe(self._button, "What helps", "Do what the chosen place needs")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self._text)
        column.addWidget(self._button)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence; empty where nothing is in the way."""
        return "" if self.isHidden() else self._text.text()

    def show_standing(self, standing: Standing, *, quiet: bool) -> None:
        """Say what is in the way; ``quiet`` while a run goes on, when nothing can be started anyway."""
        self._action = standing.action
        self._text.setText(breakable(standing.obstacle, 40))
        set_role(self._text, "muted" if standing.look == CHECKING else "warning")
        self._button.setVisible(standing.action is not None)
        if standing.action is not None:
            self._button.setText(standing.action.value)
            describe(self._button, standing.action.value, standing.obstacle)
            self._button.setToolTip(plain_tip(standing.obstacle))
        self.setVisible(bool(standing.obstacle) and not quiet)

    def _pressed(self) -> None:
        if self._action is not None:
            self._act(self._action)
