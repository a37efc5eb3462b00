"""A bounded Newton method with exact second derivatives.

Each iteration takes the exact Hessian where it is positive definite, else blends it with the expected
information (which always is), minimises the quadratic model in the box of the bounds, and searches along the
step for a sufficient decrease. At a stationary point with negative curvature it goes on along that curvature.
See ``docs/decisions`` on why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Derivatives
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.newton_step import Step, box_step

TOLERANCE: Final = 1e-9
"""A fit has converged when the quadratic model promises a smaller decrease of the NLL than this."""
MAX_ITERATIONS: Final = 1000
"""Far more than any published pallet needs (8): a rate that is a product of factors far from their nominal
values is a curved valley, which costs hundreds. What is not done then swings for ever."""
_LONGEST_PULL: Final = 2.0
"""How far one iteration may move a constrained parameter, in widths of its constraint."""
_SUFFICIENT: Final = 1e-4
_SHORTEST: Final = 1e-12
_PATIENCE: Final = 20
"""So many iterations without a positive definite Hessian, and its curvatures are taken with a plus sign."""
_BLENDS: Final = (1.0, 0.5, 0.0)
_NOISE: Final = 1e-14
_NOTHING: Final = 1e-50
_SIDE: Final = 1e-300
_FLAT: Final = 1e-8
_NEARLY_FLAT: Final = 1e-4
"""Negative curvatures up to this, along which nothing is lower, are a valley seen from its side."""
_CLOSE: Final = 1e-10
"""Of the range between its bounds: so close to one, a parameter that is drawn there is put there."""
_LANDINGS: Final = 20
"""So often a fit that is done puts parameters on bounds; two at a kink can send each other off and back."""
_LOOSE: Final = 10.0
_NEAR: Final = 0.01
"""How far above a known minimum a fit is told to end there by its value alone."""
_WITHIN: Final = 2.0
"""How far above a known minimum a fit is told to end there by its value and its gradient."""
_CONTRACTION: Final = 0.25
"""How well the Hessian at a known minimum must predict value and gradient for that."""
_LAST: Final = 1e-5
"""A step that promises less may be the last without a look at the derivatives where it ends."""
_CAUTION: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where a minimisation ended, and how."""

    x: Floats
    """Parameters in the order of the model, shape (p,)."""
    value: float
    """Negative log-likelihood, all constants included."""
    start_value: float
    """Negative log-likelihood where it started."""
    gradient: Floats
    """Shape (p,)."""
    hessian: Floats
    """Shape (p, p); taken before the last step where that was a tiny one."""
    free: Indices
    """The parameters that are neither fixed nor held by a bound."""
    at_bounds: Indices
    """The parameters that a bound holds."""
    estimated_distance: float
    """The decrease of the negative log-likelihood that the quadratic model still promises."""
    iterations: int
    evaluations: int
    """Evaluations of the value; each iteration adds one of the derivatives."""
    indefinite: int
    """Iterations at which the Hessian was not positive definite."""
    converged: bool
    """Small estimated distance, and no negative curvature of the free parameters."""
    flat: bool
    """Whether there is a direction without curvature, so that some parameters are not determined."""
    message: str = ""
    """Why it did not converge."""
    step: Step | None = None
    """The last step, where the Hessian of the free parameters was positive definite: with its factor."""


class Objective(Protocol):
    """What can be minimised: a likelihood, or one with something added."""

    @property
    def model(self) -> Model:
        """For the widths and the kinks of its parameters."""
        ...

    def value(self, x: Floats) -> float:
        """As :meth:`.Likelihood.value`."""
        ...

    def derivatives(self, x: Floats) -> Derivatives:
        """As :meth:`.Likelihood.derivatives`."""
        ...

    def information(self, x: Floats) -> Floats:
        """As :meth:`.Likelihood.information`."""
        ...


def minimise(
    likelihood: Objective,
    start: Floats,
    fixed: NDArray[np.bool_],
    lower: Floats,
    upper: Floats,
    *,
    max_iterations: int = MAX_ITERATIONS,
    tolerance: float = TOLERANCE,
    known: Sequence[Minimum] = (),
) -> Minimum | None:
    """Minimise the negative log-likelihood from one start.

    Args:
        likelihood: What is minimised.
        start: Shape (p,); free parameters outside their bounds start on them.
        fixed: Which parameters keep their starting value, shape (p,).
        lower: Lower bounds, shape (p,).
        upper: Upper bounds, shape (p,).
        max_iterations: After so many it gives up.
        tolerance: See :data:`TOLERANCE`.
        known: Minima with the same fixed parameters that were found before.

    Returns:
        ``None`` when it was certain to end in one of the known minima.
    """
    return _Minimisation(likelihood, start, fixed, (lower, upper), tolerance, known).run(max_iterations)


