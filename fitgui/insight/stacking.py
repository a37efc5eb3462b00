"""Yields as they are stacked: bins of all channels side by side, samples as layers, the signal on top."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from fitgui.insight.model import ChannelYields, Expected, FitInside, Floats

Stage = Literal["pre-fit", "post-fit"]
NAMED_SAMPLES: Final = 9
"""Samples beyond so many, the smallest, are one layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A sample, or the smallest ones together."""

    name: str
    members: tuple[str, ...]
    values: Floats
    """Events in each bin, shape (b,)."""
    rank: int
    """Which colour it has: the same in every channel, fit and stage."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Channels with ``b`` bins in all, side by side."""

    channels: tuple[tuple[str, int], ...]
    """Name and number of bins."""
    observed: Floats
    """Shape (b,), like all that follow."""
    observed_low: Floats
    observed_high: Floats
    layers: tuple[Layer, ...]
    """Backgrounds, the smallest first: it is drawn at the bottom."""
    background: Floats
    signal: Floats
    """As it is drawn, on top of the background."""
    total: Floats
    """Background and signal."""
    errors: Floats
    """Of the total, one standard deviation; NaN where it is not determined."""
    signal_names: tuple[str, ...]
    mu: float
    """The signal strength that is drawn."""

    @property
    def ratio(self) -> tuple[Floats, Floats, Floats]:
        """Observed over total with the ends of its interval; NaN where nothing is expected."""
        total = np.where(self.total > 0.0, self.total, np.nan)
        return self.observed / total, self.observed_low / total, self.observed_high / total

    @property
    def band(self) -> Floats:
        """Relative uncertainty of the total; NaN where nothing is expected."""
        return self.errors / np.where(self.total > 0.0, self.total, np.nan)


def stacked(
    fit: FitInside, stage: Stage, mu: float | None = None, channels: Collection[str] | None = None
) -> Stack:
    """Put channels side by side.

    Args:
        fit: Of which the yields are.
        stage: Before or after it.
        mu: The signal strength that is drawn, taken as known; ``None`` takes it as fitted (before the fit:
            its starting value), with its uncertainty.
        channels: Which; ``None`` takes all.
    """
    chosen = [one for one in fit.channels if channels is None or one.name in channels]
    expected = [_at(one, stage) for one in chosen]
    pairs = [one.at(mu) for one in expected]
    background = _joined([one.background for one in expected])
    total, errors = _joined([pair[0] for pair in pairs]), _joined([pair[1] for pair in pairs])
    unit = _joined([one.signal for one in expected])
    drawn = mu
    if drawn is None:
        sums = float(unit.sum())
        drawn = fit.mu if stage == "post-fit" or sums == 0.0 else float((total - background).sum()) / sums
    return Stack(
        channels=tuple((one.name, one.observed.size) for one in chosen),
        observed=_joined([one.observed for one in chosen]),
        observed_low=_joined([one.observed_low for one in chosen]),
        observed_high=_joined([one.observed_high for one in chosen]),
        layers=_layers(fit, chosen, stage),
        background=background,
        signal=total - background,
        total=total,
        errors=errors,
        signal_names=signal_names(fit.channels),
        mu=drawn,
    )


def sample_order(channels: Sequence[ChannelYields]) -> tuple[str, ...]:
    """Backgrounds by what is expected of them before the fit in all channels, the most first.

    That does not depend on the signal, so a sample has the same colour at every point.
    """
    sums: dict[str, float] = {}
    for channel in channels:
        for name, signal, values in zip(
            channel.samples, channel.is_signal, channel.pre_fit.samples, strict=True
        ):
            if not signal:
                sums[name] = sums.get(name, 0.0) + float(np.nansum(values))
    return tuple(sorted(sums, key=lambda name: (-sums[name], name)))


def signal_names(channels: Sequence[ChannelYields]) -> tuple[str, ...]:
    """The samples that mu scales, each once."""
    return tuple(
        dict.fromkeys(
            name
            for channel in channels
            for name, signal in zip(channel.samples, channel.is_signal, strict=True)
            if signal
        )
    )


def _layers(fit: FitInside, chosen: Sequence[ChannelYields], stage: Stage) -> tuple[Layer, ...]:
    order = sample_order(fit.channels)
    many = len(order) > NAMED_SAMPLES + 1
    named = order[:NAMED_SAMPLES] if many else order
    groups: list[tuple[str, tuple[str, ...]]] = [(name, (name,)) for name in named]
    if many:
        groups.append((f"{len(order) - len(named)} others", order[NAMED_SAMPLES:]))
    layers = []
    for rank, (title, members) in enumerate(groups):
        values = _joined([_of(channel, stage, members) for channel in chosen])
        layers.append(Layer(title, members, values, rank))
    return tuple(reversed(layers))


def _of(channel: ChannelYields, stage: Stage, members: Sequence[str]) -> Floats:
    rows = [
        values
        for name, signal, values in zip(
            channel.samples, channel.is_signal, _at(channel, stage).samples, strict=True
        )
        if not signal and name in members
    ]
    return np.asarray(np.sum(rows, axis=0)) if rows else np.zeros(channel.observed.size)


def _at(channel: ChannelYields, stage: Stage) -> Expected:
    return channel.pre_fit if stage == "pre-fit" else channel.post_fit


def _joined(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate(arrays) if arrays else np.zeros(0)
