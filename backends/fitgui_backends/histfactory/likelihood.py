"""The likelihood of a compiled model: value, gradient and Hessian, all exact.

Per entry (see :mod:`.model`) the rate is ``nu = F B`` with ``F`` the product of all factors and ``B`` the
nominal rate plus shifts. With ``L`` the relative slopes of the normsys factors and ``A`` the slopes of ``B``,

    d nu / d alpha     = F (A + B L)               =: F C
    d nu / d scale     = nu / scale
    d2 nu / d alpha2   = nu L^T L + F (L^T A + A^T L), on the diagonal nu f''/f + 2 F L A + F B''
    d2 nu / d scale .. = (d nu / d ..) / scale

A factor may be negative (code 4 of a lopsided pair) or zero (the POI at mu = 0). Factors are never put into
logarithms; where one is smaller than 1e-100, derivatives are taken with 1e-100 in its place. That is exact to
rounding, because the factor cancels everywhere except in ``nu L^T L`` on the diagonal, and the diagonal is
computed on its own, not by correcting that product.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
from scipy.sparse import csr_array

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.constraints import Constraints, Data, PoissonTerms
from fitgui_backends.histfactory.interpolation import Floats, histosys_weights
from fitgui_backends.histfactory.model import Model

_TINY = 1e-100
BEND_GRID: Final = np.array([-2.0, -0.8, -0.5, -0.25, 0.0, 0.25, 0.5, 0.8, 2.0])
"""Where :meth:`Likelihood.bends` looks: polynomials bend inside one sigma, exponentials most far out."""


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Derivatives of the negative log-likelihood at a point."""

    gradient: Floats
    """Shape (p,)."""
    hessian: Floats
    """Shape (p, p)."""


class Structure:
    """What only depends on the model: indices into the entries."""

    def __init__(self, model: Model) -> None:
        self.groups, self.bins = len(model.groups), model.bin_count
        self.parameters, self.alphas = len(model.parameters.names), model.alphas
        self.scales = self.parameters - self.alphas
        entries = model.nominal.size
        slot, entry = np.nonzero(model.slots < self.parameters)
        scale = model.slots[slot, entry] - self.alphas
        order = np.lexsort((entry, scale))
        self.scaled_entry, self.scale = entry[order], scale[order]
        """Every (entry, scale factor of it), sorted by the factor."""
        self.bin_order = np.argsort(model.entry_bin, kind="stable")
        self.normsys_start = np.searchsorted(model.normsys_group, np.arange(self.groups))
        self.normsys_flat = model.normsys_group * self.alphas + model.normsys_parameter
        self.bin_by_scale = model.entry_bin[self.scaled_entry] * self.scales + self.scale
        self.pair_entry, self.pair_first, self.pair_second = _pairs(model.slots, self.parameters)
        self.pair_flat = (self.pair_first - self.alphas) * self.scales + self.pair_second - self.alphas
        # Rows of the matrix that sums over entries: bins, groups, scales.
        counts = np.concatenate(
            [
                np.bincount(model.entry_bin, minlength=self.bins),
                np.bincount(model.entry_group, minlength=self.groups),
                np.bincount(self.scale, minlength=self.scales),
            ]
        )
        columns = np.concatenate([self.bin_order, np.arange(entries), self.scaled_entry])
        self.row_starts = np.concatenate([[0], np.cumsum(counts)])
        self.shape = (counts.size, entries)
        self.columns = columns
        self.group_start = np.searchsorted(model.entry_group, np.arange(self.groups))
        self._model = model

    @functools.cached_property
    def normsys_along(self) -> Floats:
        """The factors of all normsys and two derivatives along :data:`BEND_GRID`, shape (3, t, n)."""
        return self._model.normsys.along(BEND_GRID)


def _sums(where: Indices, weights: Floats, size: int) -> Floats:
    """Sums of the weights by place, shape (size,)."""
    sums: Floats = np.bincount(where, weights, size)  # type: ignore[assignment]
    return sums


