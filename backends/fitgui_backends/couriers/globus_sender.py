"""Hands tasks over to the service, and keeps those that it does not take now."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from globus_compute_sdk import Client

from fitgui_backends.contract import Place
from fitgui_backends.couriers.globus_batches import REQUEST_BYTES, Request, cut
from fitgui_backends.couriers.globus_book import Book, OpenTask, Outcome
from fitgui_backends.couriers.globus_functions import Functions
from fitgui_backends.couriers.globus_login import Login
from fitgui_backends.couriers.globus_sites import site_of
from fitgui_backends.couriers.globus_standing import Standing
from fitgui_backends.couriers.globus_web import (
    Clients,
    DeniedError,
    LoginNeededError,
    TooLargeError,
    UnreachableError,
    Web,
    WebError,
)
from fitgui_backends.couriers.globus_words import is_of_specification
from fitgui_backends.remote.courier_process import Tell
from fitgui_backends.remote.messages import Accepted, Refused, Send, Task
from fitgui_backends.remote.packing import FORMAT

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two tries while the service does not answer."""
LOGIN_LOOK_SECONDS = 15.0
"""Another program of the user may log in; so often is looked."""
STOP_PRIORITY = -1
MOST_FORGOTTEN = 10_000
"""Runs that are remembered not to be wanted: what was being packed then comes within moments."""

_log = logging.getLogger(__name__)


class _ClosingError(Exception):
    """Nothing is begun any more."""


@dataclass
class Job:
    """Tasks that go the same way."""

    run: str
    place: Place
    function: str
    tasks: deque[Task]
    priority: int | None = None
    answered: Callable[[Outcome], bool] | None = None
    """For a job of the courier itself: takes answers; the application hears of nothing."""
    phased: Callable[[str], None] | None = None
    refused: Callable[[str], None] | None = None
    dropped: bool = False
    """Nobody wants to hear of it any more."""
    function_lost: bool = False
    """The function was registered anew for it."""

    @property
    def of_application(self) -> bool:
        """Whether the application asked for it."""
        return self.answered is None


