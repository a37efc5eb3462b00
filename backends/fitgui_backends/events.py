"""What happens to a run: immutable records, told apart by their ``type`` in JSON.

A backend emits the events in :data:`BackendEvent`; the application adds the start and the end of the run and
stamps each with its time (:class:`StampedEvent`).
"""

from __future__ import annotations

import msgspec

from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult, Seconds


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Something that happened to a run."""


class RunStarted(Event, frozen=True, kw_only=True):
    """A run began, or began again after an interruption (``resumed``)."""

    backend: str
    workers: int | None
    points: tuple[str, ...]
    """The points that are to be fitted now; on resumption those that have no result yet."""
    resumed: bool = False
    versions: dict[str, str] = {}
    """Of what fits these points, by distribution, and of Python."""


class TaskStateChanged(Event, frozen=True, kw_only=True):
    """Points are queued (again), running, or were cancelled."""

    points: tuple[str, ...]
    state: TaskState
    worker: str = ""
    phase: str = ""
    """What points that are queued are waiting for, as a user knows it: ``waiting for nodes``."""


class RemoteTask(msgspec.Struct, frozen=True, kw_only=True):
    """Points that a cluster takes at once, under the name that the cluster gave them."""

    identifier: str
    points: tuple[str, ...]


class TasksAccepted(Event, frozen=True, kw_only=True):
    """A cluster took tasks; with this an application that is started later finds them again."""

    group: str
    """The task group of the service."""
    place: str
    """The identifier of the place."""
    tasks: tuple[RemoteTask, ...]
    token: str = ""
    """By which workers are told to stop with them."""
    sent_bytes: int = 0
    """Of the request that carried them."""
    seconds: float = 0.0
    """What that request took."""


class TaskTimed(Event, frozen=True, kw_only=True):
    """A worker has answered a task: where, and where the time went; the task is not asked for again.

    Clocks of different hosts are never compared directly: ``began`` and ``ended`` are on that of the worker's
    host, everything else is a duration. ``fitgui.runs.timeline`` says how the two come together.
    """

    task: str
    """Its identifier at the service; of this machine's workers a number."""
    points: tuple[str, ...]
    worker: str
    """``host:pid``"""
    block: str = ""
    """The job of the batch system that the worker belongs to."""
    sent_ago: float | None = None
    """Seconds before this event that handing it over began; ``None`` if an earlier application did."""
    accepted_ago: float | None = None
    """As ``sent_ago``, until it was taken."""
    began: float
    """Seconds on the clock of the worker's host."""
    ended: float
    unpack: float = 0.0
    """Seconds within ``began`` and ``ended``: unpacking, and getting hold of the workspace."""
    model: float = 0.0
    fit: float = 0.0
    received_bytes: int = 0
    versions: dict[str, str] = {}
    """Of what fits there, by distribution, and of Python; with the first task of each worker."""


class PlaceChanged(Event, frozen=True, kw_only=True):
    """How the place stands where points are fitted; what is not known is ``None``."""

    status: str
    """``online``, ``offline``, ``unreachable`` (the service does not answer) or ``login`` (needed)."""
    text: str = ""
    """The same in words."""
    blocks_pending: int | None = None
    blocks_running: int | None = None
    nodes: int | None = None
    workers: int | None = None
    workers_idle: int | None = None


class PointProgress(Event, frozen=True, kw_only=True):
    """Of a running point, another part of what takes long is in: its pseudo-experiments; changes no state."""

    name: str
    done: int
    """Pseudo-experiments that are in."""
    total: int
    """That were asked for."""
    workers: tuple[str, ...] = ()
    """All that have a part of the point now, sorted; empty where the backend does not tell."""


class PointFitted(Event, frozen=True, kw_only=True):
    """A point has its result; final."""

    result: FitResult


class PointFailed(Event, frozen=True, kw_only=True):
    """A point has no result, and why; final."""

    name: str
    error: str
    """One sentence: what went wrong and, where there is something, what to do."""
    worker: str = ""
    attempts: int = 1
    seconds: Seconds = Seconds()
    """``fit`` is all that workers spent on it, as far as is known: also until they were stopped, or died."""


class PointChecked(Event, frozen=True, kw_only=True):
    """A point of the run was fitted again by the reference engine, to compare; changes no state."""

    name: str
    reference: FitResult | None
    """What the reference engine says; ``None`` where it gave no answer."""
    error: str = ""
    """Why it gave none: one sentence."""


class CheckStateChanged(Event, frozen=True, kw_only=True):
    """The check of a sample of points is waiting for the run's end, running, done, or given up."""

    state: str
    """``waiting``, ``running``, ``done``, or ``none`` after it was given up."""
    wanted: int = 0
    """How many points are checked, or are to be."""
    points: tuple[str, ...] = ()
    """Which, once they are chosen."""
    engine: str = ""
    """That fitted the run."""
    reference: str = ""
    """The engine that it is compared with."""
    text: str = ""
    """Why it was given up: one sentence."""


class Notice(Event, frozen=True, kw_only=True):
    """Something that the user should know about the run as a whole."""

    level: str
    """``info``, ``warning`` or ``error``."""
    text: str


class RunFinished(Event, frozen=True, kw_only=True):
    """No point of the run is waiting any more."""

    outcome: str
    """``done``, ``failed`` (at least one point failed) or ``cancelled``."""
    wall_seconds: float
    """From the (last) start to the last point, monotonic."""


BackendEvent = (
    TaskStateChanged
    | TasksAccepted
    | TaskTimed
    | PlaceChanged
    | PointProgress
    | PointFitted
    | PointFailed
    | Notice
)
RunEvent = (
    RunStarted
    | TaskStateChanged
    | TasksAccepted
    | TaskTimed
    | PlaceChanged
    | PointProgress
    | PointFitted
    | PointFailed
    | PointChecked
    | CheckStateChanged
    | Notice
    | RunFinished
)


class StampedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in its place in the journal of a run."""

    sequence: int
    """Counts from 1 within the run, without gaps."""
    time: float
    """Seconds since 1970-01-01 UTC, for people; durations use ``elapsed``."""
    elapsed: float
    """Monotonic seconds of work on this run so far, interruptions not counted."""
    event: RunEvent
