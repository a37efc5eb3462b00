"""What the plane can be coloured by, and what can be written at its points: a number of every result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from fitgui import words
from fitgui.exclusion.significance import THRESHOLD, significance_of
from fitgui.gui.appearance import format_limit, format_seconds
from fitgui_backends.results import EXCLUSION_CLS, FitResult, UpperLimits

LEVELS = 64
MOST_SIGNIFICANT = 40.0
"""Stands for the significance of a CLs that is too small for a float."""
SHORT = 1e-3
"""CLs below have one digit at a point: they are far from what excludes."""
SMALLEST = 1e-4
"""Where a logarithmic scale that follows its values ends: a tenth of a millisecond."""
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 5
"""About as many of a scale that follows its values."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of every result, and its scale."""

    short: str
    """A few words, for a choice."""
    title: str
    """Beside the scale, with the unit where there is one."""
    explanation: str
    pick: Callable[[FitResult], float | None]
    """The number; infinity is above every scale, ``None`` where the result does not have it."""
    lowest: float
    highest: float
    """Values beyond either end share the colour of that end."""
    ticks: tuple[float, ...]
    threshold: float | None
    """Where the signal is just excluded; one of the ticks."""
    bounded: bool = False
    """Values end where mu does, and those beyond have a colour of their own."""
    logarithmic: bool = True
    """For what is near the threshold decides."""
    follows: bool = False
    """Whether the scale spans the values that there are, as :meth:`spanning` makes it."""
    write: Callable[[float], str] = "{:.2g}".format
    """The number at a point, as short as can be."""

    def fraction(self, value: float) -> float:
        """Position of a value along the bar, 0 to 1."""
        bounded = min(max(value, self.lowest), self.highest)
        if self.logarithmic:
            return math.log(bounded / self.lowest) / math.log(self.highest / self.lowest)
        return (bounded - self.lowest) / (self.highest - self.lowest)

    def tick_label(self, tick: float, bound: float | None) -> str:
        """A tick in words; at an end of the scale also what shares its colour.

        Args:
            tick: one of :attr:`ticks`.
            bound: the largest signal strength.
        """
        if self.follows:
            return f"{tick:.4g}"
        if tick == self.lowest:
            return f"≤ {tick:.4g}"
        capped = self.bounded and (bound is None or bound > tick)
        more = tick == self.highest and (capped or not self.logarithmic)
        return f"≥ {tick:.4g}" if more else f"{tick:.4g}"

    def level(self, value: float) -> int:
        """Index of the colour of a value."""
        return round(self.fraction(value) * (LEVELS - 1))

    def text(self, value: float, bound: float | None) -> str:
        """The number at a point."""
        return format_limit(None, bound) if value == math.inf else self.write(value)

    def spanning(self, low: float, high: float) -> Quantity:
        """The same with a scale that holds both values and ends at round numbers."""
        if not self.follows or not (math.isfinite(low) and math.isfinite(high)):
            return self
        low, high = (max(low, SMALLEST), max(high, SMALLEST)) if self.logarithmic else (low, high)
        ticks = _decades(low, high) if self.logarithmic else _steps(low, high)
        return replace(self, lowest=ticks[0], highest=ticks[-1], ticks=ticks)


def _limit(which: Callable[[UpperLimits], float | None]) -> Callable[[FitResult], float | None]:
    def pick(result: FitResult) -> float | None:
        if result.limits is None:
            return None
        value = which(result.limits)
        return math.inf if value is None else value

    return pick


def _p_value(value: float) -> str:
    return f"{value:.2f}" if value >= 0.095 else f"{value:.1g}"


def _cls_text(value: float) -> str:
    return f"{value:.1g}" if value < SHORT else words.beside(value, EXCLUSION_CLS)


def _cls(short: str, explanation: str, pick: Callable[[FitResult], float | None]) -> Quantity:
    return Quantity(
        short,
        short,
        f"{explanation} Below 0.05 the signal is excluded at 95 % CL.",
        pick,
        1e-3,
        1.0,
        (0.001, 0.01, EXCLUSION_CLS, 0.1, 1.0),
        EXCLUSION_CLS,
        write=_cls_text,
    )


def _strength(short: str, which: str, pick: Callable[[FitResult], float | None]) -> Quantity:
    return Quantity(
        f"μ limit {short}",
        f"95 % CL upper limit on μ, {short}",
        f"{which} upper limit on the signal strength μ at 95 % CL. Below 1 the signal is excluded.",
        pick,
        0.1,
        10.0,
        (0.1, 0.3, 1.0, 3.0, 10.0),
        1.0,
        bounded=True,
        write=lambda value: words.beside(value, 1.0),
    )


