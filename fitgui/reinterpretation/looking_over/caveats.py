"""Why an answer may be less certain than it looks, in plain words, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from fitgui import words
from fitgui.reinterpretation.findings import note
from fitgui.reinterpretation.looking_over.limit_caveats import limit_caveats
from fitgui.reinterpretation.looking_over.uncertainty_caveats import (
    fixed_luminosity,
    percent,
    uncertainty_caveats,
)
from fitgui.reinterpretation.model import BinRef, Finding, RegionKind, Signal, Target, Treatment
from fitgui.reinterpretation.target.grid import distances, place
from fitgui.reinterpretation.target.shapes import Published, published
from fitgui_backends.results import FitResult

_CONTAMINATED: Final = 0.1
"""Of the background of a control region: more signal than that moves what it says about backgrounds."""
_FEW_EXPECTED: Final = 5.0
"""Events of signal and background, below which the asymptotic formulae (arXiv:1007.1727) get inaccurate."""
_COMMON: Final = 0.9
"""So many published signals have another one as near as what counts as the spacing of the grid."""
_FAR: Final = 2.0
"""Spacings."""
_NAMED: Final = 3
_TIMES: Final = 2.0
"""From here on a share is told as so many times."""
_LARGEST: Final = 1e6


def caveats(
    target: Target,
    signal: Signal,
    treatments: Mapping[str, Treatment] | None = None,
    result: FitResult | None = None,
) -> tuple[Finding, ...]:
    """What the user should know of an answer, besides the warnings of the fit and what its treatments mean.

    Args:
        target: the analysis.
        signal: of the right bins (:func:`~.sanity.check_signal`).
        treatments: channels that are left out of the fit are not looked at.
        result: the answer, once it is there.

    Returns:
        Nothing severe. Codes: ``contamination``, ``no-uncertainty``, ``few-simulated``, ``cross-section``,
        ``outside-grid``, ``bound``, ``scale``, ``few-events``, ``fixed``.
    """
    left_out = {name for name, treatment in (treatments or {}).items() if treatment is Treatment.DROP}
    channels = {
        channel.name
        for channel in target.channels
        if channel.name not in left_out and len(signal.yields.get(channel.name, ())) == channel.bins
    }
    weights = _weights(target, signal, channels)
    found = [
        *_contamination(target, signal, channels),
        *uncertainty_caveats(target, signal, treatments, weights),
        *_outside_grid(target, signal),
        *limit_caveats(target, signal, treatments, result),
    ]
    if result is None or result.toys is None:
        found += _few_events(target, signal, weights)
    found += fixed_luminosity(target, signal)
    return tuple(found)


def _contamination(target: Target, signal: Signal, channels: set[str]) -> Iterator[Finding]:
    shares = [
        (sum(signal.yields[channel.name]) / sum(channel.background), channel.name)
        for channel in target.channels
        if channel.name in channels and channel.kind is RegionKind.CONTROL and sum(channel.background) > 0.0
    ]
    high = sorted((pair for pair in shares if pair[0] > _CONTAMINATED), reverse=True)
    if high:
        named = " and ".join(f"{_share(share)} the background in {name}" for share, name in high[:_NAMED])
        yield note(
            "contamination",
            f"There is much signal in control regions ({named}): the fit takes it into account, but "
            "background estimates without it, such as those of the paper, are too high.",
        )


def _outside_grid(target: Target, signal: Signal) -> Iterator[Finding]:
    known = published(target)
    where = place(known, signal)
    if where is None:
        return
    spacing = _spacing(known)
    nearest = int(where.argmin())
    if spacing > 0.0 and where[nearest] > _FAR * spacing:
        labels = {label: signal.values[label] for label in known.values[nearest]}
        yield note(
            "outside-grid",
            f"The point ({words.coordinates(labels)}) is far from all published ones (the nearest is "
            f"{known.names[nearest]}): no published signal tells whether such yields are plausible there.",
        )


def _few_events(target: Target, signal: Signal, weights: Mapping[BinRef, float]) -> Iterator[Finding]:
    if not weights:
        return
    at = max(weights, key=weights.__getitem__)
    background = target.channel(at.channel).background[at.bin]
    expected = background + max(signal.yields[at.channel][at.bin], 0.0)
    if expected < _FEW_EXPECTED:
        yield note(
            "few-events",
            f"The answer rests most on {target.text(at)}, where only {words.number(expected, 2)} events are "
            "expected with the signal: the asymptotic formulae may be off, pseudo-experiments (toys) tell.",
        )


def _weights(target: Target, signal: Signal, channels: set[str]) -> dict[BinRef, float]:
    """What part of the sensitivity each bin of the signal regions has, by s^2 / (s + b)."""
    found = {}
    for channel in target.channels:
        if channel.name in channels and channel.is_signal:
            pairs = zip(signal.yields[channel.name], channel.background, strict=True)
            for number, (events, background) in enumerate(pairs):
                if events > 0.0:
                    found[BinRef(channel.name, number)] = events / (1.0 + max(background, 0.0) / events)
    total = sum(found.values())
    return {at: value / total for at, value in found.items()} if total > 0.0 else {}


def _spacing(known: Published) -> float:
    """The distance within which nine of ten published signals have another one."""
    key = "spacing"
    if key not in known.derived:
        apart = distances(known)
        found = 0.0
        if apart is not None:
            np.fill_diagonal(apart, np.inf)
            found = float(np.quantile(apart.min(axis=1), _COMMON))
        known.derived[key] = found
    spacing: float = known.derived[key]
    return spacing


def _share(part: float) -> str:
    if part < _TIMES:
        return f"{percent(part)} of"
    return f"{part:.0f} times" if part < _LARGEST else "far more than"
