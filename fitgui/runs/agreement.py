"""Whether two runs found the same: the largest difference of CLs and of limits over the points of both."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fitgui.runs.check import CLS_TOLERANCE, LIMIT_TOLERANCE
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.results import FitResult


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two runs of the same analysis beside each other."""

    common: int
    """Points with a result in both."""
    cls_difference: float | None
    """Largest absolute difference of CLs, observed and the five expected; ``None`` without common points."""
    cls_point: str
    """Where it is."""
    limit_difference: float | None
    """Largest relative difference of the upper limits, where both have them."""
    limit_point: str

    @property
    def agrees(self) -> bool | None:
        """Within the tolerances of a check (:mod:`fitgui.runs.check`); ``None`` without common points."""
        if self.cls_difference is None:
            return None
        limits = self.limit_difference is None or self.limit_difference <= LIMIT_TOLERANCE
        return self.cls_difference <= CLS_TOLERANCE and limits


def agreement(one: RunSnapshot, other: RunSnapshot) -> Agreement:
    """Compare the results of two runs point by point, by name; they are taken to be of one analysis."""
    cls: tuple[float, str] | None = None
    limit: tuple[float, str] | None = None
    common = 0
    for name, status in one.points.items():
        theirs = other.points.get(name)
        if status.result is None or theirs is None or theirs.result is None:
            continue
        common += 1
        cls = _larger(cls, _cls_difference(status.result, theirs.result), name)
        limit = _larger(limit, _limit_difference(status.result, theirs.result), name)
    return Agreement(
        common,
        None if cls is None else cls[0],
        "" if cls is None else cls[1],
        None if limit is None else limit[0],
        "" if limit is None else limit[1],
    )


def _larger(known: tuple[float, str] | None, new: float | None, name: str) -> tuple[float, str] | None:
    if new is None or (known is not None and new <= known[0]):
        return known
    return new, name


def _cls_difference(one: FitResult, other: FitResult) -> float | None:
    pairs = zip((one.cls_obs, *one.cls_exp), (other.cls_obs, *other.cls_exp), strict=True)
    found = [abs(ours - theirs) for ours, theirs in pairs if math.isfinite(ours) and math.isfinite(theirs)]
    return max(found, default=None)


def _limit_difference(one: FitResult, other: FitResult) -> float | None:
    if one.limits is None or other.limits is None:
        return None
    pairs = zip((one.limits.obs, *one.limits.exp), (other.limits.obs, *other.limits.exp), strict=True)
    found = [
        abs(ours - theirs) / max(abs(ours), abs(theirs))
        for ours, theirs in pairs
        if ours is not None and theirs is not None and max(abs(ours), abs(theirs)) > 0
    ]
    return max(found, default=None)
