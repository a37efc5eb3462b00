"""A small backend in threads of this process, and plans for it: what stands next to the thing under test."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from fitgui.pallets.model import Analysis, Channel, Pallet, PatchSet, SignalPoint
from fitgui.runs.plan import RunPlan, make_plan
from fitgui_backends.contract import (
    BackendError,
    Capabilities,
    Emit,
    FitOptions,
    Health,
    Plan,
    RunHandle,
    TaskState,
)
from fitgui_backends.events import BackendEvent, PointFailed, PointFitted, TasksAccepted, TaskStateChanged
from fitgui_backends.results import FitResult, Seconds, TwiceNll


def result_of(name: str, cls: float = 0.2, seconds: float = 0.5) -> FitResult:
    return FitResult(
        name=name,
        cls_obs=cls,
        cls_exp=(0.01, 0.03, 0.1, 0.3, 0.6),
        mu_hat=0.5,
        twice_nll=TwiceNll(free=10.0, mu0=11.0, mu1=12.0, asimov_mu1=13.0),
        converged=True,
        seconds=Seconds(queued=0.1, model=0.1, fit=seconds, total=seconds + 0.2),
        worker="here:1",
    )


@dataclass
class ThreadBackend:
    """Fits points one after another per run (or some at once), in a thread: an honest backend."""

    name: str = "local"
    failing: set[str] = field(default_factory=set)
    refuses: bool = False
    gate: threading.Semaphore | None = None
    """Acquired once for each point, where given: a test decides how far the run goes."""
    twice: bool = False
    """Misbehave: report every end twice."""
    chunk: int = 1
    """Points that its worker takes at once."""

    def __post_init__(self) -> None:
        self.submitted: list[tuple[str, ...]] = []
        self._cancelled: dict[str, set[str]] = {}
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=False,
            max_payload_bytes=None,
            max_workers=1,
            engines=("newton", "pyhf"),
        )

    def check(self) -> Health:
        return Health(ready=True, summary="ready")

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        if self.refuses:
            raise BackendError("the backend takes nothing today: come back tomorrow")
        handle = RunHandle(identifier=f"h{len(self.submitted)}")
        names = tuple(point.name for point in plan.points)
        self.submitted.append(names)
        self._cancelled[handle.identifier] = set()
        emit(TaskStateChanged(points=names, state=TaskState.QUEUED))
        thread = threading.Thread(target=self._fit, args=(handle, names, emit), daemon=True)
        self._threads.append(thread)
        thread.start()
        return handle

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        with self._lock:
            self._cancelled[handle.identifier].update({"*"} if points is None else points)

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        raise BackendError("nothing is kept")

    def warm_up(self) -> None:
        """There is nothing to start."""

    @property
    def is_closed(self) -> bool:
        return self._closing.is_set() and not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join(10)

    def _fit(self, handle: RunHandle, names: tuple[str, ...], emit: Emit) -> None:
        for begin in range(0, len(names), self.chunk):
            chunk = names[begin : begin + self.chunk]
            open_ = tuple(name for name in chunk if not self._is_cancelled(handle, name))
            if open_:
                emit(TaskStateChanged(points=open_, state=TaskState.RUNNING, worker="here:1"))
            for name in open_:
                self._wait(handle, name)
            for name in chunk:
                self._end(handle, name, emit)

    def _end(self, handle: RunHandle, name: str, emit: Emit) -> None:
        end: BackendEvent
        if self._is_cancelled(handle, name):
            end = TaskStateChanged(points=(name,), state=TaskState.CANCELLED)
        elif name in self.failing:
            end = PointFailed(name=name, error=f"{name} cannot be fitted: it is made to fail")
        else:
            end = PointFitted(result=result_of(name))
        for _ in range(2 if self.twice else 1):
            emit(end)

    def _wait(self, handle: RunHandle, name: str) -> None:
        while self.gate is not None and not self._is_cancelled(handle, name):
            if self.gate.acquire(timeout=0.01):
                return

    def _is_cancelled(self, handle: RunHandle, name: str) -> bool:
        with self._lock:
            return self._closing.is_set() or not self._cancelled[handle.identifier].isdisjoint({"*", name})


def small_pallet(names: Collection[str] = ("a_1", "b_2", "c_3"), *, bump: float = 1.0) -> Pallet:
    """A pallet of one analysis with a channel of one bin; each point adds a signal of its own size."""
    workspace = {
        "version": "1.0.0",
        "channels": [
            {
                "name": "SR",
                "samples": [
                    {
                        "name": "bkg",
                        "data": [50.0],
                        "modifiers": [{"name": "err", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}],
                    }
                ],
            }
        ],
        "observations": [{"name": "SR", "data": [52.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
    }
    points = []
    for number, name in enumerate(names):
        signal = {
            "name": "signal",
            "data": [bump * (number + 5)],
            "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
        }
        operation = {"op": "add", "path": "/channels/0/samples/1", "value": signal}
        points.append(
            SignalPoint(name, {"m": float(number)}, json.dumps([operation]).encode(), patch_set="signals")
        )
    patch_set = PatchSet("signals", "", ("m",), tuple(points), digest_verified=None)
    analysis = Analysis(
        name="counting",
        path="counting.json",
        workspace=workspace,
        workspace_json=json.dumps(workspace).encode(),
        digest="0" * 64,
        channels=(Channel("SR", 1, ("bkg",)),),
        parameters=2,
        poi="mu",
        measurements=("m",),
        patch_sets=(patch_set,),
    )
    return Pallet(name="small", source="small.json", digest=f"{bump}", analyses=(analysis,))


def small_plan(names: Collection[str] = ("a_1", "b_2", "c_3")) -> RunPlan:
    pallet = small_pallet(names)
    return make_plan(pallet, pallet.analyses[0], pallet.analyses[0].points, FitOptions(), workers=1)
