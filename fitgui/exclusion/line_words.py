"""What a line of limits says, in numbers and words: read out with the spacing of the points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fitgui.exclusion.line_limits import MEDIAN, LineLimits, Quantity
from fitgui.exclusion.line_ranges import Edge, ExcludedPart, excluded_ranges
from fitgui.exclusion.model import Floats

_BASES: Final[Mapping[Quantity, str]] = {
    "cls": "Where CLs crosses 0.05: between two points as a significance, as in the plane and in the report",
    "mu": "Where the upper limit on μ crosses 1, along the drawn curve",
    "sigma": "Where the upper limit on σ crosses the predicted cross section, along the drawn curve",
}
_EDGES: Final[Mapping[str, str]] = {"start": "lower", "stop": "upper"}


@dataclass(frozen=True, slots=True)
class ReadOut:
    """A number in large type, and what it means."""

    number: str
    """With its unit."""
    meaning: str
    kind: str
    """``observed`` or ``expected``."""
    basis: str = ""
    """From what the number was found, in one sentence; empty where nothing crosses."""


def read_outs(limits: LineLimits, cls: LineLimits | None = None) -> tuple[ReadOut, ...]:
    """What is excluded, observed and expected; nothing where no number can be trusted.

    Upper limits on mu and CLs exclude the same points, but between two points they are interpolated
    differently. One number is quoted everywhere: the one of CLs, as in the plane.

    Args:
        limits: what is drawn.
        cls: CLs along the same line, which are quoted where limits on mu are drawn. Of limits on a cross
            section it is the crossing with the prediction, of which CLs know nothing.
    """
    if limits.quantity == "mu" and cls is not None and cls.drawn.any():
        limits = cls
    if not limits.drawn.any():
        return ()
    return tuple(
        _read_out(limits, values, kind)
        for values, kind in ((limits.obs, "observed"), (limits.exp[:, MEDIAN], "expected"))
    )


def describe_read_outs(limits: LineLimits) -> str:
    """The same as one line of text."""
    return "; ".join(f"{found.number}: {found.meaning}" for found in read_outs(limits))


def _read_out(limits: LineLimits, values: Floats, kind: str) -> ReadOut:
    if limits.words:
        return _words(limits, values, kind)
    ranges, basis = excluded_ranges(limits, values), _BASES[limits.quantity]
    x = limits.positions[limits.drawn]
    span = f"{x[0]:g} to {_unit(f'{x[-1]:g}', limits)}" if x.size > 1 else _unit(f"{x[0]:g}", limits)
    if not ranges:
        return ReadOut("none excluded", f"{kind}, at {limits.label} of {span}", kind, basis)
    if len(ranges) == 1 and ranges[0].start.between is None and ranges[0].stop.between is None:
        return ReadOut("all excluded", f"{kind}, at {limits.label} of {span}", kind, basis)
    number = _unit(", ".join(_range(found) for found in ranges), limits)
    single = len(ranges) == 1 and ranges[0].start.between is None
    meaning = f"{kind} limit on {limits.label}" if single else f"{kind} exclusion of {limits.label}"
    shifted = _shifted(limits, kind, ranges[0]) if len(ranges) == 1 else ""
    edges = [edge for found in ranges for edge in (found.start, found.stop) if edge.between is not None]
    between = ", and ".join(
        f"between {edge.between[0]:g} and {edge.between[1]:g}" for edge in edges if edge.between
    )
    if ranges[-1].stop.between is None:
        between += f"; up to the last fitted point, {x[-1]:g}"
    exact = all(math.isfinite(edge.position) for edge in edges)
    known = "interpolated" if exact else "somewhere"
    return ReadOut(number, f"{meaning}{shifted}; {known} {between}", kind, basis)


def _shifted(limits: LineLimits, kind: str, central: ExcludedPart) -> str:
    """How far the number moves by one sigma, where that is a number, too."""
    if kind == "expected":
        moved = [excluded_ranges(limits, limits.exp[:, MEDIAN + step]) for step in (1, -1)]
        what = "±1σ"
    elif limits.theory is not None and limits.theory.uncertain:
        moved = [excluded_ranges(limits, limits.obs, -1), excluded_ranges(limits, limits.obs, 1)]
        what = "±1σ of the theory"
    else:
        return ""
    if any(len(ranges) != 1 for ranges in moved):
        return ""
    (less,), (more,) = moved
    texts: list[tuple[str, str]] = []
    for name in _EDGES:
        edges: list[Edge] = [getattr(found, name) for found in (less, central, more)]
        if all(edge.between is None for edge in edges):
            continue
        if not all(edge.between is not None and math.isfinite(edge.position) for edge in edges):
            return ""
        low, high = sorted((edges[0].position, edges[2].position))
        texts.append((name, f"{_rounded(low, edges[1])} to {_rounded(high, edges[1])}"))
    if len(texts) == 1:
        return f", {texts[0][1]} ({what})"
    edges_told = [f"{_EDGES[name]} edge {text}" for name, text in texts]
    return f", {', '.join(edges_told)} ({what})"


def _words(limits: LineLimits, values: Floats, kind: str) -> ReadOut:
    shown = limits.drawn
    below = shown & (values < limits.threshold(limits.positions))
    excluded = [limits.words[int(place)] for place in limits.positions[below]]
    names = f": {', '.join(excluded)}" if excluded else ""
    return ReadOut(f"{len(excluded)} of {int(shown.sum())}", f"excluded, {kind}{names}", kind)


def _range(found: ExcludedPart) -> str:
    start, stop = found.start, found.stop
    if start.between is None:
        return _position(stop)
    if stop.between is None:
        return f"above {_position(start)}"
    return f"{_position(start)} to {_position(stop)}"


def _position(edge: Edge) -> str:
    if edge.between is not None and not math.isfinite(edge.position):
        return f"{edge.between[0]:g}–{edge.between[1]:g}"
    return _rounded(edge.position, edge)


def _rounded(position: float, edge: Edge) -> str:
    """With the digits that points so far apart can give: about a tenth of their distance."""
    if edge.between is None:
        return f"{position:g}"
    digits = math.floor(math.log10((edge.between[1] - edge.between[0]) / 5.0))
    return f"{round(position, -digits):.{max(0, -digits)}f}"


def _unit(text: str, limits: LineLimits) -> str:
    return f"{text} {limits.unit}" if limits.unit else text
