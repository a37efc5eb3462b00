"""Which tasks of a run a cluster may still have, by the journal."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PointFailed,
    PointFitted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)


def open_tasks(events: Iterable[StampedEvent]) -> tuple[TasksAccepted, ...]:
    """The tasks that were handed over and have not been answered, oldest first; nothing if there are none.

    A point that has had its end since is left out of its tasks, whatever the end was: who fits a failed or
    cancelled point again wants another answer.

    Args:
        events: Of one run, in their order.
    """
    accepted: list[TasksAccepted] = []
    newest: dict[str, str] = {}
    """The task that a point is in, by the name of the point."""
    answered: set[str] = set()
    for stamped in events:
        match stamped.event:
            case TasksAccepted() as event:
                accepted.append(event)
                newest.update((point, task.identifier) for task in event.tasks for point in task.points)
            case TaskTimed() as event:
                answered.add(event.task)
            case PointFitted(result=result):
                newest.pop(result.name, None)
            case PointFailed(name=name):
                newest.pop(name, None)
            case TaskStateChanged(state=TaskState.CANCELLED) as event:
                for name in event.points:
                    newest.pop(name, None)
    left = []
    for event in accepted:
        tasks = []
        for task in event.tasks:
            points = tuple(point for point in task.points if newest.get(point) == task.identifier)
            if points and task.identifier not in answered:
                tasks.append(msgspec.structs.replace(task, points=points))
        # Without tasks for its token: a copy of a point that was sent again may still run under it.
        left.append(msgspec.structs.replace(event, tasks=tuple(tasks)))
    return tuple(left) if any(event.tasks for event in left) else ()
