"""What leads to a signal of one's own in the window: files, pasted text, and maps of their regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from fitgui.gui.analysis_choice import Shown
from fitgui.gui.signal import signal_dialogs as dialogs
from fitgui.gui.signal.comparing.as_regions import Taken
from fitgui.gui.signal.comparing.contenders import Contender
from fitgui.gui.signal.form_fits import COMPARE, SCAN, FormFits
from fitgui.gui.signal.importing.import_flow import ImportFlow, Proposal, Read, placed_words, sentence_of
from fitgui.gui.signal.importing.recognising import Dropped, recognise
from fitgui.gui.signal.importing.which_page import WhichPage
from fitgui.gui.signal.mapping.mapping_page import Mapped, MappingPage
from fitgui.gui.signal.view import FORM, SignalView
from fitgui.reinterpretation.formats.template import write_template
from fitgui.reinterpretation.mapping.files import read_map, write_map
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import Imported, RegionMap, Signal, Target
from fitgui.reinterpretation.target.target import target_of

if TYPE_CHECKING:
    from fitgui.gui.window import MainWindow

Answer = TypeVar("Answer")
WHICH: Final = "which"
MAPPING: Final = "mapping"
NO_PALLET: Final = "Open a pallet first: the signal is put on top of the background of its analysis."
NOTHING_MAPPED: Final = "Import a signal first: a map says where its regions go."
NOTHING_TO_PASTE: Final = "There is no text to paste: copy the yields in the spreadsheet or editor first."


class SignalCoordinator(QObject):
    """Brings pages into the tab of the signal, and does what they ask for.

    Args:
        window: whose panels and workbench are used.
        folder: the data folder, for maps that were used.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window = window
        self._bench = window.workbench
        self._flow = ImportFlow(self._bench.bridge, folder, self)
        self.which = WhichPage()
        self.mapping = MappingPage(self._bench.bridge.run)
        self.fits = FormFits(window, lambda: self.view, self._flow.known_maps)
        self.scan, self.compare = self.fits.scan, self.fits.compare
        self._view: SignalView | None = None
        self._before = FORM
        """The page from which one came to the scan."""
        self._mapping_for: Contender | None = None
        """Whose regions are mapped, where that is for the comparison."""
        self._told = ""
        """What was said last of a file, or of the form; it goes with what it is about."""
        self._connect()
        self._adopt()

    @property
    def view(self) -> SignalView:
        """The tab, as it is now: other colours make it anew."""
        (view,) = [view for view in self._window.results_panel.views if isinstance(view, SignalView)]
        return view

    def try_own(self) -> None:
        """Bring the form to the front, ready for the keyboard."""
        self._window.results_panel.show_tab(self.view)
        if self.view.page == COMPARE:
            self.view.show_page(FORM)
        self.view.setFocus()

    def ask_for_file(self) -> None:
        """Let the user choose a file of yields."""
        dialogs.ask_for_yields(self._window, self.read, folder=False)

    def ask_for_folder(self) -> None:
        """Let the user choose a folder with the outputs of a tool, one for each model point."""
        dialogs.ask_for_yields(self._window, self.read, folder=True)

    def paste(self) -> None:
        """Take yields from the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.read(text)
        else:
            self._say("warning", NOTHING_TO_PASTE)

    def read(self, source: Path | str) -> None:
        """Read a file or folder, or pasted text, for the analysis on show."""
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is None or pallet is None:
            self._say("warning", NO_PALLET)
            return
        self._flow.read(source, partial(target_of, pallet, shown.analysis))

    def dropped(self, path: Path) -> None:
        """Open what was dropped: a pallet, yields for the analysis on show, or a map of their regions."""

        def recognised(kind: Dropped) -> None:
            if kind is Dropped.PALLET:
                self._window.open(path)
            elif self._bench.pallet is None:
                self._say(
                    "warning", f"{path.name} is no pallet, but yields of a signal or a map. {NO_PALLET}"
                )
            elif kind is Dropped.YIELDS:
                self.read(path)
            else:
                self.load_map(path)

        self._bench.bridge.run(partial(recognise, path), recognised, lambda _e: self._window.open(path))

    def ask_where_to_save_template(self) -> None:
        """Write an empty file of yields for the analysis on show, to be filled in."""
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is None or pallet is None:
            self._say("warning", NO_PALLET)
            return

        def write(path: Path, scan: bool) -> None:
            find = partial(target_of, pallet, shown.analysis)
            self._write(lambda: write_template(find(), path, scan=scan), path)

        dialogs.ask_where_to_save_template(self._window, f"{shown.analysis.name}-yields.csv", write)

    def ask_for_map(self) -> None:
        """Let the user choose a map of regions for the file that is being mapped."""
        if self.mapping.imported is None:
            self._say("warning", NOTHING_MAPPED)
            return
        dialogs.ask_for_map(self._window, self.load_map)

    def load_map(self, path: Path) -> None:
        """Use a map from a file for what is being mapped."""
        imported, target = self.mapping.imported, self.mapping.target
        if imported is None or target is None:
            self._say("warning", NOTHING_MAPPED)
            return

        def work() -> RegionMap:
            return propose(imported, target, known=[read_map(path, target)])

        def done(region_map: RegionMap) -> None:
            if self.mapping.imported is imported and self.mapping.target is target:
                self.mapping.show_map(region_map)
                self._show(MAPPING)
                self._say("info", f"The map of {path.name} is in use.")

        self._run(work, done, f"{path.name} could not be read")

    def ask_where_to_save_map(self) -> None:
        """Write the map on the page to a file, to be shared."""
        target = self.mapping.target
        if target is None or self.mapping.imported is None:
            self._say("warning", "There is no map of regions yet: import a signal first.")
            return
        region_map = self.mapping.region_map
        dialogs.ask_where_to_save_map(
            self._window,
            f"{target.analysis.name}-{region_map.tool}-regions.json",
            lambda path: self._write(partial(write_map, path, region_map, target), path),
        )

    def show_compare(self) -> None:
        """Fit the signal against several analyses."""
        self.fits.show_compare()

    def run_signals(self, signals: tuple[Signal, ...]) -> None:
        """Fit signals of the form as a plan."""
        self._before = FORM
        self.fits.run_signals(signals)

    def _connect(self) -> None:
        flow = self._flow
        flow.began.connect(self._began)
        flow.which_wanted.connect(self._ask_which)
        flow.proposed.connect(self._proposed)
        flow.troubled.connect(partial(self._say, "warning"))
        flow.failed.connect(partial(self._say, "error"))
        self.fits.told.connect(self._say)
        self.fits.shown.connect(self._show)
        self.which.chosen.connect(self._propose_again)
        self.mapping.used.connect(self._used)
        self.mapping.load_wanted.connect(self.ask_for_map)
        self.mapping.save_wanted.connect(self.ask_where_to_save_map)
        self.scan.back.connect(lambda: self._show(self._before))
        self.compare.map_wanted.connect(self._map_for_compare)
        for page in (self.which, self.mapping, self.scan, self.compare):
            page.left.connect(self._leave)
        self._window.results_panel.made_anew.connect(self._adopt)
        self._window.compute_panel.own_signal_wanted.connect(self.try_own)
        self._window.compute_panel.shown_changed.connect(self._shown_changed)
        self._window.results_panel.tabs.currentChanged.connect(lambda _index: self._make_room())

    def _adopt(self) -> None:
        """Put the pages into the tab; in other colours it is another one."""
        view, old = self.view, self._view
        if view is old:
            return
        page = old.page if old is not None else FORM
        for name, content in (
            (WHICH, self.which),
            (MAPPING, self.mapping),
            (SCAN, self.scan),
            (COMPARE, self.compare),
        ):
            view.add_page(name, content)
        view.import_wanted.connect(self.read)
        view.file_wanted.connect(self.ask_for_file)
        view.template_wanted.connect(self.ask_where_to_save_template)
        view.run_wanted.connect(self.run_signals)
        view.compare_wanted.connect(self.show_compare)
        self._view = view
        if page != FORM:
            view.show_page(page)

    def _show(self, page: str) -> None:
        self.view.show_page(page)
        self._window.results_panel.show_tab(self.view)
        self._make_room()

    def _leave(self) -> None:
        """Back to the form; what was asked for meanwhile is not wanted any more."""
        self._flow.withdraw()
        self.fits.withdraw()
        back = COMPARE if self._mapping_for is not None else FORM
        self._mapping_for = None
        self.mapping.clear()
        self._show(back)

    def _say(self, level: str, sentence: str) -> None:
        self._told = sentence
        self._window.tell(level, sentence)

    def _take_back(self) -> None:
        """What was said of the last file, or form, is not about what is shown any more."""
        self._window.take_back(self._told)
        self._told = ""

    def _make_room(self) -> None:
        """The table of published points makes room for a signal of one's own."""
        panel = self._window.results_panel
        panel.table.setVisible(panel.tabs.currentWidget() is not self.view)

    def _began(self, name: str) -> None:
        self._take_back()
        self._window.results_panel.log.say(f"Reading the yields of {name}")

    def _ask_which(self, read: Read) -> None:
        self.which.show_choice(read.found, read.target)
        self._show(WHICH)

    def _proposed(self, proposal: Proposal) -> None:
        imported, target = proposal.imported, proposal.target
        if not self._is_shown(target):
            self._propose_again(imported)
            return
        known = target.luminosity_fb
        source = "as the catalogue says"
        self._mapping_for = None
        self.mapping.show_import(imported, target, proposal.region_map, luminosity=(known, source))
        if proposal.obvious:
            self._use(Mapped(proposal.looked, target, proposal.region_map))
        else:
            self._show(MAPPING)

    def _propose_again(self, imported: Imported) -> None:
        """For the analysis on show, which is another one by now."""
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is not None and pallet is not None:
            self._flow.propose(imported, partial(target_of, pallet, shown.analysis))

    def _used(self, mapped: Mapped) -> None:
        self._flow.remember(mapped.region_map, mapped.target)
        if self._mapping_for is None:
            self._use(mapped)
            return
        contender, self._mapping_for = self._mapping_for, None
        self.mapping.clear()
        self._show(COMPARE)
        self.compare.use_map(contender, mapped.region_map, mapped.looked.of_signals)

    def _map_for_compare(self, contender: Contender) -> None:
        """The user says where the regions go in one of the analyses that are compared."""
        self._mapping_for = contender
        self.mapping.show_import(contender.imported, contender.target, contender.region_map)
        self._show(MAPPING)

    def _use(self, mapped: Mapped) -> None:
        """The regions have their bins: one point goes into the form, many become a scan."""
        looked, target = mapped.looked, mapped.target
        if not self._is_shown(target):
            if self.mapping.imported is not None:
                self._propose_again(self.mapping.imported)
            return
        self._window.results_panel.notice.hide()
        # What is severe in the yields, the user has read and says that it is right.
        findings = (*looked.of_map, *looked.of_signals)
        imported = looked.imported
        if len(looked.signals) > 1:
            self._before = MAPPING
            notes = tuple(replace(one, severe=False) for one in findings)
            self.scan.show_scan(
                imported.source,
                target,
                looked.signals,
                imported.labels,
                notes,
                treatments=looked.treatments,
                given=looked.given,
            )
            self._show(SCAN)
        else:
            self.fits.taken = Taken(imported, looked.signals[0], mapped.region_map)
            self.mapping.clear()
            self._show(FORM)  # first: only in front it follows the analysis on show
            self.view.show_signal(looked.signals[0], findings, looked.treatments, of=target.analysis)
            self._say("info", placed_words(imported, mapped.region_map))

    def _is_shown(self, target: Target) -> bool:
        """Whether the analysis is still the one on show."""
        shown = self._window.compute_panel.shown
        return shown is not None and shown.analysis is target.analysis

    def _shown_changed(self, _shown: Shown) -> None:
        """Another analysis: what is being mapped is mapped to it; anything else was about the last one."""
        page, imported = self.view.page, self.mapping.imported
        of_file = page == MAPPING or (page == SCAN and self._before == MAPPING)
        self._take_back()
        if of_file and imported is not None and self._mapping_for is None:
            self._propose_again(imported)
            return
        self._mapping_for = None
        self.mapping.clear()
        self.fits.withdraw()
        if page != FORM:
            self._flow.withdraw()
            self.view.show_page(FORM)

    def _write(self, work: Callable[[], object], path: Path) -> None:
        self._run(
            work,
            lambda _answer: self._say("info", f"Written: {path}"),
            f"{path.name} could not be written",
        )

    def _run(self, work: Callable[[], Answer], done: Callable[[Answer], None], otherwise: str) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, OSError):
                reason = error.strerror or str(error)
                self._say("error", f"{otherwise}: {reason}.")
            else:
                self._say("error", sentence_of(error, otherwise))

        self._bench.bridge.run(work, done, failed)
