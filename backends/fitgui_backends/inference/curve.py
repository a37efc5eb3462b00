"""The profile likelihood as a curve in mu: fits that follow a path, each from its neighbours.

At a minimum with the parameter of interest fixed, the derivatives of the likelihood give more than the value:
by the envelope theorem the slope of the profile is the gradient at the parameter of interest, and with
``t = dx/dmu = -H_ff^-1 H_f,mu`` (``f``: the free nuisance parameters) its curvature is
``H_mu,mu + H_mu,f t``, and ``x + t dmu`` is where the next fit starts.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.inference.fits import APART, LOWER, UNPHYSICAL, Fit, Fitter, unphysical
from fitgui_backends.inference.minimise import Minimum
from fitgui_backends.inference.newton_step import box_step
from fitgui_backends.inference.starts import Start, bent_parameters, from_both_sides, scattered, together

_SAME: Final = 1e-9
"""Relative: signal strengths closer together are one."""
_ROUND: Final = 1e-7
"""Rises of twice the NLL up to this are zero as far as their square root's slope goes."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A fit on the curve; derivatives are those of twice the profiled NLL by mu."""

    mu: float
    fit: Fit
    slope: float
    curvature: float
    tangent: Floats
    """How the minimum moves with mu, shape (p,); one for mu itself."""

    @classmethod
    def of(cls, fit: Fit, poi: int) -> Node:
        """The derivatives at a minimum."""
        minimum = fit.minimum
        gradient, hessian = minimum.gradient, minimum.hessian
        free = minimum.free[minimum.free != poi]
        tangent = np.zeros_like(minimum.x)
        tangent[poi] = 1.0
        tangent[free] = _solved(minimum, free, -hessian[free, poi])
        slope = 2.0 * float(gradient[poi] + gradient[free] @ tangent[free])
        curvature = 2.0 * float(hessian[poi, poi] + hessian[poi, free] @ tangent[free])
        return cls(float(minimum.x[poi]), fit, slope, curvature, tangent)

    @property
    def twice_nll(self) -> float:
        """Of the profile likelihood."""
        return self.fit.twice_nll

    def moved(self, mu: float) -> Floats:
        """Where the minimum at another mu is expected."""
        return self.fit.x + (mu - self.mu) * self.tangent


