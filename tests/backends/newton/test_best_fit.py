"""Best fits: against minuit on pyhf's likelihood, closed forms, and where there is no plain answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.best_fit import best_fit
from fitgui_backends.inference.covariance import Standing
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.profile import profile_likelihood
from tests.backends.newton.conftest import compile_both
from tests.backends.newton.points import random_point, widths
from tests.backends.newton.small_models import compiled, counting, example, minuit_of, one_channel
from tests.backends.newton.strategies import workspaces
from tests.builders import make_signal, make_workspace

ModelOf = Callable[[str, str], tuple[Model, Data]]
RELAXED = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FLOAT = st.floats(0.2, 5.0).map(lambda x: round(x, 3))


def test_values_and_covariance_are_those_of_minuit() -> None:
    both = example()
    best = best_fit(both.model, both.data)
    minuit = minuit_of(both)
    minuit.hesse()
    assert minuit.valid
    assert minuit.accurate
    assert best.fit.converged
    moving = np.array([not minuit.fixed[name] for name in minuit.parameters])
    ours = both.order[moving]
    errors = np.array(minuit.errors)[moving]
    values = np.array(minuit.values)[moving]
    np.testing.assert_allclose((best.values[ours] - values) / errors, 0.0, atol=2e-3)
    np.testing.assert_allclose(best.uncertainties[ours], errors, rtol=2e-3)
    theirs = np.asarray(minuit.covariance.correlation())[np.ix_(moving, moving)]
    np.testing.assert_allclose(best.correlations[np.ix_(ours, ours)], theirs, atol=2e-3)


def test_the_interval_is_that_of_minos() -> None:
    both = example()
    minuit = minuit_of(both)
    minuit.minos("mu_SIG")
    theirs = minuit.merrors["mu_SIG"]
    assert theirs.is_valid
    profile = profile_likelihood(both.model, both.data)
    assert profile.converged
    [found, _] = profile.intervals
    assert found.level == 0.68
    centre, width = minuit.values["mu_SIG"], theirs.upper - theirs.lower
    assert found.low == pytest.approx(centre + theirs.lower, abs=2e-3 * width)
    assert found.high == pytest.approx(centre + theirs.upper, abs=2e-3 * width)


def test_a_known_background() -> None:
    model, data = compiled(counting(62.0))
    best = best_fit(model, data)
    assert best.values.tolist() == pytest.approx([3.0], rel=1e-9)
    assert best.uncertainties.tolist() == pytest.approx([math.sqrt(62.0) / 4.0], rel=1e-9)
    [channel] = best.yields
    assert channel.samples == ("background", "signal")
    assert channel.signal == (False, True)
    assert channel.observed.tolist() == [62.0]
    assert channel.pre_fit.samples.tolist() == [[50.0], [4.0]]
    assert channel.pre_fit.errors.tolist() == [0.0]
    assert channel.post_fit.total.tolist() == pytest.approx([62.0])
    assert channel.post_fit.errors.tolist() == pytest.approx([math.sqrt(62.0)])
    assert channel.post_fit.sample_errors[:, 0].tolist() == pytest.approx([0.0, math.sqrt(62.0)])
    # 62 log(rate) - rate is lower by a half at both ends.
    [found, _] = profile_likelihood(model, data).intervals
    for mu in (found.low, found.high):
        assert mu is not None
        rate = 50.0 + 4.0 * mu
        assert 2.0 * (rate - 62.0 - 62.0 * math.log(rate / 62.0)) == pytest.approx(1.0, abs=2e-4)


@pytest.mark.parametrize(
    ("modifier", "name", "relative"),
    [
        (("gamma", "shapesys", [10.0]), "gamma[0]", 0.2),
        (("gamma", "staterror", [5.0]), "gamma[0]", 0.1),
        (("rate", "histosys", {"hi_data": [56.0], "lo_data": [44.0]}), "rate", 0.12),
    ],
)
def test_an_uncertain_background(modifier: tuple[str, str, Any], name: str, relative: float) -> None:
    model, data = compiled(counting(62.0, [modifier]))
    best = best_fit(model, data)
    mu, nuisance = best.poi, best.names.index(name)
    assert mu is not None
    background = 50.0 * relative
    total = math.sqrt(62.0 + background**2)
    assert best.values[mu] == pytest.approx(3.0, rel=1e-8)
    assert best.uncertainties[mu] == pytest.approx(total / 4.0, rel=1e-7)
    assert best.correlations[mu, nuisance] == pytest.approx(-background / total, rel=1e-6)
    assert best.pulls[nuisance] == pytest.approx(0.0, abs=1e-7)
    assert best.constraints[nuisance] == pytest.approx(1.0, rel=1e-7)
    assert math.isnan(best.pulls[mu])
    [channel] = best.yields
    assert channel.pre_fit.errors.tolist() == pytest.approx([background])
    assert channel.post_fit.errors.tolist() == pytest.approx([math.sqrt(62.0)])
    assert channel.post_fit.sample_errors[:, 0].tolist() == pytest.approx([background, total])


def test_the_pull_of_a_gamma_is_in_units_of_its_auxiliary_measurement() -> None:
    model, data = compiled(counting(62.0, [("gamma", "shapesys", [10.0])]))
    best = best_fit(model, data, mu=0.0)
    # tau = 25 auxiliary events: gamma = (62 + 25) / (50 + 25), its variance 1 / (n + tau) gamma^2.
    gamma = 87.0 / 75.0
    index = best.names.index("gamma[0]")
    assert best.mu == 0.0
    assert best.standing[best.names.index("mu")] is Standing.FIXED
    assert best.values[index] == pytest.approx(gamma, rel=1e-9)
    assert best.widths[index] == pytest.approx(0.2)
    assert best.pulls[index] == pytest.approx((gamma - 1.0) / 0.2, rel=1e-7)
    assert best.constraints[index] == pytest.approx(gamma / math.sqrt(87.0) / 0.2, rel=1e-7)


def test_errors_of_a_sum_know_correlations() -> None:
    samples = {
        "signal": ([1.0, 2.0], [("mu", "normfactor", None)]),
        "background": ([40.0, 20.0], [("scale", "normsys", {"hi": 1.1, "lo": 1.0 / 1.1})]),
        "other": ([30.0, 10.0], [("stat", "staterror", [3.0, 4.0])]),
    }
    best = best_fit(*compiled(one_channel(samples, [75.0, 33.0])))
    [channel] = best.yields
    before = channel.pre_fit
    slope = math.log(1.1)
    np.testing.assert_allclose(before.sample_errors, [[40 * slope, 20 * slope], [3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(before.sample_sums, [60.0, 40.0, 3.0])
    np.testing.assert_allclose(before.sample_sum_errors, [60.0 * slope, 5.0, 0.0])
    assert before.sum == 103.0
    assert before.sum_error == pytest.approx(math.hypot(60.0 * slope, 5.0))


def test_a_parameter_on_its_bound_has_a_one_sided_uncertainty() -> None:
    model, data = compiled(counting(40.0))
    best = best_fit(model, data)
    assert best.values.tolist() == [0.0]
    assert best.standing == (Standing.AT_LOWER,)
    # NLL = 50 + 4 mu - 40 log(50 + 4 mu): slope 4 - 160/50 and curvature 40 * 16 / 2500 at mu = 0.
    slope, curvature = 0.8, 0.256
    distance = float(best.uncertainties[0])
    assert slope * distance + 0.5 * curvature * distance**2 == pytest.approx(0.5)
    assert best.covariance.matrix.tolist() == [[0.0]]
    [found, _] = profile_likelihood(model, data).intervals
    assert found.low is None
    assert found.high is not None
    rise = 4.0 * found.high - 40.0 * math.log1p(4.0 * found.high / 50.0)
    assert 2.0 * rise == pytest.approx(1.0, abs=2e-4)


def test_directions_that_nothing_determines_are_told() -> None:
    samples = {
        "signal": ([0.0, 4.0], [("mu", "normfactor", None)]),
        "free": ([10.0, 0.0], [("k", "normfactor", None), ("shape", "shapefactor", None)]),
        "known": ([5.0, 50.0], []),
    }
    best = best_fit(*compiled(one_channel(samples, [25.0, 62.0])))
    assert best.fit.converged
    assert set(best.undetermined) == {"k", "shape[0]", "shape[1]"}
    lost = best.names.index("k")
    assert math.isnan(best.uncertainties[lost])
    assert np.isnan(best.correlations[lost]).sum() == len(best.names) - 1
    mu = best.names.index("mu")
    assert best.uncertainties[mu] == pytest.approx(math.sqrt(62.0) / 4.0, rel=1e-6)
    [channel] = best.yields
    # Their product is determined, and with it what is expected.
    np.testing.assert_allclose(channel.post_fit.total, [25.0, 62.0], rtol=1e-6)
    np.testing.assert_allclose(channel.post_fit.errors, [5.0, math.sqrt(62.0)], rtol=1e-5)


def test_what_depends_on_an_undetermined_parameter_is_not_determined() -> None:
    document = one_channel({"signal": ([4.0], [("mu", "normfactor", None)]), "known": ([50.0], [])}, [62.0])
    document["channels"].append(
        {
            "name": "empty",
            "samples": [
                {
                    "name": sample,
                    "data": [10.0],
                    "modifiers": [{"name": factor, "type": "normfactor", "data": None}],
                }
                for sample, factor in (("one", "a"), ("two", "b"))
            ],
        }
    )
    document["observations"].append({"name": "empty", "data": [20.0]})
    best = best_fit(*compiled(document))
    assert set(best.undetermined) == {"a", "b"}
    empty = best.yields[1]
    assert empty.channel == "empty"
    assert np.isnan(empty.post_fit.sample_errors).all()
    assert empty.post_fit.errors.tolist() == pytest.approx([math.sqrt(20.0)])


@pytest.mark.parametrize("code", ["code4", "code1"])
def test_a_parameter_on_a_kink_keeps_an_uncertainty(code: str) -> None:
    # Observed is what is expected: with code 1 the fit ends on the kink at zero.
    modifier = ("lopsided", "normsys", {"hi": 1.3, "lo": 0.9})
    model, data = compiled(counting(50.0, [modifier]), normsys=code)
    best = best_fit(model, data, mu=0.0)
    index = best.names.index("lopsided")
    assert best.pulls[index] == pytest.approx(0.0, abs=1e-6)
    assert 0.3 < best.constraints[index] < 0.8
    kinked = Standing.AT_KINK if code == "code1" else Standing.FREE
    assert best.standing[index] in (kinked, Standing.FREE)


def test_a_model_without_signal_has_pulls_too() -> None:
    workspace = make_workspace(observed={"CR": [95.0]})
    model, data = compiled(workspace)
    best = best_fit(model, data)
    assert best.poi is None
    assert best.pulls[best.names.index("JES")] > 0.5
    assert [channel.signal for channel in best.yields] == [(False,), (False,)]
    with pytest.raises(HistFactoryError, match="does not occur in the model"):
        best_fit(model, data, mu=1.0)


def test_fixed_parameters_have_neither_uncertainty_nor_pull() -> None:
    setting = {"name": "rate", "fixed": True, "inits": [0.5]}
    samples = {
        "signal": ([4.0], [("mu", "normfactor", None)]),
        "background": ([50.0], [("rate", "histosys", {"hi_data": [56.0], "lo_data": [44.0]})]),
    }
    best = best_fit(*compiled(one_channel(samples, [61.0], settings=[setting])))
    index = best.names.index("rate")
    assert best.standing[index] is Standing.FIXED
    assert best.values[index] == 0.5
    assert np.isnan([best.uncertainties[index], best.pulls[index], best.constraints[index]]).all()
    assert best.yields[0].pre_fit.samples[0].tolist() == pytest.approx([53.0], rel=1e-2)


@RELAXED
@given(FLOAT, FLOAT, st.lists(st.integers(0, 40), min_size=2, max_size=2), st.integers(60, 100))
def test_a_larger_signal_only_changes_the_units_of_mu(
    size: float, factor: float, observed: list[int], control: int
) -> None:
    bests = []
    for scale in (size, size * factor):
        data = {"SR": [float(n) for n in observed], "CR": [float(control)]}
        workspace = make_workspace(observed=data)
        workspace["channels"][0]["samples"].append(make_signal("signal", [scale, 2.0 * scale]))
        bounds = [{"name": "mu_SIG", "bounds": [[-1.5 / scale, 500.0]]}]
        workspace["measurements"][0]["config"]["parameters"] = bounds
        bests.append(best_fit(*compiled(workspace)))
    one, other = bests
    units = np.ones(len(one.names))
    assert one.poi is not None
    units[one.poi] = factor
    assume(Standing.FREE is one.standing[one.poi])
    np.testing.assert_allclose(other.values * units, one.values, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(other.uncertainties * units, one.uncertainties, rtol=1e-5)
    np.testing.assert_allclose(other.correlations, one.correlations, atol=1e-5)
    for ours, theirs in zip(one.yields, other.yields, strict=True):
        np.testing.assert_allclose(theirs.post_fit.errors, ours.post_fit.errors, rtol=1e-5)


@RELAXED
@given(workspaces(), st.sampled_from([("code4", "code4p"), ("code1", "code0")]), st.integers(0, 1000))
def test_slopes_of_rates_are_those_of_the_values(
    document: dict[str, Any], codes: tuple[str, str], seed: int
) -> None:
    both = compile_both(document, normsys=codes[0], histosys=codes[1])
    model, likelihood = both.model, both.likelihood
    x = random_point(model, np.random.default_rng(seed), 0.7)
    steps = 1e-4 * widths(model)
    for place in (-1.0, 0.0, 1.0):
        near = np.abs(x[: model.alphas] - place) < 3.0 * steps[: model.alphas]
        x[: model.alphas][near] += 0.01
    if seed % 2:
        x[model.parameters.index("mu")] = 0.0
    slopes = likelihood.entry_slopes(x)
    assert slopes.shape == (model.nominal.size, x.size)
    for index, step in enumerate(steps):
        moved = [x.copy(), x.copy()]
        moved[0][index] -= step
        moved[1][index] += step
        low, high = (likelihood.entry_rates(at) for at in moved)
        np.testing.assert_allclose(slopes[:, index], (high - low) / (2.0 * step), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("analysis", "point"),
    [
        ("1Lbb", "C1N2_Wh_hbb_300_150"),
        ("3L eRJR", "ERJR_300p0_100p0"),
        ("stau combined", "DS_280_40_Staus"),
    ],
)
def test_published_points(model_of: ModelOf, analysis: str, point: str) -> None:
    model, data = model_of(analysis, point)
    test = hypothesis_test(model, data)
    best = best_fit(model, data, test=test)
    assert best.fit.converged
    assert best.values[best.poi] == pytest.approx(test.mu_hat, abs=1e-4)
    assert best.fit.twice_nll == pytest.approx(test.fits["free"].twice_nll, abs=1e-6)
    assert best.fit.winner == test.fits["free"].winner
    free = np.array([standing is Standing.FREE for standing in best.standing])
    inverse = np.linalg.inv(best.fit.minimum.hessian[np.ix_(free, free)])
    np.testing.assert_allclose(best.uncertainties[free], np.sqrt(inverse.diagonal()), rtol=1e-6)
    # No observation makes an auxiliary measurement worse, but where the likelihood bends.
    assert np.nanmax(best.constraints) < 1.5
    assert np.nanmax(np.abs(best.pulls)) < 3.0
    totals = np.concatenate([channel.post_fit.total for channel in best.yields])
    np.testing.assert_allclose(totals, expected_counts(model, data, best.values))
    background = best_fit(model, data, mu=0.0, test=test)
    assert background.fit.twice_nll == pytest.approx(test.fits["mu0"].twice_nll, abs=1e-6)
    again = best_fit(model, data, mu=1.0, test=test)
    assert again.fit.twice_nll <= test.fits["mu1"].twice_nll + 1e-6


def expected_counts(model: Model, data: Data, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return Likelihood(model, data).expected(x).counts
