"""What agents and workers report: results, heartbeats, failures to start."""

from __future__ import annotations

from collections.abc import Callable

from globus_compute_common import messagepack
from globus_compute_common.messagepack.message_types import EPStatusReport, Result, ResultErrorDetails

from tests.cluster.standin.books import Books
from tests.cluster.standin.compute import Compute
from tests.cluster.standin.people import PEOPLE
from tests.cluster.standin.queues import GROUP_PREFIX, Post, Queues
from tests.cluster.standin.registry import Endpoint, Registry
from tests.cluster.standin.settings import Settings


class Inbox:
    """Enters reports into the books, and passes results on to the queue of their task group."""

    def __init__(
        self,
        registry: Registry,
        books: Books,
        compute: Compute,
        settings: Settings,
        queues: Callable[[], Queues],
    ) -> None:
        self._registry = registry
        self._books = books
        self._compute = compute
        self._settings = settings
        self._queues = queues

    def result(self, body: bytes) -> None:
        """A worker has answered."""
        message = messagepack.unpack(body)
        if isinstance(message, Result):
            self._finish(message)

    def heartbeat(self, body: bytes) -> None:
        """An agent, or a user endpoint of one, tells how it is."""
        message = messagepack.unpack(body)
        if not isinstance(message, EPStatusReport):
            return
        identifier = str(message.endpoint_id)
        with self._registry.lock:
            found = self._registry.endpoints.get(identifier) or self._registry.users.get(identifier)
            if found is None:
                return
            returned = isinstance(found, Endpoint) and not found.is_online
            found.hear(message.global_state)
        if error := message.global_state.get("error"):
            # A user endpoint did not start: whatever waits for it ends with what the agent says.
            for task in self._books.waiting(identifier):
                details = ResultErrorDetails(code="ENDPOINT_START_FAILURE", user_message=error)
                self._finish(Result(task_id=task, data=error, error_details=details))
        elif returned and found.is_online and self._settings.asks_again:
            self._ask_again(identifier)

    def _ask_again(self, parent: str) -> None:
        people = {person.identifier: person for person in PEOPLE.values()}
        for user in self._registry.children(parent):
            if self._books.waiting(user.identifier):
                self._compute.start(user, people[user.owner])

    def _finish(self, result: Result) -> None:
        answer = {"exception" if result.is_error else "result": result.data, "details": result.details}
        status = "failed" if result.is_error else "success"
        answer = {name: value for name, value in answer.items() if value is not None}
        task = self._books.finish(str(result.task_id), status, answer)
        if task is not None:
            self._queues().send([], [Post(GROUP_PREFIX + task.group, messagepack.pack(result))])
