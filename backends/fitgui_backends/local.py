"""The local backend: worker processes on this machine."""

from __future__ import annotations

import itertools
import logging
import os
import platform
import threading
import time
import weakref
from collections.abc import Collection, Sequence
from importlib.metadata import PackageNotFoundError, version

import fitgui_backends
from fitgui_backends.board import Board
from fitgui_backends.contract import BackendError, Capabilities, Emit, Health, Plan, RunHandle
from fitgui_backends.engines import FitError, available_engines, load_engine
from fitgui_backends.events import Notice, TasksAccepted
from fitgui_backends.jobs import Run
from fitgui_backends.machine import memory_bytes, usable_cores
from fitgui_backends.slot import Slot

__all__ = ["LocalBackend", "usable_cores"]

_log = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "scipy", "pyhf", "iminuit", "jax")
_CLOSE_SECONDS = 1.5


class LocalBackend:
    """Fits points in processes of its own, which stay warm between runs.

    Args:
        workers: Points at once, unless a plan says otherwise; by default the number of usable cores.
        points_per_worker_life: A worker is replaced after the chunk with its so many-th point, and
        growth_per_worker_life: when it holds so many bytes more than after its first chunk. pyhf with numpy
            leaks some kB per point, with jax 50 MB (compiled functions of every model are kept).
        engine: What workers import before their first point; another one when a point asks for it.
        niceness: How far the workers step back behind other processes (0 to 19), where the system has that.
    """

    name = "local"

    def __init__(
        self,
        *,
        workers: int | None = None,
        points_per_worker_life: int = 5000,
        growth_per_worker_life: int = 512 * 2**20,
        engine: str = "newton",
        niceness: int = 0,
    ) -> None:
        if workers is not None and workers < 1:
            raise BackendError(f"At least one worker is needed, not {workers}.")
        if points_per_worker_life < 1:
            raise BackendError("A worker must live for at least one point.")
        self._workers = workers or usable_cores()
        self._most_workers = max(self._workers, 4 * usable_cores())
        self._points_per_worker_life = points_per_worker_life
        self._growth_per_worker_life = growth_per_worker_life
        self._engine = engine
        self._niceness = niceness
        self._board = Board()
        self._slots: dict[int, Slot] = {}
        self._slots_lock = threading.Lock()
        self._numbers = itertools.count(1)
        # Also at the end of the interpreter, for an application that forgets to close.
        self._finalizer = weakref.finalize(self, _close, self._board, self._slots)

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=False,
            max_payload_bytes=None,
            max_workers=self._most_workers,
            engines=available_engines(),
        )

    def check(self) -> Health:
        """Look at versions, cores and memory; imports nothing that is slow."""
        versions = {library: _version(library) for library in _LIBRARIES}
        memory = memory_bytes()
        details = {
            "fitgui-backends": fitgui_backends.__version__,
            "Python": platform.python_version(),
            **{library: found for library, found in versions.items() if found},
            "usable cores": str(usable_cores()),
            **({"memory": f"{memory / 2**30:.1f} GiB"} if memory else {}),
            "host": platform.node(),
        }
        if self._board.closed:
            return Health(
                ready=False, summary="closed", remedy="Start the application again.", details=details
            )
        missing = [library for library in ("numpy", "pyhf") if not versions[library]]
        if missing:
            return Health(
                ready=False,
                summary=f"{' and '.join(missing)} not installed",
                remedy="Install fitgui-backends again, with its dependencies.",
                details=details,
            )
        plural = "" if self._workers == 1 else "s"
        return Health(ready=True, summary=f"ready, {self._workers} worker{plural}", details=details)

    def warm_up(self) -> None:
        """Start the workers now rather than with the first plan; returns at once."""
        self._seat(self._workers)

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        """Queue the points of a plan and return at once.

        Raises:
            BackendError: if the plan cannot be run as it is, or the backend is closed.
        """
        if self._board.closed:
            raise BackendError("The local backend is closed: start the application again.")
        self._examine(plan)
        wanted = plan.workers or self._workers
        at_once = min(wanted, self._most_workers)
        notices = []
        if at_once < wanted:
            notices.append(
                Notice(
                    level="warning",
                    text=f"{at_once} points are fitted at once instead of {wanted}:"
                    f" this machine has {usable_cores()} usable cores.",
                )
            )
        self._seat_first()
        run = Run(f"local-{os.getpid()}-{next(self._numbers)}", plan, emit, at_once)
        self._board.add(run, *notices)
        self._seat(self._board.useful_slots(self._workers))
        return RunHandle(identifier=run.identifier)

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        """Cancel the named points, or all that are not final; running ones are stopped at once."""
        self._board.cancel(handle.identifier, points)

    def reattach(
        self,
        plan: Plan,  # noqa: ARG002  (the contract's signature)
        accepted: Sequence[TasksAccepted],  # noqa: ARG002
        emit: Emit,  # noqa: ARG002
    ) -> RunHandle:
        """Local runs end with the application.

        Raises:
            BackendError: always.
        """
        raise BackendError(
            "A local run ends with the application that started it: resume it, and what is missing is fitted."
        )

    def close(self) -> None:
        """Cancel what is open and end all workers; may be called twice, and while fitting."""
        self._finalizer()

    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the workers that are ready."""
        return tuple(pid for slot in tuple(self._slots.values()) if (pid := slot.worker_pid) is not None)

    def _examine(self, plan: Plan) -> None:
        if not plan.points:
            raise BackendError("The plan holds no points.")
        if len({point.name for point in plan.points}) < len(plan.points):
            raise BackendError("The plan holds two points of the same name.")
        try:
            load_engine(plan.options.engine).check_options(plan.options)
        except FitError as error:
            raise BackendError(str(error)) from error
        if plan.workers is not None and plan.workers < 1:
            raise BackendError(f"At least one worker is needed, not {plan.workers}.")
        limit = plan.options.timeout_seconds
        if limit is not None and not limit > 0:
            raise BackendError(f"The time limit of a point must be above zero, not {limit:g} s.")

    def _seat_first(self) -> None:
        """Have at least one slot, so that what is submitted comes to an end.

        Raises:
            BackendError: if the operating system gives no thread for it.
        """
        self._seat(1)
        with self._slots_lock:
            if not self._slots and not self._board.closed:
                raise BackendError(
                    "The operating system starts no more threads for this user, so nothing can be fitted:"
                    " close other programs, or raise the limit (ulimit -u)."
                )

    def _seat(self, count: int) -> None:
        """Have at least this many slots, or as many as the operating system gives threads for."""
        board, slots, lock = self._board, self._slots, self._slots_lock

        def on_end(slot: Slot) -> None:
            with lock:
                if slots.get(slot.number) is slot:
                    del slots[slot.number]

        with lock:
            for number in range(count):
                if number not in slots and not board.closed:
                    slot = Slot(
                        board,
                        number=number,
                        standing=self._workers,
                        engine=self._engine,
                        niceness=self._niceness,
                        points_per_worker_life=self._points_per_worker_life,
                        growth_per_worker_life=self._growth_per_worker_life,
                        on_end=on_end,
                    )
                    try:
                        slot.start()
                    except RuntimeError:  # no thread: those that stand do the work
                        _log.warning("slot %d has no thread", number)
                        return
                    slots[number] = slot


def _close(board: Board, slots: dict[int, Slot]) -> None:
    board.close()
    deadline = time.monotonic() + _CLOSE_SECONDS
    for slot in tuple(slots.values()):
        slot.join(max(0.0, deadline - time.monotonic()))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
