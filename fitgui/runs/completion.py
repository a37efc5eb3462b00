"""How many points of a run were fitted by when."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(slots=True)
class Completion:
    """Grows with a run: one step for each moment in which the number of results changed.

    16 bytes for each result, so that a run of 10,000 points keeps it at no cost.
    """

    seconds: array[float] = field(default_factory=lambda: array("d"))
    """On the run's clock, never falling."""
    done: array[int] = field(default_factory=lambda: array("q"))
    """Points with a result from that moment on; it falls where a result is given up to be fitted again."""

    def note(self, seconds: float, done: int) -> None:
        """``done`` points have a result at this moment."""
        if self.done and done == self.done[-1]:
            return
        if not self.done and not done:
            return
        if self.seconds and seconds <= self.seconds[-1]:
            self.done[-1] = done
            return
        self.seconds.append(seconds)
        self.done.append(done)

    def copy(self) -> Completion:
        """An independent copy."""
        return Completion(self.seconds[:], self.done[:])

    def at(self, seconds: float) -> int:
        """How many points had a result at that moment."""
        step = bisect_right(self.seconds, seconds)
        return self.done[step - 1] if step else 0
