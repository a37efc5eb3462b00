"""Where fits start: one start is enough for most models, and misleads for some.

The likelihood of a published pallet may have several minima, because the interpolation of a lopsided pair of
variations bends (and may even turn negative). What a parameter bends is known before any fit: the second
derivative of the expected yield of a bin, in units of its statistical error. A constraint term has curvature
one, and a residual of one standard deviation times a bend of one just cancels it. Parameters that bend more
than :data:`BEND` are tried from both sides, and some scattered starts are added.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np

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
_FARTHEST: Final = 2.0
"""How far out bends matter, in standard deviations."""
_GRID: Final = np.linspace(-_FARTHEST, _FARTHEST, 17)
_SEED: Final = 20210311
_RETREATS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A point to start from."""

    name: str
    """In words, for the record."""
    x: Floats


def bends(model: Model) -> Floats:
    """How much each alpha bends the expected yield of a bin, in its statistical errors, shape (k,)."""
    rates = np.bincount(model.entry_bin, model.nominal, model.bin_count)
    error = np.sqrt(np.maximum(rates, 1.0))[model.entry_bin]
    weight = np.abs(model.nominal) / error
    largest = model.normsys.largest_curvature(_FARTHEST)
    shift = float(np.abs(histosys_weights(model.histosys_code, _GRID)[2, 0]).max())
    by_group = np.zeros(len(model.groups))
    np.maximum.at(by_group, model.entry_group, weight)
    found = np.zeros(len(model.parameters.names))
    np.maximum.at(found, model.normsys_parameter, largest * by_group[model.normsys_group])
    k = model.alphas
    lopsided = np.abs(model.variations[:, :k] - model.variations[:, k:]) / error[:, None]
    return np.asarray(np.maximum(found[:k], shift * lopsided.max(axis=0, initial=0.0)))


@functools.lru_cache(maxsize=1)
def bent_parameters(model: Model) -> Indices:
    """The alphas that bend enough for a second minimum, the most bent first; found once for a model."""
    found = bends(model)
    order = np.argsort(-found, kind="stable")[:MOST_BENT]
    return order[found[order] > BEND]


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
