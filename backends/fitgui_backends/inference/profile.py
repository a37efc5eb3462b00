"""The profile likelihood of the signal strength: twice the NLL above its minimum, and its intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.curve import Curve
from fitgui_backends.inference.fits import Fitter
from fitgui_backends.inference.hypothesis_test import HypothesisTest, hypothesis_test
from fitgui_backends.inference.rising import Sample, crossing

LEVELS: Final = ((0.68, 1.0), (0.95, 3.84))
"""Of intervals, with the rise of twice the NLL up to which they reach by Wilks' theorem."""
POINTS: Final = 50
"""At most so many values has the default grid."""
_SIGMAS: Final = 4.0
"""How many standard deviations beyond mu-hat the default grid goes."""
_FARTHEST_RISE: Final = LEVELS[-1][1]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where twice the NLL, minimised over all other parameters, is at most ``rise`` above its minimum."""

    level: float
    """The probability with which such intervals hold the true value, where the data are many."""
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
    """For each of :data:`LEVELS`."""
    lowest: float
    """Twice the NLL at mu-hat, all constants included."""
    fits: int
    converged: bool
    """Whether every fit behind the curve converged, and every end of an interval was found."""


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
        mus: Where, within the bounds of mu. By default 20 to 50 round values, from zero (or below, as far as
            the bounds allow and the data need) to four standard deviations above mu-hat.
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
    likelihood, fits = Likelihood(model, data), test.fits
    if asimov:
        curve = Curve.of_asimov(fitter, likelihood, fits["mu0"], (fits["asimov_mu1"],))
    else:
        curve = Curve.of_data(fitter, likelihood, fits)
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


class _Followed:
    def __init__(self, curve: Curve, low: float, high: float) -> None:
        self.curve, self.low, self.high = curve, low, high
        self._settled = True

    def search(self) -> None:
        """Look for lower minima where the curve has risen by the largest of the rises."""
        for side in (-1, 1):
            end = self._crossing(_FARTHEST_RISE, side)
            self.curve.search(end if end is not None else self._bound(side))

    def grid(self) -> tuple[float, ...]:
        """Default values of mu."""
        upwards, downwards = (self._crossing(1.0, side) for side in (1, -1))
        mu_hat = self.curve.mu_hat
        top = self.high if upwards is None else min(self.high, mu_hat + _SIGMAS * (upwards - mu_hat))
        bottom = self.low if downwards is None else mu_hat - _SIGMAS * (mu_hat - downwards)
        return round_values(max(self.low, min(bottom, 0.0)), top, self.low, self.high)

    def profile(self, mus: Sequence[float]) -> Profile:
        """What the curve says."""
        curve = self.curve
        self._settled = True
        intervals = tuple(
            Interval(level, rise, self._crossing(rise, -1), self._crossing(rise, 1)) for level, rise in LEVELS
        )
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
            lowest=lowest,
            fits=curve.fits,
            converged=self._settled and all(node.fit.converged for node in curve.nodes),
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
        self._settled = self._settled and found.settled
        return None if found.at is None else side * found.at


def round_values(bottom: float, top: float, low: float, high: float) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten, 20 to :data:`POINTS` of them, zero among them.

    Args:
        bottom: They reach at least down to here.
        top: They reach at least up to here.
        low: None is below; where a multiple would be, this takes its place.
        high: None is above, likewise.
    """
    widest = (top - bottom) / (POINTS - 2)
    if not widest > 0.0:
        return (bottom,)
    power = math.floor(math.log10(widest))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * 10.0**power >= widest)
    step = factor * 10.0**power
    numbers = range(math.floor(bottom / step), math.ceil(top / step) + 1)
    found = (_decimal(number * factor, power) for number in numbers)
    return tuple(sorted({min(max(mu, low), high) for mu in found}))


def _decimal(number: int, power: int) -> float:
    """A number times a power of ten, as it would be read: multiplying by 0.1 gives 0.30000000000000004."""
    return number * 10.0**power if power > 0 else number / 10.0**-power
