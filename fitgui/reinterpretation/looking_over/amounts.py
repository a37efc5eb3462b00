"""Whether a signal has as many events as one would expect: units mixed up, a factor of a thousand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fitgui import words
from fitgui.reinterpretation.findings import note, severe
from fitgui.reinterpretation.model import Finding, Imported, Signal, Target
from fitgui.reinterpretation.target.grid import place
from fitgui.reinterpretation.target.shapes import flat, published

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgui.reinterpretation.target.shapes import Array

_THOUSANDS: Final = (1e3, 1e6)
"""What units of cross section and luminosity differ by."""
_PER_CENT: Final = 100.0
_ALL: Final = 1.001
"""So much of all events that are produced may pass, as numbers are rounded."""
_AROUND: Final = 3.0
"""What a thousandth or a thousandfold may differ by from published signals, and still be like them."""
_NEAREST: Final = 4
"""So many published signals tell what is expected at a point of the plane ..."""
_NEAR: Final = 0.15
"""... if the first is nearer than that, in parts of the range of the coordinates."""
_UNUSUAL: Final = 10.0
"""So many times the largest published signal, or a part of the smallest one, is worth a word."""
_ABSURD: Final = 100.0
"""So many times the largest published signal, or the data, is nothing that anybody would look for."""
_MUCH_IN_A_BIN: Final = 300.0
"""So many times the largest published signal of a bin, and more than any has in all, is a slip or a unit."""
_TOO_FEW: Final = 1.0 / 30.0
"""Such a part of the smallest published signal is nothing that anybody would look for, ..."""
_NONE: Final = 0.1
"""... if it is less than so many events, which no data can exclude."""
_OTHER_DATA: Final = 0.03
"""Luminosities that differ by less are the same: 139 and 140 /fb."""


@dataclass(frozen=True, slots=True)
class _Usual:
    """What published signals have, in the bins for which there are yields."""

    low: float
    high: float
    who: str


@dataclass(frozen=True, slots=True)
class _Bin:
    """The bin of a signal that has most for what is there."""

    text: str
    events: float
    over_data: float
    """Its events over data or background, whichever is more."""
    over_published: float
    """The same over the largest published signal there; infinite where none has any."""


def amount_findings(target: Target, signal: Signal, *, lonely: bool = True) -> Iterator[Finding]:
    """What is odd about the number of events.

    A signal a hundred times larger than any published one, or than the data, is severe, and so is a bin that
    is; so is one that no data could exclude, far smaller than any published one. What is less odd, and can be
    explained by units, is a warning.

    Args:
        target: with its data and its published signals.
        signal: of the right bins; channels without yields are left out of the comparison.
        lonely: whether this is the only point, or most are too small: in a scan some may well be.
    """
    events, there = flat(target, signal)
    total = float(np.clip(events, 0.0, None).sum())
    if not np.isfinite(total) or total <= 0.0:
        return
    usual = _usual(target, signal, there)
    largest = max((one.high for one in usual), default=math.inf)
    most = _largest_bin(target, events, there, largest)
    over = most.over_data
    if (
        total > _ABSURD * largest
        or (over > _ABSURD and (not usual or (total > largest and most.over_published > _UNUSUAL)))
        or (most.events > largest and _MUCH_IN_A_BIN < most.over_published < math.inf)
    ):
        alone = (
            usual
            and most.over_published > _UNUSUAL
            and 0.0 < total - most.events <= usual[0].high
            and not (len(usual) > 1 and _factors(total, usual[0]))
        )
        yield _one_bin(most, largest) if alone else _too_many(total, usual, over, most.text)
        return
    if lonely and is_too_small(target, signal):
        yield _too_few(total, usual)
        return
    for one in usual:
        if factors := _factors(total, one):
            factor = factors[0]
            much = f"{_times(factor)} too many" if factor > 1.0 else f"{_times(1.0 / factor)} too few"
            yield note("units", f"{_compared(total, one)}: about {much}, {_as_if(factors)}")
            return
    if total > _UNUSUAL * largest:
        yield note("magnitude", f"{_compared(total, usual[-1])}: are cross section and luminosity right?")


def is_too_small(target: Target, signal: Signal) -> bool:
    """Whether a signal has less than a tenth of an event, and far less than any published one.

    Args:
        target: with its published signals; without any, nothing is too small.
        signal: of the right bins.
    """
    events, there = flat(target, signal)
    total = float(np.clip(events, 0.0, None).sum())
    if not 0.0 < total < _NONE:
        return False
    smallest = min((one.low for one in _usual(target, signal, there)), default=0.0)
    return total < _TOO_FEW * smallest


def luminosity_finding(target: Target, luminosity_fb: float | None, source: str) -> Finding | None:
    """Whether numbers were made for the luminosity of the data.

    Args:
        target: with its luminosity, where it is known.
        luminosity_fb: that the numbers were made for, in 1/fb, where it is known.
        source: name of the file.

    Returns:
        A severe finding where they differ by more than three per cent.
    """
    own = target.luminosity_fb
    if own is None or luminosity_fb is None or not luminosity_fb > 0.0:
        return None
    ratio = luminosity_fb / own
    if abs(ratio - 1.0) <= _OTHER_DATA:
        return None
    said = f"{source} is made for a luminosity of {luminosity_fb:g} /fb, but the data are {own:g} /fb"
    for thousands in _THOUSANDS:
        for factor, unit in ((thousands, "1/pb"), (1.0 / thousands, "1/ab")):
            if abs(ratio / factor - 1.0) <= _OTHER_DATA:
                text = f"{said}: that is {_off(factor)}, as if {unit} had been taken for 1/fb"
                return severe("units", f"{text}; mend the luminosity, and scale the yields by it")
    scale = words.number(1.0 / ratio, 3)
    return severe(
        "luminosity",
        f"{said}: the yields would have to be scaled by {scale}, or are for another dataset",
    )


def share_findings(target: Target, signals: Sequence[Signal], imported: Imported) -> Iterator[Finding]:
    """Points of which more events pass than are produced, where a file of events tells the cross section.

    No event is in two bins of a workspace. Of efficiencies :func:`~.normalising.to_events` tells the same.

    Args:
        target: with its luminosity, where it is known.
        signals: made of the points of the file.
        imported: the file, in events.
    """
    luminosity = imported.luminosity_fb or target.luminosity_fb
    produced = {
        point.name: point.cross_section_fb * luminosity
        for point in imported.points
        if point.cross_section_fb is not None and luminosity is not None and point.cross_section_fb > 0.0
    }
    over = []
    for signal in signals:
        total = sum(value for events in signal.yields.values() for value in events if value > 0.0)
        if signal.name in produced and total > _ALL * produced[signal.name]:
            over.append((total / produced[signal.name], total, signal.name))
    if over:
        _, total, name = max(over)
        several = "" if len(over) == 1 else f" (and {words.count(len(over) - 1, 'more point')} like it)"
        yield severe(
            "units",
            f"The yields of {name} add up to {_events(total)} events{several}, but cross section times "
            f"luminosity is {_events(produced[name])}, so more pass than are produced: is the cross "
            "section right, are the yields for more data, or is an event in several regions?",
        )


def _as_if(factors: Sequence[float]) -> str:
    """What would explain that there are too many events by any of these factors, or too few."""
    if any(factor < 1.0 for factor in factors):
        return (
            "as if pb had been taken for fb, or efficiencies for events; check the units of cross section "
            "and luminosity"
        )
    ways = ["fb had been taken for pb"] if set(factors) != {_PER_CENT} else []
    ways += ["efficiencies in per cent had been taken as they are"] if _PER_CENT in factors else []
    return f"as if {', or '.join(ways)}; check the units of cross section and luminosity"


def _usual(target: Target, signal: Signal, there: npt.NDArray[np.bool_]) -> list[_Usual]:
    """What is expected: at the point of the plane first, if that is known, then anywhere."""
    known = published(target)
    totals = np.clip(known.yields[:, there], 0.0, None).sum(axis=1)
    some = totals > 0.0
    if not some.any():
        return []
    found = []
    where = place(known, signal)
    if where is not None:
        nearest = [row for row in np.argsort(where, kind="stable")[:_NEAREST] if some[row]]
        if nearest and where[nearest[0]] < _NEAR:
            name = known.names[int(nearest[0])]
            found.append(
                _Usual(totals[nearest].min(), totals[nearest].max(), f"published signals around {name} have")
            )
    found.append(_Usual(totals[some].min(), totals[some].max(), "published signals have"))
    return found


def _largest_bin(target: Target, events: Array, there: npt.NDArray[np.bool_], largest: float) -> _Bin:
    """The bin that has most over the data, one that has too much if there is any.

    Args:
        target: with data and published signals.
        events: of all bins, ``(m,)``.
        there: whether there are any, ``(m,)``.
        largest: the largest published signal, in all.
    """
    known = published(target).yields
    data = np.array(
        [
            max(pair)
            for channel in target.channels
            for pair in zip(channel.observed, channel.background, strict=True)
        ]
    )
    highest = known.max(axis=0) if len(known) else np.zeros(len(events))
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where(there & (events > 0.0), events / highest, 0.0)
    over_data = np.where(there, events / np.maximum(data, 1.0), 0.0)
    too_much = (over_data > _ABSURD) & (over > _UNUSUAL)
    too_much |= (events > largest) & (over > _MUCH_IN_A_BIN) & (over < math.inf)
    at = int(np.where(too_much, over_data, 0.0).argmax() if too_much.any() else over_data.argmax())
    text = target.text(list(target.bins())[at])
    return _Bin(text, float(events[at]), float(over_data[at]), float(over[at]))


def _factors(total: float, usual: _Usual) -> list[float]:
    """By what the total may be too large or too small, as far as units explain it, or then per cent."""
    if usual.low / _UNUSUAL <= total <= _UNUSUAL * usual.high:
        return []
    return [
        factor
        for factor in (*(each for size in _THOUSANDS for each in (size, 1.0 / size)), _PER_CENT)
        if usual.low / _AROUND <= total / factor <= usual.high * _AROUND
    ]


def _too_many(total: float, usual: list[_Usual], over: float, where: str) -> Finding:
    factors = next((found for one in usual if (found := _factors(total, one)) and found[0] > 1.0), [])
    text = f"The signal has {_events(total)} events in all"
    if over > _ABSURD:
        text += f", {_events(over)} times the data in {where}"
    if usual:
        text += f", while {_range(usual[0])}"
    if factors or not usual:
        code = "units" if factors else "magnitude"
        return severe(code, f"{text}: far too many, {_as_if(factors or _THOUSANDS)}")
    return severe("magnitude", f"{text}: far too many; check cross section, luminosity and their units")


def _one_bin(most: _Bin, largest: float) -> Finding:
    text = f"{most.text} has {_events(most.events)} events"
    if math.isfinite(most.over_published):
        text += f", {_events(most.over_published)} times the most that a published signal has there"
    else:
        text += f", while published signals have none there and {_events(largest)} in all at most"
    if most.over_data > _UNUSUAL:
        text += f", and {_events(most.over_data)} times the data"
    return severe(
        "magnitude", f"{text}: far too many for one bin; look for a slip in it, and mend or confirm it"
    )


def _too_few(total: float, usual: list[_Usual]) -> Finding:
    """What no data can exclude, so that an answer says nothing."""
    text = f"The signal has {_events(total)} events in all, while {_range(usual[0])}: no data can exclude it"
    factors = next((found for one in usual if (found := _factors(total, one)) and found[0] < 1.0), [])
    if factors:
        return severe(
            "units",
            f"{text}. Are these efficiencies (a file with their unit is scaled by cross section and "
            "luminosity), or has pb been taken for fb?",
        )
    return severe("units", f"{text}. Are these efficiencies, or is a unit wrong?")


def _compared(total: float, usual: _Usual) -> str:
    return f"The signal has {_events(total)} events in all, but {_range(usual)}"


def _range(usual: _Usual) -> str:
    low, high = _events(usual.low), _events(usual.high)
    return f"{usual.who} {low}" if low == high else f"{usual.who} {low} to {high}"


def _events(value: float) -> str:
    return f"{value:.0f}" if 99.5 <= value < 1e7 else words.number(value, 2)


def _times(factor: float) -> str:
    return f"{factor:.0f} times"


def _off(factor: float) -> str:
    return f"{factor:.0f} times as much" if factor > 1.0 else f"{1.0 / factor:.0f} times less"
