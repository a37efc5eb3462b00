"""Changes of a region map; each gives a new map and leaves the old one, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fitgui.reinterpretation.mapping.reasons import CHOSEN
from fitgui.reinterpretation.model import Assignment, BinRef, RegionMap, SignalError


def assign(region_map: RegionMap, region: str, bins: Iterable[BinRef], reason: str = CHOSEN) -> RegionMap:
    """Give a region other bins, and take it in where it was left out.

    Other regions stay as they are: two in one bin are a problem that is said
    (:func:`~fitgui.reinterpretation.mapping.problems.problems`).

    Args:
        region_map: to start from.
        region: of the file.
        bins: of the target; none leaves the region without.
        reason: in words.

    Raises:
        SignalError: if the map has no such region.
    """
    _known(region_map, region)
    chosen = Assignment(region, tuple(dict.fromkeys(bins)), reason)
    changed = tuple(chosen if one.region == region else one for one in region_map.assignments)
    return replace(region_map, assignments=changed, ignored=region_map.ignored - {region})


def unassign(region_map: RegionMap, region: str) -> RegionMap:
    """Take the bins of a region away.

    Raises:
        SignalError: if the map has no such region.
    """
    _known(region_map, region)
    changed = tuple(Assignment(region, ()) if one.region == region else one for one in region_map.assignments)
    return replace(region_map, assignments=changed)


def free(region_map: RegionMap, bins: Iterable[BinRef]) -> RegionMap:
    """Take bins away from all regions, so that another one can have them."""
    away = frozenset(bins)

    def without(one: Assignment) -> Assignment:
        kept = tuple(place for place in one.bins if place not in away)
        return one if kept == one.bins else Assignment(one.region, kept, one.reason if kept else "")

    return replace(region_map, assignments=tuple(map(without, region_map.assignments)))


def ignore(region_map: RegionMap, *regions: str) -> RegionMap:
    """Leave regions out.

    Raises:
        SignalError: if the map has no such region.
    """
    for region in regions:
        _known(region_map, region)
    return replace(region_map, ignored=region_map.ignored | frozenset(regions))


def unignore(region_map: RegionMap, *regions: str) -> RegionMap:
    """Take regions in again, with the bins that they had."""
    return replace(region_map, ignored=region_map.ignored - frozenset(regions))


def allow_doubled(region_map: RegionMap, allowed: bool = True) -> RegionMap:  # noqa: FBT001, FBT002
    """Say whether regions may be summed into a bin, and one region may fill several bins."""
    return replace(region_map, doubled=allowed)


def allow_zeros(region_map: RegionMap, channel: str, allowed: bool = True) -> RegionMap:  # noqa: FBT001, FBT002
    """Say whether bins of a channel that have no region have no signal either."""
    named = frozenset((channel,))
    return replace(region_map, zeros=region_map.zeros | named if allowed else region_map.zeros - named)


def confirm(region_map: RegionMap) -> RegionMap:
    """Say that what was proposed by likeness of names or by position is right."""
    return replace(region_map, confirmed=True)


def _known(region_map: RegionMap, region: str) -> None:
    if region_map.assignment(region) is None:
        raise SignalError(f"there is no region {region} here: take one of the file")
