"""How fast a run on a cluster goes, by what its workers say.

When a worker takes a task is seen late there, by polling, or never; and the points of a task arrive together,
a dozen in the same moment. What a worker says of itself is exact: how long it was at the task.
"""

from __future__ import annotations

from collections import deque
from copy import copy

from fitgui_backends.events import TaskTimed

WINDOW = 64
"""Tasks that the speed is taken over."""


class ClusterPace:
    """Learns from answered tasks; nothing is said before the first."""

    def __init__(self) -> None:
        self._tasks: deque[tuple[int, float]] = deque(maxlen=WINDOW)
        """Points and worker's seconds."""
        self._workers: set[str] = set()

    def copy(self) -> ClusterPace:
        """An independent copy."""
        other = copy(self)
        other._tasks, other._workers = self._tasks.copy(), self._workers.copy()  # noqa: SLF001
        return other

    def start(self) -> None:
        """A session begins: workers may be others; what a point takes stays known."""
        self._workers.clear()

    def take(self, event: TaskTimed) -> None:
        """A task was answered."""
        if event.points and event.ended > event.began:
            self._tasks.append((len(event.points), event.ended - event.began))
            self._workers.add(event.worker)

    @property
    def points_per_second(self) -> float | None:
        """What the workers that have answered do together."""
        points, seconds = sum(task[0] for task in self._tasks), sum(task[1] for task in self._tasks)
        if not self._workers or seconds <= 0:
            return None
        return len(self._workers) * points / seconds

    def seconds_to_finish(self, left: int) -> float | None:
        """How long these workers take for so many points; more workers may come, and it goes faster."""
        speed = self.points_per_second
        return None if speed is None else left / speed
