"""From files of yields to signals on published analyses, with everything that is to be said of them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from fitgui import words
from fitgui.cli.choice import choose_analysis, choose_measurement
from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.cli.output import say
from fitgui.cli.reinterpret_asked import ACCEPTABLE, Asked
from fitgui.pallets import Pallet
from fitgui.reinterpretation.consequences import consequences
from fitgui.reinterpretation.map_files import read_map
from fitgui.reinterpretation.mapping import (
    ELSEWHERE,
    Placing,
    allow_doubled,
    allow_zeros,
    confirm,
    ignore,
    is_proposed,
    problems,
    propose,
)
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    RegionMap,
    Signal,
    SignalError,
    Systematic,
    Target,
    Treatment,
)
from fitgui.reinterpretation.normalising import needs, to_events
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.sanity import check_signals
from fitgui.reinterpretation.saved_maps import SavedMaps
from fitgui.reinterpretation.shipped import shipped_maps
from fitgui.reinterpretation.target import target_of

STANDARD_INPUT = "standard input"
FLAT = "signal_uncertainty"
"""The parameter of ``--signal-uncertainty``."""

_OF_MAPS = frozenset(("proposed", "order", "doubled"))
"""What can be accepted of a region map."""
_WAYS_OUT = {
    "unmapped": "--map FILE says where regions go, --ignore REGION... leaves them out",
    "unknown": "--map FILE says where regions go",
    "missing": "--missing zero: no signal there; --missing drop: left out of the fit",
}


@dataclass(frozen=True, slots=True)
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

    def treatments(self, signal: Signal, asked: Asked) -> dict[str, Treatment]:
        """What becomes of channels, for one point."""
        known = {channel.name for channel in self.target.channels}
        chosen = {name: each for name, each in asked.treatments.items() if name in known}
        if asked.missing is not None and signal.patch is None:
            for channel in self.target.channels:
                if channel.is_signal and channel.name not in signal.yields:
                    chosen.setdefault(channel.name, asked.missing)
            if asked.missing is Treatment.DROP:
                chosen |= dict.fromkeys(
                    self.region_map.zeros & _gaps(self.region_map, self.target), Treatment.DROP
                )
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
        raise CommandUsageError(_plain(reasons[-1]) if reasons else "there is no analysis in what was named")
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
    troubles: list[str] = []
    maps = SavedMaps()
    for target in targets:
        try:
            several = read_signals(source, tool=asked.tool, target=target)
            proposals = [_proposed(imported, target, asked, maps) for imported in _named(several, asked.of)]
            found.append(_chosen(proposals, alone=len(targets) == 1))
        except SignalError as error:
            troubles.append(str(error))
    for trouble in maps.troubles:
        say(trouble)
    if not found:
        raise CommandUsageError(_plain(troubles[0]))
    for trouble in troubles:
        say(trouble)
    if len(found) > 1:
        found = _only_here(found)
    return tuple(_ignoring(one, asked) for one in found)


def looked_through(candidate: Candidate, asked: Asked) -> Candidate:
    """The same with its signals, or with the problem that forbids to fit them.

    All findings are kept; severe ones that were not accepted make the problem.
    """
    target, region_map = candidate.target, candidate.region_map
    if candidate.problem:
        return candidate
    try:
        imported = to_events(
            candidate.imported,
            cross_section_fb=asked.cross_section_fb,
            luminosity_fb=asked.luminosity_fb,
        )
    except SignalError as error:
        return replace(candidate, problem=_plain(str(error)) + _units_wanted(candidate, asked))
    settled = list(asked.treatments)
    if asked.missing is not None:
        settled = [channel.name for channel in target.channels]
        for channel in _gaps(region_map, target) | _holes(imported, region_map):
            region_map = allow_zeros(region_map, channel)
    if "doubled" in asked.accepted:
        region_map = allow_doubled(region_map)
    candidate = replace(candidate, imported=imported, region_map=region_map)
    of_map = tuple(
        replace(finding, code="unknown") if finding.code == "other-analysis" else finding
        for finding in problems(region_map, imported, target, settled=settled)
    )
    if refused := _refused(of_map, _OF_MAPS & asked.accepted):
        return replace(candidate, findings=of_map, problem=refused)
    if any(finding.code in ("proposed", "order") for finding in of_map if finding.severe):
        candidate = replace(candidate, region_map=confirm(region_map))
    try:
        placing = Placing(region_map, target)
        signals = tuple(_as_asked(placing.signal(point), asked) for point in imported.points)
    except SignalError as error:
        return replace(candidate, findings=of_map, problem=_plain(str(error)))
    treatments = candidate.treatments(signals[0], asked)
    settled_so = {**dict.fromkeys(settled, Treatment.KEEP), **treatments}
    noticed = check_signals(target, signals, imported, treatments=settled_so)
    notes = tuple(
        Finding(severe=False, sentence=_sentence(note), code="note")
        for note in (*imported.notes, *_unused(imported, signals, asked))
    )
    findings = _each_once((*of_map, *noticed, *notes, *consequences(target, signals[0], treatments)))
    if refused := _refused(findings, asked.accepted):
        return replace(candidate, findings=findings, problem=refused)
    return replace(candidate, signals=signals, findings=tuple(map(_accepted, findings)))


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
    """Of several analyses in a file the one whose regions are known here; a single one is taken as it is."""
    if len(proposals) == 1:
        return proposals[0]
    sure = [
        sum(bool(one.bins) and not is_proposed(one) for one in proposal.region_map.assignments)
        for proposal in proposals
    ]
    best = max(sure)
    names = [proposal.imported.analysis for proposal in proposals]
    if best == 0 or sure.count(best) > 1:
        raise CommandUsageError(
            f"{proposals[0].imported.source} speaks of several analyses, choose one with --of: "
            f"{', '.join(names)}"
        )
    chosen = proposals[sure.index(best)]
    where = "" if alone else f" for {chosen.target.analysis.name}"
    say(f"taking {chosen.imported.analysis} of {chosen.imported.source}{where}; --of chooses another")
    return chosen


def _only_here(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out of each analysis what has no bin there, and surely has one in another."""
    placed = {
        one.region
        for candidate in candidates
        for one in candidate.region_map.assignments
        if one.bins and not is_proposed(one)
    }
    found = []
    for candidate in candidates:
        here = candidate.region_map
        away = [
            one.region
            for one in here.assignments
            if one.reason == ELSEWHERE or (one.region in placed and (not one.bins or is_proposed(one)))
        ]
        if len(away) < len(here.assignments):
            found.append(replace(candidate, region_map=ignore(here, *away)))
        else:
            problem = f"none of the regions of {candidate.imported.source} is known here"
            found.append(replace(candidate, problem=problem))
    return found


