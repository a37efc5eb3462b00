"""A cluster for the command line: login, endpoints and options, and this machine as its only worker.

It keeps the contract of :class:`fitgui_backends.contract.LoginBackend`, with what it knows in files, so that
several commands can follow each other. What stands behind the real ones is tested with the real ones.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
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
    TaskState,
)
from fitgui_backends.events import (
    BackendEvent,
    PlaceChanged,
    RemoteTask,
    TasksAccepted,
    TaskStateChanged,
)
from fitgui_backends.local import LocalBackend

GRID = "11111111-0000-4000-8000-000000000001"
FARM = "22222222-0000-4000-8000-000000000002"
TWIN = "33333333-0000-4000-8000-000000000003"
HIDDEN = "44444444-0000-4000-8000-000000000004"
STRANGE = "55555555-0000-4000-8000-000000000005"
NO_NODES = "FITGUI_TEST_NO_NODES"
"""Environment variable: no node becomes free before there is a file ``nodes``."""
NO_KEYRING = "FITGUI_TEST_NO_KEYRING"
"""Environment variable: logins are kept in memory."""
CODE = "open-sesame"

PLACES = (
    PlaceInfo(identifier=GRID, name="Grid", status="online", description="the grid of the institute"),
    PlaceInfo(identifier=FARM, name="farm", status="offline", description="of ada"),
    PlaceInfo(identifier=TWIN, name="farm", status="online", description="of bob"),
)
UNLISTED = (
    PlaceInfo(identifier=HIDDEN, name="Attic", status="online", description="of a friend, not listed"),
)
NAMED = "FITGUI_TEST_NAMED"
"""Environment variable: the name of one more endpoint, of somebody else."""
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "account": {"type": "string", "description": "Who pays."},
        "walltime": {"type": "string", "pattern": "^[0-9]+:[0-9]{2}:[0-9]{2}$", "title": "HH:MM:SS"},
        "max_blocks": {"type": "integer", "minimum": 1, "default": 1},
        "memory": {"type": ["number", "null"]},
        "exclusive": {"type": "boolean", "default": False},
        "partition": {"enum": ["short", "long", 7]},
    },
    "additionalProperties": False,
}


class ClusterOnThisMachine:
    """See the module."""

    name = "globus"

    def __init__(self, *, folder: Path, client_id: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.client_id = client_id
        self._local: LocalBackend | None = None
        self._closed = False
        self._given_up = threading.Event()
        self._stopped = threading.Event()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            can_cancel_running=True,
            survives_client_exit=True,
            max_payload_bytes=10**7,
            max_workers=None,
            engines=("newton", "pyhf"),
        )

    def check(self) -> Health:
        return Health(ready=True, summary="installed", needs=Need.PLACE)

    def warm_up(self) -> None:
        """There is nothing to start."""

    def places(self, first: Sequence[str] = ()) -> tuple[PlaceInfo, ...]:
        self._ask()
        hidden = tuple(info for info in UNLISTED if info.identifier in first)
        return (*hidden, *PLACES, *self._named_by_strangers())

    def form(self, place: str) -> Mapping[str, Any]:
        self._ask()
        return FORM

    def health_of(self, place: Place) -> Health:
        if not self._login.exists():
            return Health(ready=False, summary="needs login", remedy="log in", needs=Need.LOGIN)
        who = f"logged in as {self._login.read_text(encoding='utf-8')}"
        if not place.identifier:
            return Health(ready=False, summary=who, remedy="choose an endpoint", needs=Need.PLACE)
        info = next((info for info in PLACES if info.identifier == place.identifier), None)
        if info is not None and info.status == "offline":
            return Health(ready=False, summary=f"{info.name} is offline", remedy="ask ada", needs=Need.ONLINE)
        return Health(ready=True, summary=f"{place.name} is online", details={"logged in": "ada"})

    def try_out(self, place: Place) -> Health:
        self._ask()
        details = {"host": "node7", "Python": "3.12.1", "options": json.dumps(place.options)}
        return Health(ready=True, summary="a worker answered from node7", details=details)

    def give_up_try_out(self, place: Place) -> None:
        self._note(f"gave up the check of {place.identifier}")

    def begin_login(self, *, browser: bool) -> str:
        self._browser = browser
        return str(self.folder / "visited") if browser else "https://login.example.org/code"

    def finish_login(self, code: str | None = None) -> Health:
        if self._browser:
            while not (self.folder / "visited").exists():
                if self._given_up.wait(0.02):
                    raise BackendError("The login was given up.")
        elif code != CODE:
            raise BackendError("The code is wrong: copy it once more")
        client = "" if self.client_id is None else f" by {self.client_id}"
        self._login.write_text(f"ada{client}", encoding="utf-8")
        where = "memory, until fitgui ends" if os.environ.get(NO_KEYRING) else "the keyring of this system"
        return Health(ready=True, summary=f"logged in as ada{client}", details={"login kept in": where})

    def cancel_login(self) -> None:
        self._note("given up")
        self._given_up.set()

    def logout(self) -> Health:
        self._login.unlink(missing_ok=True)
        return Health(ready=False, summary="logged out", needs=Need.LOGIN)

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        return self._fit(plan, emit, accepted=False)

    def reattach(self, plan: Plan, accepted: Sequence[TasksAccepted], emit: Emit) -> RunHandle:
        tasks = [task.identifier for event in accepted for task in event.tasks]
        self._note(f"reattached to {len(tasks)}")
        return self._fit(plan, emit, accepted=True)

    def cancel(self, handle: RunHandle, points: Collection[str] | None = None) -> None:
        self._note("told to stop")
        if self._local is None:
            self._stopped.set()
        else:
            self._local.cancel(handle, points)

    def close(self) -> None:
        self._closed = True
        if self._local is not None:
            self._local.close()

    def noted(self) -> list[str]:
        path = self.folder / "noted"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def _fit(self, plan: Plan, emit: Emit, *, accepted: bool) -> RunHandle:
        assert plan.place is not None
        self._note(f"{len(plan.points)} points for {plan.place.name} {json.dumps(plan.place.options)}")
        names = tuple(point.name for point in plan.points)

        def passed_on(event: BackendEvent) -> None:
            if not self._closed:  # what is at the cluster stays as it is when the application ends
                emit(event)

        emit(TaskStateChanged(points=names, state=TaskState.QUEUED))
        if not accepted:
            tasks = tuple(RemoteTask(identifier=f"task of {name}", points=(name,)) for name in names)
            emit(TasksAccepted(group="group", place=plan.place.identifier, tasks=tasks))
        emit(PlaceChanged(status="online", blocks_pending=1, blocks_running=0))
        emit(TaskStateChanged(points=names, state=TaskState.QUEUED, phase="waiting for nodes"))
        here = msgspec.structs.replace(plan, place=None, workers=1)
        if not os.environ.get(NO_NODES):
            return self._begin(here, passed_on)
        threading.Thread(target=self._wait_for_nodes, args=(here, passed_on), daemon=True).start()
        return RunHandle(identifier="waiting")

    def _begin(self, plan: Plan, emit: Emit) -> RunHandle:
        emit(PlaceChanged(status="online", blocks_pending=0, blocks_running=1, workers=1))
        self._local = LocalBackend(workers=1)
        return self._local.submit(plan, emit)

    def _wait_for_nodes(self, plan: Plan, emit: Emit) -> None:
        while not (self.folder / "nodes").exists():
            if self._stopped.wait(0.02):
                emit(TaskStateChanged(points=tuple(p.name for p in plan.points), state=TaskState.CANCELLED))
                return
        self._begin(plan, emit)

    def _named_by_strangers(self) -> tuple[PlaceInfo, ...]:
        name = os.environ.get(NAMED)
        return () if not name else (PlaceInfo(identifier=STRANGE, name=name, status="online"),)

    def _ask(self) -> None:
        if not self._login.exists():
            raise BackendError("needs login: log in")

    def _note(self, text: str) -> None:
        with (self.folder / "noted").open("a", encoding="utf-8") as stream:
            stream.write(f"{text}\n")

    @property
    def _login(self) -> Path:
        return self.folder / "login"


def main() -> None:
    """The command, with this cluster in the place of Globus Compute."""
    from fitgui.__main__ import main as fitgui  # noqa: PLC0415
    from fitgui.runs import backends  # noqa: PLC0415

    backends._MODULES["globus"] = (__name__, ClusterOnThisMachine.__name__)
    fitgui()
