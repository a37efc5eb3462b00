"""How much a worker is given at once: enough that handing over costs little, little enough to stay live.

Small pieces cost a message each, large ones come late, make the last worker late, and take long to cancel. So
the size follows from what points of this run took so far.
"""

from __future__ import annotations

from typing import Final

CHUNK_SECONDS: Final = 0.12
"""Of work in a chunk of points: some results a second from each worker."""
SHARE_SECONDS: Final = 2.0
"""Of work in a share of the pseudo-experiments of a point, which has the model and its fits to make again."""
MOST_POINTS: Final = 100
MOST_BYTES: Final = 16 << 20
"""Of patches in a chunk."""
FIRST_TOYS: Final = 10
"""While nobody knows how long one takes."""
_WEIGHT: Final = 0.3
"""Of the newest point in the running mean."""
_OF_THE_LIMIT: Final = 0.25
"""A chunk or share is meant to stay below this part of the time limit of a point."""


class Sizes:
    """Learns from the pieces of one run how large the next ones should be.

    Args:
        workers: How many work on the run at once.
        limit: Time limit of a point, in seconds.
    """

    def __init__(self, workers: int, limit: float | None) -> None:
        self._workers = workers
        self._most_seconds = float("inf") if limit is None else _OF_THE_LIMIT * limit
        self._of_a_point: float | None = None
        self._of_a_toy: float | None = None

    def learn_points(self, number: int, seconds: float) -> None:
        """Take in how long a chunk took its worker."""
        self._of_a_point = _mean(self._of_a_point, number, seconds)

    def learn_toys(self, number: int, seconds: float) -> None:
        """Take in how long pseudo-experiments took."""
        self._of_a_toy = _mean(self._of_a_toy, 1, seconds / number)

    def points(self, waiting: int) -> int:
        """How many of the waiting points one worker takes now; at least one.

        The first to ask takes one point. Later the target decides, and towards the end half of a worker's
        fair share of what is left, so that all end together.
        """
        if self._of_a_point is None:
            return 1
        target = min(CHUNK_SECONDS, self._most_seconds) / max(self._of_a_point, 1e-6)
        fair = -(-waiting // (2 * self._workers))
        return max(1, int(min(target, fair, MOST_POINTS)))

    def toys(self, left: int, other_points: int) -> int:
        """How many of the pseudo-experiments that are left of a point one worker takes now; at least one.

        Args:
            left: Not handed out yet.
            other_points: That wait; while there are enough for every worker, sharing this one gains nothing.
        """
        if self._of_a_toy is None:
            wanted = float(FIRST_TOYS)
        else:
            wanted = min(SHARE_SECONDS, self._most_seconds) / max(self._of_a_toy, 1e-6)
        if other_points < self._workers:
            wanted = min(wanted, -(-left // self._workers))
        return min(left, max(1, int(wanted)))


def _mean(before: float | None, number: int, seconds: float) -> float:
    """The running mean of seconds per piece, after ``number`` more of them."""
    if before is None:
        return seconds / number
    kept = (1.0 - _WEIGHT) ** number
    return float(kept * before + (1.0 - kept) * seconds / number)
