"""A seat for one worker process: takes points from the board, and replaces its worker when it must."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError

from fitgui_backends.board import Board, Job
from fitgui_backends.results import FitResult
from fitgui_backends.workers import PointTimeout, WorkerLost, WorkerProcess

ATTEMPTS = 2
"""A point whose worker died is fitted once more; a second death is blamed on the point."""

STARTS = 3
"""Workers in a row that do not start, or end before they begin with a point; then something is wrong with the
installation or the machine."""

_log = logging.getLogger(__name__)


class Slot(threading.Thread):
    """One worker at a time, and the thread that waits for it."""

    def __init__(
        self,
        board: Board,
        *,
        number: int,
        standing: int,
        engine: str,
        points_per_worker_life: int,
        growth_per_worker_life: int,
        on_end: Callable[[Slot], None],
    ) -> None:
        super().__init__(name=f"fitgui slot {number}", daemon=True)
        self.number = number
        self._board = board
        self._standing = standing
        self._engine = engine
        self._points_per_worker_life = points_per_worker_life
        self._growth_per_worker_life = growth_per_worker_life
        self._on_end = on_end
        self._worker: WorkerProcess | None = None
        self._no_start = ""

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, once it is ready."""
        return self._worker.pid if self._worker is not None else None

    def run(self) -> None:
        """Fit points until there is nothing left to do here."""
        try:
            self._make_ready()
            while (job := self._board.take(self.number, self._standing)) is not None:
                try:
                    self._fit(job)
                except Exception as error:  # noqa: BLE001  (a bug here must cost one point, not the run)
                    _log.exception("slot %d", self.number)
                    self._board.failed(
                        job,
                        f"The worker could not be used ({type(error).__name__}: {error}): please report it.",
                    )
                    self._dismiss()
                finally:
                    self._board.give_back(job)
                if not self._no_start:
                    self._make_ready()
        finally:
            self._on_end(self)
            clearance = self._dismiss()
            if clearance is not None:
                clearance.join()

    def _fit(self, job: Job) -> None:
        if self._worker is None:
            self._make_ready()  # what was lacking may be there again
        if self._worker is None:
            self._board.failed(job, self._no_start)
            return
        try:
            outcome = self._worker.fit(
                job.task(),
                job.run.plan.workspace,
                on_scheduled=lambda future: self._board.scheduled(job, future),
                on_started=lambda pid: self._board.started(job, f"{socket.gethostname()}:{pid}"),
            )
        except CancelledError:
            self._dismiss()
        except PointTimeout:
            self._board.failed(job, _late(job))
            self._dismiss()
        except WorkerLost as lost:
            self._after_loss(job, lost)
            self._dismiss()
        else:
            (answer,) = outcome.answers
            if isinstance(answer, FitResult):
                self._board.done(job, answer)
            else:
                self._board.failed(job, answer.error)
            if (
                self._worker.tasks_done >= self._points_per_worker_life
                or self._worker.grown_bytes >= self._growth_per_worker_life
            ):
                self._dismiss()

    def _after_loss(self, job: Job, lost: WorkerLost) -> None:
        if not lost.started:  # it died between two points: nobody is to blame, unless that goes on
            job.lost += 1
            if job.lost < STARTS:
                self._board.again(job)
            else:
                self._board.failed(
                    job,
                    f"{STARTS} workers ended before they began with the point (the last one {lost.reason}):"
                    " look for what ends them, such as a limit of memory or of processes, and try again.",
                )
        elif job.attempts < ATTEMPTS:
            notice = f"The worker {job.worker} {lost.reason} while it fitted {job.point.name}; trying again."
            self._board.again(job, notice)
        else:
            self._board.failed(
                job, f"The worker {lost.reason}, as did the one that tried before: the point is given up."
            )

    def _make_ready(self) -> None:
        """Have a warm worker before the next point is taken; another slot may take that point meanwhile."""
        for _ in range(1 if self._no_start else STARTS):
            if self._board.closed:
                return
            try:
                if self._worker is None:
                    self._worker = WorkerProcess(self._engine)
                self._worker.wait_until_ready(lambda: self._board.closed)
            except WorkerLost as lost:
                self._no_start = (
                    f"{STARTS} workers in a row did not start (the last one {lost.reason}):"
                    " free memory, or check the installation with `fitgui backends check local`."
                )
                self._dismiss()
            except Exception as error:  # noqa: BLE001  (the thread that dies of a bug tells nobody)
                _log.exception("slot %d", self.number)
                self._no_start = f"No worker could be started ({type(error).__name__}: {error})."
                self._dismiss()
            else:
                self._no_start = ""
                return

    def _dismiss(self) -> threading.Thread | None:
        """End the worker, whatever it does; returns the thread that clears up behind it."""
        if self._worker is None:
            return None
        worker, self._worker = self._worker, None
        try:
            return worker.dispose()
        except RuntimeError:  # no thread was left to clear up in: it has been done already
            return None


def _late(job: Job) -> str:
    limit = job.run.plan.options.timeout_seconds or 0.0
    return (
        f"The fit did not finish within {limit:g} s and was stopped:"
        " allow more time, or try the engine newton."
    )
