"""What fitting a signal point came to: numbers, and their health."""

from __future__ import annotations

from typing import Final

import msgspec

from fitgui_backends import levels
from fitgui_backends.contract import ToyShare

EXCLUSION_CLS: Final = levels.EXCLUSION_CLS

Band = tuple[float, float, float, float, float]
"""At -2, -1, 0, +1, +2 sigma of the background-only expectation."""
LimitBand = tuple[float | None, float | None, float | None, float | None, float | None]


class TwiceNll(msgspec.Struct, frozen=True, kw_only=True):
    """Twice the negative log-likelihood, without dropping constants, at the minimum of each fit."""

    free: float | None = None
    mu0: float | None = None
    mu1: float | None = None
    """At the tested mu, which is 1 unless the plan says otherwise."""
    asimov_mu1: float | None = None


class FitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The health of one minimisation."""

    fit: str
    """``free``, ``mu0``, ``mu1`` (to data), ``asimov_free`` or ``asimov_mu1`` (to the mu = 0 Asimov data);
    ``discovery_asimov_mu0`` (to the mu = 1 Asimov data), ``discovery_mu1`` where another mu was tested; pyhf
    fits again what it knows: ``discovery_free``, ``discovery_mu0``, ``discovery_asimov_free``."""
    twice_nll: float | None
    iterations: int | None
    evaluations: int | None = None
    estimated_distance: float | None = None
    """Estimated distance to the minimum in twice the NLL; ``None`` where the minimiser gives none."""
    at_bounds: tuple[str, ...] = ()
    """Names of the free parameters that ended on a bound."""
    moved: bool = True
    """Whether any free parameter left its starting value."""
    converged: bool
    message: str = ""


class Seconds(msgspec.Struct, frozen=True, kw_only=True):
    """Monotonic durations in seconds; clocks of different hosts are never compared."""

    queued: float = 0.0
    """From submission until a worker began with this point, also within a chunk of several."""
    transfer: float = 0.0
    """Handing the task with this point over to a service; nothing on this machine."""
    delay: float = 0.0
    """From the worker's answer until it was here, as far as clocks that are never compared allow to tell."""
    model: float = 0.0
    """Patching, validating and building the model."""
    fit: float = 0.0
    """The fits themselves, with limits and toys if asked: what one core needs."""
    total: float = 0.0
    """From submission until the result was back."""


class UpperLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Upper limits on mu at 95 % CL: where CLs falls to 0.05.

    ``None`` where that is not within the bounds of the POI.
    """

    obs: float | None
    exp: LimitBand
    obs_error: float | None = None
    """Statistical, one standard deviation, of limits from pseudo-experiments."""
    exp_error: LimitBand = (None, None, None, None, None)
    """As ``obs_error``."""
    fits: int = 0
    """How many fits they took; pseudo-experiments are not counted."""
    converged: bool = True


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """p-value of the background-only hypothesis (q0)."""

    p0_obs: float
    p0_exp: Band
    """Expected at mu = 1, at -2 to +2 sigma."""


class ToyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """CLs, and limits if asked, from pseudo-experiments."""

    number: int
    """Of each hypothesis."""
    seed: int
    failed: int
    """Pseudo-experiments whose fits did not converge; they are counted as they came out."""
    cls_obs: float | None
    """A ratio of two shares, which may fluctuate above 1; ``None`` where no background-only
    pseudo-experiment is as extreme as the data, so that the ratio is undefined."""
    cls_obs_error: float | None
    """Statistical, from the number of pseudo-experiments; one standard deviation."""
    cls_exp: Band
    limits: UpperLimits | None = None
    seconds: float = 0.0
    """Of fitting them, summed over workers."""


class NonNegative(msgspec.Struct, frozen=True, kw_only=True):
    """A second opinion: CLs with the rate of every sample restricted to zero or more."""

    cls_obs: float
    cls_exp: Band
    twice_nll: TwiceNll
    converged: bool


class FitResult(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one signal point, with its health."""

    name: str
    cls_obs: float
    cls_exp: Band
    mu_hat: float
    """The signal strength of the free fit to the observed data."""
    twice_nll: TwiceNll
    limits: UpperLimits | None = None
    discovery: Discovery | None = None
    toys: ToyAnswer | None = None
    non_negative: NonNegative | None = None
    fits: tuple[FitRecord, ...] = ()
    converged: bool
    """Whether every fit behind the numbers converged and moved."""
    warnings: tuple[str, ...] = ()
    """Why a number may be wrong, or mean less than it seems to: sentences, the worst first."""
    notes: tuple[str, ...] = ()
    """What else a reader may want to know; nothing in it is a reason for doubt."""
    seconds: Seconds = Seconds()
    worker: str = ""
    """``host:pid``"""
    block: str = ""
    """The job of the batch system that fitted it; empty on this machine."""


def is_doubtful(result: FitResult) -> bool:
    """Whether a number of the result rests on a fit, or a search for a limit, that did not converge.

    The second opinion with non-negative rates has a mark of its own: nothing else rests on it.
    """
    return not result.converged or (result.limits is not None and not result.limits.converged)


class ToyPart(msgspec.Struct, frozen=True, kw_only=True):
    """Some pseudo-experiments of a point: test statistics, to be put together with those of other workers.

    ``m`` signal strengths, ``n`` pseudo-experiments of each hypothesis.
    """

    share: ToyShare
    mus: tuple[float, ...]
    """The signal strengths, the tested one first, then those of the limits; ``m`` in all."""
    observed: tuple[float, ...]
    """The observed test statistic at each, ``m`` in all."""
    signal: bytes
    """Of pseudo-experiments with the signal: ``m`` times ``n`` doubles, low byte first."""
    background: bytes
    """Of pseudo-experiments without; as ``signal``."""
    failed: int
    """How many of them have a fit that did not converge."""
    converged: bool
    """Whether the fits to the data converged that they were thrown from."""
    seconds: float
    """What they took."""


class ShareResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker did of a point that several share."""

    part: ToyPart
    result: FitResult | None = None
    """Of the point without pseudo-experiments, from the share that begins with the first of them."""
