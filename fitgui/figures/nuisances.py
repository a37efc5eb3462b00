"""Nuisance parameters of a fit: pulls and constraints, impacts on mu-hat, correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fitgui import words
from fitgui.exclusion.model import Floats
from fitgui.figures.header import BRAND, MOST_OF_ROWS, Caption, Handle, put_header
from fitgui.figures.style import DASHED, MILLIMETRES, Look, Sheet
from fitgui.figures.text import Text, drawable, plain, shortened
from fitgui.insight.correlated import related
from fitgui.insight.model import ImpactRanking, Parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

MOST_PULLS = 40
MOST_IMPACTS = 20
MOST_CORRELATED = 16
NARROW = 120.0
"""Millimetres; a narrower matrix has fewer rows."""
LONGEST = 30
"""Letters of a parameter's name beside a matrix."""
NAMES_SHARE = 0.48
"""Of the width of a figure, for names beside its rows at the most."""
SMALLEST_NAME = 4.0
"""Points of type; a name that needs less is cut."""
SMALLEST_OF_USUAL = 0.6
"""The same, as a part of the usual size."""
NOT_DETERMINED = "Uncertainty not determined"
NO_IMPACT = "Impact not determined"


def pulls_figure(sheet: Sheet, parameters: Parameters, caption: Caption, *, most: int = MOST_PULLS) -> Figure:
    """Pulls with the uncertainty after the fit over the one before it.

    In the order of the size of the pull, as in the window; where there are more than ``most``, those that the
    fit moved most.

    Args:
        sheet: style and width.
        parameters: of a fit.
        caption: the text in the corner.
        most: how many rows at the most.
    """
    look = sheet.look
    known = np.flatnonzero(np.isfinite(parameters.pulls))
    chosen = known[np.argsort(-np.abs(parameters.pulls[known]), kind="stable")][:most]
    figure, axes = _rows(sheet, chosen.size)
    y = np.arange(chosen.size)[::-1].astype(np.float64)
    ends = [-0.7, chosen.size - 0.3]
    axes.fill_betweenx(ends, -2, 2, color=look.two_sigma, zorder=0.5, linewidth=0)
    axes.fill_betweenx(ends, -1, 1, color=look.one_sigma, zorder=0.6, linewidth=0)
    axes.vlines(
        0.0, ends[0], ends[1], color="#444444", linewidth=0.6 * look.line, linestyle=DASHED, zorder=0.7
    )
    handles = _pulls(axes, parameters.pulls[chosen], parameters.constraints[chosen], y, look)
    _name_rows(axes, [parameters.names[place] for place in chosen], sheet)
    reach = max(2.5, 1.1 * float(np.max(np.abs(parameters.pulls[chosen]) + 1.0, initial=0.0)))
    axes.set_xlim(-reach, reach)
    axes.set_xlabel(r"Pull: $(\hat{\theta} - \theta_0)\,/\,\Delta\theta$")
    some = "" if chosen.size == known.size else f"; the {chosen.size} most moved of {known.size}"
    lines = (Text(f"Pulls and constraints{some}"),)
    put_header(axes, look, sheet.style, caption.and_line(*lines), handles, most=MOST_OF_ROWS)
    return figure


def impacts_figure(
    sheet: Sheet,
    ranking: ImpactRanking,
    parameters: Parameters,
    caption: Caption,
    *,
    most: int = MOST_IMPACTS,
) -> Figure:
    """The ranking: impacts before the fit (open) and after it (filled) above, pulls below.

    Args:
        sheet: style and width.
        ranking: of the nuisance parameters.
        parameters: of the free fit, for the pulls.
        caption: the text in the corner.
        most: how many rows at the most.
    """
    look = sheet.look
    count = min(most, len(ranking.names))
    figure, axes = _rows(sheet, count)
    y = np.arange(count)[::-1].astype(np.float64)
    below, above = look.series[4], look.series[0]
    handles: list[Handle] = []
    for column, colour, sign in ((0, below, "-"), (1, above, "+")):
        before, after = ranking.pre_fit[:count, column], ranking.post_fit[:count, column]
        edge = 0.6 * look.line
        # A bar of no length would say that there is no impact, where none is known.
        rows, known = np.isfinite(before), np.isfinite(after)
        bars = axes.barh(
            y[rows], before[rows], height=0.8, fill=False, edgecolor=colour, linewidth=edge, gid="before"
        )
        bars.set_label(rf"Before the fit, $\theta_0 {sign} \Delta\theta$")
        filled = axes.barh(
            y[known], after[known], height=0.8, color=colour, alpha=0.75, linewidth=0, gid="after"
        )
        filled.set_label(rf"After the fit, $\hat{{\theta}} {sign} \Delta\hat{{\theta}}$")
        handles += [filled, bars]
    without = ~np.isfinite(ranking.post_fit[:count]).all(axis=1)
    if without.any():
        handles += axes.plot(
            np.zeros(int(without.sum())),
            y[without],
            "D",
            markerfacecolor="white",
            markeredgecolor="#444444",
            markersize=0.5 * look.type_size,
            label=NO_IMPACT,
            gid="no impact",
        )
    axes.vlines(0.0, -0.7, count - 0.3, color="#444444", linewidth=0.6 * look.line)
    reach = 1.15 * float(
        np.nanmax(np.abs(np.concatenate([ranking.post_fit[:count], ranking.pre_fit[:count]])), initial=1e-6)
    )
    axes.set_xlim(-reach, reach)
    axes.set_xlabel(r"Impact on $\hat{\mu}$")
    _name_rows(axes, ranking.names[:count], sheet)
    pulls = axes.twiny()
    places = [ranking.places[row] for row in range(count)]
    handles += _pulls(pulls, parameters.pulls[places], parameters.constraints[places], y, look)
    widest = max(2.0, 1.1 * float(np.nanmax(np.abs(parameters.pulls[places]) + 1.0, initial=0.0)))
    pulls.set_xlim(-widest, widest)
    pulls.set_xlabel(r"Pull: $(\hat{\theta} - \theta_0)\,/\,\Delta\theta$ (points)")
    axes.tick_params(axis="x", which="both", top=False)
    some = "" if count == ranking.total else f", the largest {count} of {ranking.total}"
    line = Text(rf"$\hat{{\mu}}$ = {ranking.mu_hat:.3g}; impacts{some}", mathematics=True)
    put_header(axes, look, sheet.style, caption.and_line(line), handles, most=MOST_OF_ROWS)
    pulls.set_ylim(axes.get_ylim())
    return figure


