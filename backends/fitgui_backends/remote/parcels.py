"""Points on their way to a cluster, and the parcels in which they travel."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from fitgui_backends.contract import FitPoint, TaskState

ATTEMPTS = 2
"""A point whose worker was lost is fitted once more; a second loss is blamed on the point."""
MOST_RETURNS = 3
"""How often a parcel may come back for another reason, such as a workspace that its worker lacked."""


@dataclass(eq=False, slots=True)
class Traveller:
    """One point of a run; every field is guarded by the lock of its run."""

    point: FitPoint
    state: TaskState = TaskState.QUEUED
    phase: str = ""
    losses: int = 0
    """Workers that were lost with it."""
    returns: int = 0
    """How often it came back without an answer for another reason."""
    attempts: int = 0
    """How often it was handed over."""
    parcel: Parcel | None = None
    """What it is in now; an answer counts only from there."""


@dataclass(eq=False, slots=True)
class Parcel:
    """What one task of the cluster carries."""

    key: str
    travellers: tuple[Traveller, ...]
    with_workspace: bool
    token: str
    """By which its worker is told to stop."""
    sent: float | None = None
    """Monotonic time at which handing it over began; ``None`` if an earlier application did."""
    accepted: float | None = None
    identifier: str = ""
    """Of the service; empty until it was accepted."""
    group: str = ""
    transfer: float = 0.0
    """Seconds of the request that took it along."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all its points."""
        return tuple(traveller.point.name for traveller in self.travellers)

    @property
    def open(self) -> list[Traveller]:
        """Its points that have no final state and are in no other parcel."""
        return [t for t in self.travellers if t.parcel is self and not t.state.is_final]


@dataclass(slots=True)
class Clocks:
    """Offsets of the clocks of hosts, from causality: an answer cannot end after it was here."""

    _offsets: dict[str, float] = field(default_factory=dict)

    def delay(self, host: str, ended: float, received: float) -> float:
        """Seconds from a worker's answer until it was here; the quickest of a host counts as immediate.

        Args:
            host: Whose clock it is.
            ended: On that clock.
            received: On the clock of this process.
        """
        offset = self._offsets[host] = max(self._offsets.get(host, float("-inf")), ended - received)
        return received - ended + offset


KEYS = itertools.count(1)
"""Numbers for keys, never used twice in a process."""
