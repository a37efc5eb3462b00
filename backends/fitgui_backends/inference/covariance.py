"""How well a fit determines its parameters: the inverse of the exact Hessian, and what is missing from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.inference.minimise import Minimum

_FLAT: Final = 1e-8
"""Curvatures below this, with all diagonal ones scaled to one, determine nothing."""
_ALONG: Final = 1e-4
"""What has more than this part of it along a flat direction is not determined."""
_SIDE: Final = 1e-300
_LINEAR: Final = 1e-8


class Standing(StrEnum):
    """What a parameter is in a fit."""

    FREE = "free"
    FIXED = "fixed"
    AT_LOWER = "at its lower bound"
    AT_UPPER = "at its upper bound"
    AT_KINK = "at the kink of its interpolation"
    UNDETERMINED = "not determined"


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """Covariance of ``p`` parameters, with ``f`` directions in which the likelihood does not change."""

    matrix: Floats
    """Shape (p, p); zero for parameters that do not move in the fit, and along flat directions."""
    standing: tuple[Standing, ...]
    """Of each parameter."""
    uncertainties: Floats
    """Shape (p,). One standard deviation where a parameter is free. At a bound (or kink) it is the distance
    from there at which twice the NLL has risen by one, in its quadratic model. NaN where fixed or not
    determined."""
    directions: Floats
    """The flat directions in units of ``scale``, orthonormal, shape (p, f)."""
    scale: Floats
    """One over the root of the diagonal of the Hessian, shape (p,)."""

    @property
    def correlations(self) -> Floats:
        """Correlation matrix, shape (p, p): a unit matrix where nothing moves, NaN where undetermined."""
        deviations = np.sqrt(self.matrix.diagonal())
        inverse = np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations > 0.0)
        correlations = np.clip(self.matrix * np.outer(inverse, inverse), -1.0, 1.0)
        lost = np.array([standing is Standing.UNDETERMINED for standing in self.standing])
        correlations[lost] = correlations[:, lost] = np.nan
        np.fill_diagonal(correlations, 1.0)
        return np.asarray(correlations)

    def propagate(self, slopes: Floats) -> Floats:
        """Uncertainties of quantities that depend on the parameters, to first order.

        Args:
            slopes: Derivatives of the quantities by the parameters, shape (m, p).

        Returns:
            Shape (m,); NaN where a quantity is not determined, because it changes along a flat direction.
        """
        variance = np.einsum("mi,mi->m", slopes @ self.matrix, slopes)
        errors = np.sqrt(np.maximum(variance, 0.0))
        if self.directions.shape[1]:
            scaled = slopes * self.scale
            along = np.linalg.norm(scaled @ self.directions, axis=1)
            errors[along > _ALONG * np.linalg.norm(scaled, axis=1)] = np.nan
        return np.asarray(errors)


def covariance_of(likelihood: Likelihood, minimum: Minimum, fixed: Indices) -> Covariance:
    """The covariance at a minimum.

    The Hessian of the free parameters is inverted in its eigenvectors (its diagonal scaled to one). Those
    without positive curvature are left out, which is the pseudo-inverse: what does not change along them
    has its right uncertainty, everything else is marked as undetermined.

    Args:
        likelihood: What was minimised.
        minimum: Where it ended.
        fixed: Parameters that were not allowed to move.
    """
    size, free = minimum.x.size, minimum.free
    part = minimum.hessian[np.ix_(free, free)]
    diagonal = np.abs(part.diagonal())
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(part * scale * scale[:, None])
    steep = values > _FLAT
    root = vectors[:, steep] * scale[:, None] / np.sqrt(values[steep])
    matrix, directions, scales = np.zeros((size, size)), np.zeros((size, int((~steep).sum()))), np.ones(size)
    matrix[np.ix_(free, free)] = root @ root.T
    directions[free] = vectors[:, ~steep]
    scales[free] = scale

    moved = np.zeros(size, dtype=bool)
    moved[free] = np.linalg.norm(vectors[:, ~steep], axis=1) <= _ALONG
    standing = [Standing.FREE if moves else Standing.UNDETERMINED for moves in moved]
    parameters = likelihood.model.parameters
    for index in np.setdiff1d(np.arange(size), free).tolist():
        if index in fixed:
            standing[index] = Standing.FIXED
        elif index in minimum.at_bounds:
            low = minimum.x[index] <= parameters.lower[index]
            standing[index] = Standing.AT_LOWER if low else Standing.AT_UPPER
        elif likelihood.model.kinked and index < likelihood.model.alphas:
            standing[index] = Standing.AT_KINK

    uncertainties = np.full(size, np.nan)
    uncertainties[moved] = np.sqrt(matrix.diagonal()[moved])
    covariance = Covariance(matrix, tuple(standing), uncertainties, directions, scales)
    for index, stands in enumerate(standing):
        if stands in (Standing.AT_LOWER, Standing.AT_UPPER):
            uncertainties[index] = _one_sided(minimum.gradient, minimum.hessian, index, covariance)
        elif stands is Standing.AT_KINK:
            uncertainties[index] = _around_kink(likelihood, minimum, index, covariance)
    return covariance


def _one_sided(gradient: Floats, hessian: Floats, index: int, covariance: Covariance) -> float:
    """Where ``|g| d + h d^2 / 2 = 1 / 2``, with ``h`` the curvature that the free parameters leave over."""
    row = hessian[index]
    curvature = float(row[index] - row @ covariance.matrix @ row)
    slope = abs(float(gradient[index]))
    inside = slope * slope + curvature
    if inside <= 0.0 or slope + math.sqrt(inside) < _LINEAR:
        return math.nan
    return 1.0 / (slope + math.sqrt(inside))


def _around_kink(likelihood: Likelihood, minimum: Minimum, index: int, covariance: Covariance) -> float:
    """The mean of both sides."""
    distances = []
    for side in (-_SIDE, _SIDE):
        x = minimum.x.copy()
        x[index] = side
        derivatives = likelihood.derivatives(x)
        distances.append(_one_sided(derivatives.gradient, derivatives.hessian, index, covariance))
    return sum(distances) / 2.0
