"""The figures of a run: what of it is drawn, from what the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from fitgui import words
from fitgui.exclusion.contours import find_exclusion
from fitgui.exclusion.cross_sections import CrossSections
from fitgui.exclusion.line_choice import PointLine, choose_line, place_of
from fitgui.exclusion.line_limits import NORMALISATION, LineLimits, Quantity, line_limits, on_cross_section
from fitgui.exclusion.model import AxisChoice, Exclusion, Method
from fitgui.exclusion.points import ASYMPTOTIC, plane_points, with_toys
from fitgui.figures.captions import CONFIDENCE, caption_of
from fitgui.figures.colours import ColourScale
from fitgui.figures.left_out import left_out_of
from fitgui.figures.line import line_figure
from fitgui.figures.plane import (
    PlaneOptions,
    PlaneOverlay,
    PlaneWords,
    PointValues,
    plane_figure,
    values_of,
    values_picked,
)
from fitgui.figures.style import Sheet
from fitgui.figures.text import Text, plain
from fitgui.figures.wall import wall_figure
from fitgui.figures.workers import workers_figure
from fitgui.pallets.model import Coordinate, SignalPoint
from fitgui.pallets.plane import Axis, PlaneData, axis_of, plane_of, preferred_axes
from fitgui.pallets.published import Entry
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.published_times import published_times
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui.runs.wall_bars import bars_of, curve_of
from fitgui.runs.wall_times import RunTimes, times_of
from fitgui_backends.results import FitResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORBIDDEN = Text("kinematically forbidden")


class What(StrEnum):
    """A figure of a run as a whole."""

    PLANE = "plane"
    LIMITS = "limits"
    CLS = "cls"
    """Along a line, as ``LIMITS``."""
    CROSS_SECTION = "cross-section"
    """Limits on it along a line."""
    WALL_TIME = "walltime"
    WORKERS = "workers"
    """What each did when, and where the wall time went."""


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """A number of each result, for the colours or the numbers at the points of the plane."""

    title: str
    pick: Callable[[FitResult], float | None]
    """``None`` where a result does not have it."""
    write: Callable[[float], str]
    logarithmic: bool = False
    scale: ColourScale | None = None
    """``None`` spans the values that there are."""


@dataclass(frozen=True, slots=True, eq=False)
class PointsOnShow:
    """The points of an analysis with the results of more than one run."""

    points: Sequence[SignalPoint]
    statuses: Mapping[str, PointStatus]
    """By name, as far as there are any."""
    runs: Sequence[str]
    """Whose results they are."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the plane and the line are drawn; empty means what is usual."""

    x: str = ""
    """A coordinate, or a difference of two."""
    y: str = ""
    axis: AxisChoice | None = None
    method: Method = "linear"
    plane: PlaneOptions = field(default_factory=PlaneOptions)
    quantity: str = "cls"
    """Of the numbers or colours at points: ``cls`` or ``limit``."""
    colouring: Colouring | None = None
    """Another quantity than these."""
    overlays: Sequence[PlaneOverlay] = ()
    """What the contours are compared with."""
    along: str = ""
    """The coordinate that runs along the line."""
    at: Mapping[str, Coordinate] = field(default_factory=dict)
    """The values of other coordinates on the line."""
    patch_set: str = ""
    """Whose points the line is of, where those of several share their places."""
    table: CrossSections | None = None
    """For limits on the cross section."""
    mass: str = ""
    """The coordinate that the table goes by; the first one of numbers where it is empty."""
    bound: float | None = None
    """The largest mu that the measurement allows, if that is known."""


