"""The likelihood of published pallets is pyhf's; its derivatives are those of its values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model
from tests.backends.newton.conftest import ANALYSES, Published, compile_both
from tests.backends.newton.points import differences, random_point, rounding, widths


@pytest.mark.parametrize("analysis", ANALYSES)
def test_log_likelihood_and_expected_data_are_those_of_pyhf(published: Published, analysis: str) -> None:
    points = list(published.points(analysis)[1])
    both = compile_both(published.document(analysis, points[len(points) // 3]))
    parameters, order, generator = both.model.parameters, both.order, np.random.default_rng(7)
    assert sorted(parameters.names) == sorted(both.reference.config.par_names)
    assert parameters.init[order].tolist() == both.reference.config.suggested_init()
    bounds = np.stack([parameters.lower, parameters.upper], axis=1)[order]
    assert bounds.tolist() == [list(pair) for pair in both.reference.config.suggested_bounds()]
    assert parameters.fixed[order].tolist() == both.reference.config.suggested_fixed()
    likelihood, finite = both.likelihood, 0
    for reach in np.linspace(0.2, 2.0, 10):
        x = random_point(both.model, generator, reach)
        expected = likelihood.expected(x)
        reference = both.reference.expected_data(x[order])
        bins = both.model.bin_count
        np.testing.assert_allclose(expected.counts, reference[:bins], rtol=1e-9, atol=1e-12)
        ours = np.concatenate([expected.normal, expected.poisson])
        np.testing.assert_allclose(np.sort(ours), np.sort(reference[bins:]), rtol=1e-12)
        with np.errstate(all="ignore"):
            log_likelihood = both.reference.logpdf(x[order], both.reference_data)[0]
        value = likelihood.value(x)
        if np.isfinite(log_likelihood):
            finite += 1
            assert -value == pytest.approx(log_likelihood, rel=1e-9, abs=rounding(both.model))
        else:
            assert value == np.inf
    assert finite >= 5


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("mu", [0.0, 0.7])
def test_derivatives_are_those_of_the_values(
    model_of: Callable[[str, str], tuple[Model, Data]], published: Published, analysis: str, mu: float
) -> None:
    model, data = model_of(analysis, list(published.points(analysis)[1])[5])
    likelihood, width = Likelihood(model, data), widths(model)
    x = random_point(model, np.random.default_rng(11), 0.3)
    x[model.parameters.index(model.poi)] = mu
    derivatives = likelihood.derivatives(x)
    gradient, hessian = differences(likelihood, x, 1e-4 * width)
    np.testing.assert_allclose(derivatives.gradient * width, gradient * width, rtol=1e-6, atol=1e-6)
    scale = np.outer(width, width)
    np.testing.assert_allclose(derivatives.hessian * scale, hessian * scale, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(derivatives.hessian, derivatives.hessian.T, rtol=1e-12, atol=1e-12)


def test_a_patched_workspace_compiles_to_the_same_model_with_and_without_what_is_kept(
    published: Published,
) -> None:
    workspace, patches = published.points("stau combined")
    kept = Compiler()
    kept.keep(workspace)
    for point in list(patches)[:3]:
        document = published.document("stau combined", point)
        first, second = kept.compile(document), Compiler().compile(document)
        places = [first.parameters.names.index(name) for name in second.parameters.names]
        x = random_point(second, np.random.default_rng(3), 1.0)
        moved = np.empty_like(x)
        moved[places] = x
        data = Data(np.ones(first.bin_count), first.parameters.normal_data, first.parameters.poisson_data)
        expected = Likelihood(first, data).expected(moved).counts
        np.testing.assert_allclose(expected, Likelihood(second, data).expected(x).counts, rtol=1e-13)
        assert first.groups == second.groups
