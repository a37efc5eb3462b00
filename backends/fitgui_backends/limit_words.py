"""Words about upper limits that every engine uses; imports nothing that is slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fitgui_backends.levels import EXCLUSION_CLS

if TYPE_CHECKING:
    from fitgui_backends.results import LimitBand

BAND = (-2, -1, 0, 1, 2)
"""The limits of a :data:`.LimitBand`, in standard deviations of the background-only expectation."""


def limits_named(sigmas: Sequence[int], *, observed: bool) -> str:
    """Some of the limits of a point: ``the observed limit and the expected limits at +1 and +2 sigma``.

    Args:
        sigmas: Which of the expected ones.
        observed: Whether the observed one is among them.
    """
    if observed and len(sigmas) == len(BAND):
        return "all limits"
    names = ["the observed limit"] if observed else []
    if len(sigmas) == len(BAND):
        names.append("all expected limits")
    elif list(sigmas) == [0]:
        names.append("the median expected limit")
    elif sigmas:
        places = [f"{sigma:+d}" if sigma else "0" for sigma in sigmas]
        listed = " and ".join([*([", ".join(places[:-1])] if len(places) > 1 else []), places[-1]])
        names.append(f"the expected limit{'s' if len(sigmas) > 1 else ''} at {listed} sigma")
    return " and ".join(names)


def limits_beyond(
    observed: float | None, expected: LimitBand, poi: str, upper: float, level: float = EXCLUSION_CLS
) -> list[str]:
    """Which limits lie beyond the bounds of the signal strength, in a sentence, if any does.

    Args:
        observed: ``None`` where that is so.
        expected: As ``observed``.
        poi: The name of the signal strength.
        upper: Its upper bound.
        level: Of CLs.
    """
    sigmas = [sigma for sigma, limit in zip(BAND, expected, strict=True) if limit is None]
    if observed is not None and not sigmas:
        return []
    lie = "lie" if len(sigmas) + (observed is None) > 1 else "lies"
    which = limits_named(sigmas, observed=observed is None)
    return [f"CLs is still above {level:g} at {poi} = {upper:g}, the end of its range: {which} {lie} beyond."]
