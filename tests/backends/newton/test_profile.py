"""The profile likelihood of the signal strength, against a formula, direct fits and pyhf."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference.fits import Fitter
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.profile import POINTS, profile_likelihood, round_values
from fitgui_backends.inference.starts import Start
from tests.backends.newton.conftest import compile_both
from tests.builders import make_operations, make_workspace

ModelOf = Callable[[str, str], tuple[Model, Data]]


def one_bin(signal: float, background: float, observed: float, upper: float = 10.0) -> tuple[Model, Data]:
    """Counting events, with a background that is known exactly."""
    scaled = [{"name": "mu", "type": "normfactor", "data": None}]
    samples = [
        {"name": "signal", "data": [signal], "modifiers": scaled},
        {"name": "background", "data": [background], "modifiers": []},
    ]
    document: dict[str, Any] = {
        "channels": [{"name": "SR", "samples": samples}],
        "observations": [{"name": "SR", "data": [observed]}],
        "measurements": [
            {"name": "m", "config": {"poi": "mu", "parameters": [{"name": "mu", "bounds": [[0.0, upper]]}]}}
        ],
        "version": "1.0.0",
    }
    model = Compiler().compile(document)
    return model, observed_data(model, observed_counts(document, model))


@pytest.mark.parametrize(("background", "observed"), [(10.0, 22.0), (10.0, 4.0), (3.0, 0.0), (50.0, 55.0)])
def test_counting_events(background: float, observed: float) -> None:
    signal = 5.0
    model, data = one_bin(signal, background, observed)

    def twice_nll(mu: float) -> float:
        rate = mu * signal + background
        return 2.0 * (rate - (observed * math.log(rate) if observed else 0.0))

    mu_hat = max((observed - background) / signal, 0.0)
    profile = profile_likelihood(model, data)
    assert profile.converged
    assert profile.mu_hat == pytest.approx(mu_hat, abs=1e-6)
    assert profile.at_bound == (mu_hat == 0.0)
    for mu, rise, slope in zip(profile.mus, profile.delta_twice_nll, profile.slopes, strict=True):
        assert rise == pytest.approx(twice_nll(mu) - twice_nll(mu_hat), abs=1e-8)
        assert slope == pytest.approx(2.0 * signal * (1.0 - observed / (mu * signal + background)), abs=1e-6)
    for interval in profile.intervals:

        def above(mu: float, rise: float = interval.rise) -> float:
            return twice_nll(mu) - twice_nll(mu_hat) - rise

        assert interval.high == pytest.approx(brentq(above, mu_hat, 20.0), rel=1e-6)
        if above(0.0) > 0.0:
            assert interval.low == pytest.approx(brentq(above, 0.0, mu_hat), rel=1e-6)
        else:
            assert interval.low is None


def test_the_default_grid() -> None:
    profile = profile_likelihood(*one_bin(5.0, 10.0, 22.0))
    assert 20 <= len(profile.mus) <= POINTS
    assert profile.mus[0] == 0.0
    assert list(profile.mus) == sorted(profile.mus)
    assert all(len(f"{mu}") <= 4 for mu in profile.mus), "values of mu are round numbers"
    assert 9.0 < profile.delta_twice_nll[-1] < 16.0


@given(
    low=st.floats(-100.0, 0.0),
    high=st.floats(1e-3, 1e3),
    bottom=st.floats(0.0, 1.0),
    top=st.floats(1e-6, 1.0),
)
def test_round_values(low: float, high: float, bottom: float, top: float) -> None:
    bottom, top = bottom * low, top * high
    found = round_values(bottom, top, low, high)
    assert 0.0 in found
    assert 20 <= len(found) <= POINTS
    assert list(found) == sorted(set(found))
    rounding = 1e-12 * (top - bottom)
    assert low <= found[0] <= bottom + rounding
    assert top - rounding <= found[-1] <= high
    step = max(one - other for one, other in itertools.pairwise(found[::-1]))
    assert f"{step:.1e}"[:3] in ("1.0", "2.0", "5.0")


def test_at_the_bounds_of_mu() -> None:
    profile = profile_likelihood(*one_bin(5.0, 10.0, 40.0, upper=2.0))
    assert profile.mu_hat == 2.0
    assert profile.at_bound
    assert [interval.high for interval in profile.intervals] == [None, None]
    assert all(interval.low is not None for interval in profile.intervals)
    assert profile.mus[-1] == 2.0


def test_the_asimov_data() -> None:
    signal, background = 5.0, 10.0
    profile = profile_likelihood(*one_bin(signal, background, 10.0), [0.0, 1.0, 3.0], asimov=True)
    assert profile.mu_hat == 0.0
    for mu, rise in zip(profile.mus, profile.delta_twice_nll, strict=True):
        expected = 2.0 * (mu * signal - background * math.log1p(mu * signal / background))
        assert rise == pytest.approx(expected, abs=1e-8)


def test_a_mu_out_of_bounds_is_refused() -> None:
    with pytest.raises(HistFactoryError, match="mu = 11 lies outside of its bounds 0 to 10"):
        profile_likelihood(*one_bin(5.0, 10.0, 12.0), [1.0, 11.0])


def test_a_small_model_as_pyhf() -> None:
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]}, observed={"SR": [18.0, 8.0]})
    workspace["channels"][0]["samples"].append(make_operations(workspace, scale=3.0)[0]["value"])
    both = compile_both(workspace)
    mus = [0.0, 0.7, 2.5]
    profile = profile_likelihood(both.model, both.data, mus)
    with np.errstate(all="ignore"):
        best = pyhf.infer.mle.fit(both.reference_data, both.reference, return_fitted_val=True)
        for mu, rise in zip(mus, profile.delta_twice_nll, strict=True):
            fixed = pyhf.infer.mle.fixed_poi_fit(
                mu, both.reference_data, both.reference, return_fitted_val=True
            )
            assert rise == pytest.approx(float(fixed[1] - best[1]), abs=1e-4)
    assert profile.mu_hat == pytest.approx(float(best[0][both.reference.config.poi_index]), abs=1e-3)


@pytest.mark.parametrize(
    ("analysis", "point"),
    [("1Lbb", "C1N2_Wh_hbb_300_150"), ("3L eRJR", "ERJR_200p0_50p0"), ("stau combined", "DS_100_1_Staus")],
)
def test_published_models_as_direct_fits(model_of: ModelOf, analysis: str, point: str) -> None:
    model, data = model_of(analysis, point)
    test = hypothesis_test(model, data)
    grid = profile_likelihood(model, data, test=test).mus
    mus = np.linspace(grid[0], grid[-1], 41)
    profile = profile_likelihood(model, data, mus.tolist(), test=test)
    assert profile.converged
    assert profile.lowest == pytest.approx(test.fits["free"].twice_nll, abs=1e-6)
    fitter, likelihood = Fitter(model), Likelihood(model, data)
    nominal, background = Start("nominal", model.parameters.init), Start("mu = 0", test.fits["mu0"].x)
    for index in (3, 20, 38):
        direct = fitter.fit(likelihood, [nominal, background], profile.mus[index])
        lowest = direct.twice_nll - test.fits["free"].twice_nll
        assert profile.delta_twice_nll[index] <= lowest + 1e-5
        if analysis != "stau combined":  # which has several minima, and the path knows more of them
            assert profile.delta_twice_nll[index] == pytest.approx(lowest, abs=1e-6)
    # Values and slopes, computed apart from each other, belong to one curve.
    rises, slopes = np.array(profile.delta_twice_nll), np.array(profile.slopes)
    trapezia = 0.5 * np.diff(mus) * (slopes[1:] + slopes[:-1])
    assert np.abs(np.diff(rises) - trapezia).max() < 0.05
