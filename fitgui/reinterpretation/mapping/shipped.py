"""Region maps that come with fitgui, with where they are from.

``resources/regions/`` has a file for each workspace and tool; ``resources/make_regions.py`` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fitgui.pallets.model import Analysis
from fitgui.reinterpretation.mapping.documents import MapFile
from fitgui.reinterpretation.mapping.files import best_map, read_maps
from fitgui.reinterpretation.mapping.reasons import SHIPPED
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


def shipped_maps(target: Target, tool: str) -> tuple[RegionMap, ...]:
    """The maps that are known for an analysis, that of the tool first.

    Args:
        target: the analysis, recognised by the digest of its workspace or by its record.
        tool: that wrote the file. What other tools call a region counts as well, whatever the file is: names
            are those of the publication, and no two maps of a workspace give a name to different bins.
    """
    maps = sorted(_for_analysis(target), key=lambda one: (one.tool != tool, one.tool))
    return tuple(each.for_target(target, f"{SHIPPED} of {NAMES.get(each.tool, each.tool)}") for each in maps)


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
