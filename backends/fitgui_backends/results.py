"""What fitting a signal point came to: numbers, and their health."""

from __future__ import annotations

import msgspec

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
    """``free``, ``mu0``, ``mu1`` (to data), ``asimov_free`` or ``asimov_mu1`` (to the mu = 0 Asimov data)."""
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
    """From submission until a worker began with the point."""
    model: float = 0.0
    """Patching, validating and building the model."""
    fit: float = 0.0
    """The fits themselves: what one core needs."""
    total: float = 0.0
    """From submission to the result."""


class UpperLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Upper limits on mu at 95 % CL: where CLs falls to 0.05.

    ``None`` where that is not within the bounds of the POI.
    """

    obs: float | None
    exp: LimitBand
    fits: int = 0
    """How many fits they took."""
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
    cls_obs: float
    cls_obs_error: float
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
    seconds: Seconds = Seconds()
    worker: str = ""
    """``host:pid``"""
