"""Which regions of a file bear the name of a bin, whatever the spelling."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from fitgui.reinterpretation.model import BinRef, Target

_IN_BRACKETS = re.compile(r"(.+?)\s*\[(\d+)\]")
_NUMBERED = re.compile(r"(.+?)(?:[\s_.:/-]+bin[\s_]*|[\s_.:/-]+)(\d+)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:cuts?|region)$")
_IN_NUMBERS = re.compile(r"(?<=[0-9])[^a-z0-9]+(?=[0-9])")
_SIGNS = re.compile(r"(?<![0-9])[^a-z0-9]+|[^a-z0-9]+(?![0-9])")
_ANY_SEARCH = re.compile(r"[scv]rs?[0-9]*")
"""What a region of any search may be called."""


def place_of(text: str) -> BinRef:
    """The bin that a text names as it is written everywhere.

    ``SRHMEM_mct2[0]``, or ``SR1cut_cuts`` for bin 0 of that channel.
    """
    match = _IN_BRACKETS.fullmatch(text.strip())
    return BinRef(match[1], int(match[2])) if match else BinRef(text.strip(), 0)


def numbered(text: str) -> tuple[str, int]:
    """The channel and the number of a bin, as far as a text names both in some way; else no channel."""
    match = _IN_BRACKETS.fullmatch(text) or _NUMBERED.fullmatch(text)
    return (match[1], int(match[2])) if match else ("", 0)


def folded(name: str) -> str:
    """A name without case, signs between its letters, and the suffix ``cuts`` that HistFitter writes.

    Between two digits a sign stays, as ``_``: ``SR_11`` is not ``SR1_1``. The number of a bin is no part of a
    name, so its brackets stay: ``SR[1]`` is not ``SR1``.
    """
    if match := _IN_BRACKETS.fullmatch(name):
        return f"{folded(match[1])}[{int(match[2])}]"
    short = _spelled(name)
    while (shorter := _SUFFIX.sub("", short)) and shorter != short:
        short = shorter
    return short


def says_little(region: str, channel: str) -> bool:
    """Whether a region has the name of a channel, as far as it goes, but another search could mean it, too.

    So it is where more than case, signs and ``_cuts`` had to be passed over (``SR1`` for ``SR1cut_cuts``),
    or where ``_cuts`` was and nothing is left but what any search calls its regions (``SR1`` for
    ``SR1_cuts``).
    """
    names = [_spelled(each) for each in (region, channel)]
    if names[0] == names[1]:
        return False
    region, channel = (name.removesuffix("cuts") or name for name in names)
    return region != channel or _ANY_SEARCH.fullmatch(region) is not None


def _spelled(name: str) -> str:
    """Without case, and without signs but between digits."""
    return _SIGNS.sub("", _IN_NUMBERS.sub("_", name.casefold())).strip("_")


def same_names(
    regions: Iterable[str], target: Target
) -> tuple[dict[str, BinRef], dict[str, BinRef], dict[str, BinRef]]:
    """Regions that are called like a bin, apart from spelling; no bin is given twice.

    ``channel``, ``channel[bin]``, ``channel_bin0`` and ``channel_0`` are known, in any case and with or
    without underscores and the suffix ``_cuts``; a prefix that ends in two underscores (of SimpleAnalysis) is
    passed over.

    Args:
        regions: names, each once.
        target: whose bins they may be.

    Returns:
        bins by region; and, which somebody should confirm, those of regions whose name another search could
        give as well, and those of regions that count the bins of their channel from 1.
    """
    exact = {target.text(place): place for place in target.bins()}
    names = list(regions)
    found = {name: exact[name] for name in names if name in exact}
    taken = set(found.values())
    counts = Counter(folded(channel.name) for channel in target.channels)
    bins = {
        folded(channel.name): (channel.name, channel.bins)
        for channel in target.channels
        if counts[folded(channel.name)] == 1
    }
    parts: dict[str, str] = {}
    spelled: dict[BinRef, list[str]] = defaultdict(list)
    counted: dict[str, dict[str, tuple[int, bool]]] = defaultdict(dict)
    for name in names:
        if name in found:
            continue
        for short in dict.fromkeys((name, name.rpartition("__")[2])):
            if (single := bins.get(folded(short), ("", 0)))[1] == 1:
                spelled[BinRef(single[0], 0)].append(name)
                parts[name] = short
                break
            stem, number = numbered(short)
            if stem and (channel := bins.get(folded(stem), ("", 0))[0]):
                counted[channel][name] = (number, "[" in short)
                parts[name] = stem
                break
    from_one: dict[str, BinRef] = {}
    for channel, numbers in counted.items():
        size = target.channel(channel).bins
        given = {number for number, _ in numbers.values()} | {
            place.bin for place in taken if place.channel == channel
        }
        if size > 1 and given == set(range(1, size + 1)):
            # Those that are written as here are counted as the others are.
            as_here = {name: place.bin for name, place in found.items() if place.channel == channel}
            others = {name: number for name, (number, _) in numbers.items()}
            from_one |= {name: BinRef(channel, number - 1) for name, number in (as_here | others).items()}
            found = {name: place for name, place in found.items() if name not in as_here}
            continue
        for name, (number, brackets) in numbers.items():
            if number < size and (brackets or 0 in given):
                spelled[BinRef(channel, number)].append(name)
    almost: dict[str, BinRef] = {}
    for place, several in spelled.items():
        if len(several) == 1 and place not in taken:
            name = several[0]
            (almost if says_little(parts[name], place.channel) else found)[name] = place
    once = Counter(from_one.values())
    return found, almost, {name: place for name, place in from_one.items() if once[place] == 1}
