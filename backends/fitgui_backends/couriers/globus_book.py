"""Which tasks the service has, and that each gets exactly one answer."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fitgui_backends.remote.courier_process import Tell, uncarried
from fitgui_backends.remote.messages import Accepted, Arrived, States

WAITING_FOR_ENDPOINT = "waiting for endpoint"
EARLY_ANSWERS = 10_000
"""Answers that may come before it is known which task they belong to."""


@dataclass
class OpenTask:
    """A task that the service has taken, and that has no answer yet."""

    identifier: str
    run: str
    key: str
    group: str
    place: str
    site: str = ""
    """The place with its options (:mod:`.globus_sites`)."""
    phase: str = ""
    missed: int = 0
    """In how many looks the service kept nothing of it."""
    answered: Callable[[Outcome], bool] | None = None
    """Asked first: true if it takes the answer, so that the application does not hear of it."""
    phased: Callable[[str], None] | None = None
    """Hears of phases instead of the application."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task; fields as of :class:`fitgui_backends.remote.messages.Arrived`.

    ``gone`` is said of what the service does not keep. Of a task that it calls pending, though nobody seems
    to have it (:mod:`.globus_stalled`), the trouble is ``stalled``: nothing is wrong with its points, and
    they can be sent again as often as that happens.
    """

    answer: object = None
    size: int = 0
    trouble: str = ""
    error: str = ""


class Book:
    """All open tasks; safe to use from any thread.

    Args:
        tell: To the application. It hears that a task was accepted before it hears anything else of it.
        changed: Called when there are more, or fewer.
    """

    def __init__(self, tell: Tell, changed: Callable[[], None]) -> None:
        self._tell = tell
        self._changed = changed
        self._lock = threading.RLock()
        self._open: dict[str, OpenTask] = {}
        self._sending: defaultdict[str, int] = defaultdict(int)
        self._early: dict[str, Outcome] = {}

    # In.

    def sending(self, group: str) -> None:
        """Tasks of a group are on their way: answers may be faster than the service's receipt."""
        with self._lock:
            self._sending[group] += 1

    def sent(self, group: str, tasks: Iterable[OpenTask], accepted: Accepted | None) -> None:
        """The receipt is there, or will not come.

        Args:
            group: As of :meth:`sending`.
            tasks: That were taken.
            accepted: For the application.
        """
        with self._lock:
            if accepted is not None:
                self._tell(accepted)
            self.add(tasks)
            self._sending[group] -= 1
            if self._sending[group] <= 0:
                del self._sending[group]
            if not self._sending:
                self._early.clear()
        self._changed()

    def add(self, tasks: Iterable[OpenTask]) -> None:
        """Follow these."""
        phases: defaultdict[str, dict[str, str]] = defaultdict(dict)
        with self._lock:
            for task in tasks:
                self._open[task.identifier] = task
                early = self._early.pop(task.identifier, None)
                if early is not None:
                    self.answer(task.identifier, early)
                elif not task.phase:
                    self._enter(task, WAITING_FOR_ENDPOINT, phases)
            self._tell_phases(phases)
        self._changed()

    # Out.

    def answer(self, identifier: str, outcome: Outcome) -> bool:
        """A task has its answer; returns whether it was open."""
        with self._lock:
            task = self._open.pop(identifier, None)
            if task is None:
                if self._sending and len(self._early) < EARLY_ANSWERS:
                    self._early[identifier] = outcome
                return False
            if task.answered is None or not task.answered(outcome):
                self._tell_answer(
                    Arrived(
                        run=task.run,
                        key=task.key,
                        answer=outcome.answer,
                        size=outcome.size,
                        trouble=outcome.trouble,
                        error=outcome.error,
                    )
                )
        self._changed()
        return True

    def _tell_answer(self, arrived: Arrived) -> None:
        try:
            self._tell(arrived)
        except OSError:  # the application has gone
            raise
        except Exception as error:  # noqa: BLE001  (of whatever a worker sent: the run waits for an end)
            self._tell(uncarried(arrived, error))

    def forget(self, run: str) -> None:
        """Drop everything of a run."""
        with self._lock:
            for identifier in [name for name, task in self._open.items() if task.run == run]:
                del self._open[identifier]
        self._changed()

    # Between.

    def phases(self, found: dict[str, str]) -> bool:
        """Where tasks stand, by identifier; returns whether anything is new."""
        changed: defaultdict[str, dict[str, str]] = defaultdict(dict)
        with self._lock:
            for identifier, phase in found.items():
                task = self._open.get(identifier)
                if task is not None:
                    task.missed = 0
                    if task.phase != phase:
                        self._enter(task, phase, changed)
            self._tell_phases(changed)
        return bool(changed)

    @staticmethod
    def _enter(task: OpenTask, phase: str, changed: defaultdict[str, dict[str, str]]) -> None:
        task.phase = phase
        if task.phased is not None:
            task.phased(phase)
        else:
            changed[task.run][task.key] = phase

    def _tell_phases(self, changed: dict[str, dict[str, str]]) -> None:
        for run, by_key in changed.items():
            self._tell(States(run=run, phases=by_key))

    def missed(self, identifier: str) -> int:
        """The service keeps nothing of a task; returns how often it was so in a row."""
        with self._lock:
            task = self._open.get(identifier)
            if task is None:
                return 0
            task.missed += 1
            return task.missed

    def open_tasks(self) -> list[OpenTask]:
        """All of them, oldest first; the objects are the book's own."""
        with self._lock:
            return list(self._open.values())

    def groups(self) -> set[str]:
        """Groups whose answers are awaited."""
        with self._lock:
            return {task.group for task in self._open.values()} | {group for group in self._sending if group}

    def place_of(self, identifier: str) -> str:
        """The endpoint of a task; empty if it is not open."""
        with self._lock:
            task = self._open.get(identifier)
            return task.place if task else ""

    def site_of(self, identifier: str) -> str:
        """Where a task was sent; empty if it is not open."""
        with self._lock:
            task = self._open.get(identifier)
            return task.site if task else ""

    def __len__(self) -> int:
        return len(self._open)
