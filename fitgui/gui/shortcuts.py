"""The overview of shortcuts: everything that can be done by keyboard, on one sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.palette import plain_text
from fitgui.gui.widgets import describe, push_button, text_label

COLUMNS = 2
IN_THE_VIEWS = (
    ("Plane: from point to point", "Arrows"),
    ("Plane: add the point to the selection", "Shift+Arrows"),
    ("Plane, table: open the point", "Enter"),
    ("Plane: drag moves again, then nothing is selected", "Esc"),
    ("Plane: show all points", "Home"),
    ("Limits: along the line, to its ends", "← → Home End"),
    ("Yields: from bin to bin", "← →"),
    ("Workers: from task to task, choose its points", "Arrows, Enter"),
    ("Wall time: show or hide a run", "Space"),
)
"""Keys that a view takes while the keyboard is there, beside those of every list and menu."""
IN_A_TALK = (
    ("Next, previous screen", "→ ←  PgDn PgUp"),
    ("First, last screen", "Home End"),
    ("Pause, go on, start again", "Space"),
    ("Start again from the beginning", "R"),
    ("Faster, slower, true speed", "+ − 1"),
    ("Black screen", "B"),
    ("Leave", "Esc  F11"),
)


class ShortcutSheet(QDialog):
    """The actions of all menus with their keys, and the keys of the views, in two columns.

    Args:
        groups: the actions by the name of their menu, in the order of the menus.
        parent: the window.
    """

    def __init__(self, groups: Mapping[str, Sequence[QAction]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAccessibleName("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet = QWidget()
        row = QHBoxLayout(sheet)
        row.setContentsMargins(0, 0, theme.MARGIN, 0)
        row.setSpacing(3 * theme.MARGIN)
        rows = {name: [_row(action) for action in actions] for name, actions in groups.items()}
        rows |= {"In the views": list(IN_THE_VIEWS), "In a talk": list(IN_A_TALK)}
        for share in _shares({name: len(keys) for name, keys in rows.items()}):
            column = QVBoxLayout()
            column.setSpacing(theme.SPACING)
            for name in share:
                column.addLayout(_group(name, rows[name]))
            column.addStretch(1)
            row.addLayout(column)
        area = QScrollArea()
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(area, "Keyboard shortcuts", "Every action with its keys; the arrow keys scroll")
        close = push_button("Close", "Close this overview (Esc)", self.accept)
        close.setDefault(True)
        bar = QHBoxLayout()
        bar.addStretch(1)
        bar.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        layout.addWidget(area, stretch=1)
        layout.addLayout(bar)
        needed = sheet.sizeHint()
        room = parent.size()
        frame = 3 * theme.MARGIN + area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(min(needed.width() + frame, room.width() - 4 * theme.MARGIN))
        height = needed.height() + close.sizeHint().height() + 5 * theme.MARGIN
        self.resize(self.minimumSizeHint().width(), min(height, room.height() - 4 * theme.MARGIN))
        corner = parent.mapToGlobal(parent.rect().center()) - self.rect().center()
        self.move(corner)
        area.setFocus()


def _row(action: QAction) -> tuple[str, str]:
    return plain_text(action.text()), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def _group(name: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(2)
    grid.setHorizontalSpacing(2 * theme.SPACING)
    grid.setColumnStretch(0, 1)
    grid.addWidget(text_label(name, role="step"), 0, 0, 1, 2)
    for place, (text, keys) in enumerate(rows, start=1):
        grid.addWidget(text_label(text), place, 0)
        grid.addWidget(text_label(keys, role="muted"), place, 1, Qt.AlignmentFlag.AlignRight)
    return grid


def _shares(sizes: Mapping[str, int]) -> list[list[str]]:
    """Groups in their order, cut into columns so that the longest is as short as it can be."""
    names = list(sizes)
    heights = [sizes[name] + 2 for name in names]
    cut = min(range(len(names) + 1), key=lambda at: max(sum(heights[:at]), sum(heights[at:])))
    return [share for share in (names[:cut], names[cut:]) if share]
