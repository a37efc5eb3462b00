"""Upper limits on the signal strength: where CLs falls to a level, observed and the expected band.

CLs depends on two curves in mu: the root of the observed test statistic, and that of the Asimov data,
``r_A``.
With ``T`` the upper tail of the standard normal distribution and ``t`` the statistic in units of its width,
CLs = T(t + r_A) / T(t) (:func:`.hypothesis_test.cls_of`), so CLs is at the level where

    t + r_A = T^-1(level T(t))

For the expected band t is -2 ... 2 and only ``r_A(mu)`` is followed; for the observed limit t changes with
mu, slowly. Both sides are nearly straight lines in mu, and their slopes are known exactly (:mod:`.curve`).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import log_ndtr, ndtri_exp

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.curve import Curve, Node
from fitgui_backends.inference.fits import APART, Fit, Fitter
from fitgui_backends.inference.hypothesis_test import (
    ROUNDING,
    SIGMAS,
    HypothesisTest,
    check_test_statistic,
)
from fitgui_backends.inference.rising import Crossing, Sample, crossing, estimate
from fitgui_backends.inference.starts import Start
from fitgui_backends.limit_words import BAND, limits_beyond, limits_named
from fitgui_backends.results import EXCLUSION_CLS, LimitBand

_ROUNDS: Final = 4
_BLIND: Final = 1e-2
"""A signal whose root of the Asimov test statistic stays below this has no effect."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits on mu; ``None`` where CLs is still above the level at the upper bound of mu."""

    observed: float | None
    expected: LimitBand
    """At -2, -1, 0, +1, +2 sigma of the background-only expectation."""
    fits: int
    """How many fits they took."""
    converged: bool
    """Whether every fit that a limit rests on converged."""
    messages: tuple[str, ...] = ()
    """Why a limit may be wrong, in sentences."""
    notes: tuple[str, ...] = ()
    """Why there is none, or why it is zero: that is an answer, no reason for doubt."""


def upper_limits(
    model: Model,
    data: Data,
    test: HypothesisTest,
    *,
    level: float = EXCLUSION_CLS,
    thorough: bool = True,
    test_statistic: str = "qtilde",
) -> Limits:
    """The signal strengths at which CLs is ``level``.

    Args:
        model: The compiled model.
        data: The observed data.
        test: Of the same model and data, at any signal strength; its fits are where the search begins.
        level: Between 0 and 1.
        thorough: Verify each limit by fits from further starts, and go on with lower minima that turn up.
        test_statistic: ``qtilde`` or ``q``, as in the test.

    Raises:
        HistFactoryError: if the level is not between 0 and 1, or the test statistic is unknown.
    """
    *_, limits = upper_limits_by_and_by(
        model, data, test, level=level, thorough=thorough, test_statistic=test_statistic
    )
    assert limits is not None
    return limits


def upper_limits_by_and_by(
    model: Model,
    data: Data,
    test: HypothesisTest,
    *,
    level: float = EXCLUSION_CLS,
    thorough: bool = True,
    test_statistic: str = "qtilde",
) -> Iterator[Limits | None]:
    """As :func:`upper_limits`, for somebody who waits.

    Yields:
        The limits as soon as they are found, before they are verified; ``None`` between the fits that verify
        them; the limits, last.

    Raises:
        HistFactoryError: as :func:`upper_limits`.
    """
    if not 0.0 < level < 1.0:
        raise HistFactoryError(f"the level of a limit lies between 0 and 1, not at {level:g}")
    check_test_statistic(test_statistic)
    yield from _Search(model, data, test, math.log(level), test_statistic).run(thorough=thorough)


