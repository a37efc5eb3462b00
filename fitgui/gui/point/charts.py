"""The charts of pulls and of impacts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from fitgui import words
from fitgui.gui.point.row_chart import Row, RowChart, Scale
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe
from fitgui.insight.model import ImpactRanking, Parameters

LEAST_PULLS = 2.5
MINUS = "−"


def signed(value: float, decimals: int = 2) -> str:
    """``+0.31``, ``−0.42``; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    return f"{value:+.{decimals}f}".replace("-", MINUS)


NO_PULL = "free: its value"
"""In the place of the pull of a parameter that nothing constrains."""


class PullChart(RowChart):
    """Pulls with their constraints: bars of plus and minus one standard deviation after the fit.

    Parameters that nothing constrains, such as the norm factors of backgrounds, have no pull: their values
    stand in rows of their own, above the pulls.
    """

    axis_title = "pull: (fitted − expected) / uncertainty before the fit"
    numbers_title = "pull ± constraint"

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        describe(
            self,
            "Pulls and constraints",
            "Each nuisance parameter: how far the fit moved it from where it was measured, in units of its "
            "uncertainty before the fit, and its uncertainty after the fit in the same units. Of parameters "
            "without a constraint, which come first, the fitted value.",
        )
        self._marks: list[tuple[float, float]] = []
        self._free = 0
        """So many rows at the top have a value instead of a pull."""
        self._reach = LEAST_PULLS

    def show_pulls(self, parameters: Parameters, order: Sequence[int], free: Sequence[int] = ()) -> None:
        """Show these parameters, by their places; ``free`` ones are not constrained, and stand first."""
        self._marks = [
            (float(parameters.pulls[place]), float(parameters.constraints[place])) for place in order
        ]
        reach = [
            abs(pull) + (constraint if math.isfinite(constraint) else 0.0) for pull, constraint in self._marks
        ]
        self._reach = max([LEAST_PULLS, *(1.08 * value for value in reach if math.isfinite(value))])
        self._free = len(free)
        self.show_rows(
            [
                *(free_row(parameters, place) for place in free),
                *(pull_row(parameters, place) for place in order),
            ]
        )

    def limits(self) -> tuple[float, float]:
        """The same on both sides."""
        return -self._reach, self._reach

    def paint_ground(self, painter: QPainter, scale: Scale, area: QRectF) -> None:
        """Bands of one and two standard deviations, and the line at zero."""
        for size, colour in ((2.0, self.colours.outer_band), (1.0, self.colours.inner_band)):
            left, right = scale.at(-size), scale.at(size)
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), QColor(colour))
        painter.setPen(QPen(QColor(self.look.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(scale.at(0.0), area.top()), QPointF(scale.at(0.0), area.bottom()))

    def paint_marks(self, painter: QPainter, number: int, scale: Scale, area: QRectF) -> None:
        """A dot with its bar; words, and a line below the last of them, where there is no pull."""
        if number < self._free:
            painter.fillRect(area, QColor(self.look.panel))
            painter.setPen(QColor(self.look.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, NO_PULL)
            if number == self._free - 1 and self._marks:
                painter.setPen(QPen(QColor(self.look.line), 1))
                painter.drawLine(area.bottomLeft(), area.bottomRight())
            return
        pull, constraint = self._marks[number - self._free]
        paint_pull(painter, scale, area, (pull, constraint), QColor(self.look.text))


class ImpactChart(RowChart):
    """The ranking: shifts of mu-hat as bars, pulls over them."""

    numbers_title = "at −1σ, +1σ"
    axis_title = "shift of mu-hat"

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        describe(
            self,
            "Impacts on the best signal strength",
            "Each nuisance parameter: how far the best signal strength moves when the parameter is held one "
            "standard deviation off and all else is fitted again, and its pull.",
        )
        self._ranking: ImpactRanking | None = None
        self._parameters: Parameters | None = None
        self._order: tuple[int, ...] = ()
        self._reach = 1.0

    def show_impacts(self, ranking: ImpactRanking, parameters: Parameters, order: Sequence[int]) -> None:
        """Show these entries of a ranking, with the pulls of the free fit."""
        self._ranking, self._parameters, self._order = ranking, parameters, tuple(order)
        sizes = [
            abs(float(value))
            for shifts in (ranking.post_fit, ranking.pre_fit)
            for entry in order
            for value in shifts[entry]
            if math.isfinite(value)
        ]
        self._reach = max([1e-6, *(1.08 * size for size in sizes)])
        decimals = max(2, 2 - math.floor(math.log10(self._reach)))
        self.show_rows([impact_row(ranking, parameters, entry, decimals) for entry in order])

    def limits(self) -> tuple[float, float]:
        """The same on both sides."""
        return -self._reach, self._reach

    def paint_ground(self, painter: QPainter, scale: Scale, area: QRectF) -> None:
        """The line at zero, and where pulls are one."""
        painter.setPen(QPen(QColor(self.look.line), 1))
        pulls = self._pulls(scale)
        for pull in (-1.0, 1.0):
            painter.drawLine(QPointF(pulls.at(pull), area.top()), QPointF(pulls.at(pull), area.bottom()))
        painter.setPen(QPen(QColor(self.look.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(scale.at(0.0), area.top()), QPointF(scale.at(0.0), area.bottom()))

    def paint_marks(self, painter: QPainter, number: int, scale: Scale, area: QRectF) -> None:
        """Filled: by the uncertainty after the fit; outlined: by that before."""
        ranking, parameters = self._ranking, self._parameters
        if ranking is None or parameters is None:
            return
        entry = self._order[number]
        for shifts, filled in ((ranking.post_fit[entry], True), (ranking.pre_fit[entry], False)):
            for shift, colour in zip(shifts, (self.colours.lowered, self.colours.raised), strict=True):
                if not math.isfinite(shift):
                    continue
                left, right = sorted((scale.at(0.0), scale.at(float(shift))))
                bar = QRectF(left, area.top() + 3, right - left, area.height() - 6)
                if filled:
                    painter.fillRect(bar, QColor(colour))
                else:
                    painter.setPen(QPen(QColor(colour), 1.2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(bar.adjusted(0, -1, 0, 1))
        place = ranking.places[entry]
        pull, constraint = float(parameters.pulls[place]), float(parameters.constraints[place])
        paint_pull(painter, self._pulls(scale), area, (pull, constraint), QColor(self.look.text))

    def _pulls(self, scale: Scale) -> Scale:
        return Scale(-2.0, 2.0, scale.left, scale.right)


def pull_row(parameters: Parameters, place: int) -> Row:
    """In words and numbers."""
    name, standing = parameters.names[place], parameters.standing[place]
    pull, constraint = float(parameters.pulls[place]), float(parameters.constraints[place])
    known = f"{constraint:.2f}" if math.isfinite(constraint) else "–"
    value, error, centre, width = (
        float(column[place])
        for column in (parameters.values, parameters.uncertainties, parameters.centres, parameters.widths)
    )
    tip = (
        f"{name}\npull {signed(pull)}, constraint {known}\nfitted {value:.4g} ± {error:.2g}, before the fit "
        f"{centre:.4g} ± {width:.2g}\n{standing}"
    )
    return Row(name, f"{signed(pull)} ± {known}", tip)


def free_row(parameters: Parameters, place: int) -> Row:
    """A parameter without a constraint: its value and uncertainty, in its own unit."""
    name, standing = parameters.names[place], parameters.standing[place]
    value, error = float(parameters.values[place]), float(parameters.uncertainties[place])
    told = words.with_error(value, error)
    return Row(name, told.replace("-", MINUS), f"{name}\nfitted {told}\nnot constrained, {standing}")


def impact_row(ranking: ImpactRanking, parameters: Parameters, entry: int, decimals: int) -> Row:
    """In words and numbers."""
    name, place = ranking.names[entry], ranking.places[entry]
    low, high = (signed(float(shift), decimals) for shift in ranking.post_fit[entry])
    before = [signed(float(shift), decimals) for shift in ranking.pre_fit[entry]]
    linear = signed(float(ranking.linear[entry][1]), decimals)
    cut = "\na bound of the parameter came first" if ranking.cut[entry].any() else ""
    tip = (
        f"{name}\nby its uncertainty after the fit: {low} lowered, {high} raised\n"
        f"by that before the fit: {before[0]} lowered, {before[1]} raised\n"
        f"to first order, raised: {linear}\npull {signed(float(parameters.pulls[place]))}{cut}"
    )
    return Row(name, f"{low}  {high}", tip)


def paint_pull(
    painter: QPainter, scale: Scale, area: QRectF, pulled: tuple[float, float], colour: QColor
) -> None:
    """A dot with a bar of plus and minus one standard deviation; nothing where there is no pull.

    Args:
        painter: Draws.
        scale: Of pulls.
        area: Of the row.
        pulled: Pull and constraint.
        colour: Of the dot.
    """
    pull, constraint = pulled
    if not math.isfinite(pull):
        return
    middle = area.center().y()
    painter.setPen(QPen(colour, 1.6))
    if math.isfinite(constraint):
        left, right = scale.at(pull - constraint), scale.at(pull + constraint)
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        for end in (left, right):
            painter.drawLine(QPointF(end, middle - 3), QPointF(end, middle + 3))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    painter.drawEllipse(QPointF(scale.at(pull), middle), 3.2, 3.2)