class Curve:
    """The profile likelihood of one model for one set of data.

    Args:
        fitter: Of the model.
        likelihood: Of the same model.
        free: The fit with mu free (or at its known best value): the lowest point of the curve.
        others: Fits at fixed mu that are known already.
        direct: Where a hypothesis test at some mu begins, besides the fit at mu = 0.
    """

    def __init__(
        self,
        fitter: Fitter,
        likelihood: Likelihood,
        free: Fit,
        others: Iterable[Fit] = (),
        *,
        direct: Callable[[float], Sequence[Start]] = lambda _: (),
    ) -> None:
        self._fitter, self._likelihood = fitter, likelihood
        self._bent = bent_parameters(fitter.model)
        self._direct = direct
        self.free = free
        """Replaced when a lower minimum turns up."""
        self.fits = 0
        """Fits that were done here."""
        self.nodes: list[Node] = []
        """Ascending in mu."""
        self.searched: set[float] = set()
        """Where lower minima were looked for."""
        for fit in (free, *others):
            self._insert(Node.of(fit, fitter.poi))
        self._lower_floor()

    @classmethod
    def of_data(cls, fitter: Fitter, likelihood: Likelihood, fits: Mapping[str, Fit]) -> Curve:
        """The curve of the observed data.

        Args:
            fitter: Of the model.
            likelihood: Of the same model, with the data.
            fits: Of a hypothesis test; ``free``, ``mu0`` and ``mu1`` begin the curve.
        """
        nominal = [Start("nominal", fitter.model.parameters.init)]
        known = (fits["mu0"], fits["mu1"])
        return cls(fitter, likelihood, fits["free"], known, direct=lambda _: nominal)

    @classmethod
    def of_asimov(
        cls,
        fitter: Fitter,
        likelihood: Likelihood,
        background: Fit,
        others: Iterable[Fit] = (),
        *,
        direct: Callable[[float], Sequence[Start]] = lambda _: (),
    ) -> Curve:
        """The curve of the Asimov data that a fit at mu = 0 expects; the other arguments as for the class."""
        likelihood = likelihood.with_data(likelihood.expected(background.x))
        lowest = fitter.fit(likelihood, [Start("fit at mu = 0", background.x)], 0.0)
        return cls(fitter, likelihood, lowest, others, direct=direct)

    @property
    def mu_hat(self) -> float:
        """Where the curve is lowest."""
        return float(self.free.x[self._fitter.poi])

    @property
    def several(self) -> bool:
        """Whether the model may have several minima, or was seen to."""
        return bool(self._bent.size) or any(node.fit.ambiguous for node in self.nodes)

    def at(self, mu: float) -> Node | None:
        """The fit at a signal strength; ``None`` where the likelihood is zero as far as can be seen."""
        known = self._known(mu)
        if known is not None:
            return known
        self.fits += 1
        starts = [start for start in self._starts(mu) if self._likelihood.value(start.x) < math.inf]
        if not starts:
            return None
        fit = self._fitter.fit_once(self._likelihood, starts[0], mu)
        if fit is None:
            return None
        if not fit.converged or self.several:
            fit = self._fitter.refine(self._likelihood, fit, (), mu, further=starts[1:])
        node = Node.of(self._judged(fit, mu), self._fitter.poi)
        self._insert(node)
        self._lower_floor()
        return node

    def rise(self, node: Node) -> tuple[float, float, float]:
        """Square root of what twice the NLL rises from the lowest point, negative below mu-hat.

        Returns:
            It, and its first and second derivative by mu (zero where it is not known).
        """
        height = node.twice_nll - self.free.twice_nll
        sign = 1.0 if node.mu >= self.mu_hat else -1.0
        if height <= _ROUND:
            held = node.slope * node.slope > 100.0 * _ROUND * abs(
                node.curvature
            )  # a bound of mu, by its side
            slope = math.inf if held else math.sqrt(max(0.5 * node.curvature, 0.0))
            return sign * math.sqrt(max(height, 0.0)), slope, 0.0
        root = sign * math.sqrt(height)
        slope = 0.5 * node.slope / root
        return root, slope, (0.5 * node.curvature - slope * slope) / root

    def search(self, mu: float, others: Iterable[Start] = ()) -> bool:
        """Look for a lower minimum at some mu, from all that is known; whether there is one.

        What is found is followed along the curve to both sides as long as it is lower there, too.

        Args:
            mu: Evaluated if it was not.
            others: Further starts.
        """
        node = self.at(mu)
        if node is None:
            return False
        self.searched.add(mu)
        starts, further = [Start("free fit", self.free.x), *others], list[Start]()
        if self.several:
            further += [Start(f"fit at mu = {near.mu:g}", near.moved(mu)) for near in self._neighbours(mu)]
            background = self._known(0.0) or node
            starts += [Start("fit at mu = 0", background.fit.x)]
            further += from_both_sides(self._fitter.model, node.fit.x, self._bent)
            if self._bent.size:
                nominal = self._fitter.model.parameters.init
                further += together(self._fitter.model, nominal, self._bent)
            further += scattered(self._fitter.model, background.fit.x)
        if not self._improve(node, starts, further, across=True):
            return False
        place = next(index for index, other in enumerate(self.nodes) if other.mu == node.mu)
        for step in (-1, 1):
            index = place + step
            while 0 <= index < len(self.nodes):
                before, node = self.nodes[index - step], self.nodes[index]
                if not self._improve(node, (), [Start(f"fit at mu = {before.mu:g}", before.moved(node.mu))]):
                    break
                index += step
        self._lower_floor()
        return True

    def settle(self) -> bool:
        """Where neighbours do not fit together, follow each to the other; whether one was lowered by that.

        Of two minima that change places along the curve, the lower one is found on both sides.
        """
        lowered = False
        todo = list(itertools.pairwise([node.mu for node in self.nodes]))
        while todo:
            nodes = [self._known(mu) for mu in todo.pop()]
            one, other = (node for node in nodes if node is not None)
            if abs(_mismatch(one, other)) < APART:
                continue
            for node, start in ((one, other), (other, one)):
                if self._improve(node, (), [Start(f"fit at mu = {start.mu:g}", start.moved(node.mu))]):
                    lowered = True
                    mus = [known.mu for known in self.nodes]
                    place = mus.index(node.mu)
                    todo += list(itertools.pairwise(mus[max(place - 1, 0) : place + 2]))
        self._lower_floor()
        return lowered

    def fitted(self, mu: float) -> list[Start]:
        """The fit at a mu that was evaluated, as a start for other data."""
        node = self._known(mu)
        return [] if node is None else [Start("fit to other data", node.fit.x)]

    def _improve(
        self, node: Node, starts: Sequence[Start], further: Sequence[Start], *, across: bool = False
    ) -> bool:
        self.fits += 1
        fit = self._fitter.refine(self._likelihood, node.fit, starts, node.mu, further=further)
        if across:
            fit = self._fitter.look_across(self._likelihood, fit, node.mu)
        lower = fit.twice_nll < node.twice_nll - LOWER
        if lower or fit.converged > node.fit.converged or fit.dismissed > node.fit.dismissed:
            self.nodes[self.nodes.index(node)] = Node.of(fit, self._fitter.poi)
        return lower

    def _judged(self, fit: Fit, mu: float) -> Fit:
        """What a hypothesis test at ``mu`` would take of a minimum that the curve led to.

        A path counts as a further start: where it led to a sample far below zero, and the direct starts do
        not, theirs is the minimum that counts.
        """
        if not fit.negative_rates or unphysical(self._likelihood, fit.x) <= UNPHYSICAL:
            return fit
        background = self._known(0.0)
        direct = [] if background is None else [Start("fit at mu = 0", background.fit.x)]
        direct += self._direct(mu)
        for number, start in enumerate(direct, start=1):
            found = self._fitter.fit_once(self._likelihood, start, mu)
            if found is not None:
                self.fits += 1
                further = [Start(fit.winner, fit.x)]
                return self._fitter.refine(self._likelihood, found, direct[number:], mu, further=further)
        return fit

    def _lower_floor(self) -> None:
        """Fit freely again from whatever is lower than the free fit."""
        lowest = min(self.nodes, key=lambda node: node.twice_nll)
        if lowest.twice_nll < self.free.twice_nll - LOWER:
            self.fits += 1
            start = Start(f"fit at mu = {lowest.mu:g}", lowest.fit.x)
            self.free = self._fitter.refine(self._likelihood, self.free, [start], None)
            self._insert(Node.of(self.free, self._fitter.poi))

    def _insert(self, node: Node) -> None:
        known = self._known(node.mu)
        if known is None:
            bisect.insort(self.nodes, node, key=lambda other: other.mu)
        elif node.twice_nll < known.twice_nll:
            self.nodes[self.nodes.index(known)] = node

    def _known(self, mu: float) -> Node | None:
        for node in self.nodes:
            if abs(node.mu - mu) <= _SAME * max(abs(mu), abs(node.mu)):
                return node
        return None

    def _neighbours(self, mu: float) -> list[Node]:
        below = [node for node in self.nodes if node.mu < mu]
        above = [node for node in self.nodes if node.mu > mu]
        return sorted([*below[-1:], *above[:1]], key=lambda node: abs(node.mu - mu))

    def _starts(self, mu: float) -> list[Start]:
        """Where the minimum is expected, the best guess first."""
        near = self._neighbours(mu)
        starts = []
        if len(near) == 2:
            starts.append(
                Start(f"between mu = {near[0].mu:g} and {near[1].mu:g}", _between(near[0], near[1], mu))
            )
        if len(near) == 1 or self.several:
            starts += [Start(f"along the curve from mu = {node.mu:g}", node.moved(mu)) for node in near]
        starts += [Start(f"fit at mu = {node.mu:g}", node.fit.x.copy()) for node in near]
        parameters = self._fitter.model.parameters
        for start in starts:
            np.clip(start.x, parameters.lower, parameters.upper, out=start.x)
            start.x[self._fitter.poi] = mu
        if self._likelihood.value(starts[0].x) > self._likelihood.value(starts[-1].x):
            starts.reverse()
        return starts


