"""The colours of the points of a plane, and the bar that explains them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from fitgui.exclusion.model import Floats
from fitgui.figures.style import Look
from fitgui.figures.ticks import written
from fitgui_backends.levels import EXCLUSION_CLS

if TYPE_CHECKING:
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Normalize


@dataclass(frozen=True, slots=True)
class ColourScale:
    """A scale that stays as it is, whatever the values: the threshold has the same colour in each figure."""

    ticks: tuple[float, ...]
    """In their order; the first and the last are its ends."""
    threshold: float | None = None
    """Where the signal is just excluded; one of the ticks."""
    logarithmic: bool = True


OF_CLS: Final = ColourScale((0.001, 0.01, EXCLUSION_CLS, 0.1, 1.0), EXCLUSION_CLS)
OF_LIMIT: Final = ColourScale((0.1, 0.3, 1.0, 3.0, 10.0), 1.0)


def norm_of(scale: ColourScale | None, low: float, high: float, *, logarithmic: bool) -> Normalize:
    """From values to 0 to 1.

    Args:
        scale: ``None`` spans the values.
        low: the smallest value.
        high: the largest value.
        logarithmic: where there is no scale.
    """
    from matplotlib.colors import LogNorm, Normalize  # noqa: PLC0415

    if scale is not None:
        low, high, logarithmic = scale.ticks[0], scale.ticks[-1], scale.logarithmic
    elif logarithmic and high > 0:
        low = max(low, 1e-4 * high)
    return LogNorm(low, high) if logarithmic and high > 0 else Normalize(low, high)


def coloured(norm: Normalize, values: Floats) -> Floats:
    """Values with a colour each: a logarithmic scale would take a CLs of zero for no number."""
    from matplotlib.colors import LogNorm  # noqa: PLC0415

    return np.maximum(values, 0.99 * norm.vmin) if isinstance(norm, LogNorm) and norm.vmin else values


def beyond(norm: Normalize, low: float, high: float) -> Literal["neither", "both", "min", "max"]:
    """At which ends there are values beyond it."""
    below = norm.vmin is not None and low < norm.vmin
    above = norm.vmax is not None and high > norm.vmax
    return "both" if below and above else "min" if below else "max" if above else "neither"


def put_ticks(bar: Colorbar, scale: ColourScale | None, look: Look) -> None:
    """Round numbers, written out; the threshold is marked across the bar, and bold."""
    from matplotlib.ticker import NullLocator  # noqa: PLC0415

    if scale is None:
        return
    bar.set_ticks(list(scale.ticks), labels=[written(tick) for tick in scale.ticks])
    bar.ax.yaxis.set_minor_locator(NullLocator())
    if scale.threshold is None:
        return
    bar.ax.axhline(scale.threshold, color="white", linewidth=1.6 * look.line, gid="threshold")
    for tick, label in zip(scale.ticks, bar.ax.get_yticklabels(), strict=False):
        if math.isclose(tick, scale.threshold):
            label.set_fontweight("bold")
