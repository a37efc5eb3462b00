"""Expected events by channel, sample and bin, before and after a fit, with their uncertainties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.inference.covariance import Covariance


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What is expected in a channel with ``s`` samples and ``b`` bins.

    Uncertainties are one standard deviation, to first order in the parameters, with all their correlations;
    NaN where the fit does not determine a number.
    """

    samples: Floats
    """Shape (s, b)."""
    sample_errors: Floats
    """Shape (s, b)."""
    total: Floats
    """Shape (b,)."""
    errors: Floats
    """Of the total, shape (b,)."""
    sample_sums: Floats
    """Over the bins, shape (s,)."""
    sample_sum_errors: Floats
    """Shape (s,)."""
    sum: float
    """Over samples and bins."""
    sum_error: float
    background: Floats
    """Of the samples that the parameter of interest does not scale, shape (b,)."""
    background_errors: Floats
    """Shape (b,)."""
    background_sum: float
    background_sum_error: float
    signal: Floats
    """Of the samples that the parameter of interest scales, were it 1 and all else as here, shape (b,)."""
    signal_errors: Floats
    """Of that, the parameter of interest known, shape (b,)."""
    signal_covariance: Floats
    """Of that with the background, shape (b,)."""

    def at(self, mu: float) -> tuple[Floats, Floats]:
        """Background and signal together for a given signal strength, and the uncertainty: both (b,)."""
        variance = (
            self.background_errors**2 + 2.0 * mu * self.signal_covariance + (mu * self.signal_errors) ** 2
        )
        return self.background + mu * self.signal, np.sqrt(np.maximum(variance, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class ChannelYields:
    """A channel before and after the fit."""

    channel: str
    samples: tuple[str, ...]
    signal: tuple[bool, ...]
    """Whether the parameter of interest scales the sample."""
    observed: Floats
    """Shape (b,)."""
    pre_fit: Expectation
    """At the nominal parameters, those without constraint at their starting values."""
    post_fit: Expectation


def expected_yields(
    likelihood: Likelihood,
    nominal: Floats,
    pre_fit: Covariance,
    fitted: Floats,
    post_fit: Covariance,
) -> tuple[ChannelYields, ...]:
    """The yields of all channels.

    Args:
        likelihood: Of the model and what was observed.
        nominal: The parameters before the fit, shape (p,).
        pre_fit: Their covariance.
        fitted: The parameters after the fit, shape (p,).
        post_fit: Their covariance.
    """
    model = likelihood.model
    poi = model.parameters.places.get(model.poi)
    scaled = np.zeros(len(model.groups), dtype=bool)
    if poi is not None:
        depends = (model.slots >= poi.start) & (model.slots < poi.stop)
        scaled[model.entry_group[depends.any(axis=0)]] = True
    stages = [
        (_Rates.at(likelihood, x), _Rates.at(likelihood, x, poi), covariance)
        for x, covariance in ((nominal, pre_fit), (fitted, post_fit))
    ]
    found, first_entry, first_bin = [], 0, 0
    for channel, bins in zip(model.channels, model.bins, strict=True):
        groups = [number for number, (name, _) in enumerate(model.groups) if name == channel]
        # The groups of a channel stand together, each with its bins in order.
        entries = slice(first_entry, first_entry + len(groups) * bins)
        before, after = (
            _expectation(rates.of(entries), unit.of(entries), covariance, ~scaled[groups])
            for rates, unit, covariance in stages
        )
        found.append(
            ChannelYields(
                channel=channel,
                samples=tuple(model.groups[number][1] for number in groups),
                signal=tuple(bool(scaled[number]) for number in groups),
                observed=likelihood.data.counts[first_bin : first_bin + bins],
                pre_fit=before,
                post_fit=after,
            )
        )
        first_entry, first_bin = entries.stop, first_bin + bins
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Rates:
    """Expected events of ``n`` entries, and their derivatives by ``p`` parameters."""

    values: Floats
    slopes: Floats
    """Shape (n, p)."""

    @classmethod
    def at(cls, likelihood: Likelihood, x: Floats, poi: slice | None = None) -> _Rates:
        """At some parameters; with ``poi`` as if that were known to be 1."""
        if poi is None:
            return cls(likelihood.entry_rates(x), likelihood.entry_slopes(x))
        unit = x.copy()
        unit[poi] = 1.0
        slopes = likelihood.entry_slopes(unit)
        slopes[:, poi] = 0.0
        return cls(likelihood.entry_rates(unit), slopes)

    def of(self, entries: slice) -> _Rates:
        return _Rates(self.values[entries], self.slopes[entries])


def _expectation(
    found: _Rates, unit: _Rates, covariance: Covariance, background: NDArray[np.bool_]
) -> Expectation:
    bins = found.values.size // background.size
    rates = found.values.reshape(-1, bins)
    by_sample, of_unit = (one.slopes.reshape(-1, bins, one.slopes.shape[1]) for one in (found, unit))
    without, signal = of_unit[background].sum(axis=0), of_unit[~background].sum(axis=0)
    return Expectation(
        samples=rates,
        sample_errors=covariance.propagate(found.slopes).reshape(-1, bins),
        total=rates.sum(axis=0),
        errors=covariance.propagate(by_sample.sum(axis=0)),
        sample_sums=rates.sum(axis=1),
        sample_sum_errors=covariance.propagate(by_sample.sum(axis=1)),
        sum=float(rates.sum()),
        sum_error=float(covariance.propagate(by_sample.sum(axis=(0, 1))[None])[0]),
        background=rates[background].sum(axis=0),
        background_errors=covariance.propagate(by_sample[background].sum(axis=0)),
        background_sum=float(rates[background].sum()),
        background_sum_error=float(covariance.propagate(by_sample[background].sum(axis=(0, 1))[None])[0]),
        signal=unit.values.reshape(-1, bins)[~background].sum(axis=0),
        signal_errors=covariance.propagate(signal),
        signal_covariance=np.einsum("bi,bi->b", without @ covariance.matrix, signal),
    )
