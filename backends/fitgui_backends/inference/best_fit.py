"""The best fit in full: values, uncertainties, correlations, pulls, constraints, yields.

Conventions. The uncertainty of a parameter is one standard deviation from the inverse of the exact Hessian of
the negative log-likelihood. The pull of a constrained parameter is its distance from where its constraint is
centred, in units of its uncertainty before the fit: ``(value - auxdata) / sigma`` for a normal constraint. A
gamma with a Poisson constraint of auxiliary data ``a`` and factor ``f`` (rate ``f gamma``) is centred at
``a / f`` with the uncertainty ``sqrt(a) / f``, which is ``1 / sqrt(tau)`` around 1 by default.

The constraint is the uncertainty after the fit over that before: below one where the data know more than the
auxiliary measurement. Unconstrained and fixed parameters have neither pull nor constraint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.covariance import Covariance, Standing, covariance_of
from fitgui_backends.inference.fits import Fit, Fitter
from fitgui_backends.inference.hypothesis_test import HypothesisTest
from fitgui_backends.inference.minimise import Minimum, minimise
from fitgui_backends.inference.starts import Start
from fitgui_backends.inference.yields import ChannelYields, expected_yields

POLISHED: Final = 1e-14
"""Fits whose parameters are looked at go on until the NLL would change by less than this."""
_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class BestFit:
    """A fit and what it says about each of ``p`` parameters; arrays have one number for each."""

    fit: Fit
    """The minimum, how it was found, and its health."""
    mu: float | None
    """Where the parameter of interest was fixed; ``None`` where it was free."""
    poi: int | None
    """Place of the parameter of interest; ``None`` in a model that has none."""
    names: tuple[str, ...]
    values: Floats
    covariance: Covariance
    """With uncertainties and what each parameter is in the fit."""
    correlations: Floats
    """Shape (p, p); NaN where a parameter is not determined, zero where it does not move."""
    centres: Floats
    """Where the constraints are centred; NaN where there is none."""
    widths: Floats
    """Uncertainties before the fit; NaN where there is none."""
    pulls: Floats
    """NaN for parameters that are fixed or not constrained."""
    constraints: Floats
    """Uncertainty after the fit over that before; NaN as pulls, and where the fit gives no uncertainty."""
    yields: tuple[ChannelYields, ...]

    @property
    def uncertainties(self) -> Floats:
        """One standard deviation; one-sided at a bound, NaN where fixed or undetermined."""
        return self.covariance.uncertainties

    @property
    def standing(self) -> tuple[Standing, ...]:
        """Whether each parameter is free, fixed, at a bound, or not determined."""
        return self.covariance.standing

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Names of the parameters that can move without changing the likelihood."""
        return tuple(
            name
            for name, standing in zip(self.names, self.standing, strict=True)
            if standing is Standing.UNDETERMINED
        )


def best_fit(
    model: Model,
    data: Data,
    *,
    mu: float | None = None,
    test: HypothesisTest | None = None,
    thorough: bool = True,
) -> BestFit:
    """Fit a model and look at the result from all sides.

    Args:
        model: The compiled model; it needs a parameter of interest only where ``mu`` or ``test`` is given.
        data: What it is fitted to.
        mu: Fix the parameter of interest here; ``None`` leaves it free.
        test: A hypothesis test of the same model and data, whose fits are taken or started from.
        thorough: Look for lower minima from further starts where the model may have several.

    Raises:
        HistFactoryError: if the likelihood is zero wherever a fit could start, or ``mu`` is outside of the
            bounds of the parameter of interest.
    """
    parameters = model.parameters
    place = parameters.places.get(model.poi)
    poi = None
    if place is not None and place.stop - place.start == 1 and not parameters.fixed[place.start]:
        poi = int(place.start)
    needs_poi = mu is not None or test is not None
    fitter = Fitter(model, thorough=thorough, needs_poi=needs_poi)
    if mu is not None:
        fitter.check_poi(mu)
    likelihood = Likelihood(model, data)
    if test is not None and mu is None:
        fit = test.fits["free"]
    elif test is not None and mu == 0.0:
        fit = test.fits["mu0"]
    else:
        before = [] if test is None else [Start(f"fit {name}", f.x) for name, f in test.fits.items()]
        fit = fitter.fit(likelihood, [*before, Start("nominal", parameters.init)], mu)

    fixed = parameters.fixed.copy()
    if mu is not None and poi is not None:
        fixed[poi] = True
    minimum = polished(likelihood, fit.minimum, fixed)
    covariance = covariance_of(likelihood, minimum, np.flatnonzero(fixed))
    centres, widths = before_the_fit(model, data)
    moving = ~parameters.fixed
    pulls = np.where(moving, (minimum.x - centres) / widths, np.nan)
    constraints = np.where(moving, covariance.uncertainties / widths, np.nan)
    nominal = np.where(np.isfinite(centres) & moving, centres, parameters.init)
    if mu is not None and poi is not None:
        nominal[poi] = mu
    return BestFit(
        fit=replace(fit, minimum=minimum),
        mu=mu,
        poi=poi,
        names=parameters.names,
        values=minimum.x,
        covariance=covariance,
        correlations=covariance.correlations,
        centres=centres,
        widths=widths,
        pulls=pulls,
        constraints=constraints,
        yields=expected_yields(likelihood, nominal, _prior(model, widths), minimum.x, covariance),
    )


def before_the_fit(model: Model, data: Data) -> tuple[Floats, Floats]:
    """Centre and width of each constraint, both of shape (p,); NaN where there is none (of any width)."""
    parameters = model.parameters
    centres, widths = np.full((2, len(parameters.names)), np.nan)
    centres[parameters.normal] = data.normal
    widths[parameters.normal] = parameters.normal_sigma
    centres[parameters.poisson] = data.poisson / parameters.poisson_factor
    widths[parameters.poisson] = np.sqrt(data.poisson) / parameters.poisson_factor
    widths[widths == 0.0] = np.nan
    return centres, widths


def polished(likelihood: Likelihood, minimum: Minimum, fixed: NDArray[np.bool_]) -> Minimum:
    """The same minimum to as many digits as there are, with the derivatives that hold there."""
    parameters = likelihood.model.parameters
    better = minimise(
        likelihood, minimum.x, fixed, parameters.lower, parameters.upper, max_iterations=8, tolerance=POLISHED
    )
    if (
        better is not None
        and minimum.converged
        and better.converged
        and abs(better.value - minimum.value) < _SAME * max(1.0, abs(minimum.value))
    ):
        minimum = better
    # A fit may have taken its last step without another look at the derivatives.
    derivatives = likelihood.derivatives(minimum.x)
    return replace(minimum, gradient=derivatives.gradient, hessian=derivatives.hessian)


def _prior(model: Model, widths: Floats) -> Covariance:
    """Parameters before a fit: constrained ones with their widths, uncorrelated; the others as if known."""
    fixed = model.parameters.fixed
    known = fixed | ~np.isfinite(widths)
    return Covariance(
        matrix=np.diag(np.where(known, 0.0, np.nan_to_num(widths)) ** 2),
        standing=tuple(Standing.FIXED if is_known else Standing.FREE for is_known in known),
        uncertainties=np.where(known, np.nan, widths),
        directions=np.zeros((fixed.size, 0)),
        scale=np.ones(fixed.size),
    )
