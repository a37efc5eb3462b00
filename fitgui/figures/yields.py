"""A signal point in its regions: data, background and signal before and after the fit, and the ratio."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from fitgui.exclusion.model import Floats
from fitgui.figures.header import Caption, Handle, put_header
from fitgui.figures.style import DASHED, DOTTED, Look, Sheet
from fitgui.figures.text import Text, plain
from fitgui.figures.ticks import plain_log_ticks
from fitgui.insight.model import FitInside
from fitgui.insight.stacking import Stack, Stage, stacked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIGNAL_COLOUR = "#D55E00"
LAYERS = (
    "#56B4E9",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#0072B2",
    "#F0E442",
    "#8C8C8C",
    "#B8D4A0",
    "#C9B3DC",
    "#D9D9D9",
)
"""By rank: of colour-blind safe hues, the last ones pale."""
RATIO_BOUND = 2.0
NOT_DETERMINED = "Uncertainty not determined"
_HATCH: dict[str, Any] = {"fill": True, "facecolor": "none", "hatch": "//////", "linewidth": 0.0}


def yields_figure(
    sheet: Sheet,
    fit: FitInside,
    caption: Caption,
    *,
    stage: Stage = "post-fit",
    signal_mu: float = 1.0,
    channels: Collection[str] | None = None,
) -> Figure:
    """Bins of all regions side by side, with the data over the expectation below.

    Before the fit the expectation is the background; after it, all that was fitted, with the signal.

    Args:
        sheet: style and width.
        fit: the point, in one of its fits.
        caption: the text in the corner.
        stage: before or after the fit.
        signal_mu: of the signal that is drawn as a line on the background.
        channels: which; ``None`` takes all.
    """
    look = sheet.look
    stack = stacked(fit, stage, 0.0 if stage == "pre-fit" else None, channels)
    line = stacked(fit, stage, signal_mu, channels).total
    figure = sheet.figure(0.9)
    top, low = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1.0])
    handles = [_data(top, stack, look), *_stack(top, stack, look)]
    signal = top.stairs(
        line,
        _edges(stack),
        baseline=None,
        color=SIGNAL_COLOUR,
        linestyle=DASHED,
        linewidth=1.2 * look.line,
        label=f"With signal, μ = {signal_mu:.3g}",
        zorder=2.5,
        gid="signal",
    )
    _ratio(low, stack, look)
    handles += _undetermined(top, stack, look)
    _regions(top, low, stack, look)
    top.set_yscale("log")
    top.set_ylim(*_range(stack, line))
    _nothing_seen(top, stack.observed_high, stack, look)
    top.set_ylabel("Events")
    low.set_ylabel("Data / exp.")
    caption = caption.and_line(Text(stage.capitalize() + _mu_words(fit, stage), mathematics=True))
    columns = 2 if len(handles) > 4 and sheet.width > 120 else 1
    end = top.get_ylim()[1]
    put_header(top, look, sheet.style, caption, [*handles, signal], columns=columns, most=0.55)
    plain_log_ticks(top.yaxis)
    _separate(top, low, stack, end, look)
    figure.align_ylabels([top, low])
    return figure


def _mu_words(fit: FitInside, stage: Stage) -> str:
    if stage == "pre-fit":
        return ""
    error = rf" $\pm$ {fit.mu_error:.2g}" if np.isfinite(fit.mu_error) else ""
    return rf", $\mu$ = {fit.mu:.3g}{error}"


def _edges(stack: Stack) -> Floats:
    return np.arange(stack.observed.size + 1, dtype=np.float64)


def _stack(axes: Axes, stack: Stack, look: Look) -> list[Handle]:
    """Layers on each other, and the uncertainty of all of it hatched; the largest background comes first."""
    edges = _edges(stack)
    bottom = np.zeros(stack.observed.size)
    drawn: list[Handle] = []
    layers = [(plain(layer.name, 20).words, layer.values, LAYERS[layer.rank]) for layer in stack.layers]
    if np.any(stack.signal > 0):
        layers.append(("Signal as fitted", stack.signal, SIGNAL_COLOUR))
    for label, values, colour in layers:
        part = axes.stairs(
            bottom + values,
            edges,
            baseline=np.maximum(bottom, 1e-9),
            fill=True,
            color=colour,
            linewidth=0,
            label=label,
            zorder=1.0,
        )
        part.set_gid("layer")
        drawn.append(part)
        bottom = bottom + values
    # Where the fit does not determine it there is no band: NaN leaves steps out.
    least = np.maximum(stack.total - stack.errors, 1e-9)
    band = axes.stairs(
        stack.total + stack.errors,
        edges,
        baseline=least,
        edgecolor="#333333",
        label="Uncertainty",
        zorder=2.0,
        **_HATCH,
    )
    axes.stairs(stack.total, edges, color="#111111", linewidth=0.6 * look.line, baseline=None, zorder=2.1)
    return [*reversed(drawn), *([band] if np.isfinite(stack.errors).any() else [])]


def _undetermined(axes: Axes, stack: Stack, look: Look) -> list[Handle]:
    """Open marks at totals that have no band because the fit does not determine it."""
    without = np.isnan(stack.errors) & (stack.total > 0.0)
    if not without.any():
        return []
    return list(
        axes.plot(
            (_edges(stack)[:-1] + 0.5)[without],
            stack.total[without],
            "D",
            markerfacecolor="none",
            markeredgecolor="#333333",
            markersize=0.55 * look.type_size,
            label=NOT_DETERMINED,
            zorder=2.3,
            gid="undetermined",
        )
    )


def _nothing_seen(axes: Axes, highest: Floats, stack: Stack, look: Look) -> None:
    """What a bin without data allows: from the bottom of the axis to the upper end of its interval."""
    empty = (stack.observed == 0) & np.isfinite(highest)
    axes.vlines(
        (_edges(stack)[:-1] + 0.5)[empty],
        axes.get_ylim()[0],
        highest[empty],
        colors="black",
        linewidth=0.7 * look.line,
        zorder=4.0,
        gid="no data",
    )


def _data(axes: Axes, stack: Stack, look: Look) -> Handle:
    seen = stack.observed > 0
    return axes.errorbar(
        (_edges(stack)[:-1] + 0.5)[seen],
        stack.observed[seen],
        yerr=[(stack.observed - stack.observed_low)[seen], (stack.observed_high - stack.observed)[seen]],
        fmt="o",
        color="black",
        markersize=0.5 * look.type_size,
        elinewidth=0.7 * look.line,
        label="Data",
        zorder=4.0,
    )


def _ratio(axes: Axes, stack: Stack, look: Look) -> None:
    x = _edges(stack)[:-1] + 0.5
    band = stack.band
    axes.stairs(1 + band, _edges(stack), baseline=1 - band, edgecolor="#777777", **_HATCH)
    axes.axhline(1.0, color="#111111", linewidth=0.6 * look.line)
    ratio, low, high = stack.ratio
    shown = np.isfinite(ratio) & (ratio <= RATIO_BOUND) & (stack.observed > 0)
    axes.errorbar(
        x[shown],
        ratio[shown],
        yerr=[(ratio - low)[shown], (high - ratio)[shown]],
        fmt="o",
        color="black",
        markersize=0.5 * look.type_size,
        elinewidth=0.7 * look.line,
    )
    beyond = ratio > RATIO_BOUND
    axes.plot(x[beyond], np.full(beyond.sum(), 0.92 * RATIO_BOUND), "k^", markersize=0.6 * look.type_size)
    axes.set_ylim(0.0, RATIO_BOUND)
    _nothing_seen(axes, np.minimum(high, RATIO_BOUND), stack, look)


def _regions(top: Axes, low: Axes, stack: Stack, look: Look) -> None:
    """Names of regions below."""
    ends = np.cumsum([0, *(bins for _, bins in stack.channels)])
    top.set_xlim(0, max(int(ends[-1]), 1))
    names = [plain(name, 24).words for name, _ in stack.channels]
    # As wide as they are drawn, roughly: letters are half as wide as high.
    steep = any(
        0.55 * len(name) * look.type_size * ends[-1] > 0.75 * bins * _points_across(low)
        for name, (_, bins) in zip(names, stack.channels, strict=True)
    )
    low.set_xticks(
        0.5 * (ends[:-1] + ends[1:]),
        names,
        rotation=38 if steep else 0,
        ha="right" if steep else "center",
        rotation_mode="anchor" if steep else "default",
        fontsize=0.85 * look.type_size,
        parse_math=False,
    )
    for axes in (top, low):
        axes.tick_params(axis="x", which="both", bottom=False, top=False)


def _separate(top: Axes, low: Axes, stack: Stack, end: float, look: Look) -> None:
    """Dotted lines between regions, as far up as there are data."""
    places = np.cumsum([bins for _, bins in stack.channels])[:-1]
    for axes, high in ((top, end), (low, RATIO_BOUND)):
        least = axes.get_ylim()[0]
        axes.vlines(
            places, least, high, colors="#777777", linewidth=0.6 * look.line, linestyle=DOTTED, zorder=2.2
        )


def _points_across(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    return 72.0 * float(figure.get_size_inches()[0]) if figure is not None else 400.0


def _range(stack: Stack, line: Floats) -> tuple[float, float]:
    high = np.concatenate([stack.total + np.nan_to_num(stack.errors), line, stack.observed_high])
    known = np.concatenate([stack.total[stack.total > 0], stack.observed[stack.observed > 0]])
    if not known.size:
        return 0.1, 10.0
    return max(0.2 * float(known.min()), 1e-3), 1.3 * float(np.nanmax(high))
