"""What is worked out about a file on a thread: its events, its signals, and what is to be said of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fitgui import words
from fitgui.reinterpretation.looking_over.sanity import check_file, check_signals
from fitgui.reinterpretation.mapping.placing import Placing
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    RegionMap,
    Signal,
    SignalError,
    Target,
    Treatment,
)
from fitgui.reinterpretation.normalising import needs, to_events

Given = Mapping[tuple[tuple[str, ...], bool], int]
"""How many signals have yields in exactly these channels, and are patches, which say themselves what becomes
of others."""


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What was typed where the numbers of a file are not events."""

    cross_section_fb: float | None = None
    luminosity_fb: float | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A file with a map, looked through."""

    imported: Imported
    """In events where that is possible yet, else as it was read."""
    of_map: tuple[Finding, ...] = ()
    """What forbids to use the map, or should be known of it."""
    of_signals: tuple[Finding, ...] = ()
    """What was noticed in the yields; severe ones are to be confirmed."""
    signals: tuple[Signal, ...] = ()
    """One for each point; empty while the map or the numbers do not allow it."""
    given: Given = field(default_factory=dict)
    """Of the signals."""

    @property
    def treatments(self) -> dict[str, Treatment]:
        """What the file says of channels: a patch leaves some out of the fit."""
        points = self.imported.points
        return {name: Treatment.DROP for point in points for name in point.dropped}


def look_through(
    imported: Imported, target: Target, region_map: RegionMap, normalisation: Normalisation
) -> Looked:
    """Everything that is to be said of a file before it is fitted; takes a moment where it has many points.

    Args:
        imported: as it was read.
        target: the analysis.
        region_map: where its regions go.
        normalisation: what was typed.
    """
    # What becomes of signal regions without yields is asked later, where the consequence is shown.
    settled = [channel.name for channel in target.channels]
    sigma, lumi = needs(imported)
    if (sigma and normalisation.cross_section_fb is None) or (lumi and normalisation.luminosity_fb is None):
        of_map = problems(region_map, imported, target, settled=settled)
        return Looked(imported, of_map, check_file(target, imported))
    try:
        events = to_events(  # of events, too: it tells what they may be instead
            imported,
            cross_section_fb=normalisation.cross_section_fb,
            luminosity_fb=normalisation.luminosity_fb,
        )
    except SignalError as error:
        trouble = Finding(severe=True, sentence=words.capital(str(error)), code="units")
        of_map = (*problems(region_map, imported, target, settled=settled), trouble)
        return Looked(imported, of_map, check_file(target, imported))
    of_map = problems(region_map, events, target, settled=settled)
    if any(finding.severe for finding in of_map):
        return Looked(events, of_map, check_file(target, events))  # it may be for another analysis
    try:
        placing = Placing(region_map, target)
        signals = tuple(placing.signal(point) for point in events.points)
    except SignalError as error:
        trouble = Finding(severe=True, sentence=words.capital(str(error)))
        return Looked(events, (*of_map, trouble), check_file(target, events))
    given = channels_of(signals)
    found = check_signals(target, signals, events, treatments=_treatments(target, given))
    said = {finding.sentence for finding in of_map}
    of_signals = tuple(finding for finding in found if finding.sentence not in said)
    return Looked(events, of_map, of_signals, signals, given)


def channels_of(signals: Iterable[Signal]) -> Given:
    """Count; 10,000 signals take longer than a frame."""
    return Counter((tuple(signal.yields), signal.patch is not None) for signal in signals)


def _treatments(target: Target, given: Given) -> dict[str, Treatment]:
    """Signal regions without yields are asked about later, where the consequence is shown."""
    names = frozenset[str]().union(*(channels for channels, _ in given))
    return {channel.name: Treatment.KEEP for channel in target.channels if channel.name not in names}
