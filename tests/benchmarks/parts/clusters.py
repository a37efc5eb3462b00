"""What a cluster costs beside the fits: everything real but the Globus cloud, on this one machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.harness import ChildError, Row, child_lines
from tests.benchmarks.page import Section, Table, duration, plain, timings
from tests.benchmarks.wish import Wish

LONGEST_SECONDS = 1500.0
QUIT_SECONDS = 2.0
LEAST_SECONDS = 0.05
"""Parts of the wall time that are shorter are left out."""
TEXT = """\
A real Globus Compute agent, RabbitMQ and Slurm with two workers on this machine, and a stand-in for the
Globus cloud (`tests/cluster`): the figures show what agent, scheduler and polling cost, not what the service
or a network does. *Cold* begins without a block: the agent starts a user endpoint, Slurm a job, the job its
workers. *Warm* comes right after it, on the same block. CLs is equal to this machine's to 1e-9 (newton)."""


def measure(wish: Wish) -> Section:
    """Whole analyses through both backends, a large scan, and quitting."""
    lines, error = child_lines("clusters", *(["quick"] if wish.quick else []), longest=LONGEST_SECONDS)
    if error:
        raise ChildError(error)
    figures = {line.pop("what"): line for line in lines}
    runs = {name: line for name, line in figures.items() if "split" in line}
    rows = [
        Row("quitting with 57 points handed over", (figures["quit"]["seconds"],), "s", budget=QUIT_SECONDS),
        Row("start of the whole stack", (figures["stack"]["all"],), "s"),
    ]
    notes = [f"{name}: {_split(line)}." for name, line in runs.items()]
    equal = [name.rpartition(" ")[2] for name in figures if name.startswith("pyhf equal")]
    if equal:
        notes.append(f"Twenty stau points by pyhf agree with this machine's to 1e-6: {', '.join(equal)}.")
    return Section(
        title="Clusters",
        text=TEXT,
        tables=(_runs(runs), _many(figures["many"]), timings(rows)),
        notes=tuple(notes),
    )


def _runs(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    header = ("", "points", "wall time", "fits, summed", "tasks", "requests", "sent")
    return Table(
        header,
        tuple(
            (
                name,
                str(line["points"]),
                duration(line["wall"]),
                duration(line["fits"]),
                str(line["tasks"]),
                str(line["requests"]),
                f"{plain(line['sent'] / 1e6)} MB",
            )
            for name, line in runs.items()
        ),
    )


def _many(line: Mapping[str, Any]) -> Table:
    header = (
        "handing over",
        "tasks",
        "requests, with polling",
        "most within 10 s",
        "sent",
        "until all are taken",
    )
    cells = (
        f"{line['points']:,} points",
        str(line["tasks"]),
        f"{line['submissions']} of {line['requests']}",
        str(line["busiest"]),
        f"{plain(line['bytes'] / 1e6)} MB",
        duration(line["seconds"]),
    )
    return Table(header, (cells,))


def _split(line: Mapping[str, Any]) -> str:
    parts = [f"{words} {duration(seconds)}" for words, seconds in line["split"] if seconds >= LEAST_SECONDS]
    return ", ".join(parts)
