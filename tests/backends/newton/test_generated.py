"""Random workspaces: the same likelihood as pyhf, right derivatives, minima that are minima."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fitgui_backends.inference.minimise import minimise
from tests.backends.newton.conftest import compile_both
from tests.backends.newton.points import careful_steps, differences, random_point, rounding, widths
from tests.backends.newton.strategies import workspaces

CODES = st.sampled_from([("code4", "code4p"), ("code1", "code0")])
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@RELAXED
@given(workspaces(), CODES, st.integers(0, 1000))
def test_log_likelihood_is_that_of_pyhf(document: dict[str, Any], codes: tuple[str, str], seed: int) -> None:
    both = compile_both(document, normsys=codes[0], histosys=codes[1])
    parameters, order = both.model.parameters, both.order
    config = both.reference.config
    assert sorted(parameters.names) == sorted(config.par_names)
    assert parameters.init[order].tolist() == config.suggested_init()
    bounds = np.stack([parameters.lower, parameters.upper], axis=1)[order]
    assert bounds.tolist() == [list(pair) for pair in config.suggested_bounds()]
    assert parameters.fixed[order].tolist() == config.suggested_fixed()
    likelihood, generator = both.likelihood, np.random.default_rng(seed)
    for reach in (0.0, 0.5, 3.0):
        x = random_point(both.model, generator, reach)
        if reach == 3.0:
            x[parameters.index("mu")] = 0.0
        with np.errstate(all="ignore"):
            reference = both.reference.expected_data(x[order])
            log_likelihood = both.reference.logpdf(x[order], both.reference_data)[0]
        bins = both.model.bin_count
        expected = likelihood.expected(x)
        np.testing.assert_allclose(expected.counts, reference[:bins], rtol=1e-9, atol=1e-12)
        ours = np.concatenate([expected.normal, expected.poisson])
        np.testing.assert_allclose(np.sort(ours), np.sort(reference[bins:]), rtol=1e-12)
        if np.isfinite(log_likelihood):
            assert -likelihood.value(x) == pytest.approx(
                log_likelihood, rel=1e-9, abs=1e-10 + rounding(both.model)
            )
        else:
            assert likelihood.value(x) == np.inf


@RELAXED
@given(workspaces(), CODES, st.integers(0, 1000))
def test_derivatives_are_those_of_the_values(
    document: dict[str, Any], codes: tuple[str, str], seed: int
) -> None:
    both = compile_both(document, normsys=codes[0], histosys=codes[1])
    model, likelihood = both.model, both.likelihood
    x = random_point(model, np.random.default_rng(seed), 0.7)
    steps = 1e-3 * widths(model)
    # Away from where an interpolation changes its form, and where the likelihood is zero or nearly so.
    for place in (-1.0, 0.0, 1.0):
        near = np.abs(x[: model.alphas] - place) < 3.0 * steps[: model.alphas]
        x[: model.alphas][near] += 0.01
    expected = likelihood.expected(x)
    assume(bool(((expected.counts > 0.5) | (both.data.counts == 0.0)).all()))
    assume(bool((x[model.parameters.poisson] > 0.1).all()))
    if seed % 3 == 0:
        x[model.parameters.index("mu")] = 0.0
        assume(bool(((likelihood.expected(x).counts > 0.5) | (both.data.counts == 0.0)).all()))
    steps = careful_steps(likelihood, x, steps)
    derivatives = likelihood.derivatives(x)
    gradient, hessian = differences(likelihood, x, steps)
    scale = 1.0 + np.abs(derivatives.hessian).max()
    np.testing.assert_allclose(derivatives.gradient, gradient, rtol=1e-5, atol=1e-6 * scale)
    np.testing.assert_allclose(derivatives.hessian, hessian, rtol=1e-5, atol=1e-5 * scale)


def test_a_long_curved_valley_is_followed_to_its_end() -> None:
    # A rate near two that is a product of four factors, each of which is drawn elsewhere: 213 iterations.
    document = json.loads((Path(__file__).parent / "curved_valley.json").read_text())
    both = compile_both(document)
    parameters = both.model.parameters
    found = minimise(both.likelihood, parameters.init, parameters.fixed, parameters.lower, parameters.upper)
    assert found is not None
    assert found.converged, found.message
    assert found.value == pytest.approx(85.0062146, abs=1e-6)


@RELAXED
@given(workspaces(), CODES)
def test_a_minimum_is_one_and_not_above_that_of_pyhf(
    document: dict[str, Any], codes: tuple[str, str]
) -> None:
    both = compile_both(document, normsys=codes[0], histosys=codes[1])
    parameters, likelihood, order = both.model.parameters, both.likelihood, both.order
    assume(likelihood.value(parameters.init) < np.inf)
    assume(not parameters.fixed.all())
    found = minimise(likelihood, parameters.init, parameters.fixed, parameters.lower, parameters.upper)
    assert found is not None
    if (likelihood.expected(found.x).counts <= 0.0).any() and not found.converged:
        # Without events a rate below zero has a likelihood by pyhf's definition, the lower the better: such
        # a valley ends on bounds, and need not be followed to its end. It must be said, though.
        assert found.message
        return
    assert found.converged, found.message
    part = found.hessian[np.ix_(found.free, found.free)]
    if found.free.size:
        assert found.flat or np.linalg.eigvalsh(part).min() > 0.0
    assert (found.x >= parameters.lower)[~parameters.fixed].all()
    assert (found.x <= parameters.upper)[~parameters.fixed].all()
    assert found.value <= found.start_value
    with np.errstate(all="ignore"):
        try:
            best = pyhf.infer.mle.fit(both.reference_data, both.reference)
        except (pyhf.exceptions.FailedMinimization, ValueError):
            return
    theirs = np.empty_like(found.x)
    theirs[order] = best
    theirs = np.clip(theirs, parameters.lower, parameters.upper)
    # Another minimum may be lower; that is what several starts are for.
    nearby = minimise(likelihood, theirs, parameters.fixed, parameters.lower, parameters.upper)
    assert nearby is not None
    assert nearby.value <= likelihood.value(theirs) + 1e-9
    if np.abs(nearby.x - found.x).max() < 1e-3:
        assert 2.0 * found.value <= 2.0 * likelihood.value(theirs) + 1e-3
