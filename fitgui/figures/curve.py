"""CLs of one point against the signal strength, with the limits where it falls to 0.05."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgui import words
from fitgui.figures.header import Caption, put_header
from fitgui.figures.style import DASHED, DOTTED, Sheet
from fitgui.figures.text import Text
from fitgui.figures.ticks import plain_log_ticks
from fitgui.insight.model import ClsCurve
from fitgui_backends.results import EXCLUSION_CLS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

LOWEST = 1e-4
"""Where a logarithmic axis begins."""


def curve_figure(sheet: Sheet, curve: ClsCurve, caption: Caption, *, log: bool = False) -> Figure:
    """Observed solid, expected dashed with its bands, and upper limits where they reach 0.05.

    Where CLs is not known there is a gap: nothing is joined across it.

    Args:
        sheet: style and width.
        curve: of one point.
        caption: the text in the corner.
        log: whether the axis of CLs is logarithmic.
    """
    look = sheet.look
    figure = sheet.figure()
    axes = figure.add_subplot()
    if log:
        axes.set_yscale("log")
    mus, expected = curve.mus, curve.expected
    bands: list[Artist] = []
    for sigma, (first, last), colour in ((2, (0, 4), look.two_sigma), (1, (1, 3), look.one_sigma)):
        low, high = expected[:, first], expected[:, last]
        band = axes.fill_between(
            mus,
            low,
            high,
            where=(np.isfinite(low) & np.isfinite(high)).tolist(),
            facecolor=colour,
            linewidth=0.0,
            zorder=1.2 - 0.1 * sigma,
            label=f"Expected ±{sigma} σ",
        )
        bands.insert(0, band)
    size = 0.42 * look.type_size
    observed = axes.plot(
        mus,
        curve.observed,
        "o-",
        color=look.observed,
        linewidth=1.4 * look.line,
        markersize=size,
        label="Observed",
        gid="observed",
        zorder=3.0,
    )
    median = axes.plot(
        mus,
        expected[:, 2],
        color=look.expected,
        linewidth=look.line,
        linestyle=DASHED,
        label="Expected",
        gid="expected",
        zorder=2.9,
    )
    level = axes.axhline(
        EXCLUSION_CLS,
        color=look.quiet,
        linewidth=look.line,
        linestyle=DOTTED,
        zorder=2.5,
        label=r"CL$_\mathrm{s}$ = 0.05",
    )
    for limit, dashes, gid in (
        (curve.limit_observed, "-", "limit observed"),
        (curve.limit_expected[2], DASHED, "limit expected"),
    ):
        if limit is not None:
            axes.plot(
                [limit, limit],
                [LOWEST if log else 0.0, 1.0],
                color=look.quiet,
                linewidth=0.8 * look.line,
                linestyle=dashes,
                zorder=2.4,
                gid=gid,
            )
    axes.set_xlim(0.0, float(mus[-1]) if mus.size > 1 else 1.0)
    axes.set_ylim(*((LOWEST, 1.0) if log else (0.0, 1.03)))
    axes.set_xlabel("Signal strength μ")
    axes.set_ylabel(r"CL$_\mathrm{s}$")
    lines = [Text(limits_in_words(curve))]
    if np.isnan(curve.observed).any():
        gaps = int(np.isnan(curve.observed).sum())
        lines.append(Text(f"Gaps: CLs is not known at {gaps} of {mus.size} μ"))
    caption = caption.and_line(*lines)
    put_header(axes, look, sheet.style, caption, [*observed, *median, *bands, level])
    if log:
        plain_log_ticks(axes.yaxis, most=1.0)
    else:
        axes.set_yticks(np.linspace(0.0, 1.0, 6))
    return figure


def limits_in_words(curve: ClsCurve) -> str:
    """``μ < 0.66 at 95 % CL, expected 0.51``; a limit beyond the range of mu is ``beyond 10``."""

    def limit(value: float | None) -> str:
        return f"beyond {curve.bound:g}" if value is None else words.number(value, 3)

    return f"95 % CL limit on μ: {limit(curve.limit_observed)}, expected {limit(curve.limit_expected[2])}"
