"""How much the name of a region is like that of a bin, where both were made by different people.

``SR_HM_Low_MCT`` of one tool is ``SRHMEM_mct2[0]`` of the workspace: words are compared one by one, and where
names differ in a number or in low, medium and high only, their order is compared with that of bins.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fitgui.reinterpretation.kinds import kind_by_name
from fitgui.reinterpretation.model import BinRef, RegionKind, Target

_KIND = re.compile(r"^(SR|CR|VR|sr|cr|vr)(?=.)")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])\d*|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
_BIN = re.compile(r"\s*\[\d+\]\s*$")
"""The number of a bin, which is no word of a name: ``SR[1]`` is not like ``SR1``."""
_NOISE = frozenset(("cut", "cuts", "region", "bin", "mass"))
_LEVELS = {
    "low": 0, "lo": 0, "l": 0, "lowmass": 0,
    "med": 1, "mid": 1, "medium": 1, "m": 1, "int": 1, "intermediate": 1,
    "high": 2, "hi": 2, "hig": 2, "h": 2, "highmass": 2,
}  # fmt: skip
_STEPS = re.compile(r"\d+|low|medium|med|mid|high|(?<![A-Za-z])[LMH](?![A-Za-z])|[LMH]$", re.IGNORECASE)
_OTHER_TYPE = 0.8
"""What is left of a likeness where an order of words is compared with an order of channels."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A place in a row of names that differ in one word only."""

    stem: str
    rank: int
    size: int


def likeness(one: str, other: str) -> float:
    """How much two names are alike, from 0 to 1, word by word.

    Twice what their words have in common over all their words, longer words weighing more (a Sørensen-Dice
    coefficient where words may agree in part).
    """
    return _alike(_words(one), _words(other))


def likenesses(
    regions: Sequence[str], target: Target, *, among: Sequence[str] = ()
) -> npt.NDArray[np.float64]:
    """How much every region is like every bin.

    Args:
        regions: names of a file.
        target: whose bins are compared.
        among: all regions of the file, which tell what a row of names is; the same by default.

    Returns:
        numbers from 0 to 1, one row for each region and one column for each bin in the order of the
        workspace. A signal region is never like a control region.
    """
    places = list(target.bins())
    table = np.zeros((len(regions), len(places)))
    steps = _steps(among or regions)
    singles = [channel.name for channel in target.channels if channel.bins == 1]
    rows = _steps(singles)
    kinds = {channel.name: channel.kind for channel in target.channels}
    sizes = {channel.name: channel.bins for channel in target.channels}
    for i, region in enumerate(regions):
        kind = kind_by_name(region)
        for j, place in enumerate(places):
            if _contradict(kind, kinds[place.channel]):
                continue
            table[i, j] = _of_bin(region, steps[region], place, sizes[place.channel], rows)
    return table


def _of_bin(
    region: str, steps: Sequence[_Step], place: BinRef, size: int, rows: dict[str, tuple[_Step, ...]]
) -> float:
    if size > 1:
        fitting = [step for step in steps if step.size == size and step.rank == place.bin]
        return max((likeness(step.stem, place.channel) for step in fitting), default=0.0)
    best = likeness(region, place.channel)
    for step in steps:
        for row in rows[place.channel]:
            if (step.rank, step.size) == (row.rank, row.size):
                best = max(best, _OTHER_TYPE * likeness(step.stem, row.stem))
    return best


def _steps(names: Sequence[str]) -> dict[str, tuple[_Step, ...]]:
    """The rows in which each name has a place: SRC_22, SRC_24, SRC_26 is one."""
    groups: dict[tuple[str, bool], dict[str, int]] = defaultdict(dict)
    stems: dict[tuple[str, bool], str] = {}
    for name in names:
        for match in _STEPS.finditer(name):
            number = match[0].isdigit()
            value = int(match[0]) if number else _LEVELS[match[0].casefold()]
            stem = f"{name[: match.start()]} {name[match.end() :]}"
            key = (f"{match.start()}:{stem.casefold()}", number)
            stems[key] = stem
            groups[key][name] = value
    found: dict[str, list[_Step]] = {name: [] for name in names}
    for key, members in groups.items():
        if len(members) < 2 or len(set(members.values())) < len(members):
            continue
        for rank, name in enumerate(sorted(members, key=members.__getitem__)):
            found[name].append(_Step(stems[key], rank, len(members)))
    return {name: tuple(steps) for name, steps in found.items()}


def _contradict(region: RegionKind, channel: RegionKind) -> bool:
    if RegionKind.UNKNOWN in (region, channel):
        return False
    return (region is RegionKind.SIGNAL) != (channel is RegionKind.SIGNAL)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    apart = _KIND.sub(r"\1 ", _BIN.sub("", name).strip())
    words = (
        word.lstrip("0") or "0" if word.isdecimal() else word.casefold() for word in _WORDS.findall(apart)
    )
    return tuple(word for word in words if word not in _NOISE)


@lru_cache(maxsize=65536)
def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if not one or not other or _oppose(one, other):
        return 0.0
    common = sum(len(word) ** 0.5 * max(_same_word(word, each) for each in other) for word in one)
    common += sum(len(word) ** 0.5 * max(_same_word(word, each) for each in one) for word in other)
    return float(common / sum(len(word) ** 0.5 for word in (*one, *other)))


def _oppose(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one says low and the other high, or they have different numbers."""
    levels = ({_LEVELS[word] for word in words if word in _LEVELS} for words in (one, other))
    numbers = ({int(word) for word in words if word.isdecimal()} for words in (one, other))
    return any(first and second and first.isdisjoint(second) for first, second in (levels, numbers))


@lru_cache(maxsize=65536)
def _same_word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if _LEVELS.get(one, -1) == _LEVELS.get(other, -2):
        return 0.9
    short, long = sorted((one, other), key=len)
    if len(short) >= 2 and long.startswith(short):
        return 0.8
    ratio: float = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return 0.8 * ratio if ratio >= 0.7 else 0.0
