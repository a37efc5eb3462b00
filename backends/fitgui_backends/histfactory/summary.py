"""What a workspace amounts to, read off the document without building the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def modifiers(document: Document) -> Iterator[tuple[Document, Document, Document]]:
    """Every modifier of a valid workspace, as (channel, sample, modifier), in the order of the document."""
    for channel in document["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                yield channel, sample, modifier


def channel_bins(document: Document) -> dict[str, int]:
    """Number of bins by channel: as in pyhf, that of the first sample."""
    return {channel["name"]: len(channel["samples"][0]["data"]) for channel in document["channels"]}


def parameter_sizes(document: Document) -> dict[str, int]:
    """The parameters of the model and how many numbers each holds.

    A modifier name is one parameter wherever it occurs. shapesys and shapefactor have one number per bin of
    their sample, staterror one per bin of each channel in which it occurs, the others are scalar (pyhf's
    ``required_parset`` of each modifier).

    Args:
        document: A valid workspace.

    Returns:
        Sizes by parameter name; their sum is ``model.config.npars`` of pyhf.
    """
    sizes: dict[str, int] = {}
    staterror_channels: dict[str, dict[str, int]] = {}
    for channel, sample, modifier in modifiers(document):
        name, kind = modifier["name"], modifier["type"]
        if kind == "staterror":
            staterror_channels.setdefault(name, {})[channel["name"]] = len(sample["data"])
        elif name not in sizes:
            sizes[name] = len(sample["data"]) if kind in ("shapesys", "shapefactor") else 1
    for name, channels in staterror_channels.items():
        sizes.setdefault(name, sum(channels.values()))
    return sizes


def parameter_count(document: Document) -> int:
    """Number of parameters of the model: ``model.config.npars`` of pyhf."""
    return sum(parameter_sizes(document).values())


def poi_name(document: Document, measurement: str | None = None) -> str | None:
    """The parameter of interest of a measurement (the first if none is named), ``None`` where it has none."""
    for candidate in document["measurements"]:
        if measurement is None or candidate["name"] == measurement:
            poi: str = candidate["config"]["poi"]
            return poi or None
    return None


def signal_samples(document: Document, poi: str | None) -> set[tuple[str, str]]:
    """The (channel, sample) pairs whose rate the parameter of interest scales."""
    return {
        (channel["name"], sample["name"])
        for channel, sample, modifier in modifiers(document)
        if modifier["name"] == poi
    }
