"""What is wrong with the numbers of a signal by themselves: no numbers, negative ones, too few of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fitgui import words
from fitgui.reinterpretation.findings import few, note, severe
from fitgui.reinterpretation.model import BinRef, Events, Finding, Signal, Target, Treatment

_FLUCTUATION: Final = 2.0
"""A bin that is below zero by fewer statistical standard deviations may be zero."""
_UNCERTAIN: Final = 1.5
"""So many times the yield is more than the last simulated event of a bin explains."""
_TELLING: Final = 2
"""So many bins tell whether uncertainties are parts of yields, which differ by so much: """
_UNLIKE: Final = 1.2
_ALIKE: Final = 1.5
"""Uncertainties that differ by less than this factor are alike ..."""
_SMALL: Final = 0.1
"""... and looked at where they are less than this part of the yields."""
_CHANGED: Final = 5.0
"""So many times the yield no systematic uncertainty moves it; published ones do twice, in small bins."""


def shape_findings(target: Target, signal: Signal) -> Iterator[Finding]:
    """Channels that are not there, wrong numbers of bins, and what is no number.

    All severe: after any of them nothing else can be said.
    """
    sizes = {channel.name: channel.bins for channel in target.channels}
    strange = [name for name in signal.yields if name not in sizes]
    if strange:
        yield severe(
            "bins",
            f"{few(strange)}: {target.analysis.name} of {target.pallet} has no such "
            f"{'channel' if len(strange) == 1 else 'channels'} ({few(list(sizes))}).",
        )
    for name, bins in sizes.items():
        for what, events in _numbers_of(signal, name):
            if len(events) != bins:
                yield severe(
                    "bins",
                    f"{name} has {words.count(bins, 'bin')}, but {words.count(len(events), 'number')} "
                    f"for {what}: give one for each bin.",
                )
            elif not all(map(math.isfinite, events)):
                bad = [BinRef(name, i) for i, value in enumerate(events) if not math.isfinite(value)]
                yield severe(
                    "not-a-number",
                    f"No number for {what} in {_bins(target, bad)}: give one, 0 where nothing is expected.",
                )


def value_findings(target: Target, signal: Signal) -> Iterator[Finding]:
    """Yields and uncertainties that cannot be, of a signal with the right bins."""
    yield from _negative(target, signal)
    below = [place for place, _, error in _bins_of(target, signal, signal.statistical) if error < 0.0]
    if below:
        yield severe(
            "negative-uncertainty",
            f"The statistical uncertainty in {_bins(target, below)} is negative: give its size, without "
            "a sign.",
        )
    wide = [
        place
        for place, value, error in _bins_of(target, signal, signal.statistical)
        if error > _UNCERTAIN * abs(value) and error > 0.0 and value > 0.0
    ]
    if wide:
        yield note(
            "large-uncertainty",
            f"The statistical uncertainty in {_bins(target, wide)} is larger than the yield: uncertainties "
            "are in events, not in per cent; if they are right, simulate more events.",
        )
    for one in signal.systematics:
        far = {
            place: None
            for changes in (one.up, one.down)
            for place, value, change in _bins_of(target, signal, changes)
            if abs(change) > _CHANGED * abs(value) and value > 0.0 and abs(change) > 1.0
        }
        if far:
            yield note(
                "large-uncertainty",
                f"The uncertainty {one.name} changes the yield in {_bins(target, list(far))} to many times "
                "what it is: uncertainties are in events, not in per cent.",
            )


def idle_findings(target: Target, signal: Signal, treatments: Mapping[str, Treatment]) -> Iterator[Finding]:
    """Uncertainties that change nothing, as there are no events that they could belong to."""
    if signal.patch is not None:
        return
    empty = [
        place
        for place, value, error in _bins_of(target, signal, signal.statistical)
        if error > 0.0 and value == 0.0
    ]
    if empty:
        yield note(
            "no-effect",
            f"There is a statistical uncertainty in {_bins(target, empty)}, but no events, so it has next to "
            "no effect: give a yield with it, such as the weight of one simulated event.",
        )
    given = {
        name
        for numbers in (
            signal.statistical,
            *(side for one in signal.systematics for side in (one.up, one.down)),
        )
        for name, events in numbers.items()
        if any(events)
    }
    without = [
        channel.name
        for channel in target.channels
        if channel.name in given
        and channel.name not in {*signal.yields, *_missing(target, signal, treatments)}
    ]
    if without:
        yield note(
            "no-effect",
            f"There are uncertainties for {few(without)}, but no yields, so they are not used: give the "
            "yields, too.",
        )


def fraction_findings(target: Target, signal: Signal) -> Iterator[Finding]:
    """Uncertainties that may be parts of the yields, where they are taken for events.

    Those of events grow with the yields, at least as their square root does. Where they do not, and all of
    them are small beside yields of more than one event, they look like parts.
    """
    if signal.patch is not None:
        return
    given = [
        [(value, abs(error)) for _, value, error in _bins_of(target, signal, numbers) if error != 0.0]
        for numbers in (signal.statistical, *(one.up for one in signal.systematics))
    ]
    if (some := [pairs for pairs in given if pairs]) and all(map(_are_alike, some)):
        yield note(
            "fractions",
            "All uncertainties are below one event, and much alike in all bins, while the yields are not: "
            "uncertainties are in events; write them as 10% if they are parts of the yields.",
        )


def _are_alike(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether one uncertainty is much the same in bins of different yields: (yield, uncertainty) pairs."""
    if len(pairs) < _TELLING:
        return False
    values, errors = zip(*pairs, strict=True)
    if min(values) < 1.0 or max(errors) >= 1.0 or max(values) < _UNLIKE * min(values):
        return False
    small = max(error / value for value, error in pairs) < _SMALL
    return small and max(errors) / min(errors) < min(_ALIKE, math.sqrt(max(values) / min(values)))


