"""Tasks that nobody has any more, though the service says that they wait.

An agent takes a task off the service's queue as soon as its engine has it. If its user endpoint ends then (it
is started anew, the login node crashes), the task is in no queue and with no worker, and the service calls it
pending for ever. What gives it away: the endpoint is online, its user endpoint is gone or has nothing to do,
and nothing happens to the tasks. Not every engine tells whether it has anything to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LEAST_QUIET = 20.0
"""Seconds; three heartbeats, if those are longer: what is reported may be as old as one."""
HEARTBEAT = 30.0
"""Of agents, where they do not tell."""


@dataclass(slots=True)
class _Place:
    quiet: float
    moved: float
    """When something last happened to its tasks."""
    online: float | None = None
    """Since when; ``None`` while it is not."""
    idle: float | None = None
    """Since when its user endpoint is gone, or has nothing to do."""
    knows_workers: bool = False
    """Whether its user endpoint said last whether it has anything to do, or is gone."""
    was_away: bool = False
    unseen: bool = False
    """Whether its tasks were handed over by an earlier courier: nobody knows what happened meanwhile."""
    running: bool = False
    """Whether the service says of one of its tasks that it runs."""
    tasks: frozenset[str] = field(default_factory=frozenset)


class Stalled:
    """Watches places for that; used by one thread.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: dict[str, _Place] = {}

    def unseen(self, place: str) -> None:
        """Tasks that an earlier courier handed over are followed again."""
        self._place(place).unseen = True

    def tasks(self, place: str, identifiers: frozenset[str], *, moved: bool, running: bool = False) -> None:
        """The open tasks of a place; other tasks than before are news.

        Args:
            place: Where they are.
            identifiers: Of all of them.
            moved: Whether a state of one has changed.
            running: Whether the service says of one that it runs.
        """
        known = self._place(place)
        known.running = running
        if moved or identifiers != known.tasks:
            known.moved, known.tasks, known.was_away = self._clock(), identifiers, False

    def endpoint(self, place: str, *, online: bool, heartbeat: float | None) -> None:
        """What the service says of an endpoint; ``heartbeat`` is the agent's period in seconds."""
        known = self._place(place)
        known.quiet = max(LEAST_QUIET, 3.0 * (heartbeat or HEARTBEAT))
        if not online:
            known.online, known.was_away = None, True
        elif known.online is None:
            known.online = self._clock()

    def workers(self, place: str, *, busy: bool | None) -> None:
        """What its user endpoint says: one that is gone is not busy, ``None`` is one that does not tell."""
        known = self._place(place)
        known.knows_workers = busy is not None
        if busy is not False:
            known.idle = None
        elif known.idle is None:
            known.idle = self._clock()

    def lost(self, place: str) -> bool:
        """Whether nobody has the open tasks of a place any more.

        Where it is not known whether its user endpoint has anything to do (none of its tasks has been
        answered yet, its engine does not count them, or the service does not tell), all that can be said is
        that the endpoint was away, or nobody looked, and that nothing happens. Tasks that nobody looked after
        are believed to run if the service says so.
        """
        known = self._places.get(place)
        if known is None or known.online is None or not known.tasks:
            return False
        away = known.was_away or (known.unseen and not known.running)
        since = known.idle if known.knows_workers else (known.online if away else None)
        if since is None or self._clock() - max(since, known.online, known.moved) < known.quiet:
            return False
        known.unseen = False  # what is sent now has been seen
        return True

    def _place(self, place: str) -> _Place:
        if place not in self._places:
            self._places[place] = _Place(quiet=3.0 * HEARTBEAT, moved=self._clock())
        return self._places[place]
