"""Fits near a best fit, with one more parameter held: what impacts and intervals are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.best_fit import POLISHED, BestFit
from fitgui_backends.inference.minimise import Minimum, minimise
from fitgui_backends.inference.starts import possible

_STEPS: Final = 60
_CLOSE: Final = 1e-4
"""So close to one, in twice the NLL, is an end of an interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where twice the NLL, minimised over all other parameters, is one above its minimum."""

    low: float | None
    """``None`` where the lower bound of the parameter comes first."""
    high: float | None
    """``None`` where the upper bound comes first."""
    converged: bool
    """Whether every fit that was needed converged."""


class Refits:
    """Fits that start from a best fit; belongs to one thread.

    Args:
        model: The compiled model.
        data: What it was fitted to.
        best: The fit; what it held stays held.
    """

    def __init__(self, model: Model, data: Data, best: BestFit) -> None:
        self.model, self.best = model, best
        self.likelihood = Likelihood(model, data)
        self.count = 0
        self._fixed = model.parameters.fixed.copy()
        if best.mu is not None and best.poi is not None:
            self._fixed[best.poi] = True

    def at(self, index: int, value: float, start: Floats | None = None) -> Minimum | None:
        """Minimise with a parameter held at a value.

        Args:
            index: Its place.
            value: Within its bounds.
            start: Where to start; without, where the covariance of the best fit expects the minimum.

        Returns:
            ``None`` where the likelihood is zero at the start.
        """
        best, parameters = self.best, self.model.parameters
        x = best.values.copy() if start is None else start.copy()
        if start is None:
            row = best.covariance.matrix[index]
            if row[index] > 0.0:
                x += (value - best.values[index]) * row / row[index]
            x = np.clip(
                x,
                np.where(self._fixed, x, parameters.lower),
                np.where(self._fixed, x, parameters.upper),
            )
        x[index] = value
        near = best.values.copy()
        near[index] = value
        if self.likelihood.value(x) == math.inf:
            x = possible(self.likelihood, x, near)
            if self.likelihood.value(x) == math.inf:
                return None
        fixed = self._fixed.copy()
        fixed[index] = True
        self.count += 1
        return minimise(self.likelihood, x, fixed, parameters.lower, parameters.upper, tolerance=POLISHED)


def interval(model: Model, data: Data, best: BestFit, name: str) -> Interval:
    """The 68 % interval of a parameter from the profile likelihood, not symmetric (MINOS).

    Args:
        model: The compiled model.
        data: What it was fitted to.
        best: The fit, in which the parameter is free.
        name: The parameter.

    Raises:
        HistFactoryError: if the model has no parameter of that name, or it has several components.
    """
    index = best.names.index(name) if name in best.names else model.parameters.index(name)
    refits = Refits(model, data, best)
    ends = [_end(refits, index, sign) for sign in (-1.0, 1.0)]
    return Interval(ends[0][0], ends[1][0], ends[0][1] and ends[1][1])


def _end(refits: Refits, index: int, sign: float) -> tuple[float | None, bool]:
    """One end of the interval, by secants on the root of the rise, kept inside a bracket."""
    best, parameters = refits.best, refits.model.parameters
    origin, lowest = float(best.values[index]), best.fit.minimum.value
    bound = float(parameters.lower[index] if sign < 0.0 else parameters.upper[index])
    room = abs(bound - origin)
    if room == 0.0:
        return None, True
    length = float(best.uncertainties[index])
    length = min(length, room) if math.isfinite(length) and length > 0.0 else 0.01 * room
    # The root of the rise grows nearly linearly; inside it is below one, outside above.
    inside, root_inside, outside, root_outside = 0.0, 0.0, math.inf, math.inf
    start, converged = None, True
    for _ in range(_STEPS):
        minimum = refits.at(index, origin + sign * length, start)
        rise = math.inf if minimum is None else 2.0 * (minimum.value - lowest)
        if minimum is not None:
            converged = minimum.converged
            start = minimum.x
        if abs(rise - 1.0) < _CLOSE:
            return origin + sign * length, converged
        root = math.sqrt(max(rise, 0.0))
        if root < 1.0:
            if length >= room:
                return None, converged
            inside, root_inside = length, root
        else:
            outside, root_outside = length, root
        length = _next(inside, root_inside, outside, root_outside, room)
    return None, False


def _next(inside: float, root_inside: float, outside: float, root_outside: float, room: float) -> float:
    if math.isinf(outside):
        return min(room, 2.0 * inside if root_inside < 0.5 else inside * 1.05 / root_inside)
    if math.isinf(root_outside):
        return 0.5 * (inside + outside)
    guess = inside + (outside - inside) * (1.0 - root_inside) / (root_outside - root_inside)
    # Secants creep where the rise is far from quadratic.
    margin = 0.02 * (outside - inside)
    return min(max(guess, inside + margin), outside - margin)
