"""The profile likelihood of the signal strength: twice the NLL above its minimum, and its intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.curve import Curve
from fitgui_backends.inference.fits import Fitter
from fitgui_backends.inference.hypothesis_test import HypothesisTest, hypothesis_test
from fitgui_backends.inference.rising import Sample, crossing
from fitgui_backends.inference.starts import Start

RISES: Final = (1.0, 3.84)
"""Of twice the NLL, for intervals of 68 and 95 % by Wilks' theorem."""
POINTS: Final = 41
_SIGMAS: Final = 4.0
"""How many standard deviations beyond mu-hat the default grid goes."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where twice the NLL is at most ``rise`` above its minimum."""

    rise: float
    low: float | None
    """``None`` where the lower bound of mu is reached first."""
    high: float | None
    """``None`` where the upper bound of mu is reached first."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The curve, by rising mu."""

    mus: tuple[float, ...]
    delta_twice_nll: tuple[float, ...]
    """Infinite where the likelihood is zero."""
    slopes: tuple[float, ...]
    """Its exact derivative by mu; NaN where it is infinite."""
    mu_hat: float
    """Where it is lowest; a bound of mu, where the likelihood would be higher beyond."""
    at_bound: bool
    intervals: tuple[Interval, ...]
    """For each of :data:`RISES`."""
    fits: int
    converged: bool
    """Whether every fit behind the curve converged."""


def profile_likelihood(
    model: Model,
    data: Data,
    mus: Sequence[float] | None = None,
    *,
    test: HypothesisTest | None = None,
    asimov: bool = False,
    thorough: bool = True,
) -> Profile:
    """Follow the profile likelihood along mu.

    Args:
        model: The compiled model.
        data: The observed data.
        mus: Where, within the bounds of mu. By default 41 values, from zero (or below, as far as the bounds
            allow and the data need) to four standard deviations above mu-hat.
        test: Of the same model and data, whose fits need not be done again.
        asimov: Follow the Asimov data of the background-only hypothesis instead.
        thorough: Look for lower minima from further starts, where the model may have several.

    Raises:
        HistFactoryError: if a mu lies outside of the bounds, or the parameter of interest cannot be tested.
    """
    fitter = Fitter(model, thorough=False)
    low, high = (float(bound[fitter.poi]) for bound in (model.parameters.lower, model.parameters.upper))
    for mu in mus or ():
        fitter.check_poi(mu)
    if test is None:
        test = hypothesis_test(model, data, min(1.0, high), thorough=thorough)
    curve = _asimov_curve(fitter, data, test) if asimov else _curve(fitter, data, test)
    followed = _Followed(curve, low, high)
    if thorough:
        followed.search()
    chosen = sorted(set(mus)) if mus is not None else followed.grid()
    for mu in chosen:
        curve.at(mu)
    if thorough and curve.several and chosen:
        for mu in (chosen[0], chosen[len(chosen) // 2], chosen[-1]):
            curve.search(mu)
    if thorough:
        curve.settle()
    return followed.profile(chosen)


def _curve(fitter: Fitter, data: Data, test: HypothesisTest) -> Curve:
    fits = test.fits
    return Curve(fitter, Likelihood(fitter.model, data), fits["free"], (fits["mu0"], fits["mu1"]))


def _asimov_curve(fitter: Fitter, data: Data, test: HypothesisTest) -> Curve:
    background = test.fits["mu0"].x
    likelihood = Likelihood(fitter.model, data)
    likelihood = likelihood.with_data(likelihood.expected(background))
    lowest = fitter.fit(likelihood, [Start("fit at mu = 0", background)], 0.0)
    return Curve(fitter, likelihood, lowest, (test.fits["asimov_mu1"],))


class _Followed:
    def __init__(self, curve: Curve, low: float, high: float) -> None:
        self.curve, self.low, self.high = curve, low, high

    def search(self) -> None:
        """Look for lower minima where the curve has risen by the largest of the rises."""
        for side in (-1, 1):
            end = self._crossing(RISES[-1], side)
            self.curve.search(end if end is not None else self._bound(side))

    def grid(self) -> tuple[float, ...]:
        """Default values of mu."""
        upwards, downwards = (self._crossing(1.0, side) for side in (1, -1))
        mu_hat = self.curve.mu_hat
        top = self.high if upwards is None else min(self.high, mu_hat + _SIGMAS * (upwards - mu_hat))
        bottom = self.low if downwards is None else mu_hat - _SIGMAS * (mu_hat - downwards)
        bottom = max(self.low, min(bottom, 0.0))
        return tuple(np.linspace(bottom, top, POINTS).tolist())

    def profile(self, mus: Sequence[float]) -> Profile:
        """What the curve says."""
        curve = self.curve
        intervals = tuple(Interval(rise, self._crossing(rise, -1), self._crossing(rise, 1)) for rise in RISES)
        nodes = [curve.at(mu) for mu in mus]
        lowest = curve.free.twice_nll
        return Profile(
            mus=tuple(mus),
            delta_twice_nll=tuple(
                math.inf if node is None else max(node.twice_nll - lowest, 0.0) for node in nodes
            ),
            slopes=tuple(math.nan if node is None else node.slope for node in nodes),
            mu_hat=curve.mu_hat,
            at_bound=curve.mu_hat in (self.low, self.high),
            intervals=intervals,
            fits=curve.fits,
            converged=curve.free.converged and all(node.fit.converged for node in nodes if node is not None),
        )

    def _bound(self, side: int) -> float:
        return self.high if side > 0 else self.low

    def _crossing(self, rise: float, side: int) -> float | None:
        """Where the curve has risen, above (side 1) or below (side -1) mu-hat; mirrored for the latter."""
        curve, target = self.curve, math.sqrt(rise)

        def sample(mu: float) -> Sample:
            node = curve.at(mu)
            if node is None:
                return Sample(side * mu, math.inf)
            root, slope, bend = curve.rise(node)
            return Sample(side * node.mu, side * root - target, slope, side * bend)

        known = [sample(node.mu) for node in curve.nodes if side * (node.mu - curve.mu_hat) >= 0.0]
        found = crossing(lambda at: sample(side * at), known, side * curve.mu_hat, side * self._bound(side))
        return None if found.at is None else side * found.at
