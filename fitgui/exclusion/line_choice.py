"""Lines through the points of an analysis: one coordinate runs, all others have one value each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fitgui.exclusion.model import Floats
from fitgui.pallets.model import Coordinate, SignalPoint
from fitgui.pallets.plane import Axis

Key = tuple[int, float, str]


@dataclass(frozen=True, slots=True, eq=False)
class PointLine:
    """Points along one coordinate, in its order."""

    label: str
    """The coordinate that runs."""
    fixed: tuple[tuple[str, Coordinate], ...]
    """The other coordinates and their values; empty where there is only one coordinate."""
    names: tuple[str, ...]
    positions: Floats
    """Shape (n,), ascending; the index of the word where the coordinate is one."""
    words: tuple[str, ...] = ()
    """The words in the order of their index; empty for numbers."""
    patch_set: str = ""
    """Where the points of several patch sets share their places, the one of these."""

    def values_of(self, label: str) -> Floats:
        """The values of a coordinate of numbers along the line, shape (n,); NaN where it is none."""
        if label == self.label:
            return self.positions if not self.words else np.full(len(self.names), np.nan)
        value = dict(self.fixed).get(label)
        return np.full(len(self.names), value if isinstance(value, int | float) else np.nan)


def lines_along(points: Sequence[SignalPoint], label: str, labels: Sequence[str]) -> tuple[PointLine, ...]:
    """All lines along a coordinate that have two points or more, in the order of the values of the others.

    A point without one of the coordinates is on no line. Numbers among words are taken as words.

    Args:
        points: of the analysis.
        label: the coordinate that runs.
        labels: all coordinates.
    """
    others = tuple(other for other in labels if other != label)
    groups: dict[tuple[Coordinate, ...], list[SignalPoint]] = {}
    for point in points:
        values = point.values
        if _known(values.get(label)) and all(_known(values.get(other)) for other in others):
            groups.setdefault(tuple(values[other] for other in others), []).append(point)
    ordered = sorted(groups.items(), key=lambda item: tuple(_natural(value) for value in item[0]))
    lines = []
    for place, members in ordered:
        fixed = tuple(zip(others, place, strict=True))
        for patch_set, part in _parted(members, label):
            if len({point.values[label] for point in part}) >= 2:
                lines.append(_line(part, label, fixed, patch_set))
    return tuple(lines)


def place_of(line: PointLine, axes: Mapping[str, Axis]) -> str:
    """Where a line lies, in words: ``m2 = 0 GeV``; empty where nothing tells it from others.

    Args:
        line: of points.
        axes: by label, for how coordinates are written and for their units.
    """
    parts = [] if not line.patch_set else [line.patch_set]
    for label, value in line.fixed:
        axis = axes.get(label)
        symbol, unit = (axis.symbol or label, axis.unit) if axis is not None else (label, "")
        text = value if isinstance(value, str) else f"{value:g} {unit}".rstrip()
        parts.append(f"{symbol} = {text}")
    return ", ".join(parts)


def preferred_line(lines: Sequence[PointLine]) -> int:
    """Which line to start with: the one at the smallest values, as the massless neutralino is, if it is long.

    It has to have at least half as many points as the longest one, which is taken otherwise.

    Raises:
        ValueError: if there is no line.
    """
    longest = max(range(len(lines)), key=lambda index: len(lines[index].names))
    return 0 if 2 * len(lines[0].names) >= len(lines[longest].names) else longest


def _known(value: Coordinate | None) -> bool:
    return isinstance(value, str) or (value is not None and math.isfinite(value))


def _parted(members: Sequence[SignalPoint], label: str) -> list[tuple[str, list[SignalPoint]]]:
    """The members by patch set where those of different ones share a place, else all together."""
    if len({point.values[label] for point in members}) == len(members):
        return [("", list(members))]
    parts: dict[str, list[SignalPoint]] = {}
    for point in members:
        parts.setdefault(point.patch_set, []).append(point)
    return list(parts.items()) if len(parts) > 1 else [("", list(members))]


def _line(
    members: Sequence[SignalPoint], label: str, fixed: tuple[tuple[str, Coordinate], ...], patch_set: str
) -> PointLine:
    values = [point.values[label] for point in members]
    words: tuple[str, ...] = ()
    if any(isinstance(value, str) for value in values):
        words = tuple(sorted({str(value) for value in values}, key=_natural))
        index = {word: float(number) for number, word in enumerate(words)}
        numbers = [index[str(value)] for value in values]
    else:
        numbers = [float(value) for value in values]
    order = sorted(range(len(members)), key=numbers.__getitem__)
    return PointLine(
        label,
        fixed,
        tuple(members[place].name for place in order),
        np.array([numbers[place] for place in order], dtype=np.float64),
        words,
        patch_set,
    )


def _natural(value: Coordinate) -> Key:
    try:
        return (0, float(value), str(value))
    except ValueError:
        return (1, 0.0, str(value))
