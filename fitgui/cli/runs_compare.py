"""``fitgui runs compare``: what several runs took, and whether they found the same."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fitgui import words
from fitgui.cli.cells import cell
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.history import find_run
from fitgui.cli.output import is_terminal, print_json, print_line
from fitgui.runs.agreement import Agreement, agreement
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.published_times import PublishedTimes, citation, published_times
from fitgui.runs.recorded import RecordedRun, recorded_run
from fitgui.runs.wall_bars import seconds_text
from fitgui.runs.wall_times import RunTimes, differences, times_of

_HEADINGS = ("run", "where and how", "points", "wall", "one core", "speed-up", "efficiency", "CLs")
_NARROWEST = 118
"""Columns of a terminal; a narrower one gets a line for each run."""


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN ...")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def compare_runs(runs: Sequence[str], as_json: bool) -> None:
    """What several runs took, and whether their CLs agree with those of the first.

    The speed-up is what one core would have needed over the wall time; the efficiency is that per worker.
    """
    found = _read(runs)
    times = [times_of(run.record.id, run.record.plan, run.snapshot, alive=run.record.alive) for run in found]
    agreements = [None, *(_agreement(found[0], run) for run in found[1:])]
    one = len({run.digest for run in times}) == 1
    published = published_times(found[0].record.plan.analysis) if one else None
    if as_json:
        documents = [_json(run, how) for run, how in zip(times, agreements, strict=True)]
        print_json({"schema": 1, "runs": documents, "published": _published_json(published)})
        return
    rows = [_row(run, how, times[0]) for run, how in zip(times, agreements, strict=True)]
    console = Console()
    if is_terminal(sys.stdout) and console.width >= _NARROWEST:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for place, heading in enumerate(_HEADINGS):
            right = 3 <= place <= 6
            table.add_column(heading, overflow="fold", justify="right" if right else "left", no_wrap=right)
        for row in rows:
            table.add_row(*map(cell, row))
        console.print(table)
    else:
        for row in rows:
            parts = [row[0], row[1], row[2]]
            parts += [f"{heading} {text}" for heading, text in zip(_HEADINGS[3:], row[3:], strict=True)]
            print_line("  ".join(parts))
    for line in _published_lines(published):
        print_line(line)


def _read(names: Sequence[str]) -> list[RecordedRun]:
    """The runs, in the order of their names.

    Raises:
        CommandUsageError: if one is not there, or stands twice.
        CommandError: if the journal cannot be read.
    """
    try:
        journal = Journal()
        try:
            records = [find_run(journal, name) for name in names]
            twice = [record.id for record in records if sum(other.id == record.id for other in records) > 1]
            if twice:
                raise CommandUsageError(f"run {twice[0]} stands twice: name each run once")
            return [recorded_run(journal, record) for record in records]
        finally:
            journal.close()
    except JournalError as error:
        raise CommandError(str(error)) from error


def _agreement(first: RecordedRun, other: RecordedRun) -> Agreement | None:
    """``None`` for runs of different workspaces: points of the same name are not the same there."""
    same = first.record.plan.analysis.digest == other.record.plan.analysis.digest
    return agreement(first.snapshot, other.snapshot) if same else None


def _row(run: RunTimes, how: Agreement | None, first: RunTimes) -> tuple[str, ...]:
    same_analysis = run.digest == first.digest
    differing = differences(run, first) if same_analysis and run is not first else differences(run, None)
    said = ", ".join(differing) or words.count(run.done, "point")
    if run is first and run.asked:
        said += f", with {' and '.join(sorted(run.asked))}"
    return (
        run.run_id,
        run.label,
        said,
        seconds_text(run.wall),
        seconds_text(run.core),
        "–" if run.speed_up is None else f"{run.speed_up:.1f} ×",
        "–" if run.efficiency is None else words.percent(run.efficiency),
        "reference" if run is first else _agreement_words(how),
    )


def _agreement_words(how: Agreement | None) -> str:
    if how is None:
        return "another analysis"
    if how.cls_difference is None:
        return "no point in both"
    verdict = "agree" if how.agrees else "differ"
    most = f"up to {how.cls_difference:.1e}" if how.cls_difference else "to the last digit"
    at = f" at {how.cls_point}" if not how.agrees else ""
    limits = "" if how.limit_difference is None else f", limits {100 * how.limit_difference:.2g} %"
    return f"{verdict} {most}{at}{limits} ({words.count(how.common, 'point')})"


def _json(run: RunTimes, how: Agreement | None) -> dict[str, Any]:
    started = run.started
    return {
        "run": run.run_id,
        "label": run.label,
        "started": None if started is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "analysis_digest": run.digest,
        "backend": run.backend,
        "engine": run.engine,
        "workers": run.workers or None,
        "asked": sorted(run.asked),
        "points": run.total,
        "done": run.done,
        "outcome": run.outcome,
        "wall_seconds": run.wall,
        "sum_core_seconds": run.core,
        "speed_up": run.speed_up,
        "efficiency": run.efficiency,
        "agreement": None
        if how is None
        else {
            "points": how.common,
            "agrees": how.agrees,
            "largest_cls_difference": how.cls_difference,
            "at": how.cls_point or None,
            "largest_relative_limit_difference": how.limit_difference,
        },
    }


def _published_json(published: PublishedTimes | None) -> dict[str, Any] | None:
    if published is None:
        return None
    times = [{"where": time.where, "seconds": time.seconds, "error": time.error} for time in published.times]
    return {"points": published.points, "times": times, "source": citation().text}


def _published_lines(published: PublishedTimes | None) -> list[str]:
    if published is None:
        return []
    source = citation()
    lines = [
        f"published: {time.where}, {published.points} points, "
        + (f"{time.seconds:g} ± {time.error:g} s" if time.error else seconds_text(time.seconds))
        for time in published.times
    ]
    return [*lines, f"           {source.how}: {source.text}"]
