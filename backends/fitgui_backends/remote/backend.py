"""What the backends of clusters have in common: a courier, runs, and a thread that packs what they send."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from fitgui_backends.contract import (
    BackendError,
    Capabilities,
    Emit,
    Health,
    Need,
    Place,
    PlaceInfo,
    Plan,
    RunHandle,
)
from fitgui_backends.engines import FitError, available_engines, load_engine
from fitgui_backends.events import TasksAccepted
from fitgui_backends.remote.courier import Courier, CourierError
from fitgui_backends.remote.functions import result_of
from fitgui_backends.remote.messages import (
    Accepted,
    Arrived,
    Forget,
    FromCourier,
    Ready,
    Refused,
    Said,
    Send,
    States,
    Surroundings,
    Task,
    Watch,
)
from fitgui_backends.remote.requests import Packed, Workspaces, stop_request
from fitgui_backends.remote.run import RemoteRun

MOST_SENT_BYTES = 8 << 20
"""In one message to the courier, so that the first tasks are on their way while the last are packed."""
MOST_SENT_TASKS = 250
RESTARTS = 3
"""Couriers in a row that end without having said anything; then something is wrong with the installation."""
TRY_OUT_SECONDS = 1800.0
"""A check task may wait for a node for a while."""
STOP_PRIORITY = -1
MOST_DISCARDED = 20
CLOSE_SECONDS = 0.7
"""For a request that is on its way; what the service took of it is found again."""

_log = logging.getLogger(__name__)


class RemoteBackend:
    """Fits points on a cluster, through a courier that is started when it is needed.

    Args:
        folder: For small files of the courier; made when needed.
        settings: For its factory, beside the folder.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """For people."""
    factory: ClassVar[str]
    """Makes the service in the courier: ``module:function``."""
    survives: ClassVar[bool]
    """Whether tasks go on when the application ends."""
    most_payload: ClassVar[int | None]

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._settings = {"folder": str(folder), **settings}
        self._runs: dict[str, RemoteRun] = {}
        self._courier: Courier | None = None
        self._silent_ends = 0
        self._closed = False
        self._lock = threading.RLock()
        self._workspaces = Workspaces()
        self._to_pack: queue.SimpleQueue[RemoteRun | None] = queue.SimpleQueue()
        self._packer: threading.Thread | None = None
        self._numbers = itertools.count(1)
        self._discarded: dict[str, RemoteRun] = {}
        """Cancelled runs, the newest: the courier may have said something of them before it heard of that."""
        self._untold: set[str] = set()
        """Requests to stop that the service has not taken yet."""
        self._told = threading.Condition()

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=self.survives,
            max_payload_bytes=self.most_payload,
            max_workers=None,
            engines=available_engines(),
        )

    def missing(self) -> Health | None:
        """What is not installed on this machine, in words; imports nothing that is slow."""
        raise NotImplementedError

    def check(self) -> Health:
        """Whether it is installed; asks nobody."""
        return self.missing() or Health(ready=True, summary="installed", needs=Need.PLACE)

    def warm_up(self) -> None:
        """Start the courier now, for its library takes a second to import."""
        if self.missing() is None:
            threading.Thread(target=self._start, name=f"fitgui {self.name} warm-up", daemon=True).start()

    def places(self, first: Sequence[str] = ()) -> tuple[PlaceInfo, ...]:
        """What the user may choose from, with its status now.

        Args:
            first: Identifiers of places that stand at the beginning, whether or not they would be listed.

        Raises:
            BackendError: in words.
        """
        return msgspec.convert(self._ask("places", first=list(first)), tuple[PlaceInfo, ...])

    def form(self, place: str) -> Mapping[str, Any]:
        """JSON schema of the options of a place.

        Raises:
            BackendError: in words.
        """
        schema: Mapping[str, Any] = self._ask("form", place=place)
        return schema

    def health_of(self, place: Place) -> Health:
        """Whether the place can be used now.

        Raises:
            BackendError: in words.
        """
        return self._health("health", place=msgspec.to_builtins(place))

    def try_out(self, place: Place) -> Health:
        """Run the check task on a worker of the place.

        Raises:
            BackendError: in words.
        """
        said = self._ask("try_out", TRY_OUT_SECONDS, place=msgspec.to_builtins(place))
        if not isinstance(said, Mapping):
            raise CourierError("The worker answered the check with something that is no report.")
        details = {str(what): str(its) for what, its in said.items()}
        where = details.get("host", "a worker")
        return Health(ready=True, summary=f"a worker answered from {where}", details=details)

    def give_up_try_out(self, place: Place) -> None:
        """End checks of a place that wait for a worker; :meth:`try_out` says so then."""
        courier = self._courier
        if courier is not None:
            with suppress(BackendError):
                courier.ask("cancel_try_out", place=msgspec.to_builtins(place))

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        """Take a plan and return at once.

        Raises:
            BackendError: if nothing of it was accepted.
        """
        run = self._take(plan, emit)
        run.begin()
        self._to_pack.put(run)
        return RunHandle(identifier=run.identifier)

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        """Go on with tasks of an earlier application; what is in none of them is submitted.

        Raises:
            BackendError: if nothing of the plan was accepted.
        """
        if not self.survives:
            return self.submit(plan, emit)
        run = self._take(plan, emit)
        groups = run.go_on(accepted)
        if groups:
            courier = self._start()
            if courier is not None:
                courier.tell(Watch(run=run.identifier, place=_place(plan), groups=groups))
        self._to_pack.put(run)
        return RunHandle(identifier=run.identifier)

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        """Discard the named points, or all that are not final.

        If nothing else is wanted of the run, workers are told to stop. A worker hears of it between two
        points, where the workers of the place share a folder; without that, and where none is free, tasks end
        when they are done, or with their block.
        """
        run = self._runs.get(handle.identifier)
        if run is None:
            return
        away, over = run.cancel(points)
        courier = self._courier
        if over and courier is not None:
            courier.tell(Forget(run=run.identifier))
            self._discarded[run.identifier] = run
            while len(self._discarded) > MOST_DISCARDED:
                self._discarded.pop(next(iter(self._discarded)))
            if away:
                self._tell_to_stop(run, courier, run.tokens)
                run.say("info", self._about_stopping(away))
        self._sweep()

    def settle(self, seconds: float) -> bool:
        """Wait until the service has every request to stop that cancelling has made; closing waits little.

        Args:
            seconds: At most.

        Returns:
            Whether it has.
        """
        with self._told:
            return self._told.wait_for(lambda: not self._untold, seconds)

    def close(self) -> None:
        """Let go: of runs that survive, points stay as they are; all others are cancelled."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            courier = self._courier
        self._to_pack.put(None)
        if not self.survives:
            for run in tuple(self._runs.values()):
                run.cancel(None)
        if courier is not None:
            if self.survives:
                self.settle(CLOSE_SECONDS)
            courier.close()
            if self.survives and not courier.join(CLOSE_SECONDS):
                courier.kill()  # it holds nothing that would be lost

    # Of the courier

    def _ask(self, method: str, timeout: float | None = 120.0, **arguments: Any) -> Any:
        courier = self._start()
        if courier is None:
            raise CourierError(f"{self.title} is closed: start the application again.")
        return courier.ask(method, timeout, **arguments)

    def _health(self, method: str, timeout: float | None = 120.0, **arguments: Any) -> Health:
        return msgspec.convert(self._ask(method, timeout, **arguments), Health)

    def _start(self) -> Courier | None:
        """The courier, started if there is none.

        Raises:
            BackendError: if it is not installed, or cannot be started.
        """
        with self._lock:
            if self._courier is None and not self._closed:
                missing = self.missing()
                if missing is not None:
                    raise CourierError(f"{self.title}: {missing.summary}. {missing.remedy}", missing.needs)
                self._courier = Courier(self.title, self.factory, self._settings, self._hear, self._lost)
            return self._courier

    def _hear(self, message: FromCourier) -> None:
        if not isinstance(message, Ready):
            self._silent_ends = 0
        if isinstance(message, Accepted | Refused | Arrived):
            self._settle(message.run)
        match message:
            case Accepted() if message.run in self._discarded:
                self._stop_late(message.run)
            case Accepted():
                self._with(message.run, lambda run: run.accepted(message))
            case Refused():
                self._with(message.run, lambda run: run.refused(message))
            case Arrived():
                self._with(message.run, lambda run: run.arrived(message))
            case States():
                self._with(message.run, lambda run: run.states(message))
            case Surroundings() | Said():
                self._tell_concerned(message)

    def _settle(self, key: str) -> None:
        """The service has a request to stop, or will not have it."""
        if key in self._untold:
            with self._told:
                self._untold.discard(key)
                self._told.notify_all()

    def _tell_concerned(self, message: Surroundings | Said) -> None:
        for run in tuple(self._runs.values()):
            if isinstance(message, Said):
                if message.run in ("", run.identifier):
                    run.say(message.level, message.text)
            elif _place(run.plan).identifier == message.place:
                run.surroundings(message)

    def _with(self, identifier: str, act: Any) -> None:
        run = self._runs.get(identifier)
        if run is None:
            return
        act(run)
        stale, courier = run.take_stale_tokens(), self._courier
        if stale and courier is not None:
            self._tell_to_stop(run, courier, stale)
        if run.is_over:
            self._sweep()
        elif run.waits:
            self._to_pack.put(run)

    def _lost(self) -> None:
        """The courier has died: another one takes its place."""
        with self._lock:
            self._courier = None
            self._silent_ends += 1
            given_up = self._silent_ends > RESTARTS
            if self._closed:
                return
        runs = tuple(self._runs.values())
        if not runs:
            return
        if given_up:
            for run in runs:
                run.fail_all(
                    f"The process for {self.title} ended {self._silent_ends} times without a word: check the"
                    f" installation with `fitgui backends check {self.name}`."
                )
            self._sweep()
            return
        _log.warning("the courier for %s has died", self.name)
        try:
            courier = self._start()
        except BackendError as error:
            for run in runs:
                run.fail_all(str(error))
            self._sweep()
            return
        for run in runs:
            run.say("warning", f"The process for {self.title} ended unexpectedly and was started again.")
            if not self.survives:
                run.send_back()
            elif (groups := run.handed_over()) and courier is not None:
                courier.tell(Watch(run=run.identifier, place=_place(run.plan), groups=groups))
            self._to_pack.put(run)

    # Of runs

    def _take(self, plan: Plan, emit: Emit) -> RemoteRun:
        if self._closed:
            raise BackendError(f"{self.title} is closed: start the application again.")
        self._examine(plan)
        missing = self.missing()
        if missing is not None:
            raise CourierError(f"{missing.summary}. {missing.remedy}", missing.needs)
        run = RemoteRun(uuid.uuid4().hex, plan, emit, lambda entry: result_of(entry, plan.options))
        with self._lock:
            self._runs[run.identifier] = run
            if self._packer is None:
                self._packer = threading.Thread(
                    target=self._pack_for_ever, name=f"fitgui {self.name} packer", daemon=True
                )
                self._packer.start()
        return run

    def _examine(self, plan: Plan) -> None:
        if not plan.points:
            raise BackendError("The plan holds no points.")
        if len({point.name for point in plan.points}) < len(plan.points):
            raise BackendError("The plan holds two points of the same name.")
        if not _place(plan).identifier:
            raise CourierError(f"No place is chosen for {self.title}: choose one.", Need.PLACE)
        try:
            load_engine(plan.options.engine).check_options(plan.options)
        except FitError as error:
            raise BackendError(str(error)) from error

    def _sweep(self) -> None:
        with self._lock:
            for identifier in [identifier for identifier, run in self._runs.items() if run.is_over]:
                del self._runs[identifier]

    def _tell_to_stop(self, run: RemoteRun, courier: Courier, tokens: Collection[str]) -> None:
        request, size = stop_request(tokens)
        key = f"stop/{run.identifier}/{next(self._numbers)}"
        task = Task(key=key, request=request, size=size, priority=STOP_PRIORITY)
        with self._told:
            self._untold.add(key)
        courier.tell(Send(run=key, place=_place(run.plan), function="stop", tasks=(task,)))

    def _stop_late(self, identifier: str) -> None:
        """The service had taken tasks of a run when it was cancelled, and says so only now."""
        run, courier = self._discarded.get(identifier), self._courier
        if run is not None and courier is not None:
            self._tell_to_stop(run, courier, run.tokens)

    def _about_stopping(self, away: int) -> str:
        points = "point" if away == 1 else "points"
        return (
            f"{away} {points} had been handed over: workers are told to stop before their next point; one"
            " that does not hear of it ends with its task, or with its block. Their answers are discarded."
        )

    def _pack_for_ever(self) -> None:
        while (run := self._to_pack.get()) is not None and not self._closed:
            try:
                self._pack(run)
            except Exception as error:  # noqa: BLE001  (the thread that dies of a bug tells nobody)
                _log.exception("packing")
                run.fail_all(
                    str(error)
                    if isinstance(error, BackendError)
                    else f"The points could not be packed ({type(error).__name__}): please report it."
                )
                self._sweep()

    def _pack(self, run: RemoteRun) -> None:
        """Everything that waits in a run goes to the courier."""
        packed: Packed | None = None
        tasks: list[Task] = []
        size = 0
        while not self._closed:
            if packed is None:
                packed = self._workspaces.packed_for(run)
            parcel = run.next_parcel(attach=packed.attach)
            if parcel is not None:
                request, bytes_ = packed.request(run, parcel)
                tasks.append(Task(key=parcel.key, request=request, size=bytes_))
                size += bytes_
            if run.is_over:  # cancelled meanwhile
                return
            if tasks and (parcel is None or size >= MOST_SENT_BYTES or len(tasks) >= MOST_SENT_TASKS):
                courier = self._start()
                if courier is not None:
                    place = _place(run.plan)
                    courier.tell(Send(run=run.identifier, place=place, function="fit", tasks=tuple(tasks)))
                tasks, size = [], 0
            if parcel is None:
                return


def _place(plan: Plan) -> Place:
    return plan.place or Place()
