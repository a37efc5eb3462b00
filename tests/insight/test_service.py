"""Looking into points in a real process: latest first, nothing twice, and one sentence where it fails."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest
from pytestqt.qtbot import QtBot

from fitgui.insight import service
from fitgui.insight.model import PARTS, PointInside
from fitgui.insight.service import Insights
from fitgui.pallets import Analysis, SignalPoint, open_pallet
from fitgui_backends.contract import FitOptions
from tests.builders import make_patch_set, make_workspace
from tests.insight.slow_step import step_or_stay

PATIENCE = 60.0


class Ear:
    """Hears answers, and waits for them."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[PointInside] = SimpleQueue()
        self.all: list[PointInside] = []

    def __call__(self, inside: PointInside) -> None:
        self._heard.put(inside)

    def until(self, condition: Callable[[PointInside], bool]) -> PointInside:
        while True:
            inside = self._heard.get(timeout=PATIENCE)
            self.all.append(inside)
            if condition(inside):
                return inside

    @property
    def silent(self) -> bool:
        return self._heard.empty()


@pytest.fixture(scope="module")
def insights() -> Iterator[Insights]:
    """One for all tests: starting a process is what takes long."""
    looking = Insights()
    yield looking
    looking.close(PATIENCE)
    assert not [thread for thread in threading.enumerate() if thread.name == "fitgui-insight"]


@pytest.fixture
def analysis(write_pallet: Callable[..., Path]) -> Analysis:
    workspace = make_workspace(observed={"SR": [15.0, 11.0], "CR": [84.0]})
    patches = make_patch_set(
        workspace, {f"sig_{mass}_100": [mass, 100] for mass in (300, 400, 500, 600, 700)}
    )
    [found] = open_pallet(write_pallet({"BkgOnly.json": workspace, "patchset.json": patches})).analyses
    return found


def test_pieces_come_until_all_is_known(insights: Insights, analysis: Analysis) -> None:
    ear = Ear()
    assert insights.ask(analysis, analysis.points[0], ear) is None
    done = ear.until(lambda inside: inside.complete)
    assert not done.trouble
    assert done.finished == frozenset(PARTS)
    assert list(ear.all[0].fits) == ["free"]  # there is something to see before all is done
    assert done.result is not None
    assert done.result.worker.endswith(str(_pid(done)))
    assert _pid(done) != os.getpid()
    assert insights.ask(analysis, analysis.points[0], ear) is done
    assert ear.silent


def test_nothing_is_found_out_twice(insights: Insights, analysis: Analysis) -> None:
    first, second = Ear(), Ear()
    insights.ask(analysis, analysis.points[1], first)
    begun = first.until(lambda inside: bool(inside.fits))
    insights.ask(analysis, analysis.points[2], second, order=("curve",))
    assert second.until(lambda inside: inside.complete).name == "sig_500_100"
    with_curve = next(inside for inside in second.all if inside.curve is not None)
    assert with_curve.impacts is None  # what was wanted first came first
    known = insights.ask(analysis, analysis.points[1], first)
    assert known is not None
    assert known.fits["free"] is begun.fits["free"]
    done = known if known.complete else first.until(lambda inside: inside.complete)
    assert done.name == "sig_400_100"
    assert done.fits["free"] is begun.fits["free"]


