"""How evenly the event loop turns while points are fitted.

``python -m tests.benchmarks.children.heartbeat START PALLET ANALYSIS WORKERS SECONDS OPTIONS`` opens the real
window, fits all points of the analysis with these options (JSON) and notes the time at every tick of a 5 ms
timer while the run goes on, for so many seconds at most.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer

from fitgui.folders import default_data_folder
from fitgui.gui import app
from fitgui_backends.contract import FitOptions, TaskState

BEAT_MILLISECONDS = 5


class Heart(QObject):
    """Starts the run, beats, and cancels the run when the time is over."""

    def __init__(self, analysis: str, workers: int, seconds: float, options: FitOptions) -> None:
        super().__init__()
        self.beats: list[float] = []
        self.done = 0
        self._analysis, self._workers, self._seconds = analysis, workers, seconds
        self._options = options
        self.window = app.make_window(default_data_folder())
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MILLISECONDS)
        self._timer.timeout.connect(lambda: self.beats.append(time.monotonic()))
        bench = self.window.workbench
        bench.pallet_opened.connect(self._fit)
        bench.failed.connect(self._failed)
        bench.run_ended.connect(self._ended)

    def _fit(self) -> None:
        window, bench = self.window, self.window.workbench
        assert bench.pallet is not None
        analysis = next(item for item in bench.pallet.analyses if item.name == self._analysis)
        window.compute_panel.choose_analysis(analysis.name)
        bench.start(analysis, analysis.points, self._options, self._workers)
        self._timer.start()
        QTimer.singleShot(int(self._seconds * 1000), self._stop)

    def _stop(self) -> None:
        self._timer.stop()
        snapshot = self.window.workbench.snapshot
        self.done = snapshot.counts[TaskState.DONE] if snapshot is not None else 0
        self.window.workbench.cancel()

    def _ended(self) -> None:
        if self._timer.isActive():  # all points were fitted before the time was over
            self._stop()
        self.window.close()

    def _failed(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        app.make_application().exit(1)


def main() -> int:
    """Print the median, the 99th percentile and the longest gap in milliseconds."""
    pallet, analysis, workers, seconds = sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    application = app.make_application()
    options = msgspec.json.decode(sys.argv[6], type=FitOptions)
    heart = Heart(analysis, workers, seconds, options)
    heart.window.show()
    heart.window.open(pallet)
    status = application.exec()
    gaps = sorted(1000 * (after - before) for before, after in pairwise(heart.beats))
    if gaps:
        figures = {
            "median": gaps[len(gaps) // 2],
            "p99": gaps[int(0.99 * (len(gaps) - 1))],
            "longest": gaps[-1],
            "beats": len(heart.beats),
            "done": heart.done,
        }
        print(json.dumps(figures))
    return status


if __name__ == "__main__":
    sys.exit(main())
