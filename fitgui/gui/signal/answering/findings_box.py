"""What was noticed, in sentences: what forbids to go on first, each with a sign and a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui.widgets import describe, text_label
from fitgui.reinterpretation.findings import by_importance
from fitgui.reinterpretation.model import Finding

HIGHEST: Final = 148
"""Pixels, unless another limit is set; more sentences scroll."""
SEVERE_SIGN, NOTE_SIGN = "✗ To be settled: ", "⚠ Note: "


class FindingsBox(QScrollArea):
    """Sentences below one another, as high as they are, up to a limit."""

    def __init__(self, name: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings: tuple[Finding, ...] = ()
        self._highest = HIGHEST
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        describe(self, name, explanation)
        self.setToolTip("")
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.setWidget(self._inside)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_findings(self, findings: Sequence[Finding], *, all_well: str = "") -> None:
        """Say these sentences, the most important first, each once.

        Args:
            findings: what was noticed.
            all_well: what is said where nothing was; empty says nothing.
        """
        ordered = tuple(dict.fromkeys(by_importance(findings)))
        if ordered == self.findings and (ordered or not all_well) and self._column.count():
            return
        self.findings = ordered
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for finding in ordered:
            sign, role = (SEVERE_SIGN, "error") if finding.severe else (NOTE_SIGN, "warning")
            self._add(sign + finding.sentence, role)
        if not ordered and all_well:
            self._add(f"✓ {all_well}", "good")
        self._column.addStretch(1)
        self.setVisible(bool(ordered or all_well))
        self._fit()

    def limit(self, pixels: int) -> None:
        """Be at most so high."""
        if pixels != self._highest:
            self._highest = pixels
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sentences break at other places."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As high as the sentences are in the width that there is."""
        return QSize(super().sizeHint().width(), self._height())

    def minimumSizeHint(self) -> QSize:
        """The same: a sentence is not to be cut."""
        return QSize(0, self._height())

    def _add(self, text: str, role: str) -> None:
        label = text_label(text, role=role, wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._column.addWidget(label)
        label.show()  # else it waits for a layout that is done later

    def _height(self) -> int:
        needed = self._needed(max(self.width(), 1))
        return needed if needed <= self._highest else self._whole_sentences()

    def _whole_sentences(self) -> int:
        """As many as there is room for, none of them cut; the bar tells that there are more."""
        width = max(self.width() - self.verticalScrollBar().sizeHint().width(), 1)
        high, best = 0, 0
        for label in self._labels():
            high += label.heightForWidth(width)
            if high > self._highest:
                break
            best = high
            high += self._column.spacing()
        return best or self._highest

    def _labels(self) -> list[QWidget]:
        items = [self._column.itemAt(place) for place in range(self._column.count())]
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    def _needed(self, width: int) -> int:
        column = self._column
        return max(column.totalHeightForWidth(width) if column.hasHeightForWidth() else 0, 0)

    def _fit(self) -> None:
        self.setFixedHeight(self._height())
        width = max(self.width(), 1)
        if self._needed(width) > self._highest:  # the bar takes width, and sentences break sooner
            width -= self.verticalScrollBar().sizeHint().width()
        self._inside.setFixedSize(width, self._needed(width))
