"""No view of the results is ever blank: it shows points or bars, or a sentence that says what to do."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.plane.page import PlanePage
from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, MakePallet, open_and_wait

WORDS_OF_A_SENTENCE = 5
DEEDS = ("open", "choose", "select", "run", "check", "measurement", "see the table", "fitted")
"""What a sentence tells to do, or why there is nothing to do."""


def sentences(page: QWidget) -> list[str]:
    """What can be read on it, apart from names of axes and numbers."""
    labels = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    if isinstance(page, QPlainTextEdit):
        labels.append(page.toPlainText() or page.placeholderText())
    return [text for text in labels if len(text.split()) >= WORDS_OF_A_SENTENCE or "Opened" in text]


def shows_data(page: QWidget) -> bool:
    """Points that stand in a plane, or rows."""
    if isinstance(page, PlanePage) and page.view.isVisible():
        return len(page.view._marks.names) > 0
    return any(
        view.isVisible() and view.model().rowCount() > 0 for view in page.findChildren(QAbstractItemView)
    )


def pages(window: MainWindow) -> dict[str, QWidget]:
    """Every tab, brought to the front one after the other."""
    tabs = window.results_panel.tabs
    found = {}
    for index in range(tabs.count()):
        tabs.setCurrentIndex(index)
        QApplication.processEvents()
        found[tabs.tabText(index)] = tabs.widget(index)
        page = tabs.widget(index)
        said = sentences(page)
        assert said or shows_data(page), f"{tabs.tabText(index)} is blank"
        if not shows_data(page):
            assert any(deed in text.lower() for text in said for deed in DEEDS), (tabs.tabText(index), said)
    assert len(found) == tabs.count() >= 7
    return found


def said_on(window: MainWindow, title: str) -> str:
    tabs = window.results_panel.tabs
    window.results_panel.show_titled(title)
    QApplication.processEvents()
    return " ".join(sentences(tabs.currentWidget()))


def test_before_a_pallet_is_open(window: MainWindow) -> None:
    pages(window)
    for title in ("Plane", "Limits", "Point"):
        assert "Open a pallet" in said_on(window, title)
    for title in ("Wall time", "Workers"):
        assert "Run" in said_on(window, title)


def test_before_a_run_and_without_points(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[100.0, 0.0], [200.0, 0.0], [200.0, 50.0]]))
    pages(window)
    assert "Run" in said_on(window, "Limits")
    assert "Select a point" in said_on(window, "Point")
    without = make_pallet([], name="measurement")
    (without / "patchset.json").unlink()
    open_and_wait(qtbot, window, without)
    assert window.results_panel.model.rowCount() == 0
    pages(window)
    for title in ("Plane", "Limits", "Point"):
        assert "measurement" in said_on(window, title)


def test_a_line_whose_only_fit_failed(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[100.0 * n] for n in range(1, 7)], ["mass"], broken=[1]))
    pages(window)
    assert "Run" in said_on(window, "Line")
    shown = window.compute_panel.shown
    assert shown is not None
    failing = shown.points[1:2]
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.workbench.start(shown.analysis, failing, window.compute_panel.fit_options)
    pages(window)
    assert "Run" in said_on(window, "Line")
    window.results_panel.preview({failing[0].name})
    (point,) = [view for view in window.results_panel.views if view.title == "Point"]
    window.results_panel.show_tab(point)
    qtbot.waitUntil(lambda: "could not be looked into" in " ".join(sentences(point)), timeout=MINUTE)
