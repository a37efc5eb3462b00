"""Only points whose CLs can be trusted say something about the plane."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
import pytest

from fitgui.exclusion.points import plane_points, with_toys
from fitgui_backends.results import FitResult, ToyAnswer, TwiceNll, UpperLimits

GOOD = FitResult(
    name="good",
    cls_obs=0.2,
    cls_exp=(0.01, 0.05, 0.1, 0.2, 0.4),
    mu_hat=0.1,
    twice_nll=TwiceNll(),
    converged=True,
)
TOYS = ToyAnswer(
    number=100, seed=0, failed=0, cls_obs=1.1, cls_obs_error=0.1, cls_exp=(0.0, 0.1, 0.2, 0.3, 0.4)
)
NO_LIMIT = UpperLimits(obs=None, exp=(None,) * 5, converged=False)


def test_what_cannot_be_trusted_is_left_out() -> None:
    results = {
        "good": GOOD,
        "without a limit": msgspec.structs.replace(GOOD, limits=NO_LIMIT),
        "not converged": msgspec.structs.replace(GOOD, converged=False),
        "not a number": msgspec.structs.replace(GOOD, cls_obs=float("nan")),
        "half a band": msgspec.structs.replace(GOOD, cls_exp=(0.1, 0.1, float("nan"), 0.2, 0.3)),
        "not fitted": None,
        "nowhere": GOOD,
    }
    x = [1.0, 2, 3, 4, 5, 6, np.nan]
    found = plane_points(list(results), x, range(7), list(results.values()))
    assert found.names == ("good", "without a limit")
    assert found.x.tolist() == [1, 2]
    assert found.y.tolist() == [0, 1]
    assert found.cls.tolist() == [[0.2, 0.01, 0.05, 0.1, 0.2, 0.4]] * 2


def test_contours_are_of_asymptotic_cls_where_there_are_toys_too() -> None:
    results = [msgspec.structs.replace(GOOD, toys=toys) for toys in (TOYS, None)]
    found = plane_points("ab", [1, 2], [0, 0], [*results])
    assert found.cls.tolist() == [[0.2, 0.01, 0.05, 0.1, 0.2, 0.4]] * 2
    assert with_toys([None, *results])
    assert not with_toys([None, GOOD])


def test_nothing_is_a_plane_too() -> None:
    found = plane_points([], [], [], [])
    assert dataclasses.astuple(found)[0] == ()
    assert found.cls.shape == (0, 6)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="as many"):
        plane_points("ab", [1, 2], [1, 2], [GOOD])
