"""Why an answer may be less certain than it looks, in plain words, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from fitgui import words
from fitgui.pallets.poi import largest_mu
from fitgui.reinterpretation.findings import note
from fitgui.reinterpretation.grid import distances, place
from fitgui.reinterpretation.model import BinRef, Finding, RegionKind, Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.published import signal_of_point
from fitgui.reinterpretation.shapes import Published, published
from fitgui_backends.results import EXCLUSION_CLS, FitResult

_CONTAMINATED: Final = 0.1
"""Of the background of a control region: more signal than that moves what it says about backgrounds."""
_MATTERS: Final = 0.1
"""Of the sensitivity: bins with less do not decide."""
_IMPRECISE: Final = 0.3
"""Of the yield, as its statistical uncertainty."""
_FEW_SIMULATED: Final = 10.0
_FEW_EXPECTED: Final = 5.0
"""Events of signal and background, below which the asymptotic formulae (arXiv:1007.1727) get inaccurate."""
_SAMPLED: Final = 12
"""So many published signals tell how large their uncertainties are."""
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
        Nothing severe. Codes: ``contamination``, ``no-uncertainty``, ``few-simulated``, ``outside-grid``,
        ``bound``, ``few-events``.
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
        *_no_uncertainty(target, signal),
        *_few_simulated(target, signal, weights),
        *_outside_grid(target, signal),
        *_at_bound(target, result),
    ]
    if result is None or result.toys is None:
        found += _few_events(target, signal, weights)
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


def _no_uncertainty(target: Target, signal: Signal) -> Iterator[Finding]:
    if signal.patch is not None:
        return  # what was published or made elsewhere is used as it is
    systematic, statistical = _typical(target)
    lacking = []
    if not any(any(map(any, (*one.up.values(), *one.down.values()))) for one in signal.systematics):
        lacking.append(("systematic", systematic))
    if not any(map(any, signal.statistical.values())):
        lacking.append(("statistical", statistical))
    if not lacking:
        return
    typical = " and ".join(f"{_percent(size)} {kind}" for kind, size in lacking if size > 0.0)
    known = f"; published signals of this analysis have about {typical}" if typical else ""
    yield note(
        "no-uncertainty",
        f"No {' and no '.join(kind for kind, _ in lacking)} uncertainty of the signal is given, which makes "
        f"the limit a little too strong{known}.",
    )


def _few_simulated(target: Target, signal: Signal, weights: Mapping[BinRef, float]) -> Iterator[Finding]:
    found = []
    for at, weight in weights.items():
        value = signal.yields[at.channel][at.bin]
        error = _number(signal.statistical, at)
        events = _number(signal.simulated, at)
        relative = error / value if error is not None and value > 0.0 else 0.0
        if events is not None and 0.0 < events < _FEW_SIMULATED:
            relative = max(relative, events**-0.5)
        if weight >= _MATTERS and relative > _IMPRECISE:
            found.append((relative, at))
    if found:
        relative, at = max(found, key=lambda pair: pair[0])
        others = "" if len(found) == 1 else f", and {words.count(len(found) - 1, 'other bin')} like it"
        yield note(
            "few-simulated",
            f"Few simulated events are left in {target.text(at)}{others}: the yield there is known to "
            f"{_percent(relative)} only; simulate more.",
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


def _at_bound(target: Target, result: FitResult | None) -> Iterator[Finding]:
    largest = largest_mu(target.analysis, target.measurement)
    if result is None or result.limits is None or not result.limits.converged or largest is None:
        return
    limit = result.limits.obs
    if (limit is None and result.cls_obs >= EXCLUSION_CLS) or (limit is not None and limit > 0.99 * largest):
        yield note(
            "bound",
            f"The upper limit is beyond {target.poi} = {largest:g}, where the workspace ends: to find it, "
            f"multiply all yields by {largest:g}, and the limit, too.",
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


def _typical(target: Target) -> tuple[float, float]:
    """Systematic and statistical uncertainty of published signals, in parts of their signal region yields."""
    known = published(target)
    key = "typical uncertainty"
    if key not in known.derived:
        known.derived[key] = _typical_now(target)
    found: tuple[float, float] = known.derived[key]
    return found


def _typical_now(target: Target) -> tuple[float, float]:
    points = target.analysis.points
    names = [channel.name for channel in target.channels if channel.is_signal]
    found = []
    for point in points[:: max(1, -(-len(points) // _SAMPLED))]:
        try:
            signal = signal_of_point(target, point)
        except SignalError:
            continue
        total = sum(sum(signal.yields.get(name, ())) for name in names)
        if total > 0.0:
            # A parameter moves all bins together, different ones are independent.
            moved = [
                sum(sum(side.get(name, ())) for name in names) / total
                for one in signal.systematics
                for side in (one.up, one.down)
            ]
            errors = [error for name in names for error in signal.statistical.get(name, ())]
            found.append(((np.square(moved).sum() / 2.0) ** 0.5, float(np.linalg.norm(errors)) / total))
    if not found:
        return 0.0, 0.0
    systematic, statistical = np.median(np.array(found), axis=0)
    return float(systematic), float(statistical)


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


def _number(numbers: Mapping[str, tuple[float, ...]], at: BinRef) -> float | None:
    events = numbers.get(at.channel, ())
    return events[at.bin] if at.bin < len(events) else None


def _share(part: float) -> str:
    if part < _TIMES:
        return f"{_percent(part)} of"
    return f"{part:.0f} times" if part < _LARGEST else "far more than"


def _percent(part: float) -> str:
    return f"{100.0 * part:.2g} %" if part < 0.995 else f"{100.0 * part:.0f} %"
