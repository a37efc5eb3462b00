"""Which bins of a published analysis the regions of a file are, as far as that is known or obvious.

Nothing is guessed in silence: what only looks alike, or only stands at the same position, counts as proposed
until somebody confirms it (:mod:`.reasons`, :mod:`.edits`), and a region that is like no bin in particular
gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fitgui.loading import LOADING
from fitgui.reinterpretation.mapping.likeness import likenesses
from fitgui.reinterpretation.mapping.reasons import (
    ALMOST,
    COUNTED_FROM_1,
    ELSEWHERE,
    POSITION,
    SAME_NAME,
    SAVED,
    SHIPPED,
    SIMILAR,
    SPELLED,
    is_proposed,
)
from fitgui.reinterpretation.mapping.same_names import folded, same_names, says_little
from fitgui.reinterpretation.model import Assignment, BinRef, Imported, RegionMap, Target

_ALIKE_ENOUGH = 0.6
"""Below, names are not taken for the same region."""
_CLEARLY = 0.03
"""By how much a bin must be more alike than any other that could be meant, too."""


def propose(imported: Imported, target: Target, *, known: Sequence[RegionMap] = ()) -> RegionMap:
    """A bin for every region of a file, as far as one is known or obvious.

    In this order: what somebody said (a map from a file or a saved one), the same name, maps that come with
    fitgui, the position where regions have no names, likeness of names.

    Args:
        imported: what a file says.
        target: the analysis that it is for.
        known: maps of the same tool and analysis, the first counts most. One that was saved says nothing
            about regions without names.

    Returns:
        A map with an assignment for every region of the file, each with its reason; no two regions share a
        bin and no region has two, unless a known map says that they do.
    """
    work = _Proposal(imported.regions, target)
    for source in known:
        if not _is_shipped(source) and not (imported.ordered and _is_saved(source)):
            work.take(source)
    found, almost, from_one = same_names(work.open(), target)
    for region, place in found.items():
        work.put(Assignment(region, (place,), SAME_NAME if region == target.text(place) else SPELLED))
    shipped = [source for source in known if _is_shipped(source)]
    literally = {one.region for source in shipped for one in source.assignments}
    for region, place in from_one.items():
        if region not in literally:  # other spellings of what they know count their bins from 0
            work.put(Assignment(region, (place,), COUNTED_FROM_1))
    for source in shipped:
        work.take(source)
    if imported.ordered:
        work.by_position()
    for region, place in almost.items():
        work.put(Assignment(region, (place,), ALMOST))
    for region, place in from_one.items():
        work.put(Assignment(region, (place,), COUNTED_FROM_1))
    if not imported.ordered:
        work.by_likeness()
    work.settle()
    return RegionMap(
        imported.tool,
        work.assignments(),
        frozenset(work.ignored),
        work.doubled,
        zeros=frozenset(work.zeros),
    )


class _Proposal:
    """A map while it is being put together."""

    def __init__(self, regions: Sequence[str], target: Target) -> None:
        self._regions = regions
        self._target = target
        self._places = tuple(target.bins())
        self._found: dict[str, Assignment] = {}
        self._elsewhere: dict[str, Assignment] = {}
        self._taken: set[BinRef] = set()
        self.ignored: set[str] = set()
        self.zeros: set[str] = set()
        self.doubled = False

    def open(self) -> list[str]:
        """Regions for which nothing was found, and that are not left out."""
        closed = self._found.keys() | self.ignored
        return [region for region in self._regions if region not in closed]

    def settle(self) -> None:
        """Leave out what a known map gives to another workspace of the analysis, if something is left."""
        if self._found:
            self.ignored |= self._elsewhere.keys() - self._found.keys()

    def put(self, assignment: Assignment, *, doubled: bool = False) -> None:
        """Keep an assignment unless its region has one, or its bins are taken and may not be shared."""
        if assignment.region not in self.open():
            return
        if doubled or (len(assignment.bins) == 1 and self._taken.isdisjoint(assignment.bins)):
            self._found[assignment.region] = assignment
            self._taken.update(assignment.bins)

    def take(self, known: RegionMap) -> None:
        """Use a map that is known; of a region that is called the same apart from spelling, too."""
        by_name = {one.region: one for one in known.assignments}
        spelled = _unique(known.assignments)
        self.zeros |= known.zeros & {channel.name for channel in self._target.channels}
        for region in self.open():
            entry = by_name.get(region) or spelled.get(folded(region))
            if entry is not None and _is_shipped(known) and says_little(region, entry.region):
                entry = replace(entry, reason=ALMOST)  # WCRcut_cuts of a search may not be WCR of this one
            if entry is None:
                if region in known.ignored:
                    self.ignored.add(region)
                continue
            if entry.region in known.ignored:
                self.ignored.add(region)
                continue
            here = tuple(place for place in entry.bins if place in self._places)
            if here and len(here) == len(entry.bins):
                # What shared a bin does so again; whether it still may is asked for each file, unless it is
                # said by a map that was given for this one.
                again = entry.region == region and entry.reason == SAVED
                self.doubled |= known.doubled and (len(here) > 1 or not self._taken.isdisjoint(here))
                self.put(replace(entry, region=region), doubled=known.doubled or again)
            elif entry.bins and not is_proposed(entry):
                self._elsewhere[region] = Assignment(region, (), ELSEWHERE)

    def by_position(self) -> None:
        """Give bins in their order where there are as many regions as bins, or as bins of signal regions."""
        left = self.open()
        signal = [place for place in self._places if self._target.channel(place.channel).is_signal]
        for places in (self._places, signal):
            if left and len(left) == len(self._regions) == len(places):
                for region, place in zip(left, places, strict=True):
                    self.put(Assignment(region, (place,), POSITION))
                return

    def by_likeness(self) -> None:
        """Give each region the bin whose name is most like its own, where one clearly is."""
        with LOADING:  # half a second, and seldom needed
            from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

        left = [region for region in self.open() if region not in self._elsewhere]
        free_places = [j for j, place in enumerate(self._places) if place not in self._taken]
        if not left or not free_places:
            return
        table = likenesses(left, self._target, among=self._regions)[:, free_places]
        rows, columns = linear_sum_assignment(table, maximize=True)
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
            best = float(table[i, j])
            others = max(_second(table[i].tolist(), j), _second(table[:, j].tolist(), i))
            if best >= _ALIKE_ENOUGH and best >= others + _CLEARLY:
                place = self._places[free_places[j]]
                self.put(Assignment(left[i], (place,), SIMILAR, round(best, 3)))

    def assignments(self) -> tuple[Assignment, ...]:
        """One for every region, in the order of the file."""
        found = self._elsewhere | self._found
        return tuple(found.get(region, Assignment(region, ())) for region in self._regions)


def _second(values: Sequence[float], best: int) -> float:
    return max((value for k, value in enumerate(values) if k != best), default=0.0)


def _is_shipped(known: RegionMap) -> bool:
    return any(one.reason.startswith(SHIPPED) for one in known.assignments)


def _is_saved(known: RegionMap) -> bool:
    return any(one.reason == SAVED for one in known.assignments)


def _unique(assignments: Iterable[Assignment]) -> dict[str, Assignment]:
    spelled: dict[str, list[Assignment]] = {}
    for one in assignments:
        spelled.setdefault(folded(one.region), []).append(one)
    return {name: several[0] for name, several in spelled.items() if len(several) == 1}
