"""What is wrong with a region map, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from fitgui.reinterpretation.findings import few, note, severe
from fitgui.reinterpretation.mapping.hints import hints
from fitgui.reinterpretation.mapping.reasons import (
    COUNTED_FROM_1,
    ELSEWHERE,
    POSITION,
    SAME_NAME,
    needs_confirmation,
)
from fitgui.reinterpretation.model import Assignment, BinRef, Finding, Imported, RegionMap, Target


def problems(
    region_map: RegionMap, imported: Imported, target: Target, *, settled: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What speaks against using a map as it is.

    Args:
        region_map: of the regions of the file.
        imported: what the file says.
        target: the analysis.
        settled: channels without yields of which somebody has said what becomes of them (a treatment).

    Returns:
        Severe findings, until which are mended or confirmed nothing may be fitted: ``unmapped``, ``doubled``,
        ``missing``, ``order``, ``proposed``, ``other-analysis``; and notes.
    """
    used = [one for one in region_map.assignments if one.region not in region_map.ignored]
    findings: list[Finding] = []
    findings += _of_another(used, region_map, imported, target)
    findings += _unmapped(used, region_map, imported, target)
    findings += _doubled(used, region_map, target)
    if any(point.patch is None for point in imported.points):  # a patch adds nothing to what it leaves alone
        findings += _missing(used, region_map, target, settled)
    findings += _unconfirmed(region_map, imported, target)
    findings += _holes(used, region_map, imported)
    findings += _other_order(used, imported, target)
    findings += _left_out(region_map, imported)
    findings += _zeros(used, region_map, target)
    return tuple(findings)


def _of_another(
    used: Sequence[Assignment], region_map: RegionMap, imported: Imported, target: Target
) -> Iterable[Finding]:
    places = set(target.bins())
    strange = dict.fromkeys(place.channel for one in used for place in one.bins if place not in places)
    if strange:
        yield severe(
            "other-analysis",
            f"The region map names channels or bins that {_name(target)} does not have ({few(strange)}): it "
            "is made for another workspace; choose the right one, or another map.",
        )
    nearly = hints((one.region for one in used if not one.bins), target)
    if region_map.assignments and not nearly and not any(one.bins for one in used):
        signal = [channel.name for channel in target.channels if channel.is_signal]
        yield severe(
            "other-analysis",
            f"No region of {imported.source} ({few(imported.regions)}) is called like a channel "
            f"of {_name(target)} ({few(signal)}): is the file for another analysis?",
        )


def _unmapped(
    used: Sequence[Assignment], region_map: RegionMap, imported: Imported, target: Target
) -> Iterable[Finding]:
    left = {one.region: one for one in used if not one.bins}
    left |= {
        region: Assignment(region, ())
        for region in imported.regions
        if region_map.assignment(region) is None and region not in region_map.ignored
    }
    explained: set[str] = set()
    for hint in hints(left, target):
        explained.update(hint.regions)
        yield severe("unmapped", hint.sentence)
    nowhere = [region for region in left if region not in explained]
    if nowhere:
        yield severe(
            "unmapped",
            f"{_regions(nowhere)} of {imported.source} {'has' if len(nowhere) == 1 else 'have'} no bin: "
            f"choose {'one' if len(nowhere) == 1 else 'them'}, or leave the region{_s(nowhere)} out.",
        )


def _doubled(used: Sequence[Assignment], region_map: RegionMap, target: Target) -> Iterable[Finding]:
    say = note if region_map.doubled else severe
    owners: dict[BinRef, list[str]] = defaultdict(list)
    for one in used:
        for place in one.bins:
            owners[place].append(one.region)
        if len(one.bins) > 1:
            yield say(
                "doubled",
                f"Region {one.region} fills {len(one.bins)} bins "
                f"({few([_text(target, place) for place in one.bins])}): all its events are counted in each "
                "of them; give it one bin, or say that this is meant.",
            )
    for place, regions in owners.items():
        if len(regions) > 1:
            yield say(
                "doubled",
                f"Bin {_text(target, place)} is filled by {len(regions)} regions ({few(regions)}): "
                "they are added up; give it one, or say that this is meant.",
            )


def _missing(
    used: Sequence[Assignment], region_map: RegionMap, target: Target, settled: Collection[str]
) -> Iterable[Finding]:
    filled = {place for one in used for place in one.bins}
    empty: list[str] = []
    for channel in target.channels:
        lacking = [
            BinRef(channel.name, number)
            for number in range(channel.bins)
            if BinRef(channel.name, number) not in filled
        ]
        if not lacking:
            continue
        if len(lacking) < channel.bins:
            if channel.name in region_map.zeros:
                continue
            yield severe(
                "missing",
                f"Of the {channel.bins} bins of {channel.name}, {few([target.text(at) for at in lacking])} "
                f"{'has' if len(lacking) == 1 else 'have'} no region: add the yields, or say that there is "
                "no signal.",
            )
        elif channel.is_signal and channel.name not in settled:
            empty.append(channel.name)
    if empty:
        one = len(empty) == 1
        what = f"the signal region {empty[0]}" if one else f"{len(empty)} signal regions ({few(empty)})"
        yield severe(
            "missing",
            f"There are no yields for {what}: add them, or say that {'it stays' if one else 'they stay'} in "
            f"the fit without signal or {'is' if one else 'are'} left out.",
        )


