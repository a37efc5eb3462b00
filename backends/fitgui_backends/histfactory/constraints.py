"""The auxiliary measurements that constrain nuisance parameters, and the data of a fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.model import Model
from fitgui_backends.histfactory.parameters import Parameters

_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """What a model is fitted to."""

    counts: Floats
    """Of the model's bins, shape (b,); zero or above, not necessarily integer (Asimov data)."""
    normal: Floats
    """Auxiliary data of the normal constraints, shape (c,)."""
    poisson: Floats
    """Auxiliary data of the Poisson constraints, shape (d,)."""


def observed_data(model: Model, counts: Floats) -> Data:
    """Observed counts with the auxiliary data that the measurement or the defaults give."""
    return Data(counts, model.parameters.normal_data, model.parameters.poisson_data)


class PoissonTerms:
    """Sum of -log Poisson(data | rate), each term without loss of precision where both are large.

    A term is written as its distance from the saturated one, ``data (d - log(1 + d))`` with
    ``d = (rate - data) / data``; an auxiliary measurement of 1e11 events (a shapesys of relative width 3e-6)
    would otherwise cost ten of the sixteen digits.

    Args:
        data: Shape (n,), zero or above.

    Raises:
        HistFactoryError: if a number is below zero or not finite.
    """

    def __init__(self, data: Floats) -> None:
        if not np.isfinite(data).all() or (data < 0.0).any():
            raise HistFactoryError("the Poisson distribution is not defined for data below zero")
        self._data = data
        self._positive = data > 0.0
        self._all_positive = bool(self._positive.all())
        self._inverse = np.divide(1.0, data, out=np.zeros_like(data), where=self._positive)
        self._saturated = math.fsum(_saturated(number) for number in data.tolist())

    def value(self, rate: Floats) -> float:
        """The sum; infinite where a rate is zero or below although there are data.

        As in pyhf, a term with no data is its rate, whatever the sign of that.
        """
        distance = (rate - self._data) * self._inverse
        if self._all_positive:
            return _excess(self._data, rate, distance) + self._saturated
        chosen = self._positive
        filled = _excess(self._data[chosen], rate[chosen], distance[chosen])
        return filled + float(rate[~chosen].sum()) + self._saturated

    def slopes(self, rate: Floats) -> tuple[Floats, Floats]:
        """First and second derivative of each term by its rate, each of shape (n,)."""
        if self._all_positive:
            return (rate - self._data) / rate, self._data / (rate * rate)
        first, second = np.ones_like(rate), np.zeros_like(rate)
        np.divide(rate - self._data, rate, out=first, where=self._positive)
        np.divide(self._data, rate * rate, out=second, where=self._positive)
        return first, second


def _excess(data: Floats, rate: Floats, distance: Floats) -> float:
    """Sum of ``data (d - log(1 + d))``; infinite where a rate is not above zero."""
    if not rate.min(initial=1.0) > 0.0:  # NaN is not above either
        return math.inf
    terms = distance - np.log1p(np.maximum(distance, -0.75))
    far = np.flatnonzero(np.abs(distance) > 0.5)
    if far.size:  # there 1 + d has lost digits
        terms[far] = distance[far] - np.log(rate[far] / data[far])
    return float(data @ terms)


def _saturated(data: float) -> float:
    """-log Poisson(data | data), by Stirling's series where the direct sum would lose digits."""
    if data == 0.0:
        return 0.0
    if data < 1000.0:
        return data - data * math.log(data) + math.lgamma(data + 1.0)
    inverse = 1.0 / data
    series = inverse / 12.0 - inverse**3 / 360.0
    return 0.5 * (_LOG_2PI + math.log(data)) + series


class Constraints:
    """The constraint terms of a model for given auxiliary data."""

    def __init__(self, parameters: Parameters, data: Data) -> None:
        self._normal, self._poisson = parameters.normal, parameters.poisson
        self._centre, self._factor = data.normal, parameters.poisson_factor
        self._inverse_sigma = 1.0 / parameters.normal_sigma
        self._weight = self._inverse_sigma**2
        self._terms = PoissonTerms(data.poisson)
        self._constant = 0.5 * self._normal.size * _LOG_2PI + float(np.log(parameters.normal_sigma).sum())

    def value(self, x: Floats) -> float:
        """-log of the constraint terms at the parameters ``x``, shape (p,)."""
        pull = (x[self._normal] - self._centre) * self._inverse_sigma
        value = 0.5 * float(pull @ pull) + self._constant
        if self._poisson.size:
            value += self._terms.value(x[self._poisson] * self._factor)
        return value

    def add_slopes(self, x: Floats, gradient: Floats, curvature: Floats) -> None:
        """Add the gradient and the diagonal of the Hessian, both of shape (p,), in place."""
        gradient[self._normal] += (x[self._normal] - self._centre) * self._weight
        curvature[self._normal] += self._weight
        if self._poisson.size:
            first, second = self._terms.slopes(x[self._poisson] * self._factor)
            gradient[self._poisson] += first * self._factor
            curvature[self._poisson] += second * self._factor**2

    def expected(self, x: Floats) -> tuple[Floats, Floats]:
        """Expected auxiliary data of the normal and of the Poisson constraints."""
        return x[self._normal].copy(), x[self._poisson] * self._factor
