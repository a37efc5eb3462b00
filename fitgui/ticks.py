"""Where a logarithmic axis has its ticks, and how they are written: few enough to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7), tuple(range(1, 10)))
"""Within a decade, from few to many."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Of one axis."""

    labelled: tuple[float, ...]
    """Values with a number beside them."""
    plain: tuple[float, ...]
    """Values without."""


def log_ticks(low: float, high: float, room: int) -> Ticks:
    """Ticks from ``low`` to ``high``.

    Args:
        low: above 0.
        high: above ``low``.
        room: how many numbers the axis has place for; at least two are asked for.
    """
    room = max(room, 2)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    inside = [value for value in _within(first, last, range(1, 10)) if _between(value, low, high)]
    choices = [[v for v in _within(first, last, steps) if _between(v, low, high)] for steps in STEPS]
    if 4 <= len(choices[0]) <= room:
        choices = choices[:1]  # over several decades powers of ten are read most easily
    telling = [labels for labels in choices if len(labels) >= 2]
    fitting = [labels for labels in telling if len(labels) <= room]
    if not fitting and telling and len(telling[0]) <= room + 1:
        fitting = telling[:1]  # a little close is better than one number alone, which tells no distance
    if not fitting and len(choices[0]) > room:
        stride = math.ceil((last - first + 1) / room)
        decades = [10.0**power for power in range(first, last + 1) if power % stride == 0]
        labels = [value for value in decades if _between(value, low, high)]
        minor = [10.0**power for power in range(first, last + 1) if _between(10.0**power, low, high)]
        return Ticks(tuple(labels), tuple(value for value in minor if value not in labels))
    labels = fitting[-1] if fitting else _evenly(low, high, room)
    return Ticks(tuple(labels), tuple(value for value in inside if value not in labels))


def tick_text(value: float, *, powers: bool) -> str:
    """A value on a logarithmic axis: ``0.2``, or ``10⁻⁵`` where all are powers of ten, or ``2×10⁻⁵``."""
    exponent = math.floor(math.log10(value) + 1e-9)
    power = "10" + str(exponent).translate(SUPERSCRIPTS)
    if powers:
        return power
    if exponent < -4 or exponent > 5:
        return f"{value / 10.0**exponent:.6g}×{power}"
    return f"{value:.6g}"


def powers_only(values: Sequence[float]) -> bool:
    """Whether to write values as powers of ten: all of them are some, and one is very small or large."""
    exponents = [math.log10(value) for value in values]
    whole = all(abs(exponent - round(exponent)) < 1e-6 for exponent in exponents)
    return whole and any(exponent < -3.5 or exponent > 4.5 for exponent in exponents)


def _within(first: int, last: int, steps: tuple[int, ...] | range) -> list[float]:
    return [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]


def _between(value: float, low: float, high: float) -> bool:
    return low * (1.0 - 1e-9) <= value <= high * (1.0 + 1e-9)


def _evenly(low: float, high: float, room: int) -> list[float]:
    """Round values at equal distances, for an axis that is shorter than from one digit to the next."""
    raw = (high - low) / room
    scale = 10.0 ** math.floor(math.log10(raw))
    steps = [scale * factor for factor in (10, 5, 2.5, 2, 1, 0.5, 0.25, 0.2, 0.1)]
    found: list[float] = []
    for step in steps[max(place for place, step in enumerate(steps) if step >= raw * (1 - 1e-9)) :]:
        start = math.ceil(low / step * (1 - 1e-12))
        values = [float(f"{number * step:.12g}") for number in range(start, start + room + 2)]
        found = [value for value in values if value > 0 and _between(value, low, high)]
        if len(found) >= 2:
            break
    return found
