"""Numbers in large type, each with its meaning below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from fitgui.gui import theme
from fitgui.gui.timeline.wording import Figure
from fitgui.gui.widgets import set_role, text_label

FIGURE_POINTS = 14


class Figures(QWidget):
    """A row of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Figure, ...] = ()
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.MARGIN)
        self._grid.setVerticalSpacing(0)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show these, where they are not shown yet."""
        if figures == self.shown:
            return
        self.shown = figures
        while len(self._cells) < len(figures):
            self._add_cell()
        for place, (number, meaning) in enumerate(self._cells):
            there = place < len(figures)
            number.setVisible(there)
            meaning.setVisible(there)
            self._grid.setColumnStretch(place, int(there))
            if not there:
                continue
            figure = figures[place]
            number.setText(figure.number)
            number.setAccessibleName(f"{figure.number} {figure.meaning}")
            set_role(number, figure.role)
            meaning.setText(figure.meaning)
            for label in (number, meaning):
                label.setToolTip(figure.explanation)

    def _add_cell(self) -> None:
        number, meaning = text_label(), text_label(role="muted", wrap=True)
        font = QFont(number.font())
        font.setPointSize(FIGURE_POINTS)
        font.setBold(True)
        number.setFont(font)
        meaning.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column = len(self._cells)
        self._grid.addWidget(number, 0, column)
        self._grid.addWidget(meaning, 1, column)
        self._cells.append((number, meaning))