def _mismatch(one: Node, other: Node) -> float:
    """By how much twice the NLL changes more than slopes and curvatures at both ends say."""
    width = other.mu - one.mu
    change = 0.5 * width * (one.slope + other.slope) + width * width / 12.0 * (
        one.curvature - other.curvature
    )
    return other.twice_nll - one.twice_nll - change


def _solved(minimum: Minimum, free: Indices, right: Floats) -> Floats:
    """The inverse of the free part of the Hessian times a vector; zero where there is none."""
    if free.size == 0:
        return np.zeros(0)
    if minimum.step is not None and minimum.free.size == free.size:
        return minimum.step.solve(right)
    step = box_step(
        minimum.hessian[np.ix_(free, free)], -right, np.full(free.size, -np.inf), np.full(free.size, np.inf)
    )
    return step.move if step is not None else np.zeros(free.size)


def _between(one: Node, other: Node, mu: float) -> Floats:
    """The cubic through two minima with their tangents."""
    width = other.mu - one.mu
    share = (mu - one.mu) / width
    difference = other.fit.x - one.fit.x
    start, end = one.tangent * width, other.tangent * width
    return np.asarray(
        one.fit.x
        + share
        * (start + share * (3.0 * difference - 2.0 * start - end + share * (start + end - 2.0 * difference)))
    )
