"""A scan of own signals, from yields to the last result in the journal, with the memory of the application.

``python -m tests.benchmarks.children.own_scan START ANALYSIS POINTS WORKERS`` prints seconds and megabytes.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fitgui.pallets import open_pallet
from fitgui.pallets.model import SignalPoint
from fitgui.reinterpretation.model import Target
from fitgui.reinterpretation.patching.own_pallet import keep_own, own_pallet
from fitgui.reinterpretation.patching.patch import signal_point
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal
from fitgui.runs.plan import make_plan
from fitgui_backends.contract import FitOptions, TaskState
from fitgui_backends.local import LocalBackend
from fitgui_backends.machine import resident_bytes
from tests.benchmarks.children.live_answers import open_target

SEED = 4
WARM_SECONDS = 2.0
LABELS = ("mst", "mn2")
STEP, SIDE = 5.0, 100
"""Of the plane, in GeV and points."""
MEGABYTE = 1e6


class Memory:
    """The most that this process holds, looked at ten times a second; its workers do not count."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.most = max(self.most, resident_bytes() or 0)

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


def signals(target: Target, count: int) -> Iterator[SignalPoint]:
    """Published yields with statistical uncertainties, each with another cross section, in a plane."""
    random_ = random.Random(SEED)
    published = [replace(signal_of_point(target, point), systematics=()) for point in target.analysis.points]
    for number in range(count):
        signal = random_.choice(published).scaled(10.0 ** random_.uniform(-1.0, 1.0))
        values = {LABELS[0]: 100.0 + STEP * (number // SIDE), LABELS[1]: STEP * (number % SIDE)}
        yield signal_point(target, replace(signal, name=f"model_{number}", values=values))


def main() -> int:
    """Print how long each step took."""
    target = open_target(sys.argv[2])
    count, workers = int(sys.argv[3]), int(sys.argv[4])
    memory = Memory()
    times = [time.perf_counter()]

    def lap() -> float:
        times.append(time.perf_counter())
        return times[-1] - times[-2]

    figures: dict[str, float] = {}
    points = list(signals(target, count))
    figures["patches"] = lap()
    pallet = keep_own(own_pallet(target, "benchmark", points, LABELS))
    figures["written"] = lap()
    figures["file"] = Path(pallet.source).stat().st_size / MEGABYTE
    figures["operations"] = sum(len(point.operations) for point in points) / MEGABYTE
    lap()
    opened = open_pallet(pallet.source)
    figures["opened"] = lap()
    assert opened == pallet
    del opened, points
    [analysis] = pallet.analyses
    lap()
    plan = make_plan(pallet, analysis, analysis.points, FitOptions(), workers=workers)
    figures["planned"] = lap()
    backend = LocalBackend(workers=workers)
    controller = RunController(Journal(), {"local": backend})
    backend.warm_up()
    time.sleep(WARM_SECONDS)
    lap()
    run = controller.start(plan)
    controller.wait(run)
    figures["run"] = lap()
    snapshot = controller.snapshot(run)
    figures["done"] = snapshot.counts[TaskState.DONE]
    figures["busy"] = snapshot.sum_core_seconds
    figures["points"], figures["workers"] = count, workers
    controller.close()
    memory.close()
    figures["memory"] = memory.most / MEGABYTE
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
