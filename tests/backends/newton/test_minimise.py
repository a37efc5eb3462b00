"""The minimiser: steps in a box, saddles, bounds, starts without likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.minimise import minimise
from fitgui_backends.inference.newton_step import box_step


def compiled(
    samples: list[dict[str, Any]],
    observed: list[float],
    *,
    normsys: str = "code4",
    histosys: str = "code4p",
) -> tuple[Model, Data]:
    document = {
        "channels": [{"name": "SR", "samples": samples}],
        "observations": [{"name": "SR", "data": observed}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    model = Compiler(normsys=normsys, histosys=histosys).compile(document)
    return model, observed_data(model, observed_counts(document, model))


def sample(name: str, data: list[float], *modifiers: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "data": data, "modifiers": list(modifiers)}


MU = {"name": "mu", "type": "normfactor", "data": None}


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_a_step_is_the_minimum_of_the_model_in_the_box(size: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    root = generator.standard_normal((size, size))
    matrix = root @ root.T + 0.1 * np.eye(size)
    gradient = 3.0 * generator.standard_normal(size)
    low, high = -generator.exponential(1.0, size), generator.exponential(1.0, size)
    low[generator.random(size) < 0.2] = 0.0
    step = box_step(matrix, gradient, low, high)
    assert step is not None
    assert (step.move >= low - 1e-12).all()
    assert (step.move <= high + 1e-12).all()
    # Karush-Kuhn-Tucker: no slope inside, slopes that press against the walls elsewhere.
    slope = gradient + matrix @ step.move
    inside = (step.move > low + 1e-9) & (step.move < high - 1e-9)
    assert np.abs(slope[inside]).max(initial=0.0) < 1e-7
    assert (slope[step.move <= low + 1e-9] > -1e-7).all()
    assert (slope[step.move >= high - 1e-9] < 1e-7).all()


def test_no_step_without_a_positive_definite_matrix() -> None:
    matrix = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert box_step(matrix, np.ones(2), -np.ones(2), np.ones(2)) is None


def test_a_stationary_point_with_negative_curvature_is_left() -> None:
    # Both variations go up by as much: at alpha = 0 the gradient vanishes, and too few events are expected.
    lopsided = {
        "name": "both_up",
        "type": "histosys",
        "data": {"lo_data": [20.0], "hi_data": [20.0]},
    }
    model, data = compiled([sample("bkg", [10.0], lopsided), sample("sig", [1.0], MU)], [20.0])
    parameters = model.parameters
    start = parameters.init.copy()
    start[parameters.index("mu")] = 0.0
    fixed = np.zeros_like(parameters.fixed)
    fixed[parameters.index("mu")] = True
    likelihood = Likelihood(model, data)
    assert likelihood.derivatives(start).gradient[parameters.index("both_up")] == 0.0
    found = minimise(likelihood, start, fixed, parameters.lower, parameters.upper)
    assert found is not None
    assert found.converged
    assert abs(found.x[parameters.index("both_up")]) > 0.5
    assert found.indefinite >= 1


def test_the_best_signal_strength_may_lie_on_its_bound() -> None:
    model, data = compiled([sample("bkg", [50.0]), sample("sig", [10.0], MU)], [30.0])
    parameters = model.parameters
    found = minimise(
        Likelihood(model, data), parameters.init, parameters.fixed, parameters.lower, parameters.upper
    )
    assert found is not None
    assert found.converged
    assert found.x.tolist() == [0.0]
    assert found.at_bounds.tolist() == [0]
    assert found.gradient[0] > 0.0


def test_events_where_none_can_be_expected_are_told_with_their_place() -> None:
    model, data = compiled([sample("bkg", [50.0, 0.0]), sample("sig", [10.0, 1.0], MU)], [48.0, 3.0])
    with pytest.raises(HistFactoryError, match='channel "SR", bin 2: 3 events are observed where 0 are'):
        hypothesis_test(model, data)


def test_a_parameter_without_effect_does_not_disturb() -> None:
    idle = {"name": "idle", "type": "normfactor", "data": None}
    model, data = compiled(
        [sample("bkg", [50.0]), sample("sig", [10.0], MU), sample("none", [0.0], idle)], [60.0]
    )
    parameters = model.parameters
    found = minimise(
        Likelihood(model, data), parameters.init, parameters.fixed, parameters.lower, parameters.upper
    )
    assert found is not None
    assert found.converged
    assert found.x[parameters.index("mu")] == pytest.approx(1.0)
    assert found.x[parameters.index("idle")] == 1.0


def test_a_fit_that_ends_on_a_kink_ends() -> None:
    # With codes 0 and 1, at the end both parameters stand where their slope changes, and rates at zero.
    both = {
        name: [
            {"name": name, "type": "normsys", "data": {"lo": low, "hi": high}},
            {"name": name, "type": "histosys", "data": {"lo_data": [20.0, 9.0], "hi_data": [24.0, 12.0]}},
        ]
        for name, low, high in (("one", 0.6, 1.4), ("two", 1.1, 2.4))
    }
    free = {"name": "free", "type": "shapefactor", "data": None}
    samples = [sample("bkg", [22.0, 10.0], *both["one"], *both["two"], free), sample("sig", [5.0, 1.0], MU)]
    for observed in ([1.0, 0.0], [40.0, 3.0], [5.0, 1.0]):
        model, data = compiled(samples, observed, normsys="code1", histosys="code0")
        parameters = model.parameters
        found = minimise(
            Likelihood(model, data), parameters.init, parameters.fixed, parameters.lower, parameters.upper
        )
        assert found is not None
        assert found.converged, found.message
        assert found.iterations < 60


def test_two_factors_that_vanish_together_are_no_endless_valley() -> None:
    """No events, a signal with a free shape: the product of both factors falls to zero at a saddle."""
    signal = sample(
        "signal",
        [0.0, 1.0, 0.0],
        {"name": "shape", "type": "shapefactor", "data": None},
        {"name": "mu", "type": "normfactor", "data": None},
    )
    bent = {"lo_data": [8.0, 0.0, 1.0], "hi_data": [10.0, 0.0, 1.0]}
    background = sample("b", [4.0, 0.0, 1.0], {"name": "alpha", "type": "histosys", "data": bent})
    model, data = compiled([signal, background], [0.0, 0.0, 0.0])
    parameters = model.parameters
    found = minimise(
        Likelihood(model, data), parameters.init, parameters.fixed, parameters.lower, parameters.upper
    )
    assert found is not None
    assert found.converged
    assert found.iterations < 60
    values = dict(zip(parameters.names, found.x, strict=True))
    assert abs(values["mu"] * values["shape[1]"]) < 1e-9
