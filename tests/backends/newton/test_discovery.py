"""The discovery p-value: pyhf's, observed and expected."""

from __future__ import annotations

from collections.abc import Callable

import pyhf
import pytest

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.discovery import discovery_test
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from tests.backends.newton.conftest import Compiled, compile_both
from tests.builders import make_operations, make_workspace


def small_model(observed: list[float], *, lowest: float = 0.0, highest: float = 10.0) -> Compiled:
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]}, observed={"SR": observed})
    workspace["channels"][0]["samples"].append(make_operations(workspace, scale=2.0)[0]["value"])
    bounds = {"name": "mu_SIG", "bounds": [[lowest, highest]], "inits": [0.5]}
    workspace["measurements"][0]["config"]["parameters"] = [bounds]
    return compile_both(workspace)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mu", [1.0, 2.5])
@pytest.mark.parametrize("lowest", [0.0, -5.0])
@pytest.mark.parametrize("observed", [[6.0, 2.0], [12.0, 5.0], [20.0, 12.0]])
def test_as_pyhf(observed: list[float], lowest: float, mu: float) -> None:
    both = small_model(observed, lowest=lowest)
    p0_obs, p0_exp = pyhf.infer.hypotest(
        0.0, both.reference_data, both.reference, test_stat="q0", return_expected_set=True
    )
    found = discovery_test(both.model, both.data, hypothesis_test(both.model, both.data, mu))
    assert found.converged
    # A test statistic near zero is the square of what pyhf's minimiser leaves undone.
    assert found.p0_obs == pytest.approx(float(p0_obs), abs=1e-4 if found.q0 > 0.01 else 2e-3)
    assert found.p0_exp == pytest.approx([float(value) for value in p0_exp], abs=1e-4)
    assert ("mu1" in found.fits) == (mu != 1.0)


def test_a_deficit_is_no_discovery() -> None:
    both = small_model([6.0, 2.0])
    found = discovery_test(both.model, both.data, hypothesis_test(both.model, both.data))
    assert found.q0 == 0.0
    assert found.p0_obs == 0.5


def test_a_published_excess(model_of: Callable[[str, str], tuple[Model, Data]]) -> None:
    model, data = model_of("3L eRJR", "ERJR_300p0_100p0")
    test = hypothesis_test(model, data)
    found = discovery_test(model, data, test)
    assert found.converged
    assert found.q0 == pytest.approx(test.fits["mu0"].twice_nll - test.fits["free"].twice_nll, abs=1e-9)
    assert list(found.p0_exp) == sorted(found.p0_exp)
    assert found.p0_exp[2] < 0.5


def test_an_expectation_out_of_bounds_is_refused() -> None:
    both = small_model([12.0, 5.0], highest=0.8)
    test = hypothesis_test(both.model, both.data, 0.5)
    with pytest.raises(HistFactoryError, match=r"mu_SIG = 1 lies outside of its bounds 0 to 0\.8"):
        discovery_test(both.model, both.data, test)
