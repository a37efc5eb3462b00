"""Which analysis of the pallet, and which of its patch sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.widgets import narrow_combo, text_label
from fitgui.pallets import Analysis, Pallet, PatchSet, SignalPoint

ALL_PATCH_SETS = "All patch sets"
USUAL_BOUND = 10.0
"""Of a normfactor for which the measurement gives no bounds: ``required_parset`` of pyhf's normfactor."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the results show: an analysis, and which of its patch sets."""

    analysis: Analysis
    points: tuple[SignalPoint, ...]
    labels: tuple[str, ...]

    @property
    def bound(self) -> float | None:
        """The largest signal strength that the measurement allows; ``None`` without a POI."""
        poi = self.analysis.poi
        if poi is None:
            return None
        for parameter in self.analysis.workspace["measurements"][0]["config"].get("parameters", ()):
            if parameter["name"] == poi and parameter.get("bounds"):
                return float(parameter["bounds"][0][1])
        return USUAL_BOUND


class AnalysisChoice(QWidget):
    """A list of analyses, and one of patch sets where there are several."""

    changed = Signal()
    """Another analysis, or another patch set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analyses = narrow_combo("Analysis", "The workspace whose signal points are to be fitted")
        self._analyses.currentIndexChanged.connect(self._analysis_chosen)
        self._patch_sets = narrow_combo("Patch set", "The published set of signal points to choose from")
        self._patch_sets.currentIndexChanged.connect(lambda: self.changed.emit())
        self._patch_set_label = text_label("Patch set", role="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        column.addWidget(text_label("Analysis", role="muted"))
        for widget in (self._analyses, self._patch_set_label, self._patch_sets):
            column.addWidget(widget)
        self._offer_patch_sets()

    @property
    def shown(self) -> Shown | None:
        """The analysis and the points to choose from; ``None`` where no pallet is open."""
        analysis = self._analyses.currentData()
        if not isinstance(analysis, Analysis):
            return None
        patch_set = self._patch_sets.currentData()
        if isinstance(patch_set, PatchSet):
            return Shown(analysis, patch_set.points, patch_set.labels)
        return Shown(analysis, analysis.points, analysis.labels)

    def show_pallet(self, pallet: Pallet) -> None:
        """Offer the analyses of a pallet."""
        self._analyses.blockSignals(True)
        self._analyses.clear()
        for analysis in pallet.analyses:
            points = len(analysis.points)
            kind = words.count(points, "point") if points else "measurement"
            _add(self._analyses, f"{analysis.name} · {kind}", analysis)
        self._analyses.blockSignals(False)
        self._analysis_chosen()

    def choose(self, name: str) -> None:
        """Choose an analysis by its name, with all its patch sets."""
        for index in range(self._analyses.count()):
            analysis = self._analyses.itemData(index)
            if isinstance(analysis, Analysis) and analysis.name == name:
                self._analyses.setCurrentIndex(index)
                self._patch_sets.setCurrentIndex(self._patch_sets.count() - 1)

    def _analysis_chosen(self) -> None:
        self._offer_patch_sets()
        self.changed.emit()

    def _offer_patch_sets(self) -> None:
        analysis = self._analyses.currentData()
        sets: Sequence[PatchSet] = analysis.patch_sets if isinstance(analysis, Analysis) else ()
        self._patch_sets.blockSignals(True)
        self._patch_sets.clear()
        for patch_set in sets:
            points = words.count(len(patch_set.points), "point")
            _add(self._patch_sets, f"{patch_set.name} · {points}", patch_set)
        if len(sets) > 1:
            self._patch_sets.addItem(ALL_PATCH_SETS, None)
        self._patch_sets.blockSignals(False)
        for widget in (self._patch_set_label, self._patch_sets):
            widget.setVisible(len(sets) > 1)


def _add(box: QComboBox, text: str, content: object) -> None:
    """Add an entry that the mouse can read whole, however long the name is."""
    box.addItem(text, content)
    box.setItemData(box.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
