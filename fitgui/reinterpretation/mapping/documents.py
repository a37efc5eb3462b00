"""A region map as a JSON document.

An object, UTF-8, which ``docs/region-maps.md`` explains::

    {"schema": 1, "kind": "fitgui region map", "tool": "smodels",
     "analysis": {"name": "ATLAS-SUSY-2019-08", "workspaces": ["BkgOnly.json"], "digests": ["2563..."],
                  "references": ["ins1755298"]},
     "regions": {"SR_HM_Low_MCT": ["SRHMEM_mct2[0]"]}, "ignored": [], "channels": {"WREM_cuts": "control"},
     "source": "where it is from"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fitgui.reinterpretation.mapping.reasons import FROM_FILE, IN_ORDER
from fitgui.reinterpretation.mapping.same_names import place_of
from fitgui.reinterpretation.model import Assignment, BinRef, RegionKind, RegionMap, SignalError, Target

KIND = "fitgui region map"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class MapFile:
    """A region map as it stands in a file: bins are texts, so that it can be read without its workspace."""

    tool: str
    analysis: str
    """As the collaboration calls it: ``ATLAS-SUSY-2019-08``."""
    regions: Mapping[str, tuple[str, ...]]
    """Bins by region, as they are written everywhere: ``SRHMEM_mct2[0]``, ``SR1cut_cuts``."""
    ignored: tuple[str, ...] = ()
    """Regions that are left out: sums of others, steps of a selection."""
    channels: Mapping[str, RegionKind] = field(default_factory=dict)
    """What channels are for, as far as the source says."""
    workspaces: tuple[str, ...] = ()
    """Ends of the paths of the workspaces that it is for; empty where it is for all of the analysis."""
    digests: tuple[str, ...] = ()
    """Of the workspaces for which the names of channels were looked up."""
    references: tuple[str, ...] = ()
    """Records, such as ``ins1755298``."""
    source: str = ""
    """Where it is from, in words."""
    doubled: bool = False
    zeros: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    """Regions of which the source tells the order only, which is that of the bins of signal regions."""

    def for_target(self, target: Target, reason: str = FROM_FILE) -> RegionMap:
        """As a map of regions to bins; of a channel with several bins without an index, none is meant.

        Args:
            target: whose bins they are.
            reason: that assignments get.
        """
        sizes = {channel.name: channel.bins for channel in target.channels}
        assignments = [
            Assignment(region, tuple(_places(bins, sizes)), reason) for region, bins in self.regions.items()
        ]
        if self.ordered:
            signal = [place for place in target.bins() if target.channel(place.channel).is_signal]
            if len(signal) == len(self.ordered):
                assignments += [
                    Assignment(region, (place,), f"{IN_ORDER} {reason}")
                    for region, place in zip(self.ordered, signal, strict=True)
                ]
        return RegionMap(
            self.tool,
            tuple(assignments),
            frozenset(self.ignored),
            self.doubled,
            zeros=frozenset(self.zeros) & frozenset(sizes),
        )

    def named(self) -> frozenset[str]:
        """The channels that its regions are in."""
        return frozenset(place_of(text).channel for bins in self.regions.values() for text in bins)


def encoded(found: MapFile) -> bytes:
    """A map as JSON."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": KIND,
        "tool": found.tool,
        "analysis": {
            "name": found.analysis,
            "workspaces": list(found.workspaces),
            "digests": list(found.digests),
            "references": list(found.references),
        },
        "regions": {region: list(bins) for region, bins in found.regions.items()},
        "ignored": list(found.ignored),
        "channels": {name: str(kind) for name, kind in found.channels.items()},
        "source": found.source,
    }
    if found.ordered:
        document["ordered"] = list(found.ordered)
    if found.doubled:
        document["doubled"] = True
    if found.zeros:
        document["zeros"] = list(found.zeros)
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def parsed(document: Mapping[str, Any], name: str) -> MapFile:
    """A map from its JSON object.

    Args:
        document: of the right kind and version.
        name: of the file, for sentences.

    Raises:
        SignalError: if something in it is of the wrong type.
    """
    analysis = _object(document, "analysis", name)
    regions = _object(document, "regions", name)
    kinds = _object(document, "channels", name)
    try:
        channels = {channel: RegionKind(kind) for channel, kind in kinds.items()}
    except ValueError as error:
        raise SignalError(
            f'{name}: a channel is "signal", "control", "validation" or "unknown" ({error})'
        ) from error
    return MapFile(
        tool=_text(document, "tool", name),
        analysis=_text(analysis, "name", name),
        regions={region: _texts(regions, region, name) for region in regions},
        ignored=_texts(document, "ignored", name),
        channels=channels,
        workspaces=_texts(analysis, "workspaces", name),
        digests=_texts(analysis, "digests", name),
        references=_texts(analysis, "references", name),
        source=_text(document, "source", name),
        doubled=document.get("doubled") is True,
        zeros=_texts(document, "zeros", name),
        ordered=_texts(document, "ordered", name),
    )


def _object(document: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise SignalError(f'{name}: "{key}" must be an object, {{"name": ...}}')
    return value


def _text(document: Mapping[str, Any], key: str, name: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str):
        raise SignalError(f'{name}: "{key}" must be a text')
    return value


def _texts(document: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = document.get(key, [])
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SignalError(f'{name}: "{key}" must be a list of texts, ["..."]')
    return tuple(value)


def _places(bins: Sequence[str], sizes: Mapping[str, int]) -> list[BinRef]:
    places = []
    for text in bins:
        place = place_of(text)
        if text == place.channel and sizes.get(place.channel, 1) > 1:
            continue
        places.append(place)
    return places
