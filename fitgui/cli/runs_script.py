"""``fitgui runs script``: a point of a run as a script for pyhf."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fitgui.cli.errors import CommandError, unknown
from fitgui.cli.history import find_run
from fitgui.cli.journal_reader import JournalReader
from fitgui.cli.output import is_standard_output, say
from fitgui.cli.reopening import open_again
from fitgui.cli.writable import need_writable
from fitgui.runs.files import write_whole
from fitgui.runs.plan import RunError
from fitgui.runs.recorded import snapshot_of


@click.command("script")
@click.argument("run")
@click.argument("point")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the standard output."
)
def script_of_point(run: str, point: str, output: Path | None) -> None:
    """A point of RUN as a Python script that needs nothing but pyhf and jsonpatch.

    It reads the pallet, fits POINT with the options of the run, and prints CLs, observed and expected, beside
    what the run found.
    """
    if output is not None and not is_standard_output(output):
        need_writable(output)
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        snapshot = snapshot_of(reader.journal, record)
    if point not in snapshot.points:
        raise unknown("point", point, list(snapshot.points), where=f" in run {record.id}")
    pallet = open_again(record.plan, run)
    from fitgui.pallets.library.library import Library  # noqa: PLC0415 -- not for a mistyped name
    from fitgui.takeaway.script import make_script  # noqa: PLC0415
    from fitgui.takeaway.script_of_run import script_point  # noqa: PLC0415
    from fitgui_backends.engines.base import FitError  # noqa: PLC0415

    try:
        result = snapshot.points[point].result
        about = script_point(record.plan, pallet, point, result, run=record.id, library=Library())
        write_script(make_script(about), output)
    except (RunError, FitError) as error:
        raise CommandError(str(error)) from error


def write_script(text: str, output: Path | None) -> None:
    """Where it was asked for.

    Raises:
        RunError: if it cannot be written.
    """
    if output is None or is_standard_output(output):
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    write_whole(output, text)
    say(f"the script is in {output}: run it with `python {output}`")
