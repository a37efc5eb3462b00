"""A file that speaks of several analyses: which of them is meant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.widgets import describe, push_button, text_label
from fitgui.reinterpretation.model import Imported, Target


class WhichPage(QWidget):
    """A sentence, and a button for each analysis."""

    chosen = QtSignal(object)
    """The :class:`Imported` that is meant."""
    left = QtSignal()
    """None of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = text_label(role="title", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.SPACING)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._list)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        describe(scroll, "Analyses of the file", "Choose the one that the open analysis is")
        scroll.setToolTip("")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(push_button("Cancel", "Go back without this file", self.left.emit))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING)
        layout.addWidget(self._question)
        layout.addWidget(scroll, stretch=1)
        layout.addLayout(buttons)

    def show_choice(self, found: Sequence[Imported], target: Target) -> None:
        """Ask which of these analyses is the one that is open."""
        self._question.setText(
            f"{found[0].source} speaks of {words.count(len(found), 'analysis')}. Which of them is "
            f"{target.analysis.name} of {target.pallet}?"
        )
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in found:
            regions = ", ".join(one.regions[:4]) + (" …" if len(one.regions) > 4 else "")
            name = one.analysis or "(without a name)"
            text = f"{name}:  {words.count(len(one.regions), 'region')}, {regions}"
            button = push_button(text, f"Take {name}", partial(self.chosen.emit, one))
            self._list.addWidget(button)
            if self._list.count() == 1:
                self.setFocusProxy(button)
