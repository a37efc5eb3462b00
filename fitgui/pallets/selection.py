"""Choosing signal points by the pattern of their names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fitgui.pallets.model import SignalPoint


def match_points(points: Sequence[SignalPoint], patterns: Sequence[str]) -> tuple[SignalPoint, ...]:
    """The points whose names match any of the shell patterns (``*``, ``?``, ``[...]``), in their order."""
    return tuple(point for point in points if any(fnmatchcase(point.name, pattern) for pattern in patterns))
