"""The Pallet step as a browser: real windows, the bundled catalogue, a stand-in for HEPData."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.browser.list_model import Kind, Line, ListModel
from fitgui.gui.browser.list_view import BrowserList
from fitgui.gui.window import MainWindow
from fitgui.pallets.catalogue.shelf import Row
from fitgui.pallets.published import AnalysisSummary, Entry
from tests.gui.browsing import remove_button
from tests.gui.hands import MakePallet, control, cut_texts, open_and_wait

SECOND = 1000
PATIENCE = 20 * SECOND
GRID = [[float(m1), float(m2)] for m1 in (100, 200, 300) for m2 in (0, 50)]


@pytest.fixture
def shelf_window(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window whose catalogue has been read."""
    qtbot.waitUntil(lambda: window.store.index is not None, timeout=PATIENCE)
    return window


def names(window: MainWindow) -> list[str]:
    model = window.pallet_panel.catalogue.list.model_
    return [model.look(line).name for line in model.lines]


def choose(window: MainWindow, text: str) -> Row:
    """The row whose nickname holds ``text``."""
    (row,) = [row for row in window.store.rows if text in row.entry.nickname]
    window.pallet_panel.catalogue.list.choose(row.key)
    return row


def card_texts(window: MainWindow) -> str:
    return "\n".join(
        label.text() for label in window.pallet_panel.card.findChildren(QLabel) if label.isVisible()
    )


def action(window: MainWindow) -> QAbstractButton:
    """The one thing that the card offers."""
    buttons = window.pallet_panel.card.findChildren(QAbstractButton)
    (button,) = [button for button in buttons if button.property("role") == "action"]
    return button


