"""Region maps as files: to share them, to keep them, and as fitgui ships them.

A JSON object, UTF-8, which ``docs/region-maps.md`` explains::

    {"schema": 1, "kind": "fitgui region map", "tool": "smodels",
     "analysis": {"name": "ATLAS-SUSY-2019-08", "workspaces": ["BkgOnly.json"], "digests": ["2563..."],
                  "references": ["ins1755298"]},
     "regions": {"SR_HM_Low_MCT": ["SRHMEM_mct2[0]"]}, "ignored": [], "channels": {"WREM_cuts": "control"},
     "source": "where it is from"}

Maps that come with other tools are read, too (:mod:`.foreign_maps`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fitgui.pallets.jsontext import DocumentError, load
from fitgui.pallets.library.workplace import write_whole
from fitgui.reinterpretation.foreign_maps import (
    ForeignMap,
    checkmate_maps,
    looks_like_checkmate,
    looks_like_madanalysis,
    looks_like_smodels,
    madanalysis_maps,
    smodels_maps,
)
from fitgui.reinterpretation.map_reasons import FROM_FILE, IN_ORDER
from fitgui.reinterpretation.model import (
    Assignment,
    BinRef,
    RegionKind,
    RegionMap,
    SignalError,
    Target,
)
from fitgui.reinterpretation.same_names import place_of

KIND = "fitgui region map"
SCHEMA = 1
LARGEST = 4_000_000
"""Bytes that are read: the largest map of all known tools has 60 kB."""


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


def map_file_of(region_map: RegionMap, target: Target, source: str = "") -> MapFile:
    """A map with what it is for, to be written.

    Args:
        region_map: of which regions without a bin are left out, unless they are ignored.
        target: whose bins they are.
        source: where it is from, in words.
    """
    return MapFile(
        tool=region_map.tool,
        analysis=target.analysis.name,
        regions={one.region: tuple(map(target.text, one.bins)) for one in region_map.assignments if one.bins},
        ignored=tuple(sorted(region_map.ignored)),
        channels={channel.name: channel.kind for channel in target.channels},
        workspaces=(target.analysis.path,),
        digests=(target.analysis.digest,),
        references=target.analysis.references,
        source=source or f"made with fitgui for {target.pallet}",
        doubled=region_map.doubled,
        zeros=tuple(sorted(region_map.zeros)),
    )


def write_map(path: Path, region_map: RegionMap, target: Target, source: str = "") -> None:
    """Write a map as a file that others can use; an existing file is replaced as a whole.

    Args:
        path: of the file.
        region_map: what is written.
        target: whose bins they are.
        source: where the map is from, in words.

    Raises:
        OSError: if it cannot be written.
    """
    write_whole(path, encoded(map_file_of(region_map, target, source)))


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


def read_map(path: Path, target: Target) -> RegionMap:
    """The map of a file for an analysis.

    Args:
        path: of a region map of fitgui, ``globalInfo.txt`` of SModelS, ``pyhf_conf.json`` of CheckMATE, or an
            ``.info`` file of MadAnalysis 5.
        target: whose bins they are; of several maps in a file, the one that fits it is taken.

    Raises:
        SignalError: if the file cannot be read, is none of these, or is for another analysis.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise SignalError(f"{path.name} cannot be read: {error.strerror or error}") from error
    found = best_map(read_maps(data, path.name), target)
    if found is None:
        channels = ", ".join(channel.name for channel in target.channels if channel.is_signal)
        raise SignalError(
            f"{path.name} names no channel of workspace {target.analysis.name} ({channels}): it is a map "
            "of another analysis; choose the one of this analysis"
        )
    return found.for_target(target, f"{FROM_FILE} {path.name}")


def best_map(maps: Sequence[MapFile], target: Target) -> MapFile | None:
    """The map of a file that fits an analysis: made for its workspace, or else naming its channels.

    Args:
        maps: of one file.
        target: the analysis.

    Returns:
        ``None`` where none names any of its channels.
    """
    channels = {channel.name for channel in target.channels}
    path = f"/{target.analysis.path}"

    def fit(found: MapFile) -> tuple[bool, bool, float]:
        named = found.named()
        share = len(named & channels) / max(1, len(named | channels))
        named_so = any(path.endswith(f"/{workspace}") for workspace in found.workspaces)
        return target.analysis.digest in found.digests, named_so, share

    usable = [each for each in maps if each.named() & channels or (each.ordered and _as_many(each, target))]
    return max(usable, key=fit, default=None)


def read_maps(data: bytes, name: str) -> tuple[MapFile, ...]:
    """All maps of a file, recognised by its content.

    Args:
        data: the file.
        name: of the file, for sentences.

    Raises:
        SignalError: if it is none, or damaged.
    """
    if len(data) > LARGEST:
        raise SignalError(f"{name} is too large for a region map: choose another file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SignalError(f"{name} is no text, so it cannot be a region map: choose another file") from error
    if looks_like_madanalysis(text):
        return _from_tool(madanalysis_maps(text, name), "madanalysis", name)
    if text.lstrip().startswith("{"):
        return _from_json(text, name)
    if looks_like_smodels(text):
        return _from_tool(smodels_maps(text, name), "smodels", name)
    raise SignalError(
        f"{name} is no region map: it may be one of fitgui, globalInfo.txt of SModelS, pyhf_conf.json of "
        "CheckMATE, or an .info file of MadAnalysis 5"
    )


def _from_json(text: str, name: str) -> tuple[MapFile, ...]:
    try:
        document = load(text.encode())
    except DocumentError as error:
        raise SignalError(f"{name} {error}: mend it, or choose another file") from error
    if looks_like_checkmate(document):
        return _from_tool(checkmate_maps(document, name), "checkmate", name)
    if document.get("kind") != KIND:
        raise SignalError(
            f'{name} is no region map: there is no "kind": "{KIND}" in it, and it is none of CheckMATE\'s'
        )
    if document.get("schema") != SCHEMA:
        raise SignalError(
            f"{name} is a region map of version {document.get('schema')}, and this fitgui knows version "
            f"{SCHEMA}: use a newer fitgui"
        )
    return (_parsed(document, name),)


def _parsed(document: Mapping[str, Any], name: str) -> MapFile:
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


def _from_tool(found: Sequence[ForeignMap], tool: str, name: str) -> tuple[MapFile, ...]:
    if not found:
        raise SignalError(f"{name} says nothing about channels of a workspace: choose another file")
    return tuple(
        MapFile(
            tool=tool,
            analysis=each.analysis,
            regions=each.regions,
            channels=each.channels,
            workspaces=each.workspaces,
            source=name,
            ordered=each.ordered,
        )
        for each in found
    )


def _places(bins: Sequence[str], sizes: Mapping[str, int]) -> list[BinRef]:
    places = []
    for text in bins:
        place = place_of(text)
        if text == place.channel and sizes.get(place.channel, 1) > 1:
            continue
        places.append(place)
    return places


def _as_many(found: MapFile, target: Target) -> bool:
    return len(found.ordered) == sum(channel.bins for channel in target.channels if channel.is_signal)
