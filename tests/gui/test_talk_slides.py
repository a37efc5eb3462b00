"""The screens of a talk: what the audience sees of recorded runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.bridge import Bridge
from fitgui.gui.plane.legend import Legend
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.talk.dots import Dots
from fitgui.gui.talk.final_slide import Compared, FinalSlide, speed_up_sentence
from fitgui.gui.talk.material import Material
from fitgui.gui.talk.plane_slide import ReplayedPlane
from fitgui.gui.talk.plot import PLANE_SCALE
from fitgui.gui.talk.race_slide import RaceSlide
from fitgui.gui.talk.subject import large_time, published_words, subject_of
from fitgui.gui.talk.type import Line
from fitgui.gui.talk.window import TalkWindow
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.runs.published_times import published_times
from fitgui.runs.replay import SPEEDS
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_times import times_of
from fitgui_backends.contract import FitOptions
from tests.gui.hands import MINUTE
from tests.gui.talks import ONE, TWO, give, lines, material_of, pass_seconds, plane_of, until
from tests.runs.recordings import PAPERS, plan_of, reference

Give = Callable[..., TalkWindow]
SMALLEST_TYPE = 20
"""Pixels of a screen of 720 lines."""


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Material]:
    """Recorded runs of 1Lbb."""
    return material_of(tmp_path_factory.mktemp("talk"))


@pytest.fixture
def talk(materials: dict[tuple[str, ...], Material], qtbot: QtBot) -> Iterator[Give]:
    """Windows of talks about them."""
    bridge, opened = Bridge(), []

    def make(*runs: str, look: theme.Theme = theme.LIGHT, size: tuple[int, int] = (1280, 720)) -> TalkWindow:
        window = give(materials[runs or (TWO, ONE)], bridge, look, size)
        opened.append(window)
        qtbot.waitExposed(window)
        return window

    yield make
    while opened:
        opened.pop().close()
    bridge.close()
    # A window that lived on into the next test would be destroyed there, at any moment.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_title_says_what_was_fitted(talk: Give) -> None:
    window = talk()
    entry = next(e for e in load_catalogue().entries if e.key == PAPERS["1Lbb"])
    shown = lines(window)
    assert entry.nickname in shown
    assert any(entry.arxiv in line and entry.journal in line for line in shown)
    assert entry.summary in [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert shown[shown.index("125") + 1] == "signal hypotheses"
    assert shown[shown.index("2") + 1] == "workers of this machine"
    assert "recorded on 2026-11-29" in window.footer.text


def test_the_plane_fills_as_it_was_fitted(talk: Give, qtbot: QtBot) -> None:
    window = talk()
    window.turn(1)
    slide = window.slide
    assert isinstance(slide, ReplayedPlane)
    assert slide.counter == "0 / 125"
    assert window.footer.text == "replay of a run on 2026-11-29, at true speed"
    pass_seconds(window, 5.0, 0.25)
    assert (slide.counter, slide.clock) == ("50 / 125", "5.0 s")
    until(window, lambda: not slide.player.playing)
    assert (slide.counter, slide.clock) == ("125 / 125", "12.5 s")
    excluded = sum(row[0] < 0.05 for row in reference("1Lbb")["cls"])
    assert str(excluded) in lines(window)
    plane = plane_of(slide)
    assert plane.bar.sizeHint().width() < PlaneView(theme.LIGHT, scale=PLANE_SCALE).bar.sizeHint().width()
    qtbot.waitUntil(
        lambda: plane.exclusion is not None and len(plane.exclusion.points.names) == 125, timeout=MINUTE
    )
    assert plane.data is not None
    assert plane.data.x.title == "m(χ̃₁±/χ̃₂⁰) [GeV]"


def test_all_runs_race_on_one_clock(talk: Give) -> None:
    window = talk()
    window.go(2)
    race = window.slide
    assert isinstance(race, RaceSlide)
    published = published_times(plan_of("1Lbb").analysis)
    assert published is not None
    assert published.main is not None
    pass_seconds(window, 10.0, 0.25)
    first, second, *others = race.lanes.lanes
    assert (first.result, second.result) == ("100 / 125", "62 / 125")
    until(window, lambda: race.lanes.lanes[0].finished)
    assert race.lanes.lanes[0].result == "12.5 s"
    assert not race.lanes.lanes[1].finished
    until(window, lambda: not race.player.playing)
    assert race.clock == "20.0 s"
    assert [lane.result for lane in race.lanes.lanes[:2]] == ["12.5 s", "20.0 s"]
    told = {lane.title.lower(): lane for lane in race.lanes.lanes[2:]}
    main = told[published.main.where]
    assert main.result == large_time(published.main.seconds)
    assert main.done == pytest.approx(20.0 / published.main.seconds)
    assert not any(lane.finished for lane in told.values())
    assert all("published" in lane.detail for lane in told.values())
    assert len(others) == len(told)
    assert window.footer.text == "replay of 2 runs on 2026-11-29, at true speed"


def test_a_run_alone_races_against_one_core(talk: Give) -> None:
    window = talk(TWO)
    window.go(2)
    race = window.slide
    assert isinstance(race, RaceSlide)
    core = race.lanes.lanes[1]
    assert core.title == "The same on one core"
    assert core.result == large_time(1.9 * 12.5)


def test_the_comparison_in_numbers_and_one_sentence(talk: Give, qtbot: QtBot) -> None:
    window = talk()
    window.go(3)
    final = window.slide
    assert isinstance(final, FinalSlide)
    assert [large_time(row.seconds) for row in final.compared] == ["12.5 s", "156 s", "64 min"]
    assert final.sentence == (
        "12 times faster than a cluster, 310 times faster than one node of the cluster."
    )
    qtbot.waitUntil(lambda: bool(final.reach), timeout=MINUTE)
    assert "740 GeV" in final.reach
    assert "Observed limit" in final.reach
    assert any("Feickert et al." in line for line in lines(window))


def test_published_times_are_for_less_where_limits_were_asked_for() -> None:
    plan = plan_of("1Lbb")
    with_limits = msgspec.structs.replace(
        plan, plan=msgspec.structs.replace(plan.plan, options=FitOptions(limits=True))
    )
    for asked, words in ((plan, "published 2021"), (with_limits, "published 2021, without limits")):
        times = times_of("run", asked, RunSnapshot(asked.points))
        assert published_words(times) == words


def test_what_is_slower_is_called_slower() -> None:
    rows = [
        Compared(10.0, "ours", own=True),
        Compared(5.0, "a cluster, 2 nodes", "a cluster"),
        Compared(10.1, "One core, summed", "one core"),
    ]
    assert speed_up_sentence(rows) == "2.0 times slower than a cluster, as fast as one core."
    assert speed_up_sentence(rows[:1]) == ""


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (1024, 768), (1920, 1080)], ids=str)
def test_nothing_is_cut_and_the_last_row_can_read(talk: Give, size: tuple[int, int]) -> None:
    window = talk(look=theme.DARK, size=size)
    assert (window.width(), window.height()) == size
    unit = min(size[0] / 1280, size[1] / 720)
    for index in range(len(window.slides)):
        window.go(index)
        for _ in SPEEDS:
            window.slide.change_speed(+1)
        pass_seconds(window, 0.5)
        window.grab()
        assert window.slide.progress in (None, 1.0)
        shown = [line for line in window.slide.findChildren(Line) if line.isVisible() and line.text]
        assert shown
        for line in shown:
            font = line.shown_font
            assert QFontMetricsF(font).horizontalAdvance(line.text) <= line.width(), line.text
            assert QFontInfo(font).pixelSize() >= int(SMALLEST_TYPE * unit), line.text
            assert window.rect().contains(line.rect().translated(line.mapTo(window, line.rect().topLeft())))
        for legend in window.slide.findChildren(Legend):
            if legend.isVisible():
                assert QFontInfo(legend.font()).pixelSize() >= int(SMALLEST_TYPE * unit)
        for plane in window.slide.findChildren(PlaneView):
            assert QFontInfo(plane._border._font).pixelSize() >= int(SMALLEST_TYPE * unit)


def test_points_without_a_plane_are_dots(materials: dict[tuple[str, ...], Material], qtbot: QtBot) -> None:
    names = [f"point{number}" for number in range(7)]
    dots = Dots(theme.DARK, names)
    qtbot.addWidget(dots)
    dots.resize(300, 200)
    empty = dots.grab().toImage()
    fitted = materials[TWO,].runs[0].snapshot.points
    statuses = dict(zip(names, fitted.values(), strict=False))
    dots.show_statuses(statuses)
    assert dots.grab().toImage() != empty


def test_a_pallet_that_nobody_knows_goes_by_its_name() -> None:
    plan = plan_of("1Lbb", points=5)
    known = subject_of(plan, load_catalogue().entries)
    assert known.published is None  # 5 of 125 points were not timed
    assert subject_of(plan, ()).title == plan.pallet.name
    assert subject_of(plan, ()).labels == known.labels
