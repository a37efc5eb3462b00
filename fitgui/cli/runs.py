"""``fitgui runs``: what was fitted before."""

from __future__ import annotations

import sys
import time
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fitgui import words
from fitgui.cli.backends_where import place_name, place_words
from fitgui.cli.cells import cell
from fitgui.cli.cluster_words import say_elsewhere
from fitgui.cli.history import find_run, points_elsewhere, state_of
from fitgui.cli.journal_reader import JournalReader
from fitgui.cli.output import is_terminal, print_json, print_line, say
from fitgui.cli.report import (
    MOST_ROWS,
    check_lines,
    how_to_go_on,
    point_line,
    print_results,
    summary_line,
    wall_line,
)
from fitgui.cli.runs_cancel import cancel_run
from fitgui.cli.runs_compare import compare_runs
from fitgui.cli.runs_export import export_run
from fitgui.cli.runs_plot import plot_run
from fitgui.cli.runs_report import report_run
from fitgui.cli.runs_script import script_of_point
from fitgui.runs.check import summary
from fitgui.runs.export import results_document
from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.recorded import snapshot_of
from fitgui_backends.contract import TaskState

_NEWEST = 20


@click.group(no_args_is_help=True)
def command() -> None:
    """List, show, compare, plot, report, export and cancel runs, and write scripts.

    RUN is a name from the list, its beginning, or `last`.
    """


command.add_command(cancel_run)
command.add_command(compare_runs)
command.add_command(export_run)
command.add_command(plot_run)
command.add_command(report_run)
command.add_command(script_of_point)


@command.command("list")
@click.option("--all", "everything", is_flag=True, help=f"All runs, not only the newest {_NEWEST}.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_runs(everything: bool, as_json: bool) -> None:
    """The runs, the newest first, and how each of them stands."""
    with JournalReader() as reader:
        records = reader.journal.runs()
        shown = records if everything else records[:_NEWEST]
        rows = [_row(reader.journal, record) for record in shown]
    if as_json:
        print_json(rows)
        return
    if is_terminal(sys.stdout):
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("run", "started", "pallet", "analysis", "engine", "points", "state", "check"):
            table.add_column(heading, overflow="fold")
        for row in rows:
            points = f"{row['done']}/{row['points']}"
            cells = (
                row["run"],
                _local(row["started"]),
                row["pallet"],
                row["analysis"],
                _how(row),
                points,
            )
            table.add_row(*(cell(text) for text in (*cells, row["state"], _check_words(row["check"]))))
        if rows:
            Console().print(table)
    else:
        for row in rows:
            print_line(
                f"{row['run']}  {_local(row['started'])}  {row['state']:<11}  {row['done']}/{row['points']} "
                f"points  {_how(row)}  {row['pallet']}  {row['analysis']}"
                + (f"  check: {said}" if (said := _check_words(row["check"])) else "")
            )
    if not rows:
        say("no runs yet: `fitgui run example` makes the first")
    elif len(records) > len(rows):
        say(f"{words.count(len(records) - len(rows), 'older run')}: see them with --all")


@command.command("show")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def show_run(run: str, as_json: bool) -> None:
    """The results of RUN, point by point."""
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        snapshot = snapshot_of(reader.journal, record)
        state = state_of(reader.journal, record, snapshot)
        elsewhere = points_elsewhere(reader.journal, record) if state == "detached" else 0
    if as_json:
        print_json(results_document(record.plan, snapshot))
        return
    plan = record.plan
    heading = (
        f"run {record.id}  {_local(record.started)}  {plan.pallet.name}  {plan.analysis.name}  engine "
        f"{plan.plan.options.engine}, backend {plan.backend}"
    )
    if plan.plan.place is not None:
        heading += f" at {place_words(plan.plan.place)}"
    if is_terminal(sys.stdout):
        console = Console()
        console.print(cell(heading, style="bold"), soft_wrap=True)
        print_results(console, plan, snapshot)
        if snapshot.total > MOST_ROWS:
            say(f"{words.count(snapshot.total - MOST_ROWS, 'more point')}: `fitgui runs export {record.id}`")
    else:
        print_line(heading)
        for status in snapshot.points.values():
            print_line(point_line(status))
    for line in check_lines(snapshot):
        print_line(line)
    for notice in snapshot.notices:
        say(notice.text)
    say(summary_line(snapshot))
    if spent := wall_line(snapshot):
        say(spent)
    if elsewhere and plan.plan.place is not None:
        say_elsewhere(record.id, elsewhere, plan.plan.place)
    elif state != "running" and (hint := how_to_go_on(plan, snapshot, record.id)):
        say(hint)


def _row(journal: Journal, record: RunRecord) -> dict[str, Any]:
    snapshot = snapshot_of(journal, record)
    counts = snapshot.counts
    check = summary(snapshot)
    return {
        "run": record.id,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.started)),
        "state": state_of(journal, record, snapshot),
        "pallet": record.plan.pallet.name,
        "source": record.plan.pallet.source,
        "analysis": record.plan.analysis.name,
        "engine": record.plan.plan.options.engine,
        "backend": record.plan.backend,
        "endpoint": None if (place := record.plan.plan.place) is None else place_name(place),
        "points": snapshot.total,
        "done": counts[TaskState.DONE],
        "failed": counts[TaskState.FAILED],
        "check": {"points": check.done, "agree": check.agree, "differ": check.differ},
        "wall_seconds": snapshot.elapsed,
        "sum_fit_seconds": snapshot.sum_fit_seconds,
        "sum_core_seconds": snapshot.sum_core_seconds,
        "application": record.application,
    }


def _how(row: dict[str, Any]) -> str:
    """``newton``; of a cluster, ``newton, globus``."""
    return str(row["engine"]) + ("" if row["backend"] == "local" else f", {row['backend']}")


def _check_words(check: dict[str, int]) -> str:
    """``2 of 3 agree``; empty where nothing was checked."""
    return f"{check['agree']} of {check['points']} agree" if check["points"] else ""


def _local(started: str | float) -> str:
    """The time on the user's clock."""
    if isinstance(started, str):
        return started.replace("T", " ")
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))
