"""Testing the background-only hypothesis: the discovery p-value p0, observed and expected, asymptotic.

The formulas are those of arXiv:1007.1727 (q0, section 3.5) as pyhf 0.7.6 applies them
(``pyhf.infer.hypotest(0.0, ..., test_stat="q0")``): Asimov data from the fit at mu = 1 to the observed data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.fits import Fit, Fitter
from fitgui_backends.inference.hypothesis_test import (
    SIGMAS,
    HypothesisTest,
    asimov_data,
    upper_tail,
)
from fitgui_backends.inference.starts import Start
from fitgui_backends.results import Band

_SIGNAL = 1.0
"""The signal strength of the expectation."""


@dataclass(frozen=True, slots=True, eq=False)
class DiscoveryTest:
    """How well the background alone explains the data."""

    p0_obs: float
    p0_exp: Band
    """Expected with a signal of mu = 1, in pyhf's order: from the strongest to the weakest excess."""
    q0: float
    """Observed test statistic."""
    q0_asimov: float
    converged: bool
    """Whether every fit behind the numbers converged."""
    fits: dict[str, Fit]
    """Those that the hypothesis test lacked: ``asimov_mu0``, and ``mu1`` where that tested another mu."""


def discovery_test(model: Model, data: Data, test: HypothesisTest, *, thorough: bool = True) -> DiscoveryTest:
    """Test the background-only hypothesis with q0.

    Args:
        model: The compiled model.
        data: The observed data.
        test: The hypothesis test of the same model and data; its fits are used again.
        thorough: As for :func:`.hypothesis_test`.

    Raises:
        HistFactoryError: if mu = 1 is out of bounds, or the likelihood is zero.
    """
    fitter = Fitter(model, thorough=thorough)
    fitter.check_poi(_SIGNAL)
    likelihood = Likelihood(model, data)
    background, free = test.fits["mu0"], test.fits["free"]
    made: dict[str, Fit] = {}
    signal = test.fits["mu1"]
    if signal.x[fitter.poi] != _SIGNAL:
        starts = [Start("free fit", free.x), Start("fit to the tested signal", signal.x)]
        signal = made["mu1"] = fitter.fit(likelihood, starts, _SIGNAL)
    of_asimov = likelihood.with_data(asimov_data(likelihood, signal, _SIGNAL))
    # The free fit to the Asimov data needs no fit: it is the fit that they are made from.
    asimov_free = 2.0 * of_asimov.value(signal.x)
    starts = [Start("fit at mu = 1", signal.x), Start("fit to data", background.x)]
    asimov_mu0 = made["asimov_mu0"] = fitter.fit(of_asimov, starts, 0.0)
    q0 = 0.0 if free.x[fitter.poi] < 0.0 else max(background.twice_nll - free.twice_nll, 0.0)
    q0_asimov = max(asimov_mu0.twice_nll - asimov_free, 0.0)
    band = [upper_tail(math.sqrt(q0_asimov) + sigma) for sigma in SIGMAS]
    return DiscoveryTest(
        p0_obs=upper_tail(math.sqrt(q0)),
        p0_exp=(band[0], band[1], band[2], band[3], band[4]),
        q0=q0,
        q0_asimov=q0_asimov,
        converged=all(fit.converged for fit in (background, free, signal, asimov_mu0)),
        fits=made,
    )
