"""Figures of one signal point of a run: it is fitted again, and looked into."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from fitgui.figures.captions import caption_of
from fitgui.figures.nuisances import correlations_figure, impacts_figure, pulls_figure
from fitgui.figures.style import Sheet
from fitgui.figures.text import plain
from fitgui.figures.yields import yields_figure
from fitgui.insight.looking import look_inside
from fitgui.insight.model import Part, PointInside
from fitgui.insight.service import options_of
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import Pallet
from fitgui.pallets.published import Entry
from fitgui.runs.plan import RunError, RunPlan
from fitgui.takeaway.provenance import provenance

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PointPart(StrEnum):
    """What is drawn of a point."""

    YIELDS = "yields"
    """After the fit."""
    PRE_FIT = "pre-fit"
    PULLS = "pulls"
    IMPACTS = "impacts"
    CORRELATIONS = "correlations"


def point_drawing(plan: RunPlan, pallet: Pallet, name: str, part: PointPart) -> Callable[[Sheet], Figure]:
    """Look into a point of a run as far as a figure needs it; BLAS should have one thread.

    Args:
        plan: of the run.
        pallet: opened again.
        name: of the point.
        part: what is to be drawn.

    Raises:
        FitError: if the point cannot be fitted; one sentence.
        RunError: if the pallet is another one.
    """
    import threadpoolctl  # noqa: PLC0415

    whole = plan.with_documents(pallet)
    analysis = next(one for one in pallet.analyses if one.digest == plan.analysis.digest)
    point = next(point for point in whole.plan.points if point.name == name)
    wanted: tuple[Part, ...] = ("fits", "impacts") if part is PointPart.IMPACTS else ("fits",)
    with threadpoolctl.threadpool_limits(limits=1):
        options = options_of(plan.plan.options)
        inside = look_inside(analysis.workspace, plan.measurement, point, options, wanted)
    entry = provenance(plan.pallet.source, plan.pallet.digest, Library()).entry
    return lambda where: draw_point(where, plan, entry, inside, part)


def draw_point(
    where: Sheet, plan: RunPlan, entry: Entry | None, inside: PointInside, part: PointPart
) -> Figure:
    """A figure of a point that was looked into.

    Args:
        where: style and width.
        plan: of its run.
        entry: the published likelihood that it is of.
        inside: what is known of it.
        part: what is to be drawn.

    Raises:
        RunError: if that is not known yet.
    """
    free = inside.fits.get("free")
    if free is None or (part is PointPart.IMPACTS and inside.impacts is None):
        raise RunError(f"nothing is known of the {part} of {inside.name} yet: wait until it is fitted")
    caption = caption_of(plan, entry, plain(inside.name))
    if part is PointPart.YIELDS:
        return yields_figure(where, free, caption)
    if part is PointPart.PRE_FIT:
        return yields_figure(where, free, caption, stage="pre-fit")
    if part is PointPart.PULLS:
        return pulls_figure(where, free.parameters, caption)
    if part is PointPart.IMPACTS and inside.impacts is not None:
        return impacts_figure(where, inside.impacts, free.parameters, caption)
    return correlations_figure(where, free.parameters, caption)
