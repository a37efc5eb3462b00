"""A cluster to test the window with: its places, login and form are made up, its fits are this machine's.

It keeps to the contract as the real backends do: everything may take time (a gate that the test opens), every
error is a :class:`BackendError`, and a login waits until the browser comes back, a code is given, or it is
given up.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fitgui_backends.contract import (
    BackendError,
    Capabilities,
    Emit,
    Health,
    Need,
    Place,
    PlaceInfo,
    Plan,
    RunHandle,
)
from fitgui_backends.events import RemoteTask, TasksAccepted
from fitgui_backends.local import LocalBackend

RIVER = PlaceInfo(
    identifier="11111111-1111-1111-1111-111111111111",
    name="river-slurm",
    status="online",
    description="Mountain Institute · river.example.org · Slurm",
)
LAKE = PlaceInfo(
    identifier="22222222-2222-2222-2222-222222222222",
    name="lake-htcondor",
    status="offline",
    description="Mountain Institute · lake.example.org · HTCondor",
)
SLURM = PlaceInfo(
    identifier="slurm", name="Slurm", status="online", description="the cluster of this login node"
)
ATTIC = PlaceInfo(
    identifier="33333333-3333-3333-3333-333333333333",
    name="attic",
    status="online",
    description="of a friend, in no list",
)
HERE = PlaceInfo(
    identifier="local", name="This machine", status="online", description="blocks of this machine"
)
FORM: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "account": {"type": "string", "title": "Account", "description": "Who pays for the nodes."},
        "partition": {
            "type": "string",
            "title": "Partition",
            "enum": ["", "debug", "long"],
            "default": "debug",
        },
        "walltime": {
            "type": "string",
            "title": "Walltime",
            "pattern": r"^\d+:\d{2}:\d{2}$",
            "default": "0:30:00",
            "description": "After which a block ends, as hours:minutes:seconds.",
        },
        "max_blocks": {
            "type": "integer",
            "title": "Blocks at most",
            "minimum": 1,
            "maximum": 64,
            "default": 4,
            "description": "How many jobs of the batch system at once.",
        },
        "exclusive": {"type": "boolean", "title": "Whole nodes", "default": False},
        "worker_init": {
            "type": "string",
            "title": "Commands before workers start",
            "format": "multiline",
            "description": "Such as the loading of modules.",
        },
    },
    "required": ["account"],
    "additionalProperties": False,
}
WORKER = {
    "host": "river-017",
    "Python": "3.12.1",
    "fitgui-backends": "0.1.0",
    "numpy": "2.4.6",
    "scipy": "1.16.3",
    "pyhf": "0.7.6",
    "cores": "64",
    "memory": "251.0 GiB",
    "block": "Slurm 418",
    "partition": "debug",
    "account": "atlas",
    "cache folder": "/scratch/rosalind/fitgui",
    "import of pyhf": "1.2 s",
    "BLAS threads": "1",
}


@dataclass
class HandCluster:
    """A cluster whose answers are those that the test wants.

    Args: the fields; ``asked`` fills with the names of the questions that reached the service.
    """

    name: str = "globus"
    missing: bool = False
    user: str = "rosalind@mountain.example"
    logged_in: bool = True
    spots: tuple[PlaceInfo, ...] = (RIVER, LAKE)
    unlisted: tuple[PlaceInfo, ...] = ()
    """Known only to those who ask for them by their identifiers."""
    schema: Mapping[str, Any] = field(default_factory=lambda: FORM)
    worker: Mapping[str, str] = field(default_factory=lambda: dict(WORKER))
    trouble: BackendError | None = None
    """What every question to the service ends with."""
    survives: bool = True
    code: str = "abcd-1234"
    kept: str = "the keyring of this system"
    gate: threading.Event = field(default_factory=threading.Event)
    """A check task waits until it is set."""

    def __post_init__(self) -> None:
        self.gate.set()
        self.asked: list[str] = []
        self.first: tuple[str, ...] = ()
        """What was to be listed first when places were asked for last."""
        self.plans: list[Plan] = []
        self.reattached: list[Plan] = []
        self.address = "https://auth.globus.org/v2/oauth2/authorize?client_id=4cf29807&state=x"
        self.browser_back = threading.Event()
        self.given_up = threading.Event()
        self.check_given_up = threading.Event()
        self._local: LocalBackend | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=self.survives,
            max_payload_bytes=10_000_000,
            max_workers=None,
            engines=("newton", "pyhf"),
        )

    def check(self) -> Health:
        if self.missing:
            remedy = f'Install it with: pip install "fitgui[{self.name}]"'
            return Health(ready=False, summary="not installed", remedy=remedy, needs=Need.PACKAGE)
        return Health(ready=True, summary="installed", needs=Need.PLACE)

    def warm_up(self) -> None:
        """There is nothing to start."""

    def places(self, first: Sequence[str] = ()) -> tuple[PlaceInfo, ...]:
        self._ask("places")
        self.first = tuple(first)
        return (*(spot for spot in self.unlisted if spot.identifier in first), *self.spots)

    def form(self, place: str) -> Mapping[str, Any]:
        self._ask("form")
        return self.schema

    def health_of(self, place: Place) -> Health:
        self._ask("health")
        info = next(
            (spot for spot in (*self.spots, *self.unlisted) if spot.identifier == place.identifier), None
        )
        if info is None or info.status == "offline":
            return Health(
                ready=False,
                summary=f"{place.name or place.identifier} is offline",
                remedy="Ask who runs it to start it.",
                needs=Need.ONLINE,
            )
        return Health(ready=True, summary=f"ready as {self.user}", details=self._details())

    def try_out(self, place: Place) -> Health:
        self._ask("try_out")
        self.check_given_up.clear()
        while not self.gate.wait(0.02):
            if self.check_given_up.is_set():
                raise BackendError("The check was given up.")
        self._ask("try_out again")
        return Health(
            ready=True, summary=f"a worker answered from {self.worker['host']}", details=dict(self.worker)
        )

    def give_up_try_out(self, place: Place) -> None:
        self._ask(f"give_up_try_out {place.name}")
        self.check_given_up.set()

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        self._ask("submit")
        self.plans.append(plan)
        points = tuple(point.name for point in plan.points)
        place = plan.place.identifier if plan.place is not None else ""
        task = RemoteTask(identifier="t1", points=points)
        emit(TasksAccepted(group="g1", place=place, tasks=(task,), sent_bytes=1000))
        return self._fitter().submit(msgspec.structs.replace(plan, workers=1, place=None), emit)

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        self.reattached.append(plan)
        return self._fitter().submit(msgspec.structs.replace(plan, workers=1, place=None), emit)

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        self._fitter().cancel(handle, points)

    def close(self) -> None:
        self.given_up.set()
        self.gate.set()
        if self._local is not None:
            self._local.close()

    def _fitter(self) -> LocalBackend:
        if self._local is None:
            self._local = LocalBackend(workers=1)
        return self._local

    def _details(self) -> dict[str, str]:
        """As the courier tells them."""
        return {"logged in as": self.user, "login kept in": self.kept} if self.name == "globus" else {}

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if self.trouble is not None:
            raise self.trouble
        if not self.logged_in:
            raise NeedsLoginError


class NeedsLoginError(BackendError):
    """As the courier's error."""

    needs = Need.LOGIN

    def __init__(self) -> None:
        super().__init__("Nobody is logged in to Globus.")


