"""Narrowing the catalogue down: collaboration, final state, signal grid, what is here; with counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from fitgui.gui.browser.menus import MenuButton
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.widgets import describe
from fitgui.pallets.catalogue.filter import Facets

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.filter import Counts

NARROW = "Narrow down"
ANY_COLLABORATION = "Any collaboration"
ANY_FINAL_STATE = "Any final state"


class FacetFold(QWidget):
    """A line that unfolds into what can be chosen; folded, it tells what is chosen."""

    changed = Signal()
    """Something else is chosen."""
    unfolded = Signal()
    """The counts are on show now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facets = Facets()
        self._head = QToolButton()
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setArrowType(Qt.ArrowType.RightArrow)
        self._head.setCheckable(True)
        describe(self._head, NARROW, "Show only some collaborations, final states, or what has signal points")
        self._head.toggled.connect(self._toggle)
        self._collaboration = MenuButton("Collaboration", "Show one collaboration only")
        self._final_states = MenuButton(
            "Final state", "Show only what has all of the ticked final states; the space bar ticks several"
        )
        self._points = _box(
            "Has signal grid",
            "Show only what has a grid of signal points",
            lambda on: self._choose(has_points=True if on else None),
        )
        self._kept = _box(
            "In the library",
            "Show only what is kept on this machine",
            lambda on: self._choose(kept=True if on else None),
        )
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(4)
        menus = QHBoxLayout()
        menus.setSpacing(4)
        for button, share in ((self._collaboration, 6), (self._final_states, 5)):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            menus.addWidget(button, stretch=share)
        column.addLayout(menus)
        for box in (self._points, self._kept):
            column.addWidget(box)
        self._content.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._head)
        layout.addWidget(self._content)
        self._show_chosen()

    @property
    def is_unfolded(self) -> bool:
        """Whether counts are on show."""
        return self._head.isChecked()

    def unfold(self, *, on: bool = True) -> None:
        """Show what can be chosen, or no longer."""
        self._head.setChecked(on)

    def clear(self) -> None:
        """Let everything through."""
        self._set(Facets())

    def show_counts(self, counts: Counts) -> None:
        """How many there would be after each further choice."""
        _fill(
            self._collaboration,
            ANY_COLLABORATION,
            counts.collaborations,
            lambda name: name == self.facets.collaboration,
            self._choose_collaboration,
        )
        _fill(
            self._final_states,
            ANY_FINAL_STATE,
            counts.final_states,
            lambda name: name in self.facets.final_states,
            self._toggle_final_state,
        )
        self._points.setText(f"Has signal grid ({counts.has_points.get(True, 0)})")
        self._kept.setText(f"In the library ({counts.kept.get(True, 0)})")

    def _toggle(self, on: bool) -> None:
        self._content.setVisible(on)
        self._head.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        if on:
            self.unfolded.emit()

    def _choose_collaboration(self, name: str) -> None:
        self._choose(collaboration=None if name in ("", self.facets.collaboration) else name)

    def _toggle_final_state(self, name: str) -> None:
        chosen = self.facets.final_states ^ {name} if name else frozenset()
        self._choose(final_states=frozenset(chosen))

    def _choose(self, **changes: object) -> None:
        self._set(replace(self.facets, **changes))  # type: ignore[arg-type]  # each caller names a field

    def _set(self, facets: Facets) -> None:
        if facets == self.facets:
            return
        self.facets = facets
        for box, on in ((self._points, facets.has_points), (self._kept, facets.kept)):
            box.blockSignals(True)
            box.setChecked(bool(on))
            box.blockSignals(False)
        self._show_chosen()
        self.changed.emit()

    def _show_chosen(self) -> None:
        facets = self.facets
        chosen = [facets.collaboration or "", *sorted(facets.final_states)]
        chosen += ["signal grid"] if facets.has_points else []
        chosen += ["library"] if facets.kept else []
        words = " · ".join(filter(None, chosen))
        self._head.setText(f"{NARROW}: {words}" if words else NARROW)
        self._head.setToolTip(plain_tooltip(self._head.text()))
        for button, text in (
            (self._collaboration, facets.collaboration or "Collaboration"),
            (self._final_states, ", ".join(sorted(facets.final_states)) or "Final state"),
        ):
            button.show_text(text)


def _box(name: str, explanation: str, chosen: Callable[[bool], object]) -> QCheckBox:
    box = QCheckBox(name)
    box.toggled.connect(lambda on: chosen(on))
    describe(box, name, explanation)
    return box


def _fill(
    button: MenuButton,
    anything: str,
    counts: Mapping[str, int],
    is_chosen: Callable[[str], bool],
    choose: Callable[[str], object],
) -> None:
    """Entries with their counts; an open menu keeps its entries, so that the cursor stays where it is."""
    menu = button.menu()
    names = ["", *counts]
    if [action.data() for action in menu.actions()] != names:
        menu.clear()
        for name in names:
            action = menu.addAction(name)
            action.setData(name)
            action.setCheckable(True)
            action.triggered.connect(partial(choose, name))
    for action in menu.actions():
        name = action.data()
        # A lone ampersand would underline a letter.
        action.setText(f"{name}  ({counts[name]})".replace("&", "&&") if name else anything)
        action.setChecked(is_chosen(name) if name else not any(map(is_chosen, counts)))
        action.setEnabled(not name or counts[name] > 0 or is_chosen(name))
