"""Lines through the points of an analysis: one coordinate runs, all others have one value each."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from fitgui.exclusion.model import Floats
from fitgui.pallets.model import Coordinate, SignalPoint
from fitgui.pallets.plane import Axis

Key = tuple[int, float, str]
Groups = dict[tuple[Coordinate, ...], list[SignalPoint]]
_CLOSE: Final = 0.01
"""Rows are close if they differ by no more than this part of the axis."""


@dataclass(frozen=True, slots=True, eq=False)
class PointLine:
    """Points along one coordinate, in its order."""

    label: str
    """The coordinate that runs."""
    fixed: tuple[tuple[str, Coordinate], ...]
    """The other coordinates and their values; empty where there is only one coordinate. The lowest value
    where it is not the same everywhere, see :func:`rows_of_one_line`."""
    names: tuple[str, ...]
    positions: Floats
    """Shape (n,), ascending; the index of the word where the coordinate is one."""
    words: tuple[str, ...] = ()
    """The words in the order of their index; empty for numbers."""
    patch_set: str = ""
    """Where the points of several patch sets share their places, the one of these."""
    near: Floats = field(default_factory=lambda: np.empty(0))
    """Where the other coordinate is not quite the same everywhere: its values, shape (n,); else empty."""

    def values_of(self, label: str) -> Floats:
        """The values of a coordinate of numbers along the line, shape (n,); NaN where it is none."""
        if label == self.label:
            return self.positions if not self.words else np.full(len(self.names), np.nan)
        value = dict(self.fixed).get(label)
        if value is not None and self.near.size:
            return self.near
        return np.full(len(self.names), value if isinstance(value, int | float) else np.nan)


def lines_along(points: Sequence[SignalPoint], label: str, labels: Sequence[str]) -> tuple[PointLine, ...]:
    """All lines along a coordinate that have two points or more, in the order of the values of the others.

    A point without one of the coordinates is on no line. Numbers among words are taken as words. What
    :func:`rows_of_one_line` says is one line.

    Args:
        points: of the analysis.
        label: the coordinate that runs.
        labels: all coordinates.
    """
    others = tuple(other for other in labels if other != label)
    groups: Groups = {}
    for point in points:
        values = point.values
        if _known(values.get(label)) and all(_known(values.get(other)) for other in others):
            groups.setdefault(tuple(values[other] for other in others), []).append(point)
    _join_lowest(groups, label)
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
        values = np.unique(line.near).tolist() or [value]
        text = "–".join(known if isinstance(known, str) else f"{known:g}" for known in values)
        text = text if isinstance(value, str) else f"{text} {unit}".rstrip()
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


def rows_of_one_line(rows: Mapping[float, Collection[float]], span: float) -> tuple[float, ...]:
    """Of the rows of a grid, those that are one line together with the lowest.

    A massless particle is generated with 0 GeV here and with 1 GeV there, within one grid, too. Such rows are
    close and complete each other; where both have a point at one place, as those of two lifetimes do, each is
    a line of its own.

    Args:
        rows: the coordinates along each row, by the value of the other coordinate; at least one.
        span: of the other coordinate over all points.

    Returns:
        Values of the other coordinate, rising; the lowest is among them.
    """
    lowest, *others = sorted(rows)
    found, taken = [lowest], set(rows[lowest])
    for at in others:
        if at - lowest > _CLOSE * span or not taken.isdisjoint(rows[at]):
            break
        found.append(at)
        taken.update(rows[at])
    return tuple(found)


def _join_lowest(groups: Groups, label: str) -> None:
    """Put the points of rows that are one line into one group; where one other coordinate is a number."""
    values = [place[0] for place in groups if len(place) == 1]
    numbers = [float(value) for value in values if not isinstance(value, str)]
    if len(numbers) < len(groups) or len(numbers) < 2:
        return
    where = {
        number: {point.values[label] for point in groups[place]}
        for number, place in zip(numbers, groups, strict=True)
    }
    rows = {
        number: [float(position) for position in positions if not isinstance(position, str)]
        for number, positions in where.items()
    }
    if any(len(rows[number]) < len(where[number]) for number in numbers):
        return
    first, *more = rows_of_one_line(rows, max(numbers) - min(numbers))
    for at in more:
        groups[first,] += groups.pop((at,))


def choose_line(
    points: Sequence[SignalPoint],
    labels: Sequence[str],
    along: str,
    at: Mapping[str, Coordinate],
    patch_set: str = "",
) -> PointLine | None:
    """The line that is preferred among those that lie where it is asked for.

    Args:
        points: of the analysis.
        labels: all coordinates.
        along: the one that runs.
        at: values of others, as far as they matter.
        patch_set: of the line, where there are several.

    Returns:
        ``None`` where there is no such line.
    """
    lines = lines_along(points, along, labels)
    if at or patch_set:
        wanted = [(label, value) for label, value in at.items() if label != along]
        lines = tuple(
            line
            for line in lines
            if (not patch_set or line.patch_set == patch_set)
            and all(dict(line.fixed).get(label) == value for label, value in wanted)
        )
    return lines[preferred_line(lines)] if lines else None


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
    near = np.empty(0)
    if len(fixed) == 1 and not isinstance(fixed[0][1], str):
        beside = np.array([members[place].values[fixed[0][0]] for place in order], dtype=np.float64)
        near = beside if np.ptp(beside) > 0 else near
    return PointLine(
        label,
        fixed,
        tuple(members[place].name for place in order),
        np.array([numbers[place] for place in order], dtype=np.float64),
        words,
        patch_set,
        near,
    )


def _natural(value: Coordinate) -> Key:
    try:
        return (0, float(value), str(value))
    except ValueError:
        return (1, 0.0, str(value))
