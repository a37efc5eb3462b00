"""What is said of a run when it is over, or when it is looked at later."""

from __future__ import annotations

import shlex
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.cli.cells import cell
from fitgui.runs.check import Comparison, comparison, summary
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import FitOptions, TaskState
from fitgui_backends.results import FitResult, is_doubtful

MOST_ROWS = 400
"""Longer tables belong into a file."""
MOST_WORDS = 20
"""Points whose warnings and notes are told below the table."""
WORDS_WIDTH = 24
"""What warnings and notes need to stand beside the numbers."""


def print_results(console: Console, plan: RunPlan, snapshot: RunSnapshot) -> None:
    """The table of a run; what there is to say of points stands beside it, or below it."""
    headings = ["CLs obs", "CLs exp", "mu-hat", *_asked_for(plan.plan.options)]
    statuses = list(snapshot.points.values())[:MOST_ROWS]
    name_width = min(30, max(len(status.name) for status in statuses))
    needed = name_width + sum(max(6, len(label)) + 2 for label in plan.analysis.labels)
    needed += sum(max(9, len(heading)) + 2 for heading in headings) + len("✗ cancelled") + 2
    if console.width < needed:  # a table of cut numbers helps nobody
        for status in statuses:
            console.print(cell(point_line(status)), soft_wrap=True)
        return
    beside = console.width - needed >= WORDS_WIDTH
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("point", overflow="fold")
    for heading in (*plan.analysis.labels, *headings):
        table.add_column(cell(heading), justify="right", no_wrap=True, min_width=min(6, len(heading)))
    table.add_column("state", no_wrap=True)
    if beside:
        table.add_column("", overflow="fold")
    for status in statuses:
        cells = _cells(plan, status)
        table.add_row(*(cells if beside else cells[:-1]))
    console.print(table)
    if not beside:
        warned = [(status.name, _health(status)) for status in statuses if _health(status)]
        noted = [(status.name, _notes(status)) for status in statuses if _notes(status)]
        told = [cell(f"! {name}: {said}", style="yellow") for name, said in warned]
        told += [cell(f"{name}: {said}") for name, said in noted]
        for line in told[:MOST_WORDS]:
            console.print(line)
        if len(warned) > MOST_WORDS:
            console.print(cell(f"! and {words.count(len(warned) - MOST_WORDS, 'more point')} with warnings"))
        elif len(told) > MOST_WORDS:
            console.print(cell(f"and {words.count(len(told) - MOST_WORDS, 'more point')} with notes"))


def summary_line(snapshot: RunSnapshot) -> str:
    """``60 points: 58 done, 2 failed; 12 s, one core would need 23 s``."""
    counts = snapshot.counts
    parts = ", ".join(f"{counts[state]} {state}" for state in reversed(TaskState) if counts[state])
    health = f" ({snapshot.doubtful} not converged)" if snapshot.doubtful else ""
    core = words.duration(snapshot.sum_core_seconds)
    times = f"{words.duration(snapshot.elapsed)}, one core would need {core}"
    return f"{words.count(snapshot.total, 'point')}: {parts}{health}; {times}"


def wall_line(snapshot: RunSnapshot) -> str:
    """Where the wall time of a run on a cluster went; empty for one on this machine."""
    if snapshot.place is None and not snapshot.blocks:
        return ""
    return snapshot.timeline.split(snapshot.elapsed).sentence()


def resume_command(run_id: str, output: Path | None, *more: str) -> str:
    """The command for the shell that goes on with a run, and writes again the file that was asked for."""
    again = [] if output is None else ["--output", str(output)]
    return shlex.join(["fitgui", "run", "--resume", run_id, *more, *again])


def how_to_go_on(plan: RunPlan, snapshot: RunSnapshot, run_id: str, output: Path | None = None) -> str:
    """How a run comes to its end, with a command for the shell; empty where all its points are done.

    Points that failed mostly fail again in the same way, so a run that lacks nothing else promises nothing.

    Args:
        plan: of the run.
        snapshot: how it stands.
        run_id: its name.
        output: the file that its results were written to: it holds all of them only when written again.
    """
    counts = snapshot.counts
    again = [] if output is None else ["--output", str(output)]
    command = shlex.join(["fitgui", "run", plan.pallet.source, "--resume", run_id, *again])
    if counts[TaskState.DONE] + counts[TaskState.FAILED] < snapshot.total:
        return f"go on with: {command}"
    if counts[TaskState.FAILED]:
        cure = "unless it lacked time, memory or a worker; then try again with"
        return f"what failed fails again, {cure}: {command}"
    return ""


