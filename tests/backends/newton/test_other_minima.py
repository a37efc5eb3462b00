"""Likelihoods with several minima: the lowest is found where residuals are large, or factors multiply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.likelihood import BEND_GRID, Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference.fits import APART, Fit, Fitter
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.limits import upper_limits
from fitgui_backends.inference.starts import Start, two_sided
from tests.backends.newton.lopsided import lopsided_workspace
from tests.backends.newton.points import random_point
from tests.backends.newton.strategies import workspaces

ModelOf = Callable[[str, str], tuple[Model, Data]]

STEP = 1e-3


def searched(
    fitter: Fitter, likelihood: Likelihood, fit: Fit, mu: float | None, number: int, seed: int
) -> float:
    """Twice the NLL of the lowest minimum after many starts scattered around the nominal point."""
    parameters, generator = likelihood.model.parameters, np.random.default_rng(seed)
    starts = []
    for count in range(number):
        x = parameters.init.copy()
        width = (0.3, 1.0, 1.5)[count % 3] * parameters.normal_sigma
        x[parameters.normal] += width * generator.standard_normal(width.size)
        starts.append(Start(f"trial {count}", x))
    return fitter.refine(likelihood, fit, (), mu, further=starts).twice_nll


def test_an_excluded_signal_with_many_minima(model_of: ModelOf) -> None:
    # The residuals at mu = 1 are large: 2^n sides of n parameters are minima. pyhf's SLSQP finds 243.980.
    test = hypothesis_test(*model_of("1Lbb", "C1N2_Wh_hbb_325_50"))
    assert test.converged
    assert test.fits["mu1"].twice_nll <= 243.980 + APART
    assert test.fits["mu1"].spread > 0.5


@pytest.mark.parametrize("point", ["C1N2_Wh_hbb_325_50", "C1N2_Wh_hbb_650_0", "C1N2_Wh_hbb_300_50"])
def test_many_starts_find_nothing_lower(model_of: ModelOf, point: str) -> None:
    model, data = model_of("1Lbb", point)
    test, likelihood = hypothesis_test(model, data), Likelihood(model, data)
    lowest = searched(Fitter(model), likelihood, test.fits["mu1"], 1.0, 24, 4)
    assert test.fits["mu1"].twice_nll <= lowest + APART


@pytest.mark.parametrize(("point", "number"), [("DS_220_40_Staus", 4), ("DS_320_200_Staus", 4)])
def test_a_test_at_a_limit_finds_what_the_path_to_it_finds(
    model_of: ModelOf, point: str, number: int
) -> None:
    model, data = model_of("stau combined", point)
    limit = upper_limits(model, data, hypothesis_test(model, data)).expected[number]
    assert limit is not None
    assert hypothesis_test(model, data, limit).cls_exp[number] == pytest.approx(0.05, abs=1e-5)


def test_factors_of_one_sample_that_take_the_place_of_another(model_of: ModelOf) -> None:
    # Three lopsided factors make the sample Z as large as QCD, whose normalisation goes to zero: nothing is
    # negative there, and twice the NLL is lower by 0.37 than in the minimum with QCD.
    model, data = model_of("stau combined", "DS_180_40_Staus")
    test = hypothesis_test(model, data)
    assert test.fits["mu1"].twice_nll <= 224.4992 + APART
    assert "mu_QCD" in test.fits["mu1"].at_bounds
    assert not test.fits["mu1"].clearly_negative


def test_random_lopsided_models_rarely_hide_a_lower_minimum() -> None:
    several, missed = 0, []
    for seed in range(24):
        document = lopsided_workspace(seed)
        model = Compiler().compile(document)
        likelihood = Likelihood(model, observed_data(model, observed_counts(document, model)))
        fitter = Fitter(model)
        fit = fitter.fit(likelihood, [Start("nominal", model.parameters.init)], 1.0)
        assert fit.converged
        several += fit.spread > APART
        gain = fit.twice_nll - searched(fitter, likelihood, fit, 1.0, 30, seed)
        if gain > APART:
            missed.append((seed, gain))
    assert several >= 12
    assert len(missed) <= 1, missed


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(workspaces(), st.integers(0, 1000))
def test_bends_are_those_of_the_rates(document: dict[str, Any], seed: int) -> None:
    model = Compiler().compile(document)
    data = observed_data(model, observed_counts(document, model))
    likelihood, twin = Likelihood(model, data), Likelihood(model, data)
    assume(model.alphas > 0)
    x = random_point(model, np.random.default_rng(seed), 0.5)
    assume(likelihood.value(x) < np.inf)
    rates = likelihood.expected(x).counts
    assume(rates[data.counts > 0.0].min(initial=1.0) > 1e-3)
    residual = 1.0 - np.divide(data.counts, rates, out=np.zeros_like(rates), where=data.counts > 0.0)
    found = likelihood.bends(x)
    for alpha in range(model.alphas):
        for place, value in enumerate(BEND_GRID):
            weighed = []
            for step in (-STEP, 0.0, STEP):
                moved = x.copy()
                moved[alpha] = value + step
                weighed.append(float(residual @ twin.expected(moved).counts))
            difference = (weighed[0] - 2.0 * weighed[1] + weighed[2]) / STEP**2
            scale = np.abs(residual) @ np.abs(twin.expected(moved).counts) + abs(found[place, alpha])
            assert found[place, alpha] == pytest.approx(difference, abs=2e-4 * (1.0 + scale))


def test_without_residuals_nothing_has_two_sides(model_of: ModelOf) -> None:
    model, _ = model_of("1Lbb", "C1N2_Wh_hbb_325_50")
    x = model.parameters.init
    expected = Likelihood(model, observed_data(model, np.zeros(model.bin_count))).expected(x)
    likelihood = Likelihood(model, expected)
    assert two_sided(likelihood, x, model.parameters.fixed).size == 0
    few = likelihood.with_data(Data(0.3 * expected.counts, expected.normal, expected.poisson))
    assert two_sided(few, x, model.parameters.fixed).size > 5
