"""Step 2: which points, how, and where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from fitgui import words
from fitgui.gui.engine_choice import EngineChoice, engine_choices
from fitgui.gui.widgets import Panel, describe, set_role, text_label
from fitgui.pallets import Analysis, Pallet, PatchSet, SignalPoint
from fitgui.pallets.selection import match_points
from fitgui_backends.contract import Health

ALL_PATCH_SETS = "All patch sets"
REST_MILLISECONDS = 700


@dataclass(frozen=True, slots=True)
class Shown:
    """What the results show: an analysis, and which of its patch sets."""

    analysis: Analysis
    points: tuple[SignalPoint, ...]
    labels: tuple[str, ...]


class ComputePanel(Panel):
    """Analysis, points, engine, workers, and the one primary button."""

    shown_changed = Signal(object)
    """The :class:`Shown` that the user chose."""
    pattern_chose = Signal(object)
    """Names of the points that match the pattern, as it is typed."""
    select_in_plane = Signal(bool)
    """Whether a drag in the plane is to select points."""

    def __init__(
        self,
        *,
        run: Callable[[], object],
        cancel: Callable[[], object],
        retry: Callable[[], object],
        workers: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("2  Compute", parent)
        self._run, self._cancel = run, cancel
        self._selected: set[str] = set()
        self._running = False
        self._make_analysis()
        self._make_points()
        self._make_where(workers)
        self._make_engine()
        self.body.addStretch(1)
        self._make_buttons(retry)
        self._analysis_chosen()

    @property
    def shown(self) -> Shown | None:
        """The analysis and the points to choose from."""
        analysis = self._analysis_box.currentData()
        if not isinstance(analysis, Analysis):
            return None
        patch_set = self._patch_set_box.currentData()
        if isinstance(patch_set, PatchSet):
            return Shown(analysis, patch_set.points, patch_set.labels)
        return Shown(analysis, analysis.points, analysis.labels)

    @property
    def chosen_points(self) -> tuple[SignalPoint, ...]:
        """The points that Run would fit."""
        shown = self.shown
        if shown is None:
            return ()
        if self._by_name.isChecked():
            return match_points(shown.points, self._pattern.text().replace(",", " ").split())
        if self._by_selection.isChecked():
            return tuple(point for point in shown.points if point.name in self._selected)
        return shown.points

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
    def workers(self) -> int:
        """How many points at once."""
        return self._workers_box.value()

    def show_pallet(self, pallet: Pallet) -> None:
        """Offer the analyses of a pallet."""
        self._analysis_box.blockSignals(True)
        self._analysis_box.clear()
        for analysis in pallet.analyses:
            points = len(analysis.points)
            kind = words.count(points, "point") if points else "measurement"
            self._analysis_box.addItem(f"{analysis.name} · {kind}", analysis)
        self._analysis_box.blockSignals(False)
        self._analysis_chosen()

    def choose_analysis(self, name: str) -> None:
        """Choose an analysis by its name, with all its patch sets."""
        for index in range(self._analysis_box.count()):
            analysis = self._analysis_box.itemData(index)
            if isinstance(analysis, Analysis) and analysis.name == name:
                self._analysis_box.setCurrentIndex(index)
                self._patch_set_box.setCurrentIndex(self._patch_set_box.count() - 1)

    def show_selection(self, names: Collection[str]) -> None:
        """The user selected these points in the plane or in the table."""
        self._selected = set(names)
        self._by_selection.setText(f"Selected ({len(names)})" if names else "Selected")
        self._show_choice()

    def fit_selected(self) -> None:
        """Choose the points that are selected in the plane or in the table."""
        self._by_selection.setChecked(True)

    def show_running(self, *, running: bool, failed: int = 0, cancelled: int = 0) -> None:
        """Adapt the buttons to a run that goes on or is over."""
        if self._running and not running:
            # A click that was meant to cancel must not start another run.
            self._rest.start()
        self._running = running
        left = [
            f"{number} {word}" for number, word in ((failed, "failed"), (cancelled, "cancelled")) if number
        ]
        self._retry_button.setVisible(bool(left) and not running)
        self._retry_button.setText(f"Fit {' + '.join(left)} again")
        for widget in (self._analysis_box, self._patch_set_box, self._engine_box, self._workers_box):
            widget.setEnabled(not running)
        self._show_choice()

    def show_health(self, health: Health) -> None:
        """Say whether the place to compute is ready."""
        icon = "✓" if health.ready else "✗"
        self._health.setText(f"{icon} {health.summary}" + (f". {health.remedy}" if health.remedy else ""))
        set_role(self._health, "muted" if health.ready else "error")
        details = "\n".join(f"{key}: {value}" for key, value in health.details.items())
        self._health.setToolTip(details)

    def press_primary(self) -> None:
        """What the primary button does now: run, or cancel."""
        if self._running:
            self._cancel()
        elif self._primary.isEnabled():
            self._run()

    def _make_analysis(self) -> None:
        self._analysis_box = _combo("Analysis", "The workspace whose signal points are to be fitted")
        self._analysis_box.currentIndexChanged.connect(self._analysis_chosen)
        self._patch_set_box = _combo("Patch set", "The published set of signal points to choose from")
        self._patch_set_box.currentIndexChanged.connect(self._patch_set_chosen)
        self._patch_set_label = text_label("Patch set", role="muted")
        self.body.addWidget(text_label("Analysis", role="muted"))
        self.body.addWidget(self._analysis_box)
        self.body.addWidget(self._patch_set_label)
        self.body.addWidget(self._patch_set_box)

    def _make_points(self) -> None:
        self._all = QRadioButton("All points")
        describe(self._all, "All points", "Fit every signal point of the analysis")
        self._by_name = QRadioButton("By name")
        describe(self._by_name, "Points by name", "Fit the points whose names match a pattern")
        self._by_selection = QRadioButton("Selected")
        describe(
            self._by_selection,
            "Selected points",
            "Fit the points that are selected in the plane or in the table",
        )
        self._all.setChecked(True)
        self._pattern = QLineEdit()
        self._pattern.setPlaceholderText("*_300_*")
        self._pattern.textEdited.connect(self._pattern_typed)
        describe(
            self._pattern,
            "Name pattern",
            "Names of points; * stands for anything, ? for one character; spaces part several patterns",
        )
        self._select = QPushButton("Select in plane")
        self._select.setCheckable(True)
        self._select.toggled.connect(self.select_in_plane)
        self._select.clicked.connect(lambda: self.fit_selected())
        describe(
            self._select,
            "Select in plane",
            "Drag a rectangle in the plane to select points; Shift adds to them",
        )
        group = QButtonGroup(self)
        self.body.addWidget(text_label("Signal points", role="muted"))
        for button in (self._all, self._by_name, self._by_selection):
            group.addButton(button)
            button.toggled.connect(self._show_choice)
        self.body.addWidget(self._all)
        for radio, control in ((self._by_name, self._pattern), (self._by_selection, self._select)):
            line = QHBoxLayout()
            line.addWidget(radio)
            line.addWidget(control, stretch=1)
            self.body.addLayout(line)
        self._choice = text_label(role="muted", wrap=True)
        self.body.addWidget(self._choice)

    def _make_where(self, workers: int) -> None:
        self._workers_box = QSpinBox()
        self._workers_box.setRange(1, max(workers, 1))
        self._workers_box.setValue(workers)
        describe(
            self._workers_box, "Workers", "How many points are fitted at once; each worker takes one core"
        )
        self._health = text_label("checking …", role="muted", wrap=True)
        self.body.addWidget(text_label("Where", role="muted"))
        form = QFormLayout()
        form.addRow(text_label("This machine, workers"), self._workers_box)
        self.body.addLayout(form)
        self.body.addWidget(self._health)

    def _make_engine(self) -> None:
        self._engine_box = _combo("Engine", "How each point is fitted")
        for choice in engine_choices():
            self._engine_box.addItem(choice.title, choice)
        self.body.addWidget(text_label("How", role="muted"))
        self.body.addWidget(self._engine_box)

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
        self.body.addWidget(self._retry_button)
        self.body.addWidget(self._primary)

    def _analysis_chosen(self) -> None:
        analysis = self._analysis_box.currentData()
        sets: Sequence[PatchSet] = analysis.patch_sets if isinstance(analysis, Analysis) else ()
        self._patch_set_box.blockSignals(True)
        self._patch_set_box.clear()
        for patch_set in sets:
            self._patch_set_box.addItem(
                f"{patch_set.name} · {words.count(len(patch_set.points), 'point')}", patch_set
            )
        if len(sets) > 1:
            self._patch_set_box.addItem(ALL_PATCH_SETS, None)
        self._patch_set_box.blockSignals(False)
        for widget in (self._patch_set_label, self._patch_set_box):
            widget.setVisible(len(sets) > 1)
        self._patch_set_chosen()

    def _patch_set_chosen(self) -> None:
        self.show_selection(())
        self._pattern.clear()
        self._select.setChecked(False)
        self._all.setChecked(True)
        if self.shown is not None:
            self.shown_changed.emit(self.shown)

    def _show_choice(self) -> None:
        shown, chosen = self.shown, len(self.chosen_points)
        total = len(shown.points) if shown is not None else 0
        if shown is None:
            text, role = "Open a pallet first.", "muted"
        elif self._running:
            text, role = "A run is going on; a choice made now is for the next one.", "muted"
        elif not total:
            text, role = "A measurement: it has no signal points to fit.", "muted"
        elif chosen:
            text, role = f"{chosen} of {total} points will be fitted", "muted"
        elif self._by_name.isChecked():
            text, role = f"No point matches. Names look like {shown.points[0].name}", "warning"
        else:
            text, role = "No point is selected: drag in the plane, or select rows of the table.", "warning"
        self._choice.setText(text)
        set_role(self._choice, role)
        if self._running:
            self._label_primary("Cancel run", "Stop the run; points that are done are kept", enabled=True)
        else:
            caption = f"Run {words.count(chosen, 'point')}" if chosen else "Run"
            ready = chosen > 0 and not self._rest.isActive()
            self._label_primary(caption, "Fit the chosen points", enabled=ready)

    def _pattern_typed(self) -> None:
        self._by_name.setChecked(True)
        self._show_choice()
        self.pattern_chose.emit({point.name for point in self.chosen_points})

    def _label_primary(self, text: str, explanation: str, *, enabled: bool) -> None:
        self._primary.setText(text)
        self._primary.setEnabled(enabled)
        describe(self._primary, text, explanation)


def _combo(name: str, explanation: str) -> QComboBox:
    box = QComboBox()
    # Long names must not widen the panel; the list that drops down shows them whole.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    describe(box, name, explanation)
    return box
