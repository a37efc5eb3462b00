"""What is wrong with a region map, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from fitgui.reinterpretation.map_reasons import AS_IN, ELSEWHERE, POSITION, SAME_NAME, needs_confirmation
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
    findings += _unmapped(used, region_map, imported)
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
        yield _severe(
            f"The region map names channels or bins that {_name(target)} does not have ({_few(strange)}): it "
            "is made for another workspace; choose the right one, or another map.",
            "other-analysis",
        )
    if region_map.assignments and not any(one.bins for one in used):
        signal = [channel.name for channel in target.channels if channel.is_signal]
        yield _severe(
            f"No region of {imported.source} ({_few(imported.regions)}) is called like a channel "
            f"of {_name(target)} ({_few(signal)}): is the file for another analysis?",
            "other-analysis",
        )


def _unmapped(used: Sequence[Assignment], region_map: RegionMap, imported: Imported) -> Iterable[Finding]:
    left = {one.region: one for one in used if not one.bins}
    left |= {
        region: Assignment(region, ())
        for region in imported.regions
        if region_map.assignment(region) is None and region not in region_map.ignored
    }
    nowhere = list(left)
    if nowhere:
        yield _severe(
            f"{_regions(nowhere)} of {imported.source} {'has' if len(nowhere) == 1 else 'have'} no bin: "
            f"choose {'one' if len(nowhere) == 1 else 'them'}, or leave the region{_s(nowhere)} out.",
            "unmapped",
        )


def _doubled(used: Sequence[Assignment], region_map: RegionMap, target: Target) -> Iterable[Finding]:
    severe = _note if region_map.doubled else _severe
    owners: dict[BinRef, list[str]] = defaultdict(list)
    for one in used:
        for place in one.bins:
            owners[place].append(one.region)
        if len(one.bins) > 1:
            yield severe(
                f"Region {one.region} fills {len(one.bins)} bins "
                f"({_few([_text(target, place) for place in one.bins])}): all its events are counted in each "
                "of them; give it one bin, or say that this is meant.",
                "doubled",
            )
    for place, regions in owners.items():
        if len(regions) > 1:
            yield severe(
                f"Bin {_text(target, place)} is filled by {len(regions)} regions ({_few(regions)}): "
                "they are added up; give it one, or say that this is meant.",
                "doubled",
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
        if not lacking or channel.name in region_map.zeros:
            continue
        if len(lacking) < channel.bins:
            yield _severe(
                f"Of the {channel.bins} bins of {channel.name}, {_few([target.text(at) for at in lacking])} "
                f"{'has' if len(lacking) == 1 else 'have'} no region: add the yields, or say that there is "
                "no signal.",
                "missing",
            )
        elif channel.is_signal and channel.name not in settled:
            empty.append(channel.name)
    if empty:
        one = len(empty) == 1
        what = f"the signal region {empty[0]}" if one else f"{len(empty)} signal regions ({_few(empty)})"
        yield _severe(
            f"There are no yields for {what}: add them, or say that {'it stays' if one else 'they stay'} in "
            f"the fit without signal or {'is' if one else 'are'} left out.",
            "missing",
        )


def _unconfirmed(region_map: RegionMap, imported: Imported, target: Target) -> Iterable[Finding]:
    waiting = needs_confirmation(region_map)
    by_order = [one for one in waiting if one.reason.startswith(POSITION)]
    by_name = [one for one in waiting if not one.reason.startswith(POSITION)]
    if by_order:
        what = f"The regions of {imported.source} have no names, so they"
        if not imported.ordered:
            what = f"Of {len(by_order)} regions of {imported.source} the map tells the order only; they"
        yield _severe(
            f"{what} are taken in the order of the workspace "
            f"({_pairs(by_order, target)}): a wrong order gives a wrong limit, so compare and confirm.",
            "order",
        )
    if by_name:
        yield _severe(
            f"{len(by_name)} of {len(imported.regions)} regions of {imported.source} got a bin by "
            f"{_why(by_name)} only ({_pairs(by_name, target)}): compare them and confirm.",
            "proposed",
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
        yield _severe(
            f"{len(names)} of {len(imported.points)} points ({_few(names)}) of {imported.source} have yields "
            f"in some bins of {channel} only: add the others, or say that there is no signal.",
            "missing",
        )


def _other_order(used: Sequence[Assignment], imported: Imported, target: Target) -> Iterable[Finding]:
    if imported.ordered or any(one.reason.startswith(POSITION) for one in used):
        return
    rank = {place: number for number, place in enumerate(target.bins())}
    ranks = [rank[one.bins[0]] for one in used if one.bins and one.bins[0] in rank]
    if ranks != sorted(ranks):
        names = "name" if all(one.reason == SAME_NAME for one in used if one.bins) else "the map"
        yield _note(
            f"{imported.source} lists its regions in another order than the workspace: they are placed by "
            f"{names}, so the order does not matter.",
            "order",
        )


def _left_out(region_map: RegionMap, imported: Imported) -> Iterable[Finding]:
    elsewhere = [
        one.region
        for one in region_map.assignments
        if one.reason == ELSEWHERE and one.region in region_map.ignored
    ]
    if elsewhere:
        yield _note(
            f"{_regions(elsewhere)} of {imported.source} {'belongs' if len(elsewhere) == 1 else 'belong'} to "
            "channels that are in another workspace of the analysis, and are not used here.",
            "elsewhere",
        )
    others = [
        region for region in imported.regions if region in region_map.ignored and region not in elsewhere
    ]
    if others:
        yield _note(f"{_regions(others)} of {imported.source} {_is(others)} left out.", "ignored")


def _zeros(used: Sequence[Assignment], region_map: RegionMap, target: Target) -> Iterable[Finding]:
    filled = {place for one in used for place in one.bins}
    empty = [
        target.text(place)
        for place in target.bins()
        if place.channel in region_map.zeros and place not in filled
    ]
    if empty:
        yield _note(f"No region fills {_few(empty)}: there is no signal, as you said.", "zeros")


def _severe(sentence: str, code: str) -> Finding:
    return Finding(severe=True, sentence=sentence, code=code)


def _note(sentence: str, code: str) -> Finding:
    return Finding(severe=False, sentence=sentence, code=code)


def _name(target: Target) -> str:
    return f"workspace {target.analysis.name} of {target.pallet}"


def _text(target: Target, place: BinRef) -> str:
    try:
        return target.text(place)
    except KeyError:
        return f"{place.channel}[{place.bin}]"


def _pairs(assignments: Sequence[Assignment], target: Target) -> str:
    return _few([f"{one.region} as {_text(target, one.bins[0])}" for one in assignments])


def _regions(names: Sequence[str]) -> str:
    return f"Region {names[0]}" if len(names) == 1 else f"{len(names)} regions ({_few(names)})"


def _why(assignments: Sequence[Assignment]) -> str:
    tools = dict.fromkeys(
        one.reason.removeprefix(f"{AS_IN} ") for one in assignments if one.reason.startswith(AS_IN)
    )
    ways = ["likeness of names"] if any(not one.reason.startswith(AS_IN) for one in assignments) else []
    return " and ".join([*ways, *(f"what {tool} calls them" for tool in tools)])


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _s(names: Collection[str]) -> str:
    return "" if len(names) == 1 else "s"


def _few(names: Iterable[str], most: int = 4) -> str:
    listed = list(names)
    if len(listed) <= most:
        return ", ".join(listed)
    return f"{', '.join(listed[: most - 1])} and {len(listed) - most + 1} more"
