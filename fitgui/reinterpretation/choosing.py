"""Which analysis of a file is meant, and which regions of a file belong to which of several analyses.

What a file says itself counts first: the number of the analysis or of its paper, as the catalogue has them.
Then its regions do, as far as their bins are known. Nothing else decides.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from fitgui.reinterpretation.looking_over.belonging import is_about
from fitgui.reinterpretation.mapping.edits import ignore
from fitgui.reinterpretation.mapping.reasons import ELSEWHERE, is_proposed
from fitgui.reinterpretation.model import Assignment, Imported, RegionMap, Target


def choose(several: Sequence[Imported], maps: Sequence[RegionMap], target: Target) -> int | None:
    """The analysis of a file that is meant, where the file speaks of several.

    The one that bears the number or the paper of the target; of several, or where none says what it is, the
    one most of whose regions have bins that nobody has to confirm.

    Args:
        several: what was read, one for each analysis.
        maps: for each of them the map that was proposed for the target.
        target: the analysis that the signal is for.

    Returns:
        Its place in ``several``; ``None`` where somebody has to choose.
    """
    if len(several) == 1:
        return 0
    about = [is_about(target, one.analysis) for one in several]
    same = [number for number, verdict in enumerate(about) if verdict]
    if len(same) == 1:
        return same[0]
    open_ = same or [number for number, verdict in enumerate(about) if verdict is None]
    sure = {number: sum(map(_is_sure, maps[number].assignments)) for number in open_}
    best = [number for number in open_ if sure[number] == max(sure.values()) > 0]
    return best[0] if len(best) == 1 else None


def shared_out(
    maps: Sequence[RegionMap], *, proposed: bool = False, searches: Sequence[Hashable] = ()
) -> tuple[RegionMap | None, ...]:
    """Leave out of each of several analyses the regions that have no bin there, and one in another.

    A bin that was found by likeness alone counts only where that has to be confirmed before anything is
    fitted: in an analysis that has such bins itself. A region that has bins in two searches was counted for
    one of them, and for which is not known: neither search excuses then what the other one lacks.

    Args:
        maps: of the same file, one for each analysis that is compared.
        proposed: whether somebody has said that bins found by likeness are right: they count anyhow then, and
            so does what two searches have in common.
        searches: for each map the search that its analysis is of, in any way that tells them apart; all are
            of the same one by default.

    Returns:
        The maps, in which such regions are left out (and so named where findings are); ``None`` for an
        analysis that has none of the regions.
    """
    own = [{one.region for one in region_map.assignments if _is_sure(one)} for region_map in maps]
    of_search = list(searches) or [None] * len(maps)
    shared: list[RegionMap | None] = []
    for number, region_map in enumerate(maps):
        believed = [
            other
            for other in range(len(maps))
            if proposed or of_search[other] == of_search[number] or own[other].isdisjoint(own[number])
        ]
        sure = {region for other in believed for region in own[other]}
        likely = {one.region for other in believed for one in maps[other].assignments if one.bins}
        waits = any(map(is_proposed, region_map.assignments))
        placed = likely if proposed or waits else sure
        away = [
            one.region
            for one in region_map.assignments
            if one.reason == ELSEWHERE
            or one.region in (sure if is_proposed(one) else frozenset() if one.bins else placed)
        ]
        nothing_left = bool(away) and len(away) == len(region_map.assignments)
        shared.append(None if nothing_left else ignore(region_map, *away))
    return tuple(shared)


def _is_sure(one: Assignment) -> bool:
    return bool(one.bins) and not is_proposed(one)
