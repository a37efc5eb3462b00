"""What all screens of a talk have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QWidget

from fitgui.gui.talk.type import GAP, MARGIN, Line, Paragraph
from fitgui.gui.theme import Theme


class Slide(QWidget):
    """One screen; it fills whatever room the window has, and its type grows with that."""

    footer_changed = Signal()
    """:attr:`footer` or :attr:`progress` is another."""

    def __init__(self, look: Theme, name: str) -> None:
        super().__init__()
        self.look = look
        self.setAccessibleName(name)
        self._texts: list[Line | Paragraph] = []
        self._layouts: list[tuple[QLayout, float]] = []
        self._frames: list[QLayout] = []

    @property
    def footer(self) -> str:
        """What the audience must know beside what it sees: that it is a replay, of when, at what speed."""
        return ""

    @property
    def progress(self) -> float | None:
        """How much of what plays is over, 0 to 1; ``None`` where nothing plays."""
        return None

    def enter(self) -> None:
        """The screen comes to the front."""

    def leave(self) -> None:
        """Another one does."""

    def advance(self, seconds: float) -> None:
        """So many seconds have passed; called about thirty times a second while it is in front."""

    def toggle(self) -> bool:
        """Pause, go on, or start again; whether there is something to play."""
        return False

    def restart(self) -> None:
        """Play from the beginning."""

    def change_speed(self, step: int) -> None:
        """Play faster (1), slower (-1), or at true speed (0)."""

    def rescale(self, unit: float) -> None:
        """The screen has another size: a pixel of the design now takes ``unit`` pixels."""
        for text in self._texts:
            text.rescale(unit)
        for layout, spacing in self._layouts:
            layout.setSpacing(round(spacing * unit))
        for layout in self._frames:
            margin = round(MARGIN * unit)
            layout.setContentsMargins(margin, round(0.75 * margin), margin, round(0.1 * margin))

    def _line(self, pixels: int, colour: str, *, bold: bool = False, width: int = 0) -> Line:
        line = Line(pixels, colour, bold=bold, width=width)
        self._texts.append(line)
        return line

    def _paragraph(self, pixels: int, colour: str, *, bold: bool = False) -> Paragraph:
        paragraph = Paragraph(pixels, colour, bold=bold)
        self._texts.append(paragraph)
        return paragraph

    def _spaced(self, layout: QLayout, spacing: float = GAP, *, framed: bool = False) -> None:
        """Let the spacing of a layout grow with the screen, and its margins, if it is the outermost."""
        layout.setContentsMargins(0, 0, 0, 0)
        self._layouts.append((layout, spacing))
        if framed:
            self._frames.append(layout)
