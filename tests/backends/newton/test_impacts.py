"""Impacts: against pyhf's own refits, against closed forms, and at bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.best_fit import best_fit
from fitgui_backends.inference.covariance import Standing
from fitgui_backends.inference.impacts import impacts, with_loose_bounds
from tests.backends.newton.conftest import Compiled, compile_both
from tests.backends.newton.small_models import compiled, counting, one_channel
from tests.builders import make_signal, make_workspace

ModelOf = Callable[[str, str], tuple[Model, Data]]


def pyhf_mu(both: Compiled, name: str, value: float, start: np.ndarray[Any, Any]) -> float:
    """mu-hat of pyhf's fit with one more parameter fixed."""
    config = both.reference.config
    index = config.par_names.index(name)
    initial = start[both.order].tolist()
    initial[index] = value
    fixed = config.suggested_fixed()
    fixed[index] = True
    fitted = pyhf.infer.mle.fit(
        both.reference_data, both.reference, init_pars=initial, fixed_params=fixed, tolerance=1e-10
    )
    return float(fitted[config.poi_index])


def test_impacts_are_those_of_refits_with_pyhf() -> None:
    workspace = make_workspace(observed={"SR": [17.0, 9.0], "CR": [85.0]})
    samples = workspace["channels"][0]["samples"]
    samples[0]["modifiers"] += [
        {"name": "tilt", "type": "histosys", "data": {"hi_data": [13.0, 4.2], "lo_data": [11.2, 5.5]}},
        {"name": "fakes", "type": "shapesys", "data": [1.5, 1.0]},
    ]
    samples.append(make_signal("signal", [3.0, 4.0]))
    both = compile_both(workspace)
    best = best_fit(both.model, both.data)
    found = impacts(both.model, both.data, best)
    assert found.converged
    assert found.messages == ()
    assert {impact.name for impact in found.ranking} == {
        name
        for name, standing in zip(best.names, best.standing, strict=True)
        if standing is Standing.FREE and name != "mu_SIG"
    }
    uncertainty, origin = best.uncertainties[best.poi], best.values[best.poi]
    for impact in found.ranking:
        for shift in (impact.post_fit, impact.pre_fit):
            assert shift is not None
            for value, mu in zip(shift.values, shift.mu, strict=True):
                theirs = pyhf_mu(both, impact.name, value, best.values) - origin
                assert mu == pytest.approx(theirs, abs=2e-3 * uncertainty)
    sizes = [impact.post_fit.largest for impact in found.ranking]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("modifier", "relative"),
    [
        (("gamma", "shapesys", [10.0]), 0.2),
        (("rate", "histosys", {"hi_data": [56.0], "lo_data": [44.0]}), 0.12),
    ],
)
def test_an_uncertain_background(modifier: tuple[str, str, Any], relative: float) -> None:
    model, data = compiled(counting(62.0, [modifier]))
    found = impacts(model, data, best_fit(model, data))
    [impact] = found.ranking
    shift = 50.0 * relative / 4.0
    for by in (impact.post_fit, impact.pre_fit):
        assert by is not None
        # Whatever the background, the signal makes up for it.
        assert by.mu == pytest.approx((shift, -shift), rel=1e-6)
        assert by.linear == pytest.approx((shift, -shift), rel=1e-6)
    assert found.fits == 4
    assert found.mu_hat == pytest.approx(3.0)


def test_only_what_is_asked_for_is_fitted() -> None:
    model, data = compiled(counting(62.0, [("gamma", "shapesys", [10.0])]))
    best = best_fit(model, data)
    found = impacts(model, data, best, pre_fit=False)
    assert found.ranking[0].pre_fit is None
    assert found.fits == 2
    with pytest.raises(HistFactoryError, match="parameter of interest is free"):
        impacts(model, data, best_fit(model, data, mu=1.0))


def test_first_order_is_enough_with_many_events() -> None:
    samples = {
        "signal": ([3e5, 1e5, 2e5], [("mu", "normfactor", None)]),
        "top": ([4e5, 9e5, 1e5], [("k", "normfactor", None), ("tilt", "normsys", {"hi": 1.01, "lo": 0.99})]),
        "other": (
            [2e5, 1e5, 3e5],
            [("scale", "histosys", {"hi_data": [2.1e5, 1.02e5, 3.1e5], "lo_data": [1.9e5, 9.8e4, 2.9e5]})],
        ),
    }
    model, data = compiled(one_channel(samples, [9.1e5, 1.09e6, 6.02e5]))
    best = best_fit(model, data)
    found = impacts(model, data, best)
    assert [impact.name for impact in found.ranking if impact.pre_fit is None] == ["k"]
    for impact in found.ranking:
        row = best.correlations[best.poi, impact.index] * best.uncertainties[best.poi]
        assert impact.post_fit.linear == pytest.approx((-row, row))
        assert impact.post_fit.mu == pytest.approx(impact.post_fit.linear, rel=0.05, abs=1e-6)


