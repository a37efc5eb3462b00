"""Where the signal points of a pallet stand, small, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.plane_drawing import Plane
from fitgui.gui.widgets import narrow_combo, text_label
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import axis_of, preferred_axes
from fitgui.pallets.published import AnalysisSummary


class PlanePreview(QWidget):
    """The plane with what can be chosen: the analysis, and two coordinates where there are more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._contents: tuple[AnalysisSummary, ...] = ()
        self._points: list[SignalPoint] = []
        self._analyses = narrow_combo("Analysis of the preview", "Which analysis of the pallet to preview")
        self._across = narrow_combo("Horizontal coordinate", "What the horizontal axis of the preview shows")
        self._up = narrow_combo("Vertical coordinate", "What the vertical axis of the preview shows")
        for box in (self._across, self._up):
            box.setMinimumContentsLength(4)
        self.plane = Plane()
        self._versus = text_label("×", role="muted")
        axes = QHBoxLayout()
        axes.addWidget(self._across, stretch=1)
        axes.addWidget(self._versus)
        axes.addWidget(self._up, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._analyses)
        layout.addLayout(axes)
        layout.addWidget(self.plane)
        self._analyses.currentIndexChanged.connect(self._analysis_chosen)
        self._across.currentIndexChanged.connect(self._draw)
        self._up.currentIndexChanged.connect(self._draw)
        self.hide()

    def show_contents(self, contents: Sequence[AnalysisSummary]) -> None:
        """Preview the analyses that have points with coordinates; hidden where none has."""
        drawable = tuple(
            summary for summary in contents if summary.labels and any(point for point in summary.points)
        )
        self.setVisible(bool(drawable))
        if drawable == self._contents:
            return
        self._contents = drawable
        self._analyses.blockSignals(True)
        self._analyses.clear()
        for summary in drawable:
            text = f"{summary.name} · {words.count(len(summary.points), 'point')}"
            self._analyses.addItem(text)
            self._analyses.setItemData(
                self._analyses.count() - 1, plain_tooltip(text), Qt.ItemDataRole.ToolTipRole
            )
        self._analyses.blockSignals(False)
        self._analyses.setVisible(len(drawable) > 1)
        if drawable:
            self._analysis_chosen()

    def _analysis_chosen(self) -> None:
        summary = self._contents[max(self._analyses.currentIndex(), 0)]
        self._points = [
            SignalPoint("", dict(zip(summary.labels, point, strict=True)), b"", "")
            for point in summary.points
            if len(point) == len(summary.labels)
        ]
        labels = summary.labels
        start = preferred_axes(self._points, labels) if len(labels) > 1 else (labels[0], "")
        for box, label in ((self._across, start[0]), (self._up, start[1])):
            box.blockSignals(True)
            box.clear()
            box.addItems(list(labels))
            box.setCurrentText(label)
            box.blockSignals(False)
            box.setVisible(len(labels) > 2)
        self._versus.setVisible(len(labels) > 2)
        self._draw()

    def _draw(self) -> None:
        x = axis_of(self._points, self._across.currentText())
        one_line = self._up.count() < 2
        self.plane.show_axes(x, None if one_line else axis_of(self._points, self._up.currentText()))
