"""The legend of the plane: in one line, else in lines of about the same length."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

GAP = "    "


class Legend(QLabel):
    """Marks with their words, broken so that none stands alone in the last line."""

    def __init__(self, marks: Sequence[str]) -> None:
        super().__init__()
        self._marks = tuple(marks)
        self._hint = ""
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(GAP.join(self._marks))

    def show_hint(self, hint: str) -> None:
        """One sentence below the marks; none where it is empty."""
        self._hint = hint
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines for another width."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """A larger type needs more lines."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def _arrange(self) -> None:
        lines = balanced(self._marks, self.contentsRect().width(), self.fontMetrics())
        text = "\n".join([*lines, self._hint] if self._hint else lines)
        if text != self.text():
            self.setText(text)


def balanced(marks: Sequence[str], width: int, metrics: QFontMetrics) -> list[str]:
    """As few lines as fit into ``width`` pixels, the widest of them as narrow as can be."""
    for count in range(1, len(marks) + 1):
        lines = _narrowest(marks, count, metrics)
        if all(metrics.horizontalAdvance(line) <= width for line in lines):
            return lines
    return list(marks)


def _narrowest(marks: Sequence[str], count: int, metrics: QFontMetrics) -> list[str]:
    """``count`` lines in the order of the marks, of all such the ones whose widest is narrowest."""
    if count == 1:
        return [GAP.join(marks)]
    found = (
        [GAP.join(marks[:at]), *_narrowest(marks[at:], count - 1, metrics)]
        for at in range(1, len(marks) - count + 2)
    )
    return min(found, key=lambda lines: max(map(metrics.horizontalAdvance, lines)))
