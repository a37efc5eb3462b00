"""The figures of a run: what of it is drawn, from what the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from fitgui.exclusion.contours import find_exclusion
from fitgui.exclusion.line_choice import PointLine, lines_along, place_of, preferred_line
from fitgui.exclusion.line_limits import LineLimits, line_limits
from fitgui.exclusion.model import AxisChoice, Exclusion, Method
from fitgui.exclusion.points import plane_points
from fitgui.figures.captions import CONFIDENCE, caption_of
from fitgui.figures.line import line_figure
from fitgui.figures.plane import PlaneOptions, PlaneWords, PointValues, plane_figure, values_of
from fitgui.figures.style import Sheet
from fitgui.figures.text import Text, plain
from fitgui.figures.wall import wall_figure
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import Axis, PlaneData, axis_of, plane_of, preferred_axes
from fitgui.pallets.published import Entry
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.published_times import published_times
from fitgui.runs.snapshot import RunSnapshot
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
    WALL_TIME = "walltime"


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
    ) -> None:
        self.run_id, self.plan, self.snapshot, self.entry = run_id, plan, snapshot, entry
        self.others, self.wishes = others, wishes
        self._points = [SignalPoint(name, plan.values.get(name, {}), b"", "") for name in plan.points]
        self._notation = {item.label: item for item in entry.notation} if entry is not None else {}

    @property
    def possible(self) -> tuple[What, ...]:
        """Which figures there is something to draw in."""
        found = []
        if self.snapshot.sum_fit_seconds or any(self._results.values()):
            labels = self.plan.analysis.labels
            if self._plane_labels is not None:
                found.append(What.PLANE)
            if labels and self._line is not None:
                found += [What.LIMITS] if any(r.limits is not None for r in self._results.values()) else []
                found.append(What.CLS)
        return (*found, What.WALL_TIME) if self.snapshot.elapsed > 0 else tuple(found)

    def draw(self, what: What, sheet: Sheet) -> Figure:
        """One figure.

        Raises:
            RunError: if the run has nothing to draw in it, in one sentence.
        """
        draw: dict[What, Callable[[Sheet], Figure]] = {
            What.PLANE: self._draw_plane,
            What.LIMITS: lambda where: self._draw_line(where, self.line_of("mu")),
            What.CLS: lambda where: self._draw_line(where, self.line_of("cls")),
            What.WALL_TIME: self._draw_wall,
        }
        return draw[what](sheet)

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

    def line_of(self, quantity: str) -> LineLimits:
        """Numbers along the line that is looked at first: at the smallest values of the other coordinates.

        Args:
            quantity: ``mu`` or ``cls``.

        Raises:
            RunError: if there is no line, or no limit.
        """
        line = self._line
        if line is None:
            raise RunError(
                f"the points of {self.plan.analysis.name} lie on no line: choose plane or walltime"
            )
        if quantity == "mu" and not any(result.limits is not None for result in self._results.values()):
            raise RunError(
                f"run {self.run_id} has no upper limits: fit it with limits, or choose plane or cls"
            )
        axes = {label: axis_of(self._points, label, self._notation) for label in self.plan.analysis.labels}
        axis = axes[line.label]
        return line_limits(
            line,
            self._results,
            "mu" if quantity == "mu" else "cls",
            bound=self.wishes.bound,
            title=axis.title,
            unit=axis.unit,
            place=place_of(line, axes),
        )

    @cached_property
    def _results(self) -> dict[str, FitResult]:
        statuses = self.snapshot.points.items()
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
        labels = self.plan.analysis.labels
        chosen = self.wishes.x if self.wishes.x in labels else next(iter(labels), "")
        lines = lines_along(self._points, chosen, labels) if chosen else ()
        return lines[preferred_line(lines)] if lines else None

    def _draw_plane(self, sheet: Sheet) -> Figure:
        plane, axis, exclusion = self.exclusion
        caption = caption_of(self.plan, self.entry, CONFIDENCE)
        axis_words = PlaneWords(title_of(plane.x), title_of(plane.y), FORBIDDEN)
        values = self._values(exclusion)
        return plane_figure(
            sheet, exclusion, axis_words, caption, axis=axis, values=values, options=self.wishes.plane
        )

    def _values(self, exclusion: Exclusion) -> PointValues | None:
        if self.wishes.plane.points in ("nothing", "marks"):
            return None
        if self.wishes.quantity == "limit":
            limits = {name: None if r.limits is None else r.limits.obs for name, r in self._results.items()}
            return values_of("limit", exclusion.points.names, limits)
        numbers = {name: result.cls_obs for name, result in self._results.items()}
        return values_of("cls", exclusion.points.names, numbers)

    def _draw_line(self, sheet: Sheet, limits: LineLimits) -> Figure:
        axis = axis_of(self._points, limits.label, self._notation)
        caption = caption_of(self.plan, self.entry, *([CONFIDENCE] if limits.quantity != "cls" else []))
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


def title_of(axis: Axis) -> Text:
    """The title of an axis: mathematics where the notation is known, else the stranger's name as it is."""
    return Text(axis.latex_title, mathematics=True) if axis.latex else plain(axis.title)
