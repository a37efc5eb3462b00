"""The race of wall times: recorded runs side by side, and published times, which grow at the same pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from fitgui.gui.talk.lanes import RESULT_WIDTH, Lane, Lanes
from fitgui.gui.talk.player import Player
from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.subject import Subject, date_of, large_time, published_words, source_of
from fitgui.gui.talk.type import GAP, HEADING, HUGE, SMALL
from fitgui.gui.theme import Theme
from fitgui.runs.published_times import PublishedTime
from fitgui.runs.wall_times import RunTimes, differences
from fitgui_backends.contract import TaskState

MOST_LANES, MOST_PUBLISHED = 6, 3
MakeLane = Callable[[float], Lane]
"""Makes a lane at a second of the race."""
OTHERS = ("#cc79a7", "#e69f00", "#009e73", "#f0e442", "#d55e00")
"""Lanes of further runs: the colours of Okabe and Ito."""


class RaceSlide(Slide):
    """All lanes, and the clock of the race.

    Args:
        look: colours.
        subject: what was fitted.
        times: what the runs took, in the order of those of ``player``.
        player: of the runs.
    """

    def __init__(self, look: Theme, subject: Subject, times: Sequence[RunTimes], player: Player) -> None:
        super().__init__(look, "The race of wall times")
        self._subject, self._times = subject, tuple(times)
        self.player = player
        heading = self._line(HEADING, look.text, bold=True)
        heading.show_text(heading_of(subject, self._times))
        self._clock = self._line(HUGE, look.accent, bold=True, width=RESULT_WIDTH)
        self.lanes = Lanes(look)
        self._source = self._line(SMALL, look.muted)
        self._makers = self._lane_makers()
        row = QHBoxLayout()
        self._spaced(row)
        row.addWidget(heading)
        row.addWidget(self._clock)
        column = QVBoxLayout(self)
        self._spaced(column, 0.5 * GAP, framed=True)
        column.addLayout(row)
        column.addWidget(self.lanes, stretch=1)
        column.addWidget(self._source)
        self._refresh()

    @property
    def footer(self) -> str:
        """``replay of 2 runs on 2026-11-29, at 5×``."""
        dates = sorted({date_of(started) for started in self.player.started})
        days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        count = len(self.player.started)
        return f"replay of {'a run' if count == 1 else f'{count} runs'} on {days}, {self.player.words}"

    @property
    def progress(self) -> float | None:
        """Of the race."""
        race = self.player.race
        return race.position / race.duration if race.duration else 1.0

    @property
    def clock(self) -> str:
        """Of the race: ``7.3 s``."""
        return self._clock.text

    def rescale(self, unit: float) -> None:
        """The lanes grow, too."""
        super().rescale(unit)
        self.lanes.rescale(unit)

    def enter(self) -> None:
        """On your marks."""
        self.restart()

    def leave(self) -> None:
        """Nobody looks."""
        self.player.playing = False

    def advance(self, seconds: float) -> None:
        """All go on."""
        if self.player.playing:
            self.player.advance(seconds)
            self._refresh()

    def toggle(self) -> bool:
        """Pause, go on, or start again."""
        self.player.toggle()
        self._refresh()
        return True

    def restart(self) -> None:
        """Start again."""
        self.player.start()
        self._refresh()

    def change_speed(self, step: int) -> None:
        """Faster, slower, true."""
        self.player.change_speed(step)
        self._refresh()

    def _refresh(self) -> None:
        position = self.player.race.position
        self._clock.show_text(large_time(position) if position else "0.0 s")
        self.lanes.show_lanes([make(position) for make in self._makers])
        self.footer_changed.emit()

    def _lane_makers(self) -> list[MakeLane]:
        """What makes each lane at a moment: the runs, one core, what was published."""
        colours = [self.look.accent, *OTHERS]
        makers: list[MakeLane] = [
            partial(self._run_lane, number, colours[number % len(colours)])
            for number in range(len(self._times))
        ]
        if self._times[0].workers > 1 and len(makers) < MOST_LANES and not self._has_one_core():
            makers.append(self._core_lane)
        if (published := self._subject.published) is not None:
            room = min(MOST_PUBLISHED, MOST_LANES - len(makers))
            makers += [partial(self._published_lane, found) for found in _most_telling(published.times, room)]
            self._source.show_text(source_of(self._subject))
        return makers

    def _has_one_core(self) -> bool:
        """Whether one of the runs did with one worker what would have to be summed up else."""
        return any(run.workers == 1 and run.engine == self._times[0].engine for run in self._times)

    def _run_lane(self, number: int, colour: str, _position: float) -> Lane:
        replay, times = self.player.race.replays[number], self._times[number]
        counts = replay.snapshot.counts
        done = counts[TaskState.DONE]
        ended = done + counts[TaskState.FAILED] + counts[TaskState.CANCELLED]
        detail = [date_of(times.started), *differences(times, self._times[0])]
        return Lane(
            title=times.label,
            detail=", ".join(word for word in detail if word),
            done=ended / max(1, times.total),
            result=large_time(replay.duration) if replay.finished else f"{done} / {times.total}",
            finished=replay.finished,
            colour=colour,
        )

    def _core_lane(self, position: float) -> Lane:
        seconds = self._times[0].core
        finished = position >= seconds
        return Lane(
            title="The same on one core",
            detail="models and fits, summed",
            done=position / seconds if seconds else 0.0,
            result=large_time(seconds),
            finished=finished,
            colour=self.look.grid,
            published=True,
        )

    def _published_lane(self, found: PublishedTime, position: float) -> Lane:
        return Lane(
            title=found.where[:1].upper() + found.where[1:],
            detail=published_words(self._times[0]),
            done=position / found.seconds,
            result=large_time(found.seconds),
            finished=position >= found.seconds,
            colour=self.look.grid,
            published=True,
        )


def heading_of(subject: Subject, times: Sequence[RunTimes]) -> str:
    """Whether all that race do the same; what is different of one its lane says."""
    if any(run.names != times[0].names for run in times):
        return "The race: not all runs fit the same points"
    if any(run.asked != times[0].asked for run in times):
        return f"The race: {subject.hypotheses}, other options"
    return f"The same {subject.hypotheses}: the race"


def _most_telling(times: Sequence[PublishedTime], room: int) -> list[PublishedTime]:
    """As many as there is room for, the shortest first: the main one and the longest before the others."""
    ranked = sorted(times, key=lambda time: (not time.main, time is not times[-1], time.seconds))
    chosen = ranked[: max(0, room)]
    return sorted(chosen, key=lambda time: time.seconds)
