"""What leads from the form to fits elsewhere: a run of its signal, a scan as a pallet, other analyses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal

from fitgui import words
from fitgui.gui.signal.before_fit import LookedOver, look_over
from fitgui.gui.signal.comparing.as_regions import Taken, asked_of
from fitgui.gui.signal.comparing.compare_page import ComparePage, KnownMaps
from fitgui.gui.signal.drafting.draft import Draft, problems
from fitgui.gui.signal.importing.import_flow import sentence_of
from fitgui.gui.signal.scanning.scan_page import Scan, ScanPage
from fitgui.gui.signal.scanning.scan_pallet import ScanPallet, scan_pallet
from fitgui.gui.signal.view import FORM, SignalView
from fitgui.reinterpretation.model import Signal, Target

if TYPE_CHECKING:
    from fitgui.gui.window import MainWindow

SCAN: Final = "scan"
COMPARE: Final = "compare"
NO_SIGNAL: Final = "Type, paste or import the yields of your signal first."
BUSY: Final = "A run is going on. Cancel it, or wait until it is done."


class FormFits(QObject):
    """Fits what stands in the form only where the form itself would.

    Args:
        window: whose panels and workbench are used.
        view: the tab, as it is now.
        known_maps: of regions, for a file and an analysis; called on a thread.
    """

    shown = QtSignal(str)
    """The name of a page that is to come to the front."""
    told = QtSignal(str, str)
    """A level, and a sentence."""

    def __init__(self, window: MainWindow, view: Callable[[], SignalView], known_maps: KnownMaps) -> None:
        super().__init__(window)
        self._window, self._view = window, view
        self._bench = window.workbench
        self.scan = ScanPage(self._bench.bridge.run)
        self.compare = ComparePage(self._bench, window.store.library, known_maps)
        self.taken: Taken | None = None
        """The file that the form was filled from last."""
        self._asked = 0
        self.scan.open_wanted.connect(self._open_scan)
        self.compare.failed.connect(partial(self.told.emit, "error"))

    def withdraw(self) -> None:
        """Nobody wants any more what was asked for."""
        self._asked += 1

    def show_compare(self) -> None:
        """Fit the signal of the form against several analyses."""

        def done(target: Target, draft: Draft, _looked: LookedOver) -> None:
            pallet = self._bench.pallet
            if pallet is None:
                return
            self.compare.show_signal(asked_of(draft, target, self.taken), pallet, self._window.store.items)
            self.shown.emit(COMPARE)

        # What becomes of regions without yields is asked there, for all analyses.
        self._look_over(done, later=("missing",))

    def run_signals(self, signals: tuple[Signal, ...]) -> None:
        """Fit the signal of the form as a plan."""
        if not signals:
            return
        treatments = self._view().treatments

        def done(target: Target, _draft: Draft, looked: LookedOver) -> None:
            labels = tuple(dict.fromkeys(label for signal in signals for label in signal.values))
            name = signals[0].name if len(signals) == 1 else "your form"
            self.scan.show_scan(
                name, target, signals, labels, looked.findings, treatments=treatments, of_form=True
            )
            self.shown.emit(SCAN)

        self._look_over(done)

    def _look_over(
        self, done: Callable[[Target, Draft, LookedOver], None], *, later: tuple[str, ...] = ()
    ) -> None:
        """Look over what stands in the form; what the form would not fit, nobody else does."""
        view = self._view()
        target, draft = view.target, view.form.sheet.live
        if target is None or not self._is_shown(target) or draft.is_empty:
            self.told.emit("warning", NO_SIGNAL)
            return
        wrong = problems(draft, target)
        if wrong:
            self.told.emit("warning", words.capital(next(iter(wrong.values()))))
            return
        self._asked += 1
        number = self._asked

        def looked_over(looked: LookedOver) -> None:
            if number != self._asked or not self._is_shown(target):
                return
            if looked.refusal:
                self.shown.emit(FORM)
                self.told.emit("warning", f"The form has something to be settled first. {looked.refusal}")
            else:
                done(target, draft, looked)

        def failed(error: Exception) -> None:
            self.told.emit("error", sentence_of(error, "The signal could not be looked over"))

        self._bench.bridge.run(partial(look_over, target, draft, later=later), looked_over, failed)

    def _is_shown(self, target: Target) -> bool:
        shown = self._window.compute_panel.shown
        return shown is not None and shown.analysis is target.analysis

    def _open_scan(self, scan: Scan, run: bool) -> None:  # as the signal brings it
        """Write the points as a pallet, open it, and run it if that is wanted."""
        if self._bench.running:
            self.told.emit("warning", BUSY)
            return

        def done(made: ScanPallet) -> None:
            self.scan.show_working(working=False)
            self._view().show_page(FORM)
            self._bench.open_own(made.pallet, self._window.run if run else None)
            self._window.results_panel.show_plane()
            if made.left_out:
                self.told.emit("warning", made.left_out)

        def failed(error: Exception) -> None:
            self.scan.show_working(working=False)
            self.told.emit("error", sentence_of(error, "The scan could not be opened"))

        self.scan.show_working(working=True)
        self._bench.bridge.run(partial(scan_pallet, scan), done, failed)
