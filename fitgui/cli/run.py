"""``fitgui run``: fit the signal points of a pallet, or go on with a run."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from fitgui import words
from fitgui.cli.choice import choose_analysis, choose_measurement, choose_points, open_source
from fitgui.cli.errors import FAILED, INTERRUPTED, OK, CommandError, CommandUsageError, unknown
from fitgui.cli.follow import Outcome, follow
from fitgui.cli.history import find_run
from fitgui.cli.lists import ListCommand
from fitgui.cli.output import is_standard_output, is_terminal, print_json, say
from fitgui.cli.report import MOST_ROWS, how_to_go_on, result_table, summary_line
from fitgui.cli.views import make_views
from fitgui.pallets import Pallet
from fitgui.runs.backends import backend_names, create_backend, default_workers
from fitgui.runs.controller import RunController
from fitgui.runs.export import results_document, write_results
from fitgui.runs.files import check_writable
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.plan import RunError, RunPlan, make_plan
from fitgui.runs.rescue import rescue
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, FitOptions, TaskState
from fitgui_backends.engines import available_engines

_DEFAULTS = FitOptions()
_FIXED = (
    "analysis",
    "measurement",
    "points",
    "patch_sets",
    "engine",
    "backend",
    "tensor_backend",
    "optimizer",
)
"""Options that belong to a run from its start and cannot be changed by going on with it."""

_EXTRAS = {"jax": "jax", "minuit": "iminuit"}


@click.command(cls=ListCommand)
@click.argument("pallet", required=False)
@click.option("--analysis", metavar="NAME", help="Which analysis, if the pallet holds several.")
@click.option("--measurement", metavar="NAME", help="Which measurement defines the POI [default: the first].")
@click.option(
    "--points", metavar="GLOB...", multiple=True, help="Only points whose name matches one of these."
)
@click.option(
    "--patch-set", "patch_sets", metavar="NAME", multiple=True, help="Only points of this patch set."
)
@click.option("--engine", metavar="NAME", help=f"How a point is fitted [default: {_DEFAULTS.engine}].")
@click.option("--backend", metavar="NAME", help="Where points are fitted [default: local].")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Points at once [default: one for each usable core]."
)
@click.option("--tensor-backend", type=click.Choice(["numpy", "jax"]), help="pyhf's tensor library.")
@click.option("--optimizer", type=click.Choice(["scipy", "minuit"]), help="pyhf's minimiser.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help=f"Stop a point that takes longer; 0 waits for ever [default: {_DEFAULTS.timeout_seconds:.0f}].",
)
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
    """Fit the signal points of PALLET.

    PALLET is a path (folder, tar, tar.gz, tgz, tar.xz, zip, JSON) or the word `example`. Ctrl-C stops and
    keeps what is done; --resume goes on.
    """
    if output is not None and is_standard_output(output):
        output, as_json = None, True
    if output is not None:
        try:
            check_writable(output)
        except RunError as error:
            raise CommandUsageError(str(error)) from error
    try:
        resume: str | None = chosen["resume"]
        if resume is None:
            outcome = _start(_new_plan(pallet, chosen), quiet=as_json)
        else:
            given = [name for name in _FIXED if chosen[name] not in (None, ())]
            if given:
                option = "--" + given[0].replace("patch_sets", "patch-set").replace("_", "-")
                raise CommandUsageError(
                    f"{option} belongs to a run from its start: leave it out with --resume"
                )
            outcome = _go_on(resume, pallet, chosen, quiet=as_json)
    except (RunError, JournalError) as error:
        raise CommandError(str(error)) from error
    context.exit(_end(outcome, output, as_json=as_json))


def _new_plan(pallet: str | None, chosen: dict[str, Any]) -> RunPlan:
    """Check everything that was typed before anything is started."""
    if pallet is None:
        raise CommandUsageError("which pallet? give a path, or the word example: `fitgui run example`")
    engine = chosen["engine"] or _DEFAULTS.engine
    if engine not in available_engines():
        raise unknown("engine", engine, available_engines())
    backend = chosen["backend"] or backend_names()[0]
    if backend not in backend_names():
        raise unknown("backend", backend, backend_names())
    for extra in (chosen["tensor_backend"], chosen["optimizer"]):
        if extra in _EXTRAS and find_spec(_EXTRAS[extra]) is None:
            raise CommandUsageError(f"{extra} is not installed: `pip install 'fitgui[{extra}]'`")
    timeout = _DEFAULTS.timeout_seconds if chosen["timeout"] is None else chosen["timeout"] or None
    options = FitOptions(
        engine=engine,
        tensor_backend=chosen["tensor_backend"] or _DEFAULTS.tensor_backend,
        optimizer=chosen["optimizer"] or _DEFAULTS.optimizer,
        timeout_seconds=timeout,
    )
    opened = open_source(pallet)
    analysis = choose_analysis(opened, chosen["analysis"])
    measurement = choose_measurement(analysis, chosen["measurement"])
    points = choose_points(analysis, chosen["points"], chosen["patch_sets"])
    for problem in (*opened.problems, *analysis.problems):
        say(f"note: {problem}")
    workers = chosen["workers"] or default_workers(backend)
    return make_plan(
        opened, analysis, points, options, backend=backend, workers=workers, measurement=measurement
    )


def _start(plan: RunPlan, *, quiet: bool) -> Outcome:
    """Start a run and follow it to its end."""
    journal = _open_journal()
    controller = RunController(
        journal, {plan.backend: create_backend(plan.backend, workers=plan.plan.workers)}
    )
    try:
        views = make_views(plan, quiet=quiet)
        return follow(controller, plan, lambda: controller.start(plan), RunSnapshot(plan.points), views)
    finally:
        controller.close()


def _go_on(name: str, pallet: str | None, chosen: dict[str, Any], *, quiet: bool) -> Outcome:
    """Resume a run and follow it to its end; the machine may be another, so workers and time may change."""
    journal = _open_journal()
    backends: dict[str, Backend] = {}
    controller = RunController(journal, backends)
    try:
        run_id = find_run(journal, name).id
        plan = journal.claim(run_id).plan  # refused at once if it is still going on elsewhere
        plan = plan.adapted(workers=chosen["workers"], timeout_seconds=chosen["timeout"])
        opened = _open_again(plan, name) if pallet is None else open_source(pallet)
        backends[plan.backend] = create_backend(plan.backend, workers=plan.plan.workers)
        before = controller.snapshot(run_id)
        views = make_views(plan, quiet=quiet)

        def resume() -> str:
            return controller.resume(
                run_id, opened, workers=chosen["workers"], timeout_seconds=chosen["timeout"]
            )

        return follow(controller, plan, resume, before, views)
    finally:
        controller.close()


def _open_again(plan: RunPlan, name: str) -> Pallet:
    """The pallet from where it was when the run was started."""
    try:
        return open_source(plan.pallet.source)
    except CommandError as error:
        raise CommandError(
            f"{str(error).rstrip('.')}; if the pallet of this run was moved, give its new path: `fitgui run "
            f"NEW --resume {name}`"
        ) from error


def _open_journal() -> Journal:
    journal = Journal()
    for notice in journal.notices:
        say(notice)
    return journal


def _end(outcome: Outcome, output: Path | None, *, as_json: bool) -> int:
    """Show and write the results; return the exit status."""
    plan, snapshot = outcome.plan, outcome.snapshot
    counts = snapshot.counts
    whole = counts[TaskState.DONE] == snapshot.total and not outcome.output_lost
    status = OK if whole else FAILED
    where = ""
    if output is not None:
        try:
            write_results(output, plan, snapshot)
            where = f"; the results are in {output}"
        except RunError as error:
            say(str(error))
            status = FAILED
    if outcome.reader_gone:
        raise BrokenPipeError
    if as_json:
        print_json(results_document(plan, snapshot))
    elif is_terminal(sys.stdout):
        Console().print(result_table(plan, snapshot))
        if snapshot.total > MOST_ROWS:
            more = words.count(snapshot.total - MOST_ROWS, "more point")
            say(f"{more}: `fitgui runs export {outcome.run_id}` writes them all")
    say(f"run {outcome.run_id}: {summary_line(snapshot)}{where}")
    if counts[TaskState.FAILED]:
        name, why = next((s.name, s.error) for s in snapshot.points.values() if s.state is TaskState.FAILED)
        others = f" ({counts[TaskState.FAILED] - 1} more failed)" if counts[TaskState.FAILED] > 1 else ""
        say(f"{name} failed: {why}{others}")
    if outcome.unwritten:
        if not where and (rescued := rescue(outcome.controller, outcome.run_id)) is not None:
            where = f"; the results are in {rescued}"
        why = outcome.trouble or "it could not be written in time"
        say(f"{outcome.unwritten} events of the run are not in the journal: {why}{where}")
        status = FAILED
    elif hint := how_to_go_on(plan, snapshot, outcome.run_id):
        say(hint)
    return INTERRUPTED if outcome.interrupted else status
