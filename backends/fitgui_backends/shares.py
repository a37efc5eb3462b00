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
        The result with :attr:`.FitResult.toys`; where too few were thrown, with a warning instead.
    """
    from fitgui_backends.inference.toys import toy_cls, toy_limits  # noqa: PLC0415

    sample = _merged(parts, options.seed)
    number = sample.number
    seconds = msgspec.structs.replace(result.seconds, fit=result.seconds.fit + float(sample.seconds))
    if not sample.converged:
        warning = "A fit that the pseudo-experiments are thrown from did not converge: do not use them."
        result = msgspec.structs.replace(result, converged=False, warnings=(*result.warnings, warning))
    cls = toy_cls(sample, 0)
    if not all(math.isfinite(value) for value in (cls.cls_obs, cls.cls_obs_error, *cls.cls_exp)):
        warning = (
            f"The {number} pseudo-experiments of each hypothesis are too few for a CLs from them: none of the"
            " background-only ones is as extreme as the data; ask for more."
        )
        return msgspec.structs.replace(result, seconds=seconds, warnings=(*result.warnings, warning))
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
        told = tuple(f"Limits from pseudo-experiments: {note}" for note in found.notes)
        result = msgspec.structs.replace(result, notes=(*result.notes, *told))
    toys = ToyAnswer(
        number=number,
        seed=options.seed,
        failed=int(sample.failed),
        cls_obs=float(cls.cls_obs),
        cls_obs_error=float(cls.cls_obs_error),
        cls_exp=cls.cls_exp,
        limits=limits,
        seconds=float(sample.seconds),
    )
    return msgspec.structs.replace(result, seconds=seconds, toys=toys)


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
