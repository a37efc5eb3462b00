"""The answer in large type: excluded or not, the numbers, and what they mean in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.appearance import StateLook
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.widgets import push_button, set_role, text_label

SMALLEST_POINTS: Final = 10
"""Of the headline: where it does not fit in that size, it goes on in a second line."""
BREATH: Final = 10
"""Pixels that the headline leaves free, so that it is not broken by rounding."""
LINES: Final = 2
"""Of the words below the headline there is always room for: nothing jumps while answers come."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the strip says."""

    look: StateLook
    headline: str
    words: str
    role: str = ""
    """``good``, ``warning``, ``error``, ``muted``: the colour of icon and headline."""
    asks: bool = False
    """Whether the user may insist that all is well."""


EMPTY: Final = Told(
    StateLook("?", "no signal"),
    "Is your signal excluded?",
    "Type or paste signal yields, drop a file, or start from a published point.",
    "muted",
)


class VerdictStrip(QFrame):
    """One answer; dimmed while a newer one is on its way."""

    insisted = Signal()
    """The user says that all is well with what forbids to fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self._told = EMPTY
        self._stale = False
        self._icon = text_label()
        self._headline = text_label(wrap=True)
        self._headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._words = text_label(wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._insist = push_button(
            "Fit it anyway", "I have looked: the yields are right as they are", self.insisted.emit
        )
        self._insist.hide()
        for label in (self._headline, self._words):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._headline)
        column.addWidget(self._words)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, stretch=1)
        row.addWidget(self._insist)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell(EMPTY)

    @property
    def told(self) -> Told:
        """What it says."""
        return self._told

    @property
    def is_stale(self) -> bool:
        """Whether a newer answer is on its way."""
        return self._stale

    def tell(self, told: Told) -> None:
        """Say this; it is the answer to what stands in the form."""
        self._told = told
        self._mark(stale=False)
        self._insist.setVisible(told.asks)
        self._icon.setText(told.look.icon)
        self._headline.setText(told.headline)
        self._words.setText(told.words)
        self._headline.setToolTip(plain_tip(told.headline))
        self.setAccessibleName(f"{told.headline}. {told.words}")
        self._fit()

    def dim(self) -> None:
        """What it says is about what stood in the form before."""
        self._mark(stale=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As large as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _mark(self, *, stale: bool) -> None:
        self._stale = stale
        role = "muted" if stale else self._told.role
        for label in (self._icon, self._headline):
            set_role(label, role)
        set_role(self._words, "muted" if stale or self._told.role == "muted" else "")
        self.setAccessibleDescription("The answer to the latest change is on its way" if stale else "")

    def _fit(self) -> None:
        """The largest type in which the headline is one line; heights for all that is said."""
        font = theme.headline_font(self.font())
        tallest = QFontMetrics(font).lineSpacing()
        beside = QFontMetrics(font).horizontalAdvance("⚠") + 2 * 12 + 10 + BREATH
        if self._told.asks:
            beside += self._insist.sizeHint().width() + 10
        room = max(self.contentsRect().width() - beside, 80)
        while font.pointSize() > SMALLEST_POINTS and _width(self._told.headline, font) > room:
            font.setPointSize(font.pointSize() - 1)
        for label in (self._icon, self._headline):
            if label.font() != font:
                label.setFont(font)
        self._icon.setFixedSize(self._icon.minimumSizeHint().expandedTo(QSize(0, tallest)))
        self._headline.setFixedHeight(max(self._headline.heightForWidth(room), tallest))
        two = LINES * self._words.fontMetrics().lineSpacing()
        self._words.setFixedHeight(max(self._words.heightForWidth(room), two))


def _width(text: str, font: QFont) -> int:
    return QFontMetrics(font).horizontalAdvance(text)
