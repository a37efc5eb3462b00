"""The books of tasks: their states, as far as reports of the agent allow to tell them, and their results."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.standin.registry import Registry, UserEndpoint

FINAL = ("success", "failed")


@dataclass
class Task:
    """One task."""

    identifier: str
    group: str
    owner: str
    user_endpoint: str
    began: float = field(default_factory=time.time)
    status: str = ""
    """``success`` or ``failed``; empty before."""
    answer: dict[str, Any] = field(default_factory=dict)
    """``result`` or ``exception``, ``completion_t``, ``details``."""


class Books:
    """All tasks, in the order in which they came."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = threading.RLock()
        self._tasks: dict[str, Task] = {}
        self._groups: dict[str, tuple[str, list[str]]] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        """Tasks without a result by user endpoint, in their order."""

    def add(self, group: str, owner: str, user_endpoint: str, number: int) -> list[str]:
        """Enter new tasks; their identifiers."""
        with self._lock:
            _, listed = self._groups.setdefault(group, (owner, []))
            waiting = self._waiting.setdefault(user_endpoint, {})
            made = [str(uuid.uuid4()) for _ in range(number)]
            for identifier in made:
                self._tasks[identifier] = Task(identifier, group, owner, user_endpoint)
                waiting[identifier] = None
            listed += made
            return made

    def owner_of_group(self, group: str) -> str | None:
        with self._lock:
            return self._groups[group][0] if group in self._groups else None

    def group(self, group: str) -> list[str]:
        with self._lock:
            return list(self._groups[group][1])

    def finish(self, identifier: str, status: str, answer: dict[str, Any]) -> Task | None:
        """A task has its result; ``None`` where it had one before, or is not known."""
        with self._lock:
            task = self._tasks.get(identifier)
            if task is None or task.status in FINAL:
                return None
            task.status = status
            task.answer = {**answer, "completion_t": str(time.time())}
            self._waiting[task.user_endpoint].pop(identifier, None)
            return task

    def waiting(self, user_endpoint: str) -> list[str]:
        with self._lock:
            return list(self._waiting.get(user_endpoint, ()))

    def forget(self, identifiers: Iterable[str]) -> int:
        """Results that are kept no longer, and tasks that are known no longer; how many there were."""
        with self._lock:
            gone = [task for name in identifiers if (task := self._tasks.pop(name, None))]
            for task in gone:
                self._waiting[task.user_endpoint].pop(task.identifier, None)
            return len(gone)

    def view(self, identifiers: Collection[str], who: str | None) -> dict[str, dict[str, Any]]:
        """What the service says about tasks of a user; ``None`` sees those of everybody."""
        with self._lock:
            found = {name: self._tasks.get(name) for name in identifiers}
            concerned = {task.user_endpoint for task in found.values() if task and not task.status}
            pending: dict[str, str] = {}
            for user in concerned:
                pending |= self._states(user)
            views = {}
            for name, task in found.items():
                if task is None or (who is not None and task.owner != who):
                    views[name] = {"task_id": name, "status": "failed", "reason": "Unknown task"}
                else:
                    status = task.status or pending[name]
                    views[name] = {"task_id": name, "status": status, **task.answer}
            return views

    def all(self) -> list[Task]:
        with self._lock:
            return list(self._tasks.values())

    def _states(self, user_endpoint: str) -> dict[str, str]:
        """Of the tasks of a user endpoint that have no result: the oldest are those that run."""
        user = self._registry.users[user_endpoint]
        parent = self._registry.endpoints[user.parent]
        waiting = self._waiting[user_endpoint]
        if not parent.is_online or not user.is_online:
            return dict.fromkeys(waiting, "waiting-for-ep")
        busy = _busy(user)
        return {
            name: "running" if place < busy else "waiting-for-nodes" for place, name in enumerate(waiting)
        }


def _busy(user: UserEndpoint) -> int:
    """How many tasks run there, by the last report (engines without nodes tell no idle workers)."""
    workers = int(user.report.get("total_workers") or 0)
    return max(0, workers - int(user.report.get("idle_workers") or 0))
