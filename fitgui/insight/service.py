"""Looks into points in a process of its own, the latest question first; nothing here waits for it.

One thread talks to one process of low priority (the worker process of the backend ``local``), which lives
while it is needed. It is asked for one piece at a time, of a tenth of a second or so: before each, what is
wanted is looked at again, so that another point does not wait for the rest of the last one. A process that is
in the middle of something long when another point is wanted is ended.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from fitgui.insight.model import PARTS, Part, Piece, PointInside
from fitgui.insight.worker import Question, step
from fitgui.pallets.model import Analysis, SignalPoint
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.workers import PointTimeout, WorkerLost, WorkerProcess

KEPT: Final = 48
"""Points that are remembered."""
NICENESS: Final = 10
"""A run that goes on is not to feel it."""
IDLE_SECONDS: Final = 60.0
"""A process without work is ended after so long."""
LONGEST_SECONDS: Final = 300.0
"""Of one piece; then the process is ended."""
PATIENCE_SECONDS: Final = 1.0
"""Another point waits so long for a piece of the last one, before the process is ended."""

Heard = Callable[[PointInside], object]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A point, and where its documents are."""

    question: Question
    workspace: bytes
    heard: Heard
    order: tuple[Part, ...] = PARTS
    """What is wanted first."""


def options_of(options: FitOptions | None) -> FitOptions:
    """How a point is looked into that a run fitted with some options, or none did: by ``newton``."""
    asked = FitOptions() if options is None else options
    return FitOptions(
        engine="newton",
        poi_test=asked.poi_test,
        test_statistic=asked.test_statistic,
        normsys_interpolation=asked.normsys_interpolation,
        histosys_interpolation=asked.histosys_interpolation,
    )


