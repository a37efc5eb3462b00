"""Impacts: by how much mu-hat moves when a nuisance parameter is held off its best value.

A parameter is held at its best value plus or minus an uncertainty, after the fit (the usual ranking) or
before it, everything else is fitted again, and the shift of mu-hat is the impact. It is exact: every shift is
a fit of its own. To first order it is ``cov(mu, theta) / var(theta)`` times the distance: given beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.best_fit import BestFit
from fitgui_backends.inference.covariance import Standing
from fitgui_backends.inference.refit import Refits

_UNMOVED: Final = 1e-12
_LOOSE: Final = 10.0
_TINY: Final = 1e-300

Sides = tuple[float, float]
"""For the parameter lowered, and raised."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What moving one parameter does to mu-hat."""

    values: Sides
    """Where the parameter was held: within its bounds."""
    mu: Sides
    """Shifts of mu-hat; NaN where a fit did not converge."""
    linear: Sides
    """The same to first order, from the covariance."""
    cut: tuple[bool, bool]
    """Whether a bound of the parameter came before its uncertainty."""

    @property
    def largest(self) -> float:
        """The larger of the two shifts, without sign; NaN where neither is known."""
        known = [abs(shift) for shift in self.mu if not math.isnan(shift)]
        return max(known, default=math.nan)


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of one nuisance parameter."""

    name: str
    index: int
    """Its place among the parameters."""
    post_fit: Shift
    pre_fit: Shift | None
    """``None`` where it has no constraint, so no uncertainty before the fit, or it was not asked for."""


@dataclass(frozen=True, slots=True)
class Impacts:
    """The impacts of all nuisance parameters that the fit determines."""

    poi: str
    mu_hat: float
    ranking: tuple[Impact, ...]
    """The largest impact after the fit first."""
    left_out: tuple[str, ...]
    """Nuisance parameters without an impact: not determined by the fit. Fixed ones are not named."""
    mu_at_bound: bool
    """mu-hat stands on a bound: shifts across it are zero, because they are cut."""
    fits: int
    """How many fits it took."""
    converged: bool
    messages: tuple[str, ...]
    """What a reader of the ranking has to know, in sentences."""


def impacts(model: Model, data: Data, best: BestFit, *, pre_fit: bool = True) -> Impacts:
    """The impact of each nuisance parameter on mu-hat.

    Bounds are those of the measurement. Where mu-hat is at one of its own, impacts are one-sided; with
    :func:`with_loose_bounds` a fit and its impacts can be looked at beyond it.

    Args:
        model: The compiled model.
        data: What it was fitted to.
        best: The free fit of this model to these data.
        pre_fit: Also by the uncertainties before the fit, which takes as many fits again.

    Raises:
        HistFactoryError: if the best fit has no free parameter of interest.
    """
    fits = ImpactFits(model, data, best, pre_fit=pre_fit)
    for _ in fits.each():
        pass
    return fits.so_far()


class ImpactFits:
    """The fits of :func:`impacts` one parameter at a time, those that look most important first.

    Args:
        model: The compiled model.
        data: What it was fitted to.
        best: The free fit of this model to these data.
        pre_fit: As for :func:`impacts`.

    Raises:
        HistFactoryError: if the best fit has no free parameter of interest.
    """

    def __init__(self, model: Model, data: Data, best: BestFit, *, pre_fit: bool = True) -> None:
        if best.poi is None or best.mu is not None:
            raise HistFactoryError("impacts need a fit whose parameter of interest is free")
        self._refits = Refits(model, data, best)
        self._pre_fit = pre_fit
        moving = [
            index
            for index, standing in enumerate(best.standing)
            if index != best.poi and standing is not Standing.FIXED
        ]
        widths = best.uncertainties
        self._left_out = [best.names[index] for index in moving if math.isnan(widths[index])]
        row = best.covariance.matrix[best.poi]
        self._places = sorted(
            (index for index in moving if not math.isnan(widths[index])),
            key=lambda index: -abs(float(row[index])) / max(float(widths[index]), _TINY),
        )
        self._found: list[Impact] = []

    @property
    def total(self) -> int:
        """How many parameters have an impact."""
        return len(self._places)

    @property
    def done(self) -> int:
        """Of how many it is known."""
        return len(self._found)

    def each(self) -> Iterator[Impact]:
        """Fit for one parameter after the other; goes on where it was left."""
        best = self._refits.best
        while self.done < self.total:
            index = self._places[self.done]
            prior = float(best.widths[index])
            with_prior = self._pre_fit and not math.isnan(prior)
            self._found.append(
                Impact(
                    name=best.names[index],
                    index=index,
                    post_fit=_shift(self._refits, index, float(best.uncertainties[index])),
                    pre_fit=_shift(self._refits, index, prior) if with_prior else None,
                )
            )
            yield self._found[-1]

    def so_far(self) -> Impacts:
        """The ranking of the parameters whose impact is known."""
        best, found = self._refits.best, self._found
        assert best.poi is not None
        shifts = [
            shift for impact in found for shift in (impact.post_fit, impact.pre_fit) if shift is not None
        ]
        failed = sum(math.isnan(mu) for shift in shifts for mu in shift.mu)
        at_bound = best.standing[best.poi] in (Standing.AT_LOWER, Standing.AT_UPPER)
        return Impacts(
            poi=best.names[best.poi],
            mu_hat=float(best.values[best.poi]),
            ranking=tuple(sorted(found, key=_rank)),
            left_out=tuple(self._left_out),
            mu_at_bound=at_bound,
            fits=self._refits.count,
            converged=not failed,
            messages=tuple(_messages(best, self._left_out, failed, at_bound=at_bound)),
        )


def with_loose_bounds(model: Model) -> Model:
    """The same model, whose parameter of interest may go ten times as far as its bounds, either way.

    Raises:
        HistFactoryError: if there is no single parameter of interest.
    """
    index = model.parameters.index(model.poi)
    lower, upper = model.parameters.lower.copy(), model.parameters.upper.copy()
    furthest = _LOOSE * max(abs(lower[index]), abs(upper[index]))
    lower[index], upper[index] = -furthest, furthest
    return replace(model, parameters=replace(model.parameters, lower=lower, upper=upper))


def _rank(impact: Impact) -> tuple[float, float]:
    largest = impact.post_fit.largest
    linear = max(abs(shift) for shift in impact.post_fit.linear)
    return (math.inf if math.isnan(largest) else -largest), -linear


def _shift(refits: Refits, index: int, width: float) -> Shift:
    best, parameters = refits.best, refits.model.parameters
    assert best.poi is not None
    origin = float(best.values[index])
    row = best.covariance.matrix[index]
    slope = float(row[best.poi] / row[index]) if row[index] > 0.0 else 0.0
    values, mu, linear, cut = [], [], [], []
    for sign in (-1.0, 1.0):
        wanted = origin + sign * width
        value = float(np.clip(wanted, parameters.lower[index], parameters.upper[index]))
        values.append(value)
        cut.append(value != wanted)
        linear.append(slope * (value - origin))
        if abs(value - origin) <= _UNMOVED * width:
            mu.append(0.0)
            continue
        minimum = refits.at(index, value)
        good = minimum is not None and minimum.converged
        mu.append(float(minimum.x[best.poi] - best.values[best.poi]) if good and minimum else math.nan)
    return Shift((values[0], values[1]), (mu[0], mu[1]), (linear[0], linear[1]), (cut[0], cut[1]))


def _messages(best: BestFit, left_out: list[str], failed: int, *, at_bound: bool) -> list[str]:
    assert best.poi is not None
    name, messages = best.names[best.poi], []
    if at_bound:
        end = "lower" if best.standing[best.poi] is Standing.AT_LOWER else "upper"
        messages.append(
            f"The best fit has {name} at its {end} bound, {best.values[best.poi]:g}: impacts are one-sided, "
            "because shifts across the bound are cut to zero."
        )
    if not best.fit.converged:
        messages.append("The best fit did not converge, so its impacts mean little.")
    if left_out:
        some = ", ".join(left_out[:3]) + (f" and {len(left_out) - 3} more" if len(left_out) > 3 else "")
        messages.append(f"The fit does not determine {some}: no impact is given.")
    if failed:
        messages.append(f"{failed} of the fits for impacts did not converge: their shifts are not given.")
    return messages
