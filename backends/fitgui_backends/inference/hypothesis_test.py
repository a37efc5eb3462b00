"""Testing a signal hypothesis: CLs, observed and expected, asymptotic.

The formulas are those of arXiv:1007.1727 as pyhf 0.7.6 applies them (``pyhf.infer.calculators``): test
statistic qtilde or q, Asimov data from the fit at mu = 0 to the observed data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fitgui_backends.contract import TEST_STATISTICS
from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.fits import APART, Fit, Fitter
from fitgui_backends.inference.minimise import Minimum
from fitgui_backends.inference.starts import Start
from fitgui_backends.results import Band

SIGMAS: Final = (2.0, 1.0, 0.0, -1.0, -2.0)
"""Where pyhf takes the expected band, in the order of :data:`.Band`: the smallest p-value first."""

_NEARBY: Final = 0.1
"""A fit of the background that starts so near its minimum, in the NLL, is in the minimum found before."""

_ROUNDS: Final = 3
"""Of exchanging minima between the fits of a test."""

ROUNDING: Final = 1e-9
"""Test statistics of Asimov data up to this are zero: two minima, so their difference, have such errors."""
_CLEAR: Final = 1e-2
"""Observed test statistics from here on are more than what a signal without effect may leave."""
_FAR: Final = 25.0
"""Standard deviations from which on tails are computed relative to the normal density."""


@dataclass(frozen=True, slots=True, eq=False)
class HypothesisTest:
    """The answer for one signal strength, with every fit behind it."""

    cls_obs: float
    cls_exp: Band
    """At -2, -1, 0, +1, +2 sigma of the background-only expectation."""
    mu_hat: float
    q_mu: float
    """Observed test statistic."""
    q_mu_asimov: float
    fits: dict[str, Fit]
    """``mu0``, ``mu1`` (at the tested mu), ``free``, ``asimov_mu1``."""
    asimov_free: float
    """Twice the NLL of the free fit to the Asimov data, which needs no fit: it is the fit at mu = 0."""

    @property
    def converged(self) -> bool:
        """Whether every fit converged."""
        return all(fit.converged for fit in self.fits.values())


def hypothesis_test(
    model: Model,
    data: Data,
    mu: float = 1.0,
    *,
    background: Mapping[str, float] | None = None,
    thorough: bool = True,
    test_statistic: str = "qtilde",
) -> HypothesisTest:
    """Test a signal strength.

    Args:
        model: The compiled model.
        data: The observed data.
        mu: The tested signal strength, above zero.
        background: Parameters by name of a fit without signal to the same data (:func:`background_fit`).
            Where the signal does not matter at mu = 0, that fit is this one, and is not done again.
        thorough: Look for lower minima from further starts where the model may have several
            (:mod:`.starts`); without, every fit ends in the minimum nearest to the nominal model, which is
            mostly that of pyhf.
        test_statistic: ``qtilde`` or ``q``. As in pyhf both are the same function of the fits, whose mu-hat
            is as low as the bounds of the parameter of interest let it be; what differs is the distribution
            (:func:`cls_of`). ``q`` is meant for bounds that reach below zero, ``qtilde`` for one at zero.

    Raises:
        HistFactoryError: if the parameter of interest cannot be tested, the likelihood is zero, or there is
            no such test statistic.
    """
    check_test_statistic(test_statistic)
    if not (math.isfinite(mu) and mu > 0.0):
        raise HistFactoryError(f"the tested signal strength must be above zero, not {mu:g}")
    fitter = Fitter(model, thorough=thorough)
    fitter.check_poi(mu)
    fitter.check_poi(0.0)
    likelihood = Likelihood(model, data)
    mu0 = _background_fit(fitter, likelihood, Start("nominal", model.parameters.init), background)
    return conduct(fitter, likelihood, mu, mu0, test_statistic=test_statistic)


def conduct(
    fitter: Fitter,
    likelihood: Likelihood,
    mu: float,
    mu0: Fit,
    starts: Sequence[Start] = (),
    *,
    test_statistic: str = "qtilde",
) -> HypothesisTest:
    """Do the other fits of a test, once there is one at mu = 0.

    Args:
        fitter: Of the model.
        likelihood: Of the model and the observed data.
        mu: The tested signal strength.
        mu0: The fit at mu = 0.
        starts: Further places where the fit at ``mu`` may begin.
        test_statistic: As for :func:`hypothesis_test`.

    Raises:
        HistFactoryError: if the likelihood is zero, or there are no Asimov data.
    """
    nominal = Start("nominal", likelihood.model.parameters.init)
    from_mu0, at_mu = Start("fit at mu = 0", mu0.x), f"fit at mu = {mu:g}"
    mu1 = fitter.fit(likelihood, [from_mu0, nominal, *starts], mu)
    free = fitter.fit(likelihood, [from_mu0, Start(at_mu, mu1.x)])
    found = {from_mu0.name: (0.0, mu0), at_mu: (mu, mu1), "free fit": (None, free)}
    if fitter.thorough and (fitter.bent or max(fit.spread for _, fit in found.values()) > APART):
        _exchange(fitter, likelihood, found)
    mu0, mu1, free = (fit for _, fit in found.values())

    of_asimov = likelihood.with_data(asimov_data(likelihood, mu0, 0.0))
    asimov_free = 2.0 * of_asimov.value(mu0.x)
    asimov_mu1 = fitter.fit(of_asimov, [Start("fit at mu = 0", mu0.x), Start("fit to data", mu1.x)], mu)

    mu_hat = float(free.x[fitter.poi])
    q_mu = 0.0 if mu_hat > mu else max(mu1.twice_nll - free.twice_nll, 0.0)
    q_mu_asimov = max(asimov_mu1.twice_nll - asimov_free, 0.0)
    cls_obs, cls_exp = cls_of(q_mu, q_mu_asimov, test_statistic=test_statistic)
    return HypothesisTest(
        cls_obs=cls_obs,
        cls_exp=cls_exp,
        mu_hat=mu_hat,
        q_mu=q_mu,
        q_mu_asimov=q_mu_asimov,
        fits={"mu0": mu0, "mu1": mu1, "free": free, "asimov_mu1": asimov_mu1},
        asimov_free=asimov_free,
    )


def _exchange(fitter: Fitter, likelihood: Likelihood, found: dict[str, tuple[float | None, Fit]]) -> None:
    """Offer what each fit found to the others as a start, until none goes lower; changes ``found``.

    Else a ratio of likelihoods may compare two different minima, of which one was only missed.
    """
    offered: dict[str, list[Minimum]] = {name: [] for name in found}
    for _ in range(_ROUNDS):
        before = [fit.minimum for _, fit in found.values()]
        for name, (mu, fit) in found.items():
            minima = {other: theirs.minimum for other, (_, theirs) in found.items() if other != name}
            starts = [
                Start(other, minimum.x)
                for other, minimum in minima.items()
                if not any(minimum is known for known in offered[name])
            ]
            offered[name] += minima.values()
            if starts:
                found[name] = mu, fitter.refine(likelihood, fit, starts, mu)
        if all(fit.minimum is minimum for (_, fit), minimum in zip(found.values(), before, strict=True)):
            return


def _background_fit(
    fitter: Fitter, likelihood: Likelihood, nominal: Start, background: Mapping[str, float] | None
) -> Fit:
    if background is None:
        return fitter.fit(likelihood, [nominal], 0.0)
    known = Start("fit at mu = 0 of another signal", fitter.named(background))
    fit = fitter.fit_once(likelihood, known, 0.0)
    if fit is not None and fit.converged:
        nearby = fit.minimum.start_value - fit.minimum.value < _NEARBY
        if nearby or not fitter.thorough:
            return fit
    return fitter.fit(likelihood, [known, nominal], 0.0)


def background_fit(model: Model, data: Data, *, thorough: bool = True) -> dict[str, float] | None:
    """Fit a workspace without signal, once for all the signals that are added to it.

    Every :func:`hypothesis_test` of an analysis may begin with it (``background``). Because it is made from
    the workspace alone, the numbers of a point do not depend on what else the same process fitted.

    Args:
        model: The compiled workspace, without any patch. Its parameter of interest may be missing; where it
            is in the model it is fixed at zero.
        data: The observed data.
        thorough: As for :func:`hypothesis_test`.

    Returns:
        The fitted parameters by name, or ``None`` where there is nothing to build on: the likelihood is zero
        without signal, the parameter of interest cannot be zero, or the fit did not converge.
    """
    has_poi = model.poi in model.parameters.places
    try:
        fitter = Fitter(model, thorough=thorough, needs_poi=has_poi)
        if has_poi:
            fitter.check_poi(0.0)
        nominal = Start("nominal", model.parameters.init)
        fit = fitter.fit(Likelihood(model, data), [nominal], 0.0 if has_poi else None)
    except HistFactoryError:
        return None
    if not fit.converged:
        return None
    return dict(zip(model.parameters.names, fit.x.tolist(), strict=True))


def asimov_data(likelihood: Likelihood, fit: Fit, mu: float) -> Data:
    """The Asimov data of a fit: what it expects, without fluctuations.

    Args:
        likelihood: What was fitted.
        fit: The fit at ``mu``.
        mu: For the message.

    Raises:
        HistFactoryError: if less than no events are expected somewhere.
    """
    asimov = likelihood.expected(fit.x)
    if (asimov.counts < 0.0).any() or (asimov.poisson < 0.0).any():
        channel, number = likelihood.model.bin_in_words(int((asimov.counts < 0.0).argmax()))
        raise HistFactoryError(
            f'channel "{channel}", bin {number}: the fit at mu = {mu:g} expects less than no events, '
            "so there are no Asimov data and no p-values"
        )
    return asimov


def check_test_statistic(name: str) -> None:
    """Say no to an unknown test statistic.

    Raises:
        HistFactoryError: in words.
    """
    if name not in TEST_STATISTICS:
        raise HistFactoryError(f'there is no test statistic "{name}": choose {" or ".join(TEST_STATISTICS)}')


def cls_of(q_mu: float, q_mu_asimov: float, *, test_statistic: str = "qtilde") -> tuple[float, Band]:
    """CLs, observed and the expected band, from the test statistics (arXiv:1007.1727, sections 3.6 and 3.7).

    Args:
        q_mu: Observed, zero or above.
        q_mu_asimov: Of the Asimov data, zero or above.
        test_statistic: ``qtilde``, whose distribution changes its form where mu-hat is below zero, or ``q``.

    Returns:
        NaN where CLs is not defined: the data tell the signal from none, the Asimov data do not.
    """
    root, root_asimov = math.sqrt(q_mu), math.sqrt(q_mu_asimov)
    band = [_cls(sigma, root_asimov) for sigma in SIGMAS]
    if root <= root_asimov or test_statistic == "q":
        observed = _cls(root - root_asimov, root_asimov)
    elif q_mu_asimov > ROUNDING:
        observed = _cls((q_mu - q_mu_asimov) / (2.0 * root_asimov), root_asimov)
    else:  # where CLs tends to for a vanishing signal; nothing is divided by what is only rounding
        observed = math.exp(-0.5 * q_mu) if q_mu < _CLEAR else math.nan
    return observed, (band[0], band[1], band[2], band[3], band[4])


def _cls(statistic: float, root_asimov: float) -> float:
    """The ratio of two upper tails, also where both are too small for a number."""
    if statistic < _FAR:
        return upper_tail(statistic + root_asimov) / upper_tail(statistic)
    from scipy.special import erfcx  # noqa: PLC0415 - 30 ms at every start, for what is rarely needed

    scaled = erfcx((statistic + root_asimov) / math.sqrt(2.0)) / erfcx(statistic / math.sqrt(2.0))
    return float(scaled) * math.exp(-root_asimov * (statistic + 0.5 * root_asimov))


def upper_tail(value: float) -> float:
    """Integral of the standard normal distribution above a value."""
    return 0.5 * math.erfc(value / math.sqrt(2.0))