class HandGlobus(HandCluster):
    """With a login."""

    def begin_login(self, *, browser: bool) -> str:
        self.asked.append(f"begin_login {'browser' if browser else 'code'}")
        self.browser_back.clear()
        self.given_up.clear()
        return self.address

    def finish_login(self, code: str | None = None) -> Health:
        if code is None:
            while not self.browser_back.wait(0.02):
                if self.given_up.is_set():
                    raise BackendError("The login was given up.")
        elif code != self.code:
            raise BackendError("Globus does not accept the code: copy all of it, or begin again.")
        self.logged_in = True
        return Health(
            ready=False,
            summary=f"logged in as {self.user}, no endpoint is chosen",
            remedy="Choose an endpoint.",
            needs=Need.PLACE,
            details=self._details(),
        )

    def cancel_login(self) -> None:
        self.asked.append("cancel_login")
        self.given_up.set()

    def logout(self) -> Health:
        self.asked.append("logout")
        self.logged_in = False
        return Health(ready=False, summary="not logged in to Globus", remedy="Log in.", needs=Need.LOGIN)


def parsl(**wishes: Any) -> HandCluster:
    """A cluster without login and without a service."""
    return HandCluster(**{"name": "parsl", "spots": (SLURM, HERE), "survives": False, **wishes})
