"""Lists, tables and bars end with a whole row, however high they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QTableWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.point.charts import PullChart
from fitgui.gui.point.row_chart import Row
from fitgui.gui.whole_rows import WholeRows

NAMES = [f"row {number}" for number in range(40)]


def table() -> QTableWidget:
    made = QTableWidget(len(NAMES), 30)  # wide: a bar for scrolling takes room, too
    made.verticalHeader().setDefaultSectionSize(23)
    return made


def listed() -> QListView:
    made = QListView()
    made.setModel(QStringListModel(NAMES, made))
    return made


@pytest.mark.parametrize("make", [table, listed])
@pytest.mark.parametrize("height", [150, 157, 163, 171, 400])
def test_the_last_row_in_sight_is_whole(qtbot: QtBot, make: type[QAbstractItemView], height: int) -> None:
    view = make()
    holder = WholeRows(view)
    qtbot.addWidget(holder)
    holder.resize(300, height)
    holder.show()
    qtbot.waitExposed(holder)
    for place in (0, 7, view.verticalScrollBar().maximum()):
        view.verticalScrollBar().setValue(place)
        QApplication.processEvents()
        seen = view.viewport().rect()
        cut = [
            row
            for row in range(len(NAMES))
            if (there := view.visualRect(view.model().index(row, 0))).intersects(seen)
            and not (seen.top() <= there.top() and there.bottom() <= seen.bottom())
        ]
        assert not cut
        assert view.height() <= height


@pytest.mark.parametrize("height", [150, 163, 171])
def test_a_chart_scrolls_by_whole_rows_to_its_end(qtbot: QtBot, height: int) -> None:
    chart = PullChart(theme.LIGHT)
    qtbot.addWidget(chart)
    chart.resize(400, height)
    chart.show_rows([Row(name, "0.0", "") for name in NAMES])
    chart.show()
    bar = chart.verticalScrollBar()
    assert bar.maximum() % chart.row_height == 0
    in_sight = (chart.viewport().height() - chart.header_height) // chart.row_height
    assert bar.maximum() // chart.row_height + in_sight == len(NAMES), "the last can be reached"
    bar.setValue(chart.row_height + 3)
    assert chart._offset == chart.row_height
