"""Which version of a record, and which of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.row_looks import file_of
from fitgui.gui.browser.wording import size_words
from fitgui.gui.store_naming import is_same_file, kept_item
from fitgui.gui.widgets import narrow_combo, push_button
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.matching import matching_file
from fitgui.pallets.published import PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.shelf import Row
    from fitgui.pallets.hepdata.answers import RecordAnswer

ASK = "Versions and files …"


class FileChoice(QWidget):
    """Lists of versions and files, as soon as there is something to choose, and a way to ask for more."""

    changed = Signal()
    """Another file is chosen."""
    asked = Signal(object)
    """The user wants to know the files: of this version, or of the newest where it is ``None``."""

    def __init__(self, cite: QWidget, parent: QWidget | None = None) -> None:
        """``cite``: the button for the citation, which stands beside that for more files."""
        super().__init__(parent)
        self._row: Row | None = None
        self._record: RecordAnswer | None = None
        self._versions = narrow_combo("Version", "Which version of the HEPData record")
        self._files = narrow_combo("File", "Which file of that version")
        self._ask = push_button(
            ASK, "Ask HEPData for all versions of this record and their files", self._ask_now, role="link"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._versions)
        layout.addWidget(self._files)
        links = QHBoxLayout()
        links.setSpacing(4)
        links.addWidget(self._ask)
        links.addWidget(cite)
        links.addStretch(1)
        layout.addLayout(links)
        self._versions.currentIndexChanged.connect(self._version_chosen)
        self._files.currentIndexChanged.connect(lambda: self.changed.emit())

    @property
    def file(self) -> PublishedFile | None:
        """What is chosen; a file of which only the version is known before HEPData has told its files.

        ``None`` where not even that is known.
        """
        chosen = self._files.currentData()
        if isinstance(chosen, PublishedFile):
            return chosen
        version = self._versions.currentData()
        return PublishedFile(version=version) if isinstance(version, int) else None

    def show_row(self, row: Row | None, item: LibraryItem | None, record: RecordAnswer | None) -> None:
        """Offer the files of a row; chosen is that of ``item``, else the one from before, else the newest."""
        same = row is not None and self._row is not None and row.key == self._row.key
        before = self.file if same else None
        named = record.chosen if record is not None and record is not self._record else None
        self._row, self._record = row, record
        self.setVisible(row is not None and row.published)
        if row is None:
            return
        wanted = _file_of_item(row, item) if item is not None and before is None else before
        wanted = wanted or (_file_of_item(row, row.items[0]) if row.items else None)
        wanted = wanted or file_of(row.entry)
        if record is not None and before is not None and before.version != record.version:
            wanted = next(iter(_files(row, record, record.version)), wanted)  # the version that was asked for
        wanted = named or wanted  # by its DOI
        self._versions.blockSignals(True)
        self._versions.clear()
        numbers = _versions(row, record)
        for number in numbers:
            newest = " (newest)" if record is not None and number == record.versions else ""
            self._versions.addItem(f"Version {number}{newest}", number)
        if wanted is not None and wanted.version in numbers:
            self._versions.setCurrentIndex(numbers.index(wanted.version))
        self._versions.setVisible(len(numbers) > 1)
        self._versions.blockSignals(False)
        self._fill_files(wanted)
        self._ask.setVisible(record is None)

    def choose(self, file: PublishedFile) -> None:
        """Choose a file of the row on show."""
        place = self._versions.findData(file.version)
        if place >= 0:
            self._versions.blockSignals(True)
            self._versions.setCurrentIndex(place)
            self._versions.blockSignals(False)
            self._fill_files(file)
            self.changed.emit()

    def _ask_now(self) -> None:
        self.asked.emit(None)

    def _version_chosen(self) -> None:
        self._fill_files(None)
        number = self._versions.currentData()
        if self._files.count() == 0 and isinstance(number, int):
            self.asked.emit(number)
        self.changed.emit()

    def _fill_files(self, wanted: PublishedFile | None) -> None:
        if self._row is None:
            return
        number = self._versions.currentData()
        files = _files(self._row, self._record, number if isinstance(number, int) else None)
        self._files.blockSignals(True)
        self._files.clear()
        for file in files:
            text = " · ".join(
                filter(None, (file.name or file.doi or file.description, size_words(file.size)))
            )
            _add(self._files, text, file)
        if wanted is not None:
            same = (place for place, file in enumerate(files) if is_same_file(file, wanted))
            self._files.setCurrentIndex(next(same, 0 if files else -1))
        self._files.setVisible(len(files) > 1)
        self._files.blockSignals(False)


def item_of_file(row: Row, file: PublishedFile | None) -> LibraryItem | None:
    """The kept copy of a file of the row."""
    kept = kept_item(row, file)
    # A kept file of which nobody knows which one it is: it can be opened, which is what matters.
    return kept or next((item for item in row.items if item.file is None), None)


def _file_of_item(row: Row, item: LibraryItem) -> PublishedFile | None:
    own = item.file
    if own is None:
        return None
    return next((file for file in row.entry.files if matching_file(item, file)), own)


def _versions(row: Row, record: RecordAnswer | None) -> list[int | None]:
    """The newest first."""
    known = {file.version for file in row.entry.files if file.version is not None}
    if record is not None:
        known |= set(range(1, record.versions + 1))
    newest_first: list[int | None] = [*sorted(known, reverse=True)]
    return newest_first or [None]


def _files(row: Row, record: RecordAnswer | None, version: int | None) -> list[PublishedFile]:
    """Files of a version that may be likelihoods; HEPData's own words come first."""
    if record is not None and record.version == version:
        told = [file for file in record.entry.files if file.likelihood is not False]
        if told:
            return told
    return [file for file in row.entry.files if file.version == version and file.likelihood is not False]


def _add(box: QComboBox, text: str, content: object) -> None:
    box.addItem(text, content)
    box.setItemData(box.count() - 1, plain_tooltip(text), Qt.ItemDataRole.ToolTipRole)
