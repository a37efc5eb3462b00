"""Plans that fit in milliseconds or in seconds, a backend that is closed again, a receiver that can wait."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fitgui_backends.contract import FitOptions, FitPoint, Plan, TaskState
from fitgui_backends.events import BackendEvent, Notice, PointFailed, PointFitted, TaskStateChanged
from fitgui_backends.local import LocalBackend
from fitgui_backends.results import FitResult
from tests.builders import digest_of, make_operations, make_workspace

PATIENCE = 60.0
"""Seconds after which a test gives up waiting; never reached by a test that passes."""


class Receiver:
    """Takes events from any thread, checks their order at once, and lets a test wait for what it needs."""

    def __init__(self, plan: Plan) -> None:
        self.events: list[BackendEvent] = []
        self.states: dict[str, TaskState | None] = {point.name: None for point in plan.points}
        self.complaints: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, event: BackendEvent) -> None:
        with self._changed:
            self.events.append(event)
            if isinstance(event, TaskStateChanged):
                for name in event.points:
                    self._move(name, event.state)
            elif isinstance(event, PointFitted):
                self._move(event.result.name, TaskState.DONE)
            elif isinstance(event, PointFailed):
                self._move(event.name, TaskState.FAILED)
            self._changed.notify_all()

    def _move(self, name: str, state: TaskState) -> None:
        before = self.states[name]
        if before is not None and before.is_final:
            self.complaints.append(f"{name}: {state} after {before}")
        if state is TaskState.DONE and before is not TaskState.RUNNING:
            self.complaints.append(f"{name}: done without running")
        self.states[name] = state

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Wait until the condition holds after an event, and give what it returned."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), f"{what}: {self.counts} {self.events[-3:]}"
            return condition()

    def finish(self) -> None:
        """Wait for the last point; then every point must have had exactly one final event."""
        self.wait(
            lambda: all(state is not None and state.is_final for state in self.states.values()), "finish"
        )
        assert self.complaints == []
        finals = Counter(name for event in self.events for name in _final(event))
        assert finals == Counter(dict.fromkeys(self.states, 1))

    def worker_of(self, name: str) -> int:
        """Wait until the point runs, and give the process id of its (latest) worker."""
        self.wait(lambda: self.states[name] is TaskState.RUNNING, f"{name} to run")
        return [int(e.worker.rpartition(":")[2]) for e in self._runs() if name in e.points][-1]

    def _runs(self) -> list[TaskStateChanged]:
        return [e for e in self.events if isinstance(e, TaskStateChanged) and e.state is TaskState.RUNNING]

    @property
    def counts(self) -> Counter[TaskState | None]:
        return Counter(self.states.values())

    @property
    def results(self) -> dict[str, FitResult]:
        return {e.result.name: e.result for e in self.events if isinstance(e, PointFitted)}

    @property
    def failures(self) -> dict[str, PointFailed]:
        return {e.name: e for e in self.events if isinstance(e, PointFailed)}

    @property
    def notices(self) -> list[str]:
        return [e.text for e in self.events if isinstance(e, Notice)]

    @property
    def running(self) -> list[str]:
        return [name for name, state in self.states.items() if state is TaskState.RUNNING]


def _final(event: BackendEvent) -> tuple[str, ...]:
    if isinstance(event, PointFitted):
        return (event.result.name,)
    if isinstance(event, PointFailed):
        return (event.name,)
    if isinstance(event, TaskStateChanged) and event.state.is_final:
        return event.points
    return ()


PlanMaker = Callable[..., Plan]


@pytest.fixture
def make_plan() -> PlanMaker:
    """Plans on a generated workspace: ``bins`` sets how long a point takes (3: 10 ms, 60: seconds).

    Points that are meant to take long are left to pyhf; newton needs milliseconds for all of them.
    """

    def make(points: int = 3, *, bins: int = 3, workers: int | None = None, **options: Any) -> Plan:
        options.setdefault("engine", "newton" if bins <= 3 else "pyhf")
        expected = [20.0 + 3 * (bin_ % 7) for bin_ in range(bins)]
        workspace = make_workspace({"SR": expected, "CR": [80.0]})
        return Plan(
            workspace=json.dumps(workspace).encode(),
            workspace_digest=digest_of(workspace),
            points=tuple(
                FitPoint(
                    name=f"point_{number}",
                    operations=json.dumps(make_operations(workspace, scale=1 + number % 5)).encode(),
                )
                for number in range(points)
            ),
            options=FitOptions(**options),
            workers=workers,
        )

    return make


@pytest.fixture(scope="module")
def backend() -> Iterator[LocalBackend]:
    """Two warm workers for all tests of a module; faults in one test must not harm the next."""
    local = LocalBackend(workers=2)
    yield local
    local.close()
