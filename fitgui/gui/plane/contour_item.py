"""Contours and bands in the plane: drawn as painter paths, for items of pyqtgraph are slow at this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from fitgui.exclusion.model import Exclusion, Region, Surface
from fitgui.gui.plane.compared import Overlay
from fitgui.gui.plane.frame import Frame
from fitgui.gui.theme import Theme

LINE_WIDTH = 2.0
CASING = 1.6
"""How much wider the line below each line is, which parts it from the points that it crosses."""
OTHERS = ("#0072b2", "#cc79a7", "#009e73", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours for what is compared with; the orange-red and black are those of this run."""
OTHERS_ON_DARK = ("#56b4e9", "#e79fc9", "#2fd0a0", "#e69f00", "#8fb0ff")
"""The same, where a dark background would swallow some of them."""
DASHES = {
    Qt.PenStyle.DashLine: [5.0, 3.0],
    Qt.PenStyle.DashDotLine: [6.0, 2.5, 1.0, 2.5],
    Qt.PenStyle.DotLine: [2.0, 3.5],
}


@dataclass(frozen=True, slots=True)
class LineLook:
    """How a contour is drawn, and shown in the legend."""

    colour: str
    style: Qt.PenStyle
    width: float = LINE_WIDTH

    def pen(self, scale: float = 1.0) -> QPen:
        """A pen whose width is in pixels whatever the range of the plot."""
        pen = QPen(QColor(self.colour), self.width * scale)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self.style in DASHES:
            pen.setDashPattern(DASHES[self.style])
        return pen


@dataclass(frozen=True, slots=True)
class ContourLooks:
    """The looks of the contours of the run on show, by convention: solid, dashed, and a yellow band."""

    observed: LineLook
    expected: LineLook
    band: QColor
    wide_band: QColor
    edge: QColor
    """Around the bands."""
    others: tuple[str, ...] = OTHERS
    """Of what is compared with, one after the other."""

    def other(self, number: int, surface: Surface, *, thin: bool = False) -> LineLook:
        """The look of the ``number``-th overlay: one colour, observed dotted, expected dashed and dotted.

        They lie on top, and let the contours of the run on show be seen where both are the same.

        Args:
            number: counts from 0.
            surface: observed or expected.
            thin: of the same moved by standard deviations.
        """
        style = Qt.PenStyle.DotLine if surface is Surface.OBSERVED else Qt.PenStyle.DashDotLine
        return LineLook(self.others[number % len(self.others)], style, LINE_WIDTH * (0.5 if thin else 1.1))


def looks_for(theme: Theme) -> ContourLooks:
    """The convention of the field in colours that light or dark carries."""
    dark = theme.name == "dark"
    band, wide = QColor("#f0e442" if dark else "#f2d600"), QColor("#56b4e9" if dark else "#7cc4ee")
    band.setAlphaF(0.28 if dark else 0.42)
    wide.setAlphaF(0.16 if dark else 0.26)
    edge = QColor("#f0e442" if dark else "#c9a800")
    edge.setAlphaF(0.7)
    return ContourLooks(
        LineLook("#ff8a4c" if dark else "#d1410c", Qt.PenStyle.SolidLine),
        LineLook("#ffffff" if dark else "#111418", Qt.PenStyle.DashLine),
        band,
        wide,
        edge,
        OTHERS_ON_DARK if dark else OTHERS,
    )


class ContourItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """Painter paths in the coordinates of the plot, each with a pen or a fill of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[tuple[QPainterPath, QPen, QColor | None]] = []
        self._bounds = QRectF()

    def show_paths(self, paths: Sequence[tuple[QPainterPath, QPen, QColor | None]]) -> None:
        """Draw these, in their order: outline and fill."""
        self.prepareGeometryChange()
        self._paths = list(paths)
        self._bounds = QRectF()
        for path, _, _ in self._paths:
            self._bounds = self._bounds.united(path.controlPointRect())
        self.update()

    def boundingRect(self) -> QRectF:
        """Around all paths."""
        return self._bounds

    def paint(self, painter: QPainter, *_: Any) -> None:
        """All paths."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The width of a pen that no zoom changes is in dots of the screen, and there may be two to a pixel.
        ratio = painter.device().devicePixelRatioF()
        for path, pen, fill in self._paths:
            dots = QPen(pen)
            dots.setWidthF(pen.widthF() * ratio)
            painter.setPen(dots)
            painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
            painter.drawPath(path)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contours are drawn."""

    observed: bool = True
    expected: bool = True
    band: bool = True
    wide_band: bool = False


class ContourLayers:
    """The items of a plot that show an exclusion and what it is compared with."""

    def __init__(self, plot: Any, theme: Theme, scale: float) -> None:
        self._scale = scale
        self._casing = QColor(theme.panel)
        self._casing.setAlphaF(0.75)
        self.looks = looks_for(theme)
        self.below, self.above = ContourItem(), ContourItem()
        self.below.setZValue(-10)
        self.above.setZValue(10)
        for item in (self.below, self.above):
            plot.addItem(item, ignoreBounds=True)

    def show(
        self, exclusion: Exclusion | None, overlays: Sequence[Overlay], frame: Frame, wanted: Wanted
    ) -> None:
        """Draw bands below the points, and lines above them."""
        fills: list[tuple[QPainterPath, QPen, QColor | None]] = []
        lines: list[tuple[QPainterPath, LineLook]] = []
        others: list[tuple[QPainterPath, LineLook]] = []
        for number, overlay in enumerate(overlays):
            others += [
                (frame.path(moved), self.looks.other(number, kind.surface, thin=True))
                for kind, moved in overlay.variations.items()
            ]
            others += [
                (frame.path(overlay.contours[surface]), self.looks.other(number, surface))
                for surface in (Surface.EXPECTED, Surface.OBSERVED)
                if overlay.contours.get(surface)
            ]
        if exclusion is not None:
            edge = QPen(self.looks.edge, self._scale)
            edge.setCosmetic(True)
            for sigma, colour, shown in (
                (2, self.looks.wide_band, wanted.wide_band),
                (1, self.looks.band, wanted.band),
            ):
                regions: Sequence[Region] = exclusion.bands.get(sigma, ()) if shown else ()
                if regions:
                    fills.append((frame.area(regions), QPen(Qt.PenStyle.NoPen), colour))
            if wanted.band:
                fills += [
                    (frame.path(exclusion.contours[surface]), edge, None)
                    for surface in (Surface.MINUS_ONE, Surface.PLUS_ONE)
                ]
            if wanted.expected:
                lines.append((frame.path(exclusion.contours[Surface.EXPECTED]), self.looks.expected))
            if wanted.observed:
                lines.append((frame.path(exclusion.contours[Surface.OBSERVED]), self.looks.observed))
        self.below.show_paths(fills)
        drawn: list[tuple[QPainterPath, QPen, QColor | None]] = []
        for path, look in lines:
            casing = QPen(self._casing, (look.width + CASING) * self._scale)
            casing.setCosmetic(True)
            drawn += [(path, casing, None), (path, look.pen(self._scale), None)]
        drawn += [(path, look.pen(self._scale), None) for path, look in others]
        self.above.show_paths(drawn)
