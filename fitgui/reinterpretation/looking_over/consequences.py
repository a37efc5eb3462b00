"""What it means to keep a channel without signal, or to leave it out of the fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from fitgui.reinterpretation.findings import all_of, by_importance, few, note
from fitgui.reinterpretation.kinds import of_background
from fitgui.reinterpretation.model import Finding, Signal, Target, TargetChannel, Treatment
from fitgui.reinterpretation.target.layout import Layout, layout_of
from fitgui.reinterpretation.target.survey import survey

_MOST = 0.5
"""Of the precision with which data determine a normalisation: regions with more are its control regions."""
_LITTLE = 0.1
"""Of the largest precision: what has less is not worth naming."""
_MUCH = 0.1
"""Signal over background: more than that in a control region moves what it says about the background."""


def consequences(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment] | None = None
) -> tuple[Finding, ...]:
    """What follows from the treatment of channels, and from names that signal and background share.

    Args:
        target: the analysis.
        signal: with or without yields in all channels.
        treatments: what becomes of channels; control and validation regions without yields that are not
            listed are kept.

    Returns:
        Nothing severe: whoever chose it may know better, but should know this. Codes: ``contamination``
        (much signal could be in a region that stays without), ``kept-without-signal``, ``kept``,
        ``published-drop``, ``lost-control``, ``lost-signal``, ``lost-constraint``, ``correlated``.
    """
    chosen = treatments or {}
    layout = layout_of(target.analysis, target.measurement)
    dropped = [channel for channel in target.channels if chosen.get(channel.name) is Treatment.DROP]
    kept = [
        channel
        for channel in target.channels
        if channel not in dropped and channel.name not in signal.yields and signal.patch is None
    ]
    return by_importance(
        (
            *_lost_normalisations(target, layout, [channel.name for channel in dropped]),
            *_lost_regions(dropped),
            *_kept_without_signal(target, kept),
            *_shared_names(signal, layout),
        )
    )


def _lost_normalisations(target: Target, layout: Layout, dropped: list[str]) -> Iterator[Finding]:
    """Free parameters of the background that lose the data which determine them."""
    backgrounds = {channel.name: sum(channel.background) for channel in target.channels}
    signal_regions = {channel.name for channel in target.channels if channel.is_signal}
    for name in layout.free:
        reach = layout.reach[name]
        remaining = [channel for channel in layout.channels if channel in reach and channel not in dropped]
        # A normalisation of s events among b is measured to about sqrt(b) / s: these add up.
        precision = {
            channel: layout.weights[name].get(channel, 0.0) ** 2 / max(backgrounds[channel], 1.0)
            for channel in reach
        }
        outside = {channel: each for channel, each in precision.items() if channel not in signal_regions}
        lost = [channel for channel in dropped if channel in outside]
        if not remaining or not lost:
            continue
        of_control = sum(outside.values())
        if of_control <= 0.0 or sum(outside[channel] for channel in lost) < _MOST * of_control:
            continue
        share = layout.weights[name]
        most = max(lost, key=lambda channel: precision[channel])
        lost = [channel for channel in lost if precision[channel] > _LITTLE * precision[most]]
        others = [channel for channel in remaining if channel not in signal_regions]
        if others:
            best = max(others, key=lambda channel: precision[channel])
            what = (
                f"the regions that remain say less about it ({best} most, where it scales "
                f"{_percent(share.get(best, 0.0), backgrounds[best])})"
            )
        else:
            what = f"only {all_of(remaining)} determine{'s' if len(remaining) == 1 else ''} it, signal or not"
        yield note(
            "lost-control",
            f"Without {all_of(lost)} the free normalisation {name} loses its control region (it scales "
            f"{_percent(share.get(most, 0.0), backgrounds[most])} of the background of {most}): {what}, "
            "so the expected sensitivity changes, and a signal may be taken for background.",
        )


def _lost_regions(dropped: list[TargetChannel]) -> Iterator[Finding]:
    signal = [channel for channel in dropped if channel.is_signal]
    others = [channel for channel in dropped if not channel.is_signal]
    if signal:
        one = len(signal) == 1
        published = [
            f"up to {sum(channel.published_high):.3g} events {'there' if one else 'in ' + channel.name}"
            for channel in signal
            if any(channel.published_high)
        ]
        seen = f" (published signals put {', '.join(published)})" if published else ""
        yield note(
            "lost-signal",
            f"The signal region{'' if one else 's'} {all_of(_names(signal))} "
            f"{'is' if one else 'are'} left out{seen}: the expected limit gets weaker by what "
            f"{'it' if one else 'they'} would tell.",
        )
    if others:
        one = len(others) == 1
        yield note(
            "lost-constraint",
            f"{all_of(_names(others))} {'is' if one else 'are'} left out: {'its' if one else 'their'} "
            "data no longer constrain backgrounds and systematic uncertainties.",
        )


def _kept_without_signal(target: Target, kept: list[TargetChannel]) -> Iterator[Finding]:
    """One sentence for each kind of region, however many there are."""
    published = survey(target.analysis, target.measurement)
    unlike = [each for each in kept if published.points and each.name not in published.channels]
    kept = [each for each in kept if each not in unlike]
    signal = [each for each in kept if each.is_signal]
    others = [each for each in kept if not each.is_signal]
    if unlike:
        yield note(
            "published-drop",
            f"{_stay(unlike)} in the fit, but published signals are fitted without "
            f"{'it: leave it' if len(unlike) == 1 else 'them: leave them'} out to do the same.",
        )
    if signal:
        yield note(
            "kept-without-signal",
            f"{_stay(signal)} in the fit without signal: right only if your signal puts nothing "
            f"there{_there(signal)}.",
        )
    if others:
        much = [each for each in others if _most(each) > _MUCH]
        advice = ""
        if much:
            where = f"in {all_of(_names(much))} " if len(much) < len(others) else ""
            them = "it" if len(much) == 1 else "them"
            advice = f"; {where}that is too much to pass over: give yields for {them} if you can"
        yield note(
            "contamination" if much else "kept",
            f"{_stay(others)} in the fit without signal{_there(others)}{advice}.",
        )


def _shared_names(signal: Signal, layout: Layout) -> Iterator[Finding]:
    shared = [
        one.name for one in signal.systematics if one.correlated and layout.kinds.get(one.name) == "normsys"
    ]
    if shared and signal.patch is None:
        yield note(
            "correlated",
            f"The background has uncertainties of the same name ({few(shared)}): signal and background move "
            "together with them.",
        )


def _stay(channels: list[TargetChannel]) -> str:
    return f"{all_of(_names(channels))} {'stays' if len(channels) == 1 else 'stay'}"


def _there(channels: list[TargetChannel]) -> str:
    """What published signals do in regions, as the rest of a sentence: where they do most, if in several."""
    if not any(channel.published_high for channel in channels):
        return " (there are no published signals to tell how much it would be)"
    most = max(channels, key=_most)
    if not _most(most):
        return f" (published signals leave {'it' if len(channels) == 1 else 'them'} alone, too)"
    share = _share(most)
    if share is None:
        where = "there" if len(channels) == 1 else f"in {most.name}"
        return f" (published signals put events {where}, where no background is)"
    where = "there" if len(channels) == 1 else f"there, most in {most.name}"
    return f" (published signals put up to {of_background(share)} {where})"


def _most(channel: TargetChannel) -> float:
    """The largest published signal over background; 0 where there is none."""
    if not any(channel.published_high):
        return 0.0
    share = _share(channel)
    return math.inf if share is None else share


def _share(channel: TargetChannel) -> float | None:
    """The largest published signal over background of a bin; ``None`` where there is no background."""
    pairs = [pair for pair in zip(channel.published_high, channel.background, strict=False) if pair[0] > 0.0]
    if any(background <= 0.0 for _, background in pairs):
        return None
    return max((events / background for events, background in pairs), default=0.0)


def _names(channels: Iterable[TargetChannel]) -> list[str]:
    return [channel.name for channel in channels]


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.2g} %" if whole > 0.0 else "all"
