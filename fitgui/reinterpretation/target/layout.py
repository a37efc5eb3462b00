"""What a patch has to know of a workspace: places of channels, names that are taken, free normalisations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fitgui.pallets.model import Analysis
from fitgui.reinterpretation.model import SignalError
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.measurements import find_measurement
from fitgui_backends.histfactory.summary import modifiers

_KEPT = 16
_FREE = ("normfactor", "shapefactor")


@dataclass(frozen=True, slots=True)
class ChannelLayout:
    """A channel as it stands in the workspace."""

    index: int
    """Of the channel."""
    observation: int
    """The index of its observation."""
    bins: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A background-only workspace with one of its measurements."""

    poi: str
    """Empty where the measurement names none."""
    channels: Mapping[str, ChannelLayout]
    """In the order of the workspace."""
    kinds: Mapping[str, str]
    """The type of modifier of each parameter; normsys where a name is both normsys and histosys."""
    reach: Mapping[str, frozenset[str]]
    """The channels in which each parameter occurs."""
    weights: Mapping[str, Mapping[str, float]]
    """Events that each normfactor and shapefactor scales, by channel."""
    scaled: tuple[tuple[str, str], ...]
    """The (channel, sample) pairs that the parameter of interest scales already."""
    settings: Mapping[str, Mapping[str, Any]]
    """What the measurement says of parameters, by name."""

    @property
    def free(self) -> tuple[str, ...]:
        """Parameters without a constraint that are not fixed: data have to determine them."""
        return tuple(
            name
            for name, kind in self.kinds.items()
            if kind in _FREE and name != self.poi and not self.is_fixed(name)
        )

    def is_fixed(self, name: str) -> bool:
        """Whether the measurement keeps a parameter at its value, so that it is no uncertainty."""
        return self.settings.get(name, {}).get("fixed", False) is True

    @property
    def lumi(self) -> str:
        """The luminosity parameter of the samples; empty where they have none."""
        return next((name for name, kind in self.kinds.items() if kind == "lumi"), "")


def layout_of(analysis: Analysis, measurement: str | None = None) -> Layout:
    """The layout of an analysis; kept, because a scan asks for it ten thousand times.

    Raises:
        SignalError: if there is no such measurement.
    """
    key = (analysis.digest, measurement)
    found = _layouts.get(key)
    if found is None:
        found = _read(analysis, measurement)
        for oldest in list(_layouts)[: max(0, len(_layouts) - _KEPT + 1)]:
            _layouts.pop(oldest, None)
        _layouts[key] = found
    return found


_layouts: dict[tuple[str, str | None], Layout] = {}


def _read(analysis: Analysis, measurement: str | None) -> Layout:
    workspace = analysis.workspace
    try:
        config = find_measurement(workspace, measurement)["config"]
    except HistFactoryError as error:
        raise SignalError(f"Analysis {analysis.name}: {error}.") from error
    observations = {each["name"]: number for number, each in enumerate(workspace["observations"])}
    kinds: dict[str, str] = {}
    reach: dict[str, set[str]] = {}
    scaled: dict[tuple[str, str], None] = {}
    weights: dict[str, dict[str, float]] = {}
    poi: str = config["poi"]
    for channel, sample, modifier in modifiers(workspace):
        name, kind = modifier["name"], modifier["type"]
        kinds.setdefault(name, "normsys" if kind == "histosys" else kind)
        reach.setdefault(name, set()).add(channel["name"])
        if kind in _FREE:
            by_channel = weights.setdefault(name, {})
            by_channel[channel["name"]] = by_channel.get(channel["name"], 0.0) + sum(sample["data"])
        if name == poi:
            scaled[channel["name"], sample["name"]] = None
    return Layout(
        poi=poi,
        channels={
            channel["name"]: ChannelLayout(
                index=number,
                observation=observations[channel["name"]],
                bins=len(channel["samples"][0]["data"]),
                samples=tuple(sample["name"] for sample in channel["samples"]),
            )
            for number, channel in enumerate(workspace["channels"])
        },
        kinds=kinds,
        reach={name: frozenset(channels) for name, channels in reach.items()},
        weights=weights,
        scaled=tuple(scaled),
        settings={each["name"]: each for each in config["parameters"]},
    )