def _deviations(short: str, which: str, pick: Callable[[FitResult], float]) -> Quantity:
    return Quantity(
        f"Significance {short}",
        f"Significance of the exclusion [σ], {short}",
        f"{which} CLs as standard deviations of a normal distribution: above 1.645 the signal is excluded at "
        "95 % CL. Contours are interpolated in it.",
        lambda result: min(max(significance_of(pick(result)), -MOST_SIGNIFICANT), MOST_SIGNIFICANT),
        0.0,
        5.0,
        (0.0, 1.0, THRESHOLD, 3.0, 4.0, 5.0),
        THRESHOLD,
        logarithmic=False,
        write=lambda value: words.beside(value, THRESHOLD, decimals=1),
    )


CLS = _cls("CLs observed", "CLs observed at the tested μ, which is 1.", lambda result: result.cls_obs)
LIMIT = _strength("observed", "Observed", _limit(lambda limits: limits.obs))
QUANTITIES = (
    CLS,
    LIMIT,
    _cls("CLs expected", "Median expected CLs if there is no signal.", lambda result: result.cls_exp[2]),
    _strength("expected", "Median expected", _limit(lambda limits: limits.exp[2])),
    _deviations("observed", "Observed", lambda result: result.cls_obs),
    _deviations("expected", "Median expected", lambda result: result.cls_exp[2]),
    Quantity(
        "mu-hat",
        "Best-fit signal strength mu-hat",
        "Best-fit signal strength of the free fit; no unit: 1 is the published signal.",
        lambda result: result.mu_hat,
        -1.0,
        2.0,
        (-1.0, 0.0, 1.0, 2.0),
        None,
        logarithmic=False,
        follows=True,
        write="{:z.2f}".format,
    ),
    Quantity(
        "p₀ observed",
        "p₀ observed",
        "Observed p-value of the background-only hypothesis (q0).",
        lambda result: None if result.discovery is None else result.discovery.p0_obs,
        1e-3,
        1.0,
        (0.001, 0.01, 0.1, 1.0),
        None,
        write=_p_value,
    ),
    _cls(
        "CLs toys",
        "Observed CLs from pseudo-experiments.",
        lambda result: None if result.toys is None else result.toys.cls_obs,
    ),
    _cls(
        "CLs, rates ≥\N{NO-BREAK SPACE}0",
        "Observed CLs with the rate of every sample restricted to zero or above.",
        lambda result: None if result.non_negative is None else result.non_negative.cls_obs,
    ),
    Quantity(
        "Fit time",
        "Time of the fits on one core [s]",
        "Seconds that one core spent on the fits of this point.",
        lambda result: result.seconds.fit,
        0.01,
        1.0,
        (0.01, 0.1, 1.0),
        None,
        follows=True,
        write=format_seconds,
    ),
)
"""The first is what a plane shows at first."""


def offered(results: Iterable[FitResult]) -> tuple[Quantity, ...]:
    """The quantities that any of these results has, in their order."""
    left, found = list(QUANTITIES), set[str]()
    for result in results:
        here = {quantity.short for quantity in left if quantity.pick(result) is not None}
        found |= here
        left = [quantity for quantity in left if quantity.short not in here]
        if not left:
            break
    return tuple(quantity for quantity in QUANTITIES if quantity.short in found)


def _steps(low: float, high: float) -> tuple[float, ...]:
    """Round numbers from below ``low`` to above ``high``."""
    span = max(high - low, 1e-9, 1e-6 * abs(low))
    power = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(power * nice for nice in NICE_STEPS if power * nice >= span / TICKS * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(step * number, 12) for number in range(first, max(last, first + 1) + 1))


def _decades(low: float, high: float) -> tuple[float, ...]:
    """1, 2, 5 and their decades from below ``low`` to above ``high``; decades alone where they are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks = [
        mantissa * 10.0**power for power in range(first, max(last, first + 1) + 1) for mantissa in (1, 2, 5)
    ]
    below = [tick for tick in ticks if tick <= low * (1 + 1e-9)][-1:] or ticks[:1]
    above = [tick for tick in ticks if tick >= high * (1 - 1e-9)][:1] or ticks[-1:]
    inside = [tick for tick in ticks if below[0] <= tick <= max(above[0], below[0])]
    if len(inside) < 2:
        inside = [below[0], next(tick for tick in ticks if tick > below[0])]
    if len(inside) > TICKS + 2:
        ends = (inside[0], inside[-1])
        inside = [tick for tick in inside if tick in ends or math.log10(tick) % 1 < 1e-9]
    return tuple(float(f"{tick:.3g}") for tick in inside)
