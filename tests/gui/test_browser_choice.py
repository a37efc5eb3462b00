"""What is chosen, what the card tells, and how much room either has: by typing, tabs, opening."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.plane.legend import GAP, Legend
from fitgui.gui.plane.mark_looks import MARKS
from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    CATALOGUE,
    LIBRARY,
    browser_list,
    button,
    card_button,
    filter_line,
    lines,
    press_card,
    remove_button,
    spoken,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait, shown_columns
from tests.hepdata.standin import StandIn

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ARXIV, NAME = "1909.09226", "1Lbb: Wh → ℓν bb"
SMALL = (1280, 720)


@pytest.fixture
def published(hepdata: StandIn) -> StandIn:
    """What HEPData has of the well-known searches."""
    hepdata.populate(real=False)
    return hepdata


@pytest.fixture
def shelf_window(
    qtbot: QtBot, published: StandIn, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> MainWindow:
    """A window of the size of a small screen, in which the example is open and the catalogue is read."""
    assert published.requests == ()
    window = make_window_in(tmp_path / "data")
    window.resize(*SMALL)
    window.activateWindow()
    wait_for_shelf(qtbot, window)
    open_and_wait(qtbot, window, "example")
    return window


def chosen(window: MainWindow, name: str = CATALOGUE) -> str:
    """What the line says that is marked; empty where none is."""
    index = browser_list(window, name).currentIndex()
    return str(index.data()) if index.isValid() else ""


def card_says(window: MainWindow, text: str) -> bool:
    labels = window.pallet_panel.card.findChildren(QLabel)
    return any(text in label.text() for label in labels if label.isVisible())


def entry(window: MainWindow, text: str) -> QAction:
    """The only entry of the menus with that text."""
    (found,) = [action for action in window.actions_.entries if action.text().replace("&", "") == text]
    return found


def in_sight(widget: QWidget) -> bool:
    return widget.isVisible() and widget.visibleRegion().boundingRect().height() > widget.height() * 0.9


def test_the_best_hits_are_in_sight_whatever_was_chosen_before(
    qtbot: QtBot, shelf_window: MainWindow
) -> None:
    view, line = browser_list(shelf_window), filter_line(shelf_window)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    for _ in range(25):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.verticalScrollBar().value() > 0
    far = chosen(shelf_window)
    for letters in ("e", "r", "Backspace", "Backspace"):
        if len(letters) == 1:
            qtbot.keyClicks(line, letters)
        else:
            qtbot.keyClick(line, Qt.Key.Key_Backspace)
        QApplication.processEvents()
        assert view.verticalScrollBar().value() == 0
        assert view.visualRect(view.model().index(0, 0)).top() >= 0
    assert chosen(shelf_window) == far, "what was chosen stays chosen"


def test_the_only_hit_is_chosen_and_enter_goes_to_it(
    qtbot: QtBot, shelf_window: MainWindow, published: StandIn
) -> None:
    line = filter_line(shelf_window)
    type_text(qtbot, line, ARXIV)
    assert lines(shelf_window) == [NAME, f"Look up {ARXIV} at HEPData"]
    assert "Ctrl+Shift+F" in spoken(shelf_window)[-1]
    assert chosen(shelf_window) == NAME
    assert card_says(shelf_window, "SUSY-2019-08")
    assert QApplication.focusWidget() is line, "typing goes on"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is browser_list(shelf_window)
    assert published.requests == (), "what is known is not asked for"
    with qtbot.waitSignal(shelf_window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.keyClick(browser_list(shelf_window), Qt.Key.Key_Return)
    assert shelf_window.workbench.pallet is not None
    assert "hepdata.90607" in shelf_window.workbench.pallet.source


def test_several_hits_a_version_and_the_shortcut_ask_hepdata(
    qtbot: QtBot, shelf_window: MainWindow, published: StandIn
) -> None:
    line = filter_line(shelf_window)
    type_text(qtbot, line, "sbottom")
    before = lines(shelf_window)[:-1]
    assert len(before) > 1
    assert spoken(shelf_window)[-1].endswith("or press Enter")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    wait_for_line(qtbot, shelf_window, "HEPData, just now")
    assert lines(shelf_window)[: len(before)] == before, "an answer displaces no better hit"
    asked = len(published.requests)
    line.clear()
    qtbot.keyClicks(line, ARXIV)
    qtbot.keyClick(shelf_window, Qt.Key.Key_F, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: len(published.requests) > asked, timeout=MINUTE)
    line.clear()
    doi = "10.17182/hepdata.90607.v3"
    qtbot.keyClicks(line, doi)
    assert lines(shelf_window)[-1] == f"Look up {doi} at HEPData"
    asked = len(published.requests)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(published.requests) > asked, timeout=MINUTE)


def test_without_a_hit_the_card_tells_only_what_is_open(qtbot: QtBot, shelf_window: MainWindow) -> None:
    line = filter_line(shelf_window)
    type_text(qtbot, line, ARXIV)
    assert card_says(shelf_window, "SUSY-2019-08")
    line.clear()
    type_text(qtbot, line, "zzzz")
    assert chosen(shelf_window) == ""
    assert not card_says(shelf_window, "SUSY-2019-08")
    assert card_says(shelf_window, "Open now")
    assert card_says(shelf_window, "example")
    assert not card_button(shelf_window).isVisible()
    line.clear()
    assert chosen(shelf_window) == NAME, "it is remembered"
    qtbot.waitUntil(lambda: card_says(shelf_window, "SUSY-2019-08"), timeout=MINUTE)


def test_list_card_and_tab_agree_on_what_is_opened_and_removed(
    qtbot: QtBot, shelf_window: MainWindow, make_pallet: MakePallet
) -> None:
    type_text(qtbot, filter_line(shelf_window), ARXIV)
    qtbot.mouseClick(button(shelf_window, "Library"), Qt.MouseButton.LeftButton)
    assert not card_says(shelf_window, "SUSY-2019-08"), "nothing is kept, so nothing is chosen here"
    assert card_says(shelf_window, "Open now")
    qtbot.mouseClick(button(shelf_window, "Catalogue"), Qt.MouseButton.LeftButton)
    assert card_says(shelf_window, "SUSY-2019-08")
    open_and_wait(qtbot, shelf_window, make_pallet(GRID))
    qtbot.waitUntil(lambda: bool(shelf_window.store.items), timeout=MINUTE)
    qtbot.waitUntil(lambda: card_says(shelf_window, "small"), timeout=MINUTE)
    assert not card_says(shelf_window, "SUSY-2019-08")
    assert chosen(shelf_window) == "", "what is open is hidden by the filter: nothing else is marked for it"
    filter_line(shelf_window).clear()
    assert "small" in chosen(shelf_window)
    qtbot.keyClick(shelf_window, Qt.Key.Key_L, CONTROL)
    assert "small" in chosen(shelf_window, LIBRARY)
    open_and_wait(qtbot, shelf_window, "example")
    browser_list(shelf_window, LIBRARY).setFocus()
    qtbot.keyClick(browser_list(shelf_window, LIBRARY), Qt.Key.Key_Down)
    qtbot.keyClick(browser_list(shelf_window, LIBRARY), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: in_sight(remove_button(shelf_window)), timeout=MINUTE)
    qtbot.keyClick(browser_list(shelf_window, LIBRARY), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not shelf_window.store.items, timeout=MINUTE)
    qtbot.waitUntil(lambda: not card_says(shelf_window, "small"), timeout=MINUTE)
    assert card_says(shelf_window, "Open now")
    assert card_says(shelf_window, "example")


def test_a_short_list_leaves_its_room_to_the_card(qtbot: QtBot, shelf_window: MainWindow) -> None:
    panel = shelf_window.pallet_panel
    share = panel.tabs.height()
    type_text(qtbot, filter_line(shelf_window), ARXIV)
    qtbot.waitUntil(lambda: panel.tabs.height() < share - 50, timeout=MINUTE)
    view = browser_list(shelf_window)
    assert view.verticalScrollBar().maximum() == 0, "all its lines are in sight"
    # What one comes for is in sight, too, on a small screen.
    for text in ("Versions and files …", "Copy BibTeX"):
        assert in_sight(button(shelf_window, text)), text
    assert cut_texts(panel) == []
    filter_line(shelf_window).clear()
    qtbot.waitUntil(lambda: panel.tabs.height() == share, timeout=MINUTE)


def test_an_abstract_is_folded_until_it_is_wanted(qtbot: QtBot, shelf_window: MainWindow) -> None:
    type_text(qtbot, filter_line(shelf_window), ARXIV)
    summary = shelf_window.pallet_panel.card._summary
    long = "A sentence of an abstract. " * 20
    summary.setText(long)
    assert not card_says(shelf_window, long)
    more = button(shelf_window, "More of the text")
    more.setFocus()
    qtbot.keyClick(more, Qt.Key.Key_Space)
    assert card_says(shelf_window, long)
    qtbot.mouseClick(button(shelf_window, "Less of the text"), Qt.MouseButton.LeftButton)
    assert not card_says(shelf_window, long)


def test_the_menu_offers_only_what_can_be_done(qtbot: QtBot, shelf_window: MainWindow) -> None:
    of_kept = ("Show in folder", "Compare with its digest", "Remove from the library")
    of_published = ("Versions and files of what is chosen", "Copy BibTeX")
    act = "Get, open or cancel what is chosen"
    assert not any(entry(shelf_window, text).isEnabled() for text in (*of_kept, *of_published, act))
    type_text(qtbot, filter_line(shelf_window), ARXIV)
    assert all(entry(shelf_window, text).isEnabled() for text in (*of_published, act))
    assert not any(entry(shelf_window, text).isEnabled() for text in of_kept)
    with qtbot.waitSignal(shelf_window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, shelf_window, "Get and open")
    qtbot.waitUntil(lambda: entry(shelf_window, of_kept[0]).isEnabled(), timeout=MINUTE)
    assert all(entry(shelf_window, text).isEnabled() for text in (*of_published, *of_kept))
    qtbot.waitUntil(lambda: not entry(shelf_window, act).isEnabled(), timeout=MINUTE)  # it is open


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_remarks_have_their_heading_on_a_small_screen(
    qtbot: QtBot, shelf_window: MainWindow, look: theme.Theme, make_pallet: MakePallet
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application, look)
    for point in (GRID, [[1000.0, 100.0], [1000.0, 1000.0]]):  # these have longer names
        check_remarks(qtbot, shelf_window, make_pallet(point, name=f"grid{len(point)}"))


def check_remarks(qtbot: QtBot, shelf_window: MainWindow, folder: Path) -> None:
    open_and_wait(qtbot, shelf_window, folder)
    view, model = shelf_window.results_panel.table.view, shelf_window.results_panel.model
    QApplication.processEvents()
    assert shown_columns(shelf_window)[-1] == "Remarks"
    last = model.columnCount() - 1
    header = view.horizontalHeader()
    right = header.sectionViewportPosition(last) + view.fontMetrics().horizontalAdvance("Remarks") + 8
    assert right <= view.viewport().width()
    assert header.sectionSize(last) >= view.fontMetrics().horizontalAdvance("Remarks") + 8


@pytest.mark.parametrize("width", [250, 400, 620, 800, 1400])
def test_no_mark_of_the_legend_stands_alone(qtbot: QtBot, width: int) -> None:
    marks = tuple(MARKS.values())
    legend = Legend(marks)
    qtbot.addWidget(legend)
    legend.resize(width, 60)
    legend.show()
    QApplication.processEvents()
    shown = legend.text().split("\n")
    assert GAP.join(shown) == GAP.join(marks)
    assert max(map(legend.fontMetrics().horizontalAdvance, shown)) <= width
    assert len(shown) == 1 or len(shown[-1].split(GAP)) > 1
    legend.show_hints("2 points lie on others")
    assert legend.text().split("\n")[-1] == "2 points lie on others"
