"""Runs on the cluster of the tests: a real agent, broker and Slurm on this machine, a stand-in for the cloud.

``python -m tests.benchmarks.children.clusters START [quick]`` prints a line for each figure.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fitgui_backends.contract import FitPoint, Place, Plan, TaskState
from fitgui_backends.events import BackendEvent, TasksAccepted
from fitgui_backends.globus import GlobusBackend
from tests.benchmarks.generated import generated, signal_operations
from tests.benchmarks.harness import pallet_folder
from tests.benchmarks.wish import ONE_LBB, STAU
from tests.cluster.stack import Stack
from tests.integration.elsewhere import (
    LOW_MASS,
    Application,
    assert_equal,
    fit_here,
    globus_place,
    parsl_place,
    plan_for,
    results,
)
from tests.processes import until

WORKERS = 2
MANY = 10_000
PARAMETERS, BINS = 20, 10


def tell(what: str, **figures: Any) -> None:
    """Print a line."""
    print(json.dumps({"what": what, **figures}), flush=True)


def whole(
    folder: Path, backend: str, place: Place, file: str, analysis: str, **options: Any
) -> Iterator[Any]:
    """Fit an analysis twice: with nothing there, and with the block of the first time."""
    from fitgui.pallets import open_pallet  # noqa: PLC0415

    pallet = open_pallet(pallet_folder() / file)
    with Application(folder / backend, backend) as application:
        for words in ("cold", "warm"):
            plan = plan_for(pallet, backend, place, analysis=analysis, **options)
            begun = time.monotonic()
            run = application.controller.start(plan)
            snapshot = application.finish(run, minutes=9)
            wall = time.monotonic() - begun
            found = results(snapshot)
            split = snapshot.timeline.split(snapshot.elapsed)
            accepted = [e for e in application.events(run) if isinstance(e, TasksAccepted)]
            name, engine = file.rpartition("-")[2].partition(".")[0], options.get("engine", "newton")
            tell(
                f"{name} {engine} {backend} {words}",
                points=len(found),
                wall=wall,
                fits=snapshot.sum_fit_seconds,
                split=[[words_, seconds] for _, words_, seconds in split.parts()],
                requests=len(accepted),
                tasks=sum(len(event.tasks) for event in accepted),
                sent=sum(event.sent_bytes for event in accepted),
            )
            yield plan, found


def submit_many(stack: Stack, folder: Path) -> None:
    """Hand over ten thousand points to an endpoint that is offline."""
    workspace = generated(PARAMETERS, BINS)
    packed = json.dumps(workspace).encode()
    points = tuple(
        FitPoint(
            name=f"point_{index}",
            operations=json.dumps(signal_operations(workspace, 0.5 + index / MANY)).encode(),
        )
        for index in range(MANY)
    )
    plan = Plan(
        workspace=packed,
        workspace_digest=hashlib.sha256(packed).hexdigest(),
        points=points,
        place=globus_place(stack, workers_per_node=2),
        seconds_per_point=0.02,
    )
    stack.agent.stop()
    accepted: list[TasksAccepted] = []
    backend = GlobusBackend(folder=folder / "many")

    def hear(event: BackendEvent) -> None:
        if isinstance(event, TasksAccepted):
            accepted.append(event)

    mark = stack.standin.mark()
    begun = time.monotonic()
    handle = backend.submit(plan, hear)
    until(lambda: sum(len(t.points) for e in tuple(accepted) for t in e.tasks) == MANY, 300)
    seconds = time.monotonic() - begun
    log = stack.standin.log(mark)
    times = sorted(entry["began"] for entry in log)
    busiest = max(sum(first <= other < first + 10.0 for other in times) for first in times)
    tell(
        "many",
        points=MANY,
        seconds=seconds,
        requests=len(log),
        submissions=sum(entry["route"] == "submit" for entry in log),
        bytes=sum(entry["received"] for entry in log),
        busiest=busiest,
        tasks=sum(len(event.tasks) for event in accepted),
    )
    backend.cancel(handle)
    backend.close()
    stack.start_agent()


def quit_with_tasks(stack: Stack, folder: Path) -> None:
    """Close with tasks in flight."""
    from fitgui.pallets import open_pallet  # noqa: PLC0415

    pallet = open_pallet(pallet_folder() / STAU)
    stack.slurm.hold()
    place = globus_place(stack, workers_per_node=1, max_idletime=41)
    application = Application(folder / "quit", "globus")
    run = application.controller.start(plan_for(pallet, "globus", place, analysis=LOW_MASS))
    until(lambda: application.controller.snapshot(run).counts[TaskState.QUEUED] == 57, 60)
    until(lambda: any(isinstance(e, TasksAccepted) for e in application.events(run)), 60)
    begun = time.monotonic()
    application.controller.close()
    tell("quit", seconds=time.monotonic() - begun)
    stack.slurm.release()


def main() -> int:
    """Measure one after the other."""
    quick = "quick" in sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="fitgui-clusters-") as name, Stack() as stack:
        folder = Path(name)
        os.environ.update(stack.environment)
        tell("stack", **stack.seconds)
        there = globus_place(stack, workers_per_node=WORKERS)
        plan, found = list(whole(folder, "globus", there, ONE_LBB, "BkgOnly"))[-1]
        here = fit_here(plan, folder / "here", workers=WORKERS)
        assert_equal(found, here, within=1e-9)
        list(whole(folder, "parsl", parsl_place(workers=WORKERS), ONE_LBB, "BkgOnly"))
        submit_many(stack, folder)
        quit_with_tasks(stack, folder)
        if not quick:
            points = slice(0, 20)
            for backend, place in (("globus", there), ("parsl", parsl_place(workers=WORKERS))):
                plan, found = next(
                    whole(folder / "pyhf", backend, place, STAU, LOW_MASS, engine="pyhf", points=points)
                )
                if backend == "globus":
                    here = fit_here(plan, folder / "pyhf" / "here", workers=WORKERS)
                assert_equal(found, here, within=1e-6)
                tell(f"pyhf equal {backend}", points=len(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
