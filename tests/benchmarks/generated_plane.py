"""A mass plane of any size, and a backend that makes its results up: to see how the window keeps up."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from fitgui_backends.contract import BackendError, Capabilities, Emit, Health, Plan, RunHandle, TaskState
from fitgui_backends.events import PointFitted, TasksAccepted, TaskStateChanged
from fitgui_backends.results import FitResult, Seconds, TwiceNll
from tests.benchmarks.generated import generated, signal_operations

STEP = 10.0
"""Between neighbours, in GeV."""
BATCH_SECONDS = 0.01
WORKER = "here:1"


def write_plane(folder: Path, points: int) -> None:
    """Write a pallet whose points fill a square of the plane, the root of their number on a side."""
    side = math.isqrt(points)
    workspace = generated(parameters=2, bins=2)
    patches = [
        {
            "metadata": {"name": f"point_{x}_{y}", "values": [2000.0 + STEP * x, STEP * y]},
            "patch": signal_operations(workspace, 1.0 + (x + y) / side),
        }
        for x in range(side)
        for y in range(side)
    ]
    patch_set = {
        "metadata": {"description": "generated", "digests": {}, "labels": ["m1", "m2"], "references": {}},
        "patches": patches,
        "version": "1.0.0",
    }
    (folder / "BkgOnly.json").write_text(json.dumps(workspace))
    (folder / "patchset.json").write_text(json.dumps(patch_set))


class MadeUpBackend:
    """Reports so many results in a second, in the order of a shuffled deck, and fits nothing.

    Args:
        rate: results per second.
    """

    name = "local"
    capabilities = Capabilities(
        can_cancel_running=True,
        survives_client_exit=False,
        max_payload_bytes=None,
        max_workers=1,
        engines=("newton",),
    )

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def check(self) -> Health:
        """It can always be used."""
        return Health(ready=True, summary="ready")

    def warm_up(self) -> None:
        """There is nothing to start."""

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        """Begin to report."""
        names = [point.name for point in plan.points]
        emit(TaskStateChanged(points=tuple(names), state=TaskState.QUEUED))
        self._thread = threading.Thread(target=self._report, args=(names, emit))
        self._thread.start()
        return RunHandle(identifier="made up")

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        """Nobody does in a benchmark."""

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        """Nothing is kept."""
        raise BackendError("nothing is kept")

    def close(self) -> None:
        """End the thread."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _report(self, names: list[str], emit: Emit) -> None:
        # A stride that shares no divisor with the number visits each once, everywhere in the plane.
        stride = next(
            n for n in range(round(0.618 * len(names)), 2 * len(names)) if math.gcd(n, len(names)) == 1
        )
        began, done = time.monotonic(), 0
        while done < len(names) and not self._over.wait(BATCH_SECONDS):
            due = min(len(names), int(self._rate * (time.monotonic() - began)))
            batch = [names[index * stride % len(names)] for index in range(done, due)]
            if batch:
                emit(TaskStateChanged(points=tuple(batch), state=TaskState.RUNNING, worker=WORKER))
            for name in batch:
                emit(PointFitted(result=_result(name, math.isqrt(len(names)))))
            done = due


def _result(name: str, side: int) -> FitResult:
    """A round excluded region around the origin, observed a little smaller than expected."""
    x, y = (int(number) / side for number in name.split("_")[1:])
    height = 4.0 - 4.0 * math.hypot(x, 1.4 * y)

    def cls(significance: float) -> float:
        return 0.5 * math.erfc(significance / math.sqrt(2.0))

    return FitResult(
        name=name,
        cls_obs=cls(height - 0.2 * math.sin(9.0 * x)),
        cls_exp=(cls(height + 2), cls(height + 1), cls(height), cls(height - 1), cls(height - 2)),
        mu_hat=0.0,
        twice_nll=TwiceNll(free=0.0, mu0=0.0, mu1=0.0, asimov_mu1=0.0),
        converged=True,
        seconds=Seconds(fit=0.001, total=0.001),
        worker=WORKER,
    )
