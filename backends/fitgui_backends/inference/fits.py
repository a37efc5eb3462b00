"""Fits with as many starts as the model needs, and a record of how they went."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Model
from fitgui_backends.inference.minimise import Minimum, minimise
from fitgui_backends.inference.starts import (
    Start,
    bent_parameters,
    from_both_sides,
    mirrored,
    possible,
    scattered,
    together,
    turned,
    two_sided,
)

Mask = NDArray[np.bool_]

APART: Final = 1e-3
"""Minima whose values differ by less, in twice the NLL, are one."""
NEGATIVE_EVENTS: Final = -0.01
"""A rate below this is told; smaller ones are rounding of yields."""
LOWER: Final = 1e-6
"""A minimum is another, lower one if twice its NLL is lower by more."""
UNPHYSICAL: Final = 0.5
"""A sample below zero by more than this, in statistical errors of its bin, makes a minimum meaningless."""

_ROUNDS: Final = 4
"""So often a lower minimum is looked at anew for parameters that may have two sides."""


_check: ContextVar[Callable[[], object] | None] = ContextVar("check", default=None)


@contextmanager
def checked_between_starts(check: Callable[[], object]) -> Iterator[None]:
    """Call something before each start of each fit in the context; what it raises ends the fit.

    A context in another one does not end the checks of that.
    """
    before = _check.get()

    def both() -> None:
        if before is not None:
            before()
        check()

    token = _check.set(both)
    try:
        yield
    finally:
        _check.reset(token)


@dataclass(frozen=True, slots=True)
class StartRecord:
    """What became of one start."""

    name: str
    twice_nll: float | None
    """Of the minimum that it led to; ``None`` where it was certain to end in one found before."""
    iterations: int
    evaluations: int
    converged: bool
    further: bool = False
    """Whether it only looked for other minima."""


@dataclass(frozen=True, slots=True)
class NegativeRate:
    """A sample whose expected rate is below zero at a minimum, which no physics means."""

    channel: str
    sample: str
    bin: int
    """Counted from 1."""
    rate: float
    modifiers: tuple[str, ...]
    """Those whose interpolation is below zero."""

    @property
    def words(self) -> str:
        """``Z in SR2, bin 1, is expected at -9.1 events (JES)``."""
        modifiers = f" ({', '.join(self.modifiers[:2])})" if self.modifiers else ""
        place = f"{self.sample} in {self.channel}, bin {self.bin}"
        return f"{place}, is expected at {self.rate:.2g} events{modifiers}"


@dataclass(frozen=True, slots=True)
class NegativeBin:
    """A bin whose expected rate, of all samples together, is below zero at a minimum."""

    channel: str
    bin: int
    """Counted from 1."""
    rate: float

    @property
    def words(self) -> str:
        """``SR2, bin 1, is expected at -9.1 events as a whole``."""
        return f"{self.channel}, bin {self.bin}, is expected at {self.rate:.2g} events as a whole"


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The lowest minimum that was found, and how."""

    minimum: Minimum
    starts: tuple[StartRecord, ...]
    """In the order in which they were tried."""
    winner: str
    """The start that led to the minimum."""
    at_bounds: tuple[str, ...]
    """Names of the free parameters that a bound holds."""
    negative_rates: tuple[NegativeRate, ...]
    dismissed: float = 0.0
    """How much lower, in twice the NLL, a minimum lies that a further start led to and that was left out,
    because the rate of a sample is far below zero there."""
    negative_bins: tuple[NegativeBin, ...] = ()
    """Those below zero by more than rounding, the worst first."""

    @property
    def clearly_negative(self) -> list[NegativeRate]:
        """The samples that are expected below zero by more than rounding; the worst first."""
        found = [rate for rate in self.negative_rates if rate.rate < NEGATIVE_EVENTS]
        return sorted(found, key=lambda rate: rate.rate)

    @property
    def twice_nll(self) -> float:
        """Twice the negative log-likelihood, all constants included."""
        return 2.0 * self.minimum.value

    @property
    def x(self) -> Floats:
        """The parameters."""
        return self.minimum.x

    @property
    def converged(self) -> bool:
        """Whether the minimum is one."""
        return self.minimum.converged

    @property
    def spread(self) -> float:
        """Twice the NLL of the highest minimum that a start led to, above the lowest."""
        found = [
            record.twice_nll for record in self.starts if record.converged and record.twice_nll is not None
        ]
        return max(found) - self.twice_nll if found else 0.0

    @property
    def ambiguous(self) -> bool:
        """Whether the direct starts led to different minima, or a further one to a lower one."""
        return any(
            record.converged
            and record.twice_nll is not None
            and record.twice_nll - self.twice_nll > APART
            and not record.further
            for record in self.starts
        )


