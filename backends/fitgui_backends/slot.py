"""A seat for one worker process: takes points from the board, and replaces its worker when it must."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError

from fitgui_backends.board import Board
from fitgui_backends.engines.base import late_in_words
from fitgui_backends.jobs import Chunk, Job
from fitgui_backends.results import FitResult
from fitgui_backends.shares import merge_shares
from fitgui_backends.worker import Failure, Outcome, conclude
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
        niceness: int,
        points_per_worker_life: int,
        growth_per_worker_life: int,
        on_end: Callable[[Slot], None],
    ) -> None:
        super().__init__(name=f"fitgui slot {number}", daemon=True)
        self.number = number
        self._board = board
        self._standing = standing
        self._engine = engine
        self._niceness = niceness
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
            while (chunk := self._board.take(self.number, self._standing)) is not None:
                try:
                    self._fit(chunk)
                except Exception as error:  # noqa: BLE001  (a bug here must cost a few points, not the run)
                    _log.exception("slot %d", self.number)
                    words = (
                        f"The worker could not be used ({type(error).__name__}: {error}): please report it."
                    )
                    for job in chunk.jobs:
                        self._board.failed(job, words)
                    self._dismiss()
                finally:
                    self._board.give_back(chunk)
                if not self._no_start:
                    self._make_ready()
        finally:
            self._on_end(self)
            clearance = self._dismiss()
            if clearance is not None:
                clearance.join()

    def _fit(self, chunk: Chunk) -> None:
        if self._worker is None:
            self._make_ready()  # what was lacking may be there again
        if self._worker is None:
            for job in chunk.jobs:
                self._board.failed(job, self._no_start)
            return
        limit = chunk.seconds_left
        if limit is not None and limit <= 0:
            self._after_timeout(chunk)
            return
        worker = self._worker
        try:
            outcome = worker.fit(
                chunk.task(),
                chunk.run.plan.workspace,
                limit=limit,
                on_scheduled=lambda future: self._board.scheduled(chunk, future),
                on_started=lambda pid: self._board.started(chunk, f"{socket.gethostname()}:{pid}"),
            )
        except CancelledError:  # for one of its points; the others are innocent
            self._board.again(chunk)
            self._dismiss()
        except PointTimeout:
            self._after_timeout(chunk)
            self._dismiss()
        except WorkerLost as lost:
            self._after_loss(chunk, lost)
            self._dismiss()
        else:
            self._take_in(chunk, outcome)
            if (
                worker.points_done >= self._points_per_worker_life
                or worker.grown_bytes >= self._growth_per_worker_life
            ):
                self._dismiss()

    def _take_in(self, chunk: Chunk, outcome: Outcome) -> None:
        """Every answer of a worker to its point."""
        self._board.timed(chunk, outcome)
        if chunk.share is None:
            self._board.learn(chunk, outcome.seconds)
        for job, answer, began in zip(chunk.jobs, outcome.answers, outcome.began, strict=True):
            if isinstance(answer, FitResult):
                self._board.done(job, answer, began)
            elif isinstance(answer, Failure):
                self._board.failed(job, answer.error, answer.seconds)
            elif self._board.share_done(job, answer.part, answer.result):
                self._conclude(job)

    def _conclude(self, job: Job) -> None:
        """All shares are in: have the worker put them together, or do it here if that fails."""
        assert self._worker is not None
        assert job.toys is not None
        assert job.toys.result is not None
        options = job.run.plan.options
        given = (job.toys.result, tuple(job.toys.parts), options)
        try:
            answer: FitResult | Failure = self._worker.call(conclude, *given, timeout=options.timeout_seconds)
        except (CancelledError, PointTimeout, WorkerLost):
            self._dismiss()
            answer = merge_shares(*given)
        if isinstance(answer, FitResult):
            self._board.done(job, answer)
        else:
            self._board.failed(job, answer.error)

    def _after_timeout(self, chunk: Chunk) -> None:
        if len(chunk.jobs) > 1:
            self._board.again(chunk, suspect=True)
        else:
            self._board.failed(chunk.jobs[0], _late(chunk))

    def _after_loss(self, chunk: Chunk, lost: WorkerLost) -> None:
        if not lost.started:  # it died between two points: nobody is to blame, unless that goes on
            self._after_false_start(chunk, lost)
        elif self._board.blame(chunk) < ATTEMPTS:
            names = [job.point.name for job in chunk.jobs]
            what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} other points"
            then = "trying again" if len(names) == 1 else "trying each of them alone"
            notice = f"The worker {chunk.worker} {lost.reason} while it fitted {what}; {then}."
            self._board.again(chunk, notice, suspect=True)
        else:
            self._board.failed(
                chunk.jobs[0],
                f"The worker {lost.reason}, as did the one that tried before: the point is given up.",
            )

    def _after_false_start(self, chunk: Chunk, lost: WorkerLost) -> None:
        if self._board.blame(chunk, started=False) < STARTS:
            self._board.again(chunk, suspect=True)
        else:
            for job in chunk.jobs:
                self._board.failed(
                    job,
                    f"{STARTS} workers ended before they began with the point (the last one {lost.reason}):"
                    " look for what ends them, such as a limit of memory or of processes, and try again.",
                )

    def _make_ready(self) -> None:
        """Have a warm worker before the next point is taken; another slot may take that point meanwhile."""
        for _ in range(1 if self._no_start else STARTS):
            if self._board.closed:
                return
            try:
                if self._worker is None:
                    self._worker = WorkerProcess(self._engine, self._niceness)
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


def _late(chunk: Chunk) -> str:
    options = chunk.run.plan.options
    return late_in_words(options.timeout_seconds or 0.0, options.engine, toys=chunk.share is not None)
