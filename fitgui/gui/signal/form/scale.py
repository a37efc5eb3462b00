"""The slider that multiplies the signal, with a box for exact numbers."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from fitgui.gui import theme
from fitgui.gui.widgets import describe, push_button, text_label

SMALLEST, LARGEST = 0.01, 100.0
STEPS_TO_TEN: Final = 100
"""Of the slider; one is in its middle."""
EXPLANATION = "All events of your signal times this are fitted, and the answer is about that"


class FactorBox(QDoubleSpinBox):
    """A factor without needless zeros."""

    def textFromValue(self, value: float) -> str:
        """``0.5``, ``12``."""
        return f"{value:.4g}"


class ScaleRow(QWidget):
    """A logarithmic slider from 0.01 to 100."""

    scaled = Signal(float)
    """The user wants this factor."""

    def __init__(self) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        reach = STEPS_TO_TEN * round(math.log10(LARGEST))
        self.slider.setRange(-reach, reach)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(30)
        self.slider.setMinimumWidth(90)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        describe(self.slider, "Scale of the signal", EXPLANATION)
        self.box = FactorBox()
        self.box.setRange(SMALLEST, LARGEST)
        self.box.setDecimals(3)
        self.box.setPrefix("× ")
        self.box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.box.setKeyboardTracking(False)
        describe(self.box, "Factor of the signal", EXPLANATION)
        self._reset = push_button("Reset", "Fit the yields as they are typed", lambda: self.scaled.emit(1.0))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACING)
        row.addWidget(text_label("Scale", role="muted"))
        row.addWidget(self.slider, stretch=1)
        row.addWidget(self.box)
        row.addWidget(self._reset)
        self.slider.valueChanged.connect(lambda place: self.scaled.emit(factor_at(place)))
        self.box.valueChanged.connect(self.scaled)

    def show_factor(self, factor: float) -> None:
        """Stand there, without asking for it."""
        for control in (self.slider, self.box):
            control.blockSignals(True)
        self.slider.setValue(place_of(factor))
        self.box.setValue(factor)
        for control in (self.slider, self.box):
            control.blockSignals(False)
        self._reset.setEnabled(factor != 1.0)


def factor_at(place: int) -> float:
    """That a place of the slider stands for, with three digits."""
    return float(f"{10.0 ** (place / STEPS_TO_TEN):.3g}")


def place_of(factor: float) -> int:
    """Where the slider stands for a factor."""
    return round(STEPS_TO_TEN * math.log10(factor))
