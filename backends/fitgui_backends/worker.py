"""What runs inside a worker process of the local backend.

The module is imported by the worker before anything else of ours: it must stay light, and numpy must not load
before :func:`start` has set the number of threads.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait

import msgspec

from fitgui_backends.contract import FitOptions, FitTask
from fitgui_backends.engines import FitError, load_engine
from fitgui_backends.engines.base import in_one_sentence
from fitgui_backends.fitting import Answer, Failure, Memory, fit_point, limit_threads
from fitgui_backends.machine import SINGLE_THREADED, resident_bytes
from fitgui_backends.results import FitResult, ToyPart
from fitgui_backends.shares import merge_shares

__all__ = ["Answer", "Failure", "Message", "Outcome", "conclude", "describe", "fit", "start"]


class Message(msgspec.Struct, frozen=True):
    """What a worker says between results; small, so that a pipe takes it whole."""

    kind: str
    """``ready``, ``started`` or (from the application itself) ``done``."""
    serial: int
    pid: int


class Outcome(msgspec.Struct, frozen=True):
    """What a task came to."""

    answers: tuple[Answer, ...]
    """One for each point, in order."""
    began: tuple[float, ...]
    """When each was begun with, in seconds after the task."""
    seconds: float
    """For all of them together, without what is done once for a workspace."""
    resident_bytes: int | None
    """Memory of the worker afterwards, so that one that grows can be replaced."""
    clock: float = 0.0
    """``time.time()`` when the task was begun."""
    ended: float = 0.0
    """Seconds after that until the last answer."""
    prepared: float = 0.0
    """Seconds until the workspace was at hand; almost none where it was known."""

    @property
    def spent(self) -> tuple[float, float]:
        """Seconds for models and for fits, of all answers; of a point that failed all counts as fit."""
        model = fit = 0.0
        for answer in self.answers:
            if isinstance(answer, Failure):
                fit += answer.seconds
                continue
            if not isinstance(answer, FitResult):
                fit += answer.part.seconds
            result = answer if isinstance(answer, FitResult) else answer.result
            if result is not None:
                model += result.seconds.model
                fit += result.seconds.fit
        return model, fit


class _State:
    """What this process remembers between tasks."""

    def __init__(self) -> None:
        self.mailbox: Connection | None = None
        self.memory = Memory()


_state = _State()


def start(mailbox: Connection, engine: str, niceness: int = 0) -> None:
    """Make this process a worker: one thread, quiet, warm, and gone when the application is gone.

    Args:
        mailbox: Where :class:`Message` go.
        engine: Imported now, so that the first point does not wait for it. Another one is imported when a
            task asks for it.
        niceness: How far to step back behind other processes, where the operating system has such a thing.
    """
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    threading.Thread(target=_die_with_the_application, name="watchdog", daemon=True).start()
    os.environ.update(SINGLE_THREADED)
    _silence()
    _state.mailbox = mailbox
    with suppress(FitError):  # The first point says so, in words that reach the user.
        load_engine(engine).warm_up()
    limit_threads()
    mailbox.send(Message("ready", 0, os.getpid()))


def fit(serial: int, task: FitTask, workspace: bytes | None) -> Outcome | None:
    """Fit the points of a task.

    Args:
        serial: Tells the messages of one task from those of another.
        task: The points.
        workspace: The document, where the application thinks that this worker does not have it.

    Returns:
        What it came to, or ``None`` if the workspace is needed (again).
    """
    if workspace is None and not _state.memory.knows(task.workspace_digest):
        return None
    if _state.mailbox is not None:
        _state.mailbox.send(Message("started", serial, os.getpid()))
    clock, started = time.time(), time.monotonic()
    answers, began, seconds = _answers(task, workspace)
    ended = time.monotonic() - started
    prepared = began[0] if began else 0.0
    return Outcome(answers, began, seconds, resident_bytes(), clock, ended, prepared)


def conclude(
    _serial: int, result: FitResult, parts: tuple[ToyPart, ...], options: FitOptions
) -> FitResult | Failure:
    """Put the shares of a point together; here, because the errors of limits from toys take a while."""
    try:
        return merge_shares(result, parts, options)
    except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one point, not the run)
        return Failure(result.name, in_one_sentence(error))


def describe(_serial: int = 0) -> dict[str, str]:
    """The state of this worker, for tests and for people: threads, memory, libraries that are loaded."""
    import threadpoolctl  # noqa: PLC0415

    pools = threadpoolctl.threadpool_info()
    return {
        "pid": str(os.getpid()),
        "threads": ",".join(str(pool["num_threads"]) for pool in pools),
        "pyhf loaded": str("pyhf" in sys.modules),
        "workspaces": str(len(_state.memory)),
    }


def _answers(task: FitTask, workspace: bytes | None) -> tuple[tuple[Answer, ...], tuple[float, ...], float]:
    started = time.monotonic()
    memory = _state.memory
    try:
        if workspace is not None:
            memory.keep(task.workspace_digest, workspace)
        prepared = memory.prepare(task.workspace_digest, task.measurement, task.options)
    except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about these points)
        words, number = in_one_sentence(error, "workspace"), len(task.points)
        return tuple(Failure(point.name, words) for point in task.points), (0.0,) * number, 0.0
    ready = time.monotonic()
    answers, began = [], []
    for point in task.points:
        began.append(time.monotonic() - started)
        answers.append(fit_point(prepared, point, task.toys))
    return tuple(answers), tuple(began), time.monotonic() - ready


def _silence() -> None:
    """Keep what C and C++ libraries print off the application's terminal; all that matters is in results."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _die_with_the_application() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
