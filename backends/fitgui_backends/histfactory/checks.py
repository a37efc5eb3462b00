"""What the schema cannot say about a workspace, and pyhf says late, obscurely or never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fitgui_backends.histfactory.configuration import configuration_findings
from fitgui_backends.histfactory.summary import Document, channel_bins, modifiers

_PARAMETER_KIND = {"shapefactor": "free", "normfactor": "free", "shapesys": "Poisson"}
"""The constraint of each modifier type; normal where it is not listed."""


@dataclass(slots=True)
class Findings:
    """What was found in a workspace that matches the schema, each in words and with its place."""

    errors: list[str] = field(default_factory=list)
    """pyhf builds no model from it, or one that silently leaves something out."""
    warnings: list[str] = field(default_factory=list)
    """Unusual; a fit is possible."""


def check_workspace(document: Document) -> Findings:
    """Look for what makes no sense in a workspace that matches the schema.

    Args:
        document: A workspace that :func:`~fitgui_backends.histfactory.schema.validate_workspace` accepts.

    Returns:
        Errors and warnings, both empty for a sound workspace. That the parameter of interest exists is not
        looked for: in a background-only workspace only the signal brings it.
    """
    findings = Findings()
    _names(document, findings)
    if not findings.errors:
        _observations(document, findings)
        _lengths(document, findings)
        _parameters(document, findings)
        _measurements(document, findings)
    return findings


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _names(document: Document, findings: Findings) -> None:
    # pyhf merges channels, and keeps the last of samples and modifiers, of the same name without a word.
    for name in _twice(channel["name"] for channel in document["channels"]):
        findings.errors.append(f'the channel name "{name}" occurs more than once')
    for channel in document["channels"]:
        place = f'channel "{channel["name"]}"'
        for name in _twice(sample["name"] for sample in channel["samples"]):
            findings.errors.append(f'{place}: the sample name "{name}" occurs more than once')
        for sample in channel["samples"]:
            keys = [(modifier["name"], modifier["type"]) for modifier in sample["modifiers"]]
            for (name, kind), count in Counter(keys).items():
                if count > 1:
                    findings.warnings.append(
                        f'{place}, sample "{sample["name"]}": the {kind} modifier "{name}" is given '
                        f"{count} times, and pyhf uses the last"
                    )
    for name in _twice(observation["name"] for observation in document["observations"]):
        findings.errors.append(f'there is more than one observation for channel "{name}"')
    for name in _twice(measurement["name"] for measurement in document["measurements"]):
        findings.warnings.append(f'the measurement name "{name}" occurs more than once; the first is used')


def _observations(document: Document, findings: Findings) -> None:
    observed = {observation["name"]: len(observation["data"]) for observation in document["observations"]}
    for observation in document["observations"]:
        negative = [number for number, count in enumerate(observation["data"], start=1) if count < 0]
        if negative:
            # A warning, because the region may still be looked at, and a patch may replace the data.
            findings.warnings.append(
                f'the observation of channel "{observation["name"]}" is below zero in bin {negative[0]} '
                f"({observation['data'][negative[0] - 1]:g}), so no signal point can be fitted"
            )
    bins = channel_bins(document)
    for name, count in bins.items():
        if name not in observed:
            findings.errors.append(f'channel "{name}" has no observation')
        elif observed[name] != count:
            findings.errors.append(f'channel "{name}" has {count} bins, its observation has {observed[name]}')
    for name in observed.keys() - bins.keys():
        findings.warnings.append(f'there is an observation for "{name}", which is no channel')


def _data_lengths(modifier: Document) -> Iterator[int]:
    data: Any = modifier["data"]
    if modifier["type"] == "histosys":
        yield from (len(data["lo_data"]), len(data["hi_data"]))
    elif modifier["type"] in ("shapesys", "staterror"):
        yield len(data)


def _lengths(document: Document, findings: Findings) -> None:
    bins = channel_bins(document)
    for channel in document["channels"]:
        for sample in channel["samples"]:
            if len(sample["data"]) != bins[channel["name"]]:
                findings.errors.append(
                    f'channel "{channel["name"]}", sample "{sample["name"]}" has {len(sample["data"])} bins, '
                    f"the channel has {bins[channel['name']]}"
                )
    for channel, sample, modifier in modifiers(document):
        for length in _data_lengths(modifier):
            if length != len(sample["data"]):
                findings.errors.append(
                    f'channel "{channel["name"]}", sample "{sample["name"]}", {modifier["type"]} modifier '
                    f'"{modifier["name"]}" has {length} bins, the sample has {len(sample["data"])}'
                )
                break


def _parameters(document: Document, findings: Findings) -> None:
    """One name is one parameter: its constraint and size must be the same wherever it is used."""
    shapes: dict[str, tuple[str, int]] = {}
    used: dict[str, str] = {}
    staterrors: dict[str, dict[str, set[str]]] = {}
    for channel, sample, modifier in modifiers(document):
        name, kind = modifier["name"], modifier["type"]
        place = f'channel "{channel["name"]}", sample "{sample["name"]}"'
        if kind == "staterror":
            staterrors.setdefault(name, {}).setdefault(sample["name"], set()).add(channel["name"])
            size = -1  # one per bin of its channels: settled below
        else:
            size = len(sample["data"]) if kind in ("shapesys", "shapefactor") else 1
        shape = (
            kind
            if kind in ("shapesys", "shapefactor", "staterror", "lumi")
            else _PARAMETER_KIND.get(kind, ""),
            size,
        )
        if shapes.setdefault(name, shape) != shape:
            findings.errors.append(
                f'{place}: the {kind} modifier "{name}" does not fit to another modifier of that name '
                f"({used[name]}): one name is one parameter"
            )
        elif kind == "shapesys" and name in used:
            findings.errors.append(f'{place}: the shapesys modifier "{name}" is already used by {used[name]}')
        used.setdefault(name, place)
    for name, by_sample in staterrors.items():
        if len({frozenset(channels) for channels in by_sample.values()}) > 1:
            findings.errors.append(
                f'the staterror modifier "{name}" covers different channels in different samples'
            )


def _measurements(document: Document, findings: Findings) -> None:
    for number, measurement in enumerate(document["measurements"]):
        errors, warnings = configuration_findings(document, measurement)
        # pyhf looks only at the measurement that is fitted, and by default that is the first.
        findings.warnings.extend(warnings)
        (findings.warnings if number else findings.errors).extend(errors)
