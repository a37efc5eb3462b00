"""Interpolation between the variations of a systematic: values, first and second derivatives.

The formulas are those of pyhf 0.7.6 (``pyhf.interpolators``), which follow arXiv:1012.3553 appendix 4.1.2.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NORMSYS_CODES: Final = ("code4", "code1")
HISTOSYS_CODES: Final = ("code4p", "code0")

# Rows: alpha^1 .. alpha^6. Columns: factor less one, first and second derivative, each at alpha = +1 and -1.
_CODE4 = (
    np.array(
        [
            [15.0, -15.0, -7.0, -7.0, 1.0, -1.0],
            [24.0, 24.0, -9.0, 9.0, 1.0, 1.0],
            [-10.0, 10.0, 10.0, 10.0, -2.0, 2.0],
            [-24.0, -24.0, 14.0, -14.0, -2.0, -2.0],
            [3.0, -3.0, -3.0, -3.0, 1.0, -1.0],
            [8.0, 8.0, -5.0, 5.0, 1.0, 1.0],
        ]
    )
    / 16.0
)


_INSIDE: Final = np.linspace(-1.0, 1.0, 17)


class NormsysFactors:
    """The factors of many normsys modifiers, each with its own pair of variations.

    Args:
        code: ``code4`` (polynomial up to one sigma, exponential beyond) or ``code1`` (exponential).
        low: Factor at -1 sigma, shape (n,), above zero.
        high: Factor at +1 sigma, shape (n,), above zero.
    """

    def __init__(self, code: str, low: Floats, high: Floats) -> None:
        self._log_low, self._log_high = np.log(low), np.log(high)
        self._polynomials: Floats | None = None
        if code == "code4":
            conditions = np.stack(
                [
                    high - 1.0,
                    low - 1.0,
                    self._log_high * high,
                    -self._log_low * low,
                    self._log_high**2 * high,
                    self._log_low**2 * low,
                ]
            )
            # (power, derivative, modifier): the polynomial and its derivatives, all with six coefficients.
            powers = np.arange(1.0, 7.0)[:, None]
            coefficients = _CODE4 @ conditions
            self._polynomials = np.zeros((7, 3, low.size))
            self._polynomials[0, 0] = 1.0
            self._polynomials[1:, 0] = coefficients
            self._polynomials[:6, 1] = powers * coefficients
            self._polynomials[:5, 2] = (powers * (powers - 1.0) * coefficients)[1:]

    @property
    def kinked(self) -> bool:
        """Whether the slope jumps at zero, as that of code 1 does."""
        return self._polynomials is None

    def values(self, alpha: Floats) -> Floats:
        """The factors at ``alpha`` (one per modifier), shape (n,)."""
        if self._polynomials is None:
            return np.asarray(np.exp(self._exponent(alpha)))
        factors: Floats = self._polynomials[6, 0] * alpha
        for power in range(5, 0, -1):
            factors += self._polynomials[power, 0]
            factors *= alpha
        factors += 1.0
        beyond = np.flatnonzero(np.abs(alpha) >= 1.0)
        if beyond.size:
            factors[beyond] = np.exp(self._exponent(alpha, beyond))
        return factors

    def derivatives(self, alpha: Floats, factors: Floats) -> tuple[Floats, Floats]:
        """First and second derivatives by ``alpha``, each of shape (n,).

        Args:
            alpha: One value per modifier.
            factors: What :meth:`values` gave there.
        """
        if self._polynomials is None:
            slope = np.where(alpha > 0.0, self._log_high, -self._log_low)
            first = slope * factors
            return first, slope * first
        both = self._polynomials[5, 1:] * alpha
        for power in range(4, 0, -1):
            both += self._polynomials[power, 1:]
            both *= alpha
        both += self._polynomials[0, 1:]
        beyond = np.flatnonzero(np.abs(alpha) >= 1.0)
        if beyond.size:
            slope = np.where(alpha[beyond] > 0.0, self._log_high[beyond], -self._log_low[beyond])
            both[0, beyond] = slope * factors[beyond]
            both[1, beyond] = slope * both[0, beyond]
        return both[0], both[1]

    def largest_curvature(self, farthest: float) -> Floats:
        """The largest second derivative of each factor, in absolute value and away from kinks, shape (n,).

        Args:
            farthest: Largest absolute value of the parameter, one or more.
        """
        # An exponential bends most at one of its ends.
        nearest = 0.0 if self._polynomials is None else 1.0
        logs = np.stack([self._log_low, self._log_high])
        curvature = (logs**2 * np.exp(np.maximum(nearest * logs, farthest * logs))).max(axis=0)
        if self._polynomials is not None:
            powers = _INSIDE ** np.arange(5)[:, None]
            inside = np.abs(self._polynomials[:5, 2].T @ powers).max(axis=1)
            curvature = np.maximum(curvature, inside)
        return np.asarray(curvature)

    def along(self, grid: Floats) -> Floats:
        """All factors where their parameters have some values, with their first and second derivatives.

        Args:
            grid: Values of the parameters, shape (t,).

        Returns:
            Shape (3, t, n).
        """
        logs = np.where(grid[:, None] > 0.0, self._log_high, -self._log_low)
        factors = np.exp(grid[:, None] * logs)
        found = np.stack([factors, logs * factors, logs * logs * factors])
        if self._polynomials is not None:
            inside = np.flatnonzero(np.abs(grid) < 1.0)
            powers = grid[inside, None] ** np.arange(7)
            found[:, inside] = np.tensordot(powers, self._polynomials, axes=1).transpose(1, 0, 2)
        return found

    def zeros_around_nominal(self, number: int) -> tuple[float, float]:
        """Between which parameter values, around zero, a factor is not negative; infinite where it never is.

        Args:
            number: Which of the factors.
        """
        if self._polynomials is None:
            return -np.inf, np.inf
        roots = np.roots(self._polynomials[::-1, 0, number])
        real = roots.real[
            (np.abs(roots.imag) < 1e-7) & (np.abs(roots.real) < 1.0)
        ]  # beyond, it is an exponential
        return float(real[real < 0.0].max(initial=-np.inf)), float(real[real > 0.0].min(initial=np.inf))

    def _exponent(self, alpha: Floats, chosen: NDArray[np.intp] | slice = slice(None)) -> Floats:
        alpha = alpha[chosen]
        return np.asarray(
            np.abs(alpha) * np.where(alpha > 0.0, self._log_high[chosen], self._log_low[chosen])
        )


def histosys_weights(code: str, alpha: Floats) -> Floats:
    """Weights of the two variations: the shift is ``up * (high - nominal) + down * (nominal - low)``.

    They depend on the parameter alone, so that the shifts of all bins are one matrix product.

    Args:
        code: ``code4p`` (polynomial up to one sigma, linear beyond) or ``code0`` (linear).
        alpha: Shape (k,).

    Returns:
        Shape (3, 2, k): value, first and second derivative; up and down.
    """
    weights = np.zeros((3, 2, alpha.size))
    if code == "code0":
        above = alpha > 0.0
        below = ~above
    else:
        square = alpha * alpha
        inner = square * (15.0 + square * (3.0 * square - 10.0)) / 16.0
        first = alpha * (30.0 + square * (18.0 * square - 40.0)) / 16.0
        half = 0.5 * alpha
        weights[0, 0], weights[0, 1] = half + inner, half - inner
        weights[1, 0], weights[1, 1] = 0.5 + first, 0.5 - first
        weights[2, 0] = (30.0 + square * (90.0 * square - 120.0)) / 16.0
        weights[2, 1] = -weights[2, 0]
        above, below = alpha > 1.0, alpha < -1.0
        if not (above.any() or below.any()):
            return weights
        weights[:, :, above | below] = 0.0
    weights[0, 0, above], weights[1, 0, above] = alpha[above], 1.0
    weights[0, 1, below], weights[1, 1, below] = alpha[below], 1.0
    return weights