def missing_findings(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment]
) -> Iterator[Finding]:
    """Signal regions without yields of which nobody said what becomes of them, and signals of nothing."""
    missing = _missing(target, signal, treatments)
    if missing and signal.patch is None:
        one = len(missing) == 1
        yield severe(
            "missing",
            f"The signal region{'' if one else 's'} {few(missing)} {'has' if one else 'have'} no yields: "
            f"give them, or say that {'it is' if one else 'they are'} empty or left out of the fit.",
        )
    if not any(map(any, signal.yields.values())):
        yield severe("zero", "All yields are zero, so there is no signal to test: give the yields.")
        return
    looked_at = [
        channel.name
        for channel in target.channels
        if channel.is_signal and treatments.get(channel.name) is not Treatment.DROP
    ]
    if looked_at and not missing and not any(any(signal.yields.get(name, ())) for name in looked_at):
        say = severe if signal.patch is None else note  # published signals do so where nothing is left
        yield say(
            "zero",
            f"All events are in control regions, and none in the signal region"
            f"{'' if len(looked_at) == 1 else 's'} ({few(looked_at)}): give the yields there, or choose the "
            "analysis that looks for this signal.",
        )


def _missing(target: Target, signal: Signal, treatments: Mapping[str, Treatment]) -> list[str]:
    return [
        channel.name
        for channel in target.channels
        if channel.is_signal and channel.name not in signal.yields and channel.name not in treatments
    ]


def _negative(target: Target, signal: Signal) -> Iterator[Finding]:
    large: list[BinRef] = []
    small: list[BinRef] = []
    for place, value, error in _bins_of(target, signal, signal.statistical, without=True):
        if value < 0.0:
            (small if error > 0.0 and -value <= _FLUCTUATION * error else large).append(place)
    if large:
        yield severe(
            "negative",
            f"The yield in {_bins(target, large)} is below zero, more than the number of simulated events "
            "explains: no signal takes events away; mend it, or give 0.",
        )
    if small:
        yield note(
            "negative",
            f"The yield in {_bins(target, small)} is a little below zero, as weights of both signs can make "
            "it where few events are simulated: it is used as it is.",
        )


def _numbers_of(signal: Signal, channel: str) -> Iterator[tuple[str, Events]]:
    """Everything that a signal says about a channel, with what it is."""
    if channel in signal.yields:
        yield "the yields", signal.yields[channel]
    if channel in signal.statistical:
        yield "the statistical uncertainty", signal.statistical[channel]
    for one in signal.systematics:
        for changes in (one.up, one.down):
            if channel in changes:
                yield f"the uncertainty {one.name}", changes[channel]


def _bins_of(
    target: Target, signal: Signal, numbers: Mapping[str, Events], *, without: bool = False
) -> Iterator[tuple[BinRef, float, float]]:
    """Bins with their yield and another number; ``without`` also those that have no other number."""
    for channel in target.channels:
        events = signal.yields.get(channel.name, ())
        others = numbers.get(channel.name)
        if others is None and without:
            others = (0.0,) * len(events)
        for index, (value, other) in enumerate(zip(events, others or (), strict=False)):
            yield BinRef(channel.name, index), value, other


def _bins(target: Target, places: Sequence[BinRef]) -> str:
    return few([target.text(place) for place in places])
