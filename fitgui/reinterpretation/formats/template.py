"""Files to be filled in: every bin of an analysis, what it is, and a place for the yield."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any, Literal

from fitgui.reinterpretation.formats.documents.json_shape import SCHEMA
from fitgui.reinterpretation.model import RegionKind, Target, TargetChannel
from fitgui.reinterpretation.writing import heading, luminosity_line, save

KINDS = {
    RegionKind.SIGNAL: "signal region",
    RegionKind.CONTROL: "control region",
    RegionKind.VALIDATION: "validation region",
    RegionKind.UNKNOWN: "taken for a signal region",
}
"""In words."""
_NUMBERS = re.compile(r"\[\n([^\[\]{}\"]*)\]")
"""A list of numbers over several lines."""
LABELS = ("m1", "m2")
"""Parameters in a template for a scan of an analysis that has none."""


def write_template(target: Target, path: Path | str, *, scan: bool = False) -> None:
    """Write a file to be filled in: JSON where its name ends so, else CSV.

    Args:
        target: for which yields are wanted.
        path: of the file; an earlier one is replaced.
        scan: whether it is for many model points, a line for each.

    Raises:
        SignalError: if the file cannot be written.
    """
    kind: Literal["csv", "json"] = "json" if str(path).lower().endswith(".json") else "csv"
    save(path, template_text(target, kind, scan=scan))


def template_text(target: Target, kind: Literal["csv", "json"], *, scan: bool = False) -> str:
    """What :func:`write_template` writes."""
    if kind == "json":
        return _json(target, scan=scan)
    return _wide(target) if scan else _long(target)


def _of_empty(target: Target) -> list[str]:
    lines = ["In signal regions every bin needs a number: 0 where nothing of the signal is left."]
    if any(not channel.is_signal for channel in target.channels):
        lines.append(
            "A control or validation region without numbers stays in the fit without signal, or is dropped "
            "if you ask for it: give numbers where the signal may reach it."
        )
    return lines


def _of_units(target: Target) -> list[str]:
    luminosity = luminosity_line(target)
    return [
        "Events are at mu = 1, after all cuts, "
        f"{f'for {luminosity}' if luminosity else 'for the luminosity of the analysis'}.",
        "Instead of events you may give efficiencies (acceptance times efficiency): write 'efficiency' as "
        "the unit, and add the cross section with its unit. Visible cross sections have the unit 'fb' or "
        "'pb'.",
    ]


def _long(target: Target) -> str:
    luminosity = luminosity_line(target)
    comments = [
        f"{heading(target)}: a file to be filled in.",
        "Write into the column 'yield' what the signal adds to each bin.",
        *_of_empty(target),
        *_of_units(target),
        "The column 'stat' takes the uncertainty from the number of simulated events: in the unit of the "
        "yield, or as '12%'.",
        "Columns may be added: 'syst:NAME' for a systematic uncertainty that moves all bins together "
        "('syst:NAME:up' and",
        "'syst:NAME:down' for signed changes), 'uncorrelated:NAME' where every bin has its own, 'simulated' "
        "for the number of",
        "unweighted events that passed, 'point' for the name of a model point where the file holds several.",
        "The columns kind, observed and background are for you; they are not read.",
        "A line such as the next ones, but with your own values, states what the numbers are.",
        "unit: events",
        *([f"luminosity: {luminosity}"] if luminosity else []),
        *_elsewhere(luminosity),
    ]
    rows = [["region", "yield", "stat", "kind", "observed", "background"]]
    for place in target.bins():
        channel = target.channel(place.channel)
        rows.append(
            [
                target.text(place),
                "",
                "",
                KINDS[channel.kind],
                f"{channel.observed[place.bin]:.10g}",
                f"{channel.background[place.bin]:.6g}",
            ]
        )
    return _table(comments, rows)


def _elsewhere(luminosity: str) -> list[str]:
    wanted = ["'cross section: 12 fb' (needed with efficiencies)"]
    if not luminosity:
        wanted.append("'luminosity: 139 fb-1' (needed with efficiencies and cross sections)")
    return [f"Write behind a # where it is needed: {', '.join(wanted)}."]


def _wide(target: Target) -> str:
    luminosity = luminosity_line(target)
    labels = target.analysis.labels or LABELS
    regions = [target.text(place) for place in target.bins()]
    comments = [
        f"{heading(target)}: a file to be filled in, a line for each model point.",
        "Write the parameters of the model, and below each region what the signal adds to it; the name may "
        "stay empty.",
        *_of_empty(target),
        *_of_units(target),
        "Columns may be added: 'stat:REGION' for the uncertainty from the number of simulated events, "
        "'syst:NAME' in percent of",
        "all yields or 'syst:NAME:REGION', 'uncorrelated:NAME:REGION', and 'cross section [fb]' (or [pb]) "
        "of each point.",
        "Parameters have other names? Change them here and in the headings.",
        *(_of_channel(channel) for channel in target.channels),
        f"parameters: {', '.join(labels)}",
        "unit: events",
        *([f"luminosity: {luminosity}"] if luminosity else []),
        *_elsewhere(luminosity),
    ]
    return _table(comments, [["name", *labels, *regions]])


def _of_channel(channel: TargetChannel) -> str:
    numbers = ", ".join(
        f"{observed:.10g} observed and {background:.4g} expected"
        for observed, background in zip(channel.observed, channel.background, strict=True)
    )
    bins = f", {channel.bins} bins" if channel.bins > 1 else ""
    return f"{channel.name} ({KINDS[channel.kind]}{bins}) has {numbers} without signal"


def _table(comments: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in comments)
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _json(target: Target, *, scan: bool) -> str:
    luminosity = luminosity_line(target)
    empty: dict[str, list[None]] = {channel.name: [None] * channel.bins for channel in target.channels}
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "about": [
            f"{heading(target)}: a file to be filled in.",
            "Replace null under 'yields' by what the signal adds to each bin; entries that stay null are "
            "left out.",
            *_of_empty(target),
            *_of_units(target),
            "'statistical' takes the uncertainty from the number of simulated events: numbers, or a text "
            "such as '12%'.",
            '\'systematics\' takes {"NAME": {"up": {...}, "down": {...}}} with signed changes, or '
            '{"NAME": {"symmetric": "12%"}}; with "correlated": false every bin has its own '
            "parameter.",
            'Efficiencies need "cross_section": "12 fb" in the point, and a luminosity.',
            *(["For a scan copy the point as often as needed."] if scan else []),
        ],
        "channels": {
            channel.name: {
                "kind": KINDS[channel.kind],
                "observed": list(channel.observed),
                "background": [float(f"{value:.6g}") for value in channel.background],
            }
            for channel in target.channels
        },
        "quantity": "events",
    }
    if luminosity:
        document["luminosity"] = luminosity
    point: dict[str, Any] = {"name": "my_point"}
    if scan or target.analysis.labels:
        point["values"] = dict.fromkeys(target.analysis.labels or LABELS)
    document["points"] = [point | {"yields": empty, "statistical": empty, "systematics": {}}]
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found.group(1).split())}]", text) + "\n"
