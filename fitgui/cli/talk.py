"""``fitgui talk``: recorded runs on the whole screen, in large type."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fitgui import words
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.history import find_run
from fitgui.cli.main import TalkWish, open_talk
from fitgui.cli.output import say
from fitgui.runs.journal import Journal, JournalError, RunRecord
from fitgui.runs.recorded import snapshot_of
from fitgui_backends.contract import TaskState

MOST_RUNS = 6
"""As many as there is room for, one below the other, in letters that the last row reads."""
_POSITIVE = click.FloatRange(min=0.0, min_open=True, max=1e6)


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--speed", type=_POSITIVE, metavar="X", help="Replay X times as fast; 1 is true.")
@click.option("--seconds", type=_POSITIVE, metavar="N", help="Replay at the speed that takes N seconds.")
@click.option("--dark/--light", default=None, help="By default as the desktop is.")
@click.option("--windowed", is_flag=True, help="In a window of 1280 × 720 instead of the whole screen.")
@click.pass_context
def command(
    context: click.Context,
    runs: tuple[str, ...],
    *,
    speed: float | None,
    seconds: float | None,
    dark: bool | None,
    windowed: bool,
) -> None:
    """Show RUN on the whole screen, in large type: for a talk.

    RUN is a name from `fitgui runs list`, its beginning, or `last`, which is the default. The mass plane of
    the first fills again as it did; several runs of one analysis race each other. Nothing is fitted and
    nobody is asked: no network and no cluster is needed.

    Keys: right and left, as presenters send them, turn the page; Space pauses, goes on and starts again; +
    and - change the speed, 1 makes it true; Esc leaves.
    """
    if speed is not None and seconds is not None:
        raise CommandUsageError("--speed and --seconds contradict each other: leave one out")
    wish = TalkWish(
        runs=_chosen(runs or ("last",)),
        speed=speed,
        seconds=seconds,
        look=None if dark is None else "dark" if dark else "light",
        windowed=windowed,
    )
    context.exit(open_talk(context, wish))


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The whole names of the runs that were asked for, each once.

    Raises:
        CommandUsageError: if one of them is not known, has nothing to show, or does not fit to the others.
        CommandError: if the journal cannot be read.
    """
    try:
        journal = Journal()
        try:
            for notice in journal.notices:
                say(notice)
            records = {record.id: record for record in (find_run(journal, name) for name in names)}
            for record in records.values():
                if not snapshot_of(journal, record).counts[TaskState.DONE]:
                    raise CommandUsageError(
                        f"run {record.id} has no results to show: choose another of `fitgui runs list`"
                    )
        finally:
            journal.close()
    except JournalError as error:
        raise CommandError(str(error)) from error
    _refuse_strangers(list(records.values()))
    return tuple(records)


def _refuse_strangers(records: Sequence[RunRecord]) -> None:
    """Runs race each other only within one analysis; what else differs their lanes say."""
    if len(records) > MOST_RUNS:
        raise CommandUsageError(
            f"{words.count(len(records), 'run')} do not fit on a screen: choose {MOST_RUNS} or fewer"
        )
    first = records[0]
    for record in records[1:]:
        if record.plan.analysis.digest != first.plan.analysis.digest:
            raise CommandUsageError(
                f"runs {first.id} and {record.id} are of different analyses "
                f"({_name(first)}, {_name(record)}): only runs of one analysis can race each other"
            )


def _name(record: RunRecord) -> str:
    return f"{record.plan.pallet.name} {record.plan.analysis.name}"
