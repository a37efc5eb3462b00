"""Colours and short names of what is drawn of a point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QBrush, QColor, QFontMetrics

from fitgui.gui.theme import Theme

SAMPLES = (
    "#56b4e9",
    "#e69f00",
    "#009e73",
    "#f0e442",
    "#cc79a7",
    "#0072b2",
    "#b3d9f2",
    "#f2cf80",
    "#80ceb9",
    "#9aa3b0",
)
"""Of the Okabe-Ito set, then three of them paler; grey for what is put together."""


@dataclass(frozen=True, slots=True)
class PointColours:
    """What has which colour."""

    signal: str
    raised: str
    """Of impacts: the parameter one standard deviation up."""
    lowered: str
    inner_band: str
    outer_band: str
    data: str
    band: QColor
    """Over the stack: the uncertainty of the total."""
    negative: str
    """Of correlations."""
    zero: str
    positive: str


def point_colours(look: Theme) -> PointColours:
    """For a theme."""
    dark = look.name == "dark"
    band = QColor(look.text)
    band.setAlpha(150)
    return PointColours(
        signal="#ff8a4c" if dark else "#d55e00",
        raised="#d55e00",
        lowered="#56b4e9" if dark else "#0072b2",
        inner_band="#1e4d40" if dark else "#cfe9df",
        outer_band="#4b4621" if dark else "#faf3c0",
        data=look.text,
        band=band,
        negative="#56b4e9" if dark else "#0072b2",
        zero=look.panel,
        positive="#ff8a4c" if dark else "#d55e00",
    )


def signal_brush(colours: PointColours) -> QBrush:
    """Of a signal that is filled: what is below it stays to be seen."""
    colour = QColor(colours.signal)
    colour.setAlpha(110)
    return QBrush(colour)


def sample_colour(rank: int) -> QColor:
    """Of the sample of that rank; more than there are colours have those again."""
    return QColor(SAMPLES[rank % len(SAMPLES)])


def squeezed(text: str, width: float, metrics: QFontMetrics) -> str:
    """A text in so many pixels; what is left out, from its middle, is marked."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    return _cut(text, lambda candidate: metrics.horizontalAdvance(candidate) <= width)


def _cut(text: str, fits: Callable[[str], bool]) -> str:
    """Names of parameters differ at both ends, so both are kept."""
    for kept in range(len(text) - 1, 1, -1):
        first = (kept + 1) // 2
        candidate = f"{text[:first]}…{text[len(text) - (kept - first) :]}"
        if fits(candidate):
            return candidate
    return "…"
