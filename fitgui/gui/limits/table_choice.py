"""The table of cross sections of the analysis on show: opened, dropped, remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from fitgui.exclusion.cross_sections import CrossSectionError, CrossSections, read_cross_sections
from fitgui.gui.bridge import Bridge
from fitgui.gui.settings import WindowSettings
from fitgui.gui.widgets import describe

TABLES = "Tables of cross sections (*.csv *.tsv *.txt *.dat *.json);;All files (*)"
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".dat", ".json"})
LARGEST_DROPPED = 1_000_000
"""Bytes: a larger JSON file is a pallet, which the window opens."""


class TableChoice(QObject):
    """Which table, and which coordinate is the mass that it goes by."""

    changed = Signal()
    """Another table or none, or another mass."""

    def __init__(
        self,
        bridge: Bridge,
        settings: WindowSettings | None,
        say: Callable[[str, str], None],
        take_back: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.table: CrossSections | None = None
        self.mass = ""
        """The label of the coordinate."""
        self._window = parent
        self._bridge, self._settings = bridge, settings
        self._say, self._take_back = say, take_back
        self._complaint = ""
        self._digest = ""
        self._masses: tuple[str, ...] = ()
        self._symbols: tuple[str, ...] = ()
        self._path = ""
        self._asked = 0
        self.button = QToolButton()
        self.button.setProperty("role", "menu")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setText("σ table")
        describe(
            self.button,
            "Cross sections",
            "Turn limits on μ into limits on the cross section, with a table of mass, cross section and "
            "uncertainty: CSV, text or JSON, in pb or fb. A file can be dropped on the plot, too. The limit "
            "is μ times the cross section of the table: it holds only if the published signal was normalised "
            "to that cross section, branching fraction included.",
        )
        self._menu = QMenu(self.button)
        self.button.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill)

    def show_analysis(self, digest: str, masses: Sequence[str], symbols: Sequence[str]) -> None:
        """Take the table that was opened for this analysis before, if there was one.

        Args:
            digest: of the workspace.
            masses: the labels of the coordinates that may be the mass of what is produced.
            symbols: how these are written.
        """
        self._digest, self._masses, self._symbols = digest, tuple(masses), tuple(symbols)
        self._asked += 1
        self.table, self._path = None, ""
        self.mass = self._masses[0] if self._masses else ""
        self.button.setVisible(bool(self._masses))
        known = self._settings.cross_sections(digest) if self._settings is not None else None
        if known is not None and self._masses:
            path, mass = known
            if mass in self._masses:
                self.mass = mass
            self._read(Path(path), remembered=True)

    def take_over(self, other: TableChoice) -> None:
        """The same table, which need not be read again."""
        self._asked += 1
        self.table, self.mass, self._path = other.table, other.mass, other._path

    def open(self, path: Path) -> None:
        """Read a table, on a thread; the latest request wins."""
        self._read(path, remembered=False)

    def forget(self) -> None:
        """Show limits on mu again, also the next time."""
        self._asked += 1
        self.table, self._path = None, ""
        self._remember()
        self.changed.emit()

    def go_by(self, mass: str) -> None:
        """Take another coordinate for the mass of the table."""
        if mass in self._masses and mass != self.mass:
            self.mass = mass
            self._remember()
            self.changed.emit()

    def ask(self) -> None:
        """Let the user choose a file."""
        dialog = QFileDialog(self._window, "Open a table of cross sections")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(TABLES)
        if self._path:
            dialog.setDirectory(str(Path(self._path).parent))
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def takes(self, path: Path) -> bool:
        """Whether a file that is dropped may be a table."""
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES or not self._masses or not path.is_file():
            return False
        return suffix != ".json" or path.stat().st_size <= LARGEST_DROPPED

    def _read(self, path: Path, *, remembered: bool) -> None:
        self._asked += 1
        ticket = self._asked

        def done(table: CrossSections) -> None:
            if ticket != self._asked:
                return
            self.table, self._path = table, str(path)
            self._take_back(self._complaint)
            self._complaint = ""
            self._remember()
            self.changed.emit()

        def failed(error: Exception) -> None:
            if ticket != self._asked:
                return
            if not isinstance(error, CrossSectionError):
                raise error
            again = " Limits are on μ; open it from its new place with “σ table”." if remembered else ""
            self._complaint = f"{error}{again}"
            self._say("warning" if remembered else "error", self._complaint)

        self._bridge.run(partial(read_cross_sections, path), done, failed)

    def _remember(self) -> None:
        if self._settings is not None and self._digest:
            self._settings.remember_cross_sections(self._digest, self._path, self.mass)

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction("Open a table of cross sections …", self.ask)
        if self.table is None:
            return
        menu.addAction(f"Without {self.table.name}: limits on μ", self.forget)
        if len(self._masses) > 1:
            menu.addSeparator()
            group = QActionGroup(menu)
            for label, symbol in zip(self._masses, self._symbols, strict=True):
                action = menu.addAction(f"The mass in the table is {symbol}")
                action.setCheckable(True)
                action.setChecked(label == self.mass)
                action.triggered.connect(partial(self.go_by, label))
                group.addAction(action)