class Sender:
    """One thread that sends one request after another; methods may be called from any.

    Args:
        client: Makes requests.
        web: Sends them.
        functions: Identifiers of functions.
        login: To wait for.
        book: Learns what was taken.
        standing: Learns whether the service takes anything.
        tell: To the application.
    """

    def __init__(
        self,
        client: Client,
        web: Web,
        functions: Functions,
        login: Login,
        *,
        book: Book,
        standing: Standing,
        tell: Tell,
    ) -> None:
        self._client = client
        self._web = web
        self._functions = functions
        self._login = login
        self._book = book
        self._standing = standing
        self._tell = tell
        self._jobs: list[Job] = []
        self._groups: dict[str, str] = {}
        self._most_bytes = REQUEST_BYTES
        self._without_priority: set[str] = set()
        self._forgotten: dict[str, None] = {}
        """Runs, in the order in which they were."""
        self._pause = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._under_way = False
        """Whether the service may be taking tasks at this moment."""
        threading.Thread(target=self._work, name="globus sender", daemon=True).start()

    def send(self, message: Send) -> None:
        """Take tasks; returns at once. Those of a forgotten run are left, but what stops its tasks is not."""
        with self._changed:
            if message.run in self._forgotten and message.function != "stop":
                return
        by_priority: dict[int | None, deque[Task]] = {}
        for task in message.tasks:
            by_priority.setdefault(task.priority, deque()).append(task)
        for priority, tasks in by_priority.items():
            self.put(Job(message.run, message.place, message.function, tasks, priority))

    def put(self, job: Job) -> None:
        """Take a job; one with a priority goes before all without."""
        with self._changed:
            self._jobs.append(job)
            self._jobs.sort(key=lambda each: (each.priority is None, each.priority or 0))
            self._changed.notify_all()

    def join_group(self, run: str, group: str) -> None:
        """Tasks of a run join a group that an earlier courier made."""
        with self._changed:
            self._groups[run] = group
            self._forgotten.pop(run, None)

    def forget(self, run: str) -> None:
        """Send nothing more of a run, but what stops its tasks."""
        with self._changed:
            self._groups.pop(run, None)
            self._forgotten[run] = None
            while len(self._forgotten) > MOST_FORGOTTEN:
                del self._forgotten[next(iter(self._forgotten))]
            for job in self._jobs:
                if job.run == run:
                    job.dropped = True
            self._jobs = [job for job in self._jobs if not job.dropped or job.function == "stop"]
            self._changed.notify_all()

    def drop(self, job: Job) -> None:
        """Send nothing more of a job."""
        with self._changed:
            job.dropped = True
            self._jobs = [each for each in self._jobs if each is not job]

    def close(self, seconds: float = 0.0) -> None:
        """Begin nothing more.

        Args:
            seconds: So long is waited for the request under way: only its receipt tells the application which
                tasks it has.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._under_way, seconds)

    # The thread.

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._send_some(job)
                self._pause = 0.0
                self._standing.heard(None, "sending")
            except UnreachableError as error:
                self._standing.heard(error, "sending")
                self._pause = min(max(SHORTEST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
                with self._changed:
                    # Not all programs of all users at the same moment, when a service is back.
                    self._changed.wait_for(lambda: self._closed, self._pause * random.uniform(0.8, 1.2))  # noqa: S311
            except LoginNeededError as need:
                changes = self._login.changes
                self._standing.heard(need, "sending")
                self._login.wanted(need.parameters)
                self._login.wait_for_change(changes, LOGIN_LOOK_SECONDS)
            except _ClosingError:
                return
            except WebError as error:
                self._standing.heard(None, "sending")
                for each in self._same_way(job):
                    self._refuse(each, tuple(self._take_all(each)), "refused", str(error))
            except Exception as error:  # noqa: BLE001  (a thread that dies of a bug tells nobody)
                _log.exception("sending")
                words = f"Something unforeseen happened while it was sent ({type(error).__name__})."
                self._refuse(job, tuple(self._take_all(job)), "refused", words)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closed:
                self._jobs = [job for job in self._jobs if job.tasks]
                if self._jobs:
                    return self._jobs[0]
                self._changed.wait()
            return None

    def _same_way(self, job: Job) -> list[Job]:
        """All jobs that would be refused like this one."""
        with self._changed:
            way = job.run, job.place, job.function
            return [each for each in self._jobs if (each.run, each.place, each.function) == way]

    def _take_all(self, job: Job) -> list[Task]:
        with self._changed:
            tasks = list(job.tasks)
            job.tasks.clear()
            return tasks

    def _send_some(self, job: Job) -> None:
        function = self._functions.identifier(job.function)
        place = job.place.identifier
        with self._changed:
            group = self._groups.get(job.run)
            request = cut(
                self._client,
                job.tasks,
                function,
                group=group,
                options=dict(job.place.options),
                priority=None if place in self._without_priority else job.priority,
                most_bytes=self._most_bytes,
            )
        if not request.tasks:
            return
        if request.size > self._most_bytes and len(request.tasks) == 1:
            self._refuse_large(job, request)
            return
        self._book.sending(group or "")
        taken: list[OpenTask] = []
        accepted: Accepted | None = None
        began = time.monotonic()
        try:
            answer = self._web.ask(lambda clients: self._submit(clients, place, request))
            group_now = str(answer["task_group_id"])
            identifiers = [str(each) for each in answer["tasks"][function]]
            taken, accepted = self._taken(job, request, group_now, identifiers, time.monotonic() - began)
        except TooLargeError:
            if len(request.tasks) == 1:
                self._refuse_large(job, request)
            else:
                # The service takes less than it says: learn it, for the next requests, too.
                self._most_bytes = max(request.size // 2, 1)
                self._put_back(job, request)
        except DeniedError as error:
            self._put_back(job, request)
            if not self._can_repair(job, error, function, group):
                raise
        except BaseException:
            self._put_back(job, request)
            raise
        finally:
            self._book.sent(group or "", taken, accepted)
            with self._changed:
                self._under_way = False
                self._changed.notify_all()

    def _submit(self, clients: Clients, place: str, request: Request) -> Any:
        with self._changed:
            if self._closed:
                raise _ClosingError
            self._under_way = True
        return clients.v3.submit(place, request.data).data

    def _taken(
        self, job: Job, request: Request, group: str, identifiers: list[str], seconds: float
    ) -> tuple[list[OpenTask], Accepted | None]:
        with self._changed:
            if job.dropped:
                if job.function == "fit":
                    self._stop(job, request)
                return [], None
            if job.of_application:
                self._groups[job.run] = group
        tasks = [
            OpenTask(
                identifier,
                job.run,
                task.key,
                group,
                job.place.identifier,
                site_of(job.place),
                answered=self._answered(job, task),
                phased=job.phased,
            )
            for identifier, task in zip(identifiers, request.tasks, strict=True)
        ]
        if not job.of_application:
            return tasks, None
        return tasks, Accepted(
            run=job.run,
            group=group,
            tasks={task.key: task.identifier for task in tasks},
            sent_bytes=request.size,
            seconds=seconds,
        )

    def _stop(self, job: Job, accepted: Request) -> None:
        """Workers are told to stop with tasks that were accepted after their run was forgotten.

        The application does not do that: it never heard that the service has any.
        """
        # By these names workers know what belongs together: a run has another one for what is sent anew.
        runs = {str(task.request.get("run", job.run)) for task in accepted.tasks}
        request = {"format": FORMAT, "runs": sorted(runs)}
        key = f"stop of {job.run}"
        task = Task(key=key, request=request, size=len(msgspec.json.encode(request)), priority=STOP_PRIORITY)
        self.put(
            Job(
                key,
                job.place,
                "stop",
                deque([task]),
                STOP_PRIORITY,
                answered=lambda _outcome: True,
                phased=lambda _phase: None,
                refused=lambda error: _log.warning("a run could not be stopped: %s", error),
            )
        )

    def _answered(self, job: Job, task: Task) -> Callable[[Outcome], bool] | None:
        """Sends a task again, without its priority, where the engine of the endpoint knows none."""
        place = job.place.identifier
        if job.priority is None or place in self._without_priority:
            return job.answered

        def look(outcome: Outcome) -> bool:
            if not outcome.trouble or not is_of_specification(outcome.error):
                return job.answered is not None and job.answered(outcome)
            with self._changed:
                self._without_priority.add(place)
            self.put(replace(job, tasks=deque([task]), dropped=False, function_lost=False))
            return True

        return look

    def _put_back(self, job: Job, request: Request) -> None:
        with self._changed:
            if not job.dropped or job.function == "stop":
                job.tasks.extendleft(reversed(request.tasks))

    def _can_repair(self, job: Job, error: DeniedError, function: str, group: str | None) -> bool:
        """Whether the same tasks can be sent again in another way."""
        words = error.words.lower()
        if group is not None and (group in words or "task group" in words or "taskgroup" in words):
            with self._changed:
                self._groups.pop(job.run, None)
            return True
        if not job.function_lost and (function in words or (error.status == 404 and "function" in words)):
            job.function_lost = True
            self._functions.forget(function)
            return True
        return False

    def _refuse_large(self, job: Job, request: Request) -> None:
        words = (
            f"One task has {request.size / 1e6:.1f} MB, and Globus Compute takes "
            f"{self._most_bytes / 1e6:.1f} MB in a request."
        )
        self._refuse(job, request.tasks, "too_large", words)

    def _refuse(self, job: Job, tasks: tuple[Task, ...], reason: str, error: str) -> None:
        if job.refused is not None:
            job.refused(error)
        elif tasks and not job.dropped:
            keys = tuple(task.key for task in tasks)
            self._tell(Refused(run=job.run, keys=keys, reason=reason, error=error))
