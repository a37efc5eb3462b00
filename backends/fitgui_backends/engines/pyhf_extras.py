"""Upper limits and the discovery test with pyhf, for those who ask the reference for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fitgui_backends.results import Discovery, LimitBand, UpperLimits

LEVEL: Final = 0.05
_RELATIVE: Final = 1e-4
_ABSOLUTE: Final = 2e-12
"""Tolerances in mu: those of ``pyhf.infer.intervals.upper_limits.toms748_scan``."""


def upper_limits(data: Any, model: Any, statistic: str) -> UpperLimits:
    """Where CLs falls to 0.05, as ``pyhf.infer.intervals.upper_limits.upper_limit`` finds it.

    pyhf's own function goes on beyond the bounds of the parameter of interest, for ever where the signal has
    no effect. This one takes the same steps (TOMS 748 on each of the six curves of CLs, every hypothesis test
    is kept) and stops at the bounds.

    Args:
        data: Observed and auxiliary data, as a tensor.
        model: The ``pyhf.Model``.
        statistic: ``qtilde`` or ``q``.

    Raises:
        Exception: whatever pyhf raises where a fit fails.
    """
    import pyhf  # noqa: PLC0415  (only a process that fits pays for pyhf)

    upper = float(model.config.suggested_bounds()[model.config.poi_index][1])
    known: dict[float, list[float]] = {0.0: [1.0] * 6}

    def cls(mu: float) -> list[float]:
        if mu not in known:
            observed, band = pyhf.infer.hypotest(
                mu, data, model, test_stat=statistic, return_expected_set=True
            )
            known[mu] = [float(observed), *(float(value) for value in band)]
        return known[mu]

    found = [_crossing(cls, curve, upper, known) for curve in range(6)]
    band: LimitBand = (found[1], found[2], found[3], found[4], found[5])
    return UpperLimits(obs=found[0], exp=band)


def discovery(data: Any, model: Any) -> Discovery:
    """The p-value of the background-only hypothesis, by q0.

    Raises:
        Exception: whatever pyhf raises where a fit fails.
    """
    import pyhf  # noqa: PLC0415

    observed, band = pyhf.infer.hypotest(0.0, data, model, test_stat="q0", return_expected_set=True)
    exp = [float(value) for value in band]
    return Discovery(p0_obs=float(observed), p0_exp=(exp[0], exp[1], exp[2], exp[3], exp[4]))


def _crossing(
    cls: Callable[[float], list[float]], curve: int, upper: float, known: dict[float, list[float]]
) -> float | None:
    """Where one curve of CLs falls to the level; ``None`` where that is not below ``upper``."""
    from scipy.optimize import toms748  # noqa: PLC0415

    def above(mu: float) -> float:
        return cls(mu)[curve] - LEVEL

    if not above(upper) < 0.0:
        return None
    values = {mu: above(mu) for mu in known}
    low = max(mu for mu, value in values.items() if value >= 0.0)
    high = min((mu for mu, value in values.items() if value < 0.0 and mu > low), default=upper)
    return float(toms748(above, low, high, k=2, xtol=_ABSOLUTE, rtol=_RELATIVE))
