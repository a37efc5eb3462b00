"""What the views show and how, for a figure that is to show the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fitgui.gui.limits.view import LimitsView
from fitgui.gui.plane.quantities import CLS, Quantity
from fitgui.gui.point.correlations_page import CorrelationsPage
from fitgui.gui.point.curve_page import CurvePage
from fitgui.gui.point.lists import ImpactsPage, PullsPage
from fitgui.gui.point.view import PointView
from fitgui.gui.point.yields_page import YieldsPage
from fitgui.gui.result_view import ResultView

if TYPE_CHECKING:
    from fitgui.figures.of_point import PointWishes
    from fitgui.figures.of_run import PointsOnShow, Wishes
    from fitgui.gui.results_panel import ResultsPanel
    from fitgui.gui.window import MainWindow

_TABS = {"Plane": "plane", "Line": "cls", "Wall time": "walltime", "Workers": "workers"}
_PAGES = {
    PullsPage: "pulls",
    ImpactsPage: "impacts",
    CorrelationsPage: "correlations",
    CurvePage: "cls-vs-mu",
}
_LINES = {"mu": "limits", "sigma": "cross-section", "cls": "cls"}
_View = TypeVar("_View", bound=ResultView)


@dataclass(frozen=True, slots=True, eq=False)
class OnScreen:
    """Taken in the GUI thread; figures are drawn from it on another one."""

    wishes: Wishes
    """For the plane and the line."""
    point: PointWishes
    on_show: PointsOnShow | None
    """The results of all runs; ``None`` without a pallet."""


def shown_first(panel: ResultsPanel) -> str:
    """The figure of what is in front."""
    title = panel.tabs.tabText(panel.tabs.currentIndex()).replace("&", "")
    limits, point = view_of(panel, LimitsView), view_of(panel, PointView)
    if title == LimitsView.title:
        drawn = None if limits is None else limits.limits
        return "limits" if drawn is None else _LINES[drawn.quantity]
    if title == PointView.title and point is not None:
        page = point.page
        if isinstance(page, YieldsPage):
            return "pre-fit" if page.stage.currentData() == "pre-fit" else "yields"
        return _PAGES.get(type(page), "yields")
    return _TABS.get(title, "plane")


def marks_offered(quantity: Quantity) -> list[tuple[str, str]]:
    """What may stand at the points of the plane."""
    return [
        ("marks", "Marks"),
        ("numbers", f"{quantity.short} as numbers"),
        ("colours", f"{quantity.short} as colours"),
        ("nothing", "Nothing"),
    ]


def marks_on_screen(panel: ResultsPanel) -> str:
    """Numbers where the plane has them, colours where they tell something else than the usual."""
    view = panel.plane_page.view
    if view.choices.numbers:
        return "numbers"
    return "marks" if view.quantity.short == CLS.short else "colours"


def on_screen(window: MainWindow, marks: str) -> OnScreen:
    """All that a figure has to know of the views.

    Args:
        window: with the views.
        marks: what stands at the points of the plane: ``marks``, ``numbers``, ``colours`` or ``nothing``.
    """
    from fitgui.figures.of_run import PointsOnShow, Wishes  # noqa: PLC0415 -- not needed for the start

    panel, session = window.results_panel, window.workbench.session
    shown = window.compute_panel.shown
    found = _plane(panel, marks, None if shown is None else shown.bound) | _line(panel)
    on_show = None
    if shown is not None:
        statuses = session.statuses
        known = {point.name: statuses[point.name] for point in shown.points if point.name in statuses}
        runs = tuple(run for run, count in session.runs.items() if count)
        on_show = PointsOnShow(shown.points, known, runs)
    return OnScreen(Wishes(**found), _point(panel), on_show)


def view_of(panel: ResultsPanel, kind: type[_View]) -> _View | None:
    """The view of this kind, if there is one."""
    return next((view for view in panel.views if isinstance(view, kind)), None)


def _plane(panel: ResultsPanel, marks: str, bound: float | None) -> dict[str, Any]:
    from fitgui.figures.colours import ColourScale  # noqa: PLC0415
    from fitgui.figures.of_run import Colouring  # noqa: PLC0415
    from fitgui.figures.plane import PlaneOptions, PlaneOverlay  # noqa: PLC0415
    from fitgui.figures.text import plain  # noqa: PLC0415

    view = panel.plane_page.view
    data, choices, quantity = view.data, view.choices, view.quantity
    wanted = choices.contours
    options: Any = PlaneOptions(
        points=marks,  # type: ignore[arg-type]  # one of marks_offered
        two_sigma=wanted.wide_band,
        one_sigma=wanted.band,
        observed=wanted.observed,
        expected=wanted.expected,
    )
    found: dict[str, Any] = {"plane": options, "bound": bound}
    if quantity.short != CLS.short:
        scale = ColourScale(quantity.ticks, quantity.threshold, quantity.logarithmic)
        found["colouring"] = Colouring(
            quantity.title,
            quantity.pick,
            lambda value: quantity.text(value, bound),
            quantity.logarithmic,
            scale,
        )
    overlays = []
    for one in view.overlays:
        overlays.append(PlaneOverlay(plain(one.name, 60), one.contours))
        overlays += [
            PlaneOverlay(plain(f"Published {kind.name}", 60), {kind.surface: moved}, moved=True)
            for kind, moved in one.variations.items()
        ]
    found["overlays"] = tuple(overlays)
    if data is not None and not (data.x.words or data.y.words):
        found |= {
            "x": data.x.label,
            "y": data.y.label,
            "axis": choices.axes(data),
            "method": choices.method,
        }
    return found


def _line(panel: ResultsPanel) -> dict[str, Any]:
    view = view_of(panel, LimitsView)
    line = None if view is None else view.line
    if view is None or line is None:
        return {}
    return {
        "along": line.label,
        "at": dict(line.fixed),
        "patch_set": line.patch_set,
        "table": view.sections.table,
        "mass": view.sections.mass,
    }


def _point(panel: ResultsPanel) -> PointWishes:
    from fitgui.figures.of_point import PointWishes  # noqa: PLC0415

    view = view_of(panel, PointView)
    if view is None:
        return PointWishes()
    found: dict[str, Any] = {"fit": view.fit_box.currentData()}
    yields, curve = view.made(YieldsPage), view.made(CurvePage)
    if yields is not None and yields.stack is not None:
        channel = yields.channel.currentData()
        found |= {"signal_mu": yields.stack.mu, "channels": (channel,) if channel else None}
    if curve is not None:
        found["log"] = curve.log.isChecked()
    return PointWishes(**found)
