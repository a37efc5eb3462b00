"""What an upper limit on the signal strength rests on: bounds of the workspace, the scale of the yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from fitgui import words
from fitgui.pallets.poi import largest_mu
from fitgui.reinterpretation.findings import note
from fitgui.reinterpretation.model import Finding, Signal, Target, Treatment
from fitgui.reinterpretation.patching.patch import joined_staterrors
from fitgui.reinterpretation.target.shapes import published
from fitgui_backends.results import EXCLUSION_CLS, FitResult

if TYPE_CHECKING:
    import numpy.typing as npt

_NEAR: Final = 2.0
"""Times 1, or a part of it: limits so near need no other scale."""
_MOVED: Final = 0.05
"""Of the variance of the data in a bin, by which its statistical uncertainty is wrong at the limit: below,
limits of published signals differ by less than one per cent."""


def limit_caveats(
    target: Target,
    signal: Signal,
    treatments: Mapping[str, Treatment] | None,
    result: FitResult | None,
) -> Iterator[Finding]:
    """What should be known of a limit.

    Args:
        target: the analysis.
        signal: whose limit it is.
        treatments: channels that are left out of the fit.
        result: with limits, else nothing is said.
    """
    largest = largest_mu(target.analysis, target.measurement)
    if result is None or result.limits is None or not result.limits.converged:
        return
    limit = result.limits.obs
    beyond = (limit is None and result.cls_obs >= EXCLUSION_CLS) or (
        limit is not None and largest is not None and limit > 0.99 * largest
    )
    if beyond and largest is not None:
        joined = any(joined_staterrors(target, signal, treatments))
        more = f", and is the more accurate one: {_why(target)}" if joined else ""
        yield note(
            "bound",
            f"The upper limit is beyond {target.poi} = {largest:g}, where the workspace ends: to find it, "
            f"multiply all yields by {largest:g}. The limit is then {largest:g} times what is found{more}.",
        )
    elif limit is not None and _is_far(limit) and _moved(target, signal, treatments, limit) > _MOVED:
        factor = words.number(limit, 2)
        yield note(
            "scale",
            f"The upper limit is far from 1, so it is accurate to some per cent only: {_why(target)}. For a "
            f"better one multiply all yields by {factor}; the limit is then {factor} times what is found.",
        )


def _is_far(limit: float) -> bool:
    return limit > _NEAR or 0.0 < limit < 1.0 / _NEAR


def _why(target: Target) -> str:
    return (
        "the statistical uncertainty of the signal counts together with that of the background, as in "
        f"published signals, and as large as it is at {target.poi} = 1"
    )


def _moved(target: Target, signal: Signal, treatments: Mapping[str, Treatment] | None, limit: float) -> float:
    """By how much the joint statistical uncertainty is wrong at a limit, in parts of the data's variance.

    The parameter of a bin scales background and signal by a common relative uncertainty, which is
    ``sqrt(db^2 + ds^2) / (b + s)`` whatever mu is, while that of ``b + mu s`` would be
    ``sqrt(db^2 + (mu ds)^2)``.
    """
    most = 0.0
    for name in joined_staterrors(target, signal, treatments):
        channel = target.channel(name)
        s, b = np.array(signal.yields[name]), np.array(channel.background)
        ds = np.array(signal.statistical.get(name, (0.0,) * channel.bins))
        db = _background_error(target, name, channel.staterror)
        some = b + s > 0.0
        s, b, ds, db = s[some], b[some], ds[some], db[some]
        with np.errstate(all="ignore"):  # whatever is typed; what is no number says nothing
            expected = np.clip(b + limit * s, 1e-9, None)
            used = (db**2 + ds**2) * (expected / (b + s)) ** 2
            wrong = np.nan_to_num(np.abs(used - db**2 - (limit * ds) ** 2) / expected)
        most = max(most, float(np.max(wrong, initial=0.0)))
    return most


def _background_error(target: Target, name: str, staterror: str) -> npt.NDArray[np.float64]:
    """The statistical uncertainty of the background of a channel in events, by bin."""
    known = published(target).derived
    key = f"staterror {name}"
    if key not in known:
        channel = next(each for each in target.analysis.workspace["channels"] if each["name"] == name)
        given = [
            modifier["data"]
            for sample in channel["samples"]
            for modifier in sample["modifiers"]
            if modifier["name"] == staterror and modifier["type"] == "staterror"
        ]
        known[key] = np.sqrt(np.square(np.array(given, dtype=float)).sum(axis=0))
    found: npt.NDArray[np.float64] = known[key]
    return found
