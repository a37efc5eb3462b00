"""How the window keeps up with points that come in, and how long the plane takes to draw itself.

``python -m tests.benchmarks.children.drawing START real PALLET ANALYSIS WORKERS`` fits all points of the
analysis; ``... START made-up POINTS RATE`` takes so many made-up results a second. The plane is in front,
with its contours. All is measured twice: by the clock, and in time of the processor that this thread took,
which others on the machine change less.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, QTimer

from fitgui.folders import default_data_folder
from fitgui.gui import app
from fitgui.gui.plane.view import PlaneView
from fitgui_backends.contract import FitOptions, TaskState
from tests.benchmarks.generated_plane import MadeUpBackend, write_plane

BEAT_MILLISECONDS = 5
SETTLED_MILLISECONDS = 3000
"""From the opening of the pallet to the run: catalogue, workers, and what else a window does at its start."""
QUIET_MILLISECONDS = 1000
"""After the last contours."""
FRAMES = 100
CONTOURS = 5


class Drawing(QObject):
    """Starts the run and listens; then moves the plane, and computes its contours, again and again."""

    def __init__(self, pallet: str, analysis: str | None, workers: int, **makers: Callable[[], Any]) -> None:
        super().__init__()
        self.figures: dict[str, float] = {}
        self.frames: list[tuple[float, float]] = []
        """Milliseconds by the clock and of the processor."""
        self.beats: list[tuple[float, float]] = []
        """Seconds by the clock and of the processor."""
        self.updates = 0
        self._analysis, self._workers, self._began = analysis, workers, 0.0
        self.window = app.make_window(default_data_folder(), makers=makers)
        self.window.show()
        self.plane: PlaneView = self.window.results_panel.plane
        self.plot: Any = self.plane._plot  # benchmarks look inside
        _time_frames(self.plot, self.frames)
        self.plane.exclusion_changed.connect(self._updated)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MILLISECONDS)
        self._timer.timeout.connect(lambda: self.beats.append(_now()))
        bench = self.window.workbench
        bench.pallet_opened.connect(lambda: QTimer.singleShot(SETTLED_MILLISECONDS, self._fit))
        bench.failed.connect(self._failed)
        bench.run_ended.connect(self._ended)
        self.window.prepare()
        self.window.open(pallet)

    def _fit(self) -> None:
        bench = self.window.workbench
        assert bench.pallet is not None
        names = [item.name for item in bench.pallet.analyses]
        analysis = bench.pallet.analyses[names.index(self._analysis) if self._analysis else 0]
        self.window.compute_panel.choose_analysis(analysis.name)
        self.window.results_panel.show_plane()
        self.frames.clear()
        self._timer.start()
        self._began = time.monotonic()
        bench.start(analysis, analysis.points, FitOptions(), workers=self._workers)

    def _updated(self) -> None:
        self.updates += 1

    def _ended(self) -> None:
        self._timer.stop()
        snapshot = self.window.workbench.snapshot
        assert snapshot is not None
        gaps = [
            (1000 * (after[0] - before[0]), 1000 * (after[1] - before[1]))
            for before, after in pairwise(self.beats)
        ]
        self.figures |= {
            "seconds": time.monotonic() - self._began,
            "points": snapshot.counts[TaskState.DONE],
            "updates": self.updates,
            "live_frames": len(self.frames),
            **_two_spreads("gaps", gaps),
            **_two_spreads("live", self.frames),
        }
        QTimer.singleShot(QUIET_MILLISECONDS, self._measure)

    def _measure(self) -> None:
        """Once nothing else is going on."""
        if not (self.window.workbench.bridge.idle and self.plane.exclusion is not None):
            QTimer.singleShot(QUIET_MILLISECONDS, self._measure)
            return
        box = self.plot.getViewBox()
        moves = []
        for number in range(FRAMES):
            before = _now()
            box.translateBy(x=box.viewPixelSize()[0] * (1 if number % 20 < 10 else -1))
            self.plot.viewport().repaint()
            moves.append(_since(before))
        self.figures |= _two_spreads("moved", moves)
        self.figures["contours"] = statistics.median(self._contour_seconds() for _ in range(CONTOURS))
        self.window.close()

    def _contour_seconds(self) -> float:
        """Of all contours of all points, as a thread of the window computes them."""
        from fitgui.exclusion.contours import exclusion_of  # noqa: PLC0415
        from fitgui.exclusion.interpolation import Interpolation  # noqa: PLC0415
        from fitgui.exclusion.points import plane_points  # noqa: PLC0415

        data, marks = self.plane.data, self.plane._marks
        assert data is not None
        before = time.perf_counter()
        points = plane_points(marks.names, marks.x, marks.y, tuple(marks.results))
        choices = self.plane.choices
        exclusion_of(Interpolation(points, choices.axes(data), choices.method), points)
        return time.perf_counter() - before

    def _failed(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        app.make_application().exit(1)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


def _since(before: tuple[float, float]) -> tuple[float, float]:
    clock, processor = _now()
    return 1000 * (clock - before[0]), 1000 * (processor - before[1])


def _time_frames(plot: Any, into: list[tuple[float, float]]) -> None:
    """Write down the milliseconds of each painting of the plot."""
    paint = pg.GraphicsView.paintEvent

    def timed(view: Any, event: Any) -> Any:
        before = _now()
        answer = paint(view, event)
        if view is plot:
            into.append(_since(before))
        return answer

    pg.GraphicsView.paintEvent = timed


def _two_spreads(name: str, frames: list[tuple[float, float]]) -> dict[str, float]:
    return {
        f"{name}{suffix}_{key}": value
        for suffix, column in (("", 0), ("_cpu", 1))
        for key, value in _spread([frame[column] for frame in frames]).items()
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": ordered[len(ordered) // 2],
        "p99": ordered[int(0.99 * (len(ordered) - 1))],
        "longest": ordered[-1],
    }


def main() -> int:
    """Print milliseconds of gaps and frames, and seconds of contours."""
    application = app.make_application()
    if sys.argv[2] == "real":
        drawing = Drawing(sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        points, rate = int(sys.argv[3]), float(sys.argv[4])
        folder = Path(default_data_folder()) / "plane"
        folder.mkdir(parents=True)
        write_plane(folder, points)
        drawing = Drawing(str(folder), None, 1, local=lambda: MadeUpBackend(rate))
    status = application.exec()
    print(json.dumps(drawing.figures))
    return status


if __name__ == "__main__":
    sys.exit(main())
