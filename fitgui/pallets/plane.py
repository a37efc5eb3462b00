"""Where signal points stand in a plot: a number for every coordinate, words included, and axis titles.

A coordinate is one of the labels of the patch set, or the difference of two that are masses, written
``m1 − m2``: the splitting decides what is seen of a compressed spectrum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fitgui.pallets.model import SignalPoint
from fitgui.pallets.published import Notation

MASS_LABEL = re.compile(r"m|mass\w*|[mM]_?\d+|m_\w+|m\(.+\)|[mM][a-zA-Z]{1,3}\d*", re.ASCII)
"""``m1``, ``mst``, ``m_X``, ``mass``, ``m(C1)``."""
NO_MASSES = frozenset({"mu", "mix", "mode", "mod", "max", "min", "mean", "multi"})
SMALLEST_MASS_SCALE = 10.0
"""A grid of masses in TeV or of dimensionless couplings stays below this; masses in GeV do not."""
MINUS = " − "
"""Between the two labels of a difference."""
NO_NOTATION: Mapping[str, Notation] = {}
Side = Literal["all", "below diagonal", "above diagonal"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One coordinate of all points."""

    label: str
    values: NDArray[np.float64]
    """Shape (points,); NaN where a point lacks the coordinate; the index of the word where words are used."""
    words: tuple[str, ...] = ()
    """The words in the order of their index; empty for numbers."""
    symbol: str = ""
    """In Unicode; the label where the field's notation is not known."""
    latex: str = ""
    """For figures, without dollar signs; empty where the field's notation is not known."""
    unit: str = ""

    @property
    def title(self) -> str:
        """The symbol, or the label, with its unit as far as that is known."""
        return _with_unit(self.symbol or self.label, self.unit)

    @property
    def latex_title(self) -> str:
        """The same with mathematics between dollar signs, as matplotlib reads it."""
        name = f"${self.latex}$" if self.latex else self.label.replace("$", r"\$")
        return _with_unit(name, self.unit)


@dataclass(frozen=True, slots=True)
class PlaneData:
    """The points of a plane."""

    names: tuple[str, ...]
    x: Axis
    y: Axis

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which points have both coordinates; shape (points,)."""
        return np.isfinite(self.x.values) & np.isfinite(self.y.values)

    @property
    def shared_places(self) -> int:
        """How many points lie exactly on another one, as they do when further coordinates are not drawn."""
        drawn = self.drawn
        places = set(zip(self.x.values[drawn], self.y.values[drawn], strict=True))
        return int(drawn.sum()) - len(places)

    @property
    def allowed(self) -> Side:
        """The side of ``y = x`` that is kinematically allowed, as far as the points suggest one.

        A heavy particle decays to a light one: if both axes are masses and every point has the one above the
        other, the line where they are equal is the border of the model.
        """
        drawn = self.drawn
        x, y = self.x.values[drawn], self.y.values[drawn]
        masses = all(axis.unit and MINUS not in axis.label for axis in (self.x, self.y))
        if not masses or self.x.unit != self.y.unit or not x.size:
            return "all"
        if np.all(x >= y) and np.any(x > y):
            return "below diagonal"
        return "above diagonal" if np.all(x <= y) and np.any(x < y) else "all"


def axis_of(
    points: Sequence[SignalPoint], label: str, notation: Mapping[str, Notation] = NO_NOTATION
) -> Axis:
    """The coordinate ``label`` of all points; mixed words and numbers are all taken as words.

    Args:
        points: of one analysis.
        label: of the patch set, or a difference out of :func:`axis_choices`.
        notation: by label, as :func:`fitgui.pallets.catalogue.notation.axis_notation` knows it.
    """
    raw = [point.values.get(label) for point in points]
    if MINUS in label and all(value is None for value in raw):
        return _difference(*(axis_of(points, part, notation) for part in label.split(MINUS, 1)))
    if any(isinstance(value, str) for value in raw):
        words = tuple(sorted({str(value) for value in raw if value is not None}, key=_natural))
        place = {word: float(index) for index, word in enumerate(words)}
        numbers = [place[str(value)] if value is not None else np.nan for value in raw]
        return Axis(label, np.array(numbers, dtype=np.float64), words)
    values = np.array([np.nan if value is None else float(value) for value in raw], dtype=np.float64)
    known = notation.get(label)
    if known is not None:
        return Axis(label, values, symbol=known.text, latex=known.latex, unit=known.unit)
    return Axis(label, values, unit=unit_of(label, values))


def plane_of(
    points: Sequence[SignalPoint], x_label: str, y_label: str, notation: Mapping[str, Notation] = NO_NOTATION
) -> PlaneData:
    """The plane of two coordinates of all points."""
    names = tuple(point.name for point in points)
    return PlaneData(names, axis_of(points, x_label, notation), axis_of(points, y_label, notation))


def unit_of(label: str, values: NDArray[np.float64]) -> str:
    """``GeV`` of a mass, else nothing: patch sets do not say units; by convention their masses are in GeV.

    A label that looks like a mass and takes values as large as masses in GeV are gets the unit; nothing is
    claimed about any other.
    """
    finite = values[np.isfinite(values)]
    looks_like_one = MASS_LABEL.fullmatch(label) is not None and label.lower() not in NO_MASSES
    is_mass = looks_like_one and finite.size > 0 and float(finite.max()) >= SMALLEST_MASS_SCALE
    return "GeV" if is_mass else ""


def axis_title(label: str, values: NDArray[np.float64]) -> str:
    """``m1 [GeV]``: a label whose notation is not known, with its unit as :func:`unit_of` finds it."""
    return _with_unit(label, unit_of(label, values))


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


def axis_choices(
    points: Sequence[SignalPoint], labels: Sequence[str], notation: Mapping[str, Notation] = NO_NOTATION
) -> tuple[str, ...]:
    """What an axis can show: the labels, and the differences of masses that are never negative."""
    axes = [axis_of(points, label, notation) for label in labels]
    masses = [axis for axis in axes if axis.unit]
    differences = [
        f"{heavy.label}{MINUS}{light.label}"
        for heavy, light in permutations(masses, 2)
        if heavy.unit == light.unit and _never_negative(heavy.values - light.values)
    ]
    return (*labels, *differences)


def _never_negative(values: NDArray[np.float64]) -> bool:
    finite = values[np.isfinite(values)]
    return bool(finite.size and np.all(finite >= 0) and np.any(finite > 0))


def _difference(heavy: Axis, light: Axis) -> Axis:
    return Axis(
        f"{heavy.label}{MINUS}{light.label}",
        heavy.values - light.values,
        symbol=f"{heavy.symbol or heavy.label}{MINUS}{light.symbol or light.label}",
        latex=f"{heavy.latex} - {light.latex}" if heavy.latex and light.latex else "",
        unit=heavy.unit,
    )


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _natural(word: str) -> tuple[int, float, str]:
    try:
        return (0, float(word), word)
    except ValueError:
        return (1, 0.0, word)
