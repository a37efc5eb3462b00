"""A second opinion: the same hypothesis test with the rate of every sample at zero or above.

By pyhf's definition the interpolation between two variations may make a sample negative, and a minimum may
lie there (:attr:`.Fit.negative_rates`). No physics means that. Here every fit is done again where no
interpolation is below zero:

- A normsys factor depends on one parameter. What is allowed of it, around the nominal model, are bounds.
- The sum of nominal and histosys shifts of a bin depends on several, ``b(alpha) >= 0``. Such constraints are
  kept by an augmented Lagrangian (Nocedal and Wright, Numerical Optimization, chapter 17.3), minimised by the
  same Newton method: ``sum (max(0, m - r b)^2 - m^2) / (2 r)`` is added to the likelihood, with multipliers
  ``m`` that are learnt until no constraint is violated and none pulls where it does not bind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.interpolation import Floats, histosys_weights
from fitgui_backends.histfactory.likelihood import Derivatives, Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.fits import Fitter, Mask
from fitgui_backends.inference.hypothesis_test import HypothesisTest, check_test_statistic, conduct
from fitgui_backends.inference.minimise import Minimum, minimise
from fitgui_backends.inference.starts import Start

FEASIBLE: Final = 1e-8
"""By how much, relative to the yields, a constraint may be violated at the end."""
_PENALTY: Final = 100.0
"""The first ``r``: a sample that is negative by a tenth of its yield costs 0.5 in the NLL."""
_LARGEST_PENALTY: Final = 1e8
_ROUNDS: Final = 40
_TOLERANCE: Final = 1e-12
"""Of the subproblems, whose errors the constraints feel as their square root."""
_GRID: Final = np.linspace(-1.0, 1.0, 201)
_NEARLY_ZERO: Final = 0.01


def non_negative_test(
    model: Model,
    data: Data,
    mu: float,
    test: HypothesisTest,
    *,
    test_statistic: str = "qtilde",
    thorough: bool = True,
) -> HypothesisTest:
    """Test a signal strength with the interpolated rate of every sample restricted to zero or more.

    Samples whose nominal yield is below zero are left as they are, and so is a signal that a negative mu
    turns over.

    Args:
        model: The compiled model.
        data: The observed data.
        mu: The tested signal strength, above zero.
        test: The test without restriction; its fits are where these begin.
        test_statistic: As for :func:`.hypothesis_test`.
        thorough: As for :func:`.hypothesis_test`.

    Returns:
        With the fits of :func:`.hypothesis_test`; one has converged when it is stationary on what is allowed.

    Raises:
        HistFactoryError: as :func:`.hypothesis_test`.
    """
    check_test_statistic(test_statistic)
    restricted = restrict_factors(model)
    fitter = _RestrictedFitter(restricted, thorough=thorough)
    fitter.check_poi(mu)
    fitter.check_poi(0.0)
    likelihood = Likelihood(restricted, data)
    nominal = Start("nominal", model.parameters.init)
    mu0 = fitter.fit(likelihood, [nominal, Start("fit without restriction", test.fits["mu0"].x)], 0.0)
    before = [Start("fit without restriction", test.fits["mu1"].x)]
    return conduct(fitter, likelihood, mu, mu0, before, test_statistic=test_statistic)


def restrict_factors(model: Model) -> Model:
    """The model with bounds of its alphas between which no normsys factor is below zero."""
    parameters, normsys = model.parameters, model.normsys
    if normsys.kinked:  # exponentials
        return model
    lower, upper = parameters.lower.copy(), parameters.upper.copy()
    counts = (model.nominal > 0.0) | (model.variations != 0.0).any(axis=1)
    matters = np.bincount(model.entry_group, counts, len(model.groups)) > 0.0
    size = model.normsys_group.size
    lowest = np.min([normsys.values(np.full(size, at)) for at in _GRID], axis=0)
    for number in np.flatnonzero((lowest < _NEARLY_ZERO) & matters[model.normsys_group]):
        index = model.normsys_parameter[number]
        if parameters.fixed[index]:
            continue
        below, above = normsys.zeros_around_nominal(int(number))
        lower[index], upper[index] = max(lower[index], below), min(upper[index], above)
    return replace(model, parameters=replace(parameters, lower=lower, upper=upper))


class YieldConstraints:
    """Nominal yields plus histosys shifts of the entries that could go below zero, relative to their size.

    ``c`` constraints on ``k`` alphas.
    """

    def __init__(self, model: Model) -> None:
        k = self._alphas = model.alphas
        self._code = model.histosys_code
        up, down = model.variations[:, :k], model.variations[:, k:]
        size = np.maximum(np.abs(model.nominal), np.abs(model.variations).max(axis=1, initial=0.0))
        chosen = (model.nominal >= 0.0) & (size > 0.0)
        lower, upper = model.parameters.lower[:k], model.parameters.upper[:k]
        least = model.nominal.copy()
        if k:
            grid = np.linspace(lower, upper, 101)
            weights = np.stack([histosys_weights(self._code, at)[0] for at in grid])
            for entry in np.flatnonzero(chosen):
                shifts = up[entry] * weights[:, 0] + down[entry] * weights[:, 1]
                least[entry] += shifts.min(axis=0).sum()
        # The grid may miss the very lowest point of a polynomial.
        self.entries = np.flatnonzero(chosen & (least < 0.05 * size))
        inverse = 1.0 / size[self.entries]
        self._nominal = model.nominal[self.entries] * inverse
        self._up, self._down = up[self.entries] * inverse[:, None], down[self.entries] * inverse[:, None]

    def values(self, x: Floats) -> Floats:
        """The constraints, satisfied where zero or above, shape (c,)."""
        weights = histosys_weights(self._code, x[: self._alphas])[0]
        return np.asarray(self._nominal + self._up @ weights[0] + self._down @ weights[1])

    def slopes(self, x: Floats) -> tuple[Floats, Floats]:
        """First and second derivatives; each constraint is a sum over alphas, shape (c, k) both."""
        _, first, second = histosys_weights(self._code, x[: self._alphas])
        return (
            self._up * first[0] + self._down * first[1],
            self._up * second[0] + self._down * second[1],
        )


class _Penalised:
    """A likelihood with the terms of an augmented Lagrangian."""

    def __init__(self, likelihood: Likelihood, constraints: YieldConstraints) -> None:
        self.model, self._likelihood, self._constraints = likelihood.model, likelihood, constraints
        self.multipliers = np.zeros(constraints.entries.size)
        self.penalty = _PENALTY

    def value(self, x: Floats) -> float:
        pull = self._pull(x)
        added = float(pull @ pull - self.multipliers @ self.multipliers) / (2.0 * self.penalty)
        return self._likelihood.value(x) + added

    def derivatives(self, x: Floats) -> Derivatives:
        found, k = self._likelihood.derivatives(x), self.model.alphas
        pull = self._pull(x)
        first, second = self._constraints.slopes(x)
        found.gradient[:k] -= pull @ first
        found.hessian[:k, :k] += self._stiffness(first, pull)
        found.hessian.reshape(-1)[: k * found.gradient.size : found.gradient.size + 1] -= pull @ second
        return found

    def information(self, x: Floats) -> Floats:
        information, k = self._likelihood.information(x), self.model.alphas
        information[:k, :k] += self._stiffness(self._constraints.slopes(x)[0], self._pull(x))
        return information

    def learn(self, x: Floats) -> float:
        """Learn the multipliers at a minimum; how far it is from satisfying the constraints."""
        values = self._constraints.values(x)
        unsatisfied = np.minimum(values, self.multipliers / self.penalty)
        self.multipliers = self._pull(x)
        return float(np.abs(unsatisfied).max(initial=0.0))

    def _pull(self, x: Floats) -> Floats:
        return np.maximum(0.0, self.multipliers - self.penalty * self._constraints.values(x))

    def _stiffness(self, first: Floats, pull: Floats) -> Floats:
        binding = first[pull > 0.0]
        return np.asarray(self.penalty * (binding.T @ binding))


class _RestrictedFitter(Fitter):
    """A fitter whose minima lie where every yield constraint is satisfied."""

    def __init__(self, model: Model, *, thorough: bool) -> None:
        super().__init__(model, thorough=thorough)
        self._constraints = YieldConstraints(model)

    def minimise(
        self, likelihood: Likelihood, x: Floats, fixed: Mask, known: Sequence[Minimum]
    ) -> Minimum | None:
        constraints, parameters = self._constraints, self.model.parameters
        if constraints.entries.size == 0:
            return super().minimise(likelihood, x, fixed, known)
        # Minima on a constraint say nothing about what is around them, so none is known before.
        found = minimise(likelihood, x, fixed, parameters.lower, parameters.upper)
        assert found is not None
        if constraints.values(found.x).min() >= 0.0:
            return found
        penalised = _Penalised(likelihood, constraints)
        iterations, evaluations, start_value = found.iterations, found.evaluations, found.start_value
        far = np.inf
        for _ in range(_ROUNDS):
            found = minimise(
                penalised, found.x, fixed, parameters.lower, parameters.upper, tolerance=_TOLERANCE
            )
            assert found is not None
            iterations, evaluations = iterations + found.iterations, evaluations + found.evaluations
            before, far = far, penalised.learn(found.x)
            if far < FEASIBLE:
                break
            if far > 0.25 * before:
                penalised.penalty = min(10.0 * penalised.penalty, _LARGEST_PENALTY)
        message = found.message
        if far >= FEASIBLE and not message:
            message = f"a rate stayed below zero by {far:.1g} of its yield"
        return replace(
            found,
            value=likelihood.value(found.x),
            start_value=start_value,
            iterations=iterations,
            evaluations=evaluations,
            converged=not message,
            message=message,
        )
