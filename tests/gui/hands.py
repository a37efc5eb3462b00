"""What a user does with the window: open, press, read; shared by the tests of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow

MakePallet = Callable[..., Path]
MINUTE = 60_000
GRID = [[float(m1), float(m2)] for m1 in (100, 200, 300) for m2 in (0, 50)]


def open_and_wait(qtbot: QtBot, window: MainWindow, source: str | Path) -> None:
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open(source)


def primary(window: MainWindow) -> QPushButton:
    (button,) = [b for b in window.findChildren(QPushButton) if b.property("role") == "primary"]
    return button


def control(window: MainWindow, kind: type, name: str) -> Any:
    """The only control of that kind and accessible name."""
    (found,) = [widget for widget in window.findChildren(kind) if widget.accessibleName() == name]
    return found


def fit_all(qtbot: QtBot, window: MainWindow) -> None:
    # For a moment after a run the button cannot be pressed, so that a late click on Cancel starts nothing.
    qtbot.waitUntil(primary(window).isEnabled, timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_ended, timeout=2 * MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)


def column(window: MainWindow, title: str) -> list[str]:
    model = window.results_panel.model
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    number = titles.index(title)
    return [model.index(row, number).data() for row in range(model.rowCount())]


def drag(viewport: QWidget, start: QPoint, end: QPoint) -> None:
    """As a hand does: press, move with the button held, release."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    moves = [start + (end - start) * (step / 5) for step in range(1, 6)]
    steps = [(QEvent.Type.MouseButtonPress, start, left, left)]
    steps += [(QEvent.Type.MouseMove, place, none, left) for place in moves]
    steps += [(QEvent.Type.MouseButtonRelease, end, left, none)]
    for kind, place, button, held in steps:
        where = QPointF(place)
        event = QMouseEvent(
            kind, where, QPointF(viewport.mapToGlobal(place)), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()


def shown_texts(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def shown_columns(window: MainWindow) -> list[str]:
    """The headings of the table that are not hidden."""
    model, view = window.results_panel.model, window.results_panel.table.view
    return [
        model.headerData(i, Qt.Orientation.Horizontal)
        for i in range(model.columnCount())
        if not view.isColumnHidden(i)
    ]


def cut_texts(window: QWidget) -> list[tuple[str, object, object]]:
    """Every visible text that has less room than it needs."""
    cut = []
    for widget in window.findChildren(QWidget):
        if (
            isinstance(widget, (QAbstractButton, QLabel))
            and widget.isVisible()
            and not widget.visibleRegion().isEmpty()
        ):
            needed = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
            wraps = isinstance(widget, QLabel) and widget.wordWrap()
            too_narrow = not wraps and widget.text() and widget.width() < needed.width() - 1
            too_low = wraps and widget.text() and widget.height() < widget.heightForWidth(widget.width()) - 1
            if too_narrow or too_low:
                cut.append((widget.text(), widget.size(), needed))
    return cut
