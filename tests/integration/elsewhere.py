"""What tests of clusters do again and again: open an application, run a plan, look at what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from fitgui.pallets import Pallet, open_pallet
from fitgui.runs.backends import create_backend
from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal
from fitgui.runs.plan import RunPlan, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, Place, TaskState
from fitgui_backends.events import PointFitted, RunEvent, StampedEvent, TaskTimed
from fitgui_backends.results import FitResult
from tests.cluster.environments import worker_environment
from tests.cluster.stack import Stack

MINUTES = 60.0
STAU = "atlas-susy-2018-04-stau.tar.gz"
LOW_MASS = "Region-lowMass"


class Application:
    """One fitgui on a data folder, without a window: a controller with one backend."""

    def __init__(self, folder: Path, backend: str) -> None:
        self.backend = create_backend(backend, folder=folder)
        self.controller = RunController(Journal(folder / "journal.sqlite"), {backend: self.backend})

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.close()

    def finish(self, run: str, *, minutes: float = 4) -> RunSnapshot:
        """Wait for the end of a run; every point must have had one."""
        assert self.controller.wait(run, minutes * MINUTES), self.controller.snapshot(run).counts
        snapshot = self.controller.snapshot(run)
        assert not snapshot.counts[TaskState.QUEUED] + snapshot.counts[TaskState.RUNNING]
        return snapshot

    def events(self, run: str) -> list[RunEvent]:
        """Everything that is in the journal of a run."""
        assert self.controller.journal.flush(10)
        stamped: list[StampedEvent] = self.controller.journal.events(run)
        return [one.event for one in stamped]

    def fitted(self, run: str) -> list[str]:
        """The points that had a result, once for each time that one was counted."""
        return [event.result.name for event in self.events(run) if isinstance(event, PointFitted)]

    def timed(self, run: str) -> list[TaskTimed]:
        """The tasks that were answered."""
        return [event for event in self.events(run) if isinstance(event, TaskTimed)]

    def notices(self, run: str) -> list[str]:
        """What the user was told."""
        return [notice.text for notice in self.controller.snapshot(run).notices]


def globus_place(stack: Stack, **options: str | int | float | bool) -> Place:
    """The endpoint of the stack."""
    return Place(identifier=stack.endpoint_id, name="fitgui tests", options=options)


def parsl_place(*, workers: int = 2, **options: str | int | float | bool) -> Place:
    """Blocks of the private Slurm, with the workers of the stack's endpoint: they have fitgui-backends."""
    usual: dict[str, str | int | float | bool] = {
        "partition": "debug",
        "walltime": "00:10:00",
        "workers_per_node": workers,
        "max_blocks": 1,
        "exclusive": False,
        "worker_init": f"export PATH={worker_environment()}/bin:$PATH",
        "address": "127.0.0.1",
    }
    return Place(identifier="slurm", name="Slurm", options={**usual, **options})


def stau(folder: Path) -> Pallet:
    """The published search for staus."""
    return open_pallet(folder / STAU)


def plan_for(
    pallet: Pallet,
    backend: str,
    place: Place | None,
    *,
    analysis: str = LOW_MASS,
    points: slice = slice(None),
    **options: object,
) -> RunPlan:
    """A plan for some points of an analysis."""
    (chosen,) = [one for one in pallet.analyses if one.name == analysis]
    asked = FitOptions(**options)  # type: ignore[arg-type]
    return make_plan(pallet, chosen, chosen.points[points], asked, backend=backend, place=place)


def results(snapshot: RunSnapshot) -> dict[str, FitResult]:
    """By point; every point must have one."""
    failed = {name: status.error for name, status in snapshot.points.items() if status.error}
    assert not failed
    return {name: status.result for name, status in snapshot.points.items() if status.result is not None}


def fit_here(plan: RunPlan, folder: Path, *, workers: int = 2) -> dict[str, FitResult]:
    """The same points on this machine."""
    own = msgspec.structs.replace(plan.plan, place=None, workers=workers)
    here = msgspec.structs.replace(plan, backend="local", plan=own)
    with Application(folder, "local") as application:
        return results(application.finish(application.controller.start(here)))


def assert_equal(found: dict[str, FitResult], expected: dict[str, FitResult], *, within: float) -> None:
    """CLs, observed and expected, agree."""
    assert found.keys() == expected.keys()
    worst = max(
        abs(own - other)
        for name, result in found.items()
        for own, other in zip(_cls(result), _cls(expected[name]), strict=True)
    )
    assert worst <= within


def _cls(result: FitResult) -> Sequence[float]:
    return (result.cls_obs, *result.cls_exp)
