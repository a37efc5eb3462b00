"""The speed of a run on a cluster follows what workers say, not the moments in which answers arrive."""

from __future__ import annotations

import pytest

from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PlaceChanged,
    PointFitted,
    RunEvent,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
    TaskTimed,
)
from tests.runs.support import result_of

NAMES = tuple(f"p{i}" for i in range(60))


class Run:
    """A run of sixty points at a cluster."""

    def __init__(self) -> None:
        self.snapshot = RunSnapshot(NAMES)
        self._number = 0
        self.tell(0.0, RunStarted(backend="globus", workers=None, points=NAMES))

    def tell(self, elapsed: float, event: RunEvent) -> None:
        self._number += 1
        self.snapshot.apply(StampedEvent(sequence=self._number, time=0.0, elapsed=elapsed, event=event))

    def answer(self, elapsed: float, names: tuple[str, ...], worker: str, seconds: float) -> None:
        """A task comes back: all its points in one moment."""
        timed = TaskTimed(task=names[0], points=names, worker=worker, began=100.0, ended=100.0 + seconds)
        self.tell(elapsed, timed)
        for name in names:
            self.tell(elapsed, PointFitted(result=result_of(name)))


def test_points_that_arrive_together_promise_nothing_absurd() -> None:
    run = Run()
    assert run.snapshot.points_per_second is None
    assert run.snapshot.seconds_to_finish(1.0) is None
    run.answer(12.0, NAMES[:10], "n:1", 4.0)
    assert run.snapshot.points_per_second == pytest.approx(2.5)
    assert run.snapshot.seconds_to_finish(12.0) == pytest.approx(20.0)
    run.answer(12.0, NAMES[10:20], "n:2", 4.0)
    assert run.snapshot.points_per_second == pytest.approx(5.0)
    assert run.snapshot.seconds_to_finish(12.0) == pytest.approx(8.0)


def test_a_late_word_that_a_task_runs_changes_nothing() -> None:
    run = Run()
    run.tell(11.99, TaskStateChanged(points=NAMES[:10], state=TaskState.RUNNING))
    run.answer(12.0, NAMES[:10], "n:1", 4.0)
    assert run.snapshot.seconds_to_finish(12.0) == pytest.approx(20.0)


@pytest.mark.parametrize(
    "news",
    [PlaceChanged(status="login"), PlaceChanged(status="offline"), PlaceChanged(status="online", workers=0)],
)
def test_while_nobody_works_nothing_is_foretold(news: PlaceChanged) -> None:
    run = Run()
    run.answer(12.0, NAMES[:10], "n:1", 4.0)
    run.tell(13.0, news)
    assert run.snapshot.seconds_to_finish(13.0) is None
    assert run.snapshot.copy().seconds_to_finish(13.0) is None
    run.tell(14.0, PlaceChanged(status="online", workers=1))
    assert run.snapshot.seconds_to_finish(14.0) is not None


def test_workers_of_an_earlier_session_are_not_counted() -> None:
    run = Run()
    run.answer(12.0, NAMES[:10], "n:1", 4.0)
    run.tell(500.0, RunStarted(backend="globus", workers=None, points=NAMES[10:], resumed=True))
    assert run.snapshot.seconds_to_finish(500.0) is None
    run.answer(510.0, NAMES[10:20], "m:1", 4.0)
    assert run.snapshot.points_per_second == pytest.approx(2.5)
