"""Where a rising function crosses zero, with as few evaluations as its derivative allows.

An evaluation is a fit, so everything that is known of the function is used: the inverse function is
interpolated by a cubic between the two samples around the crossing (values and slopes), or followed by
Newton's method where the crossing has not been passed yet. The bracket is the safeguard.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

ACCEPT: Final = 1e-4
"""A proposal so near (relative) to a sample is the crossing: the error of Newton's method is the square."""
ACCEPT_CUBIC: Final = 5e-4
"""The same for the cubic, whose error is smaller by the square of the other sample's distance."""
MOST: Final = 60
"""So many evaluations are spent on one crossing at most."""
_NARROW: Final = 1e-9
_NOISE: Final = 1e-4
"""Differences across a bracket that is as narrow as it gets, up to which there is no jump."""
_FARTHEST: Final = 4.0
"""How far beyond the last sample, as a multiple of its distance from the origin, an extrapolation may go."""
_STEEPEST: Final = 3.0
"""A cubic from 0 to 1 rises where its slopes at both ends are between zero and this."""
_PATIENCE: Final = 3
"""Rounds in which a bracket has to shrink to half its width; if not, it is halved."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A function at one place."""

    at: float
    value: float
    """Infinite where the function is beyond any bound."""
    slope: float = math.nan
    """NaN where it is not known; infinite is allowed."""
    bend: float = 0.0
    """Second derivative, where it is known."""

    @property
    def inverse_slope(self) -> float:
        """Derivative of the inverse function; NaN where the function is not known to rise."""
        return 1.0 / self.slope if self.slope > 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class Crossing:
    """What became of the search."""

    at: float | None
    """``None`` where the function stays below zero."""
    nearest: float
    """The evaluated place that is nearest."""
    samples: tuple[Sample, ...]
    """All of them, ascending."""
    settled: bool = True
    """Whether the crossing is known as well as it can be."""

    @property
    def rising(self) -> bool:
        """Whether the samples change sign but once."""
        signs = [sample.value >= 0.0 for sample in self.samples]
        return signs == sorted(signs)


def crossing(
    function: Callable[[float], Sample],
    known: Iterable[Sample],
    origin: float,
    end: float,
    first: float | None = None,
) -> Crossing:
    """The last crossing of zero, from below, between ``origin`` and ``end``.

    Args:
        function: Rises, at least on the whole.
        known: Samples; the one at ``origin`` is below zero.
        origin: Distances are relative to it.
        end: Beyond it nothing is evaluated.
        first: Where to begin, if something better is known than the samples say.
    """
    samples = sorted(known, key=lambda sample: sample.at)
    if first is not None and origin < first < end:
        _add(samples, function(first))
    widths: list[float] = []
    nearest = origin
    for _ in range(MOST):
        below, above = _around(samples)
        if above is None and below.at >= end:
            return Crossing(None, below.at, tuple(samples))
        proposal, cubic = (_beyond(below, origin, end), False) if above is None else _between(below, above)
        finite = [sample for sample in (below, above) if sample is not None and math.isfinite(sample.value)]
        near = min(finite or [below], key=lambda sample: abs(sample.at - proposal))
        nearest = near.at
        close = (ACCEPT_CUBIC if cubic else ACCEPT) * (nearest - origin)
        if finite and abs(proposal - nearest) <= close:
            if abs(near.value * near.inverse_slope) <= 2.0 * close and proposal < end:
                return Crossing(proposal, nearest, tuple(samples))
            if above is not None:  # the slope says that this is not what it looks like
                proposal = below.at + 0.5 * (above.at - below.at)
        if above is not None:
            width = above.at - below.at
            if width <= _NARROW * (above.at - origin):
                jump = not abs(above.value - below.value) < _NOISE
                return Crossing(proposal, nearest, tuple(samples), settled=not jump)
            widths.append(width)
            if len(widths) > _PATIENCE and width > 0.5 * widths[-1 - _PATIENCE]:
                proposal = below.at + 0.5 * width
                widths.clear()
        _add(samples, function(proposal))
    return Crossing(nearest, nearest, tuple(samples), settled=False)


def estimate(samples: Iterable[Sample], origin: float, end: float) -> float:
    """Where :func:`crossing` would evaluate first."""
    below, above = _around(sorted(samples, key=lambda sample: sample.at))
    return _beyond(below, origin, end) if above is None else _between(below, above)[0]


def _add(samples: list[Sample], sample: Sample) -> None:
    bisect.insort(samples, sample, key=lambda other: other.at)


def _around(samples: list[Sample]) -> tuple[Sample, Sample | None]:
    """The last sample below zero, and the next one."""
    last = max((index for index, sample in enumerate(samples) if sample.value < 0.0), default=0)
    return samples[last], samples[last + 1] if last + 1 < len(samples) else None


def _beyond(below: Sample, origin: float, end: float) -> float:
    """Newton's step with the bend, at most four times as far as the sample; never beyond the end."""
    step = -below.value * below.inverse_slope
    step *= min(max(1.0 - 0.5 * step * below.bend * below.inverse_slope, 0.5), 2.0)
    reached = below.at - origin
    if reached > 0.0:
        step = (_FARTHEST - 1.0) * reached if math.isnan(step) else min(step, (_FARTHEST - 1.0) * reached)
    elif not step > 0.0:
        return end
    return min(below.at + step, end)


def _between(below: Sample, above: Sample) -> tuple[float, bool]:
    """By the cubic inverse (and whether it was); else Newton's step from the better side, else the secant."""
    width = above.at - below.at
    rise = above.value - below.value
    if not math.isfinite(rise):
        return below.at + 0.5 * width, False
    share = -below.value / rise
    start, end = below.inverse_slope * rise / width, above.inverse_slope * rise / width
    if max(start, end) < _STEEPEST and not math.isnan(start + end):
        return below.at + _hermite(share, start, end) * width, True
    newton = [share * start, 1.0 - (1.0 - share) * end]
    for candidate in newton if share < 0.5 else newton[::-1]:
        if 0.0 < candidate < 1.0:
            return below.at + candidate * width, False
    return below.at + share * width, False


def _hermite(share: float, start: float, end: float) -> float:
    """The cubic that goes from 0 to 1 with the given slopes at both ends."""
    return share * (start + share * (3.0 - 2.0 * start - end + share * (start + end - 2.0)))
