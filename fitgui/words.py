"""Numbers, times and states as people read them; never a control character, never a bare NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fitgui_backends.contract import TaskState

ICONS = {
    TaskState.QUEUED: "·",
    TaskState.RUNNING: "▸",
    TaskState.DONE: "✓",
    TaskState.FAILED: "✗",
    TaskState.CANCELLED: "–",
}
STYLES = {
    TaskState.QUEUED: "dim",
    TaskState.RUNNING: "cyan",
    TaskState.DONE: "green",
    TaskState.FAILED: "red",
    TaskState.CANCELLED: "yellow",
}


def duration(seconds: float) -> str:
    """``25 ms``, ``0.4 s``, ``12 s``, ``3 min 20 s``, ``1 h 05 min``."""
    if 0.0 < seconds < 0.0995:
        return f"{max(1, round(1000 * seconds))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def speed(points_per_second: float | None) -> str:
    """``12 points/s``, ``4.2 points/min``; empty where it is not known."""
    if points_per_second is None:
        return ""
    for unit, scale in (("s", 1), ("min", 60), ("h", 3600)):
        value = points_per_second * scale
        if value >= 0.995 or unit == "h":
            return f"{value:.{0 if value >= 9.95 else 1}f} points/{unit}"
    raise AssertionError


def size(number_of_bytes: int) -> str:
    """``340 B``, ``92 kB``, ``2.6 MB``, ``1.1 GB``: in powers of 1000, as file managers show it."""
    value, unit = float(number_of_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000.0, larger
    return f"{value:.{1 if value < 9.95 and unit not in ('B', 'kB') else 0}f} {unit}"


def percent(part: float) -> str:
    """A part of one: ``30 %``, rounded down, so that nothing looks finished before it is."""
    return f"{int(100 * part + 1e-9)} %"


def number(value: float | None, digits: int = 4) -> str:
    """``0.3099``, ``1.2e-05``; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}g}"


def with_error(value: float | None, error: float | None) -> str:
    """A measured number, rounded where its error has two digits: ``0.039 ± 0.019``."""
    if value is None or not math.isfinite(value):
        return number(None)
    if error is None or not math.isfinite(error) or error <= 0.0:
        return number(value) if error is None else f"{number(value)} ± {number(error, 2)}"
    decimals = max(0, 1 - math.floor(math.log10(float(f"{error:.1e}"))))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def coordinates(values: Mapping[str, float | str]) -> str:
    """``m1 = 300, m2 = 150``."""
    return ", ".join(f"{label} = {coordinate(value)}" for label, value in values.items())


def coordinate(value: float | str) -> str:
    """A mass is mostly a whole number: ``300``."""
    return value if isinstance(value, str) else f"{value:.10g}"


def count(number_of: int, noun: str) -> str:
    """``1 point``, ``12 points``; ``analysis`` and its like in their own plural."""
    plural = noun[:-2] + "es" if noun.endswith("sis") else noun + "s"
    return f"{number_of} {noun if number_of == 1 else plural}"


def beside(value: float, threshold: float, *, decimals: int | None = None) -> str:
    """A number that is compared with a threshold, as short as it may be: rounding never takes it across.

    Two significant digits where they are enough: ``0.048``, ``0.25``, but ``0.0497`` beside 0.05, ``1.02``
    beside 1, and ``<1`` where four are not enough.

    Args:
        value: finite.
        threshold: what is just on it is on neither side.
        decimals: how many, instead of significant digits.
    """

    def side(number_: float) -> int:
        return (number_ > threshold) - (number_ < threshold)

    for more in range(3):
        text = f"{value:.{2 + more}g}" if decimals is None else f"{value:z.{decimals + more}f}"
        if decimals is None and 99.5 <= abs(value) < 1e6:
            text = f"{value:.0f}"
        if side(float(text)) == side(value):
            return text
    return f"{('', '>', '<')[side(value)]}{threshold:.4g}"


def capital(sentence: str) -> str:
    """The sentence with a capital at its start; a name such as ``hepdata.90607`` there stays as it is."""
    first = sentence.partition(" ")[0].rstrip(".,;:")
    if any(letter.isdigit() or letter in "._/\\@" for letter in first):
        return sentence
    return sentence[:1].upper() + sentence[1:]
