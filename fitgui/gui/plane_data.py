"""Where signal points stand in a plot: a number for every coordinate, words included, and axis titles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitgui.pallets.model import SignalPoint

MASS_LABEL = re.compile(r"m|mass\w*|[mM]_?\d+|m_\w+|m\(.+\)|[mM][a-zA-Z]{1,3}\d*", re.ASCII)
"""``m1``, ``mst``, ``m_X``, ``mass``, ``m(C1)``."""
NO_MASSES = frozenset({"mu", "mix", "mode", "mod", "max", "min", "mean", "multi"})
SMALLEST_MASS_SCALE = 10.0
"""A grid of masses in TeV or of dimensionless couplings stays below this; masses in GeV do not."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One coordinate of all points."""

    label: str
    values: NDArray[np.float64]
    """Shape (points,); NaN where a point lacks the coordinate; the index of the word where words are used."""
    words: tuple[str, ...] = ()
    """The words in the order of their index; empty for numbers."""

    @property
    def title(self) -> str:
        """The label with its unit as far as that is known."""
        return axis_title(self.label, self.values) if not self.words else self.label


@dataclass(frozen=True, slots=True)
class PlaneData:
    """The points of a plane."""

    names: tuple[str, ...]
    x: Axis
    y: Axis

    @property
    def shared_places(self) -> int:
        """How many points lie exactly on another one, as they do when further coordinates are not drawn."""
        drawn = np.isfinite(self.x.values) & np.isfinite(self.y.values)
        places = set(zip(self.x.values[drawn], self.y.values[drawn], strict=True))
        return int(drawn.sum()) - len(places)


def axis_of(points: Sequence[SignalPoint], label: str) -> Axis:
    """The coordinate ``label`` of all points; mixed words and numbers are all taken as words."""
    raw = [point.values.get(label) for point in points]
    if any(isinstance(value, str) for value in raw):
        words = tuple(sorted({str(value) for value in raw if value is not None}, key=_natural))
        place = {word: float(index) for index, word in enumerate(words)}
        values = [place[str(value)] if value is not None else np.nan for value in raw]
        return Axis(label, np.array(values, dtype=np.float64), words)
    numbers = [np.nan if value is None else float(value) for value in raw]
    return Axis(label, np.array(numbers, dtype=np.float64))


def plane_of(points: Sequence[SignalPoint], x_label: str, y_label: str) -> PlaneData:
    """The plane of two coordinates of all points."""
    names = tuple(point.name for point in points)
    return PlaneData(names, axis_of(points, x_label), axis_of(points, y_label))


def axis_title(label: str, values: NDArray[np.float64]) -> str:
    """``m1 [GeV]``: patch sets do not say units; by convention their masses are in GeV.

    A label that looks like a mass and takes values as large as masses in GeV are gets the unit; nothing is
    claimed about any other.
    """
    finite = values[np.isfinite(values)]
    looks_like_one = MASS_LABEL.fullmatch(label) is not None and label.lower() not in NO_MASSES
    is_mass = looks_like_one and finite.size > 0 and float(finite.max()) >= SMALLEST_MASS_SCALE
    return f"{label} [GeV]" if is_mass else label


def preferred_axes(points: Sequence[SignalPoint], labels: Sequence[str]) -> tuple[str, str]:
    """The two of three or more coordinates to start with: the first two that vary, as published.

    Raises:
        ValueError: if there are fewer than two labels.
    """
    if len(labels) < 2:
        raise ValueError("a plane needs two coordinates")
    varying = [label for label in labels if len({point.values.get(label) for point in points}) > 1]
    chosen = [*varying, *(label for label in labels if label not in varying)]
    return chosen[0], chosen[1]


def _natural(word: str) -> tuple[int, float, str]:
    try:
        return (0, float(word), word)
    except ValueError:
        return (1, 0.0, word)
