"""Limits along a line of points: the band that is called Brazil, on mu, on the cross section, or CLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fitgui.exclusion.line_limits import MEDIAN, LineLimits, band_pieces, curve_pieces
from fitgui.exclusion.model import Floats
from fitgui.figures.header import Caption, put_header
from fitgui.figures.style import DASHED, DOTTED, Look, Sheet, Stroke
from fitgui.figures.text import Text
from fitgui.figures.ticks import plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {
    "cls": Text(r"CL$_\mathrm{s}$ at $\mu$ = 1", mathematics=True),
    "mu": Text(r"95 % CL upper limit on $\mu$", mathematics=True),
    "sigma": Text(r"95 % CL upper limit on $\sigma$ [pb]", mathematics=True),
}
SMALLEST_CLS = 1e-5
"""Where the axis begins at the lowest; curves go on along that edge."""
_ZERO = 1e-30
"""A logarithmic axis has no zero."""


def line_figure(
    sheet: Sheet, limits: LineLimits, x_title: Text, place: Text | None, caption: Caption
) -> Figure:
    """The observed values solid, the expected ones dashed, their band of one and two sigma.

    CLs below :data:`SMALLEST_CLS` are drawn at the edge, and the caption says so.

    A value that rests on a fit that did not converge is an open mark, and nothing is joined to it; a limit
    beyond the bound of mu is an arrow at that bound.

    Args:
        sheet: style and width.
        limits: the numbers.
        x_title: of the coordinate that runs.
        place: where the line lies.
        caption: the text in the corner.
    """
    look = sheet.look
    figure = sheet.figure()
    axes = figure.add_subplot()
    axes.set_yscale("log")
    bands = [_band(axes, limits, sigma, look) for sigma in (2, 1)]
    observed = _curve(axes, limits, limits.obs, Stroke("Observed", look.observed, 1.4 * look.line))
    median = limits.exp[:, MEDIAN]
    expected = _curve(axes, limits, median, Stroke("Expected", look.expected, look.line, DASHED))
    marks = _marks(axes, limits, look)
    compared = _threshold(axes, limits, look)
    _set_ranges(axes, limits)
    if limits.words:
        axes.set_xticks(
            range(len(limits.words)), [Text(word).words for word in limits.words], parse_math=False
        )
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    plain_log_ticks(axes.yaxis)
    axes.set_xlabel(x_title.words, parse_math=x_title.mathematics)
    title = TITLES[limits.quantity]
    axes.set_ylabel(title.words, parse_math=title.mathematics)
    handles = [*observed, *expected, *bands[1], *bands[0], *compared, *marks]
    if place is not None:
        caption = caption.and_line(place)
    caption = caption.and_line(*_about_edge(limits))
    put_header(axes, look, sheet.style, caption, handles)
    plain_log_ticks(axes.yaxis, most=1.0 if limits.quantity == "cls" else None)
    return figure


def _band(axes: Axes, limits: LineLimits, sigma: int, look: Look) -> list[Artist]:
    drawn: list[Artist] = []
    for x, low, high in band_pieces(limits, 1 if sigma == 1 else 2):
        drawn.append(
            axes.fill_between(
                x,
                np.maximum(low, _ZERO),
                high,
                facecolor=look.one_sigma if sigma == 1 else look.two_sigma,
                linewidth=0.0,
                zorder=1.0 + (sigma == 1) * 0.1,
                label=f"Expected ±{sigma} σ",
            )
        )
    return drawn[:1]


def _curve(
    axes: Axes,
    limits: LineLimits,
    values: Floats,
    stroke: Stroke,
) -> list[Artist]:
    drawn: list[Artist] = []
    for x, y in curve_pieces(limits, values):
        drawn += axes.plot(
            *_along_edge(x, np.maximum(y, _ZERO), _edge(limits)),
            color=stroke.colour,
            linestyle=stroke.dashes,
            linewidth=stroke.width,
            label=stroke.label,
            gid=stroke.label.lower(),
            zorder=3.0 if stroke.label == "Observed" else 2.9,
        )
    return drawn[:1]


def _edge(limits: LineLimits) -> float:
    """Nothing is drawn below."""
    return SMALLEST_CLS if limits.quantity == "cls" else _ZERO


def _along_edge(x: Floats, y: Floats, edge: float) -> tuple[Floats, Floats]:
    """A curve that goes along an edge where it is below, and leaves it where its straight lines cross it.

    Args:
        x: positions, shape (k,).
        y: positive values, shape (k,); they are joined by straight lines on a logarithmic axis.
        edge: the smallest value that is drawn.
    """
    below = y < edge
    if not below.any():
        return x, y
    places = np.flatnonzero(below[1:] != below[:-1])
    depth = np.log(y) - np.log(edge)
    parts = depth[places] / (depth[places] - depth[places + 1])
    crossings = x[places] + parts * (x[places + 1] - x[places])
    return (
        np.insert(x, places + 1, crossings),
        np.insert(np.maximum(y, edge), places + 1, edge),
    )


def _about_edge(limits: LineLimits) -> list[Text]:
    """That curves go along the edge, where any of the two does."""
    shown = np.concatenate([limits.obs[limits.drawn], limits.exp[limits.drawn, MEDIAN]])
    if not (shown < _edge(limits)).any():
        return []
    return [Text(r"CL$_\mathrm{s}$ below $10^{-5}$: drawn at the edge", mathematics=True)]


def _marks(axes: Axes, limits: LineLimits, look: Look) -> list[Artist]:
    """The fitted points themselves, and what cannot be joined."""
    size = 0.42 * look.type_size
    kept = limits.drawn & np.isfinite(limits.obs)
    edge = _edge(limits)
    x, y = limits.positions, np.maximum(limits.obs, edge)
    below = kept & (limits.obs < edge)
    for some, mark, gid in ((kept & ~below, "o", "points"), (below, "v", "below")):
        axes.plot(x[some], y[some], mark, color=look.observed, markersize=size, zorder=3.1, gid=gid)
    handles: list[Artist] = []
    beyond = limits.drawn & np.isinf(limits.obs) & np.isfinite(limits.bound)
    if beyond.any():
        at = limits.bound[beyond]
        handles += axes.plot(
            x[beyond],
            at,
            "^",
            color=look.observed,
            markersize=1.3 * size,
            zorder=3.1,
            label="Beyond the range of μ",
        )
    doubtful = limits.doubtful & np.isfinite(limits.obs)
    if doubtful.any():
        handles += axes.plot(
            x[doubtful],
            y[doubtful],
            "o",
            markerfacecolor="white",
            markeredgecolor=look.observed,
            markersize=1.2 * size,
            zorder=3.2,
            label="Doubtful: a fit did not converge",
        )
    return handles


def _threshold(axes: Axes, limits: LineLimits, look: Look) -> list[Artist]:
    """What the values are compared with: below it the signal is excluded."""
    theory = limits.theory
    style: dict[str, Any] = {"color": look.quiet, "linewidth": look.line, "zorder": 2.5, "linestyle": DOTTED}
    if limits.quantity == "sigma" and theory is not None:
        if theory.uncertain:
            axes.fill_between(
                theory.positions,
                theory.low,
                theory.high,
                facecolor=look.quiet,
                alpha=0.3,
                linewidth=0.0,
                zorder=2.4,
            )
        return list(axes.plot(theory.positions, theory.central, label="Predicted cross section", **style))
    level = float(limits.threshold(np.zeros(1))[0])
    label = r"CL$_\mathrm{s}$ = 0.05" if limits.quantity == "cls" else "μ = 1"
    return [axes.axhline(level, label=label, **style)]


def _set_ranges(axes: Axes, limits: LineLimits) -> None:
    x = limits.positions
    if limits.words:
        axes.set_xlim(-0.6, len(limits.words) - 0.4)
    elif x.size:
        margin = 0.02 * float(x[-1] - x[0]) or 1.0
        axes.set_xlim(float(x[0]) - margin, float(x[-1]) + margin)
    numbers = [limits.obs[limits.drawn], limits.exp[limits.drawn].ravel(), limits.threshold(x)]
    if limits.theory is not None:
        numbers += [limits.theory.low, limits.theory.high]
    if np.isinf(limits.obs).any():
        numbers.append(limits.bound)
    found = np.concatenate(numbers)
    found = found[np.isfinite(found) & (found > 0)]
    if found.size:
        low = max(float(found.min()), _edge(limits))
        high = float(found.max())
        stretch = (high / low) ** 0.05 if high > low else 2.0
        axes.set_ylim(low / stretch, high * stretch)
