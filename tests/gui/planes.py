"""Planes with results that need no fit: published points with reference CLs, and generated ones."""

from __future__ import annotations

from collections.abc import Sequence

from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.plane.view import PlaneView
from fitgui.pallets.catalogue.notation import notation_of
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import PlaneData, plane_of
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult, Seconds, TwiceNll, UpperLimits
from tests.exclusion import reference as stored

SIZE = (760, 480)


def fitted(
    name: str,
    cls: Sequence[float],
    *,
    limit: float | None = None,
    converged: bool = True,
    mu_hat: float = 0.1,
    seconds: float = 0.02,
) -> PointStatus:
    """A point with CLs observed and at -2 to +2 sigma."""
    result = FitResult(
        name=name,
        cls_obs=cls[0],
        cls_exp=(cls[1], cls[2], cls[3], cls[4], cls[5]),
        mu_hat=mu_hat,
        limits=None if limit is None else UpperLimits(obs=limit, exp=(limit,) * 5),
        twice_nll=TwiceNll(),
        converged=converged,
        seconds=Seconds(fit=seconds),
    )
    return PointStatus(name, TaskState.DONE, result=result)


def published(name: str, reference: str) -> tuple[PlaneData, dict[str, PointStatus]]:
    """The points of a published pallet with reference CLs, in the notation of the catalogue."""
    x_label, y_label = stored.document(name)["labels"]
    known = stored.points(name)
    points = [
        SignalPoint(point, {x_label: x, y_label: y}, b"[]", "")
        for point, x, y in zip(known.names, known.x.tolist(), known.y.tolist(), strict=True)
    ]
    statuses = {point: fitted(point, cls) for point, cls in zip(known.names, known.cls.tolist(), strict=True)}
    return plane_of(points, x_label, y_label, notation_of(reference)), statuses


def grid(
    columns: Sequence[float], rows: Sequence[float], labels: tuple[str, str] = ("m1", "m2")
) -> tuple[PlaneData, dict[str, PointStatus]]:
    """Points on a grid, excluded up to the middle of the columns."""
    middle = sum(columns) / len(columns)
    points = [
        SignalPoint(f"p{x:g}_{y:g}", {labels[0]: x, labels[1]: y}, b"[]", "") for x in columns for y in rows
    ]
    statuses = {}
    for point in points:
        x = float(point.values[labels[0]])
        observed = min(1.0, 0.05 * 10 ** ((x - middle) / middle))
        statuses[point.name] = fitted(point.name, [min(1.0, observed * f) for f in (1, 0.2, 0.5, 1, 2, 4)])
    return plane_of(points, *labels), statuses


def shown(
    qtbot: QtBot, data: PlaneData, statuses: dict[str, PointStatus], look: theme.Theme = theme.LIGHT
) -> PlaneView:
    """A window of its own with a plane; contours are computed in this thread."""
    view = PlaneView(look)
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    qtbot.waitExposed(view)
    view.show_plane(data)
    view.show_statuses(statuses)
    return view