def test_mu_on_its_bound_makes_impacts_one_sided_and_says_so() -> None:
    document = counting(45.0, [("gamma", "shapesys", [10.0])])
    model, data = compiled(document)
    best = best_fit(model, data)
    found = impacts(model, data, best)
    assert found.mu_at_bound
    assert found.mu_hat == 0.0
    assert any("mu at its lower bound, 0: impacts are one-sided" in text for text in found.messages)
    [impact] = found.ranking
    lowered, raised = impact.post_fit.mu
    assert lowered > 0.0
    assert raised == 0.0

    freed = with_loose_bounds(model)
    assert (model.parameters.lower[best.poi], model.parameters.upper[best.poi]) == (0.0, 10.0)
    assert (freed.parameters.lower[best.poi], freed.parameters.upper[best.poi]) == (-100.0, 100.0)
    below = best_fit(freed, data)
    assert below.values[below.poi] == pytest.approx(-1.25, rel=1e-7)
    found = impacts(freed, data, below)
    assert not found.mu_at_bound
    assert found.messages == ()
    assert found.ranking[0].post_fit.mu == pytest.approx((2.5, -2.5), rel=1e-6)


def test_an_upper_bound_can_be_loosened_too() -> None:
    model, data = compiled(counting(110.0))
    best = best_fit(model, data)
    assert best.standing[best.poi] is Standing.AT_UPPER
    assert "upper bound, 10" in impacts(model, data, best).messages[0]
    assert best_fit(with_loose_bounds(model), data).values[best.poi] == pytest.approx(15.0)


def test_a_parameter_is_held_within_its_bounds() -> None:
    model, data = compiled(
        one_channel(
            {
                "signal": ([4.0], [("mu", "normfactor", None)]),
                "background": ([50.0], [("gamma", "shapesys", [10.0])]),
            },
            [62.0],
            settings=[{"name": "gamma", "bounds": [[0.9, 1.5]]}],
        )
    )
    [impact] = impacts(model, data, best_fit(model, data)).ranking
    assert impact.post_fit.values == pytest.approx((0.9, 1.2), rel=1e-6)
    assert impact.post_fit.cut == (True, False)
    assert impact.post_fit.mu == pytest.approx((50.0 * 0.1 / 4.0, -50.0 * 0.2 / 4.0), rel=1e-6)


def test_undetermined_parameters_are_named_and_left_out() -> None:
    samples = {
        "signal": ([0.0, 4.0], [("mu", "normfactor", None)]),
        "free": ([10.0, 0.0], [("k", "normfactor", None), ("shape", "shapefactor", None)]),
        "known": ([5.0, 50.0], [("rate", "normsys", {"hi": 1.05, "lo": 0.95})]),
    }
    model, data = compiled(one_channel(samples, [25.0, 62.0]))
    found = impacts(model, data, best_fit(model, data))
    assert [impact.name for impact in found.ranking] == ["rate"]
    assert set(found.left_out) == {"k", "shape[0]", "shape[1]"}
    assert any("does not determine k, shape[0], shape[1]" in text for text in found.messages)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.floats(1.0, 5.0).map(lambda x: round(x, 3)),
    st.floats(0.2, 5.0).map(lambda x: round(x, 3)),
    st.lists(st.integers(6, 40), min_size=2, max_size=2),
)
def test_a_larger_signal_only_changes_the_units(size: float, factor: float, observed: list[int]) -> None:
    rankings = []
    for scale in (size, size * factor):
        workspace = make_workspace(observed={"SR": [float(n) for n in observed]})
        workspace["channels"][0]["samples"].append(make_signal("signal", [scale, 2.0 * scale]))
        bounds = [{"name": "mu_SIG", "bounds": [[-1.5 / scale, 500.0]]}]
        workspace["measurements"][0]["config"]["parameters"] = bounds
        model, data = compiled(workspace)
        best = best_fit(model, data)
        assume(best.standing[best.poi] is Standing.FREE)
        rankings.append({i.name: i.post_fit for i in impacts(model, data, best, pre_fit=False).ranking})
    one, other = rankings
    for name, shift in one.items():
        assert np.array(other[name].mu) * factor == pytest.approx(np.array(shift.mu), rel=1e-4, abs=1e-6)
        assert other[name].values == pytest.approx(shift.values, rel=1e-4, abs=1e-6)


def test_a_published_point(model_of: ModelOf) -> None:
    model, data = model_of("3L eRJR", "ERJR_300p0_100p0")
    best = best_fit(model, data)
    found = impacts(model, data, best)
    assert found.converged
    assert not found.messages
    assert all(math.isfinite(impact.post_fit.largest) for impact in found.ranking)
    assert found.ranking[0].name == "mu_WZLow"
    # No parameter moves mu by more than its own uncertainty allows, by much.
    assert found.ranking[0].post_fit.largest < best.uncertainties[best.poi]
