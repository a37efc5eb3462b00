"""Cross section and luminosity, where the numbers of a file are not events yet: typed with their units."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.reinterpretation.model import Imported, Quantity, SignalError
from fitgui.reinterpretation.normalising import needs
from fitgui.reinterpretation.units import cross_section, luminosity

NEEDS: Final = {
    Quantity.EFFICIENCY: "These are efficiencies: to be events they need cross section and luminosity.",
    Quantity.CROSS_SECTION: "These are visible cross sections: to be events they need the luminosity.",
}
WIDEST: Final = 150


class NormaliseBar(QWidget):
    """Two fields, what they are for, and what is wrong with what was typed, at once."""

    changed = QtSignal()
    """Something else was typed, or taken over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cross_section_fb: float | None = None
        """As typed; ``None`` where nothing is, or nothing that can be read."""
        self.luminosity_fb: float | None = None
        self._quantity = Quantity.EVENTS
        self._own_cross_sections = False
        self._own_luminosity: float | None = None
        """What the file says."""
        self._proposed: float | None = None
        self._trouble = ""
        self._why = text_label(wrap=True)
        self._sigma_label = text_label("Cross section σ")
        self.sigma = _field("12 fb", "Cross section", "Of the model point, with its unit: 12 fb, 0.012 pb")
        self._lumi_label = text_label("Luminosity L")
        self.lumi = _field("139 fb^-1", "Luminosity", "Of the data, with its unit: 139 fb^-1, 139000 pb^-1")
        self._take = push_button(
            "Take it", "Take the luminosity that the catalogue knows", self._take_over, role="link"
        )
        self._sentence = text_label(wrap=True)
        for field, label in ((self.sigma, self._sigma_label), (self.lumi, self._lumi_label)):
            label.setBuddy(field)
            field.textChanged.connect(self._read)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        for widget in (self._sigma_label, self.sigma, self._lumi_label, self.lumi):
            row.addWidget(widget)
        row.addStretch(1)
        taking = QHBoxLayout()
        taking.addWidget(self._take)
        taking.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._why)
        column.addLayout(row)
        column.addLayout(taking)
        column.addWidget(self._sentence)
        self.hide()

    @property
    def trouble(self) -> str:
        """What is wrong with what was typed, or is missing, in a sentence."""
        return self._trouble

    def show_import(self, imported: Imported, proposed: float | None, source: str) -> None:
        """Ask for what a file needs to be events; hides where it needs nothing.

        Args:
            imported: the file.
            proposed: a luminosity in 1/fb that somebody may take over by a click; it is not taken silently.
            source: where that is from, in words.
        """
        points = imported.points
        self._quantity = next(
            (one.quantity for one in points if one.quantity is not Quantity.EVENTS), Quantity.EVENTS
        )
        self.setVisible(self._quantity is not Quantity.EVENTS)
        if self._quantity is Quantity.EVENTS:
            return
        with_sigma = self._quantity is Quantity.EFFICIENCY
        self._own_cross_sections = with_sigma and not needs(imported)[0]
        self._own_luminosity = imported.luminosity_fb
        text = NEEDS[self._quantity]
        if len(points) > 1 and with_sigma and not self._own_cross_sections:
            text += f" What is typed here goes for all {len(points)} points."
        self._why.setText(text)
        for widget in (self._sigma_label, self.sigma):
            widget.setVisible(with_sigma)
        self.sigma.setPlaceholderText("from the file" if self._own_cross_sections else "12 fb")
        self.lumi.setPlaceholderText("139 fb^-1" if self._own_luminosity is None else "from the file")
        self._proposed = proposed if proposed != self._own_luminosity else None
        self._take.setVisible(self._proposed is not None)
        if self._proposed is not None:
            text = f"Take {words.number(self._proposed, 6)} fb⁻¹, {source}"
            self._take.setText(text)
            describe(self._take, text, "Fill the luminosity in")
        for field in (self.sigma, self.lumi):
            field.blockSignals(True)
            field.clear()
            field.blockSignals(False)
        self._read()

    def _take_over(self) -> None:
        if self._proposed is not None:
            self.lumi.setText(f"{words.number(self._proposed, 6)} fb^-1")

    def _read(self) -> None:
        self.cross_section_fb = self.luminosity_fb = None
        problems = []
        missing = []
        if self._quantity is Quantity.EFFICIENCY:
            if self.sigma.text().strip():
                try:
                    self.cross_section_fb = cross_section(self.sigma.text())
                except SignalError as error:
                    problems.append(words.capital(str(error)))
            elif not self._own_cross_sections:
                missing.append("the cross section")
        if self.lumi.text().strip():
            try:
                self.luminosity_fb = luminosity(self.lumi.text())
            except SignalError as error:
                problems.append(words.capital(str(error)))
        elif self._own_luminosity is None:
            missing.append("the luminosity")
        if missing:
            problems.append(f"Type {' and '.join(missing)}, with the unit.")
        self._trouble = " ".join(problems)
        self._sentence.setText(f"✗ {self._trouble}" if self._trouble else f"✓ {self._understood()}")
        set_role(self._sentence, "error" if self._trouble else "good")
        self.changed.emit()

    def _understood(self) -> str:
        """What was read, in the units that are used from here on: a factor of 1000 is seen."""
        typed = self.luminosity_fb is not None
        lumi = f"L = {words.number(self.luminosity_fb if typed else self._own_luminosity, 6)} fb⁻¹"
        lumi += "" if typed else ", from the file"
        if self._quantity is Quantity.CROSS_SECTION:
            return f"Events = visible cross section × {lumi}"
        sigma = "σ of each point, from the file"
        if self.cross_section_fb is not None:
            sigma = f"σ = {words.number(self.cross_section_fb, 6)} fb"
        return f"Events = efficiency × {sigma} × {lumi}"


def _field(example: str, name: str, explanation: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(example)
    field.setMaximumWidth(WIDEST)
    describe(field, name, explanation)
    return field
