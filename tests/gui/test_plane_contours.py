"""The plane draws what is known between its points, says it in words, and is never behind for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.exclusion.interpolation import RESOLUTION, Interpolation
from fitgui.exclusion.model import Surface
from fitgui.gui import theme
from fitgui.gui.latest import Latest
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.plane.toolbar import PlaneToolbar
from fitgui.gui.plane.view import PlaneView
from fitgui.pallets.plane import plane_of
from fitgui_backends.results import ToyAnswer
from tests.exclusion.planes import grid as made_grid
from tests.gui.planes import grid, published, shown
from tests.gui.test_views import point

PUBLISHED = [("1Lbb", "ins1755298"), ("stau-combined", "ins1765529"), ("3L", "ins1771533")]


def near(view: PlaneView, colour: str, x: float, y: float, reach: int = 6) -> bool:
    """Whether a pixel of about this colour is drawn near a place of the plane."""
    ratio = view.devicePixelRatioF()
    image: QImage = view._plot.grab().toImage()
    place = view._box.mapViewToScene(QPointF(x, y))
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    for across in range(-reach, reach + 1):
        for up in range(-reach, reach + 1):
            pixel = image.pixelColor(round(place.x() * ratio) + across, round(place.y() * ratio) + up)
            found = abs(pixel.red() - red), abs(pixel.green() - green), abs(pixel.blue() - blue)
            if max(found) < 40:
                return True
    return False


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
@pytest.mark.parametrize(("name", "reference"), PUBLISHED)
def test_the_observed_contour_of_a_published_plane_is_drawn_where_it_is(
    qtbot: QtBot, look: theme.Theme, name: str, reference: str
) -> None:
    data, statuses = published(name, reference)
    view = shown(qtbot, data, statuses, look)
    assert view.exclusion is not None
    line = max(view.exclusion.contours[Surface.OBSERVED], key=lambda line: len(line.x))
    middle = len(line.x) // 2
    assert near(view, view._contours.looks.observed.colour, line.x[middle], line.y[middle])
    first = view.legend.text().splitlines()
    assert first[0].startswith("Observed 95 % CL    Expected ±1σ")
    assert any(text.startswith("At m(χ̃₁⁰) = ") and "GeV (grid " in text for text in first)
    assert view._plot.getAxis("bottom").labelText.endswith(" [GeV]")
    QApplication.processEvents()
    assert view.legend.height() >= len(first) * view.legend.fontMetrics().height(), "no line is cut"


def test_the_reading_of_1lbb_is_the_published_limit(qtbot: QtBot) -> None:
    view = shown(qtbot, *published("1Lbb", "ins1755298"))
    assert "At m(χ̃₁⁰) = 0 GeV: m(χ̃₁±/χ̃₂⁰) excluded up to 740 GeV" in view.legend.text()


def test_contours_of_a_run_with_toys_are_said_to_be_asymptotic(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    assert "symptotic" not in shown(qtbot, data, statuses).legend.text()
    name, status = next(iter(statuses.items()))
    assert status.result is not None
    toys = ToyAnswer(number=9, seed=0, failed=0, cls_obs=0.1, cls_obs_error=0.1, cls_exp=(0.1,) * 5)
    statuses[name] = replace(status, result=msgspec.structs.replace(status.result, toys=toys))
    assert "Contours of asymptotic CLs" in shown(qtbot, data, statuses).legend.text()


def test_contours_grow_with_the_points(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    known = {}
    view = shown(qtbot, data, known)
    assert view.exclusion is None
    assert "not fitted" in view.legend.text()
    reached = []
    for name, status in statuses.items():
        known[name] = status
        view.points_changed({name})
        qtbot.waitUntil(lambda: view.up_to_date)
        lines = view.exclusion.contours[Surface.OBSERVED] if view.exclusion else ()
        reached.append(max((float(line.y.max() - line.y.min()) for line in lines), default=0.0))
    assert reached[0] == 0.0, "one point has no contour"
    assert reached[-1] == pytest.approx(90.0)
    assert "not fitted" not in view.legend.text()


def test_with_two_points_the_plane_says_why_there_is_no_contour(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    view = shown(qtbot, data, dict(list(statuses.items())[:2]))
    assert view.exclusion is None
    assert "contour" in view.legend.text().splitlines()[-1]


def test_words_on_an_axis_have_no_contours(qtbot: QtBot) -> None:
    points = [point(f"p{i}", model=word, m=100.0 * i) for i, word in enumerate(("wino", "bino", "wino"), 1)]
    _, statuses = grid((1, 2, 3), (0,))
    renamed = dict(zip(("p1", "p2", "p3"), statuses.values(), strict=True))
    view = shown(qtbot, plane_of(points, "m", "model"), renamed)
    assert "No contours: model is given in words." in view.legend.text()


def test_a_hidden_plane_computes_nothing_and_catches_up(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    known = {}
    view = shown(qtbot, data, known)
    view.hide()
    known.update(statuses)
    view.points_changed(set(statuses))
    assert view.exclusion is None
    view.show()
    assert view.exclusion is not None


def test_what_is_not_wanted_is_not_drawn(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    view = shown(qtbot, data, statuses)
    colour = view._contours.looks.observed.colour
    assert near(view, colour, 250, 25)
    view.show_choices(PlaneChoices(contours=Wanted(observed=False, band=False, wide_band=True)))
    assert not near(view, colour, 250, 25)
    assert "Observed" not in view.legend.text()
    assert "Expected 95 % CL" in view.legend.text()
    assert "±2σ" in view.legend.text()


def test_the_forbidden_side_can_be_hidden(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    view = shown(qtbot, data, statuses)
    assert data.allowed == "below diagonal"
    assert view._border.isVisible()
    view.show_choices(PlaneChoices(border=False))
    assert not view._border.isVisible()


def test_a_logarithmic_axis_says_what_it_cannot_show(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 20, 50, 90))
    view = shown(qtbot, data, statuses)
    view.show_choices(PlaneChoices(y_log=True))
    assert "4 points have no place on a logarithmic axis" in view.legend.text()
    assert sorted(set(view._marks.item.getData()[1])) == pytest.approx(np.log10([20, 50, 90]))
    axis = view._plot.getAxis("left")
    (labelled, *_) = axis.tickValues(np.log10(15), np.log10(120), 300)
    assert axis.tickStrings(labelled[1], 1.0, labelled[0]) == ["20", "30", "50", "70", "100"]
    view.show_choices(PlaneChoices())
    assert "logarithmic" not in view.legend.text()


def test_how_many_points_are_joined_by_curves_is_told_where_that_is_chosen(qtbot: QtBot) -> None:
    toolbar = PlaneToolbar()
    qtbot.addWidget(toolbar)
    (entry,) = [action for action in toolbar.show_menu.actions() if "smoothly" in action.text()]
    assert str(RESOLUTION // 4) in entry.toolTip()
    for side, curved in ((9, True), (11, False)):  # and that is a quarter of the resolution
        points = made_grid(np.arange(side), np.arange(side), lambda x, y: 3 - (x / 4) ** 2 + 0 * y)
        plane = Interpolation(points, method="rbf", resolution=400)
        assert (len(plane.mesh.places) > len(points.names)) == curved


def test_smooth_contours_keep_to_the_points(qtbot: QtBot) -> None:
    data, statuses = grid((100, 200, 300, 400), (0, 50, 90))
    view = shown(qtbot, data, statuses)
    view.show_choices(replace(view.choices, method="rbf"))
    (line,) = view.exclusion.contours[Surface.OBSERVED]
    np.testing.assert_allclose(line.x, 250.0, atol=15.0)


@given(st.lists(st.sampled_from(["ask", "answer", "withdraw"]), max_size=40))
def test_of_what_is_asked_the_last_is_always_answered(steps: list[str]) -> None:
    waiting: list[Callable[[], None]] = []
    answers: list[int] = []

    def run(work: Callable[[], int], done: Callable[[int], None], failed: object) -> None:
        assert not waiting, "one at a time"
        waiting.append(lambda: done(work()))

    latest = Latest[int](run, answers.append, lambda error: None)
    newest = -1
    for number, step in enumerate(steps):
        if step == "ask":
            newest = number
            latest.ask(lambda number=number: number, now=True)
        elif step == "withdraw":
            latest.withdraw()
            newest = -1
            answers.clear()
        elif waiting:
            waiting.pop()()
            latest._begin()  # as the timer does after a rest
    while waiting:
        waiting.pop()()
        latest._begin()
    assert latest.idle
    assert answers == sorted(answers)
    if newest >= 0:
        assert answers[-1] == newest
    else:
        assert answers == []
