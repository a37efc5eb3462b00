"""CLs and significance: one into the other, with the ends that have no finite value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from fitgui.exclusion.significance import LARGEST, THRESHOLD, cls_of, significance, significance_of


def test_the_threshold_is_that_of_95_percent() -> None:
    assert pytest.approx(norm.isf(0.05), abs=1e-12) == THRESHOLD
    assert significance(0.05) == pytest.approx(THRESHOLD)


@given(st.floats(min_value=1e-6, max_value=1 - 1e-6))
def test_there_and_back_again(cls: float) -> None:
    assert cls_of(significance(cls)) == pytest.approx(cls, rel=1e-9)
    assert significance(cls) == pytest.approx(norm.isf(cls), rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(min_value=0, max_value=1.5), min_size=2, max_size=8))
def test_smaller_cls_is_never_less_significant(values: list[float]) -> None:
    ordered = np.sort(values)
    found = significance(ordered)
    assert (np.diff(found) <= 0).all()
    assert (np.abs(found) <= LARGEST).all()


def test_the_ends_are_finite_and_nothing_is_made_up() -> None:
    found = significance([[0.0, 1e-300], [1.0, 1.2], [np.nan, -0.1]])
    assert found.tolist()[:2] == [[LARGEST, LARGEST], [-LARGEST, -LARGEST]]
    assert np.isnan(found[2]).all()


@given(st.floats(-0.5, 1.5))
def test_one_number_is_as_many_but_for_the_limit(p_value: float) -> None:
    alone = significance_of(p_value)
    assert min(max(alone, -LARGEST), LARGEST) == pytest.approx(
        float(significance(max(p_value, 0.0))), rel=1e-9, abs=1e-9
    )
    assert math.isfinite(alone) == (0.0 < p_value < 1.0)
