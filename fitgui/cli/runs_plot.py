"""``fitgui runs plot``: figures of a run for papers and talks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.history import find_run
from fitgui.cli.journal_reader import JournalReader
from fitgui.cli.output import say
from fitgui.cli.plot_line import line_asked, read_table
from fitgui.cli.reopening import open_again
from fitgui.cli.writable import need_writable
from fitgui.figures.others import other_times
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError
from fitgui.runs.recorded import RecordedRun, recorded_run
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_times import RunTimes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fitgui.figures.of_run import RunFigures, Wishes
    from fitgui.figures.style import Sheet
    from fitgui.pallets.published import Entry
    from fitgui.takeaway.provenance import Provenance

_OF_A_RUN = ("plane", "limits", "cross-section", "cls", "walltime", "workers")
_OF_A_POINT = ("yields", "pre-fit", "pulls", "impacts", "correlations", "cls-vs-mu")
_ALONG_A_LINE = ("limits", "cross-section", "cls")
_WIDTHS = {"column": 86.0, "page": 178.0, "slide": 254.0}


def millimetres(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    """A width in millimetres, or a word for one.

    Raises:
        click.BadParameter: if it is neither.
    """
    text = value.strip().lower()
    if text in _WIDTHS:
        return _WIDTHS[text]
    matched = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:mm)?", text)
    if matched is None or not 60.0 <= float(matched[1]) <= 600.0:
        raise click.BadParameter(f"{value} is no width: say column, page, slide, or 60 to 600 mm")
    return float(matched[1])


@click.command("plot")
@click.argument("run")
@click.option(
    "--what",
    type=click.Choice(_OF_A_RUN + _OF_A_POINT),
    default="plane",
    show_default=True,
    help="The mass plane; upper limits on mu or on the cross section, or CLs, along a line; wall times; what "
    "the workers did; or of one point: yields (after the fit), pre-fit, pulls, impacts, correlations, CLs "
    "against mu.",
)
@click.option("--point", metavar="NAME", help="The point, for what is of one.")
@click.option(
    "--style",
    type=click.Choice(["atlas", "neutral"]),
    default="atlas",
    show_default=True,
    help="The look: as ATLAS has it (nothing claims to be of ATLAS), or a plain one.",
)
@click.option(
    "--width",
    callback=millimetres,
    default="page",
    show_default=True,
    metavar="MM",
    help="Or column, page, slide.",
)
@click.option(
    "--marks",
    type=click.Choice(["marks", "numbers", "colours", "nothing"]),
    default="marks",
    show_default=True,
    help="Of the points in the plane.",
)
@click.option(
    "--values", type=click.Choice(["cls", "limit"]), default="cls", show_default=True, help="For --marks."
)
@click.option(
    "--line",
    multiple=True,
    metavar="NAME=VALUE",
    help="Where the line lies: the value of a coordinate that does not run along it, as m2=0; repeatable.",
)
@click.option(
    "--cross-sections",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table of mass, cross section, uncertainty (CSV, text, JSON), for --what cross-section. The limit "
    "holds if the signal was normalised to these, branching fraction included.",
)
@click.option("--two-sigma", is_flag=True, help="The plane also with the band of two sigma.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Ends in .pdf, .svg or .png, which says what it becomes.",
)
def plot_run(
    run: str,
    *,
    what: str,
    point: str | None,
    style: str,
    width: float,
    marks: str,
    values: str,
    two_sigma: bool,
    line: tuple[str, ...],
    cross_sections: Path | None,
    output: Path,
) -> None:
    """A figure of RUN as PDF, SVG or PNG, with embedded fonts; the same run gives the same file."""
    kind = output.suffix.lower().removeprefix(".")
    if kind not in ("pdf", "svg", "png"):
        raise CommandUsageError(
            f"{output} ends in none of .pdf, .svg, .png: name one that does with --output"
        )
    if (point is None) == (what in _OF_A_POINT):
        raise CommandUsageError(
            f"--what {what} is of one point: name it with --point"
            if point is None
            else f"--what {what} has no --point"
        )
    _check_line(what, line, cross_sections)
    _check_values(what, values, marks)
    table = read_table(cross_sections)
    need_writable(output)
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        recorded = recorded_run(reader.journal, record)
        others = other_times(reader.journal, record, recorded.snapshot) if what == "walltime" else []
    along, at = line_asked(record.plan, line)
    wanted = {"marks": marks, "values": values, "two_sigma": two_sigma}
    wanted |= {"along": along, "at": at, "table": table}
    draw = (
        _of_point(recorded, run, what, point)
        if point is not None
        else _of_run(recorded, others, what, run, wanted)
    )
    from fitgui.figures.saving import save_figure  # noqa: PLC0415 -- after all mistakes

    try:
        save_figure(output, draw, style=style, width=width)
    except RunError as error:
        raise CommandError(str(error)) from error
    say(f"the figure is in {output}")


def _check_values(what: str, values: str, marks: str) -> None:
    """Options that would change nothing are refused.

    Raises:
        CommandUsageError: in one sentence.
    """
    if values == "limit" and what == "plane" and marks not in ("numbers", "colours"):
        raise CommandUsageError("--values limit is for numbers or colours: say which with --marks")


def _check_line(what: str, line: tuple[str, ...], cross_sections: Path | None) -> None:
    """Options that would change nothing are refused.

    Raises:
        CommandUsageError: in one sentence.
    """
    if line and what not in _ALONG_A_LINE:
        raise CommandUsageError(f"--what {what} is along no line: leave --line out, or say --what limits")
    if what == "cross-section" and cross_sections is None:
        raise CommandUsageError("--what cross-section needs a table: name one with --cross-sections")
    if what != "cross-section" and cross_sections is not None:
        raise CommandUsageError(
            f"--what {what} needs no cross sections: leave them out, or say --what cross-section"
        )


def _of_run(
    recorded: RecordedRun, others: Sequence[RunTimes], what: str, run: str, wanted: dict[str, Any]
) -> Callable[[Sheet], Figure]:
    from fitgui.figures.of_run import What, Wishes  # noqa: PLC0415
    from fitgui.figures.plane import PlaneOptions  # noqa: PLC0415

    wishes = Wishes(
        plane=PlaneOptions(points=wanted["marks"], two_sigma=wanted["two_sigma"]),
        quantity=wanted["values"],
        bound=bound_of(recorded.record, recorded.snapshot, run)
        if what in ("limits", "cross-section")
        else None,
        along=wanted["along"],
        at=wanted["at"],
        table=wanted["table"],
    )
    figures = make_figures(recorded, origin_of(recorded.record).entry, others, wishes)
    return lambda where: figures.draw(What(what), where)


def origin_of(record: RunRecord) -> Provenance:
    """Where the pallet of a run is from; looks into the library."""
    from fitgui.pallets.library.library import Library  # noqa: PLC0415
    from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

    return provenance(record.plan.pallet.source, record.plan.pallet.digest, Library())


def make_figures(
    recorded: RecordedRun, entry: Entry | None, others: Sequence[RunTimes], wishes: Wishes
) -> RunFigures:
    """What draws the figures of a run; ``entry`` is the published likelihood that it is of."""
    from fitgui.figures.of_run import RunFigures  # noqa: PLC0415

    record = recorded.record
    return RunFigures(record.id, record.plan, recorded.snapshot, entry, others=others, wishes=wishes)


def bound_of(record: RunRecord, snapshot: RunSnapshot, run: str) -> float | None:
    """The largest mu that the measurement allows; asked of the pallet only where a limit is beyond it."""
    limits = [status.result.limits for status in snapshot.points.values() if status.result is not None]
    if all(one is None or None not in (one.obs, *one.exp) for one in limits):
        return None
    with suppress(CommandError):
        analysis = record.plan.analysis_in(open_again(record.plan, run))
        if analysis is not None:
            from fitgui.pallets.poi import largest_mu  # noqa: PLC0415

            return largest_mu(analysis, record.plan.measurement)
    return None


def _of_point(recorded: RecordedRun, run: str, what: str, name: str) -> Callable[[Sheet], Figure]:
    """Fit the point again, with all that a figure of it needs."""
    plan = recorded.record.plan
    if name not in plan.points:
        raise unknown("point", name, plan.points, where=f" in run {recorded.record.id}")
    pallet = open_again(plan, run)
    from fitgui.figures.of_point import PointPart, point_drawing  # noqa: PLC0415
    from fitgui_backends.engines.base import FitError  # noqa: PLC0415

    try:
        return point_drawing(plan, pallet, name, PointPart(what))
    except (FitError, RunError) as error:
        raise CommandError(f"{name}: {error}") from error
