"""Upper limits, or CLs, along a line of points: what is drawn, and where the exclusion ends.

On the screen and on paper the same numbers are drawn: a curve of the observed values, one of the expected
ones, and the bands of one and two sigma around it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fitgui.exclusion.cross_sections import CrossSections
from fitgui.exclusion.line_choice import PointLine
from fitgui.exclusion.model import Floats
from fitgui_backends.results import EXCLUSION_CLS, FitResult, is_doubtful

Quantity = Literal["cls", "mu", "sigma"]
Shift = Literal[-1, 0, 1]
TITLES: Mapping[Quantity, str] = {
    "cls": "CLs at μ = 1",
    "mu": "95 % CL upper limit on μ",
    "sigma": "95 % CL upper limit on σ [pb]",
}
NORMALISATION = ("Assumes the signal was normalised to this", "cross section, branching fraction included")
"""What a limit on the cross section takes for granted, as two lines of a caption."""
MEDIAN = 2
"""The column of the expected values that is the median; those at -1 and +1 sigma are beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class Theory:
    """The predicted cross section along the line, in pb."""

    positions: Floats
    """Shape (k,), ascending: where the table or the line has a point."""
    central: Floats
    """Shape (k,)."""
    low: Floats
    """One standard deviation below, shape (k,); equal to ``central`` where no uncertainty is given."""
    high: Floats
    source: str = ""
    """The name of the file."""

    @property
    def uncertain(self) -> bool:
        """Whether an uncertainty is given anywhere."""
        return bool(np.any(self.high > self.central) or np.any(self.low < self.central))


@dataclass(frozen=True, slots=True, eq=False)
class LineLimits:
    """Numbers along a line of ``n`` points, in the order of the coordinate that runs.

    NaN stands for no number, infinity for an upper limit beyond the bound of mu.
    """

    quantity: Quantity
    names: tuple[str, ...]
    positions: Floats
    """Shape (n,), ascending."""
    obs: Floats
    """Shape (n,)."""
    exp: Floats
    """At -2, -1, 0, +1 and +2 sigma, shape (n, 5)."""
    converged: NDArray[np.bool_]
    """Shape (n,); what rests on a fit that did not converge is drawn as doubtful, and never joined."""
    bound: Floats
    """Up to where limits were looked for, shape (n,); NaN where that is not known, or for CLs."""
    label: str
    """The coordinate that runs."""
    title: str
    """The same with its unit, for an axis."""
    unit: str = ""
    line: str = ""
    """Where the line lies: ``m2 = 0 GeV``; empty where there is one coordinate only."""
    words: tuple[str, ...] = ()
    """Where the coordinate is a word: those at the positions 0, 1, 2 ..."""
    theory: Theory | None = None
    """For limits on cross sections."""

    @property
    def value_title(self) -> str:
        """For the axis of the values, with the unit."""
        return TITLES[self.quantity]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which points have a number that can be trusted, shape (n,)."""
        return self.converged & ~np.isnan(self.obs)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Which points have a number that can not, shape (n,)."""
        return ~self.converged & ~np.isnan(self.obs)

    def threshold(self, positions: Floats, shift: Shift = 0) -> Floats:
        """What the values are compared with at positions of shape (k,): below it the signal is excluded.

        Args:
            positions: along the line.
            shift: the predicted cross section moved by so many of its standard deviations.
        """
        if self.quantity == "sigma" and self.theory is not None:
            curve = {-1: self.theory.low, 0: self.theory.central, 1: self.theory.high}[shift]
            return log_interpolated(positions, self.theory.positions, curve)
        return np.full(positions.shape, EXCLUSION_CLS if self.quantity == "cls" else 1.0)


def line_limits(
    line: PointLine,
    results: Mapping[str, FitResult],
    quantity: Literal["cls", "mu"],
    *,
    bound: float | None = None,
    label: str = "",
    title: str = "",
    unit: str = "",
    place: str = "",
) -> LineLimits:
    """The numbers of the points of a line, as far as there are results.

    Args:
        line: the points.
        results: by name; points without one have no number, nor do points without a limit that is asked for.
        quantity: upper limits on mu, or CLs at mu = 1.
        bound: the largest mu that the measurement allows.
        label: how the coordinate is written; as the patch set calls it where it is empty.
        title: of the axis of the coordinate, with its unit; the label where it is empty.
        unit: of the coordinate.
        place: where the line lies, in words.
    """
    count = len(line.names)
    obs, exp = np.full(count, np.nan), np.full((count, 5), np.nan)
    converged = np.zeros(count, dtype=np.bool_)
    for index, name in enumerate(line.names):
        result = results.get(name)
        if result is None:
            continue
        if quantity == "cls":
            obs[index], exp[index] = result.cls_obs, result.cls_exp
            converged[index] = result.converged
        elif result.limits is not None:
            obs[index] = _or_infinite(result.limits.obs)
            exp[index] = [_or_infinite(limit) for limit in result.limits.exp]
            converged[index] = not is_doubtful(result)
    known = bound if bound is not None and quantity == "mu" else np.nan
    return LineLimits(
        quantity,
        line.names,
        line.positions,
        obs,
        exp,
        converged,
        np.full(count, known),
        label or line.label,
        title or label or line.label,
        unit,
        place,
        line.words,
    )