class RunFigures:
    """Draws the figures of one run, each within a :func:`~fitgui.figures.style.sheet`.

    Args:
        run_id: the name of the run.
        plan: what it was asked to do.
        snapshot: how it stands.
        entry: the published likelihood that its pallet is of; ``None`` where that is not known.
        others: runs of the same analysis, for wall times.
        wishes: how things are drawn.
        on_show: the results for plane and lines, where they are of more runs than this one.
    """

    def __init__(
        self,
        run_id: str,
        plan: RunPlan,
        snapshot: RunSnapshot,
        entry: Entry | None,
        *,
        others: Sequence[RunTimes] = (),
        wishes: Wishes = Wishes(),
        on_show: PointsOnShow | None = None,
    ) -> None:
        self.run_id, self.plan, self.snapshot, self.entry = run_id, plan, snapshot, entry
        self.others, self.wishes = others, wishes
        self._points = plan.places()
        self._statuses: Mapping[str, PointStatus] = snapshot.points
        self._about: tuple[Text, ...] = ()
        if on_show is not None:
            self._points, self._statuses = list(on_show.points), on_show.statuses
            if len(on_show.runs) > 1:
                self._about = (Text(f"Results of {words.count(len(on_show.runs), 'run')}"),)
        self._notation = {item.label: item for item in entry.notation} if entry is not None else {}

    @property
    def possible(self) -> tuple[What, ...]:
        """Which figures there is something to draw in."""
        found = []
        if self._results:
            labels = self.plan.analysis.labels
            if self._plane_labels is not None:
                found.append(What.PLANE)
            if labels and self._line is not None:
                if any(r.limits is not None for r in self._results.values()):
                    found += [What.LIMITS, *([What.CROSS_SECTION] if self.wishes.table is not None else [])]
                found.append(What.CLS)
        if self.snapshot.elapsed > 0 and self._results:
            found.append(What.WALL_TIME)
        return (*found, What.WORKERS) if len(self.snapshot.timeline) else tuple(found)

    def draw(self, what: What, sheet: Sheet) -> Figure:
        """One figure.

        Raises:
            RunError: if the run has nothing to draw in it, in one sentence.
        """
        draw: dict[What, Callable[[Sheet], Figure]] = {
            What.PLANE: self._draw_plane,
            What.LIMITS: lambda where: self._draw_line(where, self.line_of("mu")),
            What.CLS: lambda where: self._draw_line(where, self.line_of("cls")),
            What.CROSS_SECTION: lambda where: self._draw_line(where, self.line_of("sigma")),
            What.WALL_TIME: self._draw_wall,
            What.WORKERS: self._draw_workers,
        }
        if what is not What.WORKERS and not self._results:
            raise RunError(
                f"run {self.run_id} has no results to draw: choose another of `fitgui runs list`, "
                "or go on with it"
            )
        return draw[what](sheet)

    @property
    def empty(self) -> bool:
        """Whether no point has a result."""
        return not self._results

    @cached_property
    def exclusion(self) -> tuple[PlaneData, AxisChoice, Exclusion]:
        """The plane with its contours.

        Raises:
            RunError: if the points have no two coordinates.
        """
        chosen = self._plane_labels
        if chosen is None:
            raise RunError(
                f"the points of {self.plan.analysis.name} have no two coordinates that are "
                "numbers, so there is no plane: choose limits or walltime"
            )
        plane = plane_of(self._points, *chosen, self._notation)
        axis = self.wishes.axis or AxisChoice(allowed=plane.allowed)
        results = [self._results.get(name) for name in plane.names]
        points = plane_points(plane.names, plane.x.values, plane.y.values, results)
        return plane, axis, find_exclusion(points, axis, self.wishes.method)

    def line_of(self, quantity: Quantity) -> LineLimits:
        """Numbers along the line that was asked for, else that at the smallest values of other coordinates.

        Args:
            quantity: ``mu``, ``sigma`` or ``cls``.

        Raises:
            RunError: if there is no line, or no limit.
        """
        line = self._line
        if line is None:
            raise RunError(
                f"the points of {self.plan.analysis.name} lie on no line: choose plane or walltime"
            )
        if quantity != "cls" and not any(result.limits is not None for result in self._results.values()):
            raise RunError(
                f"run {self.run_id} has no upper limits: fit it with limits, or choose plane or cls"
            )
        table = self.wishes.table
        if quantity == "sigma" and table is None:
            raise RunError("a limit on the cross section needs a table of cross sections: name one")
        axes = {label: axis_of(self._points, label, self._notation) for label in self.plan.analysis.labels}
        axis = axes[line.label]
        found = line_limits(
            line,
            self._results,
            "cls" if quantity == "cls" else "mu",
            bound=self.wishes.bound,
            title=axis.title,
            unit=axis.unit,
            place=place_of(line, axes),
        )
        if quantity != "sigma" or table is None:
            return found
        mass = self.wishes.mass or next((label for label in axes if not axes[label].words), "")
        found = on_cross_section(found, table, line.values_of(mass))
        if found.theory is None or not found.theory.positions.size:
            raise RunError(f"{table.name} has cross sections for no point of this line, going by {mass}")
        return found

    @cached_property
    def _results(self) -> dict[str, FitResult]:
        statuses = self._statuses.items()
        return {name: status.result for name, status in statuses if status.result is not None}

    @cached_property
    def _plane_labels(self) -> tuple[str, str] | None:
        labels = [
            label
            for label in self.plan.analysis.labels
            if not any(isinstance(point.values.get(label), str) for point in self._points)
        ]
        if self.wishes.x and self.wishes.y:
            return self.wishes.x, self.wishes.y
        return preferred_axes(self._points, labels) if len(labels) >= 2 else None

    @cached_property
    def _line(self) -> PointLine | None:
        wishes = self.wishes
        labels = self.plan.analysis.labels
        left = [label for label in labels if label not in wishes.at]
        first = wishes.along or (wishes.x if wishes.x in left else next(iter(left), ""))
        return choose_line(self._points, labels, first, wishes.at, wishes.patch_set) if first else None

    def _draw_plane(self, sheet: Sheet) -> Figure:
        plane, axis, exclusion = self.exclusion
        toys = (Text(ASYMPTOTIC),) if with_toys(self._results.values()) else ()
        caption = caption_of(self.plan, self.entry, CONFIDENCE, *self._about, *toys)
        axis_words = PlaneWords(title_of(plane.x), title_of(plane.y), FORBIDDEN)
        values = self._values(exclusion)
        return plane_figure(
            sheet,
            exclusion,
            axis_words,
            caption,
            axis=axis,
            values=values,
            options=self.wishes.plane,
            left_out=left_out_of(plane, exclusion.points, self._statuses),
            overlays=self.wishes.overlays,
        )

    def _values(self, exclusion: Exclusion) -> PointValues | None:
        if self.wishes.quantity == "limit" and not any(r.limits is not None for r in self._results.values()):
            raise RunError(
                f"run {self.run_id} has no upper limits to show at its points: fit it with limits, or choose "
                "the values cls"
            )
        if self.wishes.plane.points in ("nothing", "marks"):
            return None
        colouring = self.wishes.colouring
        if colouring is not None:
            picked = {name: colouring.pick(result) for name, result in self._results.items()}
            return values_picked(
                Text(colouring.title),
                exclusion.points.names,
                picked,
                logarithmic=colouring.logarithmic,
                write=colouring.write,
                scale=colouring.scale,
            )
        if self.wishes.quantity == "limit":
            limits = {name: None if r.limits is None else r.limits.obs for name, r in self._results.items()}
            return values_of("limit", exclusion.points.names, limits)
        numbers = {name: result.cls_obs for name, result in self._results.items()}
        return values_of("cls", exclusion.points.names, numbers)

    def _draw_line(self, sheet: Sheet, limits: LineLimits) -> Figure:
        axis = axis_of(self._points, limits.label, self._notation)
        about = [CONFIDENCE] if limits.quantity != "cls" else []
        if limits.quantity == "sigma" and limits.theory is not None:
            about += [plain(f"Cross sections: {limits.theory.source}"), *map(Text, NORMALISATION)]
        caption = caption_of(self.plan, self.entry, *about, *self._about)
        return line_figure(sheet, limits, title_of(axis), self._place(limits), caption)

    def _place(self, limits: LineLimits) -> Text | None:
        """Where the line lies, in the field's notation where that is known."""
        line = self._line
        if line is None or not limits.line:
            return None
        parts = []
        for label, value in line.fixed:
            axis = axis_of(self._points, label, self._notation)
            if not axis.latex or isinstance(value, str):
                return plain(limits.line)
            parts.append(f"${axis.latex}$ = {value:g} {axis.unit}".rstrip())
        return Text(", ".join(parts), mathematics=True)

    def _draw_wall(self, sheet: Sheet) -> Figure:
        this = times_of(self.run_id, self.plan, self.snapshot)
        published = published_times(self.plan.analysis)
        bars = bars_of(this, self.others, published)
        curves = [curve_of(run, this) for run in (this, *self.others) if run.completion.done]
        return wall_figure(sheet, bars, caption_of(self.plan, self.entry), curves)

    def _draw_workers(self, sheet: Sheet) -> Figure:
        if not len(self.snapshot.timeline):
            raise RunError(f"run {self.run_id} tells of no task of a worker: choose walltime, or another run")
        return workers_figure(
            sheet, self.snapshot.timeline, self.snapshot.elapsed, caption_of(self.plan, self.entry)
        )


def title_of(axis: Axis) -> Text:
    """The title of an axis: mathematics where the notation is known, else the stranger's name as it is."""
    return Text(axis.latex_title, mathematics=True) if axis.latex else plain(axis.title)
