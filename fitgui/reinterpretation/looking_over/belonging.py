"""Whether a file is about this analysis, or about another one that is known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from fitgui.pallets.model import Pallet
from fitgui.pallets.published import Entry
from fitgui.reinterpretation.analysis_numbers import NUMBER
from fitgui.reinterpretation.findings import few, severe
from fitgui.reinterpretation.mapping.likeness import likenesses
from fitgui.reinterpretation.mapping.same_names import folded
from fitgui.reinterpretation.mapping.shipped import all_shipped
from fitgui.reinterpretation.model import Finding, Imported, Target
from fitgui.reinterpretation.target.target import bundled_entries, entry_of

_ARXIV: Final = re.compile(r"(?<!\d)(\d{4})[._](\d{4,5})(?!\d)")
_MOST: Final = 0.6
"""So many of the regions of a file another analysis has to know ..."""
_FEW: Final = 0.3
"""... and no more of them this one."""
_ALIKE: Final = 0.8
"""A name that is as much like a bin's counts as one of this analysis."""
_LEAST: Final = 2
"""Regions, without which nothing can be told by their names."""


def belonging_findings(
    target: Target, imported: Imported, known: Mapping[str, Collection[str]] | None = None
) -> Iterator[Finding]:
    """Say if a file is about another analysis, by what it says itself, or by the names of its regions.

    Args:
        target: the analysis that was chosen.
        imported: the file.
        known: names of regions by analysis; those that fitgui brings if not given.
    """
    entry = _entry(target)
    own = _own_numbers(target, entry)
    if is_about(target, imported.analysis) is False:
        other = _known_as(_named(imported.analysis))
        what = imported.analysis if other is None else f"{imported.analysis} ({_title(other)})"
        here = target.pallet if entry is None else _title(entry)
        yield severe(
            "other-analysis",
            f"{imported.source} is about {what}, but the chosen analysis is {here}: choose the one "
            "that the yields are for.",
        )
        return
    if imported.ordered:
        return
    name = _of_another(target, imported, own, _shipped() if known is None else known)
    if name is not None:
        yield severe(
            "other-analysis",
            f"The regions of {imported.source} ({few(imported.regions)}) are those of {name}, "
            f"not of {target.analysis.name} of {target.pallet}: choose the analysis that the yields are for.",
        )


def is_about(target: Target, name: str) -> bool | None:
    """Whether a file that names an analysis means this one: by its number, or that of its paper.

    Args:
        target: the analysis.
        name: what the file says, as ``atlas_susy_2018_04`` or ``1911.06660``.

    Returns:
        ``None`` where the name has no number, or one that cannot be compared.
    """
    named = _named(name)
    entry = _entry(target)
    own = _own_numbers(target, entry)
    if named & own:
        return True
    other = _known_as(named)
    is_other = entry is not None and other is not None and other.key != entry.key
    return False if named and (is_other or _same_kind(named, own)) else None


def _entry(target: Target) -> Entry | None:
    pallet = Pallet(name=target.pallet, source=target.source, digest="", analyses=())
    return entry_of(pallet, target.analysis)


def _own_numbers(target: Target, entry: Entry | None) -> set[str]:
    return _named(target.pallet) | (set() if entry is None else _numbers(entry))


def _known_as(named: Collection[str]) -> Entry | None:
    return next((each for each in bundled_entries() if not _numbers(each).isdisjoint(named)), None)


def _of_another(
    target: Target, imported: Imported, own: Collection[str], known: Mapping[str, Collection[str]]
) -> str | None:
    regions = imported.regions
    if len(regions) < _LEAST:
        return None
    wanted = [folded(region) for region in regions]
    shares = {
        name: sum(region in names for region in wanted) / len(wanted)
        for name, names in ((name, set(map(folded, names))) for name, names in known.items())
    }
    best = max(shares, key=shares.__getitem__, default=None)
    if best is None or shares[best] < _MOST:
        return None
    here = max((share for name, share in shares.items() if _named(name) & set(own)), default=0.0)
    if here > _FEW or _named(best) & set(own):
        return None
    like = (likenesses(regions, target).max(axis=1) >= _ALIKE).mean()
    return best if like <= _FEW else None


@cache
def _shipped() -> Mapping[str, frozenset[str]]:
    """Names that any tool gives to regions, by analysis."""
    found: dict[str, frozenset[str]] = {}
    for each in all_shipped():
        names = frozenset((*each.regions, *each.ordered, *each.ignored))
        found[each.analysis] = found.get(each.analysis, frozenset()) | names
    return found


def _named(text: str) -> set[str]:
    """Numbers of analyses and papers in a name: ``SUSY-2018-04``, ``2106.01676``."""
    found = {f"{kind}-{year}-{number}" for kind, year, number in NUMBER.findall(text.upper())}
    return found | {f"{month}.{number}" for month, number in _ARXIV.findall(text)}


def _numbers(entry: Entry) -> set[str]:
    return _named(f"{entry.analysis} {entry.arxiv}")


def _same_kind(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two names can be compared: both are numbers of analyses, or both of papers."""
    return bool({"-" in one for one in some} & {"-" in one for one in others})


def _title(entry: Entry) -> str:
    return f"{entry.analysis}, {entry.nickname}" if entry.analysis and entry.nickname else entry.nickname
