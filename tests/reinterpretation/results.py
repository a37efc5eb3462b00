"""Results of fits as tests want them: what was not fitted is made up, and says so here only."""

from __future__ import annotations

import math

from fitgui_backends.results import FitResult, ToyAnswer, TwiceNll, UpperLimits


def a_result(
    observed: float,
    expected: float,
    limit: float | None = None,
    expected_limit: float | None = None,
    *,
    limits: bool = True,
    converged: bool = True,
    limits_converged: bool = True,
    toys: float | None = None,
) -> FitResult:
    """A result with these CLs and upper limits; bands are of no interest."""
    answer = None
    if toys is not None:
        answer = ToyAnswer(
            number=100, seed=1, failed=0, cls_obs=toys, cls_obs_error=0.01, cls_exp=(expected,) * 5
        )
    return FitResult(
        name="mine",
        cls_obs=observed,
        cls_exp=(expected,) * 5,
        mu_hat=math.nan,
        twice_nll=TwiceNll(),
        limits=UpperLimits(obs=limit, exp=(expected_limit,) * 5, converged=limits_converged)
        if limits
        else None,
        toys=answer,
        converged=converged,
    )
