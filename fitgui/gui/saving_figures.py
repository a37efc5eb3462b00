"""Save figure… and Save report…: what is drawn and written on a thread, by matplotlib, without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QLabel, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.figure_wishes import marks_offered, marks_on_screen, on_screen, shown_first, view_of
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.where.panel_dialog import PanelDialog
from fitgui.gui.which_run import RunChoiceDialog, ask_which_run
from fitgui.gui.widgets import describe, push_button
from fitgui.runs.journal import JournalError
from fitgui.runs.plan import RunError

if TYPE_CHECKING:
    from fitgui.figures.of_run import RunFigures
    from fitgui.gui.window import MainWindow
    from fitgui.insight.model import PointInside
    from fitgui.runs.journal import RunRecord
    from fitgui.runs.snapshot import RunSnapshot
    from fitgui.takeaway.provenance import Provenance

NO_RESULTS = "There are no results to draw yet: press Run first."
OF_RUN = (
    ("plane", "Mass plane"),
    ("limits", "Upper limits along a line"),
    ("cross-section", "Upper limits on the cross section"),
    ("cls", "CLs along a line"),
    ("walltime", "Wall times"),
    ("workers", "Workers, and the split of the wall time"),
)
OF_POINT = (
    ("yields", "Yields after the fit"),
    ("pre-fit", "Yields before the fit"),
    ("pulls", "Pulls"),
    ("impacts", "Impacts"),
    ("correlations", "Correlations"),
    ("cls-vs-mu", "CLs against μ"),
)
STYLES = (("atlas", "ATLAS-like"), ("neutral", "Neutral"))
WIDTHS = ((86.0, "Column, 86 mm"), (178.0, "Page, 178 mm"), (254.0, "Slide, 254 mm"))
_FILES = ["PDF (*.pdf)", "SVG (*.svg)", "PNG, 300 dpi (*.png)"]
_REPORTS = ["One HTML file (*.html)", "PDF (*.pdf)"]


@dataclass(frozen=True, slots=True)
class FigureChoice:
    """What is to be drawn, and how."""

    what: str
    style: str
    width: float
    """In millimetres."""
    marks: str


class FigureDialog(PanelDialog):
    """What is drawn, in which look, how wide.

    Args:
        possible: what there is to draw: its name, and its words.
        first: what is chosen to begin with, and what at the points of the plane.
        marks: what may stand at the points of the plane: its name, and its words.
        chosen: called with the choice.
        parent: the window.
    """

    def __init__(
        self,
        possible: list[tuple[str, str]],
        first: tuple[str, str],
        marks: list[tuple[str, str]],
        chosen: Callable[[FigureChoice], object],
        parent: QWidget,
    ) -> None:
        super().__init__("Save a figure", "Save a figure", parent)
        self._chosen = chosen
        self.what = _choice(possible, "Figure", "What is drawn")
        self.style_ = _choice(list(STYLES), "Style", "The look; nothing in a figure says that ATLAS made it")
        self.width_ = _choice(list(WIDTHS), "Width", "Type and lines have the size that is read well there")
        self.marks = _choice(marks, "Points", "What stands at the points of the plane")
        self.width_.setCurrentIndex(1)
        self.what.setCurrentIndex(max(0, self.what.findData(first[0])))
        self.marks.setCurrentIndex(max(0, self.marks.findData(first[1])))
        form = QFormLayout()
        form.setSpacing(theme.SPACING)
        for box in (self.what, self.style_, self.width_, self.marks):
            label = QLabel(box.accessibleName())
            label.setBuddy(box)
            form.addRow(label, box)
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.buttons.addStretch(1)
        self.buttons.addWidget(push_button("Cancel", "Save nothing", self.reject))
        self.next = push_button("Choose a file…", "Name the file, and save", self._go, role="action")
        self.next.setDefault(True)
        self.buttons.addWidget(self.next)
        self.what.currentIndexChanged.connect(self._offer)
        self._offer()

    @property
    def choice(self) -> FigureChoice:
        """What is chosen."""
        boxes = (self.what, self.style_, self.width_, self.marks)
        return FigureChoice(*(box.currentData() for box in boxes))

    def _offer(self) -> None:
        self.marks.setEnabled(self.what.currentData() == "plane")

    def _go(self) -> None:
        choice = self.choice
        self.accept()
        self._chosen(choice)


class SavingFigures:
    """The actions; drawing and writing is done on a thread, one figure at a time."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.dialog: FigureDialog | None = None
        """The one that was opened last."""
        self.run_dialog: RunChoiceDialog | None = None
        """Of which run, where that was asked last."""

    def ask_for_figure(self) -> None:
        """Let the user choose a figure, then a file."""
        possible = self._possible()
        if not possible:
            self._window.tell("warning", NO_RESULTS)
            return
        panel = self._window.results_panel
        first = shown_first(panel), marks_on_screen(panel)
        marks = marks_offered(panel.plane_page.view.quantity)
        self.dialog = FigureDialog(possible, first, marks, self._ask_for_file, self._window)
        self.dialog.open_at(420, 280)

    def ask_for_report(self) -> None:
        """Let the user choose a file for a report, and of which run where there are several."""
        bench = self._window.workbench
        if bench.run_id is None:
            self._window.tell("warning", NO_RESULTS)
            return

        def ask(run: str) -> None:
            _ask_for_file(self._window, "Save a report", _REPORTS, lambda path: self.save_report(path, run))

        self.run_dialog = ask_which_run("a report", bench.session, ask, self._window)

    def save_figure(self, path: Path, choice: FigureChoice) -> None:
        """Draw, and write."""
        from fitgui.figures.of_run import What  # noqa: PLC0415 -- not needed for the start
        from fitgui.figures.saving import save_figure  # noqa: PLC0415

        beside = choice.what == "walltime"
        make, point = self._maker(choice.marks, beside=beside), on_screen(self._window, choice.marks).point
        inside = self._inside()
        if make is None:
            self._window.tell("warning", NO_RESULTS)
            return

        def work() -> None:
            from fitgui.figures.of_point import PointPart, draw_point  # noqa: PLC0415

            _, _, figures = make()
            if choice.what in dict(OF_RUN):
                save_figure(
                    path,
                    lambda where: figures.draw(What(choice.what), where),
                    style=choice.style,
                    width=choice.width,
                )
                return
            if inside is None:
                raise RunError("no point is looked into any more: select one, and open the tab Point")
            part = PointPart(choice.what)
            save_figure(
                path,
                lambda where: draw_point(where, figures.plan, figures.entry, inside, part, wishes=point),
                style=choice.style,
                width=choice.width,
            )

        self._run(work, f"Drawing {path.name} …", f"The figure is in {path}", "The figure was not saved")

    def save_report(self, path: Path, run: str | None = None) -> None:
        """Write all that is known of the last run, or of another one."""
        make = self._maker("marks", beside=True, of=run or self._window.workbench.run_id)
        if make is None:
            self._window.tell("warning", NO_RESULTS)
            return

        def work() -> None:
            from fitgui.report.content import Material  # noqa: PLC0415
            from fitgui.report.saving import save_report  # noqa: PLC0415

            record, origin, figures = make()
            save_report(path, Material(record, figures.snapshot, origin, figures))

        self._run(work, f"Writing {path.name} …", f"The report is in {path}", "The report was not saved")

    def _possible(self) -> list[tuple[str, str]]:
        bench = self._window.workbench
        snapshot, plan = bench.snapshot, bench.run_plan
        if snapshot is None or plan is None:
            return []
        statuses = bench.session.statuses.values()
        results = [status.result for status in statuses if status.result is not None]
        if not results:
            return []
        left_out = set()
        if len(plan.analysis.labels) < 2:
            left_out.add("plane")
        if not any(result.limits is not None for result in results):
            left_out.add("limits")
        limits = view_of(self._window.results_panel, LimitsView)
        if "limits" in left_out or limits is None or limits.line is None or limits.sections.table is None:
            left_out.add("cross-section")
        if not plan.analysis.labels:
            left_out |= {"limits", "cross-section", "cls"}
        if not len(snapshot.timeline):
            left_out.add("workers")
        found = [(name, text) for name, text in OF_RUN if name not in left_out]
        inside = self._inside()
        if inside is not None and "free" in inside.fits:
            missing = {"impacts"} if inside.impacts is None else set()
            missing |= {"cls-vs-mu"} if inside.curve is None else set()
            found += [(name, f"{text}: {inside.name}") for name, text in OF_POINT if name not in missing]
        return found

    def _inside(self) -> PointInside | None:
        """What the tab of one point knows, if it is about a point."""
        for view in self._window.results_panel.views:
            inside: PointInside | None = getattr(view, "inside", None)
            if inside is not None:
                return inside
        return None

    def _maker(
        self, marks: str, *, beside: bool, of: str | None = None
    ) -> Callable[[], tuple[RunRecord, Provenance, RunFigures]] | None:
        """Gathers, on a thread, what figures are drawn from.

        Args:
            marks: what stands at the points of the plane.
            beside: whether other runs are asked for, too.
            of: the only run whose points are drawn; ``None`` draws the points on show, whichever run they
                are of.
        """
        window = self._window
        bench, library = window.workbench, window.store.library
        run, live = of or bench.run_id, bench.snapshot
        if run is None or live is None:
            return None
        known: RunSnapshot | None = live.copy() if run == bench.run_id else None
        screen = on_screen(window, marks)

        def make() -> tuple[RunRecord, Provenance, RunFigures]:
            from fitgui.figures.of_run import RunFigures  # noqa: PLC0415
            from fitgui.figures.others import other_times  # noqa: PLC0415
            from fitgui.runs.recorded import snapshot_of  # noqa: PLC0415
            from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

            record = bench.journal.run(run)
            snapshot = known if known is not None else snapshot_of(bench.journal, record)
            origin = provenance(record.plan.pallet.source, record.plan.pallet.digest, library)
            others = other_times(bench.journal, record, snapshot) if beside else []
            figures = RunFigures(
                run,
                record.plan,
                snapshot,
                origin.entry,
                others=others,
                wishes=screen.wishes,
                on_show=screen.on_show if of is None else None,
            )
            return record, origin, figures

        return make

    def _ask_for_file(self, choice: FigureChoice) -> None:
        _ask_for_file(self._window, "Save a figure", _FILES, lambda path: self.save_figure(path, choice))

    def _run(self, work: Callable[[], None], now: str, done: str, otherwise: str) -> None:
        tell = self._window.tell
        tell("info", now)

        def failed(error: Exception) -> None:
            told = isinstance(error, (RunError, JournalError))
            tell("error", words.capital(str(error)) if told else f"{otherwise}: {error}")

        self._window.workbench.bridge.run(work, lambda _: tell("info", done), failed)


def _choice(entries: list[Any], name: str, explanation: str) -> QComboBox:
    box = QComboBox()
    for data, text in entries:
        box.addItem(text, data)
    describe(box, name, explanation)
    return box


def _ask_for_file(parent: QWidget, title: str, kinds: list[str], chosen: Callable[[Path], object]) -> None:
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(kinds)

    def follow(kind: str) -> None:
        dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")"))

    follow(kinds[0])
    dialog.filterSelected.connect(follow)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
