"""The main window: three steps side by side, and how they talk to the workbench."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMessageBox, QSplitter, QStyle

from fitgui import words
from fitgui.gui import dialogs, theme
from fitgui.gui.actions import WindowActions
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.arrivals import Arrivals
from fitgui.gui.compute_panel import ComputePanel
from fitgui.gui.look_choice import LookChoice
from fitgui.gui.pallet_panel import PalletPanel, dropped_path
from fitgui.gui.pallet_store import PalletStore
from fitgui.gui.recent_runs import run_text
from fitgui.gui.result_view import ViewContext
from fitgui.gui.result_views import result_views
from fitgui.gui.results_panel import ResultsPanel
from fitgui.gui.saving_figures import SavingFigures
from fitgui.gui.settings import EXAMPLE, Recent, WindowSettings
from fitgui.gui.signal.coordinator import SignalCoordinator
from fitgui.gui.taking_away import TakingAway
from fitgui.gui.where.place_watch import PlaceWatch
from fitgui.gui.where.where import Where
from fitgui.gui.which_run import ask_which_run
from fitgui.gui.workbench import Workbench
from fitgui.pallets import Analysis, Pallet
from fitgui.pallets.library.item import LibraryItem
from fitgui.runs.history import InterruptedRun
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import Check
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import Notice, PlaceChanged, StampedEvent

CLOCK_MILLISECONDS = 100
SMALLEST = (1024, 640)
CANCEL_MILLISECONDS = 3000
"""Cancelling a run on a cluster is a matter of our own books; nobody waits for the cluster."""
BUSY = "A run is going on. Cancel it, or wait until it is done, to open another pallet."


class MainWindow(QMainWindow):
    """Pallet, Compute, Results."""

    def __init__(
        self,
        workbench: Workbench,
        store: PalletStore,
        where: Where,
        settings: WindowSettings,
        look: theme.Theme | None = None,
        *,
        workers: int,
    ) -> None:
        super().__init__()
        self.workbench = workbench
        self.store = store
        self.where = where
        self._settings = settings
        self.look_choice = LookChoice(settings, look, self)
        """Light or dark."""
        look = self.look_choice.look
        self._closing = False
        self._leaving = False
        """Whether the window is to be closed when the run is over."""
        self._cancelled = False
        """Whether the user has cancelled something of this run, and so wants to hear what becomes of it."""
        self.farewell: QMessageBox | None = None
        self._complaint = ""
        """What failed last: hidden when the user tries again."""
        self.setWindowTitle("fitgui")
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.resize(1360, 840)
        self.pallet_panel = PalletPanel(
            store=store,
            open_file=self.ask_for_file,
            open_folder=self.ask_for_folder,
            open_source=self.open,
            open_item=self.open_item,
        )
        self.compute_panel = ComputePanel(
            where=where,
            run=self.run,
            cancel=self.cancel,
            retry=workbench.retry,
            look_again=workbench.prepare_backend,
            workers=workers,
        )
        context = ViewContext(look, workbench, self.tell, settings, self.take_back)
        self.results_panel = ResultsPanel(
            look,
            context=context,
            views=result_views(context),
            cancel_points=self.cancel,
            retry_points=workbench.retry,
            check=self.check,
            stop_check=workbench.stop_check,
        )
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for panel, least in (
            (self.pallet_panel, 236),
            (self.compute_panel, 272),
            (self.results_panel, 460),
        ):
            panel.setMinimumWidth(least)
            self.columns.addWidget(panel)
        self.columns.setSizes([300, 272, 754])
        self.columns.setStretchFactor(2, 1)
        self.columns.setChildrenCollapsible(False)
        self.columns.setHandleWidth(theme.MARGIN)
        self.columns.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        self.setCentralWidget(self.columns)
        self._arrivals = Arrivals(workbench, store, self.results_panel, self.tell)
        self._place_watch = PlaceWatch(self.results_panel.notice, self._log_in_for_run)
        self.taking_away = TakingAway(
            self, workbench, store.library, self.results_panel.table.selected, self.tell
        )
        self.saving_figures = SavingFigures(self)
        self.signals = SignalCoordinator(self, store.library.folder.parent)
        self.actions_ = WindowActions(self)
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        self._connect()
        self.pallet_panel.show_recent(settings.recent)
        settings.restore(self, self._splitters())
        self.fit_into(self.screen().availableSize())
        self.compute_panel.options.restore(settings.options)
        self.results_panel.show_titled(settings.tab)

    @property
    def recent_pallets(self) -> list[Recent]:
        """What was opened before, the latest first."""
        return self._settings.recent

    def fit_into(self, available: QSize) -> None:
        """Be no larger than the screen, with the frame around: the button that runs must be seen."""
        room = available - QSize(0, self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight))
        self.setMinimumSize(QSize(*SMALLEST).boundedTo(room))
        self.resize(self.size().boundedTo(room))

    def open(self, source: str | Path, *, run: bool = False) -> None:
        """Open a pallet, by its path, its name in the library or what HEPData knows it by.

        Args:
            source: what is not on this machine is fetched from HEPData, and opened when it is here.
            run: fit all points of its first analysis at once.
        """
        if not self._is_busy():
            known = self._settings.opened_before(str(source))
            then = self.run if run else None
            self.workbench.open(source, then, digest=known.digest, called=known.name)

    def open_item(self, item: LibraryItem) -> None:
        """Open something that the library keeps."""
        if not self._is_busy():
            self.workbench.open_item(item)

    def open_first(self, pallet: str | None, *, run: bool = False) -> None:
        """Open what was asked for at the start, else what was open last if it is here, else the example."""
        if pallet is not None:
            self.open(pallet, run=run)
            return
        last = next(iter(self._settings.recent), Recent(EXAMPLE, EXAMPLE))
        then = self.run if run else None
        self.workbench.open(last.source, then, digest=last.digest, otherwise=EXAMPLE, called=last.name)

    def prepare(self) -> None:
        """Start workers, and find out how every place to compute stands; asks no service."""
        self.workbench.prepare_backend()
        self.where.look()

    def run(self) -> None:
        """Fit the chosen points."""
        shown, points = self.compute_panel.shown, self.compute_panel.chosen_points
        if shown is not None and points:
            self.results_panel.notice.hide()
            panel = self.compute_panel
            points_to_check = panel.options.check_points
            check = Check(points=points_to_check, seed=panel.options.seed) if points_to_check else None
            self.workbench.start(
                shown.analysis,
                points,
                panel.fit_options,
                backend=self.where.chosen,
                place=self.where.place,
                workers=panel.workers,
                check=check,
            )

    def cancel(self, names: Collection[str] | None = None) -> None:
        """Cancel these points, or the whole run, and hear what becomes of what is being fitted."""
        self._cancelled = True
        self.workbench.cancel(names)

    def check(self) -> None:
        """Have another engine fit a sample of the results again, in the background."""
        options, snapshot = self.compute_panel.options, self.workbench.snapshot
        # The points of a larger check with the same seed hold those of a smaller one.
        known = len(snapshot.checks) if snapshot is not None else 0
        self.workbench.check(Check(points=known + options.points_per_check, seed=options.seed))

    def ask_for_file(self) -> None:
        """Let the user choose an archive."""
        dialogs.ask_for_pallet(self, self.open, folder=False, start=self._settings.last_folder)

    def ask_for_folder(self) -> None:
        """Let the user choose a folder."""
        dialogs.ask_for_pallet(self, self.open, folder=True, start=self._settings.last_folder)

    def ask_where_to_save(self) -> None:
        """Let the user choose a file for the results, and of which run where they are of several."""
        bench = self.workbench

        def ask(run: str) -> None:
            dialogs.ask_where_to_save(self, lambda path: bench.export(path, run))

        if bench.session.runs:
            ask_which_run("a file of results", bench.session, ask, self)
        else:
            dialogs.ask_where_to_save(self, bench.export)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file may be dropped anywhere."""
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped: a pallet, or yields of a signal."""
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.signals.dropped(path)

    def tell(self, level: str, sentence: str) -> None:
        """Say one sentence in the notice bar and in the log."""
        self.results_panel.notice.tell(level, sentence)
        self.results_panel.log.say(sentence)

    def take_back(self, sentence: str) -> None:
        """Hide the notice if it still says this; the log keeps it."""
        if self.results_panel.notice.text == sentence:
            self.results_panel.notice.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Fill the shelf once the window stands."""
        super().showEvent(event)
        QTimer.singleShot(0, self.store.start)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask, without blocking, before a run is interrupted."""
        if self.workbench.running and not self._closing:
            event.ignore()
            bench = self.workbench
            if bench.going_on_at:
                dialogs.ask_before_leaving(
                    self,
                    bench.snapshot,
                    bench.going_on_at,
                    leave=self.close_now,
                    cancel=self._cancel_and_close,
                )
            else:
                dialogs.ask_before_closing(self, bench.snapshot, bench.elapsed, self.close_now)
            return
        self._clock.stop()
        self.actions_.talk.close()
        self._settings.save(self, self._splitters())
        self._settings.options = self.compute_panel.options.state()
        self._settings.tab = self.results_panel.tabs.tabText(self.results_panel.tabs.currentIndex())
        self.hide()  # ending workers and writing the journal may take a second
        self.store.close()
        self.compute_panel.places.close_dialogs()
        self.where.close()
        trouble = self.workbench.trouble
        rescued = self.workbench.close()
        if trouble is not None:
            self.farewell = dialogs.tell_where(rescued, trouble)
        event.accept()

    def close_now(self) -> None:
        """Close without asking; points in flight are cancelled, the run can be resumed."""
        self._closing = True
        QTimer.singleShot(0, self.close)

    def _cancel_and_close(self) -> None:
        """Close as soon as the run is cancelled, or when that takes too long."""
        self._leaving = True
        self.cancel()
        QTimer.singleShot(CANCEL_MILLISECONDS, self.close_now)
        if not self.workbench.running:  # in this very moment
            self.close_now()

    def _connect(self) -> None:
        bench = self.workbench
        self.look_choice.changed.connect(self.results_panel.use_theme)
        bench.opening.connect(self._opening)
        bench.pallet_opened.connect(self._pallet_opened)
        bench.elsewhere.connect(self._elsewhere)
        bench.failed.connect(self._failed)
        bench.run_began.connect(self._run_began)
        bench.points_changed.connect(self.results_panel.points_changed)
        bench.events_came.connect(self._events_came)
        bench.recorded_shown.connect(self._recorded_shown)
        bench.interrupted.connect(self._offer_to_resume)
        bench.run_ended.connect(self._run_ended)
        bench.check_changed.connect(self.results_panel.show_check)
        bench.saved.connect(lambda path: self.tell("info", f"The results are in {path}"))
        bench.health_known.connect(self.where.show_local)
        self.where.said.connect(self.tell)
        self.compute_panel.places.said.connect(self.tell)
        self.store.troubled.connect(lambda sentence: self.tell("warning", sentence))
        self.store.said.connect(lambda sentence: self.tell("info", sentence))
        self.compute_panel.shown_changed.connect(self._shown_changed)
        self.compute_panel.pattern_chose.connect(self.results_panel.preview)
        self.compute_panel.select_in_plane.connect(self._select_in_plane)
        self.results_panel.selection_changed.connect(self.compute_panel.show_selection)
        self.results_panel.selecting_changed.connect(self.compute_panel.show_selecting)

    def _opening(self, source: str) -> None:
        if self.results_panel.notice.text in (self._complaint, BUSY):
            self.results_panel.notice.hide()
        self.pallet_panel.show_opening(source)

    def _pallet_opened(self, pallet: Pallet) -> None:
        self.setWindowTitle(f"{pallet.name} – fitgui")
        self.pallet_panel.show_pallet(pallet)
        self.pallet_panel.show_recent(self._settings.remember(pallet.source, pallet.name, pallet.digest))
        self.compute_panel.show_pallet(pallet)
        self.results_panel.log.say(f"Opened {pallet.source}")
        self.store.opened(pallet)

    def _shown_changed(self, shown: Shown) -> None:
        self.pallet_panel.show_analysis(shown.analysis)
        bench = self.workbench
        if bench.running:
            return
        bench.look_at(shown.analysis.name)
        self.results_panel.show_points(shown)
        if bench.snapshot is not None:
            self.results_panel.show_results(bench.results_of(shown.analysis.name))
            self._tick()
        self._show_what_is_left()

    def _recorded_shown(self, record: RunRecord, analysis: Analysis) -> None:
        """The results of an earlier run take the place of those of this session."""
        self.results_panel.notice.hide()
        self.compute_panel.choose_analysis(analysis.name)
        shown = self.compute_panel.shown
        if shown is not None:
            self._shown_changed(shown)
        self.tell("info", f"An earlier run: {run_text(record)}")

    def _select_in_plane(self, on: bool) -> None:
        self.results_panel.plane.select_by_rectangle(on)
        if on:
            self.results_panel.show_plane()

    def _failed(self, sentence: str) -> None:
        self._complaint = sentence
        self.tell("error", sentence)
        self._show_what_is_open()

    def _show_what_is_open(self) -> None:
        """Nothing is being read any more."""
        if self.workbench.pallet is not None:
            self.pallet_panel.show_pallet(self.workbench.pallet)
            if self.compute_panel.shown is not None:
                self.pallet_panel.show_analysis(self.compute_panel.shown.analysis)
        else:
            self.pallet_panel.show_none()

    def _elsewhere(self, text: str, then: Callable[[], None] | None) -> None:
        """What was to be opened is not on this machine: get it, because the user named it."""
        self._show_what_is_open()
        self._arrivals.fetch(text, then)

    def _is_busy(self) -> bool:
        """Whether nothing can be opened now, which is said."""
        if self.workbench.running:
            self.tell("warning", BUSY)
        return self.workbench.running

    def _run_began(self, _snapshot: RunSnapshot) -> None:
        self._cancelled = False
        shown = self.compute_panel.shown
        if shown is not None:
            self.results_panel.show_results(self.workbench.results_of(shown.analysis.name))
        self._show_running()
        self._tick()
        self._clock.start()

    def _events_came(self, events: tuple[StampedEvent, ...]) -> None:
        self.results_panel.record(events)
        self._tick()  # a run may be over within a few frames: the numbers go with the points
        for item in events:
            if isinstance(item.event, PlaceChanged) and self.workbench.running:
                self._place_watch.heard(item.event)
            if isinstance(item.event, Notice) and (item.event.level != "info" or self._cancelled):
                self.results_panel.notice.tell(item.event.level, item.event.text)
        if self.workbench.running and not self._clock.isActive():  # a retry woke the run up again
            self._show_running()
            self._clock.start()

    def _offer_to_resume(self, run: InterruptedRun) -> None:
        fitted = f"{run.done} of {run.total} points are fitted."
        if run.going_on_at:
            text = f"A run of {run.analysis} is going on at {run.going_on_at}: {fitted}"
        else:
            text = f"An earlier run of {run.analysis} is not complete: {fitted}"
        self.results_panel.notice.tell(
            "info",
            text,
            action="Fetch results" if run.going_on_at else "Resume it",
            act=lambda: self._resume(run),
        )

    def _resume(self, run: InterruptedRun) -> None:
        self.compute_panel.choose_analysis(run.analysis)
        self.where.choose(run.backend)  # what the run needs, a login perhaps, is shown with its card
        self.workbench.resume(run)

    def _log_in_for_run(self) -> None:
        """Log in at the cluster that the run waits at."""
        cluster = self.where.clusters.get(self.workbench.run_backend)
        if cluster is not None:
            self.compute_panel.places.log_in(cluster)

    def _run_ended(self, _outcome: str) -> None:
        self._place_watch.over()
        if self._leaving:
            self.close_now()
        self._clock.stop()
        if self.results_panel.notice.text == BUSY:
            self.results_panel.notice.hide()
        self._show_what_is_left()
        self._tick()
        snapshot = self.workbench.snapshot
        doubtful = snapshot.doubtful if snapshot is not None else 0
        if doubtful:
            self.tell(
                "warning",
                f"{words.count(doubtful, 'result')} of this run {'is' if doubtful == 1 else 'are'} doubtful: "
                "a fit behind the number did not reach its minimum. The remarks say why.",
            )

    def _show_running(self) -> None:
        self.compute_panel.show_running(running=True)
        self.actions_.offer_places()

    def _show_what_is_left(self) -> None:
        snapshot = self.workbench.snapshot
        counts = snapshot.counts if snapshot is not None else {}
        self.compute_panel.show_running(
            running=False,
            failed=counts.get(TaskState.FAILED, 0),
            cancelled=counts.get(TaskState.CANCELLED, 0),
        )
        self.actions_.offer_places()

    def _tick(self) -> None:
        self.results_panel.show_time(self.workbench.elapsed)

    def _splitters(self) -> Sequence[QSplitter]:
        return (self.columns, self.results_panel.splitter, self.pallet_panel.splitter)
