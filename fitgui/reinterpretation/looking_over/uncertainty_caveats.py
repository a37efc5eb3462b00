"""What the uncertainties of a signal leave open: none given, in some bins only, or without effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from fitgui import words
from fitgui.reinterpretation.findings import few, note
from fitgui.reinterpretation.model import BinRef, Finding, Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.target.layout import layout_of
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.target.shapes import published

_MATTERS: Final = 0.1
"""Of the sensitivity: bins with less do not decide."""
_IMPRECISE: Final = 0.3
"""Of the yield, as its statistical uncertainty."""
_FEW_SIMULATED: Final = 10.0
_SAMPLED: Final = 12
"""So many published signals tell how large their uncertainties are."""
_CROSS_SECTION: Final = re.compile(r"x-?sec|cross[ _-]?section", re.IGNORECASE)


def uncertainty_caveats(
    target: Target,
    signal: Signal,
    treatments: Mapping[str, Treatment] | None,
    weights: Mapping[BinRef, float],
) -> Iterator[Finding]:
    """What should be known of uncertainties.

    Args:
        target: the analysis.
        signal: of the right bins; of one with a patch, which is used as it is, only what is simulated counts.
        treatments: channels that are left out of the fit are not looked at.
        weights: what part of the sensitivity each bin has.
    """
    if signal.patch is None:
        yield from _no_uncertainty(target, signal)
        yield from _partly_given(target, signal, treatments or {})
        yield from _of_cross_section(signal)
    yield from _few_simulated(target, signal, weights)


def fixed_luminosity(target: Target, signal: Signal) -> Iterator[Finding]:
    """Say where the uncertainty of the luminosity is meant to be in the fit, and has no effect."""
    layout = layout_of(target.analysis, target.measurement)
    if target.lumi and signal.with_luminosity and signal.patch is None and layout.is_fixed(target.lumi):
        yield note(
            "fixed",
            "The workspace keeps its luminosity fixed, so the uncertainty of the luminosity changes nothing: "
            "not for your signal, and not for published ones.",
        )


def _no_uncertainty(target: Target, signal: Signal) -> Iterator[Finding]:
    systematic, statistical = _typical(target)
    lacking = []
    if not any(any(map(any, (*one.up.values(), *one.down.values()))) for one in signal.systematics):
        lacking.append(("systematic", systematic))
    if not any(map(any, signal.statistical.values())):
        lacking.append(("statistical", statistical))
    if not lacking:
        return
    typical = " and ".join(f"{percent(size)} {kind}" for kind, size in lacking if size > 0.0)
    known = f"; published signals of this analysis have about {typical}" if typical else ""
    yield note(
        "no-uncertainty",
        f"No {' and no '.join(kind for kind, _ in lacking)} uncertainty of the signal is given, which makes "
        f"the limit a little too strong{known}.",
    )


def _partly_given(target: Target, signal: Signal, treatments: Mapping[str, Treatment]) -> Iterator[Finding]:
    """Bins of signal regions with events and without a statistical uncertainty, where others have one."""
    if not any(map(any, signal.statistical.values())):
        return
    lacking = [
        BinRef(channel.name, number)
        for channel in target.channels
        if channel.is_signal and treatments.get(channel.name) is not Treatment.DROP
        for number, events in enumerate(signal.yields.get(channel.name, ()))
        if events > 0.0 and not _number(signal.statistical, BinRef(channel.name, number))
    ]
    if lacking:
        yield note(
            "no-uncertainty",
            f"No statistical uncertainty is given in {few(map(target.text, lacking))}, and other bins have "
            "one: it counts as none there; give it, too.",
        )


def _of_cross_section(signal: Signal) -> Iterator[Finding]:
    found = [one.name for one in signal.systematics if _CROSS_SECTION.search(one.name)]
    if found:
        yield note(
            "cross-section",
            f"The uncertainty of the cross section ({few(found)}) is in the fit, like all others: published "
            "exclusions mostly leave it out, and show besides what becomes of them at plus and minus one "
            "sigma; leave it out to compare with them.",
        )


def _few_simulated(target: Target, signal: Signal, weights: Mapping[BinRef, float]) -> Iterator[Finding]:
    yield from _none_simulated(target, signal, weights)
    found = []
    for at, weight in weights.items():
        value = signal.yields[at.channel][at.bin]
        error = _number(signal.statistical, at)
        events = _number(signal.simulated, at)
        relative = error / value if error is not None and value > 0.0 else 0.0
        if events is not None and 0.0 < events < _FEW_SIMULATED:
            relative = max(relative, events**-0.5)
        if weight >= _MATTERS and relative > _IMPRECISE:
            found.append((relative, at))
    if found:
        relative, at = max(found, key=lambda pair: pair[0])
        others = "" if len(found) == 1 else f", and {words.count(len(found) - 1, 'other bin')} like it"
        yield note(
            "few-simulated",
            f"Few simulated events are left in {target.text(at)}{others}: the yield there is known to "
            f"{percent(relative)} only; simulate more.",
        )


def _none_simulated(target: Target, signal: Signal, weights: Mapping[BinRef, float]) -> Iterator[Finding]:
    """Bins in which no simulated event is left: their yield is known to about the weight of one."""
    known = [
        (events, count)
        for name, counts in signal.simulated.items()
        for events, count in zip(signal.yields.get(name, ()), counts, strict=False)
        if events > 0.0 and count > 0.0
    ]
    if not known:
        return
    weight = sum(events for events, _ in known) / sum(count for _, count in known)
    total = sum(
        _evidence(signal.yields[at.channel][at.bin], target.channel(at.channel).background[at.bin])
        for at in weights
    )
    empty = [
        BinRef(channel.name, number)
        for channel in target.channels
        if channel.is_signal and channel.name in signal.simulated
        for number, count in enumerate(signal.simulated[channel.name])
        if count == 0.0
        and signal.yields.get(channel.name, (1.0,) * channel.bins)[number] == 0.0
        and _evidence(weight, channel.background[number]) > _MATTERS * total
    ]
    if empty:
        yield note(
            "few-simulated",
            f"No simulated event is left in {few(map(target.text, empty))}: instead of 0 the yield may be as "
            f"much as one weighs, about {words.number(weight, 2)}, and that would matter; simulate more.",
        )


def _evidence(events: float, background: float) -> float:
    return events / (1.0 + max(background, 0.0) / events) if events > 0.0 else 0.0


def _typical(target: Target) -> tuple[float, float]:
    """Systematic and statistical uncertainty of published signals, in parts of their signal region yields."""
    known = published(target)
    key = "typical uncertainty"
    if key not in known.derived:
        known.derived[key] = _typical_now(target)
    found: tuple[float, float] = known.derived[key]
    return found


def _typical_now(target: Target) -> tuple[float, float]:
    points = target.analysis.points
    names = [channel.name for channel in target.channels if channel.is_signal]
    found = []
    for point in points[:: max(1, -(-len(points) // _SAMPLED))]:
        try:
            signal = signal_of_point(target, point)
        except SignalError:
            continue
        total = sum(sum(signal.yields.get(name, ())) for name in names)
        if total > 0.0:
            # A parameter moves all bins together, different ones are independent.
            moved = [
                sum(sum(side.get(name, ())) for name in names) / total
                for one in signal.systematics
                for side in (one.up, one.down)
            ]
            errors = [error for name in names for error in signal.statistical.get(name, ())]
            found.append(((np.square(moved).sum() / 2.0) ** 0.5, float(np.linalg.norm(errors)) / total))
    if not found:
        return 0.0, 0.0
    systematic, statistical = np.median(np.array(found), axis=0)
    return float(systematic), float(statistical)


def _number(numbers: Mapping[str, tuple[float, ...]], at: BinRef) -> float | None:
    events = numbers.get(at.channel, ())
    return events[at.bin] if at.bin < len(events) else None


def percent(part: float) -> str:
    """A part in per cent, as short as it may be."""
    return f"{100.0 * part:.2g} %" if part < 0.995 else f"{100.0 * part:.0f} %"
