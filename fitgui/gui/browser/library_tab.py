"""What is kept on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.browser.filter_line import FilterLine
from fitgui.gui.browser.list_model import Kind, Line
from fitgui.gui.browser.list_view import BrowserList
from fitgui.gui.browser.wording import size_words
from fitgui.gui.widgets import text_label
from fitgui.pallets.catalogue.filter import Facets

if TYPE_CHECKING:
    from fitgui.gui.pallet_store import PalletStore

EMPTY = (
    "Nothing is kept yet. Get a pallet from the catalogue, or open a file: what was opened once is kept here "
    "and needs no network any more."
)
KEPT = Facets(kept=True)


class LibraryTab(QWidget):
    """Kept files, the newest first; the card below tells the rest and acts on them."""

    chosen = Signal(object)
    """The :class:`Line` that is selected now."""
    wanted = Signal(object)
    """The :class:`Line` on which Enter was pressed."""
    narrowed = Signal()
    """The user has the list show something else: what was chosen may not be among it."""
    removal_asked = Signal()
    """The key Delete on a line."""

    def __init__(self, store: PalletStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.filter_line = FilterLine(
            "Filter the library …", "Filter the library", "Type to show only what has all of the words"
        )
        self.list = BrowserList("Kept pallets", "What is kept on this machine: Enter opens, Delete removes")
        self._total = text_label(role="muted", wrap=True)
        self._empty = text_label(EMPTY, role="muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING // 2)
        layout.addWidget(self.filter_line)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, stretch=1)
        layout.addWidget(self._total)
        self.filter_line.textChanged.connect(self._typed)
        self.filter_line.returnPressed.connect(self._go_down)
        self.filter_line.went_down.connect(self._go_down)
        self.list.typed.connect(self.filter_line.type_on)
        self.list.left_upwards.connect(self.filter_line.setFocus)
        self.list.escaped.connect(self._escaped)
        self.list.chosen.connect(self._line_chosen)
        self.list.wanted.connect(self.wanted.emit)
        self.list.removal_asked.connect(self.removal_asked.emit)
        self.rows_changed()

    def rows_changed(self) -> None:
        """The library is another one now."""
        items = self._store.items
        self._empty.setVisible(not items)
        self.filter_line.setVisible(bool(items))
        self.list.setVisible(bool(items))
        size = size_words(sum(item.size for item in items))
        self._total.setText(f"{words.count(len(items), 'pallet')} kept · {size}" if items else "")
        self._total.setVisible(bool(items))
        self.show_matches()

    def show_matches(self) -> None:
        """What fits the filter, the newest first."""
        index = self._store.index
        rows = [index.rows[place] for place in index.match(self.filter_line.text(), KEPT)] if index else []
        kept = [(row, item) for row in rows for item in row.items]
        kept.sort(key=lambda pair: pair[1].added, reverse=True)
        self.list.show_lines([Line(Kind.ITEM, item.digest, row, item) for row, item in kept])

    @property
    def fitting_height(self) -> int:
        """Pixels that show all lines of the list."""
        return self.list.height_within(self)

    def choose(self, digest: str) -> bool:
        """Select a kept file; whether it is there."""
        if not self.list.choose(digest):
            self.filter_line.clear()
            return self.list.choose(digest)
        return True

    def _typed(self, text: str) -> None:
        self.show_matches()
        self.list.show_top()
        if text.strip() and len(self.list.model_.lines) == 1:
            self.list.choose(self.list.model_.lines[0].key)
        self.narrowed.emit()

    def _go_down(self) -> None:
        self.list.setFocus()
        self.list.choose_first()

    def _line_chosen(self, line: Line | None) -> None:
        if line is not None:
            self.chosen.emit(line)

    def _escaped(self) -> None:
        self.filter_line.clear()
        self.filter_line.setFocus()
