"""From a signal of one's own to the JSON patch that adds it to a background-only workspace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fitgui.pallets.model import SignalPoint
from fitgui.reinterpretation.model import Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.patching.modifiers import (
    Modifier,
    changes,
    correlated,
    luminosity,
    normfactor,
    shapesys,
    staterror,
    taken_names,
    uncorrelated,
)
from fitgui.reinterpretation.patching.patch_checks import check, known_channels
from fitgui.reinterpretation.target.layout import Layout, layout_of
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import apply_patch, decode_operations

OWN = "own signals"
"""What the patch set of such points is called."""


def signal_point(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment] | None = None
) -> SignalPoint:
    """A signal as a point that can be fitted like any published one; arguments as of :func:`signal_patch`.

    Raises:
        SignalError: as :func:`signal_patch`.
    """
    return SignalPoint(
        name=signal.name or "signal",
        values=dict(signal.values),
        operations=signal_patch(target, signal, treatments),
        patch_set=OWN,
    )


def signal_patch(target: Target, signal: Signal, treatments: Mapping[str, Treatment] | None = None) -> bytes:
    """The operations that add a signal to the workspace of its target.

    First a sample is added at the end of each channel in which the signal has events, then channels that are
    dropped are removed with their observations, the last first.

    Args:
        target: the analysis.
        signal: events at mu = 1. Where it has a patch, that one is used as it is, and only drops are added.
        treatments: what becomes of channels, by name. Channels without yields that are not listed stay in
            the fit without signal, if they are control or validation regions; dropping a channel counts
            whether or not it has yields.

    Returns:
        A JSON array of RFC 6902 operations.

    Raises:
        SignalError: if a signal region has no yields and nobody said what becomes of it, if numbers are not
            finite or do not fit to the bins, or if the name of an uncertainty cannot be used.
    """
    chosen = treatments or {}
    layout = layout_of(target.analysis, target.measurement)
    dropped = [name for name, treatment in chosen.items() if treatment is Treatment.DROP]
    known_channels(layout, dropped, "to be left out of the fit")
    if len(dropped) == len(layout.channels):
        raise SignalError("All channels are left out, so nothing remains to be fitted: keep at least one.")
    if signal.patch is not None:
        return _with_drops(target, signal.patch, dropped)
    check(target, signal, layout, chosen)
    operations = _additions(target, signal, layout, frozenset(dropped))
    operations += _removals(
        (layout.channels[name].index for name in dropped),
        (layout.channels[name].observation for name in dropped),
    )
    return msgspec.json.encode(operations)


def sample_name(signal: Signal, layout: Layout) -> str:
    """What the signal's sample is called: after the signal, in letters that no tool stumbles over.

    Args:
        signal: whose name is taken.
        layout: no sample of it has the name.
    """
    taken = {sample for channel in layout.channels.values() for sample in channel.samples}
    wished = re.sub(r"[^A-Za-z0-9_.-]+", "_", signal.name).strip("_") or "signal"
    name, number = wished, 2
    while name in taken:
        name, number = f"{wished}_{number}", number + 1
    return name


def _additions(
    target: Target, signal: Signal, layout: Layout, dropped: frozenset[str]
) -> list[dict[str, Any]]:
    here = [name for name in layout.channels if name in signal.yields and name not in dropped]
    present = _present(signal, here)
    if not here:
        raise SignalError(
            f"The signal {signal.name or 'of yours'} has no yields in a channel that is fitted: "
            "give at least one."
        )
    name = sample_name(signal, layout)
    joined = _joined(target, signal, layout, present, dropped)
    unique = taken_names(
        layout.kinds, layout.settings, {layout.poi, *(one.name for one in signal.systematics)}
    )
    operations = []
    for channel in present or here[:1]:  # without any sample there would be no signal strength
        place = layout.channels[channel]
        nominal = tuple(float(value) for value in signal.yields[channel])
        modifiers: list[Modifier] = [normfactor(layout.poi)]
        if target.lumi and signal.with_luminosity:
            modifiers.append(luminosity(target.lumi))
        uncertainties = signal.statistical.get(channel, (0.0,) * place.bins)
        if channel in joined:
            modifiers.append(staterror(joined[channel], uncertainties))
        elif any(uncertainties):
            modifiers.append(shapesys(unique(f"signal_stat_{channel}"), uncertainties))
        for one in signal.systematics:
            if one.correlated:
                modifier = correlated(one.name, nominal, *changes(one, channel, place.bins))
                modifiers += [] if modifier is None else [modifier]
            else:
                modifiers += uncorrelated(one.name, channel, nominal, one, unique)
        operations.append(
            {
                "op": "add",
                "path": f"/channels/{place.index}/samples/{len(place.samples)}",
                "value": {"name": name, "data": list(nominal), "modifiers": modifiers},
            }
        )
    return operations


def joined_staterrors(
    target: Target, signal: Signal, treatments: Mapping[str, Treatment] | None = None
) -> dict[str, str]:
    """The staterror that the statistical uncertainty of a signal becomes part of, by channel.

    Its bins have parameters that scale signal and background together, and their size is that of both at
    mu = 1: limits far from 1 depend on the scale at which yields are given.

    Args:
        target: the analysis.
        signal: one with a patch of its own joins what that one says, which is not told here.
        treatments: channels that are left out have none.
    """
    if signal.patch is not None:
        return {}
    layout = layout_of(target.analysis, target.measurement)
    dropped = frozenset(name for name, treatment in (treatments or {}).items() if treatment is Treatment.DROP)
    here = [name for name in layout.channels if name in signal.yields and name not in dropped]
    return _joined(target, signal, layout, _present(signal, here), dropped)


def _joined(
    target: Target, signal: Signal, layout: Layout, present: list[str], dropped: frozenset[str]
) -> dict[str, str]:
    """The staterror that the signal joins, by channel.

    One that covers several channels has to cover them in every sample that has it, so that the signal joins
    it in all of them or in none.
    """
    wished = {
        channel.name: channel.staterror
        for channel in target.channels
        if channel.staterror and channel.name in present
    }
    needed = {name for channel, name in wished.items() if any(signal.statistical.get(channel, ()))}
    possible = {
        name
        for name in needed
        if all(wished.get(channel) == name for channel in layout.reach.get(name, frozenset()) - dropped)
    }
    return {channel: name for channel, name in wished.items() if name in possible}


def _present(signal: Signal, channels: Iterable[str]) -> list[str]:
    """Those that get a sample: one without events gets none, as in published patches (nothing changes)."""
    return [name for name in channels if _has_events(signal, name)]


def _has_events(signal: Signal, channel: str) -> bool:
    return any(signal.yields[channel]) or any(
        any(events.get(channel, ())) for one in signal.systematics for events in (one.up, one.down)
    )


def _removals(channels: Iterable[int], observations: Iterable[int]) -> list[dict[str, Any]]:
    """The last first, so that no removal moves what another one means."""
    return [
        {"op": "remove", "path": f"/{part}/{index}"}
        for part, indices in (("channels", channels), ("observations", observations))
        for index in sorted(indices, reverse=True)
    ]


def _with_drops(target: Target, patch: bytes, dropped: list[str]) -> bytes:
    """A patch as it is, with removals after it: it may have moved or removed channels itself."""
    if not dropped:
        return patch
    try:
        operations = decode_operations(patch)
        document = apply_patch(target.analysis.workspace, operations)
        removals = _removals(
            *(
                [number for number, each in enumerate(document[part]) if each["name"] in dropped]
                for part in ("channels", "observations")
            )
        )
    except (HistFactoryError, KeyError, TypeError) as error:
        raise SignalError(
            f"The patch cannot be applied to analysis {target.analysis.name}: {error}."
        ) from error
    return msgspec.json.encode([*operations, *removals]) if removals else patch