class Fitter:
    """Fits one model, with its parameter of interest free or fixed.

    Args:
        model: The compiled model.
        thorough: Whether starts beyond the given ones are tried.
        needs_poi: Whether signal strengths are to be tested. Without, the parameter of interest may be
            missing, as in a workspace that no signal was added to.

    Raises:
        HistFactoryError: if the parameter of interest is needed, but missing, fixed, or several numbers.
    """

    def __init__(self, model: Model, *, thorough: bool = True, needs_poi: bool = True) -> None:
        self.thorough = thorough
        self.model = model
        self._poi = _parameter_of_interest(model) if needs_poi else None
        self._bent = bent_parameters(model)

    @property
    def poi(self) -> int:
        """The place of the parameter of interest among the parameters.

        Raises:
            HistFactoryError: if there is none.
        """
        if self._poi is None:
            raise HistFactoryError("without a parameter of interest no signal strength can be tested")
        return self._poi

    def check_poi(self, mu: float) -> None:
        """Say no to a signal strength outside the bounds of the parameter of interest.

        Raises:
            HistFactoryError: in words.
        """
        low, high = self.model.parameters.lower[self.poi], self.model.parameters.upper[self.poi]
        if not low <= mu <= high:
            raise HistFactoryError(
                f"{self.model.poi} = {mu:g} lies outside of its bounds {low:g} to {high:g}, which the "
                "measurement sets"
            )

    def named(self, values: Mapping[str, float]) -> Floats:
        """A point from values by name; parameters without one have their starting value."""
        x = self.model.parameters.init.copy()
        for index, name in enumerate(self.model.parameters.names):
            if name in values and not self.model.parameters.fixed[index]:
                x[index] = values[name]
        return x

    def fit(self, likelihood: Likelihood, starts: Sequence[Start], mu: float | None = None) -> Fit:
        """Minimise from the given starts, and from more where one may not be enough.

        Args:
            likelihood: Of this model.
            starts: At least one.
            mu: The value at which the parameter of interest is fixed; ``None`` leaves it free.

        Raises:
            HistFactoryError: if the likelihood is zero wherever a fit could start.
        """
        search = _Search(self, likelihood, mu)
        search.run(starts)
        if not self.thorough:
            return search.result()
        if self._bent.size:
            search.run(from_both_sides(self.model, search.lowest.x, self._bent), further=True)
            search.run(together(self.model, self.model.parameters.init, self._bent), further=True)
        if self._bent.size or search.disagree:
            search.run(scattered(self.model, search.base), further=True)
        search.look_across()
        return search.result()

    def look_across(self, likelihood: Likelihood, fit: Fit, mu: float | None) -> Fit:
        """The fit again, from the other sides of parameters whose curvature turns negative somewhere."""
        search = _Search(self, likelihood, mu, fit)
        search.look_across()
        return search.result()

    @property
    def bent(self) -> bool:
        """Whether the interpolation of a parameter bends so much that there may be several minima."""
        return self._bent.size > 0

    def minimise(
        self, likelihood: Likelihood, x: Floats, fixed: Mask, known: Sequence[Minimum]
    ) -> Minimum | None:
        """Minimise from one start, within the bounds of the parameters.

        Args:
            likelihood: Of this model.
            x: Where to start, shape (p,).
            fixed: Which parameters stay there, shape (p,).
            known: Minima with the same fixed parameters.

        Returns:
            ``None`` when it was certain to end in one of the known minima.
        """
        parameters = self.model.parameters
        return minimise(likelihood, x, fixed, parameters.lower, parameters.upper, known=known)

    def fit_once(self, likelihood: Likelihood, start: Start, mu: float | None) -> Fit | None:
        """Minimise from one start only; ``None`` where the likelihood is zero there."""
        search = _Search(self, likelihood, mu)
        search.run([start])
        return search.result() if search.best is not None else None

    def refine(
        self,
        likelihood: Likelihood,
        fit: Fit,
        starts: Sequence[Start],
        mu: float | None,
        *,
        further: Sequence[Start] = (),
    ) -> Fit:
        """The fit again, after more starts; those in ``further`` only look for other minima."""
        search = _Search(self, likelihood, mu, fit)
        search.run(starts)
        search.run(further, further=True)
        return search.result()


