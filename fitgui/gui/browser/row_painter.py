"""Paints a line of the list: two lines of text, the state in its colour, a bar while it is downloaded."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fitgui.gui import theme
from fitgui.gui.browser.list_model import LINE, LOOK, Kind
from fitgui.gui.browser.row_looks import SEPARATOR, UNKNOWN_SHARE, RowLook

PADDING = 8
RIGHT = 3
ABOVE = 5
BAR = 3
LEAST_FACTS = 84
"""Pixels: less of the facts than this says nothing."""


def theme_of(palette: QPalette) -> theme.Theme:
    """The theme that a widget is painted in."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return theme.DARK if dark else theme.LIGHT


class RowPainter(QStyledItemDelegate):
    """Every line is as high as every other: that is what keeps long lists fast."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines, and room for the bar."""
        metrics = option.fontMetrics
        return QSize(80, 2 * metrics.lineSpacing() + 2 * ABOVE + BAR + 1)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line of the list."""
        look, line = index.data(LOOK), index.data(LINE)
        colours = theme_of(option.palette)
        state: QStyle.StateFlag = option.state
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.kind is not Kind.HEADING:
            _paint_ground(painter, rect, state, colours)
        inside = rect.adjusted(PADDING, ABOVE, -RIGHT, -ABOVE - BAR)
        _Text(painter, inside, option.font, colours).paint(look, line.kind)
        if look.share is not None:
            _paint_bar(
                painter, QRectF(inside.left(), rect.bottom() - ABOVE, inside.width(), BAR), look, colours
            )
        painter.restore()


def _paint_ground(painter: QPainter, rect: QRectF, state: QStyle.StateFlag, colours: theme.Theme) -> None:
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if not selected and not state & QStyle.StateFlag.State_MouseOver:
        return
    body = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.field))
    if selected and state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(colours.accent), 1.0))
    painter.drawRoundedRect(body, 6, 6)
    if selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(QRectF(body.left(), body.top(), 3, body.height()), 1.5, 1.5)


def _paint_bar(painter: QPainter, rect: QRectF, look: RowLook, colours: theme.Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.line))
    painter.drawRoundedRect(rect, 1.5, 1.5)
    share = look.share if look.share is not None else 0.0
    painter.setBrush(QColor(colours.accent))
    if share == UNKNOWN_SHARE:
        # How much is left is not known: dashes promise nothing.
        step = rect.width() / 12
        for number in range(0, 12, 2):
            painter.drawRoundedRect(QRectF(rect.left() + number * step, rect.top(), step, BAR), 1.5, 1.5)
    else:
        painter.drawRoundedRect(QRectF(rect.left(), rect.top(), rect.width() * share, BAR), 1.5, 1.5)


class _Text:
    """Two lines within a rectangle; what has no room is elided, the states last.

    Names are elided at their end: what comes first tells them apart, and the tooltip has all of it.
    """

    def __init__(self, painter: QPainter, rect: QRectF, font: QFont, colours: theme.Theme) -> None:
        self._painter = painter
        self._rect = rect
        self._font = QFont(font)
        self._colours = colours
        self._metrics = QFontMetrics(font)

    def paint(self, look: RowLook, kind: Kind) -> None:
        colours, height = self._colours, self._metrics.lineSpacing()
        first = QRectF(self._rect.left(), self._rect.top(), self._rect.width(), height)
        second = first.translated(0, height)
        if kind is Kind.HEADING:
            self._font.setBold(True)
            self._write(first, look.name, colours.muted, Qt.TextElideMode.ElideRight)
            self._font.setBold(False)
            self._write(second, look.facts, colours.muted)
            return
        name_colour = colours.accent if kind is Kind.ACTION else colours.text
        # Of two states one stands in the first line, where names are mostly short.
        beside, state, role = (
            (look.caution, look.state, look.role) if look.state else ("", look.caution, "warning")
        )
        room = self._from_the_right(first, beside, colours.warning)
        self._write(room, look.name, name_colour, Qt.TextElideMode.ElideRight)
        self._facts_and_state(second, look.facts, state, role)

    def _facts_and_state(self, rect: QRectF, facts: str, state: str, role: str) -> None:
        roles = {"good": self._colours.good, "error": self._colours.bad, "warning": self._colours.warning}
        colour = roles.get(role, self._colours.muted)
        room = rect.width() - (self._width(SEPARATOR + state) if state else 0)
        parts = facts.split(SEPARATOR)
        while len(parts) > 1 and self._width(SEPARATOR.join(parts)) > room:
            parts.pop()  # better fewer facts than pieces of them
        facts = SEPARATOR.join(parts)
        if not state:
            self._write(rect, facts, self._colours.muted)
            return
        if not facts or (self._width(facts) > room and room < LEAST_FACTS):
            self._write(rect, state, colour, Qt.TextElideMode.ElideRight)
            return
        width = min(self._width(facts), room)
        self._write(QRectF(rect.left(), rect.top(), width, rect.height()), facts, self._colours.muted)
        rest = rect.adjusted(width, 0, 0, 0)
        self._write(rest, SEPARATOR, self._colours.muted)
        self._write(rest.adjusted(self._width(SEPARATOR), 0, 0, 0), state, colour)

    def _from_the_right(self, rect: QRectF, text: str, colour: str) -> QRectF:
        """Write at the right end; what is left of the line."""
        if not text:
            return rect
        width = self._width(text)
        self._write(QRectF(rect.right() - width, rect.top(), width, rect.height()), text, colour)
        return rect.adjusted(0, 0, -width - 8, 0)

    def _width(self, text: str) -> int:
        return self._metrics.horizontalAdvance(text) + 1

    def _write(
        self, rect: QRectF, text: str, colour: str, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle
    ) -> None:
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(colour))
        metrics = QFontMetrics(self._font)
        fitting = metrics.elidedText(text, mode, int(rect.width()) + 1)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        self._painter.drawText(rect, flags, fitting)
