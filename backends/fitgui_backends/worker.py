"""What runs inside a worker process of the local backend.

The module is imported by the worker before anything else of ours: it must stay light, and numpy must not load
before :func:`start` has set the number of threads.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint, FitTask, ToyShare
from fitgui_backends.engines import FitError, load_engine
from fitgui_backends.machine import SINGLE_THREADED, resident_bytes
from fitgui_backends.results import FitResult, ShareResult, ToyPart
from fitgui_backends.shares import merge_shares

if TYPE_CHECKING:
    from fitgui_backends.engines.base import PreparedWorkspace

KEPT_WORKSPACES = 4
"""Workspaces that a worker remembers; the stau pallet has three regions."""


class Failure(msgspec.Struct, frozen=True):
    """A point without an answer, and why in one sentence."""

    name: str
    error: str
    seconds: float = 0.0
    """That the point took until then."""


class Message(msgspec.Struct, frozen=True):
    """What a worker says between results; small, so that a pipe takes it whole."""

    kind: str
    """``ready``, ``started`` or (from the application itself) ``done``."""
    serial: int
    pid: int


Answer = FitResult | ShareResult | Failure


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


class _State:
    """What this process remembers between tasks."""

    def __init__(self) -> None:
        self.mailbox: Connection | None = None
        self.workspaces: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self.prepared: OrderedDict[tuple[str, str | None, Any], PreparedWorkspace] = OrderedDict()


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
    _limit_threads()
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
    if workspace is None and task.workspace_digest not in _state.workspaces:
        return None
    if _state.mailbox is not None:
        _state.mailbox.send(Message("started", serial, os.getpid()))
    answers, began, seconds = _answers(task, workspace)
    return Outcome(answers, began, seconds, resident_bytes())


def conclude(
    _serial: int, result: FitResult, parts: tuple[ToyPart, ...], options: FitOptions
) -> FitResult | Failure:
    """Put the shares of a point together; here, because the errors of limits from toys take a while."""
    try:
        return merge_shares(result, parts, options)
    except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one point, not the run)
        return Failure(result.name, _unforeseen(error))


def describe(_serial: int = 0) -> dict[str, str]:
    """The state of this worker, for tests and for people: threads, memory, libraries that are loaded."""
    import threadpoolctl  # noqa: PLC0415

    pools = threadpoolctl.threadpool_info()
    return {
        "pid": str(os.getpid()),
        "threads": ",".join(str(pool["num_threads"]) for pool in pools),
        "pyhf loaded": str("pyhf" in sys.modules),
        "workspaces": str(len(_state.workspaces)),
    }


def _answers(task: FitTask, workspace: bytes | None) -> tuple[tuple[Answer, ...], tuple[float, ...], float]:
    started = time.monotonic()
    try:
        prepared = _prepare(task, workspace)
    except FitError as error:
        words = str(error)
    except MemoryError:
        words = "There is not enough memory for this workspace: use fewer workers."
    except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about these points)
        words = _unforeseen(error)
    else:
        ready = time.monotonic()
        answers, began = [], []
        for point in task.points:
            began.append(time.monotonic() - started)
            answers.append(_fit_point(prepared, point, task.toys))
        return tuple(answers), tuple(began), time.monotonic() - ready
    number = len(task.points)
    return tuple(Failure(point.name, words) for point in task.points), (0.0,) * number, 0.0


def _prepare(task: FitTask, workspace: bytes | None) -> PreparedWorkspace:
    digest = task.workspace_digest
    if workspace is not None:
        _state.workspaces[digest] = _decode(workspace)
    _state.workspaces.move_to_end(digest)
    key = (digest, task.measurement, task.options)
    if key not in _state.prepared:
        engine = load_engine(task.options.engine)
        _state.prepared[key] = engine.prepare(_state.workspaces[digest], task.measurement, task.options)
        _limit_threads()
    _state.prepared.move_to_end(key)
    for kept in (_state.workspaces, _state.prepared):
        while len(kept) > KEPT_WORKSPACES:
            kept.popitem(last=False)
    return _state.prepared[key]


def _decode(workspace: bytes) -> Mapping[str, Any]:
    try:
        document = msgspec.json.decode(workspace)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FitError(f"The workspace is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise FitError("The workspace is not a JSON object.")
    return document


def _fit_point(prepared: PreparedWorkspace, point: FitPoint, share: ToyShare | None) -> Answer:
    worker = f"{socket.gethostname()}:{os.getpid()}"
    began = time.monotonic()
    try:
        if share is None:
            return msgspec.structs.replace(prepared.fit(point), worker=worker)
        done = prepared.fit_share(point, share)
        if done.result is None:
            return done
        return ShareResult(part=done.part, result=msgspec.structs.replace(done.result, worker=worker))
    except FitError as error:
        words = str(error)
    except MemoryError:
        words = "There is not enough memory for this point: use fewer workers."
    except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one point, not the run)
        words = _unforeseen(error)
    return Failure(point.name, words, time.monotonic() - began)


def _unforeseen(error: Exception) -> str:
    text = " ".join(str(error).split())[:300]
    return f"The fit stopped with an unforeseen {type(error).__name__} ({text}): please report it."


def _limit_threads() -> None:
    """The belt to the braces of the environment: what the main module loaded before us is limited as well."""
    import threadpoolctl  # noqa: PLC0415

    threadpoolctl.threadpool_limits(limits=1)


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
