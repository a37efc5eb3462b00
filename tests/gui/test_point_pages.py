"""The pages of the tab of one point: what is drawn is what was fitted, and how it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics, QTextDocumentFragment
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.app import make_application
from fitgui.gui.point.correlations_page import CorrelationsPage
from fitgui.gui.point.curve_page import CurvePage
from fitgui.gui.point.fit_page import FitPage, as_html
from fitgui.gui.point.lists import ImpactsPage, PullsPage
from fitgui.gui.point.looks import squeezed
from fitgui.gui.point.page import OnShow, PointPage
from fitgui.gui.point.row_chart import Scale
from fitgui.gui.point.yields_page import YieldsPage
from fitgui.insight.correlated import related
from fitgui.insight.looking import look_inside
from fitgui.insight.model import FitName, PointInside
from fitgui.insight.record import Record
from fitgui.insight.service import options_of
from fitgui_backends.contract import FitPoint
from tests.builders import make_operations, make_workspace
from tests.gui.hands import cut_texts


@pytest.fixture(scope="module")
def inside() -> PointInside:
    document = make_workspace(observed={"SR": [15.0, 11.0], "CR": [84.0]})
    for channel in document["channels"]:
        channel["samples"][0]["modifiers"].append({"name": "mu_bkg", "type": "normfactor", "data": None})
    operations = json.dumps(make_operations(document, "signal", 3.0)).encode()
    return look_inside(document, None, FitPoint(name="signal", operations=operations), options_of(None))


@pytest.fixture(params=[theme.LIGHT, theme.DARK], ids=["light", "dark"])
def look(request: pytest.FixtureRequest) -> theme.Theme:
    chosen: theme.Theme = request.param
    return chosen


class Pages:
    """Shows pages, and closes them."""

    def __init__(self, qtbot: QtBot, look: theme.Theme) -> None:
        self._qtbot, self._look = qtbot, look
        self.made: list[PointPage] = []

    def show(self, kind: type[PointPage], inside: PointInside, fit: FitName = "free") -> PointPage:
        page = kind(self._look)
        page.resize(640, 320)
        page.show()
        self._qtbot.waitExposed(page)
        page.show_point(OnShow(inside, fit, inside.result))
        self.made.append(page)
        QApplication.processEvents()
        return page


@pytest.fixture
def pages(qtbot: QtBot, look: theme.Theme) -> Iterator[Pages]:
    theme.apply_theme(make_application(), look)
    shown = Pages(qtbot, look)
    yield shown
    for page in shown.made:
        page.close()
        page.deleteLater()
    theme.apply_theme(make_application(), theme.LIGHT)


def test_yields(qtbot: QtBot, pages: Pages, inside: PointInside) -> None:
    page = pages.show(YieldsPage, inside)
    assert isinstance(page, YieldsPage)
    assert page.missing == ""
    assert page.stack is not None
    assert page.stack.channels == (("CR", 1), ("SR", 2))
    assert page.legend.texts[0] == "Data"
    assert "bkg" in page.legend.texts
    assert not cut_texts(page)

    page.chart.setFocus()
    for _ in range(3):
        qtbot.keyClick(page.chart, Qt.Key.Key_Right)
    assert page.chart.current_bin == 2
    assert "SR, bin 2: observed 11, expected " in page.chart.accessibleDescription()
    qtbot.mouseMove(page.chart, QPoint(page.chart.width() - 40, 40))
    page.signal.setCurrentIndex(page.signal.findText("No signal: μ = 0"))
    assert page.stack.mu == 0.0
    assert not page.stack.signal.any()
    page.stage.setCurrentIndex(1)
    page.channel.setCurrentIndex(page.channel.findData("SR"))
    page.log.setChecked(False)
    assert page.stack.channels == (("SR", 2),)
    assert page.stack.background.tolist() == pytest.approx([12.0, 5.0])
    texts = [page.signal.itemText(number) for number in range(page.signal.count())]
    assert any(text.startswith("Signal at its limit: μ = ") for text in texts)


def test_pulls(qtbot: QtBot, pages: Pages, inside: PointInside) -> None:
    page = pages.show(PullsPage, inside)
    assert isinstance(page, PullsPage)
    parameters = inside.fits["free"].parameters
    first, *rest = page.chart.rows
    place = parameters.names.index("mu_bkg")
    assert first.name == "mu_bkg", "has no constraint, so a value instead of a pull"
    value, error = parameters.values[place], parameters.uncertainties[place]
    assert first.numbers == words.with_error(float(value), float(error))
    assert "not constrained, free" in first.tip
    shown = [row.name for row in rest]
    pulls = [abs(float(parameters.pulls[parameters.names.index(name)])) for name in shown]
    assert pulls == sorted(pulls, reverse=True)
    assert inside.fits["free"].poi not in shown
    page.order.setCurrentIndex(page.order.findData("constraint"))
    page.filter.setText("stat_sr")
    assert {row.name for row in page.chart.rows} == {"stat_SR[0]", "stat_SR[1]"}
    assert page.chart.rows[0].name in page.chart.rows[0].tip
    page.filter.setText("MU_b")
    assert [row.name for row in page.chart.rows] == ["mu_bkg"]
    assert not cut_texts(page)


def test_impacts(pages: Pages, inside: PointInside) -> None:
    page = pages.show(ImpactsPage, inside)
    assert isinstance(page, ImpactsPage)
    assert inside.impacts is not None
    assert [row.name for row in page.chart.rows] == list(inside.impacts.names)
    low, high = page.chart.limits()
    assert low == -high
    assert high >= abs(inside.impacts.post_fit).max()
    page.filter.setText("jes")
    assert [row.name for row in page.chart.rows] == ["JES"]
    legend = QTextDocumentFragment.fromHtml(page.legend.text()).toPlainText().replace("\u00a0", " ")
    assert re.split(" {3,}", legend) == [
        "after the fit: ■ at −1σ, ■ at +1σ",
        "before the fit: □ at −1σ, □ at +1σ",
        "● pull ± constraint, thin lines at pulls of ±1",
    ]
    assert not cut_texts(page)


def test_correlations(pages: Pages, inside: PointInside) -> None:
    page = pages.show(CorrelationsPage, inside)
    assert isinstance(page, CorrelationsPage)
    size = len(inside.fits["free"].parameters.names)
    assert page.image.image.shape == (size, size)
    assert page.pairs.rowCount() > 1
    first = page.pairs.item(0, 0)
    assert first is not None
    assert first.text()[0] in "+−"
    page.filter.setText("no such parameter")
    assert page.pairs.rowCount() == 0
    assert not cut_texts(page)
    for width in (640, 1000, 380):
        page.resize(width, 320)
        QApplication.processEvents()
        numbers, metrics = page.plot.getAxis("bottom")._tickLevels[0], page.fontMetrics()
        assert numbers[-1][1] == str(size), "the last one is named"
        pixels = page.plot.getViewBox().width() / size
        for (left, first_text), (right, second_text) in pairwise(numbers):
            needed = metrics.horizontalAdvance(first_text + second_text) / 2
            assert (right - left) * pixels > needed + 4
    page.resize(1000, 320)
    QApplication.processEvents()
    named = [name.rsplit("  ")[0] for _, name in page.plot.getAxis("left")._tickLevels[0]]
    assert set(named) == set(inside.fits["free"].parameters.names), "none is cut where there is room"


def test_cls_against_mu(pages: Pages, inside: PointInside) -> None:
    page = pages.show(CurvePage, inside)
    assert isinstance(page, CurvePage)
    assert "95 % CL upper limit on μ: observed " in page.limits_text
    for log in (True, False):
        page.log.setChecked(log)
        assert page.plots[log].isVisible()
        assert not page.plots[not log].isVisible()
    assert not cut_texts(page)


def test_the_fit_in_words(pages: Pages, inside: PointInside) -> None:
    page = pages.show(FitPage, inside)
    assert isinstance(page, FitPage)
    text = page.text.toPlainText()
    for told in ("CLs at μ = 1: observed", "Best fit: mu_SIG = ", "2NLL", "EDM", "numpy", "μ free"):
        assert told in text, told


def test_strangers_words_are_no_markup() -> None:
    record = Record(("<b>bold</b>",), ("<i>x</i>",), (), (("<u>a</u>",) * 8,), (("a", "<s>b</s>"),), ())
    html = as_html(record, theme.LIGHT)
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>", "<s>"))


def test_nothing_yet_is_said(pages: Pages, inside: PointInside) -> None:
    nothing = PointInside(name="signal", options=inside.options)
    for kind in (YieldsPage, PullsPage, ImpactsPage, CorrelationsPage, CurvePage, FitPage):
        assert pages.show(kind, nothing).missing.endswith("…")


@pytest.mark.usefixtures("qapp")
def test_names_lose_their_middle() -> None:
    metrics = QFontMetrics(QApplication.font())
    name = "JET_EtaIntercalibration_NonClosure_negEta"
    assert squeezed(name, 1000.0, metrics) == name
    short = squeezed(name, 0.5 * metrics.horizontalAdvance(name), metrics)
    assert metrics.horizontalAdvance(short) <= 0.5 * metrics.horizontalAdvance(name)
    first, _, last = short.partition("…")
    assert name.startswith(first)
    assert name.endswith(last)


@pytest.mark.parametrize(
    ("low", "high", "width"), [(-2.5, 2.5, 270.0), (0.0, 1e4, 90.0), (-1e-3, 1e-3, 300.0)]
)
def test_ticks_are_round_and_have_room(low: float, high: float, width: float) -> None:
    scale = Scale(low, high, 0.0, width)
    ticks = scale.ticks(44.0)
    assert 2 <= len(ticks) <= width / 44.0 + 1
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)
    places = [scale.at(tick) for tick in ticks]
    assert all(right - left >= 43.0 for left, right in pairwise(places))


def test_a_correlation_that_is_not_determined_is_not_shown_as_none(pages: Pages, inside: PointInside) -> None:
    free = inside.fits["free"]
    matrix = free.parameters.correlations.copy()
    first, second = related(free.parameters, 2)
    matrix[first, second] = matrix[second, first] = np.nan
    fit = replace(free, parameters=replace(free.parameters, correlations=matrix))
    page = pages.show(CorrelationsPage, replace(inside, fits={**inside.fits, "free": fit}))
    assert isinstance(page, CorrelationsPage)
    page.size_box.setCurrentIndex(2)
    QApplication.processEvents()
    assert "hatched: not determined" in page._note.text()
    places = page._places
    row, column = places.index(first), places.index(second)
    assert np.isnan(page.image.image[row, column])
    # See-through, so that the hatching below is seen, where a correlation of 0 would be a colour.
    page.image.render()
    drawn = page.image.qimage
    assert drawn.pixelColor(column, row).alpha() == 0
    assert drawn.pixelColor(row, row).alpha() == 255