def _pairs(slots: Indices, none: int) -> tuple[Indices, Indices, Indices]:
    """Every (entry, scale, other scale) with two different scale factors in one entry, in both orders."""
    entries, first, second = [], [], []
    for one in range(slots.shape[0]):
        for other in range(slots.shape[0]):
            if one != other:
                both = np.flatnonzero((slots[one] < none) & (slots[other] < none))
                entries.append(both)
                first.append(slots[one, both])
                second.append(slots[other, both])
    if not entries:
        nothing = np.zeros(0, dtype=np.intp)
        return nothing, nothing, nothing
    return np.concatenate(entries), np.concatenate(first), np.concatenate(second)


class Likelihood:
    """The likelihood of a model given data; keeps the last point, and belongs to one thread.

    Args:
        model: The compiled model.
        data: What it is fitted to.
        structure: What another likelihood of the same model has found out about it.
    """

    _terms: ClassVar[type[PoissonTerms]] = PoissonTerms
    """What the counts of the bins add."""

    def __init__(self, model: Model, data: Data, *, structure: Structure | None = None) -> None:
        self.model, self.data = model, data
        self._structure = structure if structure is not None else Structure(model)
        self._main = self._terms(data.counts)
        self._constraints = Constraints(model.parameters, data)
        s = self._structure
        self._extended = np.ones(s.parameters + 1)
        self._stack = np.zeros((s.bins + s.groups, s.alphas))
        self._sums = csr_array(
            (np.zeros(s.columns.size), s.columns, s.row_starts), shape=s.shape, dtype=np.float64
        )
        self._at: Floats | None = None

    def with_data(self, data: Data) -> Self:
        """The same model with other data."""
        return type(self)(self.model, data, structure=self._structure)

    def value(self, x: Floats) -> float:
        """Negative log-likelihood, all constants included.

        Args:
            x: Parameters in the order of the model, shape (p,).

        Returns:
            Infinite where the likelihood is zero or not defined (an expected rate of zero or below in a bin
            with events); never NaN.
        """
        self._move(x)
        value = self._main.value(self._rates)
        if value < math.inf:
            value += self._constraints.value(x)
        return value if not math.isnan(value) else math.inf

    def expected(self, x: Floats) -> Data:
        """Expected counts and expected auxiliary data: at a fitted point, the Asimov data."""
        self._move(x)
        return Data(self._rates.copy(), *self._constraints.expected(x))

    def entry_rates(self, x: Floats) -> Floats:
        """The expected rate of every channel, sample and bin, shape (e,)."""
        self._move(x)
        return np.asarray(self._factors * self._yields)

    def entry_slopes(self, x: Floats) -> Floats:
        """Derivatives of the rates of :meth:`entry_rates` by the parameters, shape (e, p)."""
        self._move(x)
        model, s = self.model, self._structure
        k = s.alphas
        factor, normsys, scale = self._without_zeros()
        slopes = np.zeros((model.nominal.size, s.parameters))
        if k:
            relative = np.zeros((s.groups, k))
            relative.reshape(-1)[s.normsys_flat] = (
                model.normsys.derivatives(self._normsys_alpha, self._normsys)[0] / normsys
            )
            c = relative[model.entry_group] * self._yields[:, None]
            c += model.variations[:, :k] * self._weights[1, 0]
            c += model.variations[:, k:] * self._weights[1, 1]
            slopes[:, :k] = factor[:, None] * c
        per_scale = (factor * self._yields)[s.scaled_entry] / scale[s.scale + k]
        np.add.at(slopes, (s.scaled_entry, s.scale + k), per_scale)
        return slopes

    def entry_scales(self, x: Floats) -> Floats:
        """The product of the parameters that scale every channel, sample and bin, shape (e,)."""
        self._move(x)
        return np.asarray(np.multiply.reduce(self._extended[self.model.slots], axis=0))

    def normsys_factors(self, x: Floats) -> Floats:
        """The factors of all normsys modifiers, as :attr:`.Model.normsys` has them, shape (n,)."""
        self._move(x)
        return self._normsys

    def shifts(self, x: Floats, entry: int) -> Floats:
        """What each histosys modifier adds to one entry, before factors, shape (k,)."""
        self._move(x)
        up, down = self.model.variations[entry].reshape(2, -1)
        return np.asarray(up * self._weights[0, 0] + down * self._weights[0, 1])

    def _move(self, x: Floats) -> None:
        if self._at is not None and np.array_equal(self._at, x):
            return
        model, s = self.model, self._structure
        self._at = x.copy()
        self._extended[:-1] = x
        alpha = x[: s.alphas]
        self._weights = histosys_weights(model.histosys_code, alpha)
        self._yields = model.variations @ self._weights[0].reshape(-1)
        self._yields += model.nominal
        self._normsys_alpha = self._extended[model.normsys_parameter]
        self._normsys = model.normsys.values(self._normsys_alpha)
        product = np.multiply.reduceat(self._normsys, s.normsys_start)
        self._factors = product[model.entry_group]
        self._factors *= np.multiply.reduce(self._extended[model.slots], axis=0)
        self._rates = _sums(model.entry_bin, self._factors * self._yields, s.bins)

    def derivatives(self, x: Floats) -> Derivatives:
        """Gradient and Hessian of the negative log-likelihood.

        Args:
            x: Where :meth:`value` is finite, shape (p,).
        """
        self._move(x)
        model, s = self.model, self._structure
        k = s.alphas
        slope, bend = self._main.slopes(self._rates)
        factor, normsys, scale = self._without_zeros()
        first, second = model.normsys.derivatives(self._normsys_alpha, self._normsys)
        pull = slope[model.entry_bin] * factor
        rate = factor * self._yields
        weight = pull * self._yields

        # C = A + B L for every entry, and its sums over bins, groups and scales.
        relative = self._stack[s.bins :]
        if k:
            relative.reshape(-1)[s.normsys_flat] = first / normsys
        shift = self._weights
        c = relative[model.entry_group]
        c *= self._yields[:, None]
        c += model.variations[:, :k] * shift[1, 0]
        c += model.variations[:, k:] * shift[1, 1]
        per_scale = 1.0 / scale[s.scale + k]
        self._sums.data = np.concatenate([factor[s.bin_order], pull, pull[s.scaled_entry] * per_scale])
        sums = self._sums @ c
        jacobian = self._stack[: s.bins]
        jacobian[:] = sums[: s.bins]
        by_scale = rate[s.scaled_entry] * per_scale
        scale_jacobian = np.bincount(s.bin_by_scale, by_scale, s.bins * s.scales).reshape(s.bins, s.scales)
        bent_jacobian, bent_scale = bend[:, None] * jacobian, bend[:, None] * scale_jacobian

        hessian = np.empty((s.parameters, s.parameters))
        group_weight = _sums(model.entry_group, weight, s.groups)
        own = self._alphas_with_alphas(
            hessian[:k, :k], bent_jacobian, group_weight, sums[s.bins : s.bins + s.groups]
        )
        own += np.bincount(
            model.normsys_parameter, group_weight[model.normsys_group] * (second / normsys), s.parameters
        )[:k]
        shifts = pull @ model.variations
        own += shifts[:k] * shift[2, 0] + shifts[k:] * shift[2, 1]

        mixed = sums[s.bins + s.groups :]
        mixed += bent_scale.T @ jacobian
        hessian[k:, :k] = mixed
        hessian[:k, k:] = mixed.T
        hessian[k:, k:] = scale_jacobian.T @ bent_scale
        if s.pair_entry.size:
            pairs = weight[s.pair_entry] / (scale[s.pair_first] * scale[s.pair_second])
            hessian[k:, k:] += np.bincount(s.pair_flat, pairs, s.scales**2).reshape(s.scales, s.scales)

        gradient = np.concatenate([slope @ jacobian, slope @ scale_jacobian])
        curvature = np.concatenate([own, np.einsum("bi,bi->i", scale_jacobian, bent_scale)])
        self._constraints.add_slopes(x, gradient, curvature)
        np.fill_diagonal(hessian, curvature)
        self._jacobian = np.concatenate([jacobian, scale_jacobian], axis=1)
        return Derivatives(gradient, hessian)

    def bends(self, x: Floats) -> Floats:
        """How the negative log-likelihood bends along each alpha because the expected rates bend.

        The curvature of a Poisson term has two parts: that of the term itself, which is never negative, and
        the residual ``1 - data / rate`` times the curvature of the rate. This is the sum of the second part,
        with the residuals and all other parameters as they are at ``x``.

        Args:
            x: Where :meth:`value` is finite, shape (p,).

        Returns:
            At the values :data:`BEND_GRID` of each alpha, shape (t, k).
        """
        self._move(x)
        model, s = self.model, self._structure
        k = s.alphas
        factor, normsys, _ = self._without_zeros()
        pull = self._main.slopes(self._rates)[0][model.entry_bin] * factor
        value, first, second = s.normsys_along
        weights = histosys_weights(model.histosys_code, BEND_GRID)
        shifts = np.add.reduceat(pull[:, None] * model.variations, s.group_start, axis=0)
        total = shifts.sum(axis=0)
        bent = np.outer(weights[2, 0], total[:k]) + np.outer(weights[2, 1], total[k:])
        # A factor times a sum that both depend on the alpha; the sum as it is was counted above.
        group, alpha = model.normsys_group, model.normsys_parameter
        base = _sums(model.entry_group, pull * self._yields, s.groups)[group] / normsys
        up, down = shifts[group, alpha] / normsys, shifts[group, k + alpha] / normsys
        now = self._weights[0][:, alpha]
        change = np.outer(weights[0, 0], up) - now[0] * up + np.outer(weights[0, 1], down) - now[1] * down
        slope = np.outer(weights[1, 0], up) + np.outer(weights[1, 1], down)
        curvature = np.outer(weights[2, 0], up) + np.outer(weights[2, 1], down)
        terms = second * (base + change) + 2.0 * first * slope + (value - normsys) * curvature
        bent += np.stack([np.bincount(alpha, term, k)[:k] for term in terms])
        return np.asarray(bent)

    def _alphas_with_alphas(
        self, hessian: Floats, bent_jacobian: Floats, group_weight: Floats, by_group: Floats
    ) -> Floats:
        """The part of the Hessian that belongs to the alphas.

        ``J^T D J + L^T W L + L^T Y + Y^T L`` is one product, made symmetric; its diagonal is computed without
        ``L^T W L``.

        Args:
            hessian: Where it goes, shape (k, k); the diagonal is of no use.
            bent_jacobian: ``D J``, shape (b, k).
            group_weight: ``W``, shape (g,).
            by_group: ``Y + W L``, shape (g, k); written to.

        Returns:
            The diagonal without second derivatives of factors and shifts, shape (k,).
        """
        bins = self._structure.bins
        jacobian, relative = self._stack[:bins], self._stack[bins:]
        half = (0.5 * group_weight)[:, None] * relative
        weighted = np.empty_like(self._stack)
        np.multiply(bent_jacobian, 0.5, out=weighted[:bins])
        by_group -= half
        weighted[bins:] = by_group
        square = self._stack.T @ weighted
        np.add(square, square.T, out=hessian)
        by_group -= half
        own = np.einsum("bi,bi->i", jacobian, bent_jacobian)
        own += 2.0 * np.einsum("gi,gi->i", relative, by_group)
        return np.asarray(own)

    def information(self, x: Floats) -> Floats:
        """Expected information: a Hessian without negative curvature, for where the exact one has some.

        Args:
            x: Where :meth:`derivatives` was just called, shape (p,).

        Returns:
            ``J^T diag(1 / rates) J`` plus the curvature of the constraints, shape (p, p).
        """
        weight = np.divide(1.0, self._rates, out=np.zeros_like(self._rates), where=self._rates > 0.0)
        information = self._jacobian.T @ (weight[:, None] * self._jacobian)
        curvature = np.zeros_like(x)
        self._constraints.add_slopes(x, np.zeros_like(x), curvature)
        information.flat[:: x.size + 1] += curvature
        return np.asarray(information)

    def _without_zeros(self) -> tuple[Floats, Floats, Floats]:
        """Products, normsys factors and scales, with 1e-100 in place of what is smaller."""
        scale, normsys = self._extended, self._normsys
        tiny_scale, tiny_normsys = np.abs(scale) < _TINY, np.abs(normsys) < _TINY
        if not (tiny_scale.any() or tiny_normsys.any()):
            return self._factors, normsys, scale
        model = self.model
        scale = np.where(tiny_scale, _TINY, scale)
        normsys = np.where(tiny_normsys, _TINY, normsys)
        product = np.multiply.reduceat(normsys, self._structure.normsys_start)
        return product[model.entry_group] * scale[model.slots].prod(axis=0), normsys, scale
