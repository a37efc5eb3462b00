"""What the pages of the tab have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, text_label
from fitgui.insight.model import FitInside, FitName, Part, PointInside
from fitgui_backends.results import FitResult


@dataclass(frozen=True, slots=True)
class OnShow:
    """What a page shows of a point."""

    inside: PointInside
    fit: FitName
    """Which of its fits."""
    result: FitResult | None
    """Of the run on show, where that has one."""
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """That the workers of the run had: by library, several where they differ."""

    @property
    def chosen(self) -> FitInside | None:
        """The fit that is looked at; ``None`` until it is known."""
        return self.inside.fits.get(self.fit)


class PointPage(QWidget):
    """One of the pages; drawn only while it can be seen."""

    title: ClassVar[str] = ""
    explanation: ClassVar[str] = ""
    part: ClassVar[Part] = "fits"
    """Without which there is nothing to show."""
    has_fits: ClassVar[bool] = False
    """Whether one of three fits is to be chosen."""

    only_the_fit: ClassVar[bool] = False
    """Whether all it shows is in the fit that is looked at."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.look = look
        self.shown: OnShow | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)

    def show_point(self, shown: OnShow) -> None:
        """Show another point, another fit, or more of the same."""
        before = self.shown
        self.shown = shown
        same = before is not None and shown.chosen is not None and before.chosen is shown.chosen
        if not (same and self.only_the_fit):
            self.refresh()

    def refresh(self) -> None:
        """Draw what is known."""

    @property
    def missing(self) -> str:
        """What is waited for, in words; empty where there is something to see."""
        return ""


def control_row(widgets: Sequence[QWidget]) -> QHBoxLayout:
    """Controls side by side, from the left."""
    row = QHBoxLayout()
    row.setSpacing(theme.SPACING)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def choice(name: str, explanation: str, entries: Sequence[tuple[str, Any]]) -> QComboBox:
    """A short list to choose from."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    box.setMinimumContentsLength(6)
    describe(box, name, explanation)
    for text, content in entries:
        box.addItem(text, content)
    return box


def refill(box: QComboBox, entries: Sequence[tuple[str, Any]]) -> None:
    """Offer other entries; the choice stays where it is still offered, else it is the first."""
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == list(entries):
        return
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for text, content in entries:
        box.addItem(text, content)
        box.setItemData(box.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
    found = next((n for n, (_, content) in enumerate(entries) if content == before), 0)
    box.setCurrentIndex(found)
    box.blockSignals(False)


def filter_line(explanation: str) -> QLineEdit:
    """Narrows parameters down by a part of their names."""
    line = QLineEdit()
    line.setPlaceholderText("Filter names")
    line.setClearButtonEnabled(True)
    line.setMaximumWidth(220)
    line.setMinimumWidth(110)
    describe(line, "Filter of parameters", explanation)
    return line


def centred(text: str = "") -> QWidget:
    """A sentence in the middle of an empty page."""
    label = text_label(text, role="muted", wrap=True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
