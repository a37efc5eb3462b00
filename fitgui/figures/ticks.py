"""Numbers on logarithmic axes: written out, and as many as there is room for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis

_FEW_DECADES = 1.6
_WRITTEN_OUT = (1e-3, 1e5)


def plain_log_ticks(axis: Axis, *, most: float | None = None) -> None:
    """Label powers of ten, and where there are few of them 2 and 5 as well; once the limits are set.

    Args:
        axis: logarithmic.
        most: nothing larger is labelled.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415

    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low) if low > 0 else 10.0
    labelled = (1.0, 2.0, 5.0) if decades < _FEW_DECADES else (1.0,)
    axis.set_major_locator(LogLocator(base=10.0, subs=labelled))
    between = tuple(map(float, range(1, 10)))
    axis.set_minor_locator(LogLocator(base=10.0, subs=between, numticks=99))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: written(value) if most is None or value <= 1.001 * most else "")
    )
    axis.set_minor_formatter(NullFormatter())


def written(value: float) -> str:
    """``0.05``, ``200``, and beyond that ``10⁻⁵`` as mathematics."""
    least, most = _WRITTEN_OUT
    if least <= value < most:
        return f"{value:g}"
    power = math.floor(math.log10(value) + 1e-9) if value > 0 else 0
    digit = value / 10.0**power
    front = "" if abs(digit - 1.0) < 1e-6 else rf"{digit:g}\times"
    return rf"${front}10^{{{power}}}$"
