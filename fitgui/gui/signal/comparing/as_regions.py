"""What is in the form as if a file had brought it, for other analyses: by names of a tool, or of bins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fitgui.gui.signal.drafting.draft import Draft, is_untouched, signal_of, treatments_of
from fitgui.reinterpretation.mapping.reasons import CHOSEN, SAME_NAME, is_proposed
from fitgui.reinterpretation.model import (
    Assignment,
    BinRef,
    Imported,
    ImportedPoint,
    RegionMap,
    RegionYield,
    Signal,
    Target,
    Treatment,
)

FORM_TOOL: Final = "form"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file of one point that has filled the form."""

    imported: Imported
    """In events."""
    signal: Signal
    """That it came to."""
    region_map: RegionMap


@dataclass(frozen=True, slots=True)
class Asked:
    """What several analyses are asked about."""

    imported: Imported
    """One point, in events, under names that maps of other analyses may know."""
    target: Target
    """The analysis of the form."""
    region_map: RegionMap
    """Of :attr:`imported`, for that analysis."""
    signal: Signal
    """There: exactly what the form fits."""
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    """What was chosen there for channels without yields."""

    @property
    def known(self) -> RegionMap:
        """The map as others of the same search can use it: what was confirmed was said by somebody."""
        if not self.region_map.confirmed:
            return self.region_map
        said = tuple(
            replace(one, reason=CHOSEN) if is_proposed(one) else one for one in self.region_map.assignments
        )
        return replace(self.region_map, assignments=said)


def asked_of(draft: Draft, target: Target, taken: Taken | None = None) -> Asked:
    """What a draft asks of several analyses.

    Args:
        draft: of the form, with a number in every cell.
        target: its analysis.
        taken: the file that filled the form last; of use as long as the draft is still about it.
    """
    signal, treatments = signal_of(draft, target), treatments_of(draft, target)
    about_file = taken is not None and draft.origin is taken.signal
    if taken is not None and about_file and is_untouched(draft) and draft.scale == 1.0:
        return Asked(taken.imported, target, taken.region_map, signal, treatments)
    imported, region_map = as_imported(signal, target, taken if about_file else None)
    return Asked(imported, target, region_map, signal, treatments)


def as_imported(signal: Signal, target: Target, taken: Taken | None = None) -> tuple[Imported, RegionMap]:
    """The bins of a signal as regions, with all of its uncertainties, and the map that leads back.

    Args:
        signal: of the target.
        target: its analysis.
        taken: a file whose names are used for the bins that each have one region of it.
    """
    places = [place for place in target.bins() if place.channel in signal.yields]
    names = {place: target.text(place) for place in places}
    tool, source = FORM_TOOL, "your signal"
    given = {} if taken is None else _names(taken.region_map)
    if taken is not None:
        renamed = {place: given.get(place, name) for place, name in names.items()}
        if len(set(renamed.values())) == len(renamed):
            names, tool, source = renamed, taken.imported.tool, taken.imported.source
    point = ImportedPoint(
        signal.name,
        signal.values,
        tuple(_region(signal, names[place], place) for place in places),
        with_luminosity=signal.with_luminosity,
    )
    imported = Imported(
        tool=tool,
        source=source,
        analysis=target.analysis.name,
        labels=tuple(signal.values),
        points=(point,),
    )
    assignments = tuple(
        Assignment(names[place], (place,), SAME_NAME if names[place] == target.text(place) else CHOSEN)
        for place in places
    )
    return imported, RegionMap(tool, assignments)


def _names(region_map: RegionMap) -> dict[BinRef, str]:
    """Of bins that have one region, which has no other bin."""
    used = [one for one in region_map.assignments if one.region not in region_map.ignored]
    filled = Counter(place for one in used for place in one.bins)
    return {one.bins[0]: one.region for one in used if len(one.bins) == 1 and filled[one.bins[0]] == 1}


def _region(signal: Signal, name: str, place: BinRef) -> RegionYield:
    def of(events: object) -> float | None:
        return events[place.bin] if isinstance(events, tuple) else None

    systematics = {}
    for one in signal.systematics:
        up, down = of(one.up.get(place.channel)), of(one.down.get(place.channel))
        if up is not None or down is not None:
            systematics[one.name] = (down or 0.0, up or 0.0)
    return RegionYield(
        region=name,
        value=signal.yields[place.channel][place.bin],
        statistical=of(signal.statistical.get(place.channel)),
        systematics=systematics,
        uncorrelated=frozenset(
            one.name for one in signal.systematics if not one.correlated and one.name in systematics
        ),
        simulated=of(signal.simulated.get(place.channel)),
    )
