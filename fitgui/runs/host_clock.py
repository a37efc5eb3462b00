"""How the clock of a worker's host stands against the clock of the run, as far as cause and effect tell.

Clocks of two machines are never compared: one may be wrong by hours. But a task cannot begin before the
service had taken it, and cannot end after its answer was here. So each task says that the offset (worker's
clock minus run's clock) lies in ``[ended - received, began - accepted]``, and all tasks of a host together
leave the intersection of these. Of that the *lower end* is taken: the quickest answer of a host counts as if
it had been here at once. What is shown as the delay of results is therefore short by the least delay that
really was, and waiting is longer by as much.

A clock may also be set while a run goes on. Tasks that contradict the others then begin another section, with
an offset of its own; a step that is smaller than what tasks waited cannot be noticed, and shifts bars by as
much.
"""

from __future__ import annotations

import math
from array import array

TOLERANCE_SECONDS = 0.05
"""Two bounds that contradict each other by less than this do not: events are stamped a moment late."""
DRIFT = 1e-4
"""Nor by so much of the time that went by: clocks run at slightly different speeds."""
SLACK_SECONDS = 1e-3
"""Bars are moved when an offset is better known by this much; of less nobody sees anything."""


class ClockSection:
    """The offset of one clock, from one step of it to the next, within one session of the run."""

    __slots__ = ("bars", "high", "low", "placed", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        """The run's clock when it was first seen."""
        self.low = -math.inf
        """Seconds; from the answers."""
        self.high = math.inf
        """Seconds; from the tasks that were accepted."""
        self.placed = -math.inf
        """The offset that bars are drawn with: :attr:`low`, or up to :data:`SLACK_SECONDS` below it."""
        self.bars = array("q")
        """The numbers of the tasks that follow it."""

    def copy(self) -> ClockSection:
        """An independent copy."""
        other = ClockSection(self.since)
        other.low, other.high, other.placed = self.low, self.high, self.placed
        other.bars = self.bars[:]
        return other

    def admits(self, low: float, high: float, now: float) -> bool:
        """Whether a task with these bounds of the offset, in seconds, contradicts no other one."""
        tolerance = TOLERANCE_SECONDS + DRIFT * max(0.0, now - self.since)
        return low <= self.high + tolerance and high >= self.low - tolerance

    def narrow(self, low: float, high: float) -> bool:
        """Take the bounds of another task in; returns whether all bars are to be placed anew."""
        self.low, self.high = max(self.low, low), min(self.high, high)
        if self.low <= self.placed + SLACK_SECONDS:
            return False
        self.placed = self.low
        return True
