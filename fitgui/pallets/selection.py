"""Choosing signal points by the pattern of their names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fitgui.pallets.model import SignalPoint


def match_points(points: Sequence[SignalPoint], patterns: Sequence[str]) -> tuple[SignalPoint, ...]:
    """The points whose names match any of the shell patterns (``*``, ``?``, ``[...]``), in their order.

    A pattern that is the name of a point means this point alone, also where the name holds such signs.
    """
    names = {point.name for point in points}
    exact = names.intersection(patterns)
    globs = [pattern for pattern in patterns if pattern not in exact]
    return tuple(
        point
        for point in points
        if point.name in exact or any(fnmatchcase(point.name, pattern) for pattern in globs)
    )
