"""The window of a talk: nothing but the screen of the moment, turned by keyboard or presenter."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QMouseEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLayout, QStackedWidget, QVBoxLayout, QWidget

from fitgui.gui.bridge import FRAME_MILLISECONDS
from fitgui.gui.talk.footer import Footer
from fitgui.gui.talk.plane_slide import LivePlane
from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.type import unit_of
from fitgui.gui.theme import Theme

SMALLEST = (320, 180)
LONGEST_STEP = 0.25
"""Seconds: a screen that was not drawn for longer, while the machine slept, goes on where it was."""
Key = Qt.Key
NEXT = (Key.Key_Right, Key.Key_Down, Key.Key_PageDown, Key.Key_N, Key.Key_Return, Key.Key_Enter)
BACK = (Key.Key_Left, Key.Key_Up, Key.Key_PageUp, Key.Key_P, Key.Key_Backspace)
LEAVE = (Key.Key_Escape, Key.Key_F11, Key.Key_Q)
BLACK = (Key.Key_B, Key.Key_Period)
FASTER = (Key.Key_Plus, Key.Key_Equal)
"""On many keyboards the plus is the key of the equals sign with Shift."""
HELP = (
    "Right and left or the keys of a presenter turn the page, Space pauses and starts again, plus and minus "
    "change the speed, 1 makes it true, R starts again, B is black, Esc leaves."
)


class TalkWindow(QWidget):
    """Screens, one at a time, and the line below them."""

    closed = Signal()
    """It was left."""

    def __init__(self, look: Theme) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("fitgui – talk")
        self.setAccessibleName("Talk")
        self.setAccessibleDescription(HELP)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._look = look
        self._unit = 0.0
        self._slides: list[Slide] = []
        self._stack = QStackedWidget()
        self._footer = Footer(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # Screens ask for the room that they have: what they needed on a larger one must not keep it large.
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumSize(*SMALLEST)
        column.addWidget(self._stack, stretch=1)
        column.addWidget(self._footer)
        self.setAutoFillBackground(True)
        self._paint_black(on=False)
        self._seen = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._keys: dict[Qt.Key, Callable[[], object]] = {
            **dict.fromkeys(NEXT, lambda: self.turn(1)),
            **dict.fromkeys(BACK, lambda: self.turn(-1)),
            **dict.fromkeys(LEAVE, self.close),
            **dict.fromkeys(BLACK, lambda: self._paint_black(on=self._stack.isVisible())),
            **dict.fromkeys(FASTER, lambda: self.slide.change_speed(1)),
            Key.Key_Minus: lambda: self.slide.change_speed(-1),
            Key.Key_1: lambda: self.slide.change_speed(0),
            Key.Key_R: lambda: self.slide.restart(),
            Key.Key_Home: lambda: self.go(0),
            Key.Key_End: lambda: self.go(len(self._slides) - 1),
            Key.Key_Space: self._play,
        }

    @property
    def slides(self) -> tuple[Slide, ...]:
        """All screens."""
        return tuple(self._slides)

    @property
    def slide(self) -> Slide:
        """The one in front."""
        return self._slides[self._stack.currentIndex()]

    @property
    def is_live(self) -> bool:
        """Whether it shows a run of the window that nothing is compared with yet."""
        return bool(self._slides) and isinstance(self._slides[-1], LivePlane)

    @property
    def footer(self) -> Footer:
        """The line below."""
        return self._footer

    def add_slides(self, slides: Sequence[Slide]) -> None:
        """Put screens behind those that there are; the first of all comes to the front."""
        first = not self._slides
        for slide in slides:
            self._slides.append(slide)
            self._stack.addWidget(slide)
            slide.footer_changed.connect(self._tell)
            slide.rescale(self._unit or unit_of(self.size()))
        if first and self._slides:
            self._slides[0].enter()
        self._tell()

    def go(self, index: int) -> None:
        """Bring a screen to the front; beyond either end nothing happens."""
        if 0 <= index < len(self._slides) and index != self._stack.currentIndex():
            self.slide.leave()
            self._stack.setCurrentIndex(index)
            self.slide.enter()
            self._tell()

    def turn(self, step: int) -> None:
        """The next screen (1), or the one before (-1)."""
        self.go(self._stack.currentIndex() + step)

    def advance(self, seconds: float) -> None:
        """So many seconds have passed; called by the timer."""
        if self._slides:
            self.slide.advance(min(seconds, LONGEST_STEP))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys; see :data:`HELP`."""
        action = self._keys.get(Key(event.key()))
        if action is None or not self._slides:
            super().keyPressEvent(event)
            return
        if self.isFullScreen():
            self.setCursor(Qt.CursorShape.BlankCursor)
        action()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Who moves the mouse wants to see it."""
        self.unsetCursor()
        super().mouseMoveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Type grows with the window."""
        super().resizeEvent(event)
        unit = unit_of(event.size())
        if unit != self._unit:
            self._unit = unit
            self._footer.rescale(unit)
            for slide in self._slides:
                slide.rescale(unit)

    def showEvent(self, event: QShowEvent) -> None:
        """The clock starts."""
        super().showEvent(event)
        self._seen = time.monotonic()
        self._timer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing plays on."""
        self._timer.stop()
        if self._slides:
            self.slide.leave()
        super().closeEvent(event)
        self.closed.emit()

    def _tick(self) -> None:
        now = time.monotonic()
        seconds, self._seen = now - self._seen, now
        self.advance(seconds)
        self._footer.update_clock()

    def _play(self) -> None:
        """Pause, go on, start again; a screen that plays nothing is turned, as presenters do."""
        if not self.slide.toggle():
            self.turn(1)

    def _tell(self) -> None:
        page = f"{self._stack.currentIndex() + 1} / {len(self._slides)}"
        self._footer.show_state(self.slide.footer, page, self.slide.progress)

    def _paint_black(self, *, on: bool) -> None:
        """Hide everything, as a presenter's black button does, or show it again."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor("black" if on else self._look.window))
        self.setPalette(palette)
        self._stack.setVisible(not on)
        self._footer.setVisible(not on)
