"""Published signals as yields with uncertainties, to start from or to compare with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from fitgui.pallets.model import SignalPoint
from fitgui.reinterpretation.model import Events, Signal, SignalError, Systematic, Target, Treatment
from fitgui.reinterpretation.target.layout import layout_of
from fitgui.reinterpretation.target.survey import signal_samples_of
from fitgui_backends.histfactory.errors import HistFactoryError


def signal_of_point(target: Target, point: SignalPoint) -> Signal:
    """A published patch as a signal; the patch is kept, and used as long as nothing is changed.

    Yields are those of all samples that the parameter of interest scales; a channel that the patch leaves
    alone has 0. The statistical uncertainty is what staterror and shapesys say. A systematic uncertainty is
    what normsys and histosys of one name do together: in events, which one of them did it is not told.

    Args:
        target: the analysis that the point is of.
        point: the signal point.

    Raises:
        SignalError: if the patch cannot be applied, or adds no signal.
    """
    document, samples = _samples(target, point)
    bins = {name: each.bins for name, each in layout_of(target.analysis, target.measurement).channels.items()}
    yields: dict[str, Events] = {
        channel["name"]: (0.0,) * bins[channel["name"]]
        for channel in document["channels"]
        if channel["name"] in bins
    }
    statistical: dict[str, Events] = {}
    up: dict[str, dict[str, Events]] = {}
    down: dict[str, dict[str, Events]] = {}
    with_luminosity = False
    for channel, sample in samples:
        if channel not in bins or len(sample["data"]) != bins[channel]:
            raise SignalError(
                f"Point {point.name} changes the bins of channel {channel}, so its yields cannot be read: "
                "use the patch itself."
            )
        nominal = tuple(float(value) for value in sample["data"])
        yields[channel] = _sum(yields[channel], nominal)
        with_luminosity |= any(modifier["type"] == "lumi" for modifier in sample["modifiers"])
        if (errors := _statistical(sample)) is not None:
            before = statistical.get(channel, (0.0,) * bins[channel])
            statistical[channel] = tuple(map(math.hypot, before, errors))
        for name, (high, low) in _systematic(sample, nominal).items():
            for side, change in ((up, high), (down, low)):
                channels = side.setdefault(name, {})
                channels[channel] = _sum(channels.get(channel, (0.0,) * bins[channel]), change)
    return Signal(
        name=point.name,
        values=dict(point.values),
        yields=yields,
        statistical=statistical,
        systematics=tuple(Systematic(name=name, up=up[name], down=down[name]) for name in up),
        with_luminosity=with_luminosity,
        patch=point.operations,
    )


def treatments_of_point(target: Target, point: SignalPoint) -> dict[str, Treatment]:
    """What a published patch does with channels: those that it removes are left out of the fit.

    Raises:
        SignalError: if the patch cannot be applied.
    """
    document, _ = _samples(target, point)
    left = {channel["name"] for channel in document["channels"]}
    return {channel.name: Treatment.DROP for channel in target.channels if channel.name not in left}


def _samples(
    target: Target, point: SignalPoint
) -> tuple[Mapping[str, Any], list[tuple[str, Mapping[str, Any]]]]:
    try:
        document, samples = signal_samples_of(target.analysis.workspace, point.operations, target.measurement)
    except HistFactoryError as error:
        raise SignalError(f"The patch of point {point.name} cannot be read: {error}.") from error
    if not samples:
        raise SignalError(
            f"The patch of point {point.name} adds no sample that {target.poi} scales, so there is no signal "
            "in it."
        )
    return document, samples


def _statistical(sample: Mapping[str, Any]) -> Events | None:
    """Of all staterror and shapesys modifiers in quadrature."""
    given = [each["data"] for each in sample["modifiers"] if each["type"] in ("staterror", "shapesys")]
    return tuple(math.hypot(*each) for each in zip(*given, strict=True)) if given else None


def _systematic(sample: Mapping[str, Any], nominal: Events) -> dict[str, tuple[Events, Events]]:
    """Events that +1 and -1 sigma of each normal parameter add: factor x (nominal + shift) - nominal."""
    factors: dict[str, tuple[float, float]] = {}
    shapes: dict[str, tuple[Iterable[float], Iterable[float]]] = {}
    for modifier in sample["modifiers"]:
        name, data = modifier["name"], modifier["data"]
        if modifier["type"] == "normsys":
            factors[name] = data["hi"], data["lo"]
        elif modifier["type"] == "histosys":
            shapes[name] = data["hi_data"], data["lo_data"]
    found: dict[str, tuple[Events, Events]] = {}
    for name in dict.fromkeys((*factors, *shapes)):
        hi, lo = factors.get(name, (1.0, 1.0))
        above, below = shapes.get(name, (nominal, nominal))
        found[name] = (
            tuple(hi * value - n for value, n in zip(above, nominal, strict=True)),
            tuple(lo * value - n for value, n in zip(below, nominal, strict=True)),
        )
    return found


def _sum(first: Events, second: Events) -> Events:
    return tuple(a + b for a, b in zip(first, second, strict=True))
