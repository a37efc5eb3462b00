"""Upper limits from pseudo-experiments."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from fitgui_backends.histfactory.constraints import observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Compiler, observed_counts
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.limits import Limits, upper_limits
from fitgui_backends.inference.toys import ToySample, throw_toys, toy_limits, toy_scan
from tests.backends.newton.test_toys import NORMSYS, document


def asymptotic_sample(mus: list[float], number: int) -> ToySample:
    """Quantiles of the asymptotic distributions for sigma = 1, with mu-hat = 0 observed."""
    share = (np.arange(number) + 0.5) / number
    values = np.array(mus)[:, None]

    def quantiles(shift: NDArray[np.float64] | float) -> NDArray[np.float64]:
        root = norm.ppf(share)[None] + shift
        return np.where(root <= values, np.maximum(root, 0.0) ** 2, 2.0 * values * root - values**2)

    return ToySample(
        mus=np.array(mus),
        observed=np.array(mus) ** 2,
        signal=quantiles(0.0),
        background=quantiles(values),
        seed=0,
        first=0,
        failed=0,
        converged=True,
        seconds=0.0,
    )


def test_of_perfect_toys_the_limits_are_the_asymptotic_ones() -> None:
    # arXiv:1007.1727, equation 89: mu = sigma (Phi^-1(1 - alpha Phi(N)) + N)
    limits = toy_limits(asymptotic_sample([2.6, 1.0, 1.3, 1.7, 2.1, 0.8, 3.2, 4.0, 5.0], 3000))
    exact = [norm.ppf(1.0 - 0.05 * norm.cdf(n)) + n for n in (-2, -1, 0, 1, 2)]
    assert limits.observed == pytest.approx(exact[2], rel=0.005)
    assert limits.expected == pytest.approx(exact, rel=0.02)
    assert limits.notes == ()
    assert limits.observed_error is not None
    assert 0.001 < limits.observed_error < 0.1


def test_limits_outside_of_the_scan_are_none_and_told() -> None:
    limits = toy_limits(asymptotic_sample([1.5, 1.8, 2.1], 2000))
    assert limits.observed is not None
    assert limits.expected[0] is None
    assert limits.expected[4] is None
    assert limits.expected_error[4] is None
    (message,) = limits.notes
    assert "between mu = 1.5 and 2.1: the expected limits at -2" in message


def test_limits_of_a_model_with_many_events_are_near_the_asymptotic_ones() -> None:
    workspace = document([150.0, 90.0], [4000.0, 2500.0], [4030.0, 2490.0], [NORMSYS])
    model = Compiler().compile(workspace)
    data = observed_data(model, observed_counts(workspace, model))
    test = hypothesis_test(model, data)
    asymptotic = upper_limits(model, data, test)
    sample = throw_toys(model, data, test, toy_scan(asymptotic, 10.0), count=120, seed=6)
    limits = toy_limits(sample)
    toys = (limits.observed, *limits.expected)
    errors = (limits.observed_error, *limits.expected_error)
    checked = 0
    for value, error, exact in zip(toys, errors, (asymptotic.observed, *asymptotic.expected), strict=True):
        if value is not None and error is not None and exact is not None:
            assert abs(value - exact) < 4.5 * error + 0.02 * exact
            checked += 1
    assert checked >= 4
    assert limits.observed is not None


@given(
    known=st.lists(st.none() | st.floats(1e-3, 10.0), min_size=6, max_size=6),
    upper=st.sampled_from([10.0, 25.0]),
)
def test_a_scan_encloses_the_limits(known: list[float | None], upper: float) -> None:
    limits = Limits(known[0], (known[1], known[2], known[3], known[4], known[5]), 0, converged=True)
    scan = toy_scan(limits, upper)
    there = [value for value in known if value is not None]
    if not there:
        assert scan == ()
        return
    assert 3 <= len(scan) <= 8
    assert all(0.0 < low < high <= upper for low, high in pairwise((1e-9, *scan)))
    assert scan[0] < min(there)
    assert scan[-1] >= min(upper, max(there))
    assert len(there) == 6 or scan[-1] == upper


def test_a_level_outside_of_its_range_is_refused() -> None:
    with pytest.raises(HistFactoryError, match="between 0 and 1"):
        toy_limits(asymptotic_sample([1.0, 2.0], 10), level=math.nan)
