"""One worker process, from its start to its end.

Each is a pebble pool of one: pebble starts the process, carries tasks and results, stops it on time-out and
tells when it dies. Pools are not shared, because in a shared one a process that dies between two tasks breaks
the pool for all, and one that is killed while it holds the lock of the common pipe stalls it for a minute.
For the same reason nothing is used again after trouble: cancelled, late and dead workers are thrown away.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any

from pebble import ProcessExpired, ProcessPool

from fitgui_backends.contract import FitTask
from fitgui_backends.worker import Message, Outcome, fit, start

START_PATIENCE_SECONDS = 120.0
"""A worker that is not ready, or has not taken its task, after this long is given up; enough to import pyhf
from a slow disk."""


class WorkerLost(Exception):  # noqa: N818  (what happened, not an error of the program)
    """The process ended, or never took its task."""

    def __init__(self, exit_code: int | None, *, started: bool, trouble: str = "did not respond") -> None:
        super().__init__(exit_code, started, trouble)
        self.exit_code = exit_code
        self._trouble = trouble
        self.started = started
        """Whether it had begun with the task, so that the task may be to blame."""

    @property
    def reason(self) -> str:
        """Why, as far as the operating system tells: ``was killed by SIGKILL``."""
        if self.exit_code is None:
            return self._trouble
        if self.exit_code < 0:
            try:
                name = signal.Signals(-self.exit_code).name
            except ValueError:
                name = f"signal {-self.exit_code}"
            likely = ", perhaps because the memory ran out" if name == "SIGKILL" else ""
            return f"was killed by {name}{likely}"
        if self.exit_code == signal.SIGTERM:  # pebble's workers end in order when they are told to
            return "was told to end by SIGTERM"
        return f"ended with exit code {self.exit_code}"


class PointTimeout(Exception):  # noqa: N818
    """The task took longer than allowed; its process has been stopped."""


class WorkerProcess:
    """A warm process that fits one task at a time; used from one thread, except :meth:`dispose`."""

    def __init__(self, engine: str, niceness: int = 0) -> None:
        context = multiprocessing.get_context("spawn")
        self.pid: int | None = None
        self.points_done = 0
        self.grown_bytes = 0
        """Memory that the process holds beyond what it held after its first task."""
        self._first_resident_bytes: int | None = None
        self._serials = itertools.count(1)
        self._known: set[str] = set()
        try:
            self._reader, self._writer = context.Pipe(duplex=False)
        except OSError as error:  # no file descriptors are left
            raise _not_started(error) from error
        try:
            self._pool = ProcessPool(
                max_workers=1, initializer=start, initargs=(self._writer, engine, niceness), context=context
            )
            context.Lock()  # starts the resource tracker, which would unblock the signal again
            with _interrupts_blocked():
                self._pool.active  # noqa: B018  (starts the process)
        except (OSError, RuntimeError) as error:  # no memory, no processes, no threads are left
            with suppress(Exception):
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
            self._reader.close()
            self._writer.close()
            raise _not_started(error) from error

    def wait_until_ready(self, given_up: Callable[[], bool]) -> None:
        """Wait until the process has imported what it needs.

        Args:
            given_up: Asked ten times a second; when true the wait ends.

        Raises:
            WorkerLost: if the process ended or takes too long.
        """
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while self.pid is None and not given_up():
            if self._reader.poll(0.1):
                self.pid = self._reader.recv().pid
            elif not self._pool.active or time.monotonic() > deadline:
                raise WorkerLost(None, started=False, trouble="ended at once or was never ready")

    def fit(
        self,
        task: FitTask,
        workspace: bytes,
        *,
        limit: float | None,
        on_scheduled: Callable[[Future[Any]], None],
        on_started: Callable[[int], None],
    ) -> Outcome:
        """Fit a task; the workspace travels only if this process has not seen it.

        Args:
            task: What to fit.
            workspace: The document that ``task.workspace_digest`` names.
            limit: Seconds from the moment the process begins with it; ``None`` waits for ever.
            on_scheduled: Gets the future at once, so that another thread can cancel it.
            on_started: Called with the process id when the process begins.

        Raises:
            WorkerLost: if the process died.
            PointTimeout: if it took too long.
            CancelledError: if the future was cancelled.
        """
        for document in (None, workspace) if task.workspace_digest in self._known else (workspace,):
            outcome: Outcome | None = self.call(
                fit, task, document, timeout=limit, on_scheduled=on_scheduled, on_started=on_started
            )
            if outcome is not None:
                self._known.add(task.workspace_digest)
                self.points_done += len(task.points)
                self._watch_growth(outcome.resident_bytes)
                return outcome
        raise WorkerLost(None, started=True)

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        timeout: float | None = None,
        on_scheduled: Callable[[Future[Any]], None] = lambda _: None,
        on_started: Callable[[int], None] = lambda _: None,
    ) -> Any:
        """Run ``function(serial, *args)`` in the process and wait for it."""
        serial = next(self._serials)
        try:
            future = self._pool.schedule(function, args=(serial, *args), timeout=timeout)
        except RuntimeError:  # the process died while it was idle
            raise WorkerLost(None, started=False) from None
        future.add_done_callback(lambda _: self._wake(serial))
        on_scheduled(future)
        started = self._follow(serial, on_started)
        if future.cancelled():
            raise CancelledError
        if not future.done():
            raise WorkerLost(None, started=False)
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, ProcessExpired):
            self.pid = None
            raise WorkerLost(error.exitcode, started=started) from None
        if isinstance(error, BrokenProcessPool):
            self.pid = None
            raise WorkerLost(None, started=started, trouble="ended without an exit code") from None
        if isinstance(error, TimeoutError):
            raise PointTimeout from None
        if isinstance(error, Exception):
            raise error
        raise WorkerLost(None, started=started, trouble=f"stopped with {type(error).__name__}") from error

    def dispose(self) -> threading.Thread:
        """End the process at once, whatever it does; returns the thread that clears up behind it.

        Raises:
            RuntimeError: if the operating system gives no thread for that; then it has been cleared up here.
        """
        # First, or pebble starts a successor for the process that dies here.
        self._pool.stop()  # type: ignore[no-untyped-call]
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            self.pid = None
        thread = threading.Thread(target=self._clear_up, name="fitgui worker clearance", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._clear_up()
            raise
        return thread

    def _watch_growth(self, resident: int | None) -> None:
        if resident is not None:
            if self._first_resident_bytes is None:
                self._first_resident_bytes = resident
            self.grown_bytes = resident - self._first_resident_bytes

    def _follow(self, serial: int, on_started: Callable[[int], None]) -> bool:
        """Read messages until the task is done; returns whether the process had begun with it."""
        started = False
        while started or self._reader.poll(START_PATIENCE_SECONDS):
            message: Message = self._reader.recv()
            if message.serial != serial:
                continue
            if message.kind == "started":
                started = True
                self.pid = message.pid
                on_started(message.pid)
            else:
                break
        return started

    def _wake(self, serial: int) -> None:
        # Through the same pipe as the worker's own messages, so that "started" is always read before "done".
        with suppress(OSError):
            self._writer.send(Message("done", serial, 0))

    def _clear_up(self) -> None:
        self._pool.join()
        self._writer.close()
        self._reader.close()


def _not_started(error: Exception) -> WorkerLost:
    cause = error.__cause__ or error
    text = " ".join(str(cause).split())[:200] or type(cause).__name__
    return WorkerLost(None, started=False, trouble=f"could not be started: {text}")


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; the application cancels in order, workers must not notice.

    Threads and processes inherit what the thread that starts them has blocked, so there is no moment in which
    a starting worker would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
