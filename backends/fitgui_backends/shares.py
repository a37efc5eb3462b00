"""One point, several workers: putting its shares of pseudo-experiments together again.

Pseudo-experiment i is the same whoever throws it, so the answer does not depend on how they were shared.
numpy is imported only when there is something to put together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from fitgui_backends.contract import FitOptions, ToyShare
from fitgui_backends.results import FitResult, ToyAnswer, ToyPart, UpperLimits

if TYPE_CHECKING:
    from fitgui_backends.inference.toys import ToySample

_DOUBLES = "<f8"


def pack(sample: ToySample, share: ToyShare) -> ToyPart:
    """Make pseudo-experiments ready to travel."""
    return ToyPart(
        share=share,
        mus=tuple(map(float, sample.mus)),
        observed=tuple(map(float, sample.observed)),
        signal=sample.signal.astype(_DOUBLES).tobytes(),
        background=sample.background.astype(_DOUBLES).tobytes(),
        failed=int(sample.failed),
        converged=bool(sample.converged),
        seconds=float(sample.seconds),
    )


def merge_shares(result: FitResult, parts: Sequence[ToyPart], options: FitOptions) -> FitResult:
    """The answer for a point from all shares of its pseudo-experiments.

    Args:
        result: Of the point without them.
        parts: In any order, every pseudo-experiment exactly once, all at the same signal strengths.
        options: Of the plan.

    Returns:
        The result with :attr:`.FitResult.toys`; where too few were thrown for the data, or not all limits are
        within the scan, those numbers are ``None`` and words say why. The band needs no data and stands.
    """
    from fitgui_backends.inference.toys import toy_cls, toy_limits  # noqa: PLC0415

    sample = _merged(parts, options.seed)
    number = sample.number
    seconds = msgspec.structs.replace(result.seconds, fit=result.seconds.fit + float(sample.seconds))
    if not sample.converged:
        warning = "A fit that the pseudo-experiments are thrown from did not converge: do not use them."
        result = msgspec.structs.replace(result, converged=False, warnings=(*result.warnings, warning))
    cls = toy_cls(sample, 0)
    if not all(map(math.isfinite, cls.cls_exp)):
        warning = "CLs from pseudo-experiments is not a number: some of them cannot be fitted at all."
        return msgspec.structs.replace(result, seconds=seconds, warnings=(*result.warnings, warning))
    warnings, notes = _about(cls.cls_obs, number)
    limits = None
    if options.limits and len(sample.mus) > 1:
        found = toy_limits(sample)
        limits = UpperLimits(
            obs=found.observed,
            exp=found.expected,
            obs_error=found.observed_error,
            exp_error=found.expected_error,
            converged=sample.converged,
        )
        warnings += found.warnings
        notes += found.notes
    elif options.limits:
        notes.append(
            "There are no limits from pseudo-experiments: those from asymptotic formulae, around which they"
            " are thrown, do not exist."
        )
    toys = ToyAnswer(
        number=number,
        seed=options.seed,
        failed=int(sample.failed),
        cls_obs=_finite(cls.cls_obs),
        cls_obs_error=_finite(cls.cls_obs_error),
        cls_exp=cls.cls_exp,
        limits=limits,
        seconds=float(sample.seconds),
    )
    return msgspec.structs.replace(
        result,
        seconds=seconds,
        toys=toys,
        warnings=(*result.warnings, *warnings),
        notes=(*result.notes, *notes),
    )


def _about(cls_obs: float, number: int) -> tuple[list[str], list[str]]:
    """Warnings and notes on the observed CLs."""
    if not math.isfinite(cls_obs):
        thrown = "1 pseudo-experiment" if number == 1 else f"{number} pseudo-experiments"
        warning = (
            f"None of {thrown} without signal is as extreme as the data, so there is no observed CLs from"
            " them: ask for more; the expected values stand."
        )
        return [warning], []
    if cls_obs > 1.0:
        note = (
            f"CLs from pseudo-experiments is {cls_obs:.3g}: it is a ratio of two counts, which may scatter"
            " above 1; take it for 1."
        )
        return [], [note]
    return [], []


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _merged(parts: Sequence[ToyPart], seed: int) -> ToySample:
    import numpy as np  # noqa: PLC0415

    from fitgui_backends.inference.toys import ToySample, merge_toys  # noqa: PLC0415

    return merge_toys(
        [
            ToySample(
                mus=np.array(part.mus),
                observed=np.array(part.observed),
                signal=np.frombuffer(part.signal, _DOUBLES).reshape(len(part.mus), part.share.count),
                background=np.frombuffer(part.background, _DOUBLES).reshape(len(part.mus), part.share.count),
                seed=seed,
                first=part.share.first,
                failed=part.failed,
                converged=part.converged,
                seconds=part.seconds,
            )
            for part in parts
        ]
    )
