"""The answer to "is my signal excluded?": a headline with the numbers, and what they mean in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fitgui import words
from fitgui_backends.results import EXCLUSION_CLS, FitResult, ToyAnswer, UpperLimits

_LEAST: Final = 1e-6
"""A CLs that is told as being below that: so far out, numbers mean little."""
_TINY: Final = 0.00095
"""CLs below that are written with one digit."""


class State(StrEnum):
    """What became of a signal."""

    EXCLUDED = "excluded"
    NOT_EXCLUDED = "not excluded"
    UNKNOWN = "doubtful"
    """A fit that the answer rests on did not converge, or there is no number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one signal."""

    state: State
    headline: str
    """``Excluded at 95 % CL: CLs = 0.018 (expected 0.003), μ < 0.41``."""
    sentence: str
    """What it means, for who does not live with CLs: one or two sentences."""


def verdict(result: FitResult, poi: str = "μ", *, mu: float = 1.0, largest: float | None = None) -> Verdict:
    """What a result says about its signal.

    A signal is excluded at 95 % CL where the observed CLs is below 0.05. A limit that did not converge is
    left out, CLs stands without it.

    Args:
        result: with limits or without.
        poi: name of the parameter that scales the signal.
        mu: the tested signal strength.
        largest: the upper bound of the parameter, where it is known.
    """
    observed, expected = result.cls_obs, result.cls_exp[2]
    if not math.isfinite(observed):
        return Verdict(
            State.UNKNOWN,
            "No answer: there is no CLs",
            "A fit came to no number, so nothing can be said about this signal; see the record of the fits.",
        )
    limits = result.limits if result.limits is not None and result.limits.converged else None
    numbers = f"{_cls(observed)} (expected {cls_text(expected)}){_bound(limits)}"
    if not result.converged:
        return Verdict(
            State.UNKNOWN,
            f"Doubtful: {numbers}",
            "A fit behind these numbers did not converge, so they say neither that this signal is excluded "
            "nor that it is allowed; try the other engine.",
        )
    excluded = observed < EXCLUSION_CLS
    strength = "" if mu == 1.0 else f" of μ = {mu:g}"
    state = State.EXCLUDED if excluded else State.NOT_EXCLUDED
    start = f"Excluded{strength} at 95 % CL" if excluded else f"Not excluded{strength}"
    said = [_meaning(excluded, limits, poi, mu, largest), _compared(excluded, expected)]
    if result.limits is not None and limits is None:
        said.append("The search for the upper limit did not converge.")
    if result.toys is not None:
        said.append(_toys(result.toys, excluded=excluded))
    return Verdict(state, f"{start}: {numbers}", " ".join(sentence for sentence in said if sentence))


def cls_text(value: float | None) -> str:
    """A CLs as short as it may be: rounding never takes it across 0.05."""
    if value is None or not math.isfinite(value):
        return words.number(None)
    if value < _LEAST:
        return "<1e-6"
    return f"{value:.1g}" if value < _TINY else words.beside(value, EXCLUSION_CLS)


def limit_text(value: float | None, mu: float = 1.0) -> str:
    """An upper limit on the signal strength as short as it may be: rounding never takes it across ``mu``."""
    if value is None or not math.isfinite(value):
        return words.number(None)
    return words.beside(value, mu)


def _cls(value: float) -> str:
    """``CLs = 0.018``, ``CLs <0.05``."""
    text = cls_text(value)
    return f"CLs {text}" if text.startswith(("<", ">")) else f"CLs = {text}"


def _bound(limits: UpperLimits | None) -> str:
    if limits is None or limits.obs is None or not math.isfinite(limits.obs):
        return ""
    return f", μ < {limit_text(limits.obs)}"


def _meaning(
    excluded: bool,  # noqa: FBT001  # one of the two states
    limits: UpperLimits | None,
    poi: str,
    mu: float,
    largest: float | None,
) -> str:
    start = "The data exclude this signal" if excluded else "The data do not exclude this signal"
    limit = None if limits is None else limits.obs
    if limit is not None and math.isfinite(limit) and limit > 0.0 and excluded == (limit < mu):
        if excluded:
            return f"{start}: it would have to be at least {_factor(mu / limit)} times weaker to be allowed."
        return f"{start}: it would have to be {_factor(limit / mu)} times stronger to be excluded."
    if limits is not None and limit is None and not excluded:
        if largest is None or largest <= mu:
            return f"{start}, nor any stronger one within the bounds of {poi}."
        return (
            f"{start}: it would have to be more than {_factor(largest / mu)} times stronger to be excluded."
        )
    return f"{start}."


def _compared(excluded: bool, expected: float) -> str:  # noqa: FBT001  # one of the two states
    """How the data compare with what the search was expected to do; nothing where both agree."""
    if not math.isfinite(expected) or excluded == (expected < EXCLUSION_CLS):
        return ""
    if excluded:
        return (
            "The search was not expected to exclude it: the data look less like this signal than background "
            "alone would."
        )
    return (
        "The search was expected to exclude it: the data look more like this signal than background alone "
        "would."
    )


def _toys(toys: ToyAnswer, *, excluded: bool) -> str:
    if toys.cls_obs is None or (toys.cls_obs < EXCLUSION_CLS) == excluded:
        return ""
    error = "" if toys.cls_obs_error is None else f" ± {words.number(toys.cls_obs_error, 1)}"
    other = "do not exclude it" if excluded else "exclude it"
    return f"Pseudo-experiments {other}: {_cls(toys.cls_obs)}{error}."


def _factor(value: float) -> str:
    """How many times weaker or stronger; never ``1``, as something is to change."""
    return words.beside(value, 1.0)
