"""From a published analysis to what a signal of one's own can be put on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from fitgui.pallets.catalogue import stored
from fitgui.pallets.catalogue.recognising import entry_of_analysis
from fitgui.pallets.model import Analysis, Pallet
from fitgui.pallets.published import Entry
from fitgui.reinterpretation.kinds import kinds_of
from fitgui.reinterpretation.mapping.shipped import channel_kinds
from fitgui.reinterpretation.model import Events, RegionKind, SignalError, Target, TargetChannel
from fitgui.reinterpretation.target.layout import Layout, layout_of
from fitgui.reinterpretation.target.survey import ChannelSurvey, survey
from fitgui.resources import resource_path

_NAMED = 3
"""Samples that a sentence names."""


def target_of(
    pallet: Pallet,
    analysis: Analysis,
    measurement: str | None = None,
    *,
    entry: Entry | None = None,
    kinds: Mapping[str, RegionKind] | None = None,
) -> Target:
    """An analysis as somebody sees it who brings a signal.

    The first call reads all published signals (a quarter of a second for 125 points and 57 MB): call it on a
    thread where somebody waits. Later calls take a millisecond.

    Args:
        pallet: that the analysis is of.
        analysis: the workspace with its patch sets.
        measurement: defines the parameter that scales the signal; ``None`` takes the first.
        entry: what the catalogue knows of the pallet; ``None`` looks it up in the bundled catalogue.
        kinds: what channels are for, as far as it is known; ``None`` takes what the region maps that come
            with fitgui say, which have it from the tools of the field.

    Raises:
        SignalError: if there is no such measurement, or nothing can be added to the workspace.
    """
    layout = layout_of(analysis, measurement)
    if (reason := _no_signal(analysis, layout, measurement)) is not None:
        raise SignalError(reason)
    published = survey(analysis, measurement)
    known = entry or entry_of(pallet, analysis)
    workspace = analysis.workspace
    backgrounds = {channel["name"]: _background(channel["samples"]) for channel in workspace["channels"]}
    observed = {
        each["name"]: tuple(float(count) for count in each["data"]) for each in workspace["observations"]
    }
    given = _shipped_kinds(analysis) if kinds is None else kinds
    verdicts = kinds_of(backgrounds, {name: each.high for name, each in published.channels.items()}, given)
    channels = []
    for name in layout.channels:
        found = published.channels.get(name, ChannelSurvey())
        kind, reason = verdicts[name]
        channels.append(
            TargetChannel(
                name=name,
                kind=kind,
                kind_reason=reason,
                observed=observed[name],
                background=backgrounds[name],
                published_low=found.low,
                published_high=found.high,
                staterror=found.staterror,
            )
        )
    return Target(
        pallet=pallet.name,
        source=pallet.source,
        analysis=analysis,
        measurement=measurement,
        poi=layout.poi,
        channels=tuple(channels),
        lumi=layout.lumi or published.lumi,
        luminosity_fb=None if known is None else known.luminosity_fb,
    )


def entry_of(pallet: Pallet, analysis: Analysis, entries: Iterable[Entry] | None = None) -> Entry | None:
    """What the catalogue knows of a pallet.

    Args:
        pallet: whose source may tell the record.
        analysis: whose patch sets may tell the paper.
        entries: of the catalogue; the bundled one if not given.
    """
    known = bundled_entries() if entries is None else tuple(entries)
    if len(papers := set(analysis.references)) == 1:
        named = next((entry for entry in known if entry.key in papers), None)
        if named is not None:
            return named
    return entry_of_analysis(
        known,
        source=pallet.source,
        shape=(len(analysis.channels), analysis.bins, analysis.parameters),
        labels=analysis.labels,
        values=[point.values for point in analysis.points],
    )


def _shipped_kinds(analysis: Analysis) -> Mapping[str, RegionKind]:
    try:
        return channel_kinds(analysis)
    except SignalError:
        return {}  # a damaged map is told of where it is needed


@cache
def bundled_entries() -> tuple[Entry, ...]:
    """What the bundled catalogue knows; nothing where it cannot be read."""
    try:
        return stored.read(resource_path("catalogue/catalogue.json"), "The bundled catalogue", [])[1]
    except (OSError, ValueError):
        return ()


def _background(samples: Iterable[Mapping[str, list[float]]]) -> Events:
    summed = np.sum([np.array(sample["data"], dtype=float) for sample in samples], axis=0)
    return tuple(float(value) for value in summed)


def _no_signal(analysis: Analysis, layout: Layout, measurement: str | None) -> str | None:
    """Why no signal can be added, in one sentence."""
    name = measurement or analysis.measurements[0]
    if not layout.poi:
        others = [other for other in analysis.measurements if other != name]
        what = f"choose another measurement ({', '.join(others)})" if others else "choose another analysis"
        return (
            f"Measurement {name} of analysis {analysis.name} names no parameter of interest, so nothing "
            f"would scale a signal: {what}."
        )
    if not layout.scaled:
        return None
    pairs = [f"{sample} in {channel}" for channel, sample in layout.scaled]
    more = f" and {len(pairs) - _NAMED} more" if len(pairs) > _NAMED else ""
    return (
        f"The workspace of analysis {analysis.name} is not background only: its parameter of interest "
        f"{layout.poi} already scales {', '.join(pairs[:_NAMED])}{more}, and a second signal on the same "
        f"parameter would mean nothing: choose an analysis whose workspace has the background alone."
    )
