"""What every command shares that starts runs: where points are fitted, and staying until the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fitgui.cli.backends_common import settings_of_clusters
from fitgui.cli.backends_where import place_name
from fitgui.cli.ending import Ending
from fitgui.cli.errors import CommandUsageError
from fitgui.cli.follow import follow, follow_check
from fitgui.cli.interrupts import Interrupts
from fitgui.cli.numbers import Whole
from fitgui.cli.output import say
from fitgui.cli.views import make_views
from fitgui.runs.controller import RunController
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, ClusterBackend, Place

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--backend", metavar="NAME", help="Where points are fitted: local, globus or parsl [default: local]."
    ),
    click.option(
        "--endpoint",
        metavar="NAME|ID",
        help="Of a cluster: an endpoint of globus; slurm or local for parsl [default: the one used last].",
    ),
    click.option(
        "--set",
        "given",
        metavar="NAME=VALUE...",
        multiple=True,
        help="Options of the endpoint, as `fitgui backends options` lists them: max_blocks=4 account=atlas. "
        "They are kept for the next run.",
    ),
    click.option(
        "--workers",
        type=Whole(1),
        metavar="N",
        help="Processes of this machine that fit at once [default: one for each usable core].",
    ),
)


def place_options(command: _Command) -> _Command:
    """Give a command the options that say where points are fitted."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refuse_workers(backend: Backend, name: str, workers: int | None) -> None:
    """Processes of this machine say nothing to a cluster.

    Raises:
        CommandUsageError: if they were asked for there.
    """
    if workers is not None and isinstance(backend, ClusterBackend):
        raise CommandUsageError(
            f"--workers counts processes of this machine and says nothing to {name}: leave it out, and tell "
            "how much of the cluster is wanted with --set max_blocks=N"
        )


def remember_place(name: str, place: Place | None) -> None:
    """Keep where a run was started, for the next; that this fails is no reason to stop a run."""
    if place is None:
        return
    try:
        settings_of_clusters().remember(name, place)
    except RunError as error:
        say(f"{place_name(place)} is not remembered for the next run: {error}")


def follow_to_the_end(
    controller: RunController,
    plan: RunPlan,
    begin: Callable[[], str],
    before: RunSnapshot,
    ending: Ending,
) -> int:
    """Follow a run, show its results, and then its check, if one was asked for; return the exit status.

    Args:
        controller: of this process; closed before the results are shown.
        plan: of the run.
        begin: starts or resumes it; returns its name.
        before: how it stood.
        ending: shows what it comes to.
    """
    views = make_views(plan, quiet=ending.quiet)
    with Interrupts() as interrupts:
        outcome = follow(controller, plan, begin, before, views, interrupts=interrupts)
        if not (outcome.interrupted or outcome.reader_gone) and controller.is_checking(outcome.run_id):
            # Counted on from the run to the last word about the check: it says that Ctrl-C ends the check.
            status = ending.show_first(outcome)
            outcome = follow_check(outcome, ending.tell_checked, interrupts)
            controller.close()
            return ending.show_check(outcome, status)
    controller.close()
    return ending.show(outcome)
