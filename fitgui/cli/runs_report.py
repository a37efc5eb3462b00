"""``fitgui runs report``: all that is known of a run, in one file for people."""

from __future__ import annotations

from pathlib import Path

import click

from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.history import find_run
from fitgui.cli.journal_reader import JournalReader
from fitgui.cli.output import say
from fitgui.cli.runs_plot import bound_of, make_figures, origin_of
from fitgui.cli.writable import need_writable
from fitgui.figures.others import other_times
from fitgui.runs.plan import RunError
from fitgui.runs.recorded import recorded_run


@click.command("report")
@click.argument("run")
@click.option(
    "--style",
    type=click.Choice(["atlas", "neutral"]),
    default="atlas",
    show_default=True,
    help="The look of the figures.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Ends in .html or .pdf, which says what it becomes.",
)
def report_run(run: str, *, style: str, output: Path) -> None:
    """A report of RUN: what was fitted, where, results, figures, warnings, what to cite.

    The HTML file needs nothing else, and no network; it can be sent, kept and printed.
    """
    if output.suffix.lower() not in (".html", ".htm", ".pdf"):
        raise CommandUsageError(f"{output} ends in neither .html nor .pdf: name one that does with --output")
    need_writable(output)
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        recorded = recorded_run(reader.journal, record)
        others = other_times(reader.journal, record, recorded.snapshot)
    from fitgui.figures.of_run import Wishes  # noqa: PLC0415 -- after all mistakes
    from fitgui.report.content import Material  # noqa: PLC0415
    from fitgui.report.saving import save_report  # noqa: PLC0415

    origin = origin_of(record)
    wishes = Wishes(bound=bound_of(record, recorded.snapshot, run))
    material = Material(
        record,
        recorded.snapshot,
        origin,
        make_figures(recorded, origin.entry, others, wishes),
    )
    try:
        save_report(output, material, style=style)
    except RunError as error:
        raise CommandError(str(error)) from error
    say(f"the report is in {output}")
