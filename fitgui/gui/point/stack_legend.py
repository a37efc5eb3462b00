"""What the layers of the stack are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.point.looks import point_colours, sample_colour, signal_brush, squeezed
from fitgui.gui.theme import Theme
from fitgui.insight.stacking import Stack

SWATCH = 18
WIDEST = 190


class StackLegend(QWidget):
    """Data, signal, samples from the top of the stack down, uncertainty; names are whole under the mouse."""

    def __init__(self, look: Theme, *, filled: bool = False) -> None:
        super().__init__()
        self._look, self._colours = look, point_colours(look)
        self._signal_brush = signal_brush(self._colours) if filled else QBrush(Qt.BrushStyle.NoBrush)
        self._entries: list[tuple[str, str, str, int]] = []
        """Kind, text, tip, colour."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    @property
    def texts(self) -> list[str]:
        """What is explained, whole."""
        return [text for _, text, _, _ in self._entries]

    def show_stack(self, stack: Stack | None, *, signal: str = "") -> None:
        """Explain these layers; the signal in other words than its strength, where some are given."""
        self._entries = []
        if stack is not None:
            self._entries.append(("data", "Data", "Observed events with the central 68 % interval", 0))
            if stack.signal_names:
                text = signal or f"Signal, μ = {stack.mu:.3g}"
                self._entries.append(("signal", text, f"{text}: {', '.join(stack.signal_names)}", 0))
            for layer in reversed(stack.layers):
                tip = layer.name if len(layer.members) == 1 else ", ".join(layer.members)
                self._entries.append(("sample", layer.name, tip, layer.rank))
            tip = "Of all that is expected, one standard deviation"
            self._entries.append(("band", "Uncertainty", tip, 0))
        self.setAccessibleName("Legend: " + ", ".join(self.texts))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the names, within reason."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(text) for text in self.texts), default=40)
        return QSize(min(SWATCH + 10 + widest, WIDEST), 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Marks and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, height = self.fontMetrics(), self._row_height
        for number, (kind, text, _, rank) in enumerate(self._entries):
            mark = QRectF(2, number * height + 0.5 * (height - 11), SWATCH - 4, 11)
            self._draw(painter, kind, rank, mark)
            painter.setPen(QColor(self._look.text))
            place = QRectF(SWATCH + 4, number * height, self.width() - SWATCH - 4, height)
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                squeezed(text, place.width(), metrics),
            )
        painter.end()

    def event(self, event: QEvent) -> bool:
        """The whole name."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = int(event.pos().y() // self._row_height)
            inside = 0 <= number < len(self._entries)
            QToolTip.showText(event.globalPos(), plain_tip(self._entries[number][2]) if inside else "", self)
            return True
        return super().event(event)

    @property
    def _row_height(self) -> float:
        comfortable = self.fontMetrics().height() + 4.0
        return min(comfortable, self.height() / max(len(self._entries), 1))

    def _draw(self, painter: QPainter, kind: str, rank: int, mark: QRectF) -> None:
        middle = mark.center()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if kind == "data":
            painter.setPen(QPen(QColor(self._colours.data), 1.5))
            painter.drawLine(QPointF(middle.x(), mark.top()), QPointF(middle.x(), mark.bottom()))
            painter.setBrush(QBrush(QColor(self._colours.data)))
            painter.drawEllipse(middle, 2.8, 2.8)
        elif kind == "signal":
            painter.setPen(QPen(QColor(self._colours.signal), 2))
            painter.setBrush(self._signal_brush)
            painter.drawRect(mark.adjusted(1, 1, -1, -1))
        elif kind == "band":
            painter.setPen(QPen(QColor(self._look.line), 1))
            painter.setBrush(QBrush(self._colours.band, Qt.BrushStyle.BDiagPattern))
            painter.drawRect(mark)
        else:
            painter.setPen(QPen(QColor(self._look.line), 1))
            painter.setBrush(QBrush(sample_colour(rank)))
            painter.drawRect(mark)
