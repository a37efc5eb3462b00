"""Fits near a best fit, with one more parameter held: what impacts are made of."""

from __future__ import annotations

import math

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.best_fit import POLISHED, BestFit
from fitgui_backends.inference.minimise import Minimum, minimise
from fitgui_backends.inference.starts import possible


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