def correlations_figure(
    sheet: Sheet, parameters: Parameters, caption: Caption, *, most: int = MOST_CORRELATED
) -> Figure:
    """The correlation matrix of the parameters that are correlated most, with its numbers.

    Args:
        sheet: style and width.
        parameters: of a fit.
        caption: the text above.
        most: how many parameters at the most.
    """
    look = sheet.look
    matrix = parameters.correlations
    narrow = sheet.width < NARROW
    chosen = related(parameters, most // 2 if narrow else most)
    part = matrix[np.ix_(chosen, chosen)]
    figure = sheet.figure(1.1)
    axes = figure.add_subplot()
    image = axes.imshow(part, cmap="RdBu_r", vmin=-1.0, vmax=1.0, aspect="equal", gid="correlations")
    longest = LONGEST * 2 // 3 if narrow else LONGEST
    names = [plain(parameters.names[place], longest).words for place in chosen]
    size = 0.8 * look.type_size
    ticks = np.arange(len(names))
    axes.set_xticks(ticks, names, rotation=90, fontsize=size, parse_math=False)
    axes.set_yticks(ticks, names, fontsize=size, parse_math=False)
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    if not np.isfinite(part).all():  # cells without a number are see-through
        axes.patch.set(facecolor="#D9D9D9", edgecolor="#777777", hatch="////", linewidth=0.0)
        caption = caption.and_line(Text("Hatched: not determined by the fit"))
    for row, column in np.ndindex(part.shape):
        value = float(part[row, column])
        if math.isfinite(value):
            axes.text(
                column,
                row,
                f"{round(100 * value)}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=0.62 * look.type_size,
                color="white" if abs(value) > 0.6 else "black",
                gid="number",
            )
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.02)
    bar.set_label("Correlation (numbers in %)")
    several = words.count(int(np.isfinite(np.diag(matrix)).sum()), "parameter")
    lines = [*caption.lines, Text(f"The {len(names)} most correlated of {several}")]
    written = [text.words if text.mathematics else text.words.replace("$", r"\$") for text in lines]
    about = caption.about.words.replace("$", r"\$")
    figure.suptitle(
        "\n".join([f"{BRAND}  {about}", *written]),
        x=0.02,
        ha="left",
        fontsize=0.92 * look.type_size,
        linespacing=1.35,
    )
    return figure


def _pulls(axes: Axes, pulls: Floats, constraints: Floats, y: Floats, look: Look) -> list[Handle]:
    """Points with their uncertainties; open ones where the fit does not determine the uncertainty."""
    known = np.isfinite(constraints)
    axes.errorbar(
        pulls[known],
        y[known],
        xerr=constraints[known],
        fmt="o",
        color="black",
        markersize=0.4 * look.type_size,
        elinewidth=0.8 * look.line,
        gid="pulls",
    )
    without = ~known & np.isfinite(pulls)
    if not without.any():
        return []
    return list(
        axes.plot(
            pulls[without],
            y[without],
            "o",
            markerfacecolor="white",
            markeredgecolor="black",
            markersize=0.5 * look.type_size,
            label=NOT_DETERMINED,
            gid="undetermined",
        )
    )


def _rows(sheet: Sheet, rows: int) -> tuple[Figure, Axes]:
    """A figure with a row of text height for each of so many parameters."""
    height = (1.35 * max(rows, 1) + 9.0) * sheet.look.type_size / 72.0
    figure = sheet.figure(height * MILLIMETRES / sheet.width)
    return figure, figure.add_subplot()


def _name_rows(axes: Axes, names: Sequence[str], sheet: Sheet) -> None:
    """Whole names, as small as they must be; of those that are too long even so, the middle is left out."""
    count = len(names)
    axes.set_ylim(-0.7, count - 0.3)
    usual = 0.85 * sheet.look.type_size
    room = NAMES_SHARE * sheet.width / MILLIMETRES * 72.0
    longest = max((_wide(drawable(name)) for name in names), default=1.0)
    size = min(usual, max(SMALLEST_NAME, SMALLEST_OF_USUAL * usual, room / longest))
    shown = [_within(drawable(name), room / size) for name in names]
    axes.set_yticks(np.arange(count)[::-1], shown, fontsize=size, parse_math=False)
    axes.tick_params(axis="y", which="both", length=0)
    axes.yaxis.set_minor_locator(_no_ticks())


def _within(name: str, room: float) -> str:
    """A name that is no wider than ``room`` sizes of type."""
    wide = _wide(name)
    return name if wide <= 1.001 * room else shortened(name, max(8, int(len(name) * room / wide)))


def _wide(text: str) -> float:
    """The width of a text of the usual font, in sizes of type."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.textpath import text_to_path  # noqa: PLC0415

    wide, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=100.0), ismath=False)
    return float(wide) / 100.0


def _no_ticks() -> Locator:
    from matplotlib.ticker import NullLocator  # noqa: PLC0415

    return NullLocator()
