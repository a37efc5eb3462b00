"""Figures of one signal point of a run: it is fitted again, and looked into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fitgui.figures.captions import caption_of
from fitgui.figures.curve import curve_figure
from fitgui.figures.nuisances import correlations_figure, impacts_figure, pulls_figure
from fitgui.figures.style import Sheet
from fitgui.figures.text import Text, plain
from fitgui.figures.yields import yields_figure
from fitgui.insight.looking import look_inside
from fitgui.insight.model import FitName, Part, PointInside
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
    CURVE = "cls-vs-mu"


@dataclass(frozen=True, slots=True)
class PointWishes:
    """How a point is drawn; what is not said is as usual."""

    fit: FitName = "free"
    """Of yields, pulls and correlations."""
    signal_mu: float = 1.0
    """Of the signal that is drawn on the background."""
    channels: tuple[str, ...] | None = None
    """Whose yields are drawn; ``None`` takes all."""
    log: bool = False
    """Whether CLs against mu has a logarithmic axis."""


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
    analysis = plan.analysis_in(pallet)
    assert analysis is not None
    point = next(point for point in whole.plan.points if point.name == name)
    more: dict[PointPart, Part] = {PointPart.IMPACTS: "impacts", PointPart.CURVE: "curve"}
    wanted: tuple[Part, ...] = ("fits", more[part]) if part in more else ("fits",)
    with threadpoolctl.threadpool_limits(limits=1):
        options = options_of(plan.plan.options)
        inside = look_inside(analysis.workspace, plan.measurement, point, options, wanted)
    entry = provenance(plan.pallet.source, plan.pallet.digest, Library()).entry
    return lambda where: draw_point(where, plan, entry, inside, part)


def draw_point(
    where: Sheet,
    plan: RunPlan,
    entry: Entry | None,
    inside: PointInside,
    part: PointPart,
    *,
    wishes: PointWishes = PointWishes(),
) -> Figure:
    """A figure of a point that was looked into.

    Args:
        where: style and width.
        plan: of its run.
        entry: the published likelihood that it is of.
        inside: what is known of it.
        part: what is to be drawn.
        wishes: how.

    Raises:
        RunError: if that is not known yet.
    """
    free, fit = inside.fits.get("free"), inside.fits.get(wishes.fit)
    caption = caption_of(plan, entry, plain(inside.name))
    if part is PointPart.CURVE and inside.curve is not None:
        return curve_figure(where, inside.curve, caption, log=wishes.log)
    if part is PointPart.IMPACTS and inside.impacts is not None and free is not None:
        return impacts_figure(where, inside.impacts, free.parameters, caption)
    if fit is None or part in (PointPart.CURVE, PointPart.IMPACTS):
        raise RunError(f"nothing is known of the {part} of {inside.name} yet: wait until it is fitted")
    if part in (PointPart.YIELDS, PointPart.PRE_FIT):
        return yields_figure(
            where,
            fit,
            caption,
            stage="pre-fit" if part is PointPart.PRE_FIT else "post-fit",
            signal_mu=wishes.signal_mu,
            channels=wishes.channels,
        )
    if wishes.fit != "free":
        caption = caption.and_line(Text(f"Fit with μ = {fit.mu:g}"))
    if part is PointPart.PULLS:
        return pulls_figure(where, fit.parameters, caption)
    return correlations_figure(where, fit.parameters, caption)
