"""From files of yields to signals on published analyses, with everything that is to be said of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from fitgui import words
from fitgui.cli.choice import choose_analysis, choose_measurement
from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.cli.output import say
from fitgui.cli.reinterpret_asked import Asked
from fitgui.pallets import Pallet
from fitgui.reinterpretation.choosing import choose, shared_out
from fitgui.reinterpretation.mapping.edits import ignore
from fitgui.reinterpretation.mapping.files import read_map
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.saved import SavedMaps
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    RegionMap,
    Signal,
    SignalError,
    Target,
    Treatment,
)
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.target.target import target_of

STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class Candidate:
    """The yields on one analysis."""

    target: Target
    imported: Imported
    """In events as soon as that was possible."""
    region_map: RegionMap
    signals: tuple[Signal, ...] = ()
    """One for each model point; empty where ``problem`` says why."""
    findings: tuple[Finding, ...] = ()
    """Nothing severe that was not accepted."""
    problem: str = ""
    further: tuple[str, ...] = ()
    """What else forbids it, beside ``problem``."""
    incomplete: frozenset[str] = frozenset()
    """Channels of which only some bins have yields, in some points at least."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Points that cannot be fitted, and why, beside others that can."""

    @property
    def problem_in_short(self) -> str:
        """One sentence, for a line of a table."""
        if not self.further:
            return self.problem
        return f"{self.problem}; --show-map tells of {words.count(len(self.further), 'more finding')}"

    @cached_property
    def _removed(self) -> dict[str, tuple[str, ...]]:
        """Channels that the patches of points remove, by the name of the point."""
        return {point.name: point.dropped for point in self.imported.points if point.dropped}

    def treatments(self, signal: Signal, asked: Asked) -> dict[str, Treatment]:
        """What becomes of channels, for one point."""
        known = {channel.name for channel in self.target.channels}
        chosen: dict[str, Treatment] = {}
        if signal.patch is None:  # a patch that was changed leaves out what it removes
            chosen |= dict.fromkeys(self._removed.get(signal.name, ()), Treatment.DROP)
        chosen |= {name: each for name, each in asked.treatments.items() if name in known}
        if asked.missing is not None and signal.patch is None:
            for channel in self.target.channels:
                if channel.is_signal and channel.name not in signal.yields:
                    chosen.setdefault(channel.name, asked.missing)
            if asked.missing is Treatment.DROP:
                chosen |= dict.fromkeys(self.incomplete, Treatment.DROP)
        return chosen


def find_targets(pallets: Sequence[Pallet], asked: Asked) -> list[Target]:
    """The analyses that are meant: the one that was named, or all to which a signal can be added.

    Raises:
        CommandUsageError: if there is none.
    """
    found: list[Target] = []
    reasons: list[str] = []
    for pallet in pallets:
        analyses = pallet.analyses
        if asked.analysis is not None:
            analyses = (choose_analysis(pallet, asked.analysis),)
        for analysis in analyses:
            measurement = asked.measurement
            if asked.analysis is not None or len(analyses) == 1:
                measurement = choose_measurement(analysis, measurement)
            elif measurement not in (None, *analysis.measurements):
                reasons.append(f"analysis {analysis.name} has no measurement {measurement}")
                continue
            try:
                found.append(target_of(pallet, analysis, measurement))
            except SignalError as error:
                reasons.append(str(error))
    for reason in reasons[: None if found else -1]:
        say(reason)
    if not found:
        raise CommandUsageError(plain(reasons[-1]) if reasons else "there is no analysis in what was named")
    named = {channel.name for target in found for channel in target.channels}
    for channel in asked.treatments:
        if channel not in named:
            raise unknown("channel", channel, sorted(named))
    return found


def content_of(yields: str) -> Path | tuple[str, bytes]:
    """What is read: a path, or what comes from the standard input.

    Raises:
        CommandUsageError: if there is nothing.
    """
    if yields == "-":
        data = sys.stdin.buffer.read() if sys.stdin is not None else b""
        if not data.strip():
            raise CommandUsageError(
                "nothing came from the standard input: give a file, or pipe the yields in"
            )
        return STANDARD_INPUT, data
    path = Path(yields)
    if not path.exists():
        raise CommandUsageError(f"there is no file or folder {yields}: give the file with the yields")
    return path


