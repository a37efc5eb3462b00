"""What cannot become a patch: wrong bins, regions without yields, names that mean something else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from fitgui.reinterpretation.model import Events, Signal, SignalError, Target, Treatment
from fitgui.reinterpretation.target.layout import Layout

_ALPHA = frozenset({"name", "inits", "bounds", "auxdata", "fixed"})
"""What a measurement may set of a normal parameter."""
_OTHERWISE = {
    "lumi": "is the luminosity parameter of the workspace, which the signal has anyway: leave it out",
    "staterror": "has a parameter for each bin in the workspace: give it another name",
    "shapesys": "has a parameter for each bin in the workspace: give it another name",
    "normfactor": "is a free normalisation of the workspace, not an uncertainty: give it another name",
    "shapefactor": "is a free normalisation of the workspace, not an uncertainty: give it another name",
}


def check(target: Target, signal: Signal, layout: Layout, treatments: Mapping[str, Treatment]) -> None:
    """Refuse what cannot become a patch.

    Args:
        target: the analysis.
        signal: that is to be put on it.
        layout: of its workspace.
        treatments: what becomes of channels, by name.

    Raises:
        SignalError: see :func:`~.patch.signal_patch`.
    """
    known_channels(layout, treatments, "to be kept or left out")
    open_ones = [
        channel.name
        for channel in target.channels
        if channel.is_signal and channel.name not in signal.yields and channel.name not in treatments
    ]
    if open_ones:
        which = (
            f"region {open_ones[0]} has" if len(open_ones) == 1 else f"regions {', '.join(open_ones)} have"
        )
        raise SignalError(
            f"Signal {which} no yields: give them (0 where nothing passes), or say what becomes of them, "
            "kept without signal or left out of the fit."
        )
    _numbers(layout, signal.yields, "yields")
    _numbers(layout, signal.statistical, "statistical uncertainties", negative=False)
    names: set[str] = set()
    for one in signal.systematics:
        if one.name in names:
            raise SignalError(f"The uncertainty {one.name} is given twice: give each a name of its own.")
        names.add(one.name)
        _check_name(layout, one.name, is_correlated=one.correlated)
        for events, side in ((one.up, "up"), (one.down, "down")):
            _numbers(layout, events, f"changes of {one.name} ({side})")


def _check_name(layout: Layout, name: str, *, is_correlated: bool) -> None:
    if not name.strip():
        raise SignalError("An uncertainty of the signal has no name: give it one.")
    if not is_correlated:
        return  # its parameters get names that are free
    if name == layout.poi:
        raise SignalError(f"{name} is the signal strength, not an uncertainty: give it another name.")
    if (why := _OTHERWISE.get(layout.kinds.get(name, ""))) is not None:
        raise SignalError(f"The uncertainty {name} {why}.")
    strange = sorted(set(layout.settings.get(name, {})) - _ALPHA)
    if strange:
        raise SignalError(
            f"The measurement sets {', '.join(strange)} of a parameter {name}, which an uncertainty of the "
            "signal does not have: give it another name."
        )
    if layout.is_fixed(name):
        raise SignalError(
            f"The measurement fixes the parameter {name}, so an uncertainty of this name would change "
            "nothing: give it another name."
        )


def known_channels(layout: Layout, names: Iterable[str], what: str) -> None:
    """Refuse names that no channel has.

    Args:
        layout: of the workspace.
        names: of channels.
        what: is meant with them, for the sentence.

    Raises:
        SignalError: if there is no such channel.
    """
    for name in names:
        if name not in layout.channels:
            raise SignalError(
                f"There is no channel {name} {what}: the channels are {', '.join(layout.channels)}."
            )


def _numbers(layout: Layout, events: Mapping[str, Events], what: str, *, negative: bool = True) -> None:
    known_channels(layout, events, f"for the {what}")
    for channel, values in events.items():
        bins = layout.channels[channel].bins
        if len(values) != bins:
            raise SignalError(
                f"Channel {channel} has {bins} bin{'' if bins == 1 else 's'}, but {len(values)} {what} are "
                "given: give one for each bin."
            )
        for number, value in enumerate(values):
            if not math.isfinite(value):
                raise SignalError(
                    f"The {what} of {channel} hold {value} (bin {number}): give a number there."
                )
            if value < 0.0 and not negative:
                raise SignalError(
                    f"The {what} of {channel} hold {value:g} (bin {number}): give 0 or a number above it."
                )