def _ignoring(candidate: Candidate, asked: Asked) -> Candidate:
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


def _as_asked(signal: Signal, asked: Asked) -> Signal:
    """Scaled, with a flat uncertainty, and without that of the luminosity, as far as it was asked for."""
    signal = signal.scaled(asked.scale)
    if signal.patch is not None:
        return signal
    if asked.uncertainty is not None and not signal.systematics:
        part = asked.uncertainty
        up = {name: tuple(part * value for value in each) for name, each in signal.yields.items()}
        down = {name: tuple(-value for value in each) for name, each in up.items()}
        signal = replace(signal, systematics=(Systematic(FLAT, up, down),))
    return replace(signal, with_luminosity=asked.with_luminosity)


def _unused(imported: Imported, signals: Sequence[Signal], asked: Asked) -> Iterator[str]:
    """What was asked for and says nothing to these yields."""
    if any(signal.patch is not None for signal in signals):
        given = [
            *(["--signal-uncertainty"] if asked.uncertainty is not None else []),
            *([] if asked.with_luminosity else ["--no-luminosity-uncertainty"]),
        ]
        if given:
            yield f"patches are fitted as they are: {' and '.join(given)} says nothing to {imported.source}"
    elif asked.uncertainty is not None:
        own = sum(bool(signal.systematics) and signal.systematics[0].name != FLAT for signal in signals)
        if own:
            whose = "the signal" if len(signals) == 1 else f"{own} of {len(signals)} points"
            yield f"--signal-uncertainty is not used where yields have uncertainties of their own: {whose}"


def _gaps(region_map: RegionMap, target: Target) -> frozenset[str]:
    """Channels of which some bins have a region, and some have none."""
    filled = {
        place for one in region_map.assignments if one.region not in region_map.ignored for place in one.bins
    }
    numbers = {
        channel.name: sum(place.channel == channel.name for place in filled) for channel in target.channels
    }
    return frozenset(channel.name for channel in target.channels if 0 < numbers[channel.name] < channel.bins)


def _holes(imported: Imported, region_map: RegionMap) -> frozenset[str]:
    """Channels of several regions, where some points lack one."""
    everywhere = set(imported.regions)
    for given in {frozenset(region.region for region in point.regions) for point in imported.points}:
        everywhere &= given
    lacking = {
        place.channel
        for one in region_map.assignments
        if one.region not in everywhere and one.region not in region_map.ignored
        for place in one.bins
    }
    several: dict[str, int] = {}
    for one in region_map.assignments:
        for channel in {place.channel for place in one.bins}:
            several[channel] = several.get(channel, 0) + 1
    return frozenset(channel for channel in lacking if several[channel] > 1)


def _refused(findings: Iterable[Finding], accepted: Collection[str]) -> str:
    """What forbids to go on, with the option that allows it; empty if nothing does."""
    severe = [finding for finding in findings if finding.severe and finding.code not in accepted]
    if not severe:
        return ""
    first = severe[0]
    more = f"; --show-map tells of {words.count(len(severe) - 1, 'more finding')}" if len(severe) > 1 else ""
    return f"{_plain(first.sentence)}{_way_out(first)}{more}"


def _units_wanted(candidate: Candidate, asked: Asked) -> str:
    """Which options make events of the numbers; what the catalogue says is told, not used."""
    section, luminosity = needs(candidate.imported)
    wanted = []
    if section and asked.cross_section_fb is None:
        wanted.append("--cross-section 'VALUE fb'")
    if luminosity and asked.luminosity_fb is None:
        known = candidate.target.luminosity_fb
        by = f", which is {known:g} fb-1 for this analysis by the catalogue" if known else ""
        wanted.append(f"--luminosity 'VALUE fb-1'{by}")
    return f" (with {' and '.join(wanted)})" if wanted else ""


def _accepted(finding: Finding) -> Finding:
    if not finding.severe:
        return finding
    return replace(finding, severe=False, sentence=f"Accepted: {finding.sentence}")


def _way_out(finding: Finding) -> str:
    if finding.code in ACCEPTABLE:
        return f" (if it is right: --accept {finding.code})"
    way = _WAYS_OUT.get(finding.code)
    return f" ({way})" if way else ""


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    once: Mapping[str, Finding] = {finding.sentence: finding for finding in reversed(tuple(findings))}
    return tuple(reversed(tuple(once.values())))


def _sentence(note: str) -> str:
    return f"{words.capital(note).rstrip('.')}."


def _plain(sentence: str) -> str:
    """As it stands behind ``fitgui:``."""
    return sentence.rstrip(".")
