"""All published likelihoods that are known, to filter; and HEPData, to be asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.browser.facets import FacetFold
from fitgui.gui.browser.filter_line import FilterLine
from fitgui.gui.browser.links import open_link
from fitgui.gui.browser.list_model import Kind, Line
from fitgui.gui.browser.list_view import BrowserList
from fitgui.gui.browser.named import is_named, names_file_or_version
from fitgui.gui.browser.row_looks import RowLook, why_not
from fitgui.gui.browser.wording import age_words, date_words
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import push_button, text_label
from fitgui.pallets.catalogue.filter import Facets

if TYPE_CHECKING:
    from fitgui.gui.pallet_store import PalletStore
    from fitgui.pallets.catalogue.shelf import Row

PAUSE_MILLISECONDS = 60
"""Without a keystroke, before the card follows what is typed."""
AGEING_MILLISECONDS = 60_000
"""How often it is told anew how old an answer is."""
SEARCH = "search"
HEADING = "found"
NOTHING = "nothing"
SEARCH_THERE = "Search in a browser"


class CatalogueTab(QWidget):
    """Filter line, facets, list, and how things stand with HEPData."""

    chosen = Signal(object)
    """The :class:`Line` that is selected now."""
    wanted = Signal(object)
    """The :class:`Line` on which Enter was pressed."""
    narrowed = Signal()
    """The user has the list show something else: what was chosen may not be among it."""

    def __init__(self, store: PalletStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._lines: list[Line] = []
        """One for every row of the index, at its place."""
        self._hits: list[Line] = []
        """What fits the filter, the best first."""
        self._ranks: list[int] = []
        """In which order they are shown as long as nothing is typed."""
        self.filter_line = FilterLine(
            "Title, arXiv, final state …",
            "Filter the catalogue",
            "Type to filter: title, collaboration, analysis, arXiv number, final state, model. "
            "Enter goes to the only hit; where there are several or none, it asks HEPData, also for a DOI, a "
            "record or an address. Ctrl+Shift+F always asks",
        )
        self.facets = FacetFold()
        self.list = BrowserList(
            "Published likelihoods", "What can be fitted: arrows choose, Enter gets and opens"
        )
        self.list.model_.downloads = store.downloads
        self._ageing = QTimer(self)
        self._ageing.setInterval(AGEING_MILLISECONDS)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._said = text_label(role="muted", wrap=True)
        self._browse = push_button(
            SEARCH_THERE,
            "Open the page of HEPData in the system's browser",
            self._open_page,
            role="link",
        )
        self._dates = text_label(role="muted", wrap=True)
        self._refresh = push_button(
            "Refresh",
            "Ask HEPData for all published likelihoods, and keep the answer",
            store.refresh_catalogue,
            role="link",
        )
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self._dates, stretch=1)
        below.addWidget(self._refresh, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING // 2)
        layout.addWidget(self.filter_line)
        layout.addWidget(self.facets)
        layout.addWidget(WholeRows(self.list), stretch=1)
        layout.addWidget(self._said)
        layout.addWidget(self._browse, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(below)
        self._connect()
        self.rows_changed()
        self.hepdata_changed()

    def rows_changed(self) -> None:
        """Catalogue, library or search results are others now."""
        index = self._store.index
        rows = index.rows if index is not None else ()
        self._lines = [Line(Kind.ROW, row.key, row) for row in rows]
        self._ranks = [_rank(row) for row in rows]
        self._show_matches(stay=True)
        self._tell_dates()
        self.hepdata_changed()  # its answers may be among the rows by now

    def show_matches(self) -> None:
        """What fits the filter, then what HEPData has found beside it, then the offer to ask it."""
        self._show_matches(stay=True)

    @property
    def typing(self) -> bool:
        """Whether the card still waits for a pause."""
        return self._pause.isActive()

    @property
    def fitting_height(self) -> int:
        """Pixels that show all lines of the list."""
        return self.list.height_within(self)

    def _show_matches(self, *, stay: bool) -> None:
        index, text, lines = self._store.index, self.filter_line.text(), self._lines
        found = self._store.found
        places = index.match(text, self.facets.facets) if index is not None else []
        if not text.strip():
            places.sort(key=self._ranks.__getitem__)
        self._hits = [lines[place] for place in places]
        shown = [*self._hits]
        if found:
            # What was known keeps its place: better hits must not come below weaker ones.
            known = self._store.lasting
            shown = [line for line in shown if line.key not in found or line.key in known]
            above = {line.key for line in shown}
            more = [line for line in lines if line.key in found and line.key not in above]
            shown.append(self._heading(len(found) - len(more)))
            shown += more
        if not shown and index is not None:
            shown.append(self._nothing(text.strip()))
        if text.strip() and text.strip() != self._store.hepdata.searched:
            shown.append(self._offer(text.strip()))
        self.list.show_lines(shown, stay=stay)
        if self.facets.is_unfolded and index is not None:
            self.facets.show_counts(index.counts(text, self.facets.facets))
        self._tell_nothing_fits(len(places), text)

    def hepdata_changed(self) -> None:
        """HEPData is being asked, has answered, or cannot be reached."""
        state = self._store.hepdata
        sentence = state.sentence
        if self._store.found and f"“{state.searched}”" in sentence:
            sentence = ""  # the heading of the answers says it
        if state.asking:
            sentence = (
                f"◔ asking HEPData for “{state.searched}” …" if state.searched else "◔ asking HEPData …"
            )
        elif state.offline:
            sentence = (
                f"○ offline: {sentence}" if sentence else "○ offline: everything on this machine goes on"
            )
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))
        self._browse.setVisible(bool(state.page))
        if state.page:
            self._browse.setText(SEARCH_THERE if "/search/" in state.page else "Open the record in a browser")
            self._browse.setToolTip(f"Open {state.page}")
        self._refresh.setEnabled(not state.asking)
        self.show_matches()

    def _open_page(self) -> None:
        page = self._store.hepdata.page
        if page and not open_link(page):
            self._store.failed.emit(f"No browser could be opened here; the page is {page}")

    def download_changed(self, key: str) -> None:
        """The getting of a row stands elsewhere."""
        self.list.model_.changed(key)

    def choose(self, key: str) -> bool:
        """Select a row, whatever the filter says; whether there is such a row."""
        if not self.list.choose(key):
            self.filter_line.clear()
            self.facets.clear()
            return self.list.choose(key)
        return True

    def search(self) -> None:
        """Ask HEPData for what is in the filter line."""
        text = self.filter_line.text().strip()
        if text:
            self._store.search(text)

    def _connect(self) -> None:
        self._ageing.timeout.connect(self.show_matches)
        self._pause.timeout.connect(self._settle)
        self._ageing.start()
        self.filter_line.textChanged.connect(self._typed)
        self.filter_line.returnPressed.connect(self._entered)
        self.filter_line.went_down.connect(self._go_down)
        self.facets.changed.connect(self._narrow)
        self.facets.unfolded.connect(self.show_matches)
        self.list.chosen.connect(self._line_chosen)
        self.list.wanted.connect(self._line_wanted)
        self.list.clicked.connect(lambda _index: self._clicked())
        self.list.typed.connect(self.filter_line.type_on)
        self.list.left_upwards.connect(self.filter_line.setFocus)
        self.list.escaped.connect(self._escaped)

    def _typed(self, text: str) -> None:
        if not text and self._store.hepdata.searched:
            self._store.clear_search()
        self._narrow()

    def _narrow(self) -> None:
        self._show_matches(stay=False)
        self.list.show_top()
        self._pause.start()

    def _settle(self) -> None:
        """The card follows when the typing pauses: filling it takes longer than a keystroke may."""
        only = self._only_hit()
        if only is not None:
            self.list.choose(only.key)
        self.narrowed.emit()

    def _only_hit(self) -> Line | None:
        """What must be meant by what is typed, as nothing else fits."""
        return self._hits[0] if len(self._hits) == 1 and self.filter_line.text().strip() else None

    def _entered(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self._settle()
        only = self._only_hit()
        if only is None or names_file_or_version(self.filter_line.text()):
            self.search()
        else:
            self.list.choose(only.key)
            self.list.setFocus()

    def _go_down(self) -> None:
        self.list.setFocus()
        self.list.choose_first()

    def _escaped(self) -> None:
        self.filter_line.clear()
        self.filter_line.setFocus()

    def _line_chosen(self, line: Line | None) -> None:
        if line is not None and line.kind is Kind.ROW:
            self.chosen.emit(line)

    def _line_wanted(self, line: Line) -> None:
        if line.kind is Kind.ACTION:
            self.search()
        elif line.kind is Kind.ROW:
            self.wanted.emit(line)

    def _clicked(self) -> None:
        line = self.list.current
        if line is not None and line.kind is Kind.ACTION:
            self.search()

    def _offer(self, text: str) -> Line:
        by_key = "or press Enter"
        if self._only_hit() is not None and not names_file_or_version(text):
            by_key = "or press Ctrl+Shift+F"
        where = "○ offline when last tried" if self._store.hepdata.offline else by_key
        what = f"Look up {text} at HEPData" if is_named(text) else f"Search HEPData for “{text}”"
        return Line(Kind.ACTION, SEARCH, look=RowLook(what, where))

    def _nothing(self, text: str) -> Line:
        """Instead of an empty list: why it is empty."""
        state = self._store.hepdata
        asked = bool(text) and text == state.searched and state.retrieved is not None
        why = "neither here nor at HEPData" if asked else "of what is known on this machine"
        if self.facets.facets != Facets():
            why = "to all that is ticked above"
        return Line(
            Kind.HEADING, NOTHING, look=RowLook(f"Nothing fits “{text}”" if text else "Nothing fits", why)
        )

    def _heading(self, above: int) -> Line:
        """``above``: how many of the answers fit the filter, and are shown for it already."""
        state, found = self._store.hepdata, len(self._store.found)
        facts = [f"{state.total} found for “{state.searched}”"]
        if found < state.total:
            facts.append(f"{found} shown")
        if above:
            facts.append("all above" if above == found else f"{above} above")
        age = age_words(state.retrieved) if state.retrieved is not None else ""
        return Line(
            Kind.HEADING, HEADING, look=RowLook(f"HEPData{f', {age}' if age else ''}", " · ".join(facts))
        )

    def _tell_nothing_fits(self, fitting: int, text: str) -> None:
        """An empty list is told from one that is still being read."""
        index = self._store.index
        total = len(index.rows) if index is not None else 0
        self._dates.setText(self._counts(fitting, total, filtered=bool(text) or fitting != total))

    def _counts(self, fitting: int, total: int, *, filtered: bool) -> str:
        if not total:
            return "Reading the catalogue …"
        count = f"{fitting} of {total}" if filtered else words.count(total, "likelihood")
        return " · ".join(filter(None, (count, self._made())))

    def _made(self) -> str:
        catalogue = self._store.catalogue
        if catalogue is None:
            return ""
        when = catalogue.refreshed
        if isinstance(when, datetime):
            return f"refreshed {age_words(when)}"
        return f"dated {date_words(catalogue.made)}" if catalogue.made is not None else ""

    def _tell_dates(self) -> None:
        catalogue = self._store.catalogue
        if catalogue is not None and catalogue.made is not None:
            self._dates.setToolTip(f"The bundled catalogue is of {date_words(catalogue.made)}")


def _rank(row: Row) -> int:
    """Grids of signal points are what the window is for, those well known first; what is HS3 comes last."""
    if why_not(row.entry):
        return 3
    if not row.has_points:
        return 2
    return 0 if row.entry.points else 1
