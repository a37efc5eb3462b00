"""Why a region has its bin, in words; and which reasons somebody has to look at."""

from __future__ import annotations

from fitgui.reinterpretation.model import Assignment, RegionMap

SAME_NAME = "same name"
SHIPPED = "shipped with fitgui"
SAVED = "saved"
CHOSEN = "chosen"
SIMILAR = "similar name"
POSITION = "position"
COUNTED_FROM_1 = "same name, bins counted from 1"
ELSEWHERE = "not in this workspace"
"""A known map gives the region a channel that this workspace does not have."""

_PROPOSED = (SIMILAR, POSITION, COUNTED_FROM_1)


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