class _Search:
    def __init__(
        self, model: Model, data: Data, test: HypothesisTest, log_level: float, statistic: str
    ) -> None:
        fitter = Fitter(model, thorough=False)
        self.poi, self.log_level, self.statistic = model.poi, log_level, statistic
        self.upper = float(model.parameters.upper[fitter.poi])
        fits, likelihood = test.fits, Likelihood(model, data)
        self.test, self.fitter, self.likelihood = test, fitter, likelihood
        self.observed = Curve.of_data(fitter, likelihood, fits)
        self.fits = 0
        self._follow_asimov(fits["mu0"], fits["asimov_mu1"])
        self.messages: list[str] = []
        self.notes: list[str] = []

    def _follow_asimov(self, background: Fit, *others: Fit) -> None:
        """Begin the curve of the Asimov data that a fit at mu = 0 expects."""
        self.background = background
        self.asimov = Curve.of_asimov(
            self.fitter, self.likelihood, background, others, direct=self._fit_to_data
        )
        self.fits += 1

    def _fit_to_data(self, mu: float) -> list[Start]:
        self.observed.at(mu)
        return self.observed.fitted(mu)

    def run(self, *, thorough: bool) -> Iterator[Limits | None]:
        for number in range(_ROUNDS):
            # The highest first: between it and zero, the others are interpolated.
            band = [self._expected(sigma) for sigma in reversed(SIGMAS)][::-1]
            observed = self._observed()
            if not thorough:
                break
            if number == 0:
                yield self._told(observed, band)
                self.messages, self.notes = [], []
            if not (yield from self._lower(observed, band)):
                break
        else:
            self.messages.append(
                "Lower minima turned up each time the limits were verified: there may be still lower ones."
            )
        yield self._told(observed, band)

    def _told(self, observed: Crossing, band: list[Crossing]) -> Limits:
        """The limits with all that is to be said of them."""
        at = [found.at for found in band]
        expected: LimitBand = (at[0], at[1], at[2], at[3], at[4])
        self._tell(observed, band, expected)
        self._tell_unphysical(observed, band)
        doubtful = self._doubtful(observed, band)
        return Limits(
            observed=observed.at,
            expected=expected,
            fits=self.observed.fits + self.asimov.fits + self.fits,
            converged=not doubtful,
            messages=(*doubtful, *self.messages),
            notes=tuple(self.notes),
        )

    def _expected(self, sigma: float) -> Crossing:
        return crossing(
            lambda mu: self._against(sigma, self.asimov.at(mu), mu), self._known(sigma), 0.0, self.upper
        )

    def _known(self, t: float) -> list[Sample]:
        return [self._against(t, node, node.mu) for node in self.asimov.nodes if node.mu >= 0.0]

    def _against(self, t: float, asimov: Node | None, mu: float) -> Sample:
        """``t + r_A - T^-1(level T(t))`` with a given t."""
        if asimov is None:
            return Sample(mu, math.inf)
        root, slope, bend = self.asimov.rise(asimov)
        return Sample(mu, t + root - self._tail(t)[0], slope, bend)

    def _observed(self) -> Crossing:
        def sample(mu: float) -> Sample:
            node, asimov = self.observed.at(mu), self.asimov.at(mu)
            return Sample(mu, math.inf) if node is None or asimov is None else self._distance(node, asimov)

        at_zero = Sample(0.0, self._at_zero())
        if at_zero.value > 0.0:
            return Crossing(0.0, 0.0, (at_zero,))
        of_asimov = {node.mu: node for node in self.asimov.nodes}
        both = [
            (node, of_asimov[node.mu])
            for node in self.observed.nodes
            if node.mu > 0.0 and node.mu in of_asimov
        ]
        known = [self._distance(*pair) for pair in both]
        first = None
        if known:  # where the limit would be if t were everywhere what it is where it is known best
            nearest = min(range(len(known)), key=lambda index: abs(known[index].value))
            t = self._statistic(*both[nearest])[0]
            if math.isfinite(t):
                first = estimate(self._known(t), 0.0, self.upper)
        return crossing(sample, [at_zero, *known], 0.0, self.upper, first)

    def _statistic(self, node: Node, asimov: Node) -> tuple[float, float]:
        """The observed ``t`` and its slope; minus infinity where the Asimov data know no difference."""
        root_asimov, slope_asimov, _ = self.asimov.rise(asimov)
        root, slope = self.observed.rise(node)[:2] if node.mu > self.observed.mu_hat else (0.0, 0.0)
        if root <= root_asimov or self.statistic == "q":
            return root - root_asimov, slope - slope_asimov
        if root_asimov * root_asimov <= ROUNDING:
            return -math.inf, math.nan
        t = (root * root - root_asimov * root_asimov) / (2.0 * root_asimov)
        return t, (root * slope - (t + root_asimov) * slope_asimov) / root_asimov

    def _distance(self, node: Node, asimov: Node) -> Sample:
        """``t + r_A - T^-1(level T(t))`` and its slope."""
        t, t_slope = self._statistic(node, asimov)
        if math.isinf(t):
            return Sample(node.mu, -math.inf)
        root, slope, _ = self.asimov.rise(asimov)
        goal, goal_slope = self._tail(t)
        return Sample(node.mu, t + root - goal, t_slope + slope - goal_slope * t_slope)

    def _at_zero(self) -> float:
        """The limit of the distance for mu towards zero: below zero where CLs is above the level there."""
        node, asimov = self.observed.at(0.0), self.asimov.at(0.0)
        if node is None or asimov is None or self.observed.mu_hat > 0.0:
            t = 0.0
        elif self.observed.mu_hat < 0.0:
            t = self.observed.rise(node)[0]
            if self.statistic == "qtilde":  # CLs goes to exp(-q / 2), not to 1
                return 1.0 if -0.5 * t * t < self.log_level else -1.0
        else:  # the likelihood rises linearly, r_A also
            slope = self.asimov.rise(asimov)[1]
            linear = self.statistic == "qtilde" and node.slope > 0.0 and slope > 0.0
            t = 0.5 * node.slope / slope if linear else 0.0
        return t - self._tail(t)[0]

    def _tail(self, t: float) -> tuple[float, float]:
        """``y = T^-1(level T(t))`` and dy/dt, also where T(t) is too small for a number."""
        log_tail = self.log_level + float(log_ndtr(-t))
        y = -float(ndtri_exp(log_tail))
        return y, math.exp(self.log_level + 0.5 * (y * y - t * t))

    def _lower(self, observed: Crossing, band: list[Crossing]) -> Generator[None, None, bool]:
        """Look for lower minima where the limits are; whether there are any, in the end.

        Where the model has one minimum as far as is known, the limits farthest from the fits of the test are
        looked at; where it may have several, all.
        """
        found = False
        for curve, other, crossings in (
            (self.observed, self.asimov, [observed]),
            (self.asimov, self.observed, [observed, *band]),
        ):
            places = sorted({one.nearest for one in crossings if one.at} - curve.searched)
            for place in places if curve.several else places[-1:]:
                found |= curve.search(place, other.fitted(place))
                yield
            found |= curve.several and curve.settle()
        background = self.observed.at(0.0)
        gain = 0.0 if background is None else self.background.twice_nll - background.twice_nll
        if background is not None and gain > APART:
            self.messages.append(
                f"A minimum of the fit at mu = 0 lower by {gain:.2g} (twice the NLL) turned up on the "
                "way: the limits are from its Asimov data, CLs is not."
            )
            self.fits += self.asimov.fits
            self._follow_asimov(background.fit)
            return True
        return found

    def _tell(self, observed: Crossing, band: list[Crossing], expected: LimitBand) -> None:
        gain = self.test.fits["free"].twice_nll - self.observed.free.twice_nll
        if gain > APART:
            self.messages.append(
                f"A minimum of the free fit lower by {gain:.2g} (twice the NLL) turned up on the way, at "
                f"{self.poi} = {self.observed.mu_hat:.3g}: the observed limit is from there, CLs is not."
            )
        last = self.asimov.nodes[-1]
        if last.mu >= self.upper and self.asimov.rise(last)[0] < _BLIND:
            self.notes.append(f"The signal has no effect that could be seen, so {self.poi} has no limit.")
            return
        level = f"{math.exp(self.log_level):g}"
        self.notes += limits_beyond(observed.at, expected, self.poi, self.upper, math.exp(self.log_level))
        names = [limits_named([], observed=True), *(limits_named([sigma], observed=False) for sigma in BAND)]
        for name, one in zip(names, [observed, *band], strict=True):
            if one.at == 0.0:
                self.notes.append(f"CLs is below {level} at every {self.poi} above zero: {name} is zero.")
            elif not one.settled:
                self.messages.append(f"CLs jumps near {self.poi} = {one.nearest:.3g}: {name} is uncertain.")
            elif not one.rising:
                self.messages.append(
                    f"CLs does not fall everywhere: {name} is where it was last seen to fall below {level}."
                )

    def _tell_unphysical(self, observed: Crossing, band: list[Crossing]) -> None:
        """Which limits rest on fits where a sample is below zero, or that passed over such a minimum."""
        of_data = {node.mu: node.fit for node in self.observed.nodes}
        of_asimov = {node.mu: node.fit for node in self.asimov.nodes}
        behind = [[of_data.get(observed.nearest), of_asimov.get(observed.nearest)]] if observed.at else [[]]
        behind += [[of_asimov.get(one.nearest)] if one.at else [] for one in band]
        fits = [[fit for fit in some if fit is not None] for some in behind]
        rates = [[rate for fit in some for rate in fit.clearly_negative] for some in fits]
        if any(rates):
            worst = min((rate for some in rates for rate in some), key=lambda rate: rate.rate)
            self.messages.append(
                f"At {_named(rates)} a sample is expected below zero, which no physics means; the worst: "
                f"{worst.words}."
            )
        passed = [[fit.dismissed for fit in some if fit.dismissed > APART] for some in fits]
        if any(passed):
            most = max(gain for some in passed for gain in some)
            self.messages.append(
                f"At {_named(passed)} a minimum lower by up to {most:.2g}"
                " in 2NLL was passed over: it lies where a sample is expected far below zero."
            )

    def _doubtful(self, observed: Crossing, band: list[Crossing]) -> list[str]:
        """The fits behind the limits that did not converge."""
        found = []
        for words, fit in (("free fit", self.observed.free), ("fit at mu = 0", self.background)):
            if not fit.converged:
                found.append(f"The {words} did not converge ({fit.minimum.message}): do not use the limits.")
        for curve, words, crossings in (
            (self.observed, "data", [observed]),
            (self.asimov, "Asimov data", [*band, observed]),
        ):
            places = {one.nearest for one in crossings}
            found += [
                f"The fit to {words} at {self.poi} = {node.mu:.3g} did not converge "
                f"({node.fit.minimum.message}): do not use the limits."
                for node in curve.nodes
                if node.mu in places and not node.fit.converged
            ]
        return found


def _named(found: Sequence[Sequence[object]]) -> str:
    """The limits, observed first, for which something was found."""
    return limits_named(
        [sigma for sigma, some in zip(BAND, found[1:], strict=True) if some], observed=bool(found[0])
    )
