"""The detail card: everything that is known of what is chosen, and the one thing to do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.browser.card_text import byline_of, facts_html, links_html, name_of, problems_of, title_of
from fitgui.gui.browser.file_choice import FileChoice, item_of_file
from fitgui.gui.browser.folded_text import FoldedText
from fitgui.gui.browser.kept_box import KeptBox
from fitgui.gui.browser.links import open_link
from fitgui.gui.browser.open_contents import OpenContents
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.plane_preview import PlanePreview
from fitgui.gui.browser.primary import READING, Primary, Verb, primary_of
from fitgui.gui.browser.row_looks import contents_of
from fitgui.gui.browser.row_painter import theme_of
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import AnalysisSummary
from fitgui.pallets.readable import readable

if TYPE_CHECKING:
    from fitgui.gui.pallet_store import PalletStore
    from fitgui.pallets.catalogue.shelf import Row


class Card(QWidget):
    """Of the row that is chosen, else of the pallet that is open."""

    open_wanted = Signal()
    """Show what is open again."""
    changed = Signal()
    """Other things can be done with what is on show."""

    def __init__(
        self,
        store: PalletStore,
        open_item: Callable[[LibraryItem], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._open_item = open_item
        self._row: Row | None = None
        self._item: LibraryItem | None = None
        self._opened = ""
        self._opened_contents: tuple[AnalysisSummary, ...] = ()
        self._primary: Primary | None = None
        self._name = text_label(role="title", wrap=True)
        self._title = text_label(wrap=True)
        self._byline = text_label(role="muted", wrap=True)
        self._links = _rich("Links to the paper and to the record")
        self._problems = text_label(role="warning", wrap=True)
        self.contents = OpenContents()
        self._summary = FoldedText()
        self._preview = PlanePreview()
        self._facts = _rich("What is known")
        self._cite = push_button(
            "Copy BibTeX", "Copy the citation of the record and of the paper", self.copy_citation, role="link"
        )
        self._files = FileChoice(self._cite)
        self._kept = KeptBox()
        self._reading = False
        self._scroll = self._make_scroll()
        self._remark = text_label(role="muted", wrap=True)
        self._remark.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._act = push_button("Open", "Open what is chosen", self.press_primary, role="action")
        self._back = push_button(
            "Is open", "Show what the open pallet holds", self.open_wanted.emit, role="link"
        )
        self._again = push_button(
            "Try again here", "Ask HEPData once more, without a browser", self.try_again, role="link"
        )
        self._again.hide()
        footer = QHBoxLayout()
        footer.addWidget(self._act, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING)
        layout.addWidget(self._scroll, stretch=1)
        layout.addWidget(self._remark)
        layout.addLayout(footer)
        layout.addWidget(self._again)
        layout.addWidget(self._back)
        self._connect()
        self.show_row(None)

    @property
    def key(self) -> str:
        """Of the row on show; empty without one."""
        return self._row.key if self._row is not None else ""

    def is_about(self, digest: str) -> bool:
        """Whether it tells about this kept file."""
        item = self._chosen_item()
        return item is not None and item.digest == digest

    def show_row(self, row: Row | None, item: LibraryItem | None = None) -> None:
        """Tell about a row and the kept file that was chosen of it; without one, about what is open."""
        other = row is None or self._row is None or row.key != self._row.key or item != self._item
        self._row, self._item = row, item
        self._fill_files()
        self._fill()
        if other:
            self._scroll.verticalScrollBar().setValue(0)

    def show_opened(self, digest: str, contents: tuple[AnalysisSummary, ...]) -> None:
        """Another pallet is open now; nothing is, where ``digest`` is empty."""
        self._opened, self._opened_contents, self._reading = digest, contents, False
        self._fill()

    def show_reading(self) -> None:
        """A pallet is being read."""
        self._reading = True
        self._fill()

    def rows_changed(self) -> None:
        """Something else may be known of the row, or the file that was chosen is no longer kept."""
        row = self._store.row(self.key)
        kept = {item.digest for item in row.items} if row is not None else set()
        item = self._item if self._item is not None and self._item.digest in kept else None
        self.show_row(row, item)

    def download_changed(self, key: str) -> None:
        """The getting of a row stands elsewhere."""
        if key != self.key:
            return
        download = self._store.downloads.get(key)
        if download is not None and download.phase == "waiting" and download.file is not None:
            self._files.choose(download.file)  # so that Retry is about the same one
        self._show_primary()
        self.changed.emit()

    def record_known(self, key: str) -> None:
        """HEPData told the versions and files of a row."""
        if key == self.key:
            self._fill_files()
            self._fill()

    @property
    def can_act(self) -> bool:
        """Whether there is something to open, to get or to cancel."""
        return self._row is not None and self._primary is not None and self._primary.verb is not Verb.NOTHING

    @property
    def is_published(self) -> bool:
        """Whether HEPData has what is on show: it has versions, and can be cited."""
        return self._row is not None and self._row.published

    @property
    def is_kept(self) -> bool:
        """Whether the chosen file is in the library."""
        return bool(self._kept.digest)

    def press_primary(self) -> None:
        """Open, get, cancel or retry."""
        if self._row is None or self._primary is None:
            return
        if self._primary.verb is Verb.GET:
            self._store.get(self._row.key, self._files.file)
        elif self._primary.verb is Verb.BROWSE:
            self._store.browse(self._row.key)
        elif self._primary.verb is Verb.CANCEL:
            self._store.cancel(self._row.key)
        elif self._primary.verb is Verb.OPEN:
            item = self._chosen_item()
            if item is not None:
                self._open_item(item)

    def show_preview(self) -> None:
        """Bring the plane of the points into view."""
        self._scroll.ensureWidgetVisible(self._preview.plane, 0, 0)

    def try_again(self) -> None:
        """Get it without a browser, after all."""
        if self._row is not None:
            self._store.get(self._row.key, self._files.file)

    def press_remove(self) -> None:
        """As the button for it, which is brought into view: it says what to do next."""
        self._kept.press_remove()

    def _show_question(self) -> None:
        inside = self._scroll.widget()
        layout = inside.layout() if inside is not None else None
        if layout is not None:
            layout.activate()
        self._scroll.ensureWidgetVisible(self._kept.remove_button, 0, theme.SPACING)

    def show_in_folder(self) -> None:
        """Have the desktop show the folder of the kept file."""
        item = self._chosen_item()
        if item is not None:
            self._store.show_in_folder(item.digest)

    def verify(self) -> None:
        """Compare the kept file with its digest."""
        item = self._chosen_item()
        if item is not None:
            self._store.verify(item.digest)

    def look_up(self) -> None:
        """Ask HEPData for all versions of the record and their files."""
        self._look_up(None)

    def copy_citation(self) -> None:
        """Put BibTeX on the clipboard."""
        if self._row is not None:
            self._store.copy_citation(self._row.key, self._files.file)

    def changeEvent(self, event: QEvent) -> None:
        """Links have the colours of the theme in them."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def _connect(self) -> None:
        for label in (self._links, self._facts):
            label.linkActivated.connect(open_link)
        self._files.changed.connect(self._fill)
        self._files.asked.connect(self._look_up)
        self._kept.folder_asked.connect(self._store.show_in_folder)
        self._kept.verify_asked.connect(self._store.verify)
        self._kept.remove_asked.connect(self._store.remove)
        # Its text and its frame need another place, which the layout finds first.
        self._kept.asks.connect(lambda: QTimer.singleShot(0, self._show_question))

    def _make_scroll(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        for widget in (
            self._name,
            self._title,
            self._byline,
            self._links,
            self._files,
            self._problems,
            self.contents,
            self._summary,
            self._preview,
            self._facts,
            self._kept,
        ):
            # A word that does not fit must not make the card wider than the column.
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(scroll, "Details", "What is known of what is chosen, and what the open pallet holds")
        scroll.setToolTip("")
        return scroll

    def _fill_files(self) -> None:
        self._files.show_row(self._row, self._item, self._store.records.get(self.key))

    def _fill(self) -> None:
        row = self._row
        item = self._chosen_item()
        is_open = bool(self._opened) and item is not None and item.digest == self._opened
        self.contents.setVisible(row is None or is_open or self._reading)
        self.contents.show_below_a_name(row is not None)
        self._back.setVisible(row is not None and not is_open and bool(self._opened))
        metrics = self._back.fontMetrics()
        text = f"Is open: {self.contents.name}"
        self._back.setText(
            metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(self.width() - 12, 120))
        )
        self._tell(row, item, is_open=is_open)
        self._kept.show_item(item)
        self._show_primary()
        self.changed.emit()

    def _tell(self, row: Row | None, item: LibraryItem | None, *, is_open: bool) -> None:
        labels = (
            self._name,
            self._title,
            self._byline,
            self._links,
            self._problems,
            self._summary,
            self._facts,
        )
        if row is None:
            for label in labels:
                label.hide()
            self._preview.show_contents(())
            return
        colours = theme_of(self.palette())
        entry = row.entry
        contents = item.contents if item is not None and item.contents else contents_of(row)
        if is_open:
            contents = self._opened_contents
        self._name.setText(name_of(entry))
        self._title.setText(title_of(entry) if entry.nickname else "")
        self._byline.setText(byline_of(entry))
        self._links.setText(links_html(entry, colours))
        self._problems.setText(problems_of(entry))
        self._summary.setText(readable(entry.abstract or entry.summary))
        self._facts.setText(facts_html(entry, contents, self._files.file, colours))
        self._preview.show_contents(contents)
        for label in labels:
            label.setVisible(bool(label.text()))

    def _show_primary(self) -> None:
        row = self._row
        if row is None:
            self._primary = None
            self._act.hide()
            self._again.hide()
            self._remark.hide()
            return
        download = self._store.downloads.get(row.key)
        had = self._primary
        self._primary = (
            READING
            if self._reading
            else primary_of(row, self._files.file, self._chosen_item(), download, self._opened)
        )
        if self._primary == had:
            return
        self._act.setText(self._primary.text)
        describe(self._act, self._primary.text, self._primary.explanation)
        self._act.setToolTip(plain_tooltip(self._primary.explanation))
        self._act.setEnabled(self._primary.verb is not Verb.NOTHING)
        self._again.setVisible(self._primary.verb is Verb.BROWSE)
        self._act.show()
        self._remark.setText(self._primary.remark)
        set_role(self._remark, self._primary.role)
        self._remark.setVisible(bool(self._primary.remark))

    def _chosen_item(self) -> LibraryItem | None:
        if self._row is None:
            return None
        if not self._row.published:
            return self._item or (self._row.items[0] if self._row.items else None)
        return item_of_file(self._row, self._files.file)

    def _look_up(self, version: int | None) -> None:
        if self._row is not None:
            self._store.look_up(self._row.key, version)


def _rich(name: str) -> QLabel:
    label = text_label(wrap=True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    label.setAccessibleName(name)
    return label