def on_cross_section(limits: LineLimits, table: CrossSections, masses: Floats) -> LineLimits:
    """Upper limits on mu as limits on the cross section: mu times the predicted one of the same mass.

    Points whose mass is outside of the table have no number then. That is a limit only if the published
    signal was normalised to these very cross sections, branching fraction included; nothing in a likelihood
    tells to what it was, so whoever shows the numbers says so (:data:`NORMALISATION`).

    Args:
        limits: on mu.
        table: of cross sections.
        masses: of the points, shape (n,), in the unit of the table.

    Raises:
        ValueError: if these are not limits on mu.
    """
    if limits.quantity != "mu":
        raise ValueError("only limits on mu can be converted")
    central, _low, _high = table.at(masses)
    return replace(
        limits,
        quantity="sigma",
        obs=limits.obs * central,
        exp=limits.exp * central[:, None],
        bound=limits.bound * central,
        theory=_theory(limits, table, masses),
    )


def _theory(limits: LineLimits, table: CrossSections, masses: Floats) -> Theory:
    positions = limits.positions
    running = np.array_equal(masses, positions)
    if running and positions.size:
        inside = (table.masses >= positions[0]) & (table.masses <= positions[-1])
        places = np.unique(np.concatenate([table.masses[inside], positions]))
        central, low, high = table.at(places)
    else:
        places = np.unique(positions)
        central, low, high = table.at(np.interp(places, positions, masses))
    known = np.isfinite(central)
    return Theory(places[known], central[known], low[known], high[known], table.name)


def log_interpolated(at: Floats, positions: Floats, values: Floats) -> Floats:
    """Logarithms of values joined by straight lines; NaN outside of the positions.

    Args:
        at: where, shape (k,).
        positions: ascending, shape (n,).
        values: above 0, shape (n,).
    """
    if positions.size == 0:
        return np.full(at.shape, np.nan)
    found: Floats = np.exp(np.interp(at, positions, np.log(values), left=np.nan, right=np.nan))
    return found


def curve_pieces(limits: LineLimits, values: Floats) -> list[tuple[Floats, Floats]]:
    """A column as curves: points that can be trusted are joined, but not across a limit beyond the bound.

    Args:
        limits: along the line.
        values: one of its columns, shape (n,).

    Returns:
        Positions and values of each piece, both of shape (k,); for words every piece is one word wide.
    """
    keep = limits.drawn & ~np.isnan(values)
    x, y = limits.positions[keep], values[keep]
    if limits.words:
        return [_step(place, value) for place, value in zip(x, y, strict=True) if math.isfinite(value)]
    return _runs(x, y, np.isfinite(y))


def band_pieces(limits: LineLimits, sigma: Literal[1, 2]) -> list[tuple[Floats, Floats, Floats]]:
    """The expected band as areas, cut off at the bound of mu.

    Returns:
        Positions, lower and upper edges of each piece, all of shape (k,).
    """
    low, high = limits.exp[:, MEDIAN - sigma], limits.exp[:, MEDIAN + sigma]
    high = np.where(np.isinf(high), limits.bound, high)
    keep = limits.drawn & ~np.isnan(low)
    x, low, high = limits.positions[keep], low[keep], high[keep]
    whole = np.isfinite(low) & np.isfinite(high)
    if limits.words:
        edges = zip(x[whole], low[whole], high[whole], strict=True)
        return [(_step(a, b)[0], _step(a, b)[1], _step(a, c)[1]) for a, b, c in edges]
    lower, upper = _runs(x, low, whole), _runs(x, high, whole)
    return [(a, b, c) for (a, b), (_, c) in zip(lower, upper, strict=True)]


def open_pieces(limits: LineLimits) -> list[tuple[Floats, Floats, Floats, Floats]]:
    """Where the band of two sigma is cut off at the bound of mu, so that its upper edge is no result.

    Returns:
        Positions, lower and upper edges as of :func:`band_pieces`, and the bound, all of shape (k,): the
        points where it is cut off, and the neighbours that they are joined to.
    """
    cut = limits.drawn & np.isinf(limits.exp[:, MEDIAN + 2]) & np.isfinite(limits.bound)
    found = []
    for x, low, high in band_pieces(limits, 2):
        places = np.searchsorted(limits.positions, np.round(x) if limits.words else x)
        here, bound = cut[places], limits.bound[places]
        near = here if limits.words else here | np.append(here[1:], False) | np.append(False, here[:-1])
        breaks = np.flatnonzero(np.diff(near.astype(np.int8))) + 1
        parts = [part for part in np.split(np.arange(x.size), breaks) if part.size and near[part[0]]]
        found += [(x[part], low[part], high[part], bound[part]) for part in parts]
    return found


def _step(place: float, value: float) -> tuple[Floats, Floats]:
    return np.array([place - 0.3, place + 0.3]), np.array([value, value])


def _runs(x: Floats, y: Floats, finite: NDArray[np.bool_]) -> list[tuple[Floats, Floats]]:
    """What lies between numbers that are not finite."""
    breaks = np.flatnonzero(np.diff(finite.astype(np.int8))) + 1
    parts = np.split(np.arange(x.size), breaks)
    return [(x[part], y[part]) for part in parts if part.size and finite[part[0]]]


def _or_infinite(limit: float | None) -> float:
    return math.inf if limit is None else limit
