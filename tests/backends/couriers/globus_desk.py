"""The application's side of a courier of Globus Compute, as tests use it, and an agent that is played."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from globus_compute_common import messagepack
from globus_compute_common.messagepack.message_types import EPStatusReport, Result, ResultErrorDetails

from fitgui_backends.contract import Place
from fitgui_backends.remote.courier import Courier
from fitgui_backends.remote.messages import Accepted, FromCourier, Send, Task, encode
from tests.cluster.standin.people import ALICE
from tests.cluster.standin.standin import StandIn

FACTORY = "fitgui_backends.couriers.globus:make_service"
PATIENCE = 60.0


class Desk:
    """A real courier, everything it says, and ways to wait for it."""

    def __init__(self, url: str, folder: Path, *, factory: str = FACTORY, **settings: Any) -> None:
        self.heard: list[FromCourier] = []
        self._changed = threading.Condition()
        self.lost = threading.Event()
        asked = {"folder": str(folder), "client_id": None, "test_service": url, "keyring": False, **settings}
        self.courier = Courier("Globus Compute", factory, asked, self._hear, self.lost.set)

    def _hear(self, message: FromCourier) -> None:
        with self._changed:
            self.heard.append(message)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[list[FromCourier]], Any], seconds: float = PATIENCE) -> Any:
        """What the condition says of all messages so far, when it says something."""
        with self._changed:
            found = self._changed.wait_for(lambda: condition(self.heard), seconds)
            assert found, f"did not come: {self.heard[-5:]}"
            return found

    def all(self, kind: type[FromCourier], **fields: object) -> list[Any]:
        """Messages of a kind, with these values, so far."""
        with self._changed:
            return select(self.heard, kind, **fields)

    def wait(self, kind: type[FromCourier], number: int = 1, **fields: object) -> list[Any]:
        """Messages of a kind, with these values, when there are so many."""

        def enough(heard: list[FromCourier]) -> list[Any]:
            found = select(heard, kind, **fields)
            return found if len(found) >= number else []

        found: list[Any] = self.wait_for(enough)
        return found

    def log_in(self) -> dict[str, Any]:
        """As a user does, with a browser that agrees at once."""
        address = self.courier.ask("begin_login", browser=True)
        assert requests.get(address, timeout=30).ok
        answer: dict[str, Any] = self.courier.ask("finish_login")
        return answer

    def send(self, place: Place, *keys: str, run: str = "run", function: str = "check", **more: Any) -> None:
        """Tasks with small requests."""
        tasks = tuple(Task(key=key, request={"run": run, "key": key}, size=40, **more) for key in keys)
        self.courier.tell(Send(run=run, place=place, function=function, tasks=tasks))

    def identifiers(self, run: str = "run") -> dict[str, str]:
        """Of accepted tasks, by key."""
        return {key: name for accepted in self.all(Accepted, run=run) for key, name in accepted.tasks.items()}

    @property
    def said(self) -> str:
        """Everything that came, as it came through the pipe."""
        return b"\n".join(encode(message) for message in self.heard).decode("utf-8", "replace")


def select(heard: list[FromCourier], kind: type[FromCourier], **fields: object) -> list[Any]:
    """Messages of a kind with these values."""
    return [
        message
        for message in heard
        if isinstance(message, kind)
        and all(getattr(message, name) == value for name, value in fields.items())
    ]


@contextmanager
def desk(url: str, folder: Path, **settings: Any) -> Iterator[Desk]:
    """A courier, until the end of the block; nothing is left of it then."""
    opened = Desk(url, folder, **settings)
    try:
        yield opened
    finally:
        opened.courier.close()
        if not opened.courier.join(10):
            opened.courier.kill()
            opened.courier.join(10)
            raise AssertionError("the courier did not end")


class PlayedAgent:
    """An endpoint in the books of the stand-in, and what its agent would report."""

    def __init__(self, standin: StandIn, schema: object = None) -> None:
        self._standin = standin
        self.identifier = str(uuid.uuid4())
        metadata = {"hostname": "login1", "user_config_schema": schema}
        document = {"endpoint_name": "played", "display_name": "Played", "metadata": metadata}
        standin.registry.register_endpoint(ALICE.identifier, self.identifier, document)
        self.place = Place(identifier=self.identifier, name="Played")

    def beat(self, identifier: str | None = None, **state: Any) -> None:
        """A heartbeat of the endpoint, or of one of its user endpoints."""
        report = EPStatusReport(
            endpoint_id=identifier or self.identifier,
            global_state={"heartbeat_period": 60, "active": True, **state},
            task_statuses={},
        )
        self._standin.inbox.heartbeat(messagepack.pack(report))

    def answer(self, task: str, value: object) -> None:
        """A worker has answered."""
        self._finish(task, "11\n" + json.dumps(value), None)

    def fail(self, task: str, text: str) -> None:
        """A task has failed, with this text."""
        self._finish(task, text, ResultErrorDetails(code="RemoteExecutionError", user_message="An error"))

    def _finish(self, task: str, data: str, error: ResultErrorDetails | None) -> None:
        (user,) = {entry.user_endpoint for entry in self._standin.books.all() if entry.identifier == task}
        result = Result(task_id=task, data=data, error_details=error, details={"endpoint_id": user})
        self._standin.inbox.result(messagepack.pack(result))

    def user_endpoint(self) -> str:
        """The identifier of the only one."""
        (child,) = self._standin.registry.children(self.identifier)
        return child.identifier
