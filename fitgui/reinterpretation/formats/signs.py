"""Systematic uncertainties of a file whose two directions go the same way: mostly a sign is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.findings import note, severe
from fitgui.reinterpretation.model import Finding, ImportedPoint, RegionYield

_LIKE = 0.6
"""A change that differs from the yield by less than this part of it may be a yield itself."""
_SMALL = 1e-3
"""Relative to the yield: what changes it by less is nothing."""
_SAME = 1e-6


@dataclass(slots=True)
class _Signs:
    """What all regions say of one uncertainty."""

    raises: bool = True
    lowers: bool = True
    whole: bool = True
    """Whether its numbers may be whole yields."""
    equal: bool = True

    def take(self, region: RegionYield, down: float, up: float) -> None:
        """One more region."""
        self.raises &= down > 0.0 and up > 0.0
        self.lowers &= down < 0.0 and up < 0.0
        self.whole &= all(abs(each - region.value) <= _LIKE * abs(region.value) for each in (down, up))
        self.equal &= abs(up - down) <= _SAME * abs(up)


def same_sided(points: Iterable[ImportedPoint], name: str) -> tuple[Finding, ...]:
    """Say which uncertainties raise, or lower, the yields in both directions, in all regions.

    Scales of a theory do that sometimes. More often the sign of the change downwards is missing, or whole
    yields stand there instead of changes: that is severe where the numbers are the same in both directions or
    as large as the yields, or where no uncertainty of the file has a sign.

    Args:
        points: of a file.
        name: of the file.
    """
    signs: dict[str, _Signs] = {}
    for region in (region for point in points for region in point.regions):
        for systematic, (down, up) in region.systematics.items():
            if max(abs(down), abs(up)) > _SMALL * abs(region.value):
                signs.setdefault(systematic, _Signs()).take(region, down, up)
    return tuple(_findings(signs, name))


def _findings(signs: dict[str, _Signs], name: str) -> Iterator[Finding]:
    unsigned = all(each.raises for each in signs.values())
    for systematic, each in signs.items():
        if not each.raises and not each.lowers:
            continue
        remedy = (
            "its numbers look like whole yields: give the changes, so subtract the yield from them"
            if each.whole
            else "if that is not meant, give a change that lowers them a minus sign"
        )
        worded = severe if each.raises and (unsigned or each.equal or each.whole) else note
        yield worded(
            "sides",
            f"{name}: the uncertainty {shown(systematic, 60)} {'raises' if each.raises else 'lowers'} the "
            f"yields in both directions, in every region; {remedy}.",
        )
