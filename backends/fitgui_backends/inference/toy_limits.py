"""Upper limits from pseudo-experiments thrown at several signal strengths, and at which to throw them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import ndtri

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.inference.limits import Limits
from fitgui_backends.inference.toy_cls import cls_numbers
from fitgui_backends.inference.toy_sample import ToySample
from fitgui_backends.limit_words import BAND, limits_named
from fitgui_backends.results import EXCLUSION_CLS, LimitBand

_REPLICAS: Final = 100
"""How often a sample is drawn from itself to see how much its limits scatter."""
_REPLICA_SEED: Final = 20071727
_BELOW: Final = 0.7
"""How far a scan goes beyond the asymptotic limits, as a factor: with few events toys differ by as much."""
_ABOVE: Final = 1.4
_SPACING: Final = 1.45
"""Of neighbours in a scan, as a factor: the interpolation is then good to a percent."""
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class ToyLimits:
    """Upper limits on mu from toys; ``None`` where CLs does not cross the level within the scan."""

    observed: float | None
    observed_error: float | None
    """Statistical, one standard deviation."""
    expected: LimitBand
    """At -2, -1, 0, +1, +2 sigma of the background-only expectation."""
    expected_error: LimitBand
    notes: tuple[str, ...] = ()
    """Which limits are outside of the scan, in sentences."""
    warnings: tuple[str, ...] = ()
    """That too few toys were thrown for the observed one, in sentences."""


def toy_limits(sample: ToySample, *, level: float = EXCLUSION_CLS) -> ToyLimits:
    """The signal strengths at which CLs falls to ``level``.

    Between the signal strengths of the sample, ``Phi^-1(1 - CLs / 2)`` is interpolated linearly: for the
    median expectation in the asymptotic approximation that is proportional to mu (arXiv:1007.1727, section
    3.7). Before, isotonic regression makes it rise with mu where the scatter of the toys made it fall.
    Statistical errors come from drawing the toys again from themselves (bootstrap).

    Args:
        sample: Toys at two signal strengths or more, in any order.
        level: Between 0 and 1.

    Raises:
        HistFactoryError: if the level is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise HistFactoryError(f"the level of a limit lies between 0 and 1, not at {level:g}")
    order = np.argsort(sample.mus, kind="stable")
    mus, observed = sample.mus[order], sample.observed[order]
    signal, background = sample.signal[order], sample.background[order]
    found = _crossings(mus, observed, signal, background, level)
    replicas = np.array(
        [_crossings(mus, observed, *drawn, level) for drawn in _draw_again(signal, background)]
    )
    limits = [None if math.isnan(value) else float(value) for value in found]
    errors = [
        None if limit is None else _scatter(column) for limit, column in zip(limits, replicas.T, strict=True)
    ]
    # Where no toy is as extreme as the data, nothing is known of the observed limit, not even on which side.
    undefined = np.isnan(_curves(observed, signal, background)[:, 0])
    unknown = limits[0] is None and bool(undefined.any())
    sigmas = [sigma for sigma, limit in zip(BAND, limits[1:], strict=True) if limit is None]
    observed_outside = limits[0] is None and not unknown
    outside = len(sigmas) + observed_outside
    warning = (
        f"There is no observed limit from pseudo-experiments: at {undefined.sum()} of {mus.size} signal"
        " strengths none without signal is as extreme as the data; ask for more."
    )
    note = (
        f"CLs from pseudo-experiments does not cross {level:g} between mu = {mus[0]:g} and {mus[-1]:g}: "
        f"{limits_named(sigmas, observed=observed_outside)} {'lie' if outside > 1 else 'lies'} outside."
    )
    return ToyLimits(
        observed=limits[0],
        observed_error=errors[0],
        expected=(limits[1], limits[2], limits[3], limits[4], limits[5]),
        expected_error=(errors[1], errors[2], errors[3], errors[4], errors[5]),
        notes=(note,) if outside else (),
        warnings=(warning,) if unknown else (),
    )


def toy_scan(limits: Limits, upper: float) -> tuple[float, ...]:
    """At which signal strengths to throw toys for limits: a few that enclose the asymptotic ones.

    Args:
        limits: Asymptotic.
        upper: The upper bound of the parameter of interest.

    Returns:
        In ascending order, rounded to three digits; nothing where there are no limits within the bounds.
    """
    everything = (limits.observed, *limits.expected)
    known = [limit for limit in everything if limit is not None and limit > 0.0]
    if not known:
        return ()
    low, high = _BELOW * min(known), min(upper, _ABOVE * max(known))
    if None in everything:
        high = upper
    steps = max(2, min(_MOST - 1, math.ceil(math.log(high / low) / math.log(_SPACING))))
    scan = [float(f"{low * (high / low) ** (step / steps):.3g}") for step in range(steps + 1)]
    return tuple(sorted({min(mu, upper) for mu in scan}))


def _crossings(mus: Floats, observed: Floats, signal: Floats, background: Floats, level: float) -> Floats:
    """Where the six kinds of CLs cross the level, NaN where they do not; toys of shape (m, n)."""
    cls = _curves(observed, signal, background)
    # No toy at all means "less than one".
    significance = -ndtri(0.5 * np.clip(cls, 0.5 / signal.shape[1], 1.0))
    goal = -float(ndtri(0.5 * level))
    return np.array([_crossing(mus, column, goal) for column in significance.T])


def _curves(observed: Floats, signal: Floats, background: Floats) -> Floats:
    """CLs of the data and the band at each signal strength, shape (m, 6); NaN where it is undefined."""
    return np.array(
        [cls_numbers(*rows) for rows in zip(np.sort(signal), np.sort(background), observed, strict=True)]
    )


def _crossing(mus: Floats, significance: Floats, goal: float) -> float:
    defined = ~np.isnan(significance)
    mus, significance = mus[defined], significance[defined]
    if mus.size < 2:
        return math.nan
    rising = isotonic_regression(significance).x
    after = int(np.searchsorted(rising, goal))
    if after in (0, mus.size):
        return math.nan
    part = (goal - rising[after - 1]) / (rising[after] - rising[after - 1])
    return float(mus[after - 1] + part * (mus[after] - mus[after - 1]))


def _draw_again(signal: Floats, background: Floats) -> list[tuple[Floats, Floats]]:
    """Samples drawn from a sample: with signal at each signal strength, without for all at once."""
    generator = np.random.default_rng(_REPLICA_SEED)
    number = background.shape[1]
    drawn = []
    for _ in range(_REPLICAS):
        chosen = generator.integers(number, size=signal.shape)
        drawn.append(
            (
                np.take_along_axis(signal, chosen, axis=1),
                background[:, generator.integers(number, size=number)],
            )
        )
    return drawn


def _scatter(values: Floats) -> float | None:
    """Standard deviation of what is there; ``None`` where half of it is missing."""
    there = values[~np.isnan(values)]
    return float(there.std(ddof=1)) if there.size > values.size // 2 else None
