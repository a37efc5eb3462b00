"""A text of which only the beginning is shown, until the user wants all of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fitgui.gui.widgets import describe, push_button, text_label

SHORT = 130
"""Letters: about three lines of the narrow card."""
MORE, LESS = "More of the text", "Less of the text"


class FoldedText(QWidget):
    """The first lines of an abstract, and the rest of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._unfolded = False
        self._label = text_label(wrap=True)
        self._button = push_button(MORE, "Show the whole text", self._toggle, role="link")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._label)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignLeft)

    def text(self) -> str:
        """All of it."""
        return self._text

    def setText(self, text: str) -> None:
        """Another text is folded again."""
        if text != self._text:
            self._text, self._unfolded = text, False
        self._fill()

    def _toggle(self) -> None:
        self._unfolded = not self._unfolded
        self._fill()

    def _fill(self) -> None:
        short = shortened(self._text)
        self._label.setText(self._text if self._unfolded else short)
        self._button.setVisible(short != self._text)
        text, explanation = (
            (LESS, "Show its beginning only") if self._unfolded else (MORE, "Show the whole text")
        )
        self._button.setText(text)
        describe(self._button, text, explanation)


def shortened(text: str, length: int = SHORT) -> str:
    """Whole words from the beginning; all of it where little would be left out."""
    if len(text) <= length * 1.3:
        return text
    return f"{text[:length].rsplit(maxsplit=1)[0].rstrip(' .,;:')} …"
