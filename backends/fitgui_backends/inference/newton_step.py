"""The step of a bounded Newton method: the minimum of a convex quadratic model in a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from fitgui_backends.histfactory.interpolation import Floats

_ROUNDS = 50
_PROJECTIONS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step and the decrease that the quadratic model promises."""

    move: Floats
    """Shape (n,)."""
    decrease: float
    """Zero or above."""
    pivot: float
    """Smallest pivot of the matrix, its diagonal scaled to one: near zero, a direction has no curvature."""
    factor: Floats
    """Cholesky factor of the matrix, its diagonal scaled to one, shape (n, n)."""
    scale: Floats
    """What scales it, shape (n,)."""
    inside: bool
    """Whether the step ends inside the box, so that it is the whole Newton step."""

    def solve(self, gradient: Floats) -> Floats:
        """The inverse of the matrix times a vector, shape (n,)."""
        return _solve(self.factor, gradient * self.scale) * self.scale


def box_step(matrix: Floats, gradient: Floats, low: Floats, high: Floats) -> Step | None:
    """Minimise ``gradient . d + d . matrix . d / 2`` with ``low <= d <= high``.

    A primal active set method: solve for the open components, close those that leave the box at its wall,
    repeat; then open again, one at a time, what is pulled off its wall. For a positive definite matrix every
    round lowers the model, and it ends at the minimum.

    Args:
        matrix: Symmetric, shape (n, n).
        gradient: Shape (n,).
        low: Shape (n,), zero or below.
        high: Shape (n,), zero or above.

    Returns:
        ``None`` where the matrix is not positive definite.
    """
    scaled, scale = _scaled(matrix)
    slope = gradient * scale
    low, high = low / scale, high / scale
    factor = _factor(scaled)
    if factor is None:
        return None
    move = -_solve(factor, slope)
    inside = bool(((move >= low) & (move <= high)).all())
    if inside:
        decrease = -0.5 * float(slope @ move)
    else:
        move = _walled(scaled, slope, low, high, move)
        decrease = -float(slope @ move + 0.5 * move @ (scaled @ move))
    pivot = float(factor.diagonal().min(initial=1.0)) ** 2
    return Step(move * scale, max(decrease, 0.0), pivot, factor, scale, inside)


def _walled(matrix: Floats, slope: Floats, low: Floats, high: Floats, move: Floats) -> Floats:
    """The minimum in the box, from the clipped free minimum if that is any good."""

    def model(at: Floats) -> float:
        return float(slope @ at + 0.5 * at @ (matrix @ at))

    current = np.clip(move, low, high)
    if model(current) >= 0.0:
        current = np.zeros_like(move)
    closed = (current <= low) | (current >= high)
    small = 1e-12 * (1.0 + float(np.abs(slope).max()))
    for number in range(_ROUNDS + 3 * move.size):
        pull = slope + matrix @ current
        opened = np.flatnonzero(~closed)
        if opened.size == 0 or np.abs(pull[opened]).max() <= small:
            # At the minimum of the open components: open the one that is pulled off its wall most.
            inward = np.where(current <= low, -pull, pull)
            inward[~closed | (low == high)] = 0.0
            worst = int(np.argmax(inward))
            if inward[worst] <= small:
                break
            closed[worst] = False
            continue
        factor = _factor(matrix[opened][:, opened])
        if factor is None:  # only by rounding: a principal part of a positive definite matrix
            break
        towards = -_solve(factor, pull[opened])
        target = current.copy()
        target[opened] = np.clip(current[opened] + towards, low[opened], high[opened])
        if number >= _PROJECTIONS or model(target) >= model(current):
            # No luck with all walls at once: go to the first.
            room = np.full(opened.size, np.inf)
            down, up = towards < 0.0, towards > 0.0
            room[down] = (low[opened] - current[opened])[down] / towards[down]
            room[up] = (high[opened] - current[opened])[up] / towards[up]
            length = min(1.0, float(room.min()))
            target[opened] = np.clip(current[opened] + length * towards, low[opened], high[opened])
            hit = opened[room <= length]
            target[hit] = np.where(towards[room <= length] < 0.0, low[hit], high[hit])
            closed[hit] = True
        else:
            closed[opened] = (target[opened] <= low[opened]) | (target[opened] >= high[opened])
        current = target
    return current


def _scaled(matrix: Floats) -> tuple[Floats, Floats]:
    diagonal = matrix.diagonal()
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    return matrix * scale * scale[:, None], scale


def _factor(matrix: Floats) -> Floats | None:
    # Symmetric, so its transpose is itself, in the order of LAPACK.
    factor, info = dpotrf(matrix.T, lower=1, clean=0)
    return factor if info == 0 else None


def _solve(factor: Floats, right: Floats) -> Floats:
    return np.asarray(dpotrs(factor, right, lower=1)[0])
