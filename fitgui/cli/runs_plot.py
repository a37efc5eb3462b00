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
from fitgui.cli.reopening import open_again
from fitgui.figures.others import other_times
from fitgui.runs.files import check_writable
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError
from fitgui.runs.recorded import RecordedRun, recorded_run
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_times import RunTimes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fitgui.figures.of_run import RunFigures
    from fitgui.figures.style import Sheet

_WHAT = ("plane", "limits", "cls", "walltime", "yields", "pre-fit", "pulls", "impacts", "correlations")
_OF_A_POINT = _WHAT[4:]
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
    type=click.Choice(_WHAT),
    default="plane",
    show_default=True,
    help="The mass plane; upper limits or CLs along a line; wall times; or of one point: yields (after the "
    "fit), pre-fit, pulls, impacts, correlations.",
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
    try:
        check_writable(output)
    except RunError as error:
        raise CommandUsageError(str(error)) from error
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        recorded = recorded_run(reader.journal, record)
        others = other_times(reader.journal, record, recorded.snapshot) if what == "walltime" else []
    draw = (
        _of_point(recorded, run, what, point)
        if point is not None
        else _of_run(recorded, others, what, run, {"marks": marks, "values": values, "two_sigma": two_sigma})
    )
    from fitgui.figures.saving import save_figure  # noqa: PLC0415 -- after all mistakes

    try:
        save_figure(output, draw, style=style, width=width)
    except RunError as error:
        raise CommandError(str(error)) from error
    say(f"the figure is in {output}")


def _of_run(
    recorded: RecordedRun, others: Sequence[RunTimes], what: str, run: str, wanted: dict[str, Any]
) -> Callable[[Sheet], Figure]:
    from fitgui.figures.of_run import What, Wishes  # noqa: PLC0415
    from fitgui.figures.plane import PlaneOptions  # noqa: PLC0415

    wishes = Wishes(
        plane=PlaneOptions(points=wanted["marks"], two_sigma=wanted["two_sigma"]),
        quantity=wanted["values"],
        bound=bound_of(recorded.record, recorded.snapshot, run) if what == "limits" else None,
    )
    figures = make_figures(recorded, others, wishes)
    return lambda where: figures.draw(What(what), where)


def make_figures(recorded: RecordedRun, others: Sequence[RunTimes] = (), wishes: Any = None) -> RunFigures:
    """What draws the figures of a run."""
    from fitgui.figures.of_run import RunFigures, Wishes  # noqa: PLC0415
    from fitgui.pallets.library.library import Library  # noqa: PLC0415
    from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

    record, pallet = recorded.record, recorded.record.plan.pallet
    entry = provenance(pallet.source, pallet.digest, Library()).entry
    return RunFigures(
        record.id, record.plan, recorded.snapshot, entry, others=others, wishes=wishes or Wishes()
    )


def bound_of(record: RunRecord, snapshot: RunSnapshot, run: str) -> float | None:
    """The largest mu that the measurement allows; asked of the pallet only where a limit is beyond it."""
    limits = [status.result.limits for status in snapshot.points.values() if status.result is not None]
    if all(one is None or None not in (one.obs, *one.exp) for one in limits):
        return None
    with suppress(CommandError):
        pallet = open_again(record.plan, run)
        analysis = next((one for one in pallet.analyses if one.digest == record.plan.analysis.digest), None)
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
