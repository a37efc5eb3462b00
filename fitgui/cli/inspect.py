"""``fitgui inspect``: what a pallet holds."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fitgui import words
from fitgui.cli.cells import cell
from fitgui.cli.choice import open_source
from fitgui.cli.main import PALLET_HELP
from fitgui.cli.output import is_terminal, print_json, print_line
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui.runs.export import plain_values

SCHEMA = 1
_DIGEST_WORDS = {True: "verified", False: "belongs to another workspace", None: "not given"}


@click.command(
    help=f"""Show the analyses, channels, samples, points and digests of PALLET, and the problems found.

    {PALLET_HELP}"""
)
@click.argument("pallet")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, all points included.")
def command(pallet: str, as_json: bool) -> None:
    """Show what a pallet holds."""
    opened = open_source(pallet)
    if as_json:
        print_json(document(opened))
    elif is_terminal(sys.stdout):
        _show(opened, Console())
    else:
        for line in _lines(opened):
            print_line(line)


def document(pallet: Pallet) -> dict[str, Any]:
    """The pallet for machines."""
    return {
        "schema": SCHEMA,
        "name": pallet.name,
        "source": pallet.source,
        "digest": pallet.digest,
        "problems": list(pallet.problems),
        "analyses": [_analysis(analysis) for analysis in pallet.analyses],
    }


def _analysis(analysis: Analysis) -> dict[str, Any]:
    return {
        "name": analysis.name,
        "path": analysis.path,
        "digest": analysis.digest,
        "channels": len(analysis.channels),
        "bins": analysis.bins,
        "parameters": analysis.parameters,
        "poi": analysis.poi,
        "measurements": list(analysis.measurements),
        "digest_verified": analysis.digest_verified,
        "labels": list(analysis.labels),
        "channel_list": [
            {"name": channel.name, "bins": channel.bins, "samples": list(channel.samples)}
            for channel in analysis.channels
        ],
        "patch_sets": [
            {
                "name": patch_set.name,
                "description": patch_set.description,
                "labels": list(patch_set.labels),
                "points": len(patch_set.points),
                "digest_verified": patch_set.digest_verified,
                "references": dict(patch_set.references),
            }
            for patch_set in analysis.patch_sets
        ],
        "problems": list(analysis.problems),
        "points": [
            {"name": point.name, "values": plain_values(point.values), "patch_set": point.patch_set}
            for point in analysis.points
        ],
    }


def _lines(pallet: Pallet) -> list[str]:
    """Plain lines for a pipe: what is found, and one line for each point."""
    lines = [f"pallet {pallet.name}", f"digest {pallet.digest}"]
    lines += [f"problem {problem}" for problem in pallet.problems]
    for analysis in pallet.analyses:
        lines.append(f"analysis {analysis.name}: {_summary(analysis)}")
        lines += [
            f"channel {c.name}: {_bins(c.bins)}, samples {', '.join(c.samples)}" for c in analysis.channels
        ]
        lines += [f"problem {analysis.name}: {problem}" for problem in analysis.problems]
        lines += [f"point {point.name}{_coordinates(point)}" for point in analysis.points]
    return lines


def _show(pallet: Pallet, console: Console) -> None:
    console.print(cell(pallet.name, style="bold"), cell(f"sha256 {pallet.digest}", style="dim"))
    for problem in pallet.problems:
        console.print(cell(f"! {problem}", style="yellow"))
    for analysis in pallet.analyses:
        console.print()
        console.print(cell(analysis.name, style="bold cyan"), cell(_summary(analysis)))
        for problem in analysis.problems:
            console.print(cell(f"! {problem}", style="yellow"))
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("channel", "bins", "samples"):
            table.add_column(heading, justify="right" if heading == "bins" else "left", overflow="fold")
        for channel in analysis.channels:
            table.add_row(cell(channel.name), str(channel.bins), cell(", ".join(channel.samples)))
        console.print(table)
        for patch_set in analysis.patch_sets:
            names = [point.name for point in patch_set.points]
            some = ", ".join(names[:3]) + (f", ... {names[-1]}" if len(names) > 3 else "")
            console.print(
                cell(f"{patch_set.name}: {words.count(len(names), 'point')} {some}"), soft_wrap=True
            )


def _summary(analysis: Analysis) -> str:
    parts = [
        words.count(len(analysis.points), "point"),
        words.count(len(analysis.channels), "channel"),
        _bins(analysis.bins),
        words.count(analysis.parameters, "parameter"),
        f"POI {analysis.poi or 'none'}",
        *([f"measurements {', '.join(analysis.measurements)}"] if len(analysis.measurements) > 1 else []),
        f"coordinates {', '.join(analysis.labels) or 'none'}",
        f"digest {_DIGEST_WORDS[analysis.digest_verified]}",
    ]
    return ", ".join(parts)


def _bins(bins: int) -> str:
    return words.count(bins, "bin")


def _coordinates(point: SignalPoint) -> str:
    return f": {words.coordinates(point.values)}" if point.values else ""
