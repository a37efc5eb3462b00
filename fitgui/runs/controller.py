"""Starts, resumes, cancels, retries and checks runs, and tells whoever listens what has happened.

Listeners hear of an event after it is on disk. One exception: when the journal cannot be written, they are
told so by a notice with the sequence 0, which belongs to no journal.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

import msgspec

from fitgui.pallets.model import Pallet
from fitgui.runs.backends import create_checker
from fitgui.runs.checker import Checker, MakeChecker, given_up, waiting
from fitgui.runs.experience import seconds_per_point
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.live import LiveRun
from fitgui.runs.plan import Check, RunError, RunPlan
from fitgui.runs.receipts import open_tasks
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, BackendError, Emit, Plan, RunHandle, TaskState
from fitgui_backends.events import Notice, StampedEvent, TasksAccepted

Listener = Callable[[str, tuple[StampedEvent, ...]], None]

_UNFINISHED = (TaskState.QUEUED, TaskState.RUNNING, TaskState.FAILED, TaskState.CANCELLED)
_RETRIED = (TaskState.FAILED, TaskState.CANCELLED)
T = TypeVar("T")
_log = logging.getLogger(__name__)


class RunController:
    """The one place through which runs are started and stopped; safe to use from any thread.

    Args:
        journal: where runs are kept; closed with the controller.
        backends: by name; closed with the controller.
        make_checker: makes the backend of a check, from the name of its engine.
    """

    def __init__(
        self,
        journal: Journal,
        backends: Mapping[str, Backend],
        *,
        make_checker: MakeChecker = create_checker,
    ) -> None:
        self.journal = journal
        self.backends = backends
        self._live: dict[str, LiveRun] = {}
        self._snapshots: dict[str, RunSnapshot] = {}
        self._listeners: dict[object, Listener] = {}
        self._lock = threading.Lock()
        self._recorded = threading.Condition(self._lock)
        self._checker = Checker(
            make_checker, lambda run_id: self.snapshot(run_id, unwritten=True), self._is_idle
        )
        self._wanted: dict[str, Check] = {}
        """Checks that wait for the end of their run."""
        journal.on_committed = self._committed
        journal.on_trouble = self._troubled

    def start(self, plan: RunPlan) -> str:
        """Start a run.

        Returns:
            The name of the run: short, and in the order of time.

        Raises:
            RunError: if the backend does not take it, or the journal does not.
        """
        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        run = LiveRun(
            run_id,
            plan,
            lambda events: self.journal.append(run_id, events),
            on_finished=self._run_finished,
        )
        with self._lock:
            self._snapshots[run_id] = RunSnapshot(plan.points)
            self._live[run_id] = run
        try:
            self._hand_over(run, (TaskState.QUEUED,), None, new=True)
        except RunError:
            with self._lock:
                del self._live[run_id], self._snapshots[run_id]
                self._wanted.pop(run_id, None)
            raise
        return run_id

    def resume(
        self,
        run_id: str,
        pallet: Pallet | None = None,
        *,
        workers: int | None = None,
        timeout_seconds: float | None = None,
        check: Check | None = None,
    ) -> str:
        """Go on with every point that has no result: never begun, in flight at the end, cancelled or failed.

        A check that the run was started with, and that has not come to its end, is gone on with too.

        Args:
            run_id: a run of this or of an earlier process.
            pallet: the pallet, opened again; may be left out for a run of this process.
            workers: how many points at once from now on; ``None`` leaves it.
            timeout_seconds: for each point from now on; zero waits for ever, ``None`` leaves it.
            check: check the results afterwards; ``None`` leaves it at what the run was started with.

        Returns:
            The name of the run. If nothing is left to do, the run is over at once.

        Raises:
            RunError: if there is no such run, a process that is alive works on it, or the pallet is another.
        """
        run = self._live.get(run_id)
        if run is None:
            run = self._adopt(run_id, pallet)
        run.plan = run.plan.adapted(workers=workers, timeout_seconds=timeout_seconds)
        asked = check is not None and check != run.plan.check
        if check is not None:
            run.plan = msgspec.structs.replace(run.plan, check=check)
        accepted = self._accepted(run)
        if not self._hand_over(run, _UNFINISHED, None, check_again=asked, accepted=accepted):
            left = run.plan.check if asked or self.snapshot(run_id).check_state != "done" else None
            if left is not None and run.finished.is_set():
                self._checker.ask(run, left)
        return run_id

    def check(self, run_id: str, check: Check, pallet: Pallet | None = None) -> None:
        """Have a sample of the results fitted again by the other engine; returns at once.

        It begins when no run is being fitted, and is given up when one is started. What is compared already
        is not done again.

        Args:
            run_id: a run of this or of an earlier process; one that goes on is checked at its end.
            check: how many points, and which.
            pallet: the pallet, opened again; may be left out for a run of this process.

        Raises:
            RunError: if there is no such run, another process works on it, the pallet is another, or the
                check has no points.
        """
        if check.points < 1:
            raise RunError(f"a check needs at least one point, not {check.points}")
        run = self._live.get(run_id)
        if run is None:
            run = self._adopt(run_id, pallet)
        with self._lock:
            goes_on = not run.finished.is_set()
            if goes_on:
                self._wanted[run_id] = check
        if goes_on:
            run.report(waiting(run, check))
            if run.finished.is_set():  # in this very moment
                self._begin_check(run)
        else:
            self._checker.ask(run, check)

    def give_up_check(self, run_id: str) -> None:
        """Give up the check of a run: while it waits for the run's end, which goes on, or later."""
        run = self._live.get(run_id)
        if run is not None:
            self._give_up_check(run, "it was cancelled")

    def is_checking(self, run_id: str) -> bool:
        """Whether a check of the run waits, for the run's end too, or is going on."""
        run = self._live.get(run_id)
        return run is not None and (run_id in self._wanted or self._checker.is_checking(run))

    def wait_check(self, run_id: str, timeout: float | None = None) -> bool:
        """Wait until the check of a finished run is done or given up, and on disk.

        Returns:
            Whether it came to that in time.
        """
        run = self._live.get(run_id)
        if run is None:
            return True
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._recorded:
            if not self._recorded.wait_for(lambda: run_id not in self._wanted, timeout):
                return False
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not self._checker.wait(run, left):
            return False
        return self.wait(run_id, None if deadline is None else max(0.0, deadline - time.monotonic()))

    def cancel(self, run_id: str, points: Collection[str] | None = None) -> None:
        """Cancel some points, or all that are not final; done points stay done.

        Cancelling all of a run gives up its check, too.
        """
        run = self._live.get(run_id)
        if run is not None:
            if points is None:
                self._give_up_check(run, "the run was cancelled")
            backend = self.backends[run.plan.backend]
            for handle in run.handles():
                backend.cancel(handle, points)

    def retry_failed(self, run_id: str, points: Collection[str] | None = None) -> int:
        """Fit failed points again; if points are named, cancelled ones among them too.

        Returns:
            How many points were queued again.

        Raises:
            RunError: if the run is not one of this process, or the backend takes nothing.
        """
        run = self._live.get(run_id)
        if run is None:
            raise RunError(f"run {run_id} was not started by this fitgui: resume it first")
        return self._hand_over(run, (TaskState.FAILED,) if points is None else _RETRIED, points)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(run_id, events)`` after events are on disk, off the main thread; must not block.

        Returns:
            What ends the subscription.
        """
        key = object()
        with self._lock:
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    def snapshot(self, run_id: str, *, unwritten: bool = False) -> RunSnapshot:
        """How the run stands; the caller's own copy.

        Args:
            run_id: a run of this process or of the journal.
            unwritten: with the events that could not be written to disk yet.

        Raises:
            RunError: if there is no such run.
        """
        waiting = self.journal.waiting(run_id) if unwritten else []
        with self._lock:
            known = self._snapshots.get(run_id)
            snapshot = None if known is None else known.copy()
        if snapshot is None:
            snapshot = self._replay(run_id)
        for stamped in waiting:
            snapshot.apply(stamped)
        return snapshot

    def plan(self, run_id: str) -> RunPlan:
        """The plan of a run; with workspace and patches only if it is a run of this process.

        Raises:
            RunError: if there is no such run.
        """
        run = self._live.get(run_id)
        return run.plan if run is not None else _reading(lambda: self.journal.run(run_id)).plan

    def elapsed(self, run_id: str) -> float:
        """Seconds of work on the run up to now, for :meth:`RunSnapshot.seconds_to_finish`."""
        run = self._live.get(run_id)
        return run.elapsed() if run is not None else self.snapshot(run_id).elapsed

    def is_active(self, run_id: str) -> bool:
        """Whether this process is fitting points of the run now."""
        run = self._live.get(run_id)
        return run is not None and not run.finished.is_set()

    def goes_on(self, run_id: str) -> bool:
        """Whether the points of the run go on being fitted when this process ends."""
        backend = self.backends.get(self.plan(run_id).backend)
        return backend is not None and backend.capabilities.survives_client_exit

    def wait(self, run_id: str, timeout: float | None = None, *, recorded: bool = True) -> bool:
        """Wait until no point of the run is waiting.

        Args:
            run_id: a run of this process; any other counts as finished.
            timeout: seconds at most.
            recorded: and until that is on disk.

        Returns:
            Whether it came to that in time.
        """
        run = self._live.get(run_id)
        if run is None:
            return True
        if not recorded:
            return run.finished.wait(timeout)
        with self._recorded:
            return self._recorded.wait_for(
                lambda: run.finished.is_set() and self._snapshots[run_id].sequence >= run.last_sequence,
                timeout,
            )

    def close(self, timeout: float = 10.0) -> bool:
        """Cancel what is in flight, close the backends and the journal.

        What a backend goes on with by itself is left to it, and found again by :meth:`resume`.

        Returns:
            Whether everything is on disk.
        """
        deadline = time.monotonic() + timeout
        self._checker.close(timeout)
        active = [
            run_id for run_id in list(self._live) if self.is_active(run_id) and not self.goes_on(run_id)
        ]
        for run_id in active:
            self.cancel(run_id)
        for run_id in active:
            self.wait(run_id, max(0.0, deadline - time.monotonic()), recorded=False)
        for backend in self.backends.values():
            backend.close()
        return self.journal.close(max(0.5, deadline - time.monotonic()))

    def _hand_over(
        self,
        run: LiveRun,
        wanted: Collection[TaskState],
        names: Iterable[str] | None,
        *,
        new: bool = False,
        check_again: bool = False,
        accepted: tuple[TasksAccepted, ...] = (),
    ) -> int:
        backend = self.backends.get(run.plan.backend)
        if backend is None:
            known = ", ".join(sorted(self.backends))
            raise RunError(f"there is no backend {run.plan.backend}: choose one of {known}")

        def hand_over(plan: Plan, emit: Emit) -> RunHandle:
            if plan.place is not None:
                seconds = seconds_per_point(self.journal, run.plan)
                plan = msgspec.structs.replace(plan, seconds_per_point=seconds)
            handle = backend.reattach(plan, accepted, emit) if accepted else backend.submit(plan, emit)
            if new:  # a run that no backend took leaves no trace
                self.journal.add_run(run.identifier, time.time(), run.plan)
            self._checker.give_up("another fit was started")
            if check is not None:
                with self._lock:
                    self._wanted[run.identifier] = check
            return handle

        with self._lock:
            done = self._snapshots[run.identifier].check_state == "done" and not check_again
            check = self._wanted.get(run.identifier, None if done else run.plan.check)
        try:
            self.journal.own()
            handed_over = run.submit(hand_over, wanted, names, None if check is None else waiting(run, check))
        except (BackendError, JournalError) as error:
            raise RunError(str(error)) from error
        return handed_over

    def _accepted(self, run: LiveRun) -> tuple[TasksAccepted, ...]:
        """What a cluster may still have of a run that this process is about to go on with."""
        backend = self.backends.get(run.plan.backend)
        if backend is None or not backend.capabilities.survives_client_exit:
            return ()
        return open_tasks(_reading(lambda: self.journal.events(run.identifier)))

    def _is_idle(self) -> bool:
        return all(run.finished.is_set() for run in list(self._live.values()))

    def _run_finished(self, run: LiveRun) -> None:
        """From the thread that reported the last point."""
        self._begin_check(run)
        self._checker.wake()

    def _begin_check(self, run: LiveRun) -> None:
        check = self._wanted.get(run.identifier)
        if check is not None:
            self._checker.ask(run, check, announced=True)
            with self._recorded:
                self._wanted.pop(run.identifier, None)
                self._recorded.notify_all()

    def _give_up_check(self, run: LiveRun, why: str) -> None:
        with self._recorded:
            waited = self._wanted.pop(run.identifier, None)
            self._recorded.notify_all()
        if waited is not None:
            run.report(given_up(why))
        self._checker.give_up("it was cancelled", run)

    def _adopt(self, run_id: str, pallet: Pallet | None) -> LiveRun:
        """Make a run of the journal one of this process."""
        record = _reading(lambda: self.journal.run(run_id))
        if pallet is None:
            raise RunError(
                f"run {run_id} was started by an earlier fitgui: open its pallet {record.plan.pallet.source}"
            )
        plan = record.plan.with_documents(pallet)
        _reading(lambda: self.journal.claim(run_id))
        # Only now nobody else can add to it.
        snapshot = self._replay(run_id)
        run = LiveRun(
            run_id,
            plan,
            lambda events: self.journal.append(run_id, events),
            states={name: status.state for name, status in snapshot.points.items()},
            sequence=snapshot.sequence,
            elapsed=snapshot.elapsed + self._away(record.plan.backend, run_id),
            on_finished=self._run_finished,
        )
        with self._lock:
            self._snapshots[run_id] = snapshot
            return self._live.setdefault(run_id, run)

    def _away(self, backend: str, run_id: str) -> float:
        """Seconds for which a cluster went on with the run while no fitgui followed it: work, too."""
        events = _reading(lambda: self.journal.events(run_id))
        known = self.backends.get(backend)
        if known is None or not known.capabilities.survives_client_exit or not open_tasks(events):
            return 0.0
        return max(0.0, time.time() - events[-1].time)

    def _replay(self, run_id: str) -> RunSnapshot:
        snapshot = RunSnapshot(_reading(lambda: self.journal.run(run_id)).plan.points)
        for stamped in _reading(lambda: self.journal.events(run_id)):
            snapshot.apply(stamped)
        return snapshot

    def _committed(self, run_id: str, events: tuple[StampedEvent, ...]) -> None:
        with self._recorded:
            snapshot = self._snapshots.get(run_id)
            if snapshot is not None:
                for stamped in events:
                    snapshot.apply(stamped)
        self._tell(run_id, events)
        with self._recorded:
            self._recorded.notify_all()

    def _troubled(self, trouble: str | None) -> None:
        if trouble is None:
            notice = Notice(level="info", text="The journal is being written again; nothing was lost")
        else:
            text = f"The journal cannot be written: {trouble}; the run goes on, its results wait in memory"
            notice = Notice(level="error", text=text)
        for run_id in list(self._live):
            if trouble is None or self.is_active(run_id) or self.journal.waiting(run_id):
                stamped = StampedEvent(
                    sequence=0, time=time.time(), elapsed=self.elapsed(run_id), event=notice
                )
                self._tell(run_id, (stamped,))

    def _tell(self, run_id: str, events: tuple[StampedEvent, ...]) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for listener in listeners:
            try:
                listener(run_id, events)
            except Exception:  # noqa: BLE001 -- a listener's fault must not stop the journal
                _log.exception("a listener failed")


def _reading(read: Callable[[], T]) -> T:
    try:
        return read()
    except JournalError as error:
        raise RunError(str(error)) from error
