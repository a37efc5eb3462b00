"""Pseudo-experiments ("toys"): the distributions of the test statistic without asymptotic formulae.

As ``pyhf.infer.calculators.ToyCalculator`` does it: toys with signal from the fit to the data at each tested
signal strength, toys without from the fit at mu = 0, auxiliary data thrown with the counts, and the test
statistic of each toy from its own fits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.fits import LOWER, Fit, Fitter
from fitgui_backends.inference.hypothesis_test import HypothesisTest, check_test_statistic
from fitgui_backends.inference.minimise import Minimum
from fitgui_backends.inference.starts import Start
from fitgui_backends.inference.toy_cls import ToyCls, toy_cls
from fitgui_backends.inference.toy_data import BACKGROUND, SIGNAL, ToyLikelihood, throw
from fitgui_backends.inference.toy_limits import ToyLimits, toy_limits, toy_scan
from fitgui_backends.inference.toy_sample import ToySample, merge_toys

__all__ = [
    "ToyCls",
    "ToyLimits",
    "ToySample",
    "merge_toys",
    "throw_toys",
    "toy_cls",
    "toy_limits",
    "toy_scan",
]

_UNTHROWABLE: Final = -0.1
"""Expected events, below which they are negative by more than the wall of an empty bin allows."""


def throw_toys(
    model: Model,
    data: Data,
    test: HypothesisTest,
    mus: Sequence[float],
    *,
    first: int = 0,
    count: int,
    seed: int,
    name: str = "",
    test_statistic: str = "qtilde",
    thorough: bool = True,
) -> ToySample:
    """Throw and fit the toys ``first`` to ``first + count - 1`` of each hypothesis.

    A toy depends on the seed, its number and what is thrown only, so a sample may be computed in shares,
    anywhere, and merged (:func:`.merge_toys`) to the same bits; ``test`` must be the same for all of them.

    Args:
        model: The compiled model.
        data: The observed data.
        test: Of the same model and data, at any signal strength; its fits are what toys are thrown from.
        mus: The tested signal strengths, above zero, each once.
        first: Number of the first toy.
        count: How many, at least one.
        seed: Zero or above.
        name: Of the signal point: with the same seed, toys of points with other names are independent.
        test_statistic: ``qtilde`` or ``q``: the same function of the fits, as in :func:`.hypothesis_test`.
        thorough: Look for lower minima of the fits to the data at further signal strengths.

    Raises:
        HistFactoryError: if a signal strength cannot be tested, or nothing can be thrown because a fit to the
            data expects less than no events.
    """
    check_test_statistic(test_statistic)
    if count < 1 or first < 0 or seed < 0:
        raise HistFactoryError(
            "pseudo-experiments need a number of at least one, and a seed that is not negative"
        )
    if not mus or len(set(mus)) < len(mus) or not all(math.isfinite(mu) and mu > 0.0 for mu in mus):
        raise HistFactoryError("the tested signal strengths must be above zero, each given once")
    began = time.perf_counter()
    fitter = Fitter(model, thorough=thorough)
    for mu in (0.0, *mus):
        fitter.check_poi(mu)
    likelihood = ToyLikelihood(model, data)
    observed = _Observed(fitter, likelihood, test, mus)
    toys = _Toys(fitter, likelihood, seed, name)
    signal, background = np.zeros((len(mus), count)), np.zeros((len(mus), count))
    failed = 0
    for toy in range(count):
        for place, (mu, source) in enumerate(observed.at.items()):
            values, converged = toys.test_statistics(source, SIGNAL, first + toy, {mu: source})
            signal[place, toy] = values[0]
            failed += not converged
        background[:, toy], converged = toys.test_statistics(
            observed.background, BACKGROUND, first + toy, observed.at
        )
        failed += not converged
    return ToySample(
        mus=np.array(mus, dtype=np.float64),
        observed=observed.test_statistics(),
        signal=signal,
        background=background,
        seed=seed,
        first=first,
        failed=failed,
        converged=observed.converged,
        seconds=time.perf_counter() - began,
    )


class _Source:
    """What toys are thrown from."""

    def __init__(self, likelihood: ToyLikelihood, fit: Fit, mu: float) -> None:
        self.x = fit.x
        self.mu = mu
        self.expected = likelihood.expected(fit.x)
        negative = np.flatnonzero(self.expected.counts < _UNTHROWABLE)
        if negative.size:
            channel, number = likelihood.model.bin_in_words(int(negative[0]))
            raise HistFactoryError(
                f'channel "{channel}", bin {number}: the fit at mu = {mu:g} expects '
                f"{self.expected.counts[negative[0]]:.3g} events, so no pseudo-experiments can be thrown"
            )


class _Observed:
    """The fits to the data: at mu = 0, at each tested signal strength, and free."""

    def __init__(
        self, fitter: Fitter, likelihood: ToyLikelihood, test: HypothesisTest, mus: Sequence[float]
    ) -> None:
        self._fitter, self._likelihood, self._mus = fitter, likelihood, mus
        mu0, mu1, free = (test.fits[name] for name in ("mu0", "mu1", "free"))
        self._free = self._physical(free, None)
        starts = [Start("fit at another mu", mu1.x), Start("fit at mu = 0", mu0.x), Start("free fit", free.x)]
        self._fits: dict[float, Fit] = {}
        for mu in mus:
            if mu == mu1.x[fitter.poi]:
                self._fits[mu] = self._physical(mu1, mu)
            else:
                self._fits[mu] = fitter.fit(likelihood, starts, mu)
        lowest = min(self._fits.values(), key=lambda fit: fit.twice_nll)
        if lowest.twice_nll < self._free.twice_nll - LOWER:
            self._free = fitter.refine(likelihood, self._free, [Start("fit at fixed mu", lowest.x)], None)
        background = self._physical(mu0, 0.0)
        self.converged = all(fit.converged for fit in (*self._fits.values(), self._free, background))
        self.background = _Source(likelihood, background, 0.0)
        self.at = {mu: _Source(likelihood, fit, mu) for mu, fit in self._fits.items()}

    def _physical(self, fit: Fit, mu: float | None) -> Fit:
        """The fit, or another one where it went behind the wall of :class:`.ToyLikelihood`."""
        if self._likelihood.expected(fit.x).counts.min() >= 0.0:
            return fit
        start = Start("fit with negative rates", fit.x)
        nominal = Start("nominal", self._fitter.model.parameters.init)
        return self._fitter.fit(self._likelihood, [start, nominal], mu)

    def test_statistics(self) -> Floats:
        """Of the data, shape (m,)."""
        mu_hat = float(self._free.x[self._fitter.poi])
        rises = [
            0.0 if mu_hat > mu else max(self._fits[mu].twice_nll - self._free.twice_nll, 0.0)
            for mu in self._mus
        ]
        return np.array(rises)


class _Toys:
    """Throws and fits toys: the same model again and again, with other data."""

    def __init__(self, fitter: Fitter, likelihood: ToyLikelihood, seed: int, name: str) -> None:
        self._fitter, self._likelihood, self._seed, self._name = fitter, likelihood, seed, name

    def test_statistics(
        self, source: _Source, hypothesis: int, number: int, observed: Mapping[float, _Source]
    ) -> tuple[list[float], bool]:
        """The test statistic of one toy at each signal strength, and whether its fits converged.

        Args:
            source: What it is thrown from.
            hypothesis: As :func:`.throw` has it.
            number: Which toy.
            observed: The tested signal strengths, and the fits to the data there.
        """
        fitter = self._fitter
        sigma = fitter.model.parameters.normal_sigma
        pseudo = throw(
            source.expected,
            sigma,
            seed=self._seed,
            name=self._name,
            hypothesis=hypothesis,
            mu=source.mu,
            number=number,
        )
        near = self._near(source, pseudo)
        fits = _ToyFits(fitter, self._likelihood.with_data(pseudo))
        fits.search((near, source.x), None)
        # Where mu-hat is above mu the test statistic is zero, whatever a fit there would say.
        while missing := [mu for mu in observed if fits.mu_hat <= mu and not fits.found.get(mu)]:
            mu = missing[0]
            fits.search((fits.lowest(None).x, source.x, observed[mu].x), mu)
            if fits.lowest(mu).value == math.inf:
                fits.search((near, fitter.model.parameters.init), mu)
            if fitter.bent or fits.lowest(mu).value < fits.lowest(None).value - 0.5 * LOWER:
                fits.search((fits.lowest(mu).x,), None)
        tested = [mu for mu in observed if fits.mu_hat <= mu]
        if fitter.bent:
            for mu in tested:
                fits.search((fits.lowest(None).x,), mu)
        free = fits.lowest(None)
        values = [
            max(2.0 * (fits.lowest(mu).value - free.value), 0.0) if mu in tested else 0.0 for mu in observed
        ]
        return values, free.converged and all(fits.lowest(mu).converged for mu in tested)

    def _near(self, source: _Source, pseudo: Data) -> Floats:
        """Where nuisance parameters would be if the auxiliary data alone determined them."""
        parameters = self._fitter.model.parameters
        x = source.x.copy()
        x[parameters.normal] += pseudo.normal - source.expected.normal
        x[parameters.poisson] = pseudo.poisson / parameters.poisson_factor
        np.clip(x, parameters.lower, parameters.upper, out=x)
        return np.where(parameters.fixed, source.x, x)


class _ToyFits:
    """The fits of one toy."""

    def __init__(self, fitter: Fitter, likelihood: ToyLikelihood) -> None:
        self._fitter, self._likelihood = fitter, likelihood
        self.found: dict[float | None, list[Minimum]] = {}
        """Where minimisations ended, by the fixed signal strength (``None``: free)."""

    @property
    def mu_hat(self) -> float:
        """The signal strength of the free fit."""
        return float(self.lowest(None).x[self._fitter.poi])

    def lowest(self, mu: float | None) -> Minimum:
        """The lowest so far; its value is infinite where every start was impossible."""
        return min(self.found[mu], key=lambda minimum: minimum.value)

    def search(self, starts: Iterable[Floats], mu: float | None) -> None:
        """Minimise from all starts where there may be several minima, else from the first that will do."""
        found = self.found.setdefault(mu, [])
        parameters = self._fitter.model.parameters
        fixed = parameters.fixed
        if mu is not None:
            fixed = fixed.copy()
            fixed[self._fitter.poi] = True
        for start in starts:
            x = start
            if mu is not None:
                x = start.copy()
                x[self._fitter.poi] = mu
            known = [minimum for minimum in found if minimum.converged]
            minimum = self._fitter.minimise(self._likelihood, x, fixed, known)
            if minimum is not None:
                found.append(minimum)
            if not self._fitter.bent and (minimum is None or minimum.converged):
                break
