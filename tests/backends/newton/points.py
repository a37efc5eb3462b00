"""Random parameter points, and derivatives by differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model

Floats = NDArray[np.float64]


def widths(model: Model) -> Floats:
    """How far each parameter may reasonably be moved."""
    parameters = model.parameters
    width = np.full(len(parameters.names), 0.3)
    width[parameters.normal] = parameters.normal_sigma
    width[parameters.poisson] = 1.0 / np.sqrt(parameters.poisson_factor)
    return np.asarray(np.minimum(width, 1.0))


def random_point(model: Model, generator: np.random.Generator, reach: float) -> Floats:
    """A point around the nominal one, within the bounds."""
    parameters = model.parameters
    x = parameters.init + reach * widths(model) * generator.standard_normal(len(parameters.names))
    return np.clip(x, parameters.lower, parameters.upper)


def careful_steps(likelihood: Likelihood, x: Floats, steps: Floats) -> Floats:
    """Steps that change no expected rate by more than a hundredth.

    A rate may be the small difference of large ones; then its logarithm bends within a step, and differences
    are far from the derivatives.
    """
    rates = likelihood.expected(x).counts
    chosen = np.flatnonzero(likelihood.data.counts > 0.0)
    careful = steps.copy()
    for index, step in enumerate(steps):
        moved = x.copy()
        moved[index] += 1e-3 * step
        change = 1e3 * np.abs(likelihood.expected(moved).counts - rates)[chosen] / rates[chosen]
        careful[index] *= min(1.0, 0.01 / max(change.max(initial=0.0), 1e-9))
    return careful


def differences(likelihood: Likelihood, x: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Gradient from values and Hessian from gradients, by central differences of fourth order."""

    def value(at: Floats) -> Floats:
        return np.array(likelihood.value(at))

    def gradient(at: Floats) -> Floats:
        return likelihood.derivatives(at).gradient

    return _by_differences(value, x, steps), _by_differences(gradient, x, steps)


def _by_differences(function: Callable[[Floats], Floats], x: Floats, steps: Floats) -> Floats:
    rows = []
    for index, step in enumerate(steps):
        at = []
        for factor in (-2.0, -1.0, 1.0, 2.0):
            moved = x.copy()
            moved[index] += factor * step
            at.append(function(moved))
        rows.append((at[0] - 8.0 * at[1] + 8.0 * at[2] - at[3]) / (12.0 * step))
    return np.array(rows)


def rounding(model: Model) -> float:
    """What pyhf loses of its log-likelihood to rounding: its Poisson terms of huge numbers cancel."""
    data = model.parameters.poisson_data
    return 4e-16 * float(np.sum(data * np.log(np.maximum(data, 1.0)) + data))
