"""A point is opened by two clicks, in the plane and in the table, with a mouse as Qt sees it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.headline import LINES, Headline
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.results_panel import POINT_TAB
from fitgui.gui.where.where import LOCAL
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import Health
from tests.gui.conftest import MakePallet
from tests.gui.hands import open_and_wait
from tests.gui.planes import grid, shown


def double_click(qtbot: QtBot, widget: QWidget, where: QPoint) -> None:
    """Press, release, press again: what a mouse sends."""
    button = Qt.MouseButton.LeftButton
    qtbot.mouseClick(widget, button, pos=where)
    qtbot.mouseDClick(widget, button, pos=where)
    qtbot.mouseRelease(widget, button, pos=where)


def in_front(window: MainWindow) -> str:
    """The tab that is seen."""
    tabs = window.results_panel.tabs
    return tabs.tabText(tabs.currentIndex())


def test_double_clicks_in_the_plane_and_in_the_table_open_the_tab_about_the_point(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet([[100.0, 10.0], [200.0, 20.0], [300.0, 10.0]]))
    results, plane = window.results_panel, window.results_panel.plane
    name = results.model.name_at(1)
    QApplication.processEvents()
    where = plane._plot.mapFromScene(plane._box.mapViewToScene(QPointF(200.0, 20.0)))
    double_click(qtbot, plane._plot.viewport(), where)
    assert in_front(window) == POINT_TAB
    assert results.table.selected() == {name}

    results.show_plane()
    other = results.model.name_at(2)
    table = results.table.view
    row = table.visualRect(results.model.index(2, 0)).center()
    double_click(qtbot, table.viewport(), row)
    assert in_front(window) == POINT_TAB
    assert results.table.selected() == {other}

    results.show_plane()
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert in_front(window) == POINT_TAB


def test_a_point_under_the_mouse_tells_where_it_is(qtbot: QtBot) -> None:
    view = shown(qtbot, *grid((100, 200, 300, 400), (0, 50, 90)))
    view._hovering = ["p300_50"]
    view._show_tooltip()
    assert "m1 = 300 GeV, m2 = 50 GeV" in view._plot.toolTip()


def test_the_frame_of_the_keyboard_touches_nothing_in_the_plane(qtbot: QtBot) -> None:
    view = shown(qtbot, *grid((100, 200, 300, 400), (0, 50, 90)))
    for part in (view._plot, view.legend, view.bar):
        assert view.rect().adjusted(4, 4, -4, -4).contains(part.geometry())


@pytest.mark.parametrize("scale", [1.0, 1.7])
def test_titles_of_axes_do_not_touch_the_border(qtbot: QtBot, scale: float) -> None:
    view = PlaneView(theme.LIGHT, scale=scale)
    qtbot.addWidget(view)
    view.resize(760, 480)
    view.show_plane(*grid((100, 200, 300, 400), (0, 50, 90)))
    view.show()
    QApplication.processEvents()
    whole = view._plot.sceneRect()
    for side in ("bottom", "left"):
        label = view._plot.getAxis(side).label
        title = label.mapRectToScene(label.boundingRect())
        assert whole.adjusted(1, 0, 0, -1).contains(title), side


def test_a_second_line_of_words_moves_nothing_below_the_headline(qtbot: QtBot) -> None:
    headline = Headline()
    qtbot.addWidget(headline)
    headline.resize(640, headline.sizeHint().height())
    before = headline.heightForWidth(640) if headline.hasHeightForWidth() else headline.sizeHint().height()
    meaning = next(label for label in headline.findChildren(QLabel) if label.text() == "elapsed")
    assert meaning.minimumHeight() >= LINES * meaning.fontMetrics().lineSpacing()
    meaning.setText("elapsed · about 14 s to go")
    after = headline.heightForWidth(640) if headline.hasHeightForWidth() else headline.sizeHint().height()
    assert after == before


def test_the_card_of_this_machine_follows_the_number_of_workers(window: MainWindow) -> None:
    places = window.compute_panel.places
    box, card = places.workers_box, places.cards[LOCAL]
    window.where.show_local(Health(ready=True, summary="ready, 2 workers"))
    box.setMaximum(2)
    box.setValue(1)
    assert card._line.text() == "1 of 2 workers"
    box.setValue(2)
    assert card._line.text() == "2 workers"


def test_run_says_why_it_cannot_be_pressed(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[100.0, 10.0], [200.0, 20.0], [300.0, 10.0]]))
    panel = window.compute_panel
    panel.fit_selected()
    window.results_panel.plane_page._select("none")
    assert not panel.ready
    assert panel.choice.startswith("No point is selected")
    assert "No point is selected" in panel._primary.toolTip()