def _parameter_of_interest(model: Model) -> int:
    if not model.poi:
        raise HistFactoryError("the measurement names no parameter of interest, so there is nothing to test")
    poi = model.parameters.index(model.poi)
    if model.parameters.fixed[poi]:
        raise HistFactoryError(
            f'the measurement fixes the parameter of interest "{model.poi}", so it cannot be tested'
        )
    return poi


class _Search:
    def __init__(
        self, fitter: Fitter, likelihood: Likelihood, mu: float | None, before: Fit | None = None
    ) -> None:
        parameters = fitter.model.parameters
        self.fitter, self.likelihood, self.mu = fitter, likelihood, mu
        self.fixed = parameters.fixed.copy()
        self.records: list[StartRecord] = []
        self.minima: list[Minimum] = []
        self.base = parameters.init
        self.winner = ""
        self.best: Minimum | None = None
        self.dismissed = 0.0
        if mu is not None:
            self.fixed[fitter.poi] = True
        if before is not None:
            self.records, self.winner, self.best = list(before.starts), before.winner, before.minimum
            self.minima, self.base = [before.minimum], before.x
            self.dismissed = before.dismissed

    @property
    def lowest(self) -> Minimum:
        """The best so far.

        Raises:
            HistFactoryError: if there is none, because the likelihood is zero at every start.
        """
        if self.best is None:
            raise HistFactoryError(_impossible(self.likelihood, self.base))
        return self.best

    @property
    def disagree(self) -> bool:
        """Whether starts ended in different minima, or not in one."""
        return not all(record.converged for record in self.records) or any(
            2.0 * abs(minimum.value - self.lowest.value) > APART for minimum in self.minima
        )

    def run(self, starts: Iterable[Start], *, further: bool = False) -> None:
        """Minimise from each start.

        Args:
            starts: Where to begin.
            further: Whether they only look for other minima, wherever those may be.
        """
        parameters = self.fitter.model.parameters
        check = _check.get()
        for start in starts:
            if check is not None:
                check()
            x = np.where(parameters.fixed, parameters.init, start.x)
            if self.mu is not None:
                x[self.fitter.poi] = self.mu
            x = np.clip(
                x, np.where(self.fixed, x, parameters.lower), np.where(self.fixed, x, parameters.upper)
            )
            if self.likelihood.value(x) == math.inf:
                if self.best is None:
                    self.base = x
                    continue
                x = possible(self.likelihood, x, self.best.x)
            if self.best is None:
                self.base = x
            self._note(
                start, self.fitter.minimise(self.likelihood, x, self.fixed, self.minima), further=further
            )

    def look_across(self) -> None:
        """Start from the other sides of parameters that may have two, until that leads to nothing lower."""
        for _ in range(_ROUNDS):
            before = self.lowest
            chosen = two_sided(self.likelihood, before.x, self.fixed)
            if not chosen.size:
                return
            self.run(mirrored(self.likelihood, before.x, chosen), further=True)
            if self.disagree:
                self.run(turned(self.likelihood, before.x, chosen), further=True)
            if self.lowest is before:
                return

    def _note(self, start: Start, minimum: Minimum | None, *, further: bool) -> None:
        if minimum is None:
            self.records.append(StartRecord(start.name, None, 0, 0, converged=True, further=further))
            return
        self.records.append(
            StartRecord(
                start.name,
                2.0 * minimum.value,
                minimum.iterations,
                minimum.evaluations,
                minimum.converged,
                further,
            )
        )
        if minimum.converged:
            self.minima.append(minimum)
        if self.best is None or (minimum.value, not minimum.converged) < (
            self.best.value - 0.5 * APART * (self.best.converged > minimum.converged),
            not self.best.converged,
        ):
            if further and self.best is not None and self._means_less(minimum.x, self.best.x):
                self.dismissed = max(self.dismissed, 2.0 * (self.best.value - minimum.value))
                return
            self.best, self.winner = minimum, start.name

    def _means_less(self, x: Floats, than: Floats) -> bool:
        """Whether a point is unphysical, and more so than another."""
        found = unphysical(self.likelihood, x)
        return found > UNPHYSICAL and found > unphysical(self.likelihood, than)

    def result(self) -> Fit:
        minimum = self.lowest
        names = self.fitter.model.parameters.names
        return Fit(
            minimum=minimum,
            starts=tuple(self.records),
            winner=self.winner,
            at_bounds=tuple(names[index] for index in minimum.at_bounds),
            negative_rates=negative_rates(self.likelihood, minimum.x),
            dismissed=max(self.dismissed, 0.0),
            negative_bins=negative_bins(self.likelihood, minimum.x),
        )


