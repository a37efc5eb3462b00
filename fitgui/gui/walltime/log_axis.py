"""A logarithmic axis of seconds: where it begins and ends, and which numbers stand on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

LEAST_DECADES = 2
SHORTEST = 1e-3
"""Seconds; nothing that is measured here is shorter."""


@dataclass(frozen=True, slots=True)
class LogAxis:
    """From a power of ten to a power of ten, in seconds."""

    low: int
    """Exponents."""
    high: int

    @classmethod
    def around(cls, seconds: Iterable[float]) -> LogAxis:
        """The axis that holds all of these, each visibly away from its beginning."""
        known = [max(value, SHORTEST) for value in seconds if value > 0] or [1.0]
        low = math.floor(math.log10(min(known) / 1.5))
        high = math.ceil(math.log10(max(known) * 1.0001))
        return cls(low, max(high, low + LEAST_DECADES))

    def place(self, seconds: float) -> float:
        """Where a time stands, 0 to 1; what is below the axis stands at its beginning."""
        if seconds <= 0:
            return 0.0
        return min(1.0, max(0.0, (math.log10(seconds) - self.low) / (self.high - self.low)))

    @property
    def decades(self) -> list[tuple[float, str]]:
        """Seconds and words of the numbers on the axis."""
        return [(10.0**power, f"{10.0**power:g}") for power in range(self.low, self.high + 1)]

    @property
    def between(self) -> list[float]:
        """Seconds of the small marks between them: 2 to 9 times each power."""
        return [digit * 10.0**power for power in range(self.low, self.high) for digit in range(2, 10)]