def press(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_model_of_the_list_keeps_qts_rules(qtbot: QtBot) -> None:
    model = ListModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert isinstance(tester.model(), QAbstractItemModel)
    lines = [Line(Kind.ROW, str(n), Row(str(n), Entry(key=str(n), nickname=f"Row {n}"))) for n in range(250)]
    model.show(lines)
    with qtbot.waitSignal(model.dataChanged):
        model.changed("7")
    assert model.position("249") == 249
    assert model.index(3).data() == "Row 3"
    model.show(lines[:2])
    assert model.rowCount() == 2
    assert model.position("249") is None


def test_what_is_chosen_stays_chosen_while_the_list_changes(qtbot: QtBot) -> None:
    view = BrowserList("Rows", "A list")
    qtbot.addWidget(view)
    lines = [Line(Kind.ROW, str(n), Row(str(n), Entry(key=str(n), nickname=f"Row {n}"))) for n in range(9)]
    view.show_lines(lines)
    told: list[Line | None] = []
    view.chosen.connect(told.append)
    assert view.choose("5")
    view.show_lines(lines[3:])
    assert view.current == lines[5]
    view.show_lines(lines[:3])
    view.show_lines(lines)
    assert view.current == lines[5]
    assert told == [lines[5]]


def test_the_catalogue_is_what_the_user_sees_first(shelf_window: MainWindow) -> None:
    panel = shelf_window.pallet_panel
    assert panel.catalogue.isVisible()
    assert len(names(shelf_window)) == len(shelf_window.store.rows) >= 30
    assert "Direct stau, 2 hadronic τ" in names(shelf_window)
    # What cannot be fitted is there, and comes last.
    last = panel.catalogue.list.model_.look(panel.catalogue.list.model_.lines[-1])
    assert "not fittable" in last.state


def test_typing_filters_and_escape_clears(qtbot: QtBot, shelf_window: MainWindow) -> None:
    tab = shelf_window.pallet_panel.catalogue
    shelf_window.pallet_panel.focus_filter()
    qtbot.keyClicks(tab.filter_line, "stau")
    assert names(shelf_window)[0] == "Direct stau, 2 hadronic τ"
    assert names(shelf_window)[-1] == "Search HEPData for “stau”"
    assert len(names(shelf_window)) < 6
    qtbot.keyClick(tab.filter_line, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is tab.list
    assert "hadronic" in card_texts(shelf_window)
    qtbot.keyClick(tab.list, Qt.Key.Key_Up)
    assert QApplication.focusWidget() is tab.filter_line
    qtbot.keyClick(tab.filter_line, Qt.Key.Key_Escape)
    assert tab.filter_line.text() == ""
    assert len(names(shelf_window)) >= 30


def test_a_list_without_lines_says_why(qtbot: QtBot, shelf_window: MainWindow) -> None:
    tab = shelf_window.pallet_panel.catalogue
    qtbot.keyClicks(tab.filter_line, "qqqzzz")
    assert names(shelf_window) == ["Nothing fits “qqqzzz”", "Search HEPData for “qqqzzz”"]
    qtbot.keyClick(tab.filter_line, Qt.Key.Key_Down)
    assert tab.list.current is not None
    assert tab.list.current.kind is Kind.ACTION


def test_letters_typed_in_the_list_go_on_filtering(qtbot: QtBot, shelf_window: MainWindow) -> None:
    tab = shelf_window.pallet_panel.catalogue
    tab.list.setFocus()
    tab.list.choose_first()
    qtbot.keyClicks(tab.list, "b")
    assert QApplication.focusWidget() is tab.filter_line
    qtbot.keyClicks(tab.filter_line, "elle")
    assert names(shelf_window)[0].startswith("Belle II")


def test_facets_narrow_the_list_down_and_say_so_folded(qtbot: QtBot, shelf_window: MainWindow) -> None:
    tab = shelf_window.pallet_panel.catalogue
    fold = control(shelf_window, QAbstractButton, "Narrow down")
    press(qtbot, fold)
    box = control(shelf_window, QCheckBox, "Has signal grid")
    assert box.isVisible()
    count = int(box.text().split("(")[1].rstrip(")"))
    before = len(names(shelf_window))
    box.click()
    assert len(names(shelf_window)) == count < before
    menu = control(shelf_window, QAbstractButton, "Final state").menu()
    chosen = next(entry for entry in menu.actions() if entry.data() == "τ")
    chosen.trigger()
    assert "Direct stau, 2 hadronic τ" in names(shelf_window)
    assert len(names(shelf_window)) == int(chosen.text().split("(")[1].rstrip(")"))
    press(qtbot, fold)
    assert fold.text() == "Narrow down: τ · signal grid"
    tab.facets.clear()
    assert len(names(shelf_window)) == before


def test_hs3_is_told_apart_and_cannot_be_pressed(shelf_window: MainWindow) -> None:
    choose(shelf_window, "HHH")
    assert "HS3" in card_texts(shelf_window)
    assert not action(shelf_window).isEnabled()
    assert action(shelf_window).text() == "Not fittable"


def test_the_card_opens_links_in_the_systems_browser(
    shelf_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()) or True)
    choose(shelf_window, "Direct stau")
    (links,) = [
        label
        for label in shelf_window.pallet_panel.card.findChildren(QLabel)
        if label.accessibleName() == "Links to the paper and to the record"
    ]
    assert "https://arxiv.org/abs/1911.06660" in links.text()
    links.linkActivated.emit("https://arxiv.org/abs/1911.06660")
    links.linkActivated.emit("http://arxiv.org/abs/1911.06660")
    assert [urlsplit(address).scheme for address in opened] == ["https"]


def test_the_points_are_previewed_before_anything_is_downloaded(shelf_window: MainWindow) -> None:
    choose(shelf_window, "Direct stau")
    preview = shelf_window.pallet_panel.card._preview
    assert preview.isVisible()
    assert preview.plane.accessibleDescription() == "57 signal points in mst [GeV] and mn2 [GeV]"
    box = control(shelf_window, QComboBox, "Analysis of the preview")
    assert box.count() == 3
    choose(shelf_window, "Single top, s-channel")
    assert not preview.isVisible()


def test_more_than_two_coordinates_can_be_chosen_from(qtbot: QtBot, shelf_window: MainWindow) -> None:
    preview = shelf_window.pallet_panel.card._preview
    points = tuple((60.0, float(n), 100.0 * n) for n in range(1, 5))
    preview.show_contents(
        [
            AnalysisSummary(
                name="a", channels=1, bins=1, parameters=1, labels=("br", "x", "mass"), points=points
            )
        ]
    )
    assert preview.plane.accessibleDescription() == "4 signal points in x and mass [GeV]"
    across = control(shelf_window, QComboBox, "Horizontal coordinate")
    across.setCurrentText("br")
    assert preview.plane.accessibleDescription() == "4 signal points in br and mass [GeV]"
    one = AnalysisSummary(
        name="b", channels=1, bins=1, parameters=1, labels=("mass",), points=((1.0,), (2.0,))
    )
    preview.show_contents([one])
    assert preview.plane.accessibleDescription() == "2 signal points in mass"
    assert not preview.plane.grab().isNull()


def test_what_is_open_is_told_and_found_again(qtbot: QtBot, shelf_window: MainWindow) -> None:
    open_and_wait(qtbot, shelf_window, "example")
    assert "3 channels · 8 bins" in card_texts(shelf_window)
    assert "CR_top" in card_texts(shelf_window)
    choose(shelf_window, "Direct stau")
    assert "CR_top" not in card_texts(shelf_window)
    back = next(
        button
        for button in shelf_window.pallet_panel.card.findChildren(QAbstractButton)
        if button.text() == "Is open: example"
    )
    press(qtbot, back)
    assert "CR_top" in card_texts(shelf_window)
    assert not action(shelf_window).isVisible()


def test_an_opened_file_is_in_the_library_and_can_be_removed(
    qtbot: QtBot, shelf_window: MainWindow, make_pallet: MakePallet
) -> None:
    panel = shelf_window.pallet_panel
    press(qtbot, control(shelf_window, QAbstractButton, "Library"))
    assert "Nothing is kept yet" in "\n".join(label.text() for label in panel.library.findChildren(QLabel))
    open_and_wait(qtbot, shelf_window, make_pallet(GRID))
    qtbot.waitUntil(lambda: bool(shelf_window.store.items), timeout=PATIENCE)
    (item,) = shelf_window.store.items
    assert [line.key for line in panel.library.list.model_.lines] == [item.digest]
    assert "1 pallet kept" in panel.library._total.text()
    assert panel.library.choose(item.digest)
    assert "In the library" in card_texts(shelf_window)
    assert action(shelf_window).text() == "✓ Open"
    assert panel.card._preview.isVisible()
    open_and_wait(qtbot, shelf_window, "example")
    panel.library.list.setFocus()
    panel.library.choose(item.digest)
    qtbot.keyClick(panel.library.list, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: (
            shelf_window.workbench.pallet is not None and shelf_window.workbench.pallet.digest == item.digest
        ),
        timeout=PATIENCE,
    )
    panel.library.list.setFocus()
    qtbot.keyClick(panel.library.list, Qt.Key.Key_Delete)
    assert shelf_window.store.items == (item,)
    assert remove_button(shelf_window).isVisible()
    qtbot.keyClick(panel.library.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not shelf_window.store.items, timeout=PATIENCE)
    qtbot.waitUntil(panel.library._empty.isVisible, timeout=PATIENCE)


def test_the_tab_for_files_offers_what_was_opened_before(
    qtbot: QtBot, shelf_window: MainWindow, make_pallet: MakePallet
) -> None:
    press(qtbot, control(shelf_window, QAbstractButton, "Open…"))
    open_and_wait(qtbot, shelf_window, make_pallet(GRID))
    buttons = shelf_window.pallet_panel.files.findChildren(QAbstractButton)
    assert {"Open file…", "Folder…", "Bundled example", "small"} <= {button.text() for button in buttons}
    example = next(button for button in buttons if button.text() == "Bundled example")
    with qtbot.waitSignal(shelf_window.workbench.pallet_opened, timeout=PATIENCE):
        press(qtbot, example)


def test_the_place_in_the_list_is_kept_when_more_is_known(qtbot: QtBot) -> None:
    view = BrowserList("Rows", "A list")
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.show()
    lines = [Line(Kind.ROW, str(n), Row(str(n), Entry(key=str(n), nickname=f"Row {n}"))) for n in range(90)]
    view.show_lines(lines)
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 500)
    view.verticalScrollBar().setValue(300)
    view.show_lines(list(lines))
    assert view.verticalScrollBar().value() == 300
    view.show_lines(lines[:80], stay=True)
    QApplication.processEvents()
    assert view.verticalScrollBar().value() == 300