class Insights:
    """Answers one question at a time; may be used from any thread, calls back from its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: Wanted | None = None
        self._known: OrderedDict[Question, PointInside] = OrderedDict()
        self._desk: Desk | None = None
        """Of the thread that works, while one does."""
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(
        self,
        analysis: Analysis,
        point: SignalPoint,
        heard: Heard,
        *,
        options: FitOptions | None = None,
        measurement: str | None = None,
        order: Sequence[Part] = PARTS,
    ) -> PointInside | None:
        """Look into a point; whatever was asked before is given up.

        Args:
            analysis: The point's.
            point: Of it.
            heard: Is called, from another thread, with what is known so far, each time more is.
            options: Of the run that fitted it.
            measurement: Defines the POI; ``None`` takes the first.
            order: What is wanted first.

        Returns:
            What is known of it already.
        """
        question = Question(
            workspace_digest=analysis.digest,
            measurement=measurement,
            point=FitPoint(name=point.name, operations=point.operations),
            options=options_of(options),
        )
        with self._changed:
            self._wanted = Wanted(question, analysis.workspace_json, heard, tuple(order))
            known = self._known.get(question)
            if known is not None and known.trouble:
                known = None
                del self._known[question]
            if self._desk is not None:
                self._desk.turn_to(question)
            elif not self._closed and (known is None or not known.complete):
                self._desk = Desk()
                self._thread = threading.Thread(
                    target=self._work, args=(self._desk,), name="fitgui-insight", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()
        return known

    def prefer(self, order: Sequence[Part]) -> None:
        """Of the point that is wanted, find out these parts first from now on."""
        with self._changed:
            if self._wanted is not None:
                self._wanted = replace(self._wanted, order=tuple(order))

    def forget(self, heard: Heard) -> None:
        """Who asked with ``heard`` wants nothing any more; what is known stays known."""
        with self._changed:
            if self._wanted is None or self._wanted.heard is not heard:
                return
            self._wanted = None
            self._changed.notify_all()

    def close(self, timeout: float = 0.5) -> None:
        """End the process at once; the thread ends by itself.

        Args:
            timeout: Seconds to wait for the thread.
        """
        with self._changed:
            self._closed, self._wanted = True, None
            thread, desk = self._thread, self._desk
            self._changed.notify_all()
        if desk is not None:
            desk.give_up()
        if thread is not None:
            thread.join(timeout)

    def _work(self, desk: Desk) -> None:
        while (todo := self._next()) is not None:
            self._advance(desk, *todo)
        desk.end()

    def _next(self) -> tuple[Wanted, Part] | None:
        """What is to be found out now; waits a while for that."""
        with self._changed:
            while not self._closed:
                wanted = self._wanted
                known = None if wanted is None else self._known.get(wanted.question)
                if wanted is not None and known is None:
                    return wanted, "fits"  # which shows that the point can be fitted at all
                if wanted is not None and known is not None and not known.complete:
                    order = (*wanted.order, *PARTS)
                    return wanted, next(part for part in order if part not in known.finished)
                if not self._changed.wait(IDLE_SECONDS):
                    break
            self._desk = None  # who asks from here on has another thread
            return None

    def _advance(self, desk: Desk, wanted: Wanted, part: Part) -> None:
        question = wanted.question
        answer = desk.step(wanted, part)
        with self._changed:
            known = self._known.get(question) or PointInside(
                name=question.point.name, options=question.options
            )
            stale = self._wanted is None or self._wanted.question != question
            if isinstance(answer, Piece):
                known = known.with_piece(answer)
            elif answer is not None and not stale:
                known = replace(known, trouble=answer)
            else:
                return  # it was given up, or nobody waits for it
            self._known[question] = known
            self._known.move_to_end(question)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        if not stale:
            wanted.heard(known)


class Desk:
    """One process of low priority, at which one thread asks; started when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._future: Future[Any] | None = None
        """The piece that is being found out, from when the process has it."""
        self._question: Question | None = None
        """What is being found out, from before there is a process for it."""
        self._latest: Question | None = None
        """What was asked last, if anything was since the thread began."""
        self._ended = False

    def step(self, wanted: Wanted, part: Part) -> Piece | str | None:
        """One piece, a sentence why there is none, or nothing where it was given up for another question."""
        with self._lock:
            self._question = wanted.question
        try:
            answer = self._ask(wanted, part)
        except CancelledError:
            self.end()
            answer = None
        except Exception as error:  # noqa: BLE001  (whatever it is, answers go on)
            self.end()
            answer = None if self._ended else _in_words(error)
        with self._lock:
            self._question = self._future = None
        return answer

    def turn_to(self, question: Question) -> None:
        """This question waits: give a piece of another one a little time, now or as soon as it is begun."""
        with self._lock:
            self._latest = question
            future = self._future if self._overtaken() else None
        if future is not None:
            self._be_patient_with(future)

    def give_up(self) -> None:
        """End what is going on, and the process; nothing is begun any more."""
        with self._lock:
            self._ended = True
            future = self._future
        if future is not None:
            future.cancel()
        worker = self._taken()
        if worker is not None:
            with suppress(RuntimeError):  # no thread is left for clearing up
                worker.dispose()

    def end(self) -> None:
        """End the process, if there is one."""
        worker = self._taken()
        if worker is not None:
            worker.dispose().join()

    def _taken(self) -> WorkerProcess | None:
        """The process, for who ends it."""
        with self._lock:
            worker, self._worker = self._worker, None
        return worker

    def _overtaken(self) -> bool:
        """Whether another question waits; with the lock."""
        return self._latest is not None and self._question is not None and self._latest != self._question

    def _be_patient_with(self, future: Future[Any]) -> None:
        """End the process in a while, if it is still at this piece and another question still waits."""

        def cancel() -> None:
            with self._lock:
                late = self._future is future and self._overtaken()
            if late:
                future.cancel()

        timer = threading.Timer(PATIENCE_SECONDS, cancel)
        timer.daemon = True
        timer.start()

    def _ask(self, wanted: Wanted, part: Part) -> Piece | str | None:
        worker = self._ready_worker()
        for document in (None, wanted.workspace):
            with self._lock:
                if self._ended or self._overtaken():
                    return None
            answer: Piece | str | None = worker.call(
                step,
                wanted.question,
                part,
                document,
                timeout=LONGEST_SECONDS,
                on_scheduled=self._scheduled,
            )
            if answer is not None:
                return answer
        raise WorkerLost(None, started=True)

    def _ready_worker(self) -> WorkerProcess:
        """The process, started first where there is none."""
        worker = self._worker
        if worker is None:
            worker = WorkerProcess("newton", niceness=NICENESS)
            with self._lock:
                self._worker = worker
            worker.wait_until_ready(lambda: self._ended)
        return worker

    def _scheduled(self, future: Future[Any]) -> None:
        with self._lock:
            self._future = future
            ended, overtaken = self._ended, self._overtaken()
        if ended:
            future.cancel()
        elif overtaken:
            self._be_patient_with(future)


def _in_words(error: Exception) -> str:
    if isinstance(error, PointTimeout):
        return f"It took longer than {LONGEST_SECONDS:g} s and was stopped."
    if isinstance(error, WorkerLost):
        return f"The process that fits {error.reason}: try again."
    _log.error("looking into a point", exc_info=error)
    return f"Something went wrong ({type(error).__name__}: {error}): please report it."
