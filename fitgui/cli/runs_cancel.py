"""``fitgui runs cancel``: end a run that goes on at a cluster, though nobody follows it any more."""

from __future__ import annotations

import click

from fitgui import words
from fitgui.cli.backends_common import make_backend
from fitgui.cli.backends_where import make_ready, place_name
from fitgui.cli.errors import CommandError
from fitgui.cli.history import find_run
from fitgui.cli.output import print_json, say
from fitgui.cli.reopening import open_again, open_journal
from fitgui.runs.controller import RunController
from fitgui.runs.journal import JournalError
from fitgui.runs.plan import RunError
from fitgui.runs.receipts import open_tasks
from fitgui_backends.contract import Backend, ClusterBackend, TaskState

_SECONDS = 60.0
"""Discarding is our own state, so it takes no longer than the journal."""
_TELLING_SECONDS = 20.0
"""For the service to take the request by which workers are told to stop."""


@click.command("cancel")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def cancel_run(run: str, as_json: bool) -> None:
    """End RUN at the cluster where it goes on: what is done is kept, all else is discarded.

    Workers that have points of it now are told to stop before their next one.
    """
    try:
        found, cancelled, done, where = _cancel(run)
    except (RunError, JournalError) as error:
        raise CommandError(str(error)) from error
    if as_json:
        print_json({"run": found, "cancelled": cancelled, "done": done, "endpoint": where})
        return
    say(f"run {found}: {words.count(cancelled, 'point')} cancelled at {where}, {done} done and kept")
    say(f"fit what is missing with: fitgui run --resume {found}")


def _cancel(name: str) -> tuple[str, int, int, str]:
    """The run, how many points were cancelled, how many are done, and where it was."""
    from fitgui_backends.remote.backend import RemoteBackend  # noqa: PLC0415 -- not for a look at earlier runs

    journal = open_journal()
    backends: dict[str, Backend] = {}
    controller = RunController(journal, backends)
    try:
        run_id = find_run(journal, name).id
        plan = journal.claim(run_id).plan  # refused at once if a fitgui that is alive follows it
        tasks = open_tasks(journal.events(run_id))
        if not tasks or plan.plan.place is None:
            raise CommandError(f"run {run_id} has nothing at a cluster, so there is nothing to cancel")
        backend = make_backend(plan.backend, engine=plan.plan.options.engine)
        backends[plan.backend] = backend
        if not isinstance(backend, ClusterBackend) or not backend.capabilities.survives_client_exit:
            raise CommandError(
                f"run {run_id} ended with the fitgui that followed it, so there is nothing to cancel"
            )
        make_ready(backend)
        opened = open_again(plan, name)
        notices = len(controller.snapshot(run_id).notices)
        controller.resume(run_id, opened)
        controller.cancel(run_id)
        if not controller.wait(run_id, _SECONDS):
            raise CommandError(f"run {run_id} could not be cancelled in time: try again")
        if isinstance(backend, RemoteBackend) and not backend.settle(_TELLING_SECONDS):
            say("the service did not answer, so workers may not be told to stop: they end with their tasks")
        snapshot = controller.snapshot(run_id)
        for notice in snapshot.notices[notices:]:
            say(notice.text)
        counts = snapshot.counts
        return run_id, counts[TaskState.CANCELLED], counts[TaskState.DONE], place_name(plan.plan.place)
    finally:
        controller.close()
