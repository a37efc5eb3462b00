"""How many points go into one task of a cluster.

A task costs its worker some milliseconds and the service a share of a request, so tiny ones are a waste;
large ones come late, end late, and are lost as a whole. All of a scan is handed over at once, because the
application may be closed before the first worker begins: what is not known by then is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from fitgui_backends.contract import FitOptions, FitPoint

SECONDS: Final = 5.0
"""Of work in a task, at most: results keep coming, and what a lost worker takes along is little."""
LEAST_SECONDS: Final = 0.5
"""Of work in a task, where there is more than one point: ten times of what a task costs beside its points."""
ROUNDS: Final = 4
"""Tasks per worker at least, so that all end together though points differ."""
MOST_POINTS: Final = 200
MOST_BYTES: Final = 8 << 20
"""Of patches in a task, before they are packed to about a twentieth."""
UNKNOWN_WORKERS: Final = 8
"""Where the options of the place do not tell."""

_POINT_SECONDS = {"newton": 0.05, "pyhf": 10.0}
"""Of the ATLAS 1Lbb search on a core of 2026, which is a large one."""
_LIMITS = {"newton": 3.0, "pyhf": 30.0}
"""How many times longer a point takes with limits."""
_TOY_SECONDS = 0.012
"""Both hypotheses."""


def guessed_seconds(options: FitOptions) -> float:
    """What a point may take, where nobody has measured it."""
    seconds = _POINT_SECONDS.get(options.engine, 1.0)
    if options.limits:
        seconds *= _LIMITS.get(options.engine, 10.0)
    return seconds + options.toys * _TOY_SECONDS


def expected_workers(options: Mapping[str, object]) -> int:
    """How many workers a place will have, by the options of its form."""
    count = 1
    for name, default in (("max_blocks", 1), ("nodes_per_block", 1), ("workers_per_node", UNKNOWN_WORKERS)):
        value = options.get(name, default)
        count *= int(value) if isinstance(value, int | float) and value >= 1 else default
    return count


def cut(
    points: Sequence[FitPoint], seconds_per_point: Callable[[], float], workers: int
) -> Iterator[tuple[FitPoint, ...]]:
    """Cut points into tasks, in their order.

    Args:
        points: What is to be fitted.
        seconds_per_point: What one takes, as known when the next task is cut.
        workers: How many there will be.

    Yields:
        The points of one task, at least one; all of them hold each point once.
    """
    begin = 0
    while begin < len(points):
        most = points_per_task(len(points), seconds_per_point(), workers)
        end, size = begin, 0
        while end < len(points) and end - begin < most:
            size += len(points[end].operations)
            if end > begin and size > MOST_BYTES:
                break
            end += 1
        yield tuple(points[begin:end])
        begin = end


def points_per_task(number: int, seconds_per_point: float, workers: int) -> int:
    """How many points make a task of the wanted length; at least one.

    Args:
        number: Of points in all.
        seconds_per_point: What one takes.
        workers: How many there will be.
    """
    share = number * seconds_per_point / (max(workers, 1) * ROUNDS)
    wanted = min(SECONDS, max(LEAST_SECONDS, share))
    return max(1, min(MOST_POINTS, int(wanted / max(seconds_per_point, 1e-6))))
