"""One process at which one thread asks, piece by piece; what takes long is given up for another question.

Who asks (:mod:`.service`, :mod:`fitgui.reinterpretation.answer.live`) decides what comes next; here it is
asked, and whatever goes wrong with the process becomes a sentence.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

from fitgui_backends.workers import PointTimeout, WorkerLost, WorkerProcess

LONGEST_SECONDS: Final = 300.0
"""Of one piece; then the process is ended."""
PATIENCE_SECONDS: Final = 1.0
"""Another question waits so long for a piece of the last one, before the process is ended."""

Asked = TypeVar("Asked")
"""What tells one question from another: compared, and sent to the process."""

_log = logging.getLogger(__name__)


class Desk(Generic[Asked]):
    """A process, started when it is needed (:mod:`fitgui_backends.workers`).

    Args:
        doing: What is done there, for the log: ``looking into a point``.
        niceness: How far the process steps back behind others.
    """

    def __init__(self, doing: str, *, niceness: int = 0) -> None:
        self._doing, self._niceness = doing, niceness
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._future: Future[Any] | None = None
        """The piece that is being found out, from when the process has it."""
        self._question: Asked | None = None
        """What is being found out, from before there is a process for it."""
        self._latest: Asked | None = None
        """What was asked last, if anything was since the thread began."""
        self._started = 0
        self._ended = False

    @property
    def process(self) -> int:
        """Which process it is, counted from 1; zero while there is none."""
        with self._lock:
            return 0 if self._worker is None else self._started

    def ask(
        self,
        function: Callable[..., Any],
        question: Asked,
        *args: Any,
        workspace: bytes,
        lasting: bool = False,
    ) -> Any:
        """One piece.

        Args:
            function: Of a module; runs in the process as ``function(serial, question, *args, workspace)``,
                first with ``None`` for the workspace, and again with it where it answers ``None``.
            question: What is asked.
            args: Which piece.
            workspace: The document.
            lasting: Whether it is waited for, whatever else is asked meanwhile.

        Returns:
            The answer, a sentence why there is none, or ``None`` where it was given up for another question.
        """
        with self._lock:
            self._question = None if lasting else question
        try:
            answer = self._ask(function, (question, *args), workspace)
        except CancelledError:
            self.end()
            answer = None
        except Exception as error:  # noqa: BLE001  (whatever it is, answers go on)
            self.end()
            answer = None if self._ended else self._in_words(error)
        with self._lock:
            self._question = self._future = None
        return answer

    def turn_to(self, question: Asked) -> None:
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

    def _ask(self, function: Callable[..., Any], args: tuple[Any, ...], workspace: bytes) -> Any:
        worker = self._ready_worker()
        for document in (None, workspace):
            with self._lock:
                if self._ended or self._overtaken():
                    return None
            answer = worker.call(
                function, *args, document, timeout=LONGEST_SECONDS, on_scheduled=self._scheduled
            )
            if answer is not None:
                return answer
        raise WorkerLost(None, started=True)

    def _ready_worker(self) -> WorkerProcess:
        """The process, started first where there is none."""
        worker = self._worker
        if worker is None:
            worker = WorkerProcess("newton", niceness=self._niceness)
            with self._lock:
                self._worker = worker
                self._started += 1
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

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, PointTimeout):
            return f"It took longer than {LONGEST_SECONDS:g} s and was stopped."
        if isinstance(error, WorkerLost):
            return f"The process that fits {error.reason}: try again."
        _log.error(self._doing, exc_info=error)
        return f"Something went wrong ({type(error).__name__}: {error}): please report it."
