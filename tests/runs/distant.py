"""A backend whose tasks go on when the application ends: what a controller has to do with one."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from fitgui.runs.plan import RunPlan, make_plan
from fitgui_backends.contract import Capabilities, Emit, FitOptions, Health, Place, Plan, RunHandle, TaskState
from fitgui_backends.events import (
    PointFailed,
    PointFitted,
    RemoteTask,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)
from tests.runs.support import result_of, small_pallet

PLACE = Place(identifier="e-1", name="River")


@dataclass
class Cloud:
    """What the service keeps, whoever asks."""

    tasks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def take(self, points: Sequence[str]) -> TasksAccepted:
        """Each point is a task."""
        new = {f"t{next(self.numbers)}": (point,) for point in points}
        self.tasks.update(new)
        tasks = tuple(RemoteTask(identifier=name, points=points) for name, points in new.items())
        return TasksAccepted(group="g", place=PLACE.identifier, tasks=tasks, token="submission")


@dataclass
class DistantBackend:
    """One application's line to the cloud."""

    cloud: Cloud
    name: str = "globus"

    def __post_init__(self) -> None:
        self.submitted: list[tuple[str, ...]] = []
        self.reattached: list[tuple[TasksAccepted, ...]] = []
        self.cancelled: list[Collection[str] | None] = []
        self.closed = False
        self._emit: Emit = lambda _event: None
        self._own: dict[str, tuple[str, ...]] = {}

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=True,
            max_payload_bytes=None,
            max_workers=None,
            engines=("newton",),
        )

    def check(self) -> Health:
        return Health(ready=True, summary="ready")

    def warm_up(self) -> None:
        """There is nothing to start."""

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        self._emit = emit
        names = tuple(point.name for point in plan.points)
        self.submitted.append(names)
        emit(TaskStateChanged(points=names, state=TaskState.QUEUED))
        accepted = self.cloud.take(names)
        self._own.update({task.identifier: task.points for task in accepted.tasks})
        emit(accepted)
        return RunHandle(identifier=f"s{len(self.submitted)}")

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        self.reattached.append(tuple(accepted))
        covered = {point for event in accepted for task in event.tasks for point in task.points}
        left = [point.name for point in plan.points if point.name not in covered]
        self._emit = emit
        self._own = {task.identifier: task.points for event in accepted for task in event.tasks}
        if left:
            emit(self.cloud.take(left))
        return RunHandle(identifier=f"r{len(self.reattached)}")

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        self.cancelled.append(points)
        open_ = [name for names in self._own.values() for name in names]
        gone = tuple(open_ if points is None else [name for name in open_ if name in points])
        self._own = {task: names for task, names in self._own.items() if not set(names) & set(gone)}
        if gone:
            self._emit(TaskStateChanged(points=gone, state=TaskState.CANCELLED))

    def close(self) -> None:
        self.closed = True

    def answer(self, task: str, *, error: str = "") -> None:
        """The cloud answers a task, and this application hears it."""
        names = self._own.pop(task)
        self._emit(TaskTimed(task=task, points=names, worker="n:1", began=0.0, ended=1.0))
        for name in names:
            if error:
                self._emit(PointFailed(name=name, error=error))
            else:
                self._emit(PointFitted(result=result_of(name)))


def distant_plan(names: Collection[str] = ("a_1", "b_2", "c_3")) -> RunPlan:
    """A plan for it."""
    pallet = small_pallet(names)
    points = pallet.analyses[0].points
    return make_plan(pallet, pallet.analyses[0], points, FitOptions(), backend="globus", place=PLACE)
