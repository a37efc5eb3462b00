"""Which tabs the results have beside the plane, in their order."""

from __future__ import annotations

from fitgui.gui.limits.view import LimitsView
from fitgui.gui.point.view import PointView
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.signal.view import SignalView
from fitgui.gui.walltime.view import WallTimeView

VIEWS: tuple[type[ResultView], ...] = (LimitsView, WallTimeView, PointView, SignalView)


def result_views(context: ViewContext) -> list[ResultView]:
    """The views between the plane and the workers."""
    return [view(context) for view in VIEWS]
