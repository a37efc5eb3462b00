"""The contract between the application and whatever fits: plan, task, result, backend.

Everything that crosses a process or a network is a frozen ``msgspec.Struct``: typed, comparable, and the same
JSON on every supported Python.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    from fitgui_backends.events import BackendEvent, TasksAccepted

Emit = Callable[["BackendEvent"], None]
"""How a backend reports: safe to call from any thread, returns at once, never raises."""


class TaskState(StrEnum):
    """Where a signal point stands in its run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the point unless the user asks for it."""
        return self in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)


TEST_STATISTICS = ("qtilde", "q")
"""For :attr:`FitOptions.test_statistic`."""


class FitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How every point of a plan is fitted, and what is asked of it.

    CLs comes from the profile likelihood in the asymptotic approximation (arXiv:1007.1727), as
    ``pyhf.infer.hypotest`` does by default.
    """

    engine: str = "newton"
    poi_test: float = 1.0
    """The tested signal strength mu."""
    test_statistic: str = "qtilde"
    """``qtilde``, or ``q``, which lets mu-hat be negative where the measurement's bounds do."""
    limits: bool = False
    """Also upper limits on mu at 95 % CL, observed and expected."""
    discovery: bool = False
    """Also the p-value of the background-only hypothesis, by q0."""
    toys: int = 0
    """Pseudo-experiments for each hypothesis; 0 leaves it at the asymptotic formulae."""
    seed: int = 0
    """Of the pseudo-experiments."""
    non_negative: bool = False
    """Where a sample's rate is negative at a minimum, also CLs with rates restricted to zero or more."""
    tensor_backend: str = "numpy"
    """pyhf's tensor library: ``numpy`` or ``jax`` (needs the extra ``jax``)."""
    optimizer: str = "scipy"
    """pyhf's minimiser: ``scipy`` (SLSQP) or ``minuit`` (needs the extra ``minuit``)."""
    normsys_interpolation: str = "code4"
    histosys_interpolation: str = "code4p"
    timeout_seconds: float | None = 1800.0
    """A point that takes longer is stopped and marked as failed; ``None`` waits for ever."""


class FitPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One signal hypothesis: its name and the patch that adds it to the workspace."""

    name: str
    operations: bytes
    """A JSON array of RFC 6902 operations, as published. Kept packed: a worker unpacks what it fits."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where within a backend points are fitted, and with which resources."""

    identifier: str = ""
    """Of a Globus Compute endpoint; ``slurm`` or ``local`` for Parsl."""
    name: str = ""
    """For people."""
    options: dict[str, str | int | float | bool] = {}
    """What the form of the place asks: account, partition, walltime, max_blocks ...; without empty values."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend is asked to do: these points of one workspace, with these options."""

    workspace: bytes
    """The workspace as JSON, without a byte order mark."""
    workspace_digest: str
    """sha256 of the canonical JSON, hexadecimal; the key of every cache."""
    measurement: str | None = None
    """The measurement of the workspace that defines the POI; ``None`` takes the first."""
    points: tuple[FitPoint, ...]
    options: FitOptions = FitOptions()
    workers: int | None = None
    """How many points at once; ``None`` leaves it to the backend."""
    place: Place | None = None
    """Where, for a backend that has several places."""
    seconds_per_point: float | None = None
    """What a point of this workspace took before with such options, as far as is known; sizes pieces."""


class ToyShare(msgspec.Struct, frozen=True):
    """Some of the pseudo-experiments of a point, by number; number i is the same whoever throws it."""

    first: int
    """Counted from 0. The share that begins with it also does everything else that is asked of the point."""
    count: int
    """Of each hypothesis."""


