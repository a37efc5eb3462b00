"""A cluster as the books of a run see it: it takes parcels, and answers them as a test wants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint, Place, Plan, TaskState
from fitgui_backends.events import (
    BackendEvent,
    Notice,
    PointFailed,
    PointFitted,
    TasksAccepted,
    TaskStateChanged,
)
from fitgui_backends.fitting import Failure
from fitgui_backends.remote.messages import Accepted, Arrived
from fitgui_backends.remote.packing import FORMAT, pack
from fitgui_backends.remote.parcels import Parcel
from fitgui_backends.remote.run import RemoteRun
from fitgui_backends.results import FitResult, Seconds, TwiceNll

WORKER = "node7:4711"


def plan_of(number: int, *, seconds: float = 0.25, workers: int = 2, **options: Any) -> Plan:
    """Points p0, p1 ... that take so long each, for so many workers."""
    return Plan(
        workspace=json.dumps({"channels": []}).encode(),
        workspace_digest="d" * 64,
        points=tuple(FitPoint(name=f"p{i}", operations=b"[]") for i in range(number)),
        options=FitOptions(**options),
        place=Place(identifier="there", name="There", options={"workers_per_node": workers}),
        seconds_per_point=seconds,
    )


def result(name: str, seconds: float = 0.1) -> FitResult:
    """A result as a worker gives it."""
    return FitResult(
        name=name,
        cls_obs=0.5,
        cls_exp=(0.1, 0.2, 0.3, 0.4, 0.5),
        mu_hat=0.0,
        twice_nll=TwiceNll(),
        converged=True,
        seconds=Seconds(model=0.01, fit=seconds),
    )


def interpret(entry: Mapping[str, Any]) -> FitResult | Failure:
    """As the application does with entries of workers that have fitgui-backends."""
    if entry["kind"] == "failure":
        return Failure(entry["name"], entry["error"], entry["seconds"])
    return msgspec.convert(entry["result"], FitResult)


def answer_of(names: Iterable[str], *, failed: Iterable[str] = (), began: float = 1000.0) -> dict[str, Any]:
    """The answer of a worker that fitted these points, some of them in vain."""
    bad = set(failed)
    entries: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        if name in bad:
            entries.append({"kind": "failure", "name": name, "error": "It cannot be fitted.", "seconds": 0.1})
        else:
            done = msgspec.to_builtins(result(name))
            entries.append({"kind": "result", "began": 0.1 * number, "result": done})
    return {
        "format": FORMAT,
        "worker": WORKER,
        "block": "17",
        "began": began,
        "ended": began + 0.1 * len(entries) + 0.01,
        "unpack": 0.01,
        "versions": {"pyhf": "0.7.6"},
        "answers": pack(entries),
    }


class Cluster:
    """Takes what a run sends, and keeps what the run tells."""

    def __init__(self, plan: Plan, accepted: Sequence[TasksAccepted] = ()) -> None:
        self.events: list[BackendEvent] = []
        self.run = RemoteRun("run", plan, self.events.append, interpret)
        self.sent: list[Parcel] = []
        """That were sent, and were neither accepted nor answered."""
        self.away: dict[str, Parcel] = {}
        """That were accepted, and have no answer; by key."""
        self._number = 100 * len(accepted)
        if accepted:
            self.groups = self.run.go_on(accepted)
        else:
            self.run.begin()
        self.collect()

    def collect(self) -> list[Parcel]:
        """Take everything that waits to be sent."""
        new = []
        while (parcel := self.run.next_parcel(attach=lambda number: number < 2)) is not None:
            new.append(parcel)
        self.sent += new
        return new

    def accept(self, parcels: Sequence[Parcel] | None = None) -> None:
        """Take some of what was sent, or all, in one request."""
        taken = list(self.sent) if parcels is None else list(parcels)
        if not taken:
            return
        tasks = {}
        for parcel in taken:
            self._number += 1
            tasks[parcel.key] = f"task-{self._number}"
            self.sent.remove(parcel)
            self.away[parcel.key] = parcel
        self.run.accepted(Accepted(run="run", group="group", tasks=tasks, sent_bytes=10, seconds=0.2))

    def answer(self, parcel: Parcel, *, failed: Iterable[str] = ()) -> None:
        """Answer all points of a parcel."""
        self.away.pop(parcel.key, None)
        self.arrive(parcel.key, answer=answer_of(parcel.names, failed=failed))

    def trouble(self, parcel: Parcel, kind: str, error: str = "The worker node7 was lost.") -> None:
        """Tell what became of a parcel otherwise."""
        self.away.pop(parcel.key, None)
        self.arrive(parcel.key, trouble=kind, error=error)

    def arrive(self, key: str, **content: Any) -> None:
        """Any message about a parcel."""
        self.run.arrived(Arrived(run="run", key=key, **content))
        self.collect()

    def finish(self) -> None:
        """Accept and answer whatever is left, until the run is over."""
        for _ in range(100):
            self.collect()
            self.accept()
            for parcel in list(self.away.values()):
                self.answer(parcel)
            if not self.sent and not self.away:
                return
        raise AssertionError("the run does not come to its end")

    @property
    def fitted(self) -> list[str]:
        """Names of the points with a result, in the order of the events."""
        return [event.result.name for event in self.events if isinstance(event, PointFitted)]

    @property
    def failed(self) -> dict[str, str]:
        """Why points failed."""
        return {event.name: event.error for event in self.events if isinstance(event, PointFailed)}

    @property
    def notices(self) -> list[str]:
        """What the user was told."""
        return [event.text for event in self.events if isinstance(event, Notice)]

    def ends(self) -> Counter[str]:
        """How many final events each point had."""
        count: Counter[str] = Counter(self.fitted)
        count.update(event.name for event in self.events if isinstance(event, PointFailed))
        for event in self.events:
            if isinstance(event, TaskStateChanged) and event.state is TaskState.CANCELLED:
                count.update(event.points)
        return count
