"""``fitgui run``: fit the signal points of a pallet, or go on with a run."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from fitgui.cli.asked import FIXED, asked_check, asked_options, fit_options
from fitgui.cli.backends_common import make_backend
from fitgui.cli.backends_where import choose_place, make_ready
from fitgui.cli.choice import (
    choose_analysis,
    choose_measurement,
    choose_points,
    find_source,
    open_source,
)
from fitgui.cli.ending import Ending
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.following import follow_to_the_end, place_options, refuse_workers, remember_place
from fitgui.cli.history import find_run
from fitgui.cli.lists import ListCommand
from fitgui.cli.main import PALLET_HELP
from fitgui.cli.output import is_standard_output, say
from fitgui.cli.reopening import open_again, open_journal
from fitgui.cli.writable import need_writable
from fitgui.pallets.finding import Found
from fitgui.pallets.poi import poi_problem
from fitgui.runs.backends import backend_names, default_workers
from fitgui.runs.controller import RunController
from fitgui.runs.journal import JournalError
from fitgui.runs.plan import Check, RunError, RunPlan, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, ClusterBackend, FitOptions, Place, TaskState

_FIXED = ("analysis", "measurement", "points", "patch_sets", "backend", "endpoint", "given", *FIXED)
"""Options that belong to a run from its start and cannot be changed by going on with it."""
_CALLED = {"patch_sets": "patch-set", "given": "set"}


class RunCommand(ListCommand):
    """A command whose ``--points`` and ``--set`` go on until the next option."""

    lists = ("--points", "--set")


@click.command(
    cls=RunCommand,
    help=f"""Fit the signal points of PALLET.

    {PALLET_HELP} Ctrl-C stops and keeps what is done; --resume goes on. With --backend globus the run goes on
    at its endpoint after Ctrl-C, and --resume fetches the results.""",
)
@click.argument("pallet", required=False)
@click.option("--analysis", metavar="NAME", help="Which analysis, if the pallet holds several.")
@click.option("--measurement", metavar="NAME", help="Which measurement defines the POI [default: the first].")
@click.option(
    "--points", metavar="GLOB...", multiple=True, help="Only points whose name matches one of these."
)
@click.option(
    "--patch-set", "patch_sets", metavar="NAME", multiple=True, help="Only points of this patch set."
)
@fit_options
@place_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the results to this file: JSON, or a table if it ends in .csv; - is the same as --json.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Go on with every point of this run (or of the `last`) that has no result.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, and nothing else.")
@click.pass_context
def command(
    context: click.Context, /, pallet: str | None, output: Path | None, as_json: bool, **chosen: Any
) -> None:
    """Start a run, or go on with one."""
    if output is not None and is_standard_output(output):
        output, as_json = None, True
    if output is not None:
        need_writable(output)
    try:
        resume: str | None = chosen["resume"]
        ending = Ending(output, as_json=as_json)
        if resume is None:
            status = _start(pallet, chosen, ending)
        else:
            given = [name for name in _FIXED if chosen[name] not in (None, ())]
            if given:
                option = "--" + _CALLED.get(given[0], given[0]).replace("_", "-")
                raise CommandUsageError(
                    f"{option} belongs to a run from its start: leave it out with --resume"
                )
            status = _go_on(resume, pallet, chosen, ending)
    except (RunError, JournalError) as error:
        raise CommandError(str(error)) from error
    context.exit(status)


def _start(pallet: str | None, chosen: dict[str, Any], ending: Ending) -> int:
    """Start a run and follow it to its end; return the exit status.

    What was typed is checked first, as far as that goes without the pallet. Workers start while it is read.
    """
    if pallet is None:
        raise CommandUsageError(
            "which pallet? give a path, a DOI, a name from the library, or the word example: "
            "`fitgui run example`"
        )
    options = asked_options(chosen)
    check = asked_check(chosen)
    name = chosen["backend"] or backend_names()[0]
    with ExitStack() as stack:
        workers = chosen["workers"] or (default_workers(name) if name in backend_names() else None)
        backend = make_backend(name, workers=workers, engine=options.engine)
        stack.callback(backend.close)
        refuse_workers(backend, name, chosen["workers"])
        found = find_source(pallet)
        # A few points out of many may not need every worker, and a download may take minutes.
        if isinstance(backend, ClusterBackend) or (not chosen["points"] and found.path is not None):
            backend.warm_up()
        place = choose_place(name, backend, chosen["endpoint"], chosen["given"])
        plan = _new_plan(found, chosen, options, backend=name, workers=workers, place=place, check=check)
        controller = RunController(open_journal(), {name: backend})
        stack.callback(controller.close)

        def start() -> str:
            run_id = controller.start(plan)
            remember_place(name, place)
            return run_id

        return follow_to_the_end(controller, plan, start, RunSnapshot(plan.points), ending)


def _new_plan(
    found: Found,
    chosen: dict[str, Any],
    options: FitOptions,
    *,
    backend: str,
    workers: int | None,
    place: Place | None,
    check: Check | None,
) -> RunPlan:
    """Open the pallet and find in it what was typed."""
    opened = open_source(found)
    analysis = choose_analysis(opened, chosen["analysis"])
    measurement = choose_measurement(analysis, chosen["measurement"])
    points = choose_points(analysis, chosen["points"], chosen["patch_sets"])
    if (problem := poi_problem(analysis, points, measurement)) is not None:
        raise CommandUsageError(problem.rstrip("."))
    for problem in (*opened.problems, *analysis.problems):
        say(f"note: {problem}")
    return make_plan(
        opened,
        analysis,
        points,
        options,
        backend=backend,
        workers=workers,
        place=place,
        measurement=measurement,
        check=check,
    )


def _go_on(name: str, pallet: str | None, chosen: dict[str, Any], ending: Ending) -> int:
    """Resume a run and follow it to its end; the machine may be another, so workers and time may change."""
    check = asked_check(chosen)
    journal = open_journal()
    backends: dict[str, Backend] = {}
    controller = RunController(journal, backends)
    try:
        run_id = find_run(journal, name).id
        plan = journal.claim(run_id).plan  # refused at once if it is still going on elsewhere
        plan = plan.adapted(workers=chosen["workers"], timeout_seconds=chosen["timeout"])
        workers = plan.plan.workers
        backend = make_backend(plan.backend, workers=workers, engine=plan.plan.options.engine)
        backends[plan.backend] = backend
        refuse_workers(backend, plan.backend, chosen["workers"])
        before = controller.snapshot(run_id)
        if before.total - before.counts[TaskState.DONE] >= (workers or 1):
            backend.warm_up()
            if isinstance(backend, ClusterBackend):
                make_ready(backend)
        opened = open_again(plan, name) if pallet is None else open_source(pallet)
        if plan.analysis.own_signal:
            from fitgui.cli.reinterpret_resumed import ResumedSignals  # noqa: PLC0415 -- seldom needed

            ending = ResumedSignals(plan, opened, ending.output, as_json=ending.as_json)

        def resume() -> str:
            return controller.resume(
                run_id,
                opened,
                workers=chosen["workers"],
                timeout_seconds=chosen["timeout"],
                check=check,
            )

        return follow_to_the_end(controller, plan, resume, before, ending)
    finally:
        controller.close()
