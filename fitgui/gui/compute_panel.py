"""Step 2: which points, how, and where."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.analysis_choice import AnalysisChoice, Shown
from fitgui.gui.engine_choice import EngineChoice, engine_choices
from fitgui.gui.fit_options import FitOptionsBox
from fitgui.gui.points_choice import PointsChoice
from fitgui.gui.where.box import WhereBox
from fitgui.gui.where.engines import offer_engines
from fitgui.gui.where.obstacle import ObstacleLine
from fitgui.gui.where.where import Where
from fitgui.gui.widgets import Panel, describe, narrow_combo, set_role, text_label
from fitgui.pallets import Pallet, SignalPoint
from fitgui.pallets.poi import poi_problem
from fitgui_backends.contract import FitOptions

REST_MILLISECONDS = 700


def obstacle_to(shown: Shown | None) -> str:
    """Why no point of an analysis can be fitted, in a sentence; empty where some may be."""
    if shown is None or not shown.points:
        return ""
    return poi_problem(shown.analysis, shown.points, None) or ""


class ComputePanel(Panel):
    """Analysis, points, place, engine, and the one primary button.

    Args:
        where: the places to compute, and the chosen one.
        run: fits the chosen points.
        cancel: cancels the run that goes on.
        retry: fits again what failed or was cancelled.
        look_again: looks at this machine again.
        workers: how many points this machine can fit at once.
        parent: keeps it.
    """

    shown_changed = Signal(object)
    """The :class:`Shown` that the user chose."""
    pattern_chose = Signal(object)
    """Names of the points that match the pattern, as it is typed."""
    select_in_plane = Signal(bool)
    """Whether a drag in the plane is to select points."""
    own_signal_wanted = Signal()
    """A signal of one's own is to be tried."""

    def __init__(
        self,
        *,
        where: Where,
        run: Callable[[], object],
        cancel: Callable[[], object],
        retry: Callable[[], object],
        look_again: Callable[[], object],
        workers: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("2  Compute", parent)
        self._where, self._run, self._cancel = where, run, cancel
        self._running = False
        self._obstacle = ""
        """Why no point of the analysis can be fitted; mostly nothing."""
        self._inside, self._scroll = QWidget(), QScrollArea()
        self._controls = self._make_scroll()
        self._make_analysis()
        self._make_points()
        self.places = WhereBox(where, workers, look_again)
        # When its controls have their places.
        self.places.opened.connect(
            lambda card: QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(card, 0, 8))
        )
        self._add(text_label("Where", role="muted"), self.places)
        self._make_how()
        self._controls.addStretch(1)
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        self._scroll.setMinimumWidth(self._inside.minimumSizeHint().width() + bar)
        self._make_buttons(retry)
        where.changed.connect(self._where_changed)
        self._where_changed()
        self._analysis_chosen()

    @property
    def shown(self) -> Shown | None:
        """The analysis and the points to choose from."""
        return self._analysis.shown

    @property
    def chosen_points(self) -> tuple[SignalPoint, ...]:
        """The points that Run would fit."""
        return self._points.chosen

    @property
    def choice(self) -> str:
        """What the panel says of the chosen points: how many, or why none can be fitted."""
        return self._choice.text()

    @property
    def ready(self) -> bool:
        """Whether the primary button can be pressed."""
        return self._primary.isEnabled()

    @property
    def engine(self) -> EngineChoice:
        """How points are to be fitted."""
        choice = self._engine_box.currentData()
        assert isinstance(choice, EngineChoice)  # the box holds nothing else
        return choice

    @property
    def fit_options(self) -> FitOptions:
        """The engine's settings together with what is asked of every point."""
        return self.options.of(self.engine.options)

    @property
    def workers(self) -> int | None:
        """How many points at once; ``None`` where a cluster decides."""
        return self.places.workers

    def show_pallet(self, pallet: Pallet) -> None:
        """Offer the analyses of a pallet."""
        self._analysis.show_pallet(pallet)

    def choose_analysis(self, name: str) -> None:
        """Choose an analysis by its name, with all its patch sets."""
        self._analysis.choose(name)

    def show_selection(self, names: Collection[str]) -> None:
        """The user selected these points in the plane or in the table."""
        self._points.show_selection(names)

    def show_selecting(self, on: bool) -> None:
        """Whether a drag in the plane selects points now, which are then to be fitted."""
        self._points.show_selecting(on)

    def fit_selected(self) -> None:
        """Choose the points that are selected in the plane or in the table."""
        self._points.fit_selected()

    def show_running(self, *, running: bool, failed: int = 0, cancelled: int = 0) -> None:
        """Adapt the buttons to a run that goes on or is over."""
        if self._running and not running:
            # A click that was meant to cancel must not start another run.
            self._rest.start()
        self._running = running
        self._obstacle_line.show_standing(self._where.standing, quiet=running)
        left = [
            f"{number} {word}" for number, word in ((failed, "failed"), (cancelled, "cancelled")) if number
        ]
        self._retry_button.setVisible(bool(left) and not running)
        self._retry_button.setText(f"Fit {' + '.join(left)} again")
        for widget in (
            self._analysis,
            self._engine_box,
            self.places,
            self.options,
        ):
            widget.setEnabled(not running)
        self._show_choice()

    def press_primary(self) -> None:
        """What the primary button does now: run, or cancel."""
        if self._running:
            self._cancel()
        elif self._primary.isEnabled():
            self._run()

    def _make_scroll(self) -> QVBoxLayout:
        """Everything but the buttons scrolls where the window is low."""
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        scroll = self._scroll
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        describe(scroll, "Choices", "What is fitted, where and how")
        scroll.setToolTip("")
        self.body.addWidget(scroll, stretch=1)
        return column

    def _make_analysis(self) -> None:
        self._analysis = AnalysisChoice()
        self._analysis.changed.connect(self._analysis_chosen)
        self._add(self._analysis)

    def _make_points(self) -> None:
        self._points = PointsChoice()
        self._points.changed.connect(self._show_choice)
        self._points.pattern_chose.connect(self.pattern_chose)
        self._points.select_in_plane.connect(self.select_in_plane)
        self._points.own_wanted.connect(self.own_signal_wanted)
        self._choice = text_label(role="muted", wrap=True)
        self._add(self._points, self._choice)

    def _make_how(self) -> None:
        self._engine_box = narrow_combo("Engine", "How each point is fitted")
        for choice in engine_choices():
            self._engine_box.addItem(choice.title, choice)
        self._wish = self._engine_box.currentText()
        """The engine that the user wants, wherever it can run."""
        self._offering = False
        self.options = FitOptionsBox()
        self._engine_box.currentIndexChanged.connect(lambda: self.options.offer(self.engine))
        self._engine_box.currentIndexChanged.connect(lambda: self._engine_chosen())
        self._add(text_label("How", role="muted"), self._engine_box, self.options)

    def _add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self._controls.addWidget(widget)

    def _make_buttons(self, retry: Callable[[], object]) -> None:
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._show_choice)
        self._retry_button = QPushButton("Fit again")
        self._retry_button.clicked.connect(lambda: retry())
        describe(
            self._retry_button,
            "Fit failed and cancelled points again",
            "Go on with this run, with the engine that it was started with",
        )
        self._retry_button.hide()
        self._primary = QPushButton("Run")
        self._primary.setProperty("role", "primary")
        self._primary.clicked.connect(self.press_primary)
        self._obstacle_line = ObstacleLine(self.places.act)
        self.body.addWidget(self._obstacle_line)
        self.body.addWidget(self._retry_button)
        self.body.addWidget(self._primary)

    def _analysis_chosen(self) -> None:
        shown = self.shown
        self._obstacle = obstacle_to(shown)
        self._points.show_points(shown.points if shown is not None else ())
        if shown is not None:
            self.shown_changed.emit(shown)

    def _show_choice(self) -> None:
        shown, chosen = self.shown, len(self.chosen_points)
        total = len(shown.points) if shown is not None else 0
        if shown is None:
            text, role = "Open a pallet first.", "muted"
        elif self._running:
            text, role = "A run is going on; a choice made now is for the next one.", "muted"
        elif self._obstacle:
            text, role = self._obstacle, "warning"
        elif not total:
            text, role = "A measurement: it has no signal points to fit.", "muted"
        elif chosen:
            text, role = f"{chosen} of {total} points will be fitted", "muted"
        else:
            text, role = self._points.remedy, "warning"
        self._choice.setText(text)
        set_role(self._choice, role)
        if self._running:
            self._label_primary("Cancel run", "Stop the run; points that are done are kept", enabled=True)
        else:
            caption = f"Run {words.count(chosen, 'point')}" if chosen and not self._obstacle else "Run"
            ready = chosen > 0 and not self._obstacle and not self._rest.isActive()
            ready = ready and self._where.standing.ready
            # Why it cannot be pressed is said where the mouse is, too.
            self._label_primary(caption, "Fit the chosen points" if chosen else text, enabled=ready)

    def _where_changed(self) -> None:
        """Another place is chosen, or stands otherwise: what runs there, and what it needs."""
        self._offering = True
        offer_engines(self._engine_box, self._wish, self._where.engines, self._where.worker)
        self._offering = False
        self._obstacle_line.show_standing(self._where.standing, quiet=self._running)
        self._show_choice()

    def _engine_chosen(self) -> None:
        if not self._offering:
            self._wish = self._engine_box.currentText()

    def _label_primary(self, text: str, explanation: str, *, enabled: bool) -> None:
        self._primary.setText(text)
        self._primary.setEnabled(enabled)
        describe(self._primary, text, explanation)
