"""Which regions of a file bear the name of a bin, whatever the spelling."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from fitgui.reinterpretation.model import BinRef, Target

_IN_BRACKETS = re.compile(r"(.+?)\s*\[(\d+)\]")
_NUMBERED = re.compile(r"(.+?)(?:[\s_.:/-]+bin[\s_]*|[\s_.:/-]+)(\d+)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:cuts?|region)$")


def place_of(text: str) -> BinRef:
    """The bin that a text names as it is written everywhere.

    ``SRHMEM_mct2[0]``, or ``SR1cut_cuts`` for bin 0 of that channel.
    """
    match = _IN_BRACKETS.fullmatch(text.strip())
    return BinRef(match[1], int(match[2])) if match else BinRef(text.strip(), 0)


def folded(name: str) -> str:
    """A name without case, signs between its letters, and the suffix ``cuts`` that HistFitter writes."""
    short = re.sub(r"[^a-z0-9]", "", name.casefold())
    while (shorter := _SUFFIX.sub("", short)) and shorter != short:
        short = shorter
    return short


def same_names(regions: Iterable[str], target: Target) -> tuple[dict[str, BinRef], dict[str, BinRef]]:
    """Regions that are called like a bin, apart from spelling; no bin is given twice.

    ``channel``, ``channel[bin]``, ``channel_bin0`` and ``channel_0`` are known, in any case and with or
    without underscores and the suffix ``_cuts``; a prefix that ends in two underscores (of SimpleAnalysis) is
    passed over.

    Args:
        regions: names, each once.
        target: whose bins they may be.

    Returns:
        bins by region; and those of regions that count the bins of their channel from 1, which somebody
        should confirm.
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
    spelled: dict[BinRef, list[str]] = defaultdict(list)
    numbered: dict[str, dict[str, tuple[int, bool]]] = defaultdict(dict)
    for name in names:
        if name in found:
            continue
        for short in dict.fromkeys((name, name.rpartition("__")[2])):
            if (single := bins.get(folded(short), ("", 0)))[1] == 1:
                spelled[BinRef(single[0], 0)].append(name)
                break
            match = _IN_BRACKETS.fullmatch(short) or _NUMBERED.fullmatch(short)
            if match and (channel := bins.get(folded(match[1]), ("", 0))[0]):
                numbered[channel][name] = (int(match[2]), "[" in short)
                break
    from_one: dict[str, BinRef] = {}
    for channel, numbers in numbered.items():
        size = target.channel(channel).bins
        given = {number for number, _ in numbers.values()} | {
            place.bin for place in taken if place.channel == channel
        }
        if size > 1 and given == set(range(1, size + 1)):
            from_one |= {name: BinRef(channel, number - 1) for name, (number, _) in numbers.items()}
            continue
        for name, (number, brackets) in numbers.items():
            if number < size and (brackets or 0 in given):
                spelled[BinRef(channel, number)].append(name)
    for place, several in spelled.items():
        if len(several) == 1 and place not in taken:
            found[several[0]] = place
    once = Counter(from_one.values())
    return found, {name: place for name, place in from_one.items() if once[place] == 1}
