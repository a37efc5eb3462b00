"""What looks over the pictures finds what is wrong with a window, and nothing where nothing is."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.point.charts import PullChart
from fitgui.gui.widgets import themed_plot
from tests.gui.pictures.faults import faults_of


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """An empty window."""
    made = QWidget()
    made.resize(400, 300)
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def put(page: QWidget, widget: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(widget)
    QApplication.processEvents()


def test_a_text_that_is_cut_is_found(page: QWidget) -> None:
    button = QPushButton("Fit selected again")
    put(page, button)
    assert faults_of(page) == []
    button.setMaximumWidth(30)
    QApplication.processEvents()
    (fault,) = faults_of(page)
    assert fault.startswith("cut: 'Fit selected again'")


def test_a_choice_that_is_cut_is_found(page: QWidget) -> None:
    box = QComboBox()
    box.addItem("m(χ̃₁⁰) = 0, 1 GeV · 6 points")
    put(page, box)
    assert faults_of(page) == []
    box.setMaximumWidth(120)
    QApplication.processEvents()
    (fault,) = faults_of(page)
    assert fault.startswith("cut: 'm(χ̃₁⁰) = 0, 1 GeV · 6 points'")


def test_texts_on_one_another_are_found(page: QWidget) -> None:
    put(page, QLabel("wall time"))
    other = QLabel("speed-up", page)
    other.move(page.findChildren(QLabel)[0].pos())
    other.resize(200, 20)
    other.show()
    (fault,) = faults_of(page)
    assert "lie on one another" in fault


def test_a_plot_without_data_is_found(page: QWidget) -> None:
    plot = themed_plot(theme.LIGHT)
    plot.addLine(x=1.0)  # a line that is always there says nothing of data
    put(page, plot)
    assert len(faults_of(page)) == 1
    curve = plot.plot([float("nan")] * 2, [1.0, 2.0])
    assert len(faults_of(page)) == 1, "nothing that could be drawn"
    curve.setData([1.0, 2.0], [1.0, 2.0])
    assert faults_of(page) == []


def test_a_list_or_a_chart_without_rows_is_found(page: QWidget) -> None:
    rows, chart = QListWidget(), PullChart(theme.LIGHT)
    put(page, rows)
    put(page, chart)
    assert len(faults_of(page)) == 2
    rows.addItem("a point")
    assert len(faults_of(page)) == 1
    chart.hide()
    assert faults_of(page) == []
