"""Regions that nearly name a bin: a channel of several bins without saying which, or a bin that it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fitgui.reinterpretation.findings import all_of, few
from fitgui.reinterpretation.mapping.same_names import folded, numbered
from fitgui.reinterpretation.model import BinRef, Target, TargetChannel


@dataclass(frozen=True, slots=True)
class Hint:
    """Why some regions have no bin, and what to write."""

    regions: tuple[str, ...]
    sentence: str


def hints(regions: Iterable[str], target: Target) -> tuple[Hint, ...]:
    """What regions without a bin lack, where they bear the name of a channel.

    Args:
        regions: those that have no bin.
        target: the analysis.
    """
    by_name: dict[str, list[TargetChannel]] = defaultdict(list)
    for channel in target.channels:
        by_name[folded(channel.name)].append(channel)
    whole: dict[str, TargetChannel] = {}
    beyond: dict[TargetChannel, list[str]] = defaultdict(list)
    for region in regions:
        for name in dict.fromkeys((region, region.rpartition("__")[2])):
            channels = by_name.get(folded(name), ())
            if len(channels) == 1 and channels[0].bins > 1:
                whole[region] = channels[0]
                break
            stem, number = numbered(name)
            channels = by_name.get(folded(stem), ()) if stem else ()
            if len(channels) == 1 and number >= channels[0].bins:
                beyond[channels[0]].append(region)
                break
    found = [Hint(tuple(whole), _whole(list(whole.values()), target))] if whole else []
    return (*found, *(Hint(tuple(names), _beyond(names, channel)) for channel, names in beyond.items()))


def _whole(channels: list[TargetChannel], target: Target) -> str:
    names = list(dict.fromkeys(channel.name for channel in channels))
    first = channels[0]
    bins = [target.text(BinRef(first.name, number)) for number in range(first.bins)]
    if len(names) == 1:
        return f"{first.name} has {first.bins} bins: give a number for each, as {few(bins)}."
    example = f"{few(bins)} for {first.name}"
    return f"{all_of(names)} have several bins each: give a number for each bin, as {example}."


def _beyond(regions: list[str], channel: TargetChannel) -> str:
    if channel.bins == 1:
        return f"{channel.name} has one bin, but the file has {few(regions)}: write {channel.name}."
    return (
        f"Bins count from 0, so those of {channel.name} are [0] to [{channel.bins - 1}], but the file has "
        f"{few(regions)}: does it count from 1? Write {channel.name}[0] for the first one."
    )
