"""The modifiers of a signal sample: uncertainties in events become what HistFactory calls them.

A correlated systematic uncertainty is a normsys where it changes all bins of a channel by the same factor,
else a histosys; both move with one normal parameter, in all channels. One that is not correlated is a
shapesys where it is symmetric, else a normsys or histosys with a parameter of its own for each bin. The
statistical uncertainty joins the staterror of the background where published signals do, else it is a
shapesys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fitgui.reinterpretation.model import Events, Systematic

Modifier = dict[str, Any]
Unique = Callable[[str], str]
"""A name that nothing else has, made from the one that is wished for."""

_SAME = 1e-9
"""Relative: what differs less was written by a computer as the same number."""


def normfactor(name: str) -> Modifier:
    """A free factor, such as the signal strength."""
    return {"name": name, "type": "normfactor", "data": None}


def luminosity(name: str) -> Modifier:
    """The luminosity parameter of the workspace."""
    return {"name": name, "type": "lumi", "data": None}


def staterror(name: str, uncertainties: Events) -> Modifier:
    """The statistical uncertainty as part of that of the background, in events."""
    return {"name": name, "type": "staterror", "data": list(uncertainties)}


def shapesys(name: str, uncertainties: Events) -> Modifier:
    """An uncertainty in events with a parameter for each bin."""
    return {"name": name, "type": "shapesys", "data": list(uncertainties)}


def correlated(name: str, nominal: Events, up: Events, down: Events) -> Modifier | None:
    """What one parameter does to a channel.

    Args:
        name: of the parameter.
        nominal: events by bin.
        up: events that +1 sigma adds, by bin.
        down: events that -1 sigma adds.

    Returns:
        A normsys or histosys; ``None`` where nothing changes.
    """
    if not any(up) and not any(down):
        return None
    high, low = _factor(nominal, up), _factor(nominal, down)
    if high is not None and low is not None:
        return {"name": name, "type": "normsys", "data": {"hi": high, "lo": low}}
    data = {
        "hi_data": [n + change for n, change in zip(nominal, up, strict=True)],
        "lo_data": [n + change for n, change in zip(nominal, down, strict=True)],
    }
    return {"name": name, "type": "histosys", "data": data}


def uncorrelated(name: str, channel: str, nominal: Events, one: Systematic, unique: Unique) -> list[Modifier]:
    """What parameters of their own do to the bins of a channel.

    Args:
        name: of the uncertainty; parameters are called after it, the channel, and the bin.
        channel: its name.
        nominal: events by bin.
        one: the uncertainty.
        unique: for names of parameters.
    """
    up, down = changes(one, channel, len(nominal))
    if not any(up) and not any(down):
        return []
    if all(_symmetric(n, high, low) for n, high, low in zip(nominal, up, down, strict=True)):
        return [shapesys(unique(f"{name}_{channel}"), tuple(abs(change) for change in up))]
    found: list[Modifier] = []
    for number in range(len(nominal)):
        high = tuple(change if place == number else 0.0 for place, change in enumerate(up))
        low = tuple(change if place == number else 0.0 for place, change in enumerate(down))
        if any(high) or any(low):
            modifier = correlated(unique(f"{name}_{channel}_{number}"), nominal, high, low)
            found += [] if modifier is None else [modifier]
    return found


def changes(one: Systematic, channel: str, bins: int) -> tuple[Events, Events]:
    """Events that +1 and -1 sigma add in a channel, 0 where nothing is listed."""
    none = (0.0,) * bins
    return one.up.get(channel, none), one.down.get(channel, none)


def _factor(nominal: Events, change: Events) -> float | None:
    """By which all bins change; ``None`` where they differ, or where it is no factor above zero.

    Newton and pyhf interpolate a normsys exponentially, which needs factors above zero.
    """
    factors = []
    for n, difference in zip(nominal, change, strict=True):
        if n != 0.0:
            factors.append(1.0 + difference / n)
        elif difference != 0.0:
            return None
    if not factors or min(factors) <= 0.0 or max(factors) - min(factors) > _SAME * max(factors):
        return None
    return factors[0]


def _symmetric(nominal: float, up: float, down: float) -> bool:
    """Whether a shapesys can tell it: pyhf passes over bins without events."""
    if up == 0.0 and down == 0.0:
        return True
    return nominal > 0.0 and abs(up + down) <= _SAME * max(abs(up), abs(down))


def taken_names(kinds: Mapping[str, str], settings: Mapping[str, Any], names: set[str]) -> Unique:
    """A maker of names of parameters that are in neither a workspace, its measurement, nor the signal."""
    taken = {*kinds, *settings, *names}

    def unique(wished: str) -> str:
        name, number = wished, 2
        while name in taken:
            name, number = f"{wished}_{number}", number + 1
        taken.add(name)
        return name

    return unique