def unphysical(likelihood: Likelihood, x: Floats) -> float:
    """How far below zero the most negative sample is, in the statistical error of its bin."""
    model = likelihood.model
    error = np.sqrt(np.maximum(likelihood.expected(x).counts, 1.0))[model.entry_bin]
    taken = np.where(_below_zero(likelihood, x), -likelihood.entry_rates(x), 0.0)
    return float((taken / error).max(initial=0.0))


def _below_zero(likelihood: Likelihood, x: Floats) -> Mask:
    """Entries whose rate is below zero by interpolation; not those that a negative scale (mu) turns over."""
    chosen = (likelihood.entry_rates(x) < 0.0) & (likelihood.model.nominal >= 0.0)
    return np.asarray(chosen & (likelihood.entry_scales(x) > 0.0))


def negative_rates(likelihood: Likelihood, x: Floats) -> tuple[NegativeRate, ...]:
    """The samples whose expected rate is below zero, and which modifiers make it so."""
    model = likelihood.model
    rates = likelihood.entry_rates(x)
    found = []
    for entry in np.flatnonzero(_below_zero(likelihood, x)):
        group = model.entry_group[entry]
        channel, sample = model.groups[group]
        first = int(np.searchsorted(model.entry_group, group))
        factors = likelihood.normsys_factors(x)
        negative = np.flatnonzero((model.normsys_group == group) & (factors < 0.0))
        modifiers = [model.parameters.names[index] for index in model.normsys_parameter[negative]]
        if not modifiers:
            modifiers = _shifting(model, likelihood, x, int(entry))
        found.append(
            NegativeRate(channel, sample, int(entry) - first + 1, float(rates[entry]), tuple(modifiers))
        )
    return tuple(found)


def negative_bins(likelihood: Likelihood, x: Floats) -> tuple[NegativeBin, ...]:
    """The bins that are expected below zero as a whole, which only those without events can be."""
    rates = likelihood.expected(x).counts
    below = np.flatnonzero(rates < NEGATIVE_EVENTS)
    return tuple(
        NegativeBin(*likelihood.model.bin_in_words(int(place)), float(rates[place]))
        for place in below[np.argsort(rates[below], kind="stable")]
    )


def _shifting(model: Model, likelihood: Likelihood, x: Floats, entry: int) -> list[str]:
    """The histosys modifier that lowers the rate of an entry most."""
    shifts = likelihood.shifts(x, entry)
    return [model.parameters.names[int(np.argmin(shifts))]] if shifts.size and shifts.min() < 0.0 else []


def _impossible(likelihood: Likelihood, x: Floats) -> str:
    model = likelihood.model
    expected = likelihood.expected(x).counts
    bad = np.flatnonzero(~(expected > 0.0) & (likelihood.data.counts > 0.0))
    if bad.size == 0:
        return "the likelihood is zero at every start of the fit"
    channel, number = model.bin_in_words(int(bad[0]))
    return (
        f'channel "{channel}", bin {number}: {likelihood.data.counts[bad[0]]:g} events are observed where '
        f"{expected[bad[0]]:g} are expected, so the likelihood is zero at every start of the fit"
    )
