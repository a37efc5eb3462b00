"""Wall times: bars of runs and of published times, and points fitted against time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fitgui.figures.header import MOST_OF_ROWS, Caption, put_header
from fitgui.figures.style import Look, Sheet
from fitgui.figures.text import drawable, plain, shortened
from fitgui.figures.ticks import plain_log_ticks
from fitgui.runs.wall_bars import BarKind, CompletionCurve, WallBar

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text as Drawn

_LINES = 3.4
"""Height of a bar with its two lines of text, in lines."""
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.3)), (0, (6, 2, 1, 2)))


def wall_figure(
    sheet: Sheet, bars: Sequence[WallBar], caption: Caption, curves: Sequence[CompletionCurve] = ()
) -> Figure:
    """Bars on a logarithmic axis, and below them how the points came in.

    A bar that is not to be compared as it is with the run on show is pale, and its text says why.

    Args:
        sheet: style and width.
        bars: in their order, the first on top.
        caption: the text in the corner.
        curves: of the same runs.
    """
    look = sheet.look
    drawn = [bar for bar in bars if bar.seconds > 0]
    lines = _LINES * max(1, len(drawn)) + 5.0
    height = 1.35 * lines * look.type_size / 72.0
    below = 0.45 * sheet.width / 25.4 if curves else 0.0
    figure = sheet.figure((height + below) * 25.4 / sheet.width)
    parts = figure.add_gridspec(2, 1, height_ratios=[height, below]) if curves else figure.add_gridspec(1, 1)
    axes = figure.add_subplot(parts[0])
    _bars(axes, drawn, look)
    put_header(axes, look, sheet.style, caption, [], most=MOST_OF_ROWS)
    _fit_texts(axes, drawn, look)
    if curves:
        _curves(figure.add_subplot(parts[1]), curves, look, below)
    return figure


def _bars(axes: Axes, bars: Sequence[WallBar], look: Look) -> None:
    axes.set_xscale("log")
    colours = {
        BarKind.THIS: look.series[0],
        BarKind.CORE: look.series[4],
        BarKind.RUN: look.series[2],
        BarKind.PUBLISHED: look.quiet,
    }
    lowest = min((bar.seconds for bar in bars), default=1.0)
    start = lowest / 4.0
    for place, bar in enumerate(bars):
        y = float(len(bars) - 1 - place)
        axes.barh(
            y - 0.28,
            bar.seconds - start,
            left=start,
            height=0.34,
            color=colours[bar.kind],
            alpha=1.0 if bar.comparable else 0.4,
            gid=f"bar {bar.key}",
        )
        if bar.error:
            line = 0.8 * look.line
            axes.errorbar(
                bar.seconds, y - 0.28, xerr=bar.error, color="#222222", elinewidth=line, capsize=2 * line
            )
        axes.text(
            bar.seconds + (bar.error or 0.0),
            y - 0.28,
            f"  {bar.value}",
            va="center",
            fontsize=0.92 * look.type_size,
            parse_math=False,
            gid="value",
        )
    axes.set_xlim(start, 4.0 * max((bar.seconds for bar in bars), default=1.0))
    axes.set_ylim(-0.6, len(bars) - 0.4)
    axes.set_yticks([])
    axes.tick_params(axis="y", which="both", left=False, right=False)
    plain_log_ticks(axes.xaxis)
    axes.set_xlabel("Wall time [s]")


def _fit_texts(axes: Axes, bars: Sequence[WallBar], look: Look) -> None:
    """Room for the values to the right of the bars; labels above them, as long as the axes at most."""
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    room = axes.get_window_extent(renderer)
    low, high = np.log(axes.get_xlim())
    for text in axes.texts:
        if text.get_gid() == "value":
            taken = text.get_window_extent(renderer).width + 0.5 * look.type_size
            end = np.log(text.get_position()[0])
            high = max(high, low + (end - low) * room.width / max(room.width - taken, 0.2 * room.width))
    axes.set_xlim(float(np.exp(low)), float(np.exp(high)))
    plain_log_ticks(axes.xaxis)
    most = room.width - 1.4 * look.type_size
    for place, bar in enumerate(bars):
        y = float(len(bars) - 1 - place)
        for words, height, colour, size in (
            (bar.label, 0.29, "#000000", 0.95),
            (bar.detail, 0.02, "#555555", 0.85),
        ):
            text = axes.annotate(
                drawable(words),
                (0.0, y + height),
                xycoords=("axes fraction", "data"),
                xytext=(0.7 * look.type_size, 0),
                textcoords="offset points",
                va="center",
                fontsize=size * look.type_size,
                color=colour,
                parse_math=False,
                gid="label",
            )
            text.set_in_layout(False)
            _shorten(text, most)


def _shorten(text: Drawn, most: float) -> None:
    """Take letters out of the middle until the text is no wider than ``most`` pixels."""
    figure = text.get_figure(root=True)
    if figure is None:
        return
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    words = text.get_text()
    for _ in range(6):
        width = text.get_window_extent(renderer).width
        if width <= most:
            return
        words = shortened(words, max(4, int(len(words) * most / width)))
        text.set_text(words)


def _curves(axes: Axes, curves: Sequence[CompletionCurve], look: Look, height: float) -> None:
    handles: list[Artist] = []
    for number, curve in enumerate(curves):
        seconds = np.concatenate([[0.0], curve.completion.seconds, [curve.wall]])
        done = np.concatenate(
            [[0], curve.completion.done, [curve.completion.done[-1] if curve.completion.done else 0]]
        )
        handles += axes.step(
            seconds,
            done,
            where="post",
            color=look.series[number % len(look.series)],
            linestyle=_DASHES[number % len(_DASHES)],
            linewidth=1.2 * look.line,
            label=plain(curve.name, 60).words,
            gid=f"curve {curve.key}",
        )
    walls = [curve.wall for curve in curves if curve.wall > 0]
    if walls and max(walls) > 30 * min(walls):
        axes.set_xscale("log")
        axes.set_xlim(0.03 * min(walls), 1.1 * max(walls))
        plain_log_ticks(axes.xaxis)
    else:
        axes.set_xlim(0.0, 1.03 * max(walls, default=1.0))
    # The legend stands above the curves: its lines take a part of the height.
    share = min(0.6, (len(curves) + 0.7) * 1.3 * look.type_size / (72.0 * 0.72 * height))
    axes.set_ylim(0.0, max((curve.total for curve in curves), default=1) / (1.0 - share))
    axes.set_xlabel("Time since the start of the run [s]")
    axes.set_ylabel("Points fitted")
    legend = axes.legend(handles=handles, loc="upper left", ncols=1)
    for entry in legend.get_texts():
        entry.set_parse_math(False)
