"""What is known of a signal point from the inside: plain numbers and words, ready to be drawn.

They come from a process of their own (:mod:`.service`), piece by piece: first the free fit, then those with
mu fixed, then impacts and CLs against mu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.contract import FitOptions
from fitgui_backends.results import FitResult

Floats = NDArray[np.float64]
Part = Literal["fits", "impacts", "curve"]
"""What may be asked for; each comes in pieces."""
PARTS: Final[tuple[Part, ...]] = ("fits", "impacts", "curve")
FitName = Literal["free", "background", "signal"]
"""With mu free, with mu = 0, and with the tested mu."""
FITS: Final[tuple[FitName, ...]] = ("free", "background", "signal")


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What a channel with ``s`` samples and ``b`` bins is expected to hold, before or after a fit.

    Uncertainties are one standard deviation, from the exact covariance, to first order in the parameters;
    NaN where the fit does not determine a number.
    """

    samples: Floats
    """Events of each sample, shape (s, b), in the order of the channel."""
    total: Floats
    """With the signal as fitted (before the fit: at the starting value of mu, mostly 1), shape (b,)."""
    errors: Floats
    """Of the total, shape (b,)."""
    background: Floats
    """Without the samples that mu scales, shape (b,)."""
    background_errors: Floats
    """Shape (b,)."""
    signal: Floats
    """The samples that mu scales, at mu = 1, shape (b,)."""
    signal_errors: Floats
    """Of that, mu being known, shape (b,)."""
    signal_covariance: Floats
    """Of the signal at mu = 1 with the background, shape (b,)."""

    def at(self, mu: float | None) -> tuple[Floats, Floats]:
        """Background and signal together, with their uncertainty; both of shape (b,).

        Args:
            mu: The signal strength, taken as known; ``None`` for the total as fitted, with what the fit knows
                of mu in its uncertainty.
        """
        if mu is None:
            return self.total, self.errors
        variance = (
            self.background_errors**2 + 2.0 * mu * self.signal_covariance + (mu * self.signal_errors) ** 2
        )
        return self.background + mu * self.signal, np.sqrt(np.maximum(variance, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class ChannelYields:
    """A channel with what was observed in it."""

    name: str
    samples: tuple[str, ...]
    is_signal: tuple[bool, ...]
    """Whether mu scales the sample."""
    observed: Floats
    """Counts, shape (b,)."""
    observed_low: Floats
    """Lower ends of the central 68 % intervals of Poisson means (Garwood), shape (b,)."""
    observed_high: Floats
    """Upper ends, shape (b,)."""
    pre_fit: Expected
    post_fit: Expected


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The ``p`` parameters of a fit; NaN where there is no such number."""

    names: tuple[str, ...]
    standing: tuple[str, ...]
    """``free``, ``fixed``, ``at its lower bound`` and its like: the words of the fit."""
    values: Floats
    """Shape (p,), like all that follow."""
    uncertainties: Floats
    centres: Floats
    """Of the constraints: values before the fit."""
    widths: Floats
    """Uncertainties before the fit."""
    pulls: Floats
    """``(value - centre) / width``."""
    constraints: Floats
    """Uncertainty after the fit over that before."""
    correlations: Floats
    """Shape (p, p)."""


@dataclass(frozen=True, slots=True, eq=False)
class FitInside:
    """One of the three fits of a point."""

    name: FitName
    poi: str
    mu: float
    """Where the signal strength stands in this fit."""
    mu_error: float
    """NaN where it is fixed, or not determined."""
    twice_nll: float
    converged: bool
    parameters: Parameters
    channels: tuple[ChannelYields, ...]
    sentence: str
    """The fit in words: ``Best fit: mu_SIG = 0.24 ± 0.19; ...``."""
    warnings: tuple[str, ...] = ()
    starts: tuple[tuple[str, float | None, bool], ...] = ()
    """That were tried: name, twice the NLL where it led, whether it converged."""


@dataclass(frozen=True, slots=True, eq=False)
class ImpactRanking:
    """Impacts on mu-hat of ``n`` nuisance parameters, the largest after the fit first.

    Shapes (n, 2): shifts of mu-hat for the parameter lowered, and raised; NaN where there is none.
    """

    poi: str
    mu_hat: float
    names: tuple[str, ...]
    places: tuple[int, ...]
    """Where each stands among the parameters of the free fit."""
    post_fit: Floats
    """By its uncertainty after the fit; every shift is a fit of its own."""
    pre_fit: Floats
    """By its uncertainty before the fit; NaN where it has no constraint."""
    linear: Floats
    """As ``post_fit``, to first order from the covariance."""
    cut: NDArray[np.bool_]
    """Whether a bound of the parameter came first, for ``post_fit``; shape (n, 2)."""
    total: int
    """Of how many parameters it will be known; as many as there are names once it is complete."""
    left_out: tuple[str, ...] = ()
    """Not determined by the fit."""
    messages: tuple[str, ...] = ()
    fits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class ClsCurve:
    """CLs against mu, at ``m`` signal strengths, ascending from zero."""

    poi: str
    mus: Floats
    """Shape (m,)."""
    observed: Floats
    """Shape (m,); NaN where a fit did not converge or CLs is not defined."""
    expected: Floats
    """At -2, -1, 0, +1, +2 sigma of the background-only expectation, shape (m, 5)."""
    total: int
    """How many values there will be."""
    limit_observed: float | None
    """Where CLs falls to 0.05; ``None`` where that is not within the bounds of mu."""
    limit_expected: tuple[float | None, ...]
    """Five."""
    bound: float
    """The largest mu that the measurement allows."""
    messages: tuple[str, ...] = ()
    """Why a limit may be wrong, or why there is none."""


@dataclass(frozen=True, slots=True)
class PointInside:
    """All that is known of a point so far; replaced, never changed."""

    name: str
    options: FitOptions
    """How it was fitted."""
    poi: str = ""
    result: FitResult | None = None
    """The answer as of a run with these options, with the record of each fit; without limits."""
    versions: Mapping[str, str] = field(default_factory=dict)
    fits: Mapping[FitName, FitInside] = field(default_factory=dict)
    impacts: ImpactRanking | None = None
    curve: ClsCurve | None = None
    finished: frozenset[Part] = frozenset()
    """What is complete."""
    seconds: float = 0.0
    """That it took until now, in the process that fits."""
    trouble: str = ""
    """Why there is no more: one sentence; empty where all is well."""

    def with_piece(self, piece: Piece) -> PointInside:
        """The same with one piece more."""
        return replace(
            self,
            poi=piece.poi or self.poi,
            result=piece.result or self.result,
            versions=piece.versions or self.versions,
            fits={**self.fits, **{fit.name: fit for fit in piece.fits}},
            impacts=_longer(self.impacts, piece.impacts, lambda ranking: len(ranking.names)),
            curve=_longer(self.curve, piece.curve, lambda curve: len(curve.mus)),
            finished=self.finished | ({piece.part} if piece.finished else frozenset()),
            seconds=self.seconds + piece.seconds,
        )

    @property
    def complete(self) -> bool:
        """Whether nothing more will come."""
        return bool(self.trouble) or len(self.finished) == len(PARTS)


_Found = TypeVar("_Found")


def _longer(known: _Found | None, new: _Found | None, length: Callable[[_Found], int]) -> _Found | None:
    """What is known is not lost where a process that forgot it begins again."""
    if known is None or new is None:
        return known if new is None else new
    return new if length(new) >= length(known) else known


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step has found."""

    part: Part
    finished: bool
    poi: str = ""
    result: FitResult | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    fits: tuple[FitInside, ...] = ()
    impacts: ImpactRanking | None = None
    curve: ClsCurve | None = None
    seconds: float = 0.0
