"""The root finder behind limits and intervals: right, and sparing with evaluations."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.inference.rising import MOST, Crossing, Sample, crossing


def find(function: Callable[[float], tuple[float, float]], end: float = 10.0) -> tuple[Crossing, int]:
    """The crossing above zero, and the number of evaluations after the first."""
    calls = 0

    def sample(at: float) -> Sample:
        nonlocal calls
        calls += 1
        value, slope = function(at)
        return Sample(at, value, slope)

    return crossing(sample, [sample(0.0)], 0.0, end), calls - 1


@given(st.floats(0.3, 3.0), st.floats(1e-4, 9.0))
def test_powers(power: float, root: float) -> None:
    def function(at: float) -> tuple[float, float]:
        slope = power * (at / root) ** (power - 1.0) / root if at > 0.0 else math.nan
        return (at / root) ** power - 1.0, slope

    found, calls = find(function)
    assert found.settled
    assert found.rising
    assert found.at == pytest.approx(root, rel=1e-6)
    assert calls < 40


def test_a_nearly_straight_line_costs_two_evaluations() -> None:
    found, calls = find(lambda at: (at - 2.0 - 0.01 * at * at, 1.0 - 0.02 * at))
    assert found.at == pytest.approx(50.0 - math.sqrt(2300.0), rel=1e-7)
    assert calls <= 2


def test_without_slopes_and_with_an_infinite_one() -> None:
    assert find(lambda at: (at**3 - 8.0, math.nan))[0].at == pytest.approx(2.0, rel=1e-6)
    root = find(lambda at: (math.sqrt(at) - 1.5, 0.5 / math.sqrt(at) if at else math.inf))[0].at
    assert root == pytest.approx(2.25, rel=1e-6)


def test_the_end_is_told_and_evaluated_once() -> None:
    found, calls = find(lambda at: (0.1 * at - 2.0, 0.1))
    assert found.at is None
    assert found.nearest == 10.0
    assert calls <= 2


def test_beyond_any_bound() -> None:
    found, _ = find(lambda at: (at - 3.0, 1.0) if at < 4.0 else (math.inf, math.nan))
    assert found.at == pytest.approx(3.0, rel=1e-6)


def test_a_jump_without_a_finite_value() -> None:
    found, calls = find(lambda at: (-math.inf if at < 2.0 else math.inf, math.nan))
    assert found.at == pytest.approx(2.0, rel=1e-6)
    assert not found.settled
    assert calls < MOST


def test_a_jump_is_told() -> None:
    found, calls = find(lambda at: (-1.0 + 0.01 * at, 0.01) if at < 2.0 else (1.0 + 0.01 * at, 0.01))
    assert found.at == pytest.approx(2.0, rel=1e-6)
    assert not found.settled
    assert calls < MOST


def test_the_last_crossing_is_the_one() -> None:
    samples = [Sample(0.0, -1.0), Sample(1.0, 0.5, 1.0), Sample(3.0, -0.5, 1.0), Sample(6.0, 2.5, 1.0)]
    found = crossing(lambda at: Sample(at, at - 3.5, 1.0), samples, 0.0, 10.0)
    assert found.at == pytest.approx(3.5, rel=1e-6)
    assert not found.rising


@given(st.floats(0.5, 4.0), st.floats(-3.0, 3.0))
def test_a_wrong_slope_does_no_harm(root: float, wrong: float) -> None:
    found, calls = find(lambda at: (math.expm1(at) - math.expm1(root), wrong * math.exp(at)))
    assert found.at == pytest.approx(root, rel=3e-3)
    assert calls <= MOST
