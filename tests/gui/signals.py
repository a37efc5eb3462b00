"""What a user does with a signal of his own: drop, paste, map by mouse; shared by tests and pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QMenu, QTableView, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.signal.mapping.mapping_model import BIN, REGION_MIME, BinsModel, RegionsModel
from fitgui.gui.signal.mapping.mapping_page import MappingPage
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE

COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton


def view_of(window: MainWindow) -> SignalView:
    """The tab."""
    return window.signals.view


def button_of(page: QWidget, text: str) -> QAbstractButton:
    """The visible button whose text begins so."""
    (found,) = [
        button
        for button in page.findChildren(QAbstractButton)
        if button.isVisible() and button.text().startswith(text)
    ]
    return found


def entry_of(menu: QMenu, text: str) -> QAction:
    """Of what is behind "More"."""
    (found,) = [action for action in menu.actions() if action.text() == text]
    return found


def drop_file(window: MainWindow, path: Path) -> None:
    """As if a file were dragged from a file manager onto the window."""
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(window.rect().center())
    event = QDropEvent(place, COPY, content, LEFT, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    assert event.isAccepted()


def drag_region(page: MappingPage, region: str, bin_name: str) -> None:
    """Drag a region onto a bin: what the first table hands over is dropped on the row of the second."""
    regions, bins = page.regions, page.bins
    content = regions.mimeData([regions.index(regions.row_of(region), 0)])
    assert content.hasFormat(REGION_MIME)
    table = page.bins_table
    row = next(row for row in range(bins.rowCount()) if bins.index(row, 0).data() == bin_name)
    table.scrollTo(bins.index(row, 0))
    place = QPointF(table.visualRect(bins.index(row, 0)).center())
    table.dropEvent(QDropEvent(place, COPY, content, LEFT, Qt.KeyboardModifier.NoModifier))


def combo_of(page: MappingPage, region: str) -> QComboBox:
    """The list that a click on the bin of a region has opened."""
    (box,) = [
        box
        for box in page.regions_table.viewport().findChildren(QComboBox)
        if box.accessibleName() == f"Bin of {region}" and box.isVisible()
    ]
    return box


def bin_cell(page: MappingPage, region: str) -> tuple[QTableView, QPointF]:
    """The table, and where the bin of a region is in it."""
    index = page.regions.index(page.regions.row_of(region), BIN)
    return page.regions_table, QPointF(page.regions_table.visualRect(index).center())


def copy(text: str) -> None:
    """As a spreadsheet does it."""
    QGuiApplication.clipboard().setText(text)


def rows(model: RegionsModel | BinsModel) -> list[tuple[str, ...]]:
    """The texts of a table."""
    return [
        tuple(str(model.index(row, column).data() or "") for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def use_map(qtbot: QtBot, page: MappingPage) -> None:
    """Press *Use these*, which waits until the file has been looked through on a thread."""
    qtbot.waitUntil(lambda: page.ready, timeout=MINUTE)
    page.press_use()
