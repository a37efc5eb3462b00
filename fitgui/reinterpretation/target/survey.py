"""What the published signals of an analysis look like: ranges of yields, and the modifiers that they use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from fitgui.pallets.model import Analysis
from fitgui.reinterpretation.model import Events
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from fitgui_backends.histfactory.summary import channel_bins, poi_name

_KEPT = 8
"""Surveys that are kept: reading the patches of a large pallet takes a quarter of a second."""


@dataclass(frozen=True, slots=True)
class ChannelSurvey:
    """What published signals do in one channel; empty where the channel is in no patched workspace."""

    low: Events = ()
    """The smallest yield of each bin; 0 where a signal leaves the channel alone."""
    high: Events = ()
    staterror: str = ""
    """That all signals of this channel have, and a background as well."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the published signals of an analysis do."""

    points: int = 0
    """Whose patches can be applied."""
    lumi: str = ""
    """The luminosity parameter that they use."""
    channels: Mapping[str, ChannelSurvey] = field(default_factory=dict)


def survey(analysis: Analysis, measurement: str | None = None) -> Survey:
    """Read all published signals of an analysis; the answer is kept.

    Args:
        analysis: the workspace with its patch sets; a patch that cannot be applied is passed over.
        measurement: defines the parameter that scales signals; ``None`` takes the first.
    """
    # Hashes of bytes are kept by Python, and a key of hashes keeps no patches alive.
    key = (analysis.digest, measurement, tuple(hash(point.operations) for point in analysis.points))
    found = _surveys.get(key)
    if found is None:
        found = _read(analysis, measurement)
        for oldest in list(_surveys)[: max(0, len(_surveys) - _KEPT + 1)]:
            _surveys.pop(oldest, None)
        _surveys[key] = found
    return found


_surveys: dict[tuple[str, str | None, tuple[int, ...]], Survey] = {}


def signal_samples_of(
    workspace: Mapping[str, Any], operations: bytes, measurement: str | None
) -> tuple[Mapping[str, Any], list[tuple[str, Mapping[str, Any]]]]:
    """Apply a patch and find the samples that its parameter of interest scales.

    Args:
        workspace: the background-only document, in which no sample is scaled by it.
        operations: the patch, as published.
        measurement: defines the parameter of interest; ``None`` takes the first.

    Returns:
        The patched document, and (channel, sample) pairs in its order.

    Raises:
        HistFactoryError: if the patch cannot be applied, or what comes out is no workspace.
    """
    document = apply_patch(workspace, decode_operations(operations))
    known = {id(sample) for channel in workspace["channels"] for sample in channel["samples"]}
    try:
        poi = poi_name(document, measurement)
        found = [
            (channel["name"], sample)
            for channel in document["channels"]
            for sample in channel["samples"]
            # What the patch left alone is shared with the workspace: thousands of modifiers not to look at.
            if id(sample) not in known and any(each["name"] == poi for each in sample["modifiers"])
        ]
    except (KeyError, TypeError, IndexError) as error:
        raise HistFactoryError("the patch leaves no workspace behind") from error
    return document, found


def background_staterrors(channel: Mapping[str, Any]) -> set[str]:
    """The names of the staterror modifiers of a channel."""
    return {name for name, kind in _modifiers(channel) if kind == "staterror"}


def _modifiers(channel: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for sample in channel["samples"]:
        for modifier in sample["modifiers"]:
            yield modifier["name"], modifier["type"]


def _read(analysis: Analysis, measurement: str | None) -> Survey:
    workspace = analysis.workspace
    bins = channel_bins(workspace)
    yields: dict[str, list[Any]] = {name: [] for name in bins}
    staterrors: dict[str, Counter[str]] = {name: Counter() for name in bins}
    touched: Counter[str] = Counter()
    lumi: Counter[str] = Counter()
    points = 0
    for point in analysis.points:
        try:
            document, samples = signal_samples_of(workspace, point.operations, measurement)
            here = {
                channel["name"]: np.zeros(bins[channel["name"]])
                for channel in document["channels"]
                if channel["name"] in bins
            }
            for name, sample in samples:
                if name in here:
                    here[name] = here[name] + np.array(sample["data"], dtype=float)
        except (HistFactoryError, ValueError, TypeError, KeyError):
            continue  # of other bins, or broken: the pallet's own problems tell of it
        points += 1
        for name, events in here.items():
            yields[name].append(events)
        for name, sample in samples:
            touched[name] += 1
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror" and name in staterrors:
                    staterrors[name][modifier["name"]] += 1
                elif modifier["type"] == "lumi":
                    lumi[modifier["name"]] += 1
    shared = {channel["name"]: background_staterrors(channel) for channel in workspace["channels"]}
    return Survey(
        points=points,
        lumi=next(iter(lumi), ""),
        channels={
            name: ChannelSurvey(
                low=cast("Events", tuple(np.min(found, axis=0).tolist())),
                high=cast("Events", tuple(np.max(found, axis=0).tolist())),
                staterror=next(
                    (
                        each
                        for each, count in staterrors[name].items()
                        if count == touched[name] and each in shared[name]
                    ),
                    "",
                ),
            )
            for name, found in yields.items()
            if found
        },
    )