def test_a_tab_tells_about_what_is_chosen_in_it(
    qtbot: QtBot, shelf_window: MainWindow, make_pallet: MakePallet
) -> None:
    panel = shelf_window.pallet_panel
    open_and_wait(qtbot, shelf_window, make_pallet(GRID))
    qtbot.waitUntil(lambda: bool(shelf_window.store.items), timeout=PATIENCE)
    panel.show_tab(1)
    panel.library.choose(shelf_window.store.items[0].digest)
    panel.show_tab(0)
    choose(shelf_window, "Direct stau")
    assert "hadronic" in card_texts(shelf_window)
    panel.show_tab(1)
    assert "hadronic" not in card_texts(shelf_window)
    assert "In the library: small" in card_texts(shelf_window)


def test_names_of_strangers_are_shown_as_they_are(qtbot: QtBot) -> None:
    nasty = "<b>bold</b> & <img src='file:///etc/hostname'>"
    model = ListModel()
    model.show([Line(Kind.ROW, "a", Row("a", Entry(key="a", nickname=nasty)))])
    tooltip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tooltip
    assert "<img" not in tooltip
    assert model.index(0).data() == nasty


def test_links_take_the_colours_of_another_theme(shelf_window: MainWindow) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    choose(shelf_window, "Direct stau")
    theme.apply_theme(application, theme.DARK)
    assert theme.DARK.accent in shelf_window.pallet_panel.card._links.text()
    theme.apply_theme(application, theme.LIGHT)
    assert theme.LIGHT.accent in shelf_window.pallet_panel.card._links.text()


@pytest.mark.parametrize("size", [(1024, 640), (1360, 840), (1920, 1080)])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_no_text_of_the_browser_is_cut(
    qtbot: QtBot, shelf_window: MainWindow, size: tuple[int, int], look: theme.Theme
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application, look)
    open_and_wait(qtbot, shelf_window, "example")
    shelf_window.resize(*size)
    panel = shelf_window.pallet_panel
    panel.catalogue.facets._head.setChecked(True)
    for text in ("Direct stau", "HHH", "3ℓ eRJR"):
        choose(shelf_window, text)
        for tab in range(3):
            panel.show_tab(tab)
            QApplication.processEvents()
            assert cut_texts(panel) == []
