"""The numbers that matter, in large type, and the progress bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.appearance import format_rate
from fitgui.gui.widgets import describe, text_label
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState

LINES = 2
"""Of what a number means."""


class Headline(QWidget):
    """Points fitted, rate, elapsed and remaining time, what one core would have needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._numbers = QWidget()
        grid = QGridLayout(self._numbers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * theme.MARGIN)
        grid.setVerticalSpacing(0)
        for column, explanation in enumerate(
            (
                "Signal points with a result, of those in the run",
                "How fast points are being fitted, and how many workers are at it",
                "Wall time of the run, and an estimate of the time to finish",
                "Models and fits of all points, also of those that failed: what one core would have needed",
            )
        ):
            number, meaning = text_label(), text_label(role="muted", wrap=True)
            meaning.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            meaning.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            # Room for a second line, or the plane below would jump when one comes.
            meaning.setMinimumHeight(LINES * meaning.fontMetrics().lineSpacing())
            number.setFont(theme.headline_font(number.font()))
            for label in (number, meaning):
                label.setToolTip(explanation)
            grid.addWidget(number, 0, column)
            grid.addWidget(meaning, 1, column)
            grid.setColumnStretch(column, 1)
            self._cells.append((number, meaning))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        describe(self._bar, "Progress of the run", "Share of the points that are finished")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING)
        layout.addWidget(self._numbers)
        layout.addWidget(self._bar)
        self.show_idle(0)

    def show_slim(self, *, slim: bool) -> None:
        """Leave room to something else: the bar without the numbers."""
        self._numbers.setVisible(not slim)

    def show_idle(self, points: int) -> None:
        """Nothing has been started."""
        self._fill(0, (str(points) if points else "–"), "signal points" if points else "no points")
        meanings = ("points per second", "elapsed", "one core would need")
        for column, meaning in enumerate(meanings, start=1):
            self._fill(column, "–", meaning)
        self._bar.setRange(0, 1)
        self._bar.setValue(0)

    def show_run(self, snapshot: RunSnapshot, elapsed: float) -> None:
        """Show a run; ``elapsed`` is its wall time in seconds as of now."""
        counts = snapshot.counts
        done, failed = counts[TaskState.DONE], counts[TaskState.FAILED]
        cancelled = counts[TaskState.CANCELLED]
        kinds = ((failed, "failed"), (cancelled, "cancelled"), (snapshot.doubtful, "doubtful"))
        # A line is broken between the kinds, not within one.
        extra = [f"{number}\N{NO-BREAK SPACE}{word}" for number, word in kinds if number]
        parts = snapshot.in_progress.values()
        if parts:  # the point that is next to be done
            extra.append(f"fitting {words.percent(max(parts))}")
        self._fill(0, f"{done} / {snapshot.total}", " · ".join(["points fitted", *extra]))
        busy = snapshot.workers_busy
        running = snapshot.outcome is None
        # Afterwards the mean over the whole run, which a reader can check, in place of the latest pace.
        mean = done / elapsed if elapsed > 0 else None
        rate = snapshot.points_per_second if running else mean
        workers = f"{words.count(busy, 'worker')} busy" if running else "points per second"
        if not running and rate is not None and 0 < rate < 0.5:
            workers = "points per minute"
        self._fill(1, format_rate(rate) if rate else "–", workers)
        self._fill(2, words.duration(elapsed), self._remaining(snapshot, elapsed))
        total = snapshot.sum_core_seconds
        meaning = "one core, so far" if running else "one core would need"
        if not running and total > elapsed > 0:
            meaning = f"one core: {total / elapsed:.1f} × as long"
        self._fill(3, words.duration(total) if done or failed else "–", meaning)
        self._bar.setRange(0, 100 * max(snapshot.total, 1))
        self._bar.setValue(int(100 * (done + failed + sum(parts))))

    @staticmethod
    def _remaining(snapshot: RunSnapshot, elapsed: float) -> str:
        if snapshot.outcome is not None:
            return f"wall time · {snapshot.outcome}"
        seconds = snapshot.seconds_to_finish(elapsed)
        return "elapsed" if seconds is None else f"elapsed · about {words.duration(seconds)} to go"

    def _fill(self, column: int, number: str, meaning: str) -> None:
        number_label, meaning_label = self._cells[column]
        number_label.setText(number)
        meaning_label.setText(meaning)
        number_label.setAccessibleName(f"{number} {meaning}")