def point_line(status: PointStatus) -> str:
    """One point in one line, without control characters."""
    result = status.result
    if result is None:
        return f"{status.state!s:<9} {status.name}" + (f"  {status.error}" if status.error else "")
    more = "".join(f"  {heading} {number}" for heading, number in extras(result).items())
    warnings = "".join(f"  ! {warning}" for warning in health_words(result))
    notes = "".join(f"  {note}" for note in result.notes)
    return (
        f"{status.state!s:<9} {status.name}  CLs obs {words.number(result.cls_obs)}  "
        f"exp {words.number(result.cls_exp[2])}  mu-hat {words.number(result.mu_hat)}{more}  "
        f"{words.duration(result.seconds.fit)}{warnings}{notes}"
    )


def check_line(found: Comparison) -> str:
    """A point that was fitted again by the other engine, in one line."""
    verdict = {True: "agrees", False: "differs", None: "no answer"}[found.agrees]
    return f"check     {found.name}  {verdict}  {'; '.join(found.sentences)}"


def check_lines(snapshot: RunSnapshot) -> list[str]:
    """The check of a run, point by point, and what it comes to."""
    found = [c for name in snapshot.checks if (c := comparison(snapshot, name)) is not None]
    return [*(check_line(c) for c in found), *summary(snapshot).sentences[:1]] if found else []


def extras(result: FitResult) -> dict[str, str]:
    """What was asked for beside CLs, by its heading; empty where it was not."""
    found = {}
    if result.limits is not None:
        found["mu up obs"] = words.number(result.limits.obs)
        found["mu up exp"] = words.number(result.limits.exp[2])
    if result.discovery is not None:
        found["p0 obs"] = words.number(result.discovery.p0_obs)
        found["p0 exp"] = words.number(result.discovery.p0_exp[2])
    if result.toys is not None:
        toys = result.toys
        found["CLs toys"] = words.with_error(toys.cls_obs, toys.cls_obs_error)
        if toys.limits is not None:
            found["mu up toys"] = words.number(toys.limits.obs)
    if result.non_negative is not None:
        found["CLs rates ≥ 0"] = words.number(result.non_negative.cls_obs)
    return found


def health_words(result: FitResult) -> list[str]:
    """What does not converge, and the warnings."""
    found = [] if result.converged else ["not converged"]
    if result.converged and is_doubtful(result):
        found.append("the search for the upper limit did not converge")
    return [*found, *result.warnings]


def _asked_for(options: FitOptions) -> list[str]:
    """The headings of :func:`extras` for a run with these options."""
    asked = ["mu up obs", "mu up exp"] if options.limits else []
    asked += ["p0 obs", "p0 exp"] if options.discovery else []
    asked += ["CLs toys"] if options.toys else []
    asked += ["mu up toys"] if options.toys and options.limits else []
    return asked + (["CLs rates ≥ 0"] if options.non_negative else [])


def _health(status: PointStatus) -> str:
    """Why there is no result, or what is to be known of it; mostly nothing."""
    return status.error or "" if status.result is None else "; ".join(health_words(status.result))


def _notes(status: PointStatus) -> str:
    """What else may be known of it."""
    return "" if status.result is None else "; ".join(status.result.notes)


def _cells(plan: RunPlan, status: PointStatus) -> list[Text]:
    values = plan.values.get(status.name, {})
    cells = [cell(status.name)]
    cells += [
        cell(words.coordinate(values[label]) if label in values else "") for label in plan.analysis.labels
    ]
    result = status.result
    asked = _asked_for(plan.plan.options)
    if result is None:
        cells += [cell("–")] * (3 + len(asked))
    else:
        cells += [cell(words.number(v)) for v in (result.cls_obs, result.cls_exp[2], result.mu_hat)]
        found = extras(result)
        cells += [cell(found.get(heading, "–")) for heading in asked]
    cells.append(cell(f"{words.ICONS[status.state]} {status.state}", style=words.STYLES[status.state]))
    said = [cell(_health(status), style="yellow"), cell(_notes(status))]
    cells.append(cell("; ").join(text for text in said if text))
    return cells
