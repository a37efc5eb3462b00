"""Region maps as files: to share them, to keep them, and as fitgui ships them (:mod:`.documents`).

Maps that come with other tools are read, too (:mod:`.foreign`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fitgui.pallets.jsontext import DocumentError, load
from fitgui.reinterpretation.mapping.documents import KIND, SCHEMA, MapFile, encoded, parsed
from fitgui.reinterpretation.mapping.foreign import (
    ForeignMap,
    checkmate_maps,
    looks_like_checkmate,
    looks_like_madanalysis,
    looks_like_smodels,
    madanalysis_maps,
    smodels_maps,
)
from fitgui.reinterpretation.mapping.reasons import FROM_FILE
from fitgui.reinterpretation.model import (
    RegionMap,
    SignalError,
    Target,
)
from fitgui.whole_files import write_whole

LARGEST = 4_000_000
"""Bytes that are read: the largest map of all known tools has 60 kB."""


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
    return (parsed(document, name),)


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


def _as_many(found: MapFile, target: Target) -> bool:
    return len(found.ordered) == sum(channel.bins for channel in target.channels if channel.is_signal)
