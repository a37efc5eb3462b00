"""A plan on warm workers of the local backend, without window, journal or command line.

``python -m tests.benchmarks.children.two_workers START ANALYSIS WORKERS OPTIONS [POINT...]``, where OPTIONS
are :class:`FitOptions` as JSON. Without points all of the analysis are fitted.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint, Plan
from fitgui_backends.events import BackendEvent, PointFailed, PointFitted
from fitgui_backends.local import LocalBackend
from fitgui_backends.results import FitResult
from tests.benchmarks.children.published import open_analysis

WARM_SECONDS = 2.0
"""Given to the workers to start; they are not to be measured here."""
PATIENCE = 500.0


class Collected:
    """Takes the events of a plan until every point is final."""

    def __init__(self, points: int) -> None:
        self.results: list[FitResult] = []
        self.failed: list[str] = []
        self.complete = threading.Event()
        self._points = points

    def __call__(self, event: BackendEvent) -> None:
        if isinstance(event, PointFitted):
            self.results.append(event.result)
        elif isinstance(event, PointFailed):
            self.failed.append(event.error)
        if len(self.results) + len(self.failed) == self._points:
            self.complete.set()


def run(plan: Plan, workers: int) -> tuple[float, Collected]:
    """Seconds from submission to the last event, on workers that wait for work.

    Raises:
        TimeoutError: if it takes too long.
    """
    backend = LocalBackend(workers=workers)
    collected = Collected(len(plan.points))
    try:
        backend.warm_up()
        time.sleep(WARM_SECONDS)
        started = time.monotonic()
        backend.submit(plan, collected)
        if not collected.complete.wait(PATIENCE):
            raise TimeoutError(f"{len(plan.points)} points took longer than {PATIENCE:.0f} s")
        return time.monotonic() - started, collected
    finally:
        backend.close()


def main() -> int:
    """Print the seconds, and of how many of them the workers were fitting."""
    name, workers, options, *points = sys.argv[2:]
    analysis = open_analysis(name)
    plan = Plan(
        workspace=analysis.workspace_json,
        workspace_digest=analysis.digest,
        points=tuple(
            FitPoint(name=point.name, operations=point.operations)
            for point in analysis.points
            if not points or point.name in points
        ),
        options=msgspec.json.decode(options, type=FitOptions),
        workers=int(workers),
    )
    seconds, collected = run(plan, int(workers))
    if collected.failed:
        print(collected.failed[0], file=sys.stderr)
        return 1
    figures = {
        "wall": seconds,
        "busy": sum(result.seconds.model + result.seconds.fit for result in collected.results),
        "points": len(collected.results),
        "converged": sum(result.converged for result in collected.results),
        "results": json.loads(msgspec.json.encode(collected.results)) if points else [],
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
