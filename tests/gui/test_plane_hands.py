"""Points are found, selected and opened by mouse and by keyboard; numbers are written where there is room."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.plane.box import Drag
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.numbers_item import NumbersItem
from fitgui.gui.plane.quantities import LEVELS, QUANTITIES, Quantity, offered
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.plane.walk import neighbour
from fitgui.gui.window import MainWindow
from tests.gui.hands import GRID, MakePallet, control, drag, fit_all, open_and_wait
from tests.gui.planes import fitted, grid, shown

FOLLOWING = [quantity for quantity in QUANTITIES if quantity.follows]


def place(view: PlaneView, x: float, y: float) -> QPoint:
    return view._box.mapViewToScene(QPointF(x, y)).toPoint()


def entry(menu: QMenu, text: str) -> object:
    (found,) = [action for action in menu.actions() if action.text().replace("&", "") == text]
    return found


@pytest.fixture
def view(qtbot: QtBot) -> PlaneView:
    return shown(qtbot, *grid((100, 200, 300, 400), (0, 50, 90)))


def test_a_lasso_selects_what_it_runs_around(view: PlaneView, monkeypatch: pytest.MonkeyPatch) -> None:
    # Moves of a mouse that come faster than from any hand would be dropped.
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    view.drag_selects(Drag.LASSO)
    heard: list[set[str]] = []
    view.selection_changed.connect(heard.append)
    drag_along(view, [(150, -5), (380, -5), (150, 80)])
    assert heard == [{"p200_0", "p200_50", "p300_0"}], "and not p300_50, which a rectangle would have"
    view.show_selection(heard[-1])
    view.drag_selects(Drag.RECTANGLE)
    drag(view._plot.viewport(), place(view, 150, 60), place(view, 450, -8))
    assert heard[-1] == {"p200_0", "p200_50", "p300_0", "p300_50", "p400_0", "p400_50"}


def drag_along(view: PlaneView, corners: list[tuple[float, float]]) -> None:
    """A drag from corner to corner with the button held."""
    viewport, left = view._plot.viewport(), Qt.MouseButton.LeftButton
    places = [place(view, *corner) for corner in corners]
    moves = [
        start + (end - start) * (step / 8)
        for start, end in itertools.pairwise(places)
        for step in range(1, 9)
    ]
    kinds = [
        QEvent.Type.MouseButtonPress,
        *[QEvent.Type.MouseMove] * len(moves),
        QEvent.Type.MouseButtonRelease,
    ]
    for kind, where in zip(kinds, [places[0], *moves, places[-1]], strict=True):
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else left
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
        event = QMouseEvent(
            kind,
            QPointF(where),
            QPointF(viewport.mapToGlobal(where)),
            button,
            held,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()


def test_a_point_is_opened_by_two_clicks_and_by_enter(qtbot: QtBot, view: PlaneView) -> None:
    opened: list[str] = []
    view.point_opened.connect(opened.append)
    view.selection_changed.connect(view.show_selection)
    where = place(view, 300, 50)
    qtbot.mouseClick(view._plot.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert (view.selected, opened) == ({"p300_50"}, [])
    qtbot.mouseDClick(view._plot.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseRelease(view._plot.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened == ["p300_50"]
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.selected == {"p400_50"}
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["p300_50", "p400_0"]
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected == {"p400_0", "p300_0"}
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.selected == set()


def test_arrows_reach_every_point_of_a_grid() -> None:
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(5.0), np.arange(4.0)))
    reached, edge = {0}, [0]
    while edge:
        here = edge.pop()
        for direction in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = neighbour(x, y, here, direction, (0.01, 0.01))
            if there is not None and there not in reached:
                reached.add(there)
                edge.append(there)
    assert reached == set(range(20))
    assert neighbour(x, y, None, (1, 0), (0.01, 0.01)) == 0


def test_numbers_are_written_at_the_points_when_wanted(qtbot: QtBot, view: PlaneView) -> None:
    view._plot.grab()
    assert view._numbers.written == 0
    view.show_choices(PlaneChoices(numbers=True))
    view._plot.grab()
    assert view._numbers.written == view._numbers.asked == 12


@given(
    st.lists(
        st.tuples(st.floats(0, 300), st.floats(0, 200), st.sampled_from(["", "0.05", "> 10", "0.0003"])),
        max_size=40,
    )
)
def test_numbers_cover_neither_each_other_nor_points(
    qapp: QApplication, rows: list[tuple[float, float, str]]
) -> None:
    mark, field = 11.0, QRectF(0, 0, 300, 200)
    item = NumbersItem(theme.LIGHT, qapp.font(), mark)
    places = [QPointF(x, y) for x, y, _ in rows]
    boxes = [box for box, _ in item._placed(places, [text for *_, text in rows], field)]
    marks = [QRectF(p.x() - mark / 2, p.y() - mark / 2, mark, mark) for p in places]
    assert all(field.contains(box) for box in boxes)
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))
    assert not any(box.intersects(other) for box in boxes for other in marks)


@given(st.sampled_from(FOLLOWING), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20))
def test_a_scale_that_follows_holds_all_values(quantity: Quantity, values: list[float]) -> None:
    scale = quantity.spanning(min(values), max(values))
    floor = scale.lowest if quantity.logarithmic else -np.inf
    slack = 1e-8 * (scale.highest - scale.lowest)
    assert scale.lowest <= max(min(values), floor) + slack
    assert scale.highest >= max(values) - slack
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert 2 <= len(scale.ticks) <= 9
    assert all(0 <= scale.level(value) < LEVELS for value in values)


def test_only_what_the_results_have_is_offered() -> None:
    plain = fitted("a", (0.1,) * 6).result
    limited = fitted("b", (0.1,) * 6, limit=2.0).result
    names = {quantity.short for quantity in offered([plain])}
    assert names == {
        "CLs observed",
        "CLs expected",
        "Significance observed",
        "Significance expected",
        "mu-hat",
        "Fit time",
    }
    assert {quantity.short for quantity in offered([plain, limited])} - names == {
        "μ limit observed",
        "μ limit expected",
    }


def test_the_colour_of_the_fit_time_follows_its_values(qtbot: QtBot, view: PlaneView) -> None:
    (time,) = [quantity for quantity in QUANTITIES if quantity.short == "Fit time"]
    view.colour_by(time)
    assert view._marks.quantity.lowest <= 0.02 <= view._marks.quantity.highest
    slow = fitted("p100_0", (0.01,) * 6, seconds=40.0)
    view._statuses["p100_0"] = slow
    view.points_changed({"p100_0"})
    assert view._marks.quantity.highest >= 40.0
    assert view.bar.labels[-1] == "50"


def test_the_row_of_menus_rules_the_plane(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    fit_all(qtbot, window)
    panel = window.results_panel
    plane, toolbar = panel.plane, panel.plane_page.toolbar
    qtbot.waitUntil(lambda: plane.exclusion is not None)
    entry(toolbar.select_menu, "Select all").trigger()
    assert panel.table.selected() == {point.name for point in window.compute_panel.shown.points}
    entry(toolbar.select_menu, "Select the others").trigger()
    assert panel.table.selected() == set()
    entry(toolbar.select_menu, "Drag selects with a lasso").trigger()
    assert plane.drag is Drag.LASSO
    button = control(window, QPushButton, "Select in plane")
    assert button.isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert plane.drag is Drag.MOVE
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert entry(toolbar.select_menu, "Drag selects a rectangle").isChecked()
    vertical = entry(toolbar.axes_menu, "Vertical").menu()
    entry(vertical, "m1 − m2 [GeV]").trigger()
    assert plane._plot.getAxis("left").labelText == "m1 − m2 [GeV]"
    qtbot.waitUntil(lambda: plane.up_to_date and plane.exclusion is not None)
    entry(toolbar.axes_menu, "Exchange the axes").trigger()
    assert plane._plot.getAxis("bottom").labelText == "m1 − m2 [GeV]"
    colour = control(window, QComboBox, "Colour")
    colour.setCurrentText("mu-hat")
    assert "mu-hat" in plane.bar.accessibleName()


def test_other_runs_and_published_contours_come_and_go(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    values = [[float(x), float(y)] for y in (0, 50) for x in (100, 200, 300, 400)]
    open_and_wait(qtbot, window, make_pallet(values))
    fit_all(qtbot, window)
    qtbot.waitUntil(lambda: window.compute_panel.ready)
    fit_all(qtbot, window)
    panel = window.results_panel
    plane, menu = panel.plane, panel.plane_page.toolbar.compare_menu
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: any(" · 8 of 8 points · " in action.text() for action in menu.actions()))
    (run,) = [action for action in menu.actions() if " · 8 of 8 points · " in action.text()]
    name = run.text()
    run.trigger()
    qtbot.waitUntil(lambda: len(plane.overlays) == 1)
    qtbot.waitUntil(lambda: plane.up_to_date)
    assert "newton · local" in name
    assert f"{name}: contours agree" in plane.legend.text(), "the same points, fitted twice"
    table = tmp_path / "observed.csv"
    table.write_text("#: name: Observed contour\nm1 [GeV],m2 [GeV]\n150,0\n180,20\n200,50\n")
    panel.plane_page.compare.open_published(table)
    qtbot.waitUntil(lambda: len(plane.overlays) == 2)
    assert "Published: Observed contour" in plane.legend.text()
    menu.aboutToShow.emit()
    entry(menu, f"Remove {name}").trigger()
    qtbot.waitUntil(lambda: len(plane.overlays) == 1)
    assert name not in plane.legend.text()
    panel.plane_page.compare.open_published(tmp_path / "missing.csv")
    qtbot.waitUntil(lambda: "missing.csv cannot be read" in panel.notice.text)
    vertical = entry(panel.plane_page.toolbar.axes_menu, "Vertical").menu()
    entry(vertical, "m1 − m2 [GeV]").trigger()
    qtbot.waitUntil(lambda: "cannot be drawn along others" in panel.notice.text)
    assert plane.overlays == ()


def test_enter_brings_the_point_to_the_front(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    panel = window.results_panel
    panel.show_plane()
    qtbot.keyClick(panel.plane, Qt.Key.Key_Right)
    qtbot.keyClick(panel.plane, Qt.Key.Key_Return)
    assert panel.table.selected() == {"point_100.0_0.0"}
    titles = [panel.tabs.tabText(index) for index in range(panel.tabs.count())]
    assert "Point" not in titles or panel.tabs.tabText(panel.tabs.currentIndex()) == "Point"


def test_many_points_take_new_colours_in_some_frames(qtbot: QtBot) -> None:
    columns, rows = np.linspace(100, 1000, 48).round(), np.linspace(0, 900, 48).round()
    data, statuses = grid(columns.tolist(), rows.tolist())
    view = PlaneView(theme.LIGHT, run=lambda *_: None)  # its contours are not what this is about
    qtbot.addWidget(view)
    view.show_plane(data, statuses)
    assert view._marks.results.count(None) == 0
    quantity = QUANTITIES[2]
    assert quantity.short == "CLs expected"
    view.colour_by(quantity)
    assert view._old_colours, "not all in this frame"
    late = data.names[-1]
    statuses[late] = fitted(late, (0.5, 0.1, 0.2, 0.3, 0.4, 0.5))
    view.points_changed({late})
    qtbot.waitUntil(lambda: not view._old_colours)
    spread = [brush.color().name() for brush in view._marks.item.data["brush"]]
    view.refresh()
    assert spread == [brush.color().name() for brush in view._marks.item.data["brush"]]
    view.colour_by(QUANTITIES[0])
    view.refresh()
    assert not view._old_colours, "what is drawn whole has its colours"
