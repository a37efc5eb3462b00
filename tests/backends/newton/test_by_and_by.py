"""For somebody who waits: limits in pieces, the nearest minimum first, and fits that can be given up."""

from __future__ import annotations

import json

import pytest

from fitgui.pallets import open_pallet
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.newton_engine import NewtonEngine, PreparedNewton
from fitgui_backends.inference.fits import checked_between_starts
from fitgui_backends.inference.limits import upper_limits, upper_limits_by_and_by


class GivenUp(Exception):  # noqa: N818  (what happened, not an error)
    """Nobody waits any more."""


@pytest.fixture(scope="module")
def prepared() -> PreparedNewton:
    [analysis] = open_pallet("example").analyses
    return NewtonEngine().prepare(analysis.workspace, None, FitOptions())


@pytest.fixture(scope="module")
def points() -> list[FitPoint]:
    [analysis] = open_pallet("example").analyses
    return [FitPoint(name=point.name, operations=point.operations) for point in analysis.points[:4]]


def test_limits_are_told_before_they_are_verified(prepared: PreparedNewton, points: list[FitPoint]) -> None:
    _, tested = prepared.fit_openly(points[0])
    parts = model, data, test = tested.model, tested.data, tested.test
    pieces = [limits for limits in upper_limits_by_and_by(*parts) if limits is not None]
    found, verified = pieces
    assert verified == upper_limits(model, data, test)
    assert found.observed == pytest.approx(verified.observed, rel=1e-6)
    [hasty] = upper_limits_by_and_by(model, data, test, thorough=False)
    assert hasty == upper_limits(model, data, test, thorough=False)


def bending(low: float, high: float) -> bytes:
    """A signal that a parameter of the backgrounds changes by these factors."""
    modifiers = [
        {"name": "mu_SIG", "type": "normfactor", "data": None},
        {"name": "jet_energy_scale", "type": "normsys", "data": {"lo": low, "hi": high}},
    ]
    sample = {"name": "signal", "data": [2.0, 4.0, 6.0], "modifiers": modifiers}
    return json.dumps([{"op": "add", "path": "/channels/0/samples/-", "value": sample}]).encode()


def test_haste_is_for_models_that_may_have_several_minima(prepared: PreparedNewton) -> None:
    """A signal that loses all of itself when a parameter falls by one sigma bends the likelihood."""
    plain, bent = (bending(0.95, 1.05), bending(0.05, 3.0))
    assert prepared.fit_hastily(FitPoint(name="plain", operations=plain)) is None
    point = FitPoint(name="bent", operations=bent)
    hasty = prepared.fit_hastily(point)
    assert hasty is not None
    thorough, tested = prepared.fit_openly(point)
    for fit, found in hasty[1].test.fits.items():
        assert len(found.starts) < len(tested.test.fits[fit].starts)
        assert found.twice_nll >= tested.test.fits[fit].twice_nll - 1e-3
    assert thorough.cls_obs == prepared.fit(point).cls_obs


def test_a_fit_that_was_given_up_leaves_nothing_behind(
    prepared: PreparedNewton, points: list[FitPoint]
) -> None:
    expected = prepared.fit(points[1])
    allowed = 3

    def check() -> None:
        nonlocal allowed
        allowed -= 1
        if allowed < 0:
            raise GivenUp

    with pytest.raises(GivenUp), checked_between_starts(check):
        prepared.fit(points[2])
    again = prepared.fit(points[1])  # nobody checks outside of the context
    assert (again.cls_obs, again.cls_exp, again.twice_nll) == (
        expected.cls_obs,
        expected.cls_exp,
        expected.twice_nll,
    )
