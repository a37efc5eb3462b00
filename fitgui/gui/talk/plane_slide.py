"""The mass plane as it fills: played again, or live."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from fitgui import words
from fitgui.gui.bridge import Bridge
from fitgui.gui.talk.player import Player
from fitgui.gui.talk.plot import TalkPlot
from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.subject import Subject, date_of, excluded, large_time
from fitgui.gui.talk.type import BODY, GAP, HEADING, HUGE, LARGE, Line
from fitgui.gui.theme import Theme
from fitgui.gui.workbench import Workbench
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState

NUMBERS_STRETCH, PLOT_STRETCH = 10, 27


class PlaneSlide(Slide):
    """The plane, and beside it how many points are fitted, in which time, how many of them are excluded."""

    def __init__(self, look: Theme, subject: Subject, where: str, bridge: Bridge) -> None:
        super().__init__(look, f"{subject.hypotheses}, as they are fitted")
        self._counted_at: tuple[RunSnapshot, int] | None = None
        self._heading = self._line(HEADING, look.text, bold=True)
        self._heading.show_text(f"{subject.hypotheses}, {where}")
        self.plot = TalkPlot(look, subject, bridge)
        numbers = QVBoxLayout()
        self._spaced(numbers, 0)
        numbers.addStretch(1)
        self._counter, self._counted = self._number(numbers, LARGE, look.text)
        self._clock, self._ticking = self._number(numbers, HUGE, look.accent)
        self._excluded, self._limit = self._number(numbers, LARGE, look.text)
        row = QHBoxLayout()
        self._spaced(row, 1.5 * GAP)
        row.addWidget(self.plot, PLOT_STRETCH)
        row.addLayout(numbers, NUMBERS_STRETCH)
        column = QVBoxLayout(self)
        self._spaced(column, 0.6 * GAP, framed=True)
        column.addWidget(self._heading)
        column.addLayout(row, stretch=1)

    @property
    def counter(self) -> str:
        """``98 / 125``."""
        return self._counter.text

    @property
    def clock(self) -> str:
        """``7.3 s``."""
        return self._clock.text

    def rescale(self, unit: float) -> None:
        """The plot grows, too."""
        super().rescale(unit)
        self.plot.rescale(unit)

    def _number(self, column: QVBoxLayout, size: int, colour: str) -> tuple[Line, Line]:
        number, meaning = self._line(size, colour, bold=True), self._line(BODY - 3, self.look.muted)
        column.addWidget(number)
        column.addWidget(meaning)
        column.addStretch(1)
        return number, meaning

    def _show_numbers(self, snapshot: RunSnapshot, elapsed: float) -> None:
        counts = snapshot.counts
        done, failed = counts[TaskState.DONE], counts[TaskState.FAILED]
        self._counter.show_text(f"{done} / {snapshot.total}")
        self._counted.show_text("points fitted" + (f", {failed} failed" if failed else ""))
        self._clock.show_text(large_time(elapsed))
        over = done + failed + counts[TaskState.CANCELLED] == snapshot.total
        self._ticking.show_text(
            "wall time" if over else f"{words.count(snapshot.workers_busy, 'worker')} busy"
        )
        if (snapshot, snapshot.sequence) != self._counted_at:  # of 10,000 points it takes some milliseconds
            self._counted_at = (snapshot, snapshot.sequence)
            self._excluded.show_text(str(excluded(snapshot)))
        self._limit.show_text("excluded at 95 % CL")


class ReplayedPlane(PlaneSlide):
    """A recorded run; it starts when the screen comes to the front."""

    def __init__(self, look: Theme, subject: Subject, where: str, bridge: Bridge, player: Player) -> None:
        super().__init__(look, subject, where, bridge)
        self.player = player
        self._show_all()

    @property
    def footer(self) -> str:
        """``replay of a run on 2026-11-29, at 5×``."""
        return f"replay of a run on {date_of(self.player.started[0])}, {self.player.words}"

    @property
    def progress(self) -> float | None:
        """Of the replay."""
        return self.player.race.replays[0].progress

    def enter(self) -> None:
        """Start from the beginning."""
        self.restart()

    def leave(self) -> None:
        """Nobody looks."""
        self.player.playing = False

    def advance(self, seconds: float) -> None:
        """Apply what is due, and draw what it changed."""
        dues = self.player.advance(seconds)
        if not dues:
            return
        (due,) = dues
        if due.rewound:
            self._show_all()
        else:
            self.plot.points_changed(due.changed)
            self._refresh()
        if not self.player.playing:
            self.plot.settle()

    def toggle(self) -> bool:
        """Pause, go on, or start again."""
        if self.player.toggle():
            self._show_all()
        self._refresh()
        return True

    def restart(self) -> None:
        """Play from the beginning."""
        self.player.start()
        self._show_all()

    def change_speed(self, step: int) -> None:
        """Faster, slower, true."""
        self.player.change_speed(step)
        self._refresh()

    def _show_all(self) -> None:
        self.plot.show_statuses(self.player.race.replays[0].snapshot.points)
        self._refresh()

    def _refresh(self) -> None:
        replay = self.player.race.replays[0]
        self._show_numbers(replay.snapshot, replay.position)
        self.footer_changed.emit()


class LivePlane(PlaneSlide):
    """The run that goes on in the window."""

    def __init__(self, look: Theme, subject: Subject, where: str, workbench: Workbench) -> None:
        super().__init__(look, subject, where, workbench.bridge)
        self._workbench = workbench
        self._snapshot = workbench.snapshot
        workbench.points_changed.connect(self._points_changed)
        workbench.run_ended.connect(self._ended)
        if self._snapshot is not None:
            self.plot.show_statuses(self._snapshot.points)
        self.advance(0.0)

    @property
    def footer(self) -> str:
        """Whether what is seen happens now."""
        return "live" if self._workbench.running else "finished just now"

    def advance(self, seconds: float) -> None:
        """The clock goes on."""
        del seconds
        if self._snapshot is not None:
            self._show_numbers(self._snapshot, self._workbench.elapsed)

    def _points_changed(self, names: Collection[str]) -> None:
        if self._workbench.snapshot is not self._snapshot:  # another run was started
            self._snapshot = self._workbench.snapshot
            if self._snapshot is not None:
                self.plot.show_statuses(self._snapshot.points)
        self.plot.points_changed(names)

    def _ended(self, _outcome: str) -> None:
        self.advance(0.0)
        self.plot.settle()
        self.footer_changed.emit()