class _Minimisation:
    def __init__(  # noqa: PLR0917  (private, called once)
        self,
        likelihood: Objective,
        start: Floats,
        fixed: NDArray[np.bool_],
        bounds: tuple[Floats, Floats],
        tolerance: float,
        known: Sequence[Minimum],
    ) -> None:
        lower, upper = bounds
        self.likelihood, self.fixed, self.tolerance, self.known = likelihood, fixed, tolerance, known
        self.lower, self.upper = np.where(fixed, start, lower), np.where(fixed, start, upper)
        self.x = np.clip(start, self.lower, self.upper)
        self.value = self.start_value = likelihood.value(self.x)
        self.evaluations = 1
        self.indefinite = 0
        self.flat = False
        self.length = 1.0
        self.gradient: Floats
        self.hessian: Floats
        self.free: Indices
        self.step: Step | None = None
        self.reach = np.full_like(start, np.inf)
        parameters = likelihood.model.parameters
        self.reach[parameters.normal] = _LONGEST_PULL * parameters.normal_sigma
        self.low, self.high = self.lower, self.upper
        """Walls of the next step: the bounds, and zero where an interpolation has a kink there."""
        kinked = np.arange(likelihood.model.alphas if likelihood.model.kinked else 0)
        self.kinked = kinked[~fixed[kinked]]

    def run(self, max_iterations: int) -> Minimum | None:
        if self.value == math.inf:
            return self._end(0, math.inf, "the likelihood is zero at the start")
        distance, message = math.inf, f"no convergence in {max_iterations} iterations"
        iteration, landings = 0, 0
        for iteration in range(max_iterations + 1):
            if any(self._ends_in(minimum) for minimum in self.known):
                return None
            self._differentiate()
            if any(self._leads_to(minimum) for minimum in self.known):
                return None
            step, definite = self._step()
            self.step = step if definite else None
            distance, before = step.decrease, self.value
            if distance < self.tolerance:
                if landings < _LANDINGS and self._lands_on_bounds(step.move, definite=definite):
                    landings += 1
                    continue
                if definite:
                    self.flat, message = step.pivot < _FLAT, ""
                    break
                lowest, direction = self._lowest_curvature()
                if lowest > -_FLAT or not self._follow(direction):
                    self.flat = lowest > -_NEARLY_FLAT
                    message = "" if self.flat else "it stopped where the curvature is negative"
                    break
            elif iteration == max_iterations or not self._search(step.move):
                if definite and distance < self._noise():
                    message = ""
                elif iteration < max_iterations:
                    message = "no decrease along the step"
                break
            elif definite and (left := self._left_after(step, before)) < self.tolerance:
                self.flat = step.pivot < _FLAT
                iteration, distance, message = iteration + 1, left, ""  # noqa: PLW2901  (it ends here)
                break
        return self._end(iteration, distance, message)

    def _ends_in(self, known: Minimum) -> bool:
        """Whether a minimum is so near that its quadratic model holds here."""
        if abs(self.value - known.value) > _NEAR:
            return False
        apart = self.x - known.x
        model = 0.5 * float(apart @ (known.hessian @ apart)) + float(known.gradient @ apart)
        return 0.0 <= model < _NEAR and abs(self.value - known.value - model) < 0.1 * _NEAR

    def _leads_to(self, known: Minimum) -> bool:
        """Whether the Hessian at a minimum predicts value and gradient here: then a fit must end there.

        Newton's method with that Hessian would come four times nearer to it with every step.
        """
        if known.step is None or known.free.size == 0 or self.kinked.size:
            return False
        apart = self.x - known.x
        inside = apart[known.free]
        if np.count_nonzero(apart) != np.count_nonzero(inside):
            return False  # it is held by a bound that does not hold here
        bent = known.hessian[known.free][:, known.free] @ inside
        above = 0.5 * float(inside @ bent)
        if not 0.0 < above < _WITHIN or abs(self.value - known.value - above) > _CONTRACTION * above:
            return False
        unexplained = self.gradient[known.free] - known.gradient[known.free] - bent
        return float(unexplained @ known.step.solve(unexplained)) < 2.0 * _CONTRACTION**2 * above

    def _left_after(self, step: Step, before: float) -> float:
        """What a whole Newton step just taken leaves to gain, from how far its promise was off.

        Of third order in the step is the error ``e`` of the promised decrease ``d``; the gradient that it
        leaves, in the metric of the Hessian, is ``3 e / sqrt(2 d)``.

        Returns:
            Infinite where the derivatives have to be seen.
        """
        if not step.inside or step.decrease > _LAST or self.length < 1.0:
            return math.inf
        x = self.x[self.free]
        if ((x <= self.low[self.free]) | (x >= self.high[self.free])).any():
            return math.inf
        error = before - self.value - step.decrease
        left = _CAUTION * 2.25 * error * error / step.decrease
        if left < self.tolerance:
            self.gradient = self.gradient + self.hessian[:, self.free] @ step.move
        return left

    def _noise(self) -> float:
        return 1e4 * _NOISE * max(1.0, abs(self.value))

    def _choose_sides(self) -> None:
        """Let no step cross a kink, and give what stands on one the side on which the likelihood rises.

        Codes 0 and 1 change their slope at zero. A side is told by a number that is zero but for its sign.
        """
        self.low, self.high = self.lower.copy(), self.upper.copy()
        on = self.kinked[np.abs(self.x[self.kinked]) < _NOTHING]
        if on.size:
            x = self.x.copy()
            x[on] = -_SIDE
            left = self.likelihood.derivatives(x).gradient[on]
            x[on] = _SIDE
            right = self.likelihood.derivatives(x).gradient[on]
            up = (right < 0.0) & (-right >= left) & (self.upper[on] > 0.0)
            down = (left > 0.0) & ~up & (self.lower[on] < 0.0)
            self.x = self.x.copy()
            self.x[on] = np.where(up, _SIDE, np.where(down, -_SIDE, 0.0))
            stay = on[~(up | down)]
            self.low[stay] = self.high[stay] = 0.0
        above, below = self.kinked[self.x[self.kinked] > 0.0], self.kinked[self.x[self.kinked] < 0.0]
        self.low[above] = np.maximum(self.low[above], 0.0)
        self.high[below] = np.minimum(self.high[below], 0.0)

    def _differentiate(self) -> None:
        if self.kinked.size:
            self._choose_sides()
        derivatives = self.likelihood.derivatives(self.x)
        self.gradient, self.hessian = derivatives.gradient, derivatives.hessian
        held = ((self.x <= self.low) & (self.gradient >= -_NOTHING)) | (
            (self.x >= self.high) & (self.gradient <= _NOTHING)
        )
        self.held = held & ~self.fixed
        moved = ~(held | self.fixed)
        # A parameter without any effect (here) has nowhere to go.
        idle = np.flatnonzero(
            moved & (np.abs(self.gradient) < _NOTHING) & (np.abs(self.hessian.diagonal()) < _NOTHING)
        )
        if idle.size:
            moved[idle] = (np.abs(self.hessian[idle][:, moved]) >= _NOTHING).any(axis=1)
        self.free = np.flatnonzero(moved)

    def _part(self, matrix: Floats) -> Floats:
        return matrix if self.free.size == self.x.size else matrix[self.free][:, self.free]

    def _step(self) -> tuple[Step, bool]:
        """The step on the free parameters, and whether the exact Hessian is positive definite there."""
        free = self.free
        if free.size == 0:
            return Step(np.zeros(0), 0.0, 1.0, np.zeros((0, 0)), np.zeros(0), inside=True), True
        reach = self.reach[free]
        low = np.maximum(self.low[free] - self.x[free], -reach)
        high = np.minimum(self.high[free] - self.x[free], reach)
        gradient, exact = self.gradient[free], self._part(self.hessian)
        information: Floats | None = None
        for blend in _BLENDS:
            matrix = exact
            if blend < 1.0:
                if information is None:
                    self.indefinite += 1
                    information = self._part(self.likelihood.information(self.x))
                matrix = information + blend * (exact - information)
            if blend == 0.0 and self.indefinite > _PATIENCE:
                matrix = _absolute(exact)
            elif blend == 0.0:
                # Directions that the data say nothing about, and nothing constrains.
                matrix = matrix + np.diag(1e-8 + 1e-8 * np.abs(matrix.diagonal()))
            step = box_step(matrix, gradient, low, high)
            if step is not None:
                return step, blend == 1.0
        identity = np.eye(free.size)
        down = np.clip(-gradient, low, high)
        return Step(down, float(gradient @ gradient), 0.0, identity, np.ones(free.size), inside=False), False

    def _lands_on_bounds(self, move: Floats, *, definite: bool) -> bool:
        """Take the last small step where parameters end on bounds, so that they are held there.

        So do those that are as good as there: at ``mu = 1e-14`` all that mu scales would look undetermined.
        Where the Hessian is not positive definite, that is all whose bounds are no worse: two factors of one
        sample that both vanish have negative curvature until one of them does.
        """
        whole = self.x.copy()
        whole[self.free] += move
        close = np.where(np.isfinite(self.high - self.low), _CLOSE * (self.high - self.low), 0.0)
        if not definite:
            steep = np.maximum(np.abs(self.gradient), _NOTHING)
            close = np.maximum(close, np.minimum(_LOOSE * self.tolerance / steep, _NEARLY_FLAT))
        for before in (whole, self.x):
            target = np.where((before - self.low < close) & (self.gradient > 0.0), self.low, before)
            target = np.where((self.high - before < close) & (self.gradient < 0.0), self.high, target)
            np.clip(target, self.low, self.high, out=target)
            # What stands on a side of a kink is there, or it would be put on that side again for ever.
            onto = ((target <= self.low) | (target >= self.high)) & (np.abs(target - self.x) > _NOTHING)
            if not onto[self.free].any():
                continue
            value = self.likelihood.value(target)
            self.evaluations += 1
            if value <= self.value + self.tolerance:
                self.x, self.value = target, value
                return True
        return False

    def _search(self, move: Floats) -> bool:
        """Go along the step until the value has decreased enough; whether it has."""
        origin, value = self.x, self.value
        slope = float(self.gradient[self.free] @ move)
        length, noise = 1.0, _NOISE * max(1.0, abs(value))
        while length > _SHORTEST:
            self.x = origin.copy()
            self.x[self.free] += length * move
            np.clip(self.x, self.low, self.high, out=self.x)
            self.value = self.likelihood.value(self.x)
            self.evaluations += 1
            if self.value <= value + _SUFFICIENT * length * slope + noise:
                self.length = length
                return True
            if self.value == math.inf:
                length *= 0.25
            else:
                curved = 2.0 * (self.value - value - length * slope)
                length *= min(0.5, max(0.1, -length * slope / curved))
        self.x, self.value = origin, value
        return False

    def _lowest_curvature(self) -> tuple[float, Floats]:
        """The lowest eigenvalue of the Hessian, its diagonal scaled to one, and the direction of it."""
        exact = self._part(self.hessian)
        diagonal = np.abs(exact.diagonal())
        scale = 1.0 / np.sqrt(np.where(diagonal > _NOTHING, diagonal, 1.0))
        values, vectors = np.linalg.eigh(exact * scale * scale[:, None])
        return float(values[0]), scale * vectors[:, 0]

    def _follow(self, direction: Floats) -> bool:
        """From a stationary point go down along a direction, either way; whether that was possible."""
        origin, value = self.x, self.value
        best, best_value = origin, value
        for sign in (1.0, -1.0):
            length = 1.0
            while length > 1e-6:
                trial = origin.copy()
                trial[self.free] += sign * length * direction
                np.clip(trial, self.low, self.high, out=trial)
                trial_value = self.likelihood.value(trial)
                self.evaluations += 1
                if trial_value < best_value:
                    best, best_value = trial, trial_value
                    break
                length *= 0.25
        self.x, self.value = best, best_value
        return best_value < value - _NOISE * max(1.0, abs(value))

    def _end(self, iterations: int, distance: float, message: str) -> Minimum:
        if not hasattr(self, "gradient"):
            self.gradient = np.full_like(self.x, np.nan)
            self.hessian = np.full((self.x.size, self.x.size), np.nan)
            self.free, self.held = np.flatnonzero(~self.fixed), np.zeros_like(self.fixed)
        return Minimum(
            x=self.x,
            value=self.value,
            start_value=self.start_value,
            gradient=self.gradient,
            hessian=self.hessian,
            free=self.free,
            at_bounds=np.flatnonzero(self.held & ((self.x <= self.lower) | (self.x >= self.upper))),
            estimated_distance=distance,
            iterations=iterations,
            evaluations=self.evaluations,
            indefinite=self.indefinite,
            converged=not message,
            flat=self.flat,
            message=message,
            step=self.step,
        )


def _absolute(matrix: Floats) -> Floats:
    """The matrix with every curvature made positive, its diagonal scaled to one before.

    Near a saddle of two factors that vanish together the expected information knows nothing of the other
    curvatures: a fit that relies on it swings to and fro.
    """
    diagonal = np.abs(matrix.diagonal())
    scale = np.sqrt(np.where(diagonal > _NOTHING, diagonal, 1.0))
    values, vectors = np.linalg.eigh(matrix / scale / scale[:, None])
    return np.asarray((vectors * np.maximum(np.abs(values), _FLAT)) @ vectors.T * scale * scale[:, None])
