"""Region maps that come with fitgui, with where they are from.

``resources/regions/`` has a file for each workspace and tool; ``resources/make_regions.py`` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from fitgui.pallets.model import Analysis
from fitgui.reinterpretation.map_documents import MapFile
from fitgui.reinterpretation.map_files import best_map, read_maps
from fitgui.reinterpretation.map_reasons import AS_IN, SHIPPED
from fitgui.reinterpretation.model import RegionKind, RegionMap, Target
from fitgui.resources import resource_path

FOLDER = "regions"
NAMES = {
    "checkmate": "CheckMATE",
    "gambit": "GAMBIT",
    "madanalysis": "MadAnalysis 5",
    "simpleanalysis": "SimpleAnalysis",
    "smodels": "SModelS",
}
"""Of tools, as people write them."""
_PLAIN = frozenset(("csv", "json", "paste", "pyhf", ""))
"""Formats that are of no tool, so that regions may be called as any tool does."""


def shipped_maps(target: Target, tool: str) -> tuple[RegionMap, ...]:
    """The maps that are known for an analysis, that of the tool first.

    Args:
        target: the analysis, recognised by the digest of its workspace or by its record.
        tool: that wrote the file. What other tools call a region counts as proposed only, unless the file is
            of no tool in particular.
    """
    found = []
    for each in sorted(_for_analysis(target), key=lambda one: (one.tool != tool, one.tool)):
        name = NAMES.get(each.tool, each.tool)
        if each.tool == tool or tool in _PLAIN:
            found.append(each.for_target(target, f"{SHIPPED} ({name})"))
        else:
            found.append(replace(each, ignored=()).for_target(target, f"{AS_IN} {name}"))
    return tuple(found)


def channel_kinds(analysis: Analysis) -> Mapping[str, RegionKind]:
    """What channels are for, as far as a source says: for :func:`~.target.target_of`."""
    known: dict[str, RegionKind] = {}
    names = {channel.name for channel in analysis.channels}
    for each in all_shipped():
        if analysis.digest in each.digests or set(each.references) & set(analysis.references):
            for channel, kind in each.channels.items():
                if channel in names and kind is not RegionKind.UNKNOWN:
                    known.setdefault(channel, kind)
    return known


@cache
def all_shipped() -> tuple[MapFile, ...]:
    """All maps that come with fitgui.

    Raises:
        SignalError: if one of them is damaged.
    """
    try:
        folder = resource_path(FOLDER)
    except FileNotFoundError:
        return ()
    return tuple(
        found for path in sorted(folder.glob("*.json")) for found in read_maps(path.read_bytes(), path.name)
    )


def _for_analysis(target: Target) -> list[MapFile]:
    """One map for each tool: of several workspaces of an analysis, the one that fits."""
    analysis = target.analysis
    by_tool: dict[str, list[MapFile]] = {}
    for each in all_shipped():
        if analysis.digest in each.digests or set(each.references) & set(analysis.references):
            by_tool.setdefault(each.tool, []).append(each)
    return [found for maps in by_tool.values() if (found := best_map(maps, target)) is not None]
