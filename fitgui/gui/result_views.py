"""Which tabs the results have beside the plane, in their order."""

from __future__ import annotations

from fitgui.gui.result_view import ResultView, ViewContext

VIEWS: tuple[type[ResultView], ...] = ()


def result_views(context: ViewContext) -> list[ResultView]:
    """The views between the plane and the workers."""
    return [view(context) for view in VIEWS]
