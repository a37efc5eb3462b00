"""CLs from pseudo-experiments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.inference.toy_sample import ToySample
from fitgui_backends.results import Band

_TIE: Final = 1e-5
"""Test statistics that differ by less are equal: minima are found to about 1e-9, and counts are discrete."""
_PERCENTILES: Final = 100.0 * ndtr(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))


@dataclass(frozen=True, slots=True)
class ToyCls:
    """CLs from toys."""

    cls_obs: float
    """NaN where no toy without signal is as extreme as the data, as in pyhf."""
    cls_obs_error: float
    """Statistical, one standard deviation."""
    cls_exp: Band
    """At -2, -1, 0, +1, +2 sigma of the background-only expectation."""


def toy_cls(sample: ToySample, index: int) -> ToyCls:
    """CLs at one of the signal strengths of a sample, as ``pyhf.infer.calculators.ToyCalculator`` defines it.

    A p-value is the share of toys whose test statistic is as large as that of the data, or larger; CLs is
    the ratio of the p-values of both hypotheses. For the band every toy without signal takes the place of the
    data, and the percentiles of the resulting CLs are taken. Other than in pyhf, test statistics that differ
    by less than rounding count as equal.

    The error of CLs is propagated from those of the p-values. A share ``k / n`` has the error that it has
    after Bayes with a flat prior, ``sqrt(p (1 - p) / (n + 3))`` with ``p = (k + 1) / (n + 2)``, which is that
    of a binomial number for large k, and does not vanish for none.

    Args:
        sample: The toys.
        index: Which of the signal strengths.
    """
    signal, background = np.sort(sample.signal[index]), np.sort(sample.background[index])
    observed = sample.observed[index]
    numbers = [float(number) for number in cls_numbers(signal, background, observed)]
    sb, b = float(_p_values(signal, observed)), float(_p_values(background, observed))
    error = math.nan
    if b > 0.0:
        error = math.hypot(_error(sb, signal.size) / b, numbers[0] * _error(b, background.size) / b)
    return ToyCls(numbers[0], error, (numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]))


def cls_numbers(signal: Floats, background: Floats, observed: float) -> Floats:
    """CLs of the data and the band.

    Args:
        signal: Test statistics of toys with signal, sorted, shape (n,).
        background: Of toys without, sorted, shape (n,).
        observed: Of the data.

    Returns:
        Shape (6,); the first is NaN where no toy without signal is as extreme as the data.
    """
    b = float(_p_values(background, observed))
    cls = float(_p_values(signal, observed)) / b if b > 0.0 else math.nan
    everyone = _p_values(signal, background) / _p_values(background, background)
    return np.array([cls, *np.percentile(everyone, _PERCENTILES)])


def _p_values(ordered: Floats, values: Floats | float) -> Floats:
    """The share of toys at or above each value; toys are sorted."""
    below = np.searchsorted(ordered, values - _TIE, side="left")
    return np.asarray((ordered.size - below) / ordered.size)


def _error(p: float, number: int) -> float:
    centre = (p * number + 1.0) / (number + 2.0)
    return math.sqrt(centre * (1.0 - centre) / (number + 3.0))