def read_on(
    source: Path | tuple[str, bytes], targets: Sequence[Target], asked: Asked
) -> tuple[Candidate, ...]:
    """Read yields for each analysis, and propose where their regions go.

    Raises:
        CommandUsageError: if they can be read for none.
    """
    found: list[Candidate] = []
    taken: dict[str, list[Target]] = {}
    troubles: list[str] = []
    maps = SavedMaps()
    for target in targets:
        try:
            several = _named(read_signals(source, tool=asked.tool, target=target), asked.of)
            proposals = [_proposed(imported, target, asked, maps) for imported in several]
            found.append(chosen := _chosen(proposals, alone=len(targets) == 1))
        except SignalError as error:
            troubles.append(str(error))
        else:
            if len(several) > 1 and not chosen.problem:
                taken.setdefault(chosen.imported.analysis, []).append(target)
    for trouble in maps.troubles:
        say(trouble)
    if not found:
        raise CommandUsageError(plain(troubles[0]))
    for trouble in dict.fromkeys(troubles):
        say(trouble)
    for name, wanted in taken.items():
        names = ", ".join(target.analysis.name for target in wanted)
        where = "" if len(taken) == 1 and len(wanted) == len(targets) else f" for {names}"
        say(f"taking {name} of {found[0].imported.source}{where}; --of chooses another")
    if len(found) > 1:
        found = _only_here(found, proposed="proposed" in asked.accepted)
    return tuple(_ignoring(one, asked) for one in found)


def _named(several: Sequence[Imported], of: str | None) -> Sequence[Imported]:
    if of is None:
        return several
    found = [imported for imported in several if imported.analysis.casefold() == of.casefold()]
    names = [imported.analysis for imported in several if imported.analysis]
    if not found and not names:
        raise CommandUsageError(f"{several[0].source} does not say which analysis it is for: leave --of out")
    if not found:
        raise unknown("analysis", of, names, where=f" in {several[0].source}")
    return found


def _proposed(imported: Imported, target: Target, asked: Asked, maps: SavedMaps) -> Candidate:
    known: list[RegionMap] = []
    if asked.map_file is not None:
        known.append(read_map(asked.map_file, target))
    elif (saved := maps.find(target, imported.tool)) is not None:
        known.append(saved)
    known += shipped_maps(target, imported.tool)
    return Candidate(target, imported, propose(imported, target, known=known))


def _chosen(proposals: Sequence[Candidate], *, alone: bool) -> Candidate:
    """Of several analyses in a file the one that is meant; a single one is taken as it is.

    Where none is, and other analyses are asked as well, this one stays without an answer.
    """
    several = [proposal.imported for proposal in proposals]
    number = choose(several, [proposal.region_map for proposal in proposals], proposals[0].target)
    if number is None:
        names = ", ".join(imported.analysis for imported in several)
        problem = (
            f"{several[0].source} speaks of several analyses, and none of them surely is this one: choose "
            f"one with --of: {names}"
        )
        if alone:
            raise SignalError(problem)
        return replace(proposals[0], region_map=RegionMap(several[0].tool, ()), problem=problem)
    return proposals[number]


def without_points(candidate: Candidate, troubles: Mapping[int, str]) -> Candidate:
    """The same without points that cannot be fitted; with a problem instead where none is left.

    Args:
        candidate: its signals, if there are some yet, are those of its points.
        troubles: why they cannot, by the places of the points.
    """
    if not troubles:
        return candidate
    points = candidate.imported.points
    kept = [number for number in range(len(points)) if number not in troubles]
    if not kept:
        return replace(candidate, problem=plain(next(iter(troubles.values()))), signals=())
    return replace(
        candidate,
        imported=replace(candidate.imported, points=tuple(points[number] for number in kept)),
        signals=tuple(candidate.signals[number] for number in kept) if candidate.signals else (),
        left_out={**candidate.left_out, **{points[number].name: why for number, why in troubles.items()}},
    )


def _only_here(candidates: Sequence[Candidate], *, proposed: bool) -> list[Candidate]:
    """Leave out of each analysis what has no bin there, and surely has one in another."""
    maps = shared_out(
        [candidate.region_map for candidate in candidates],
        proposed=proposed,
        searches=[candidate.target.source for candidate in candidates],
    )
    return [
        replace(candidate, problem=f"none of the regions of {candidate.imported.source} is known here")
        if region_map is None
        else replace(candidate, region_map=region_map)
        for candidate, region_map in zip(candidates, maps, strict=True)
    ]


def _ignoring(candidate: Candidate, asked: Asked) -> Candidate:
    if candidate.problem:
        return candidate
    regions = candidate.imported.regions
    away: list[str] = []
    for pattern in asked.ignored:
        matching = [name for name in regions if name == pattern] or [
            name for name in regions if fnmatchcase(name, pattern)
        ]
        if not matching:
            raise unknown("region", pattern, regions, where=f" in {candidate.imported.source}")
        away += matching
    return replace(candidate, region_map=ignore(candidate.region_map, *away))


def problems_of(candidates: Sequence[Candidate]) -> list[str]:
    """All that forbids to fit the yields on any of the analyses, the first thing first.

    What all of them have in common is said once, anything else with the name of the analysis.
    """
    said = [(candidate.problem, *candidate.further) for candidate in candidates]
    common = set(said[0]).intersection(*said[1:])
    lines = [
        problem if problem in common else f"{candidate.target.analysis.name}: {problem}"
        for candidate, problems in zip(candidates, said, strict=True)
        for problem in problems
    ]
    return list(dict.fromkeys(lines))


def plain(sentence: str) -> str:
    """As it stands behind ``fitgui:``."""
    return sentence.rstrip(".")
