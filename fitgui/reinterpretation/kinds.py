"""What a channel is for: signal, control or validation region, by its name and by the published signals."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from fitgui.reinterpretation.model import Events, RegionKind

Verdict = tuple[RegionKind, str]
"""A kind, and why, in words."""

_LETTERS = {"S": RegionKind.SIGNAL, "C": RegionKind.CONTROL, "V": RegionKind.VALIDATION}
# SRHMEM_mct2, QCR1cut_cuts, STCREM_cuts, VRtt; not the SR of ISR, nor that of FSR as a word of its own.
_CAPITALS = re.compile(r"(?:(?<!I)(?<!(?<![A-Za-z])F)S|[CV])R")
_SMALL = re.compile(r"(?<![A-Za-z])[scv]r(?![a-z])")
_WORDS = (
    (re.compile(r"validation", re.IGNORECASE), RegionKind.VALIDATION),
    (re.compile(r"control|side[-_ ]?band", re.IGNORECASE), RegionKind.CONTROL),
    (re.compile(r"signal", re.IGNORECASE), RegionKind.SIGNAL),
)

_LITTLE_EVIDENCE = 0.2
"""Of the largest signal / sqrt(background) of all channels: below, nobody looks for a signal there."""
_LITTLE_YIELD = 0.2
"""Of the background."""


def of_background(share: float) -> str:
    """A number of events in words: ``3.2 % of the background``, ``2.4 times the background``.

    Args:
        share: the events over those of the background; finite.
    """
    if share < 0.995:  # above it, two digits would be 1e+02
        return f"{100.0 * share:.2g} % of the background"
    return f"{share:.2g} times the background" if share < 99.5 else f"{share:.0f} times the background"


def kind_by_name(name: str) -> RegionKind:
    """What the name of a channel says.

    SR, CR or VR in capitals anywhere (the first counts: ``CRSRtop`` is a control region), in small letters as
    a word of its own, or ``signal``, ``control``, ``validation`` written out.

    Args:
        name: of the channel.

    Returns:
        ``UNKNOWN`` where it says nothing.
    """
    found = _CAPITALS.search(name) or _SMALL.search(name)
    if found is not None:
        return _LETTERS[found[0][0].upper()]
    return next((kind for pattern, kind in _WORDS if pattern.search(name)), RegionKind.UNKNOWN)


def kinds_of(
    backgrounds: Mapping[str, Events],
    published: Mapping[str, Events],
    given: Mapping[str, RegionKind] | None = None,
) -> dict[str, Verdict]:
    """What each channel is for.

    What is given counts first, then the name, then the published signals: a channel in which none of them is
    of any weight determines backgrounds. Nothing tells whether such a channel is a control or a validation
    region, so it counts as a control region.

    Args:
        backgrounds: expected events by channel, one number for each bin.
        published: the largest yields of the published signals by channel, as far as there are any.
        given: kinds that are known, by channel.

    Returns:
        Kind and reason by channel, in the order of ``backgrounds``; ``UNKNOWN`` where nothing tells.
    """
    most = max((_evidence(backgrounds[name], high) for name, high in published.items()), default=0.0)
    return {
        name: _kind(name, background, published.get(name), most, (given or {}).get(name))
        for name, background in backgrounds.items()
    }


def _kind(
    name: str, background: Events, high: Events | None, most: float, given: RegionKind | None
) -> Verdict:
    if given is not None:
        return given, "other tools of the field"
    by_name = kind_by_name(name)
    if by_name is not RegionKind.UNKNOWN:
        return by_name, "its name"
    if not high or most <= 0.0:
        return RegionKind.UNKNOWN, "its name does not tell, so it counts as a signal region"
    if not any(high):
        return RegionKind.CONTROL, "published signals leave it alone"
    share = _share(background, high)
    words = (
        f"published signals put up to {of_background(share)} there"
        if math.isfinite(share)
        else "published signals put events where no background is"
    )
    if _evidence(background, high) < _LITTLE_EVIDENCE * most and share < _LITTLE_YIELD:
        return RegionKind.CONTROL, words
    return RegionKind.SIGNAL, words


def _evidence(background: Events, high: Events) -> float:
    """The largest signal / sqrt(background); bins with less than one event count as one."""
    return max((s / max(b, 1.0) ** 0.5 for s, b in zip(high, background, strict=True)), default=0.0)


def _share(background: Events, high: Events) -> float:
    """The largest signal / background; infinite where there is signal and no background."""
    pairs = zip(high, background, strict=True)
    return max((s / b if b > 0.0 else math.inf for s, b in pairs if s > 0.0), default=0.0)
