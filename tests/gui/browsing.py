"""What a user does with the browser of pallets: type, click a line, press the button of the card."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.browser.catalogue_tab import CatalogueTab
from fitgui.gui.browser.list_view import BrowserList
from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, control

LEFT = Qt.MouseButton.LeftButton
CATALOGUE, LIBRARY = "Published likelihoods", "Kept pallets"


def browser_list(window: MainWindow, name: str = CATALOGUE) -> BrowserList:
    found: BrowserList = control(window, BrowserList, name)
    return found


def filter_line(window: MainWindow) -> QLineEdit:
    found: QLineEdit = control(window, QLineEdit, "Filter the catalogue")
    return found


def lines(window: MainWindow, name: str = CATALOGUE) -> list[str]:
    """What the lines of a list say."""
    model = browser_list(window, name).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def spoken(window: MainWindow, name: str = CATALOGUE) -> list[str]:
    """What a screen reader says of the lines: all of it."""
    model = browser_list(window, name).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]


def wait_for_shelf(qtbot: QtBot, window: MainWindow) -> None:
    """Until catalogue and library are read."""
    qtbot.waitUntil(lambda: bool(lines(window)), timeout=MINUTE)


def wait_for_line(qtbot: QtBot, window: MainWindow, text: str, name: str = CATALOGUE) -> QModelIndex:
    """Until a line says that; where it is."""

    def place() -> int | None:
        return next((row for row, said in enumerate(spoken(window, name)) if text in said), None)

    qtbot.waitUntil(lambda: place() is not None, timeout=MINUTE)
    row = place()
    assert row is not None
    return browser_list(window, name).model().index(row, 0)


def click_line(qtbot: QtBot, window: MainWindow, text: str, name: str = CATALOGUE) -> None:
    """Click on the line that says that, once there is one."""
    index = wait_for_line(qtbot, window, text, name)
    click_in(qtbot, browser_list(window, name), index)


def click_in(qtbot: QtBot, view: QAbstractItemView, index: QModelIndex) -> None:
    def settled() -> bool:
        """New answers give the list another height: a hand clicks where the line comes to rest."""
        view.scrollTo(index)
        before = view.visualRect(index)
        QTest.mouseMove(view.viewport(), before.center() + QPoint(1, 1))
        QApplication.processEvents()
        return before.isValid() and view.visualRect(index) == before

    qtbot.waitUntil(settled, timeout=MINUTE)
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())


def choose_by_mouse(qtbot: QtBot, box: QComboBox, text: str) -> None:
    """Open the list of a box and click on an entry."""
    qtbot.mouseClick(box, LEFT)
    view = box.view()
    qtbot.waitUntil(view.isVisible, timeout=MINUTE)
    row = next(row for row in range(box.count()) if text in box.itemText(row))
    click_in(qtbot, view, box.model().index(row, 0))
    if view.isVisible():  # a click that comes too soon after the opening counts as its end
        qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view.isVisible(), timeout=MINUTE)
    assert text in box.currentText()


def card_button(window: MainWindow) -> QPushButton:
    """The one thing that the card offers to do."""
    (button,) = [
        button
        for button in window.pallet_panel.findChildren(QPushButton)
        if button.property("role") == "action"
    ]
    return button


def press_card(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Click on the button of the card, once it says that."""
    button = card_button(window)
    qtbot.waitUntil(
        lambda: button.text().startswith(text) and button.isEnabled() and button.isVisible(), timeout=MINUTE
    )
    qtbot.mouseClick(button, LEFT)


def button(window: MainWindow, text: str) -> QPushButton:
    """The visible button with that text."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # those that have just been replaced
    (found,) = [b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    return found


def remove_button(window: MainWindow) -> QPushButton:
    """The button that has been pressed once to remove a kept file, and asks for the second press."""
    QApplication.processEvents()  # it is brought into sight
    (found,) = [
        b for b in window.findChildren(QPushButton) if b.text().endswith("Press again") and b.isVisible()
    ]
    assert found.text().startswith("Remove "), "it says what is pressed again"
    assert found.accessibleName() == found.text()
    assert not found.visibleRegion().isEmpty(), "the question is in sight"
    return found


def type_text(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    """Letter by letter, into a line that is clicked into before."""
    qtbot.mouseClick(line, LEFT)
    qtbot.keyClicks(line, text)
    tab = next((tab for tab in line.window().findChildren(CatalogueTab)), None)
    if tab is not None:  # the card follows once the typing pauses
        qtbot.waitUntil(lambda: not tab.typing, timeout=MINUTE)


def kept_folders(data: Path) -> list[Path]:
    """What the library holds, on disk."""
    library = data / "library"
    return sorted(path for path in library.iterdir() if len(path.name) == 64) if library.is_dir() else []
