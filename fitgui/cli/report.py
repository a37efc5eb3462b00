"""What is said of a run when it is over, or when it is looked at later."""

from __future__ import annotations

import shlex

from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState

MOST_ROWS = 400
"""Longer tables belong into a file."""


def result_table(plan: RunPlan, snapshot: RunSnapshot) -> Table:
    """Name, coordinates, CLs observed and expected median, mu-hat, state with icon and word, health."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("point", overflow="fold")
    for label in plan.analysis.labels:
        table.add_column(Text(label), justify="right")
    for heading in ("CLs obs", "CLs exp", "mu-hat"):
        table.add_column(heading, justify="right")
    table.add_column("state")
    table.add_column("", overflow="fold")
    for status in list(snapshot.points.values())[:MOST_ROWS]:
        table.add_row(*_row(plan, status))
    return table


def summary_line(snapshot: RunSnapshot) -> str:
    """``60 points: 58 done, 2 failed; 12 s, the fits alone 23 s``."""
    counts = snapshot.counts
    parts = ", ".join(f"{counts[state]} {state}" for state in reversed(TaskState) if counts[state])
    unhealthy = sum(s.result is not None and not s.result.converged for s in snapshot.points.values())
    health = f" ({unhealthy} not converged)" if unhealthy else ""
    times = f"{words.duration(snapshot.elapsed)}, the fits alone {words.duration(snapshot.sum_fit_seconds)}"
    return f"{words.count(snapshot.total, 'point')}: {parts}{health}; {times}"


def how_to_go_on(plan: RunPlan, snapshot: RunSnapshot, run_id: str) -> str:
    """How a run comes to its end, with a command for the shell; empty where all its points are done.

    Points that failed mostly fail again in the same way, so a run that lacks nothing else promises nothing.
    """
    counts = snapshot.counts
    command = shlex.join(["fitgui", "run", plan.pallet.source, "--resume", run_id])
    if counts[TaskState.DONE] + counts[TaskState.FAILED] < snapshot.total:
        return f"go on with: {command}"
    if counts[TaskState.FAILED]:
        cure = "unless it lacked time, memory or a worker; then try again with"
        return f"what failed fails again, {cure}: {command}"
    return ""


def _row(plan: RunPlan, status: PointStatus) -> list[Text]:
    values = plan.values.get(status.name, {})
    cells = [Text(status.name)]
    cells += [
        Text(words.coordinate(values[label]) if label in values else "") for label in plan.analysis.labels
    ]
    result, health = status.result, status.error or ""
    if result is None:
        cells += [Text("–")] * 3
    else:
        cells += [Text(words.number(v)) for v in (result.cls_obs, result.cls_exp[2], result.mu_hat)]
        health = "; ".join((*([] if result.converged else ["not converged"]), *result.warnings))
    cells.append(Text(f"{words.ICONS[status.state]} {status.state}", style=words.STYLES[status.state]))
    cells.append(Text(health, style="yellow"))
    return cells
