"""The second opinion: no negative rates, no lower NLL than without restriction, and minima all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, NonlinearConstraint, minimize

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference.hypothesis_test import HypothesisTest, hypothesis_test
from fitgui_backends.inference.non_negative import YieldConstraints, non_negative_test, restrict_factors

ModelOf = Callable[[str, str], tuple[Model, Data]]
DATA = ("mu0", "mu1", "free")


def check(model: Model, data: Data, test: HypothesisTest, second: HypothesisTest) -> None:
    likelihood = Likelihood(model, data)
    for name, fit in second.fits.items():
        assert fit.converged, (name, fit.minimum.message)
        assert likelihood.entry_rates(fit.x)[model.nominal >= 0.0].min() >= -1e-6
        assert (fit.x >= model.parameters.lower).all()
        assert (fit.x <= model.parameters.upper).all()
    for name in DATA:
        fit = second.fits[name]
        assert fit.twice_nll == pytest.approx(2.0 * likelihood.value(fit.x), rel=1e-12)
        if test.fits[name].negative_rates:
            assert fit.twice_nll > test.fits[name].twice_nll - 1e-9
        else:
            assert fit.twice_nll == pytest.approx(test.fits[name].twice_nll, abs=1e-6)


@pytest.mark.parametrize("point", ["DS_160_1_Staus", "DS_280_40_Staus", "DS_320_40_Staus"])
def test_stau_points_with_negative_rates(model_of: ModelOf, point: str) -> None:
    model, data = model_of("stau combined", point)
    test = hypothesis_test(model, data)
    assert test.fits["mu1"].negative_rates
    second = non_negative_test(model, data, 1.0, test)
    check(model, data, test, second)
    assert second.cls_obs == pytest.approx(test.cls_obs, rel=0.5)


def test_where_nothing_is_negative_nothing_changes(model_of: ModelOf) -> None:
    model, data = model_of("1Lbb", "C1N2_Wh_hbb_900_250")
    test = hypothesis_test(model, data)
    second = non_negative_test(model, data, 1.0, test)
    assert second.cls_obs == pytest.approx(test.cls_obs, abs=1e-6)
    assert second.cls_exp == pytest.approx(test.cls_exp, abs=1e-6)


def small_model(*, factor: bool) -> tuple[Model, Data]:
    """Fewer events than expected, which only two strong systematics can explain."""

    def shifts(name: str, low: list[float], high: list[float]) -> dict[str, Any]:
        return {"name": name, "type": "histosys", "data": {"lo_data": low, "hi_data": high}}

    first = [shifts("one", [1.0, 12.0], [14.0, 20.0]), shifts("two", [3.0, 10.0], [12.0, 22.0])]
    if factor:
        first.append({"name": "lopsided", "type": "normsys", "data": {"lo": 0.001, "hi": 1.02}})
    document = {
        "channels": [
            {
                "name": "SR",
                "samples": [
                    {"name": "bkg", "data": [7.0, 16.0], "modifiers": first},
                    {"name": "other", "data": [12.0, 3.0], "modifiers": []},
                    {
                        "name": "sig",
                        "data": [3.0, 1.0],
                        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                    },
                ],
            }
        ],
        "observations": [{"name": "SR", "data": [2.0, 9.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    model = Compiler().compile(document)
    return model, observed_data(model, observed_counts(document, model))


@pytest.mark.parametrize("factor", [False, True])
@pytest.mark.parametrize("statistic", ["qtilde", "q"])
def test_a_small_model_where_the_restriction_binds(factor: bool, statistic: str) -> None:
    model, data = small_model(factor=factor)
    test = hypothesis_test(model, data, test_statistic=statistic)
    assert test.fits["mu1"].negative_rates
    second = non_negative_test(model, data, 1.0, test, test_statistic=statistic)
    check(model, data, test, second)
    assert second.fits["mu1"].twice_nll > test.fits["mu1"].twice_nll + 0.01
    # The same minimum with a general minimiser and explicit constraints.
    restricted = restrict_factors(model)
    constraints, likelihood = YieldConstraints(restricted), Likelihood(restricted, data)
    poi, parameters = model.parameters.index("mu"), restricted.parameters
    for name, mu in (("mu0", 0.0), ("mu1", 1.0)):
        lower, upper = parameters.lower.copy(), parameters.upper.copy()
        lower[poi] = upper[poi] = mu
        # It may end in a higher minimum from the nominal point, but not from near by.
        for start, same in ((parameters.init, False), (second.fits[name].x + 0.05, True)):
            found = minimize(  # type: ignore[call-overload]
                lambda x: min(likelihood.value(x), 1e6),
                np.clip(start, lower, upper),
                jac=lambda x: likelihood.derivatives(x).gradient,
                method="SLSQP",
                bounds=Bounds(lower, upper),
                constraints=NonlinearConstraint(constraints.values, 0.0, np.inf),
                options={"ftol": 1e-12, "maxiter": 500},
            )
            assert constraints.values(found.x).min() > -1e-6
            assert second.fits[name].twice_nll <= 2.0 * found.fun + 1e-5
            if same:
                assert second.fits[name].twice_nll == pytest.approx(2.0 * found.fun, abs=1e-5)
