"""Where fits start: one start is enough for most models, and misleads for some.

The likelihood of a published pallet may have several minima, because the interpolation of a lopsided pair of
variations bends (and may even turn negative). What a parameter bends is known before any fit: the second
derivative of the expected yield of a bin, in units of its statistical error. A constraint term has curvature
one, and a residual of one standard deviation times a bend of one just cancels it. Parameters that bend more
than :data:`BEND` are tried from both sides, and some scattered starts are added.

Where residuals are large (a signal that the data exclude), less is enough. That is known at a minimum: where
the residuals there turn the curvature of a parameter negative somewhere in its range, it may sit on either
side (:func:`two_sided`), and n such parameters in 2^n ways. They are mirrored together, because the data
determine what they do to the expected yields together; if that leads elsewhere, some are mirrored at random.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.interpolation import Floats, histosys_weights
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model

BEND: Final = 2.0
MOST_BENT: Final = 6
"""At most so many parameters are tried from both sides."""
SCATTERED: Final = 6
"""So many scattered starts are added where a parameter bends or starts disagree."""
_SIDE: Final = 1.5
"""From where, in standard deviations: between the polynomial and the far end."""
_TOGETHER: Final = 1.0
"""From where all of them together."""
_FARTHEST: Final = 2.0
"""How far out bends matter, in standard deviations."""
_GRID: Final = np.linspace(-_FARTHEST, _FARTHEST, 17)
_ACROSS: Final = 0.7
"""A mirrored parameter starts at least so far from the centre of its constraint, in standard deviations."""
_SEED: Final = 20210311
_RETREATS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A point to start from."""

    name: str
    """In words, for the record."""
    x: Floats


@functools.lru_cache(maxsize=1)
def bends(model: Model) -> tuple[Floats, Floats]:
    """How much each alpha bends the expected yield of a bin, in its statistical errors; found once.

    Returns:
        It, and the sign of the alpha with which the sample that it bends most is larger, each of shape (k,).
    """
    rates = np.bincount(model.entry_bin, model.nominal, model.bin_count)
    error = np.sqrt(np.maximum(rates, 1.0))[model.entry_bin]
    k = model.alphas
    by_group = np.zeros(len(model.groups))
    np.maximum.at(by_group, model.entry_group, np.abs(model.nominal) / error)
    by_factor = model.normsys.largest_curvature(_FARTHEST) * by_group[model.normsys_group]
    below, above = model.normsys.along(np.array([-1.0, 1.0]))[0]
    found, side = np.zeros(k), np.ones(k)
    for place in np.argsort(by_factor, kind="stable")[::-1]:
        alpha = model.normsys_parameter[place]
        if by_factor[place] <= BEND:
            break
        if by_factor[place] > found[alpha]:
            found[alpha], side[alpha] = by_factor[place], 1.0 if above[place] >= below[place] else -1.0
    if k:
        shift = float(np.abs(histosys_weights(model.histosys_code, _GRID)[2, 0]).max())
        up, down = model.variations[:, :k], model.variations[:, k:]
        by_shift = shift * np.abs(up - down) / error[:, None]
        most = by_shift.argmax(axis=0)
        largest, direction = by_shift[most, np.arange(k)], (up + down)[most, np.arange(k)]
        side = np.where(largest > found, np.where(direction >= 0.0, 1.0, -1.0), side)
        found = np.maximum(found, largest)
    return found, side


@functools.lru_cache(maxsize=1)
def bent_parameters(model: Model) -> Indices:
    """The alphas that bend enough for a second minimum, the most bent first; found once for a model."""
    found = bends(model)[0]
    order = np.argsort(-found, kind="stable")[:MOST_BENT]
    return order[found[order] > BEND]


def together(model: Model, base: Floats, bent: Indices) -> list[Start]:
    """Starts that differ from ``base`` in all bent parameters: each makes its sample larger, or smaller.

    Factors multiply, so those of one sample bend it more together than each alone.
    """
    starts = []
    for name, sign in (("larger", 1.0), ("smaller", -1.0)):
        x = base.copy()
        x[bent] = sign * _TOGETHER * bends(model)[1][bent]
        starts.append(Start(f"bent samples {name}", x))
    return starts


