"""What is noticed in yields before they are fitted: what stops them, and which option lets them pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from fitgui import words
from fitgui.cli.reinterpret_asked import ACCEPTABLE, Asked
from fitgui.cli.reinterpret_signals import Candidate, plain, without_points
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.looking_over.sanity import check_file, check_signals
from fitgui.reinterpretation.mapping.edits import allow_doubled, allow_zeros, confirm
from fitgui.reinterpretation.mapping.placing import Placing
from fitgui.reinterpretation.mapping.problems import problems
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

FLAT = "signal_uncertainty"
"""The parameter of ``--signal-uncertainty``."""

_OF_MAPS = frozenset(("proposed", "order", "doubled"))
"""What can be accepted of a region map."""
_WAYS_OUT = {
    "unmapped": "--map FILE says where regions go, --ignore REGION... leaves them out",
    "unknown": "--map FILE says where regions go",
    "missing": "--missing zero: no signal there; --missing drop: left out of the fit",
}


def looked_through(candidate: Candidate, asked: Asked) -> Candidate:
    """The same with its signals, or with everything that forbids to fit them.

    All findings are kept; severe ones that were not accepted make the problems. They are looked for in one
    go as far as that is possible: without a unit names can be compared, and without a confirmation of names
    numbers can.
    """
    target, region_map = candidate.target, candidate.region_map
    if candidate.problem:
        return candidate
    unit = ""
    try:
        imported = to_events(
            candidate.imported,
            cross_section_fb=asked.cross_section_fb,
            luminosity_fb=asked.luminosity_fb,
        )
    except SignalError as error:
        imported = candidate.imported
        unit = plain(str(error)) + _units_wanted(candidate, asked)
    settled = [*asked.treatments, *(name for point in imported.points for name in point.dropped)]
    if asked.missing is not None:
        settled = [channel.name for channel in target.channels]
        incomplete = (_gaps(region_map, target) | _holes(imported, region_map)) - region_map.zeros
        candidate = replace(candidate, incomplete=incomplete)
        for channel in incomplete:
            region_map = allow_zeros(region_map, channel)
    if "doubled" in asked.accepted:
        region_map = allow_doubled(region_map)
    candidate = replace(candidate, imported=imported, region_map=region_map)
    of_map = tuple(
        replace(finding, code="unknown") if finding.code == "other-analysis" else finding
        for finding in problems(region_map, imported, target, settled=settled)
    )
    refused = _refused(of_map, _OF_MAPS & asked.accepted)
    if unit or any(finding.severe and finding.code not in _OF_MAPS for finding in of_map):
        of_file = check_file(target, imported)
        refused += _refused(of_file, asked.accepted)
        return _stopped(candidate, [*([unit] if unit else []), *refused], (*of_map, *of_file))
    placed = region_map
    if any(finding.code in ("proposed", "order") for finding in of_map if finding.severe):
        placed = confirm(region_map)
    if not refused:
        candidate = replace(candidate, region_map=placed)
    try:
        placing = Placing(allow_doubled(placed) if refused else placed, target)
    except SignalError as error:
        return _stopped(candidate, [*refused, plain(str(error))], of_map)
    placed_signals, troubles = _placed(placing, imported, asked)
    candidate = without_points(candidate, troubles)
    if candidate.problem:
        return _stopped(candidate, [*refused, candidate.problem], of_map)
    imported, signals = candidate.imported, placed_signals
    treatments = candidate.treatments(signals[0], asked)
    settled_so = {**dict.fromkeys(settled, Treatment.KEEP), **treatments}
    noticed = check_signals(target, signals, imported, treatments=settled_so)
    refused += _refused(noticed, asked.accepted)
    if refused:
        return _stopped(candidate, refused, (*of_map, *noticed))
    notes = tuple(
        Finding(severe=False, sentence=_sentence(note), code="note")
        for note in (*imported.notes, *_unused(imported, signals, asked))
    )
    findings = _each_once((*of_map, *noticed, *notes, *consequences(target, signals[0], treatments)))
    return replace(candidate, signals=signals, findings=tuple(map(_accepted, findings)))


def _placed(placing: Placing, imported: Imported, asked: Asked) -> tuple[tuple[Signal, ...], dict[int, str]]:
    """The signals of points, and why others have none."""
    signals: list[Signal] = []
    troubles: dict[int, str] = {}
    for number, point in enumerate(imported.points):
        try:
            signals.append(_as_asked(placing.signal(point), asked))
        except SignalError as error:
            troubles[number] = str(error)
    return tuple(signals), troubles


def _stopped(candidate: Candidate, refused: Iterable[str], findings: Iterable[Finding]) -> Candidate:
    """The same with what forbids to go on; what was noticed besides is kept."""
    first, *further = dict.fromkeys(refused)
    return replace(candidate, findings=_each_once(findings), problem=first, further=tuple(further))


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
    return replace(signal, with_luminosity=signal.with_luminosity and asked.with_luminosity)


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


def _refused(findings: Iterable[Finding], accepted: Collection[str]) -> list[str]:
    """What forbids to go on, each with the option that allows it."""
    severe = [finding for finding in findings if finding.severe and finding.code not in accepted]
    return [f"{plain(finding.sentence)}{_way_out(finding)}" for finding in severe]


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