def _unconfirmed(region_map: RegionMap, imported: Imported, target: Target) -> Iterable[Finding]:
    waiting = needs_confirmation(region_map)
    by_order = [one for one in waiting if one.reason.startswith(POSITION)]
    from_1 = [one for one in waiting if one.reason == COUNTED_FROM_1]
    by_name = [one for one in waiting if not one.reason.startswith((POSITION, COUNTED_FROM_1))]
    if by_order:
        what = f"The regions of {imported.source} have no names, so they"
        if not imported.ordered:
            what = f"Of {len(by_order)} regions of {imported.source} the map tells the order only; they"
        yield severe(
            "order",
            f"{what} are taken in the order of the workspace "
            f"({_pairs(by_order, target)}): a wrong order gives a wrong limit, so compare and confirm.",
        )
    if from_1:
        channels = few(dict.fromkeys(one.bins[0].channel for one in from_1))
        first = _text(target, min((one.bins[0] for one in from_1), key=lambda place: place.bin))
        yield severe(
            "proposed",
            f"Bins count from 0, but {imported.source} seems to count those of {channels} from 1, and is "
            f"taken so ({_pairs(from_1, target)}): compare and confirm, or write {first} for the first one.",
        )
    if by_name:
        yield severe(
            "proposed",
            f"{len(by_name)} of {len(imported.regions)} regions of {imported.source} got a bin by "
            f"likeness of names only ({_pairs(by_name, target)}): compare them and confirm.",
        )


def _holes(used: Sequence[Assignment], region_map: RegionMap, imported: Imported) -> Iterable[Finding]:
    """Points that lack some of the regions of a channel, which others have."""
    needed: dict[str, set[str]] = defaultdict(set)
    for one in used:
        for channel in {place.channel for place in one.bins}:
            needed[channel].add(one.region)
    several = {
        channel: regions
        for channel, regions in needed.items()
        if len(regions) > 1 and channel not in region_map.zeros
    }
    bad: dict[str, list[str]] = defaultdict(list)
    seen: dict[frozenset[str], tuple[str, ...]] = {}
    for point in imported.points:
        given = frozenset(region.region for region in point.regions)
        if given not in seen:
            seen[given] = tuple(
                c for c, regions in several.items() if not given >= regions and given & regions
            )
        for channel in seen[given]:
            bad[channel].append(point.name)
    for channel, names in bad.items():
        yield severe(
            "missing",
            f"{len(names)} of {len(imported.points)} points ({few(names)}) of {imported.source} have yields "
            f"in some bins of {channel} only: add the others, or say that there is no signal.",
        )


def _other_order(used: Sequence[Assignment], imported: Imported, target: Target) -> Iterable[Finding]:
    if imported.ordered or any(one.reason.startswith(POSITION) for one in used):
        return
    rank = {place: number for number, place in enumerate(target.bins())}
    ranks = [rank[one.bins[0]] for one in used if one.bins and one.bins[0] in rank]
    if ranks != sorted(ranks):
        names = "name" if all(one.reason.startswith(SAME_NAME) for one in used if one.bins) else "the map"
        yield note(
            "listed",
            f"{imported.source} lists its regions in another order than the workspace: they are placed by "
            f"{names}, so the order does not matter.",
        )


def _left_out(region_map: RegionMap, imported: Imported) -> Iterable[Finding]:
    elsewhere = [
        one.region
        for one in region_map.assignments
        if one.reason == ELSEWHERE and one.region in region_map.ignored
    ]
    if elsewhere:
        yield note(
            "elsewhere",
            f"{_regions(elsewhere)} of {imported.source} {'belongs' if len(elsewhere) == 1 else 'belong'} to "
            "channels that are in another workspace of the analysis, and are not used here.",
        )
    others = [
        region for region in imported.regions if region in region_map.ignored and region not in elsewhere
    ]
    if others:
        yield note("ignored", f"{_regions(others)} of {imported.source} {_is(others)} left out.")


def _zeros(used: Sequence[Assignment], region_map: RegionMap, target: Target) -> Iterable[Finding]:
    filled = {place for one in used for place in one.bins}
    partly = {place.channel for place in filled}
    empty = [
        target.text(place)
        for place in target.bins()
        if place.channel in region_map.zeros & partly and place not in filled
    ]
    if empty:
        yield note("zeros", f"No region fills {few(empty)}: there is no signal, as you said.")


def _name(target: Target) -> str:
    return f"workspace {target.analysis.name} of {target.pallet}"


def _text(target: Target, place: BinRef) -> str:
    try:
        return target.text(place)
    except KeyError:
        return f"{place.channel}[{place.bin}]"


def _pairs(assignments: Sequence[Assignment], target: Target) -> str:
    return few([f"{one.region} as {_text(target, one.bins[0])}" for one in assignments])


def _regions(names: Sequence[str]) -> str:
    return f"Region {names[0]}" if len(names) == 1 else f"{len(names)} regions ({few(names)})"


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _s(names: Collection[str]) -> str:
    return "" if len(names) == 1 else "s"
