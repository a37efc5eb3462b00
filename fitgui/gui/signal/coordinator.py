"""What leads to a signal of one's own in the window, and from it: files, maps, scans, other analyses."""

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
from fitgui.gui.signal.as_regions import as_imported
from fitgui.gui.signal.compare_page import ComparePage
from fitgui.gui.signal.contenders import Contender
from fitgui.gui.signal.import_flow import ImportFlow, Proposal, Read, placed_words, sentence_of
from fitgui.gui.signal.mapping_page import Mapped, MappingPage
from fitgui.gui.signal.recognising import Dropped, recognise
from fitgui.gui.signal.scan_page import Scan, ScanPage
from fitgui.gui.signal.scan_pallet import ScanPallet, scan_pallet
from fitgui.gui.signal.view import FORM, SignalView
from fitgui.gui.signal.which_page import WhichPage
from fitgui.reinterpretation.formats.template import write_template
from fitgui.reinterpretation.map_files import read_map, write_map
from fitgui.reinterpretation.mapping import propose
from fitgui.reinterpretation.model import Imported, RegionMap, Signal, Target
from fitgui.reinterpretation.target import target_of

if TYPE_CHECKING:
    from fitgui.gui.window import MainWindow

Answer = TypeVar("Answer")
WHICH: Final = "which"
MAPPING: Final = "mapping"
SCAN: Final = "scan"
COMPARE: Final = "compare"
NO_PALLET: Final = "Open a pallet first: the signal is put on top of the background of its analysis."
NO_SIGNAL: Final = "Type, paste or import the yields of your signal first."
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
        self.scan = ScanPage()
        self.compare = ComparePage(self._bench, window.store.library, self._flow.known_maps)
        self._view: SignalView | None = None
        self._before = FORM
        """The page from which one came to the scan."""
        self._mapping_for: Contender | None = None
        """Whose regions are mapped, where that is for the comparison."""
        self._told = ""
        """What was said of the last file."""
        self._taken: tuple[Imported, Signal, RegionMap] | None = None
        """The file that the form was filled from, in events, the signal that it came to, and by which map."""
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
            self._window.tell("warning", NOTHING_TO_PASTE)

    def read(self, source: Path | str) -> None:
        """Read a file or folder, or pasted text, for the analysis on show."""
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is None or pallet is None:
            self._window.tell("warning", NO_PALLET)
            return
        self._flow.read(source, partial(target_of, pallet, shown.analysis))

    def dropped(self, path: Path) -> None:
        """Open what was dropped: a pallet, yields for the analysis on show, or a map of their regions."""
        if self._bench.pallet is None:
            self._window.open(path)
            return

        def recognised(kind: Dropped) -> None:
            if kind is Dropped.MAP and self.mapping.imported is not None:
                self.load_map(path)
            elif kind is Dropped.PALLET:
                self._window.open(path)
            else:
                self.read(path)

        self._bench.bridge.run(partial(recognise, path), recognised, lambda _e: self._window.open(path))

    def ask_where_to_save_template(self) -> None:
        """Write an empty file of yields for the analysis on show, to be filled in."""
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is None or pallet is None:
            self._window.tell("warning", NO_PALLET)
            return

        def write(path: Path, scan: bool) -> None:
            find = partial(target_of, pallet, shown.analysis)
            self._write(lambda: write_template(find(), path, scan=scan), path)

        dialogs.ask_where_to_save_template(self._window, f"{shown.analysis.name}-yields.csv", write)

    def ask_for_map(self) -> None:
        """Let the user choose a map of regions for the file that is being mapped."""
        if self.mapping.imported is None:
            self._window.tell("warning", "Import a signal first: a map says where its regions go.")
            return
        dialogs.ask_for_map(self._window, self.load_map)

    def load_map(self, path: Path) -> None:
        """Use a map from a file for what is being mapped."""
        imported, target = self.mapping.imported, self.mapping.target
        if imported is None or target is None:
            return

        def work() -> RegionMap:
            return propose(imported, target, known=[read_map(path, target)])

        def done(region_map: RegionMap) -> None:
            if self.mapping.imported is imported:
                self.mapping.show_map(region_map)
                self._window.tell("info", f"The map of {path.name} is in use.")

        self._run(work, done, f"{path.name} could not be read")

    def ask_where_to_save_map(self) -> None:
        """Write the map on the page to a file, to be shared."""
        target = self.mapping.target
        if target is None:
            self._window.tell("warning", "There is no map of regions yet: import a signal first.")
            return
        region_map = self.mapping.region_map
        dialogs.ask_where_to_save_map(
            self._window,
            f"{target.analysis.name}-{region_map.tool}-regions.json",
            lambda path: self._write(partial(write_map, path, region_map, target), path),
        )

    def show_compare(self) -> None:
        """Fit the signal against several analyses."""
        signal, target, pallet = self.view.signal, self.view.target, self._bench.pallet
        if signal is None or target is None or pallet is None:
            self._window.tell("warning", NO_SIGNAL)
            return
        imported, used = as_imported(signal, target), None
        if self._taken is not None and self._taken[1].yields == signal.yields:
            imported, _signal, used = self._taken  # under its own names a map of another analysis fits it
        self.compare.show_signal(imported, pallet, self._window.store.items, used)
        self._show(COMPARE)

    def run_signals(self, signals: tuple[Signal, ...]) -> None:
        """Fit signals of the form as a plan."""
        target = self.view.target
        if target is None or not signals:
            return
        labels = tuple(dict.fromkeys(label for signal in signals for label in signal.values))
        self._before = FORM
        name = signals[0].name if len(signals) == 1 else "your form"
        self.scan.show_scan(name, target, signals, labels, treatments=self.view.treatments)
        self._show(SCAN)

    def _connect(self) -> None:
        flow = self._flow
        flow.began.connect(self._began)
        flow.which_wanted.connect(self._ask_which)
        flow.proposed.connect(self._proposed)
        flow.troubled.connect(lambda sentence: self._window.tell("warning", sentence))
        flow.failed.connect(lambda sentence: self._window.tell("error", sentence))
        self.which.chosen.connect(self._chosen)
        self.mapping.used.connect(self._used)
        self.mapping.load_wanted.connect(self.ask_for_map)
        self.mapping.save_wanted.connect(self.ask_where_to_save_map)
        self.scan.open_wanted.connect(self._open_scan)
        self.scan.back.connect(lambda: self._show(self._before))
        self.compare.map_wanted.connect(self._map_for_compare)
        self.compare.failed.connect(lambda sentence: self._window.tell("error", sentence))
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
        back = COMPARE if self._mapping_for is not None else FORM
        self._mapping_for = None
        self._show(back)

    def _make_room(self) -> None:
        """The table of published points makes room for a signal of one's own."""
        panel = self._window.results_panel
        panel.table.setVisible(panel.tabs.currentWidget() is not self.view)

    def _began(self, name: str) -> None:
        self._window.take_back(self._told)
        self._window.results_panel.log.say(f"Reading the yields of {name}")

    def _ask_which(self, read: Read) -> None:
        self.which.show_choice(read.found, read.target)
        self._show(WHICH)

    def _chosen(self, imported: Imported) -> None:
        shown, pallet = self._window.compute_panel.shown, self._bench.pallet
        if shown is not None and pallet is not None:
            self._flow.propose(imported, partial(target_of, pallet, shown.analysis))

    def _proposed(self, proposal: Proposal) -> None:
        imported, target = proposal.imported, proposal.target
        if not self._is_shown(target):
            return
        known = target.luminosity_fb
        source = "as the catalogue says"
        self._mapping_for = None
        self.mapping.show_import(imported, target, proposal.region_map, luminosity=(known, source))
        if proposal.obvious:
            self._use(Mapped(proposal.looked, target, proposal.region_map))
        else:
            self._show(MAPPING)

    def _used(self, mapped: Mapped) -> None:
        self._flow.remember(mapped.region_map, mapped.target)
        if self._mapping_for is None:
            self._use(mapped)
            return
        contender, self._mapping_for = self._mapping_for, None
        self._show(COMPARE)
        self.compare.use_map(contender, mapped.region_map)

    def _map_for_compare(self, contender: Contender) -> None:
        """The user says where the regions go in one of the analyses that are compared."""
        self._mapping_for = contender
        self.mapping.show_import(contender.imported, contender.target, contender.region_map)
        self._show(MAPPING)

    def _use(self, mapped: Mapped) -> None:
        """The regions have their bins: one point goes into the form, many become a scan."""
        looked, target = mapped.looked, mapped.target
        if not self._is_shown(target):
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
            )
            self._show(SCAN)
        else:
            self._taken = (imported, looked.signals[0], mapped.region_map)
            self.view.show_signal(looked.signals[0], findings, looked.treatments)
            self._show(FORM)
            self._told = placed_words(imported, mapped.region_map)
            self._window.tell("info", self._told)

    def _is_shown(self, target: Target) -> bool:
        """Whether the analysis is still the one on show."""
        shown = self._window.compute_panel.shown
        return shown is not None and shown.analysis is target.analysis

    def _shown_changed(self, shown: Shown) -> None:
        """Another analysis: what is being mapped is mapped to it; anything else was about the last one."""
        page, pallet = self.view.page, self._bench.pallet
        if page in (MAPPING, SCAN) and self.mapping.imported is not None and pallet is not None:
            self._flow.propose(self.mapping.imported, partial(target_of, pallet, shown.analysis))
        elif page != FORM:
            self._leave()

    def _open_scan(self, scan: Scan, run: bool) -> None:  # as the signal brings it
        """Write the points as a pallet, open it, and run it if that is wanted."""
        if self._bench.running:
            self._window.tell("warning", "A run is going on. Cancel it, or wait until it is done.")
            return

        def done(made: ScanPallet) -> None:
            self.scan.show_working(working=False)
            self.view.show_page(FORM)
            self._bench.open_own(made.pallet, self._window.run if run else None)
            self._window.results_panel.show_plane()
            if made.left_out:
                self._window.tell("warning", made.left_out)

        def failed(error: Exception) -> None:
            self.scan.show_working(working=False)
            self._window.tell("error", sentence_of(error, "The scan could not be opened"))

        self.scan.show_working(working=True)
        self._bench.bridge.run(partial(scan_pallet, scan), done, failed)

    def _write(self, work: Callable[[], object], path: Path) -> None:
        self._run(
            work,
            lambda _answer: self._window.tell("info", f"Written: {path}"),
            f"{path.name} could not be written",
        )

    def _run(self, work: Callable[[], Answer], done: Callable[[Answer], None], otherwise: str) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, OSError):
                reason = error.strerror or str(error)
                self._window.tell("error", f"{otherwise}: {reason}.")
            else:
                self._window.tell("error", sentence_of(error, otherwise))

        self._bench.bridge.run(work, done, failed)