def from_both_sides(model: Model, base: Floats, bent: Indices) -> list[Start]:
    """Starts that differ from ``base`` in one bent parameter."""
    starts = []
    for index in bent:
        for sign in (-1.0, 1.0):
            x = base.copy()
            x[index] = sign * _SIDE
            starts.append(Start(f"{model.parameters.names[index]} at {sign * _SIDE:+g}", x))
    return starts


def scattered(model: Model, base: Floats, number: int = SCATTERED) -> list[Start]:
    """Starts scattered around ``base`` by the widths of the constraints; the same in every process."""
    generator = np.random.default_rng(_SEED)
    parameters = model.parameters
    starts = []
    for count in range(number):
        x = base.copy()
        x[parameters.normal] += parameters.normal_sigma * generator.standard_normal(parameters.normal.size)
        starts.append(Start(f"scattered {count + 1}", x))
    return starts


def two_sided(likelihood: Likelihood, x: Floats, fixed: NDArray[np.bool_]) -> Indices:
    """The alphas whose curvature turns negative somewhere, all else as it is at a minimum.

    If no alpha's did, and each alpha shifted yields by itself, there would be no lower minimum: a Poisson
    term is convex in its rate, so the NLL is nowhere below its linear form in the rates at the minimum, and
    that form would be convex.

    Args:
        likelihood: That was minimised.
        x: The minimum, shape (p,).
        fixed: Which parameters were fixed, shape (p,).
    """
    parameters = likelihood.model.parameters
    k = likelihood.model.alphas
    if k == 0:
        return np.zeros(0, dtype=np.intp)
    curvature = np.zeros(len(parameters.names))
    curvature[parameters.normal] = 1.0 / parameters.normal_sigma**2
    lowest = likelihood.bends(x).min(axis=0) + curvature[:k]
    return np.flatnonzero((lowest < 0.0) & ~fixed[:k])


def mirrored(likelihood: Likelihood, x: Floats, chosen: Indices) -> list[Start]:
    """The other side of the chosen parameters, all together."""
    return [Start("mirrored", _across(likelihood, x, chosen, np.ones(chosen.size, dtype=np.bool_)))]


def turned(likelihood: Likelihood, x: Floats, chosen: Indices) -> list[Start]:
    """Sides of the chosen parameters at random, as many starts as parameters; the same in every process."""
    generator = np.random.default_rng(_SEED)
    number = min(chosen.size, SCATTERED)
    turns = generator.random((number, chosen.size)) < 0.5
    return [
        Start(f"sides at random {count + 1}", _across(likelihood, x, chosen, turn))
        for count, turn in enumerate(turns)
    ]


def _across(likelihood: Likelihood, x: Floats, chosen: Indices, turn: NDArray[np.bool_]) -> Floats:
    parameters = likelihood.model.parameters
    centre, width = np.zeros_like(x), np.ones_like(x)
    centre[parameters.normal], width[parameters.normal] = likelihood.data.normal, parameters.normal_sigma
    centre, width, moved = centre[chosen], width[chosen], x.copy()
    away = (x[chosen] - centre) * np.where(turn, -1.0, 1.0)
    moved[chosen] = centre + np.copysign(np.maximum(np.abs(away), _ACROSS * width), away)
    return moved


def possible(likelihood: Likelihood, start: Floats, towards: Floats) -> Floats:
    """The start, or a point on the way ``towards`` another where the likelihood is not zero.

    Args:
        likelihood: What will be minimised.
        start: Shape (p,).
        towards: Where the likelihood is not zero, shape (p,).
    """
    for retreat in range(_RETREATS):
        x = start + (1.0 - 0.5**retreat) * (towards - start)
        if likelihood.value(x) < math.inf:
            return x
    return towards
