"""CLs as a significance, which changes evenly over a mass plane where CLs falls by many powers of ten.

Between two points of a grid CLs may fall from 0.5 to 1e-10: a straight line between these numbers crosses
0.05 next to the second point, whatever happens between them. The significance Z = Phi^-1(1 - CLs)
(arXiv:1007.1727, eq. 1, with CLs as the p-value) goes nearly evenly from 0 to 6.4, and is what the field
interpolates (HistFitter, arXiv:1410.1280, and its script ``harvestToContours.py``).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion.model import Floats
from fitgui.loading import LOADING
from fitgui_backends.levels import EXCLUSION_CLS

_NORMAL: Final = NormalDist()
THRESHOLD: Final = -_NORMAL.inv_cdf(EXCLUSION_CLS)
"""The significance at CLs = 0.05: 1.645; more is excluded at 95 % CL."""
LARGEST: Final = 5.0
"""Significances beyond this, of either sign, count as this: HistFitter's default (``--sigmax``).

CLs = 0 and CLs = 1 have no finite one, and what is excluded by 8 sigma says no more about where 1.645 is
crossed than what is excluded by 5.
"""


def significance_of(p_value: float) -> float:
    """The significance of one p-value, CLs or another, without the library that many of them need.

    Args:
        p_value: any number.

    Returns:
        Standard deviations without a limit: infinite where the p-value is 0, or 1 and more.
    """
    if p_value <= 0.0 or p_value >= 1.0:
        return math.inf if p_value <= 0.0 else -math.inf
    return -_NORMAL.inv_cdf(p_value)


def significance(cls: ArrayLike) -> Floats:
    """The significance of CLs.

    Args:
        cls: CLs, any shape; a ratio from pseudo-experiments may fluctuate above 1.

    Returns:
        The same shape, within ``-LARGEST`` and ``LARGEST``; NaN where CLs is NaN or negative.
    """
    with LOADING:
        from scipy.special import ndtri  # noqa: PLC0415  (takes a fifth of a second to import)

    values = np.asarray(cls, dtype=np.float64)
    values = np.where(values >= 0, np.minimum(values, 1.0), np.nan)
    return np.asarray(np.clip(-ndtri(values), -LARGEST, LARGEST), dtype=np.float64)


def cls_of(significances: ArrayLike) -> Floats:
    """CLs of significances, the inverse of :func:`significance` within its limits.

    Args:
        significances: any shape, NaN allowed.

    Returns:
        The same shape.
    """
    with LOADING:
        from scipy.special import ndtr  # noqa: PLC0415  (as above)

    return np.asarray(ndtr(-np.asarray(significances, dtype=np.float64)), dtype=np.float64)