class FitTask(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that is sent to a worker: one point, a share of one, or a chunk of points."""

    identifier: str
    workspace_digest: str
    measurement: str | None
    points: tuple[FitPoint, ...]
    """Of the same workspace."""
    options: FitOptions
    toys: ToyShare | None = None
    """Where the point is shared between workers: what this one does of it. ``None`` asks for all of it."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend can do, so that the application offers nothing that it cannot keep."""

    can_cancel_running: bool
    survives_client_exit: bool
    max_payload_bytes: int | None
    max_workers: int | None
    engines: tuple[str, ...]


class Need(StrEnum):
    """What a backend lacks before it can be used."""

    NOTHING = ""
    PACKAGE = "package"
    """It is not installed."""
    LOGIN = "login"
    PLACE = "place"
    """None is chosen."""
    ONLINE = "online"
    """The chosen place is offline."""
    SERVICE = "service"
    """The service, or the network, does not answer."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a backend can be used now."""

    ready: bool
    summary: str
    """One line in words: ``ready, 2 workers``."""
    remedy: str = ""
    """What the user can do, where it is not ready."""
    needs: Need = Need.NOTHING
    """The same for the program, which offers a way to get it."""
    details: dict[str, str] = {}
    """Versions, host, cores: shown as they are."""


class RunHandle(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted plan, as its backend knows it."""

    identifier: str


class BackendError(Exception):
    """A backend cannot do what was asked; the text is one sentence for the user."""


class Backend(Protocol):
    """Where points are fitted. Every point that was submitted ends in exactly one final event."""

    @property
    def name(self) -> str:
        """``local``, ``globus``, ``parsl``."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        ...

    def check(self) -> Health:
        """Look at versions, reachability and credentials; may take a while, never raises."""
        ...

    def warm_up(self) -> None:
        """Start what takes time to start, so that the first plan need not wait; returns at once."""
        ...

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        """Take the plan and return at once; progress is reported through ``emit``.

        Raises:
            BackendError: if nothing of the plan was accepted.
        """
        ...

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        """Cancel the named points, or all that are not final; each is reported as cancelled."""
        ...

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        """Go on with tasks that an earlier application handed over; what is lost of them is fitted anew.

        Args:
            plan: The points that have no result yet; those of no task are submitted.
            accepted: From the journal of the run, oldest first, without tasks whose answers are known.
            emit: As for :meth:`submit`.

        Raises:
            BackendError: if nothing of the plan was accepted.
        """
        ...

    def close(self) -> None:
        """Release workers and connections; points in flight are cancelled, unless runs survive the client."""
        ...


class PlaceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A place that the user may choose."""

    identifier: str
    name: str
    status: str = "unknown"
    """``online``, ``offline`` or ``unknown``."""
    description: str = ""
    """One line: whose it is, host, what it submits to."""


@runtime_checkable
class ClusterBackend(Backend, Protocol):
    """A backend with places elsewhere; every method here may take seconds and is called off the GUI thread.

    Raises:
        BackendError: by each of them, in one sentence.
    """

    def places(self, first: Sequence[str] = ()) -> tuple[PlaceInfo, ...]:
        """What the user may choose from, with its status now; ``first`` are to stand at the beginning."""
        ...

    def form(self, place: str) -> Mapping[str, Any]:
        """JSON schema (an object with ``properties``) of the options of a place."""
        ...

    def health_of(self, place: Place) -> Health:
        """Whether the place can be used now, without running anything there."""
        ...

    def try_out(self, place: Place) -> Health:
        """Run the check task on a worker of the place: versions, host, cores, threads; may take minutes."""
        ...

    def give_up_try_out(self, place: Place) -> None:
        """End checks of the place that wait for a worker."""
        ...


@runtime_checkable
class LoginBackend(ClusterBackend, Protocol):
    """A backend that asks who the user is; methods as in :class:`ClusterBackend`."""

    def begin_login(self, *, browser: bool) -> str:
        """Begin a login; returns the address that the user is to visit.

        Args:
            browser: Whether a browser of this machine can come back to a loopback address; else the page
                shows a code that the user copies.
        """
        ...

    def finish_login(self, code: str | None = None) -> Health:
        """Wait for the browser to come back (``None``), or take the code; says who is logged in."""
        ...

    def cancel_login(self) -> None:
        """Give up a login that was begun; ``finish_login`` ends with an error."""
        ...

    def logout(self) -> Health:
        """Revoke and delete what is kept of the login."""
        ...
