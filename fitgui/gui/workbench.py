"""What the window works on: the open pallet, the run, and the actions that views may ask for.

Views show what the signals bring and call the methods here; none of them touches a backend or the journal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fitgui.gui.bridge import Bridge
from fitgui.gui.look_back import EarlierRun, analysis_of, look_back, read_again, what_to_resume
from fitgui.gui.reading import NotHereError, read_pallet
from fitgui.gui.session import SessionResults
from fitgui.insight.service import Insights
from fitgui.pallets import Analysis, Pallet, PalletError, SignalPoint
from fitgui.pallets.finding import UnknownPalletError, open_item
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.reinterpretation.answer.live import LiveAnswers
from fitgui.runs.controller import RunController
from fitgui.runs.export import write_results
from fitgui.runs.history import InterruptedRun, interrupted_run
from fitgui.runs.journal import Journal
from fitgui.runs.plan import Check, RunError, RunPlan, make_plan
from fitgui.runs.rescue import rescue
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, BackendError, FitOptions, Health, Place, TaskState
from fitgui_backends.events import CheckStateChanged, PointChecked, RunFinished, StampedEvent

LOCAL = "local"
"""The backend of this machine."""


class Workbench(QObject):
    """The state behind the window, in the GUI thread."""

    opening = Signal(str)
    """A pallet is being read: its name, or else its source."""
    elsewhere = Signal(str, object)
    """What was to be opened is neither here nor in the library: what HEPData knows it by, and what was to be
    done once it is open."""
    pallet_opened = Signal(object)
    """The :class:`Pallet`."""
    failed = Signal(str)
    """Something that the user asked for did not work: one sentence."""
    run_began = Signal(object)
    """The :class:`RunSnapshot` of a run that starts or goes on."""
    points_changed = Signal(object)
    """Names of the points that changed in this frame."""
    events_came = Signal(object)
    """The stamped events of this frame, as a tuple."""
    check_changed = Signal()
    """The check of the run on show began, went on or ended."""
    run_ended = Signal(str)
    """The outcome of the run."""
    saved = Signal(str)
    """Results were written: the path."""
    recorded_shown = Signal(object, object)
    """The results of an earlier run are on show: its :class:`RunRecord`, and its :class:`Analysis`."""
    interrupted = Signal(object)
    """The :class:`InterruptedRun` of the pallet that was opened."""
    health_known = Signal(object)
    """The :class:`Health` of this machine."""

    def __init__(
        self,
        controller: RunController,
        backends: Mapping[str, Backend],
        library: Library,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.bridge = Bridge(self)
        self.bridge.at_frame_end(self._end_frame)
        self.insights = Insights()
        """Looks into single points, in a process of its own."""
        self.live_answers = LiveAnswers()
        """Fits a signal while somebody types it, in another one."""
        self.pallet: Pallet | None = None
        self._shown = SessionResults()
        """Of the analysis on show."""
        self._recorded: dict[str, RunPlan] = {}
        """Plans of earlier runs that are shown, not fitted."""
        self._controller = controller
        self._backends = backends
        self._library = library
        self._unsubscribe = controller.subscribe(self._listen)
        self._opening = 0
        self._results: dict[str, SessionResults] = {}
        self._starting = False
        self._early: list[tuple[str, tuple[StampedEvent, ...]]] = []
        self._heard_at = time.monotonic()
        self._changed: set[str] = set()
        self._events: list[StampedEvent] = []

    @property
    def session(self) -> SessionResults:
        """What is on show: the results of the last run of the analysis, and of earlier ones."""
        return self._shown

    @property
    def snapshot(self) -> RunSnapshot | None:
        """The last run of the analysis on show, if it had one."""
        return self._shown.snapshot

    @property
    def run_id(self) -> str | None:
        """The name of that run."""
        return self._shown.run_id

    @property
    def running(self) -> bool:
        """Whether a run is going on, or about to."""
        return self._starting or (self.snapshot is not None and self.snapshot.outcome is None)

    @property
    def run_backend(self) -> str:
        """The name of the backend of the run on show; empty without one."""
        return "" if (plan := self.run_plan) is None else plan.backend

    @property
    def run_plan(self) -> RunPlan | None:
        """What that run was asked to do; ``None`` without one."""
        if self.run_id is None:
            return None
        # Of an earlier run the plan would be read from the journal, which may be slow.
        return self._recorded.get(self.run_id) or self._controller.plan(self.run_id)

    @property
    def journal(self) -> Journal:
        """All runs of this machine, to be read on a thread."""
        return self._controller.journal

    @property
    def going_on_at(self) -> str:
        """The name of the place where the run goes on if the window is closed; empty where it would not."""
        run_id = self.run_id
        if run_id is None or self._starting or not self.running or not self._controller.goes_on(run_id):
            return ""
        place = self._controller.plan(run_id).plan.place
        return (place.name or place.identifier) if place is not None else ""

    @property
    def elapsed(self) -> float:
        """Wall time of the run in seconds, as of now."""
        if self.snapshot is None:
            return 0.0
        since = time.monotonic() - self._heard_at if self.running else 0.0
        return self.snapshot.elapsed + since

    def open(
        self,
        source: str | Path,
        then: Callable[[], None] | None = None,
        *,
        digest: str = "",
        otherwise: str = "",
        called: str = "",
    ) -> None:
        """Read a pallet on a thread, and keep it in the library; the latest request wins.

        Args:
            source: a path, ``example``, a name in the library, or what HEPData knows it by.
            then: is called once it is open.
            digest: by which it is looked for in the library if it has moved.
            otherwise: what is opened in its place, without a word, if it is not on this machine any more.
            called: what the user knows it by, if that is not its source.
        """
        self._open(called or str(source), lambda: read_pallet(source, self._library, digest), then, otherwise)

    def open_item(self, item: LibraryItem, then: Callable[[], None] | None = None) -> None:
        """The same for something that the library keeps."""
        self._open(item.name, lambda: open_item(item, self._library), then)

    def open_own(self, pallet: Pallet, then: Callable[[], None] | None = None) -> None:
        """Open a pallet that was made here; the rest as :meth:`open`."""
        self._open(pallet.name, lambda: pallet, then)

    def _open(
        self,
        source: str,
        read: Callable[[], Pallet],
        then: Callable[[], None] | None,
        otherwise: str = "",
    ) -> None:
        self._opening += 1
        request = self._opening

        def done(pallet: Pallet) -> None:
            if request == self._opening:
                self.pallet = pallet
                self._results, self._shown = {}, SessionResults()
                self.pallet_opened.emit(pallet)
                if then is not None:
                    then()
                else:
                    self._look_back(pallet)

        def failed(error: Exception) -> None:
            if request != self._opening:
                return
            missing = isinstance(error, (NotHereError, UnknownPalletError))
            if missing and otherwise:
                self.open(otherwise, then)
            elif isinstance(error, NotHereError):
                self.elsewhere.emit(str(error), then)
            else:
                self.failed.emit(_sentence(error, f"{source} could not be opened"))

        self.opening.emit(source)
        self.bridge.run(read, done, failed)

    def start(
        self,
        analysis: Analysis,
        points: Sequence[SignalPoint],
        options: FitOptions,
        *,
        backend: str = LOCAL,
        place: Place | None = None,
        workers: int | None = None,
        check: Check | None = None,
    ) -> None:
        """Fit these points, then check some of them; does nothing while a run is going on.

        Args:
            analysis: of the pallet that is open.
            points: of that analysis.
            options: how each is fitted.
            backend: the name of the backend that fits them.
            place: where on that backend.
            workers: how many points at once; ``None`` leaves it to the backend.
            check: which sample is compared with the other engine afterwards.
        """
        pallet = self.pallet
        if pallet is None:
            return

        def start() -> str:
            plan = make_plan(
                pallet,
                analysis,
                points,
                options,
                backend=backend,
                place=place,
                workers=workers,
                check=check,
            )
            return self._controller.start(plan)

        snapshot = RunSnapshot([point.name for point in points])
        self._begin(start, lambda: snapshot, analysis.name)

    def resume(self, run: InterruptedRun) -> None:
        """Go on with a run that was interrupted, of the pallet that is open."""
        pallet = self.pallet
        if pallet is not None:
            self._begin(
                lambda: self._controller.resume(run.run_id, pallet),
                lambda: self._controller.snapshot(run.run_id),
                run.analysis,
            )

    def show_recorded(self, run_id: str) -> None:
        """Show the results of an earlier run again, and open its pallet if it is another one.

        Read on a thread; the latest request wins, also against opening a pallet. Nothing is fitted: what the
        run left can be resumed. Refused while a run is going on.
        """
        if self.running:
            self.failed.emit(
                "A run is going on. Cancel it, or wait until it is done, to look at an earlier one."
            )
            return
        self._opening += 1
        request = self._opening

        def done(found: EarlierRun) -> None:
            if request != self._opening or self.running:
                return
            plan, pallet = found.record.plan, self.pallet
            if pallet is not None and pallet.digest == plan.pallet.digest:
                self._show_earlier(found)
            else:
                self._open(
                    plan.pallet.name,
                    lambda: read_again(plan, self._library),
                    lambda: self._show_earlier(found),
                )

        def failed(error: Exception) -> None:
            if request == self._opening:
                self.failed.emit(_sentence(error, "The run could not be read"))

        self.bridge.run(lambda: look_back(self._controller, run_id), done, failed)

    def check(self, check: Check) -> None:
        """Have another engine fit some points of the run on show again, in the background."""
        pallet = self.pallet  # of an earlier run it is needed
        self._ask(lambda run_id: self._controller.check(run_id, check, pallet))

    def stop_check(self) -> None:
        """Give up the check of the run on show, also one that waits for its end; what is compared stays."""
        self._ask(self._controller.give_up_check)

    def results_of(self, analysis: str) -> SessionResults:
        """The latest result of every point of an analysis in this session."""
        return self._results.get(analysis, SessionResults())

    def look_at(self, analysis: str) -> None:
        """Another analysis is on show: retry and export are about its last run, if it had one."""
        if not self.running:
            self._shown = self._results.get(analysis, SessionResults())

    def export(self, path: Path, run: str | None = None) -> None:
        """Write the results of the last run, or of another, as JSON or, by the name of the file, as CSV."""
        run_id = run or self.run_id
        if run_id is None:
            self.failed.emit("There are no results to save yet: press Run first.")
            return

        def write() -> None:
            snapshot = self._controller.snapshot(run_id, unwritten=True)
            write_results(path, self._controller.plan(run_id), snapshot)

        self.bridge.run(
            write,
            lambda _answer: self.saved.emit(str(path)),
            lambda error: self.failed.emit(_sentence(error, "The results could not be saved")),
        )

    def cancel(self, names: Collection[str] | None = None) -> None:
        """Cancel these points, or the whole run."""
        if self.run_id is not None and self.running:
            self._ask(lambda run_id: self._controller.cancel(run_id, names))

    def retry(self, names: Collection[str] | None = None) -> None:
        """Fit failed and cancelled points again, within their run: these, or all there are."""
        if self.snapshot is None:
            return
        plan = self._recorded.get(self.run_id or "")
        if plan is not None:
            try:
                self.resume(what_to_resume(self.run_id or "", plan, self.snapshot, names))
            except RunError as error:
                self.failed.emit(str(error))
            return
        left = (TaskState.FAILED, TaskState.CANCELLED)
        chosen = names
        if chosen is None:
            chosen = [name for name, status in self.snapshot.points.items() if status.state in left]
        if chosen:
            self._ask(lambda run_id: self._controller.retry_failed(run_id, chosen))

    def prepare_backend(self) -> None:
        """Start workers of this machine, and find out on a thread whether it is ready."""
        backend = self._backends[LOCAL]
        backend.warm_up()
        self.bridge.run(
            backend.check,
            self.health_known.emit,
            lambda error: self.health_known.emit(Health(ready=False, summary=str(error))),
        )

    @property
    def trouble(self) -> str | None:
        """Why results cannot be written to disk at the moment, in words."""
        return self._controller.journal.trouble

    def close(self) -> Path | None:
        """Stop listening, then end what is running; the journal keeps what is done.

        Returns:
            Where the results of the last run are, if the journal could not take them.
        """
        self._unsubscribe()
        self.insights.close()
        self.live_answers.close()
        recorded = self._controller.close()
        self.bridge.close()
        if recorded or self.run_id is None:
            return None
        return rescue(self._controller, self.run_id, Path.home())

    def _begin(self, start: Callable[[], str], look: Callable[[], RunSnapshot], analysis: str) -> None:
        """Start or resume on a thread: plans are large, and the journal may be slow."""
        if self.running:
            return
        self._starting = True
        self._opening += 1  # a pallet that is still being read would no longer fit to the run

        def work() -> tuple[str, RunSnapshot]:
            snapshot = look()
            return start(), snapshot

        def done(begun: tuple[str, RunSnapshot]) -> None:
            self._starting = False
            self._shown = self._results.setdefault(analysis, SessionResults())
            self._heard_at = time.monotonic()
            run_id, snapshot = begun
            self._recorded.pop(run_id, None)
            snapshot.outcome = None
            self._shown.begin(run_id, snapshot)
            self.run_began.emit(snapshot)
            # The first events may have come before the name of their run was known.
            early, self._early = self._early, []
            for early_id, events in early:
                self._take(early_id, events)

        def failed(error: Exception) -> None:
            self._starting, self._early = False, []
            self.failed.emit(_sentence(error, "The run could not be started"))

        self.bridge.run(work, done, failed)

    def _show_earlier(self, found: EarlierRun) -> None:
        """Its pallet is open now."""
        record, pallet = found.record, self.pallet
        if pallet is None or self.running:
            return
        try:
            analysis = analysis_of(record.plan, pallet)
        except RunError as error:
            self.failed.emit(str(error))
            return
        self._results[analysis.name] = self._shown = found.results
        self._recorded[record.id] = record.plan
        self.recorded_shown.emit(record, analysis)
        if found.left is not None:
            self.interrupted.emit(found.left)

    def _look_back(self, pallet: Pallet) -> None:
        """Find out whether a run of this pallet was interrupted."""

        def found(run: InterruptedRun | None) -> None:
            if run is not None and self.pallet is pallet and not self.running:
                self.interrupted.emit(run)

        # Not finding out is no harm: the run stays in the journal.
        self.bridge.run(lambda: interrupted_run(self._controller, pallet), found, lambda _error: None)

    def _ask(self, action: Callable[[str], object]) -> None:
        run_id = self.run_id
        if run_id is None:
            return
        self.bridge.run(
            lambda: action(run_id),
            lambda _answer: None,
            lambda error: self.failed.emit(_sentence(error, "That could not be done")),
        )

    def _listen(self, run_id: str, events: tuple[StampedEvent, ...]) -> None:
        """Called by the journal's thread, after the events are on disk."""
        self.bridge.post(lambda: self._take(run_id, events))

    def _take(self, run_id: str, events: tuple[StampedEvent, ...]) -> None:
        if self._starting:
            self._early.append((run_id, events))
            return
        session = next((known for known in self._results.values() if known.run_id == run_id), None)
        if session is None or session.snapshot is None:
            return
        changed: set[str] = set()
        for stamped in events:
            changed |= session.snapshot.apply(stamped)
            if isinstance(stamped.event, PointChecked):
                changed.add(stamped.event.name)
        session.update(changed)
        if session is self._shown:
            self._heard_at = time.monotonic()
            self._changed |= changed
            self._events.extend(events)

    def _end_frame(self) -> None:
        changed, events = self._changed, tuple(self._events)
        self._changed, self._events = set(), []
        if events:
            self.events_came.emit(events)
        if changed:
            self.points_changed.emit(changed)
        kinds = {type(stamped.event) for stamped in events}
        if RunFinished in kinds and self.snapshot is not None and self.snapshot.outcome is not None:
            self.run_ended.emit(self.snapshot.outcome)
        if kinds & {PointChecked, CheckStateChanged, RunFinished}:
            self.check_changed.emit()


def _sentence(error: Exception, otherwise: str) -> str:
    """The error's own sentence where it was written for users, else a plain one."""
    if isinstance(error, (PalletError, BackendError, RunError)):
        return str(error)
    return f"{otherwise}: {error}"
