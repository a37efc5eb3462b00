"""Why a region has its bin, in words; and which reasons somebody has to look at."""

from __future__ import annotations

from fitgui.reinterpretation.model import Assignment, RegionMap

SAME_NAME = "same name"
SPELLED = f"{SAME_NAME} spelled differently"
SHIPPED = "shipped map"
"""Followed by the tool whose map comes with fitgui."""
SAVED = "saved"
FROM_FILE = "from"
"""Followed by the name of the file of the map."""
CHOSEN = "chosen"
SIMILAR = "similar name"
POSITION = "position"
IN_ORDER = POSITION
"""Followed by where the order is from: some tools list regions in the order of bins and name no bin."""
ALMOST = "almost the same name"
"""Regions of other searches may be called so, too."""
COUNTED_FROM_1 = "same name, bins counted from 1"
ELSEWHERE = "not in this workspace"
"""A known map gives the region a channel that this workspace does not have."""

_PROPOSED = (SIMILAR, ALMOST, POSITION, COUNTED_FROM_1)


def is_of_positions(region_map: RegionMap) -> bool:
    """Whether regions are known by their position in a file alone, whatever became of them since.

    Such a map says nothing about another file, in which ``1`` may be another region.
    """
    regions = [one.region for one in region_map.assignments]
    return bool(regions) and (
        regions == [str(number) for number in range(1, len(regions) + 1)]
        or any(one.reason == POSITION for one in region_map.assignments)
    )


def is_proposed(assignment: Assignment) -> bool:
    """Whether likeness of names or position is all that speaks for an assignment."""
    return bool(assignment.bins) and assignment.reason.startswith(_PROPOSED)


def needs_confirmation(region_map: RegionMap) -> tuple[Assignment, ...]:
    """What was proposed by likeness of names or by position, is not left out, and nobody has confirmed."""
    if region_map.confirmed:
        return ()
    return tuple(
        one for one in region_map.assignments if is_proposed(one) and one.region not in region_map.ignored
    )