@pytest.fixture
def long_point(analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignalPoint:
    """A point of which a piece takes minutes; its name is a file that is there once that has begun."""
    monkeypatch.setattr(service, "step", step_or_stay)
    return replace(analysis.points[0], name=str(tmp_path / "begun"))


def test_another_point_does_not_wait_for_a_long_piece(
    insights: Insights, analysis: Analysis, long_point: SignalPoint, qtbot: QtBot
) -> None:
    long, second = Ear(), Ear()
    insights.ask(analysis, long_point, long)
    qtbot.waitUntil(Path(long_point.name).exists, timeout=30_000)
    insights.ask(analysis, analysis.points[3], second, options=FitOptions(poi_test=5.0))
    assert not second.until(lambda inside: inside.complete).trouble
    assert long.silent  # it was given up, which nobody is told who went on


def test_another_point_does_not_wait_for_what_begins_with_the_process(
    analysis: Analysis, long_point: SignalPoint, qtbot: QtBot
) -> None:
    """A second click comes while the process is started, more often than not."""
    insights = Insights()
    long, second = Ear(), Ear()
    insights.ask(analysis, long_point, long)
    qtbot.waitUntil(lambda: insights._desk is not None and insights._desk._question is not None)
    insights.ask(analysis, analysis.points[3], second)
    assert not second.until(lambda inside: inside.complete).trouble
    assert long.silent
    insights.close(PATIENCE)


def test_who_comes_back_to_a_point_is_not_told_that_it_was_given_up(
    insights: Insights, analysis: Analysis, long_point: SignalPoint, qtbot: QtBot
) -> None:
    begun, long, second = Path(long_point.name), Ear(), Ear()
    insights.ask(analysis, long_point, long)
    qtbot.waitUntil(begun.exists, timeout=30_000)
    begun.unlink()
    options = FitOptions(poi_test=6.0)
    insights.ask(analysis, analysis.points[4], second, options=options)
    insights.ask(analysis, long_point, long)  # before the process is ended: it is left alone
    insights.ask(analysis, analysis.points[4], second, options=options)
    assert not second.until(lambda inside: inside.complete).trouble
    insights.ask(analysis, long_point, long)
    qtbot.waitUntil(begun.exists, timeout=30_000)  # it is tried again
    insights.ask(analysis, analysis.points[1], second, options=options)
    assert second.until(lambda inside: inside.complete and inside.name == "sig_400_100")
    assert long.silent


def test_a_long_piece_ends_with_the_application(
    analysis: Analysis, long_point: SignalPoint, qtbot: QtBot
) -> None:
    before = set(threading.enumerate())
    insights = Insights()
    insights.ask(analysis, long_point, Ear())
    qtbot.waitUntil(Path(long_point.name).exists, timeout=30_000)
    assert insights._desk is not None
    assert insights._desk._worker is not None
    process = psutil.Process(insights._desk._worker.pid)
    insights.close(0.0)
    psutil.wait_procs([process], PATIENCE)
    assert not process.is_running()
    qtbot.waitUntil(lambda: set(threading.enumerate()) <= before, timeout=30_000)


def test_other_options_are_another_question(insights: Insights, analysis: Analysis) -> None:
    ear = Ear()
    options = FitOptions(engine="pyhf", poi_test=2.0, toys=50)
    insights.ask(analysis, analysis.points[2], ear, options=options)
    done = ear.until(lambda inside: inside.complete)
    assert done.options == FitOptions(poi_test=2.0)  # what newton can keep of it
    assert done.fits["signal"].mu == 2.0
    assert done.result is not None
    assert done.result.toys is None


def test_only_who_asked_may_forget(insights: Insights, analysis: Analysis) -> None:
    before, now = Ear(), Ear()
    options = FitOptions(poi_test=4.0)
    insights.ask(analysis, analysis.points[0], before, options=options)
    insights.ask(analysis, analysis.points[1], now, options=options)
    insights.forget(before)
    assert now.until(lambda inside: inside.complete).name == "sig_400_100"


def test_a_point_that_cannot_be_fitted_is_one_sentence(insights: Insights, analysis: Analysis) -> None:
    remove = b'[{"op": "remove", "path": "/channels/7"}]'
    broken = SignalPoint(name="broken", values={}, patch_set="", operations=remove)
    ear = Ear()
    insights.ask(analysis, broken, ear)
    told = ear.until(lambda inside: inside.complete)
    assert told.trouble
    assert "\n" not in told.trouble
    assert "Traceback" not in told.trouble
    insights.ask(analysis, analysis.points[3], ear)
    assert not ear.until(lambda inside: inside.complete).trouble


def test_a_process_that_dies_is_told_and_replaced(insights: Insights, analysis: Analysis) -> None:
    ear = Ear()
    insights.ask(analysis, analysis.points[3], ear, options=FitOptions(poi_test=3.0))
    done = ear.until(lambda inside: inside.complete)
    os.kill(_pid(done), getattr(signal, "SIGKILL", signal.SIGTERM))
    insights.ask(analysis, analysis.points[4], ear)
    told = ear.until(lambda inside: inside.complete)
    if told.trouble:  # unless its death was noticed before
        assert told.trouble.startswith("The process that fits ")
        assert told.trouble.endswith(": try again.")
        insights.ask(analysis, analysis.points[4], ear)
        told = ear.until(lambda inside: inside.complete)
    assert not told.trouble
    assert _pid(told) != _pid(done)


def _pid(inside: PointInside) -> int:
    assert inside.result is not None
    return int(inside.result.worker.rpartition(":")[2])
