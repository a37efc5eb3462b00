"""Playing a race of replays, as somebody at the lectern wants it: pause, go on, again, faster, slower."""

from __future__ import annotations

from collections.abc import Sequence

from fitgui.runs.recorded import RecordedRun
from fitgui.runs.replay import Due, Race, Replay, comfortable_speed, next_speed, speed_to_fit

COMFORTABLE_SECONDS = 20.0
"""Longer than that nobody watches points appear."""


class Player:
    """A race, and whether it goes on.

    Args:
        runs: that race each other, or one.
        speed: seconds of the runs in a second; ``None`` chooses one at which the longest is comfortable.
        seconds: what the longest of them is to take, instead.
    """

    def __init__(
        self, runs: Sequence[RecordedRun], *, speed: float | None = None, seconds: float | None = None
    ) -> None:
        self.race = Race([Replay.of(run) for run in runs])
        if seconds is not None:
            self.race.speed = speed_to_fit(self.race.duration, seconds)
        else:
            self.race.speed = speed or comfortable_speed(self.race.duration, COMFORTABLE_SECONDS)
        self.playing = False
        self.started = [run.record.started for run in runs]
        """Seconds since 1970-01-01 UTC."""

    @property
    def speed(self) -> float:
        """Seconds of the runs in a second."""
        return self.race.speed

    def advance(self, seconds: float) -> tuple[Due, ...]:
        """Go on by so many seconds, if it plays; what each run brought, or nothing at all."""
        if not self.playing:
            return ()
        dues = self.race.advance(seconds)
        self.playing = not self.race.finished
        return dues

    def start(self) -> tuple[Due, ...]:
        """From the beginning, at once."""
        self.playing = True
        return self.race.restart()

    def toggle(self) -> tuple[Due, ...]:
        """Pause, go on or, at the end, start again."""
        if self.race.finished:
            return self.start()
        self.playing = not self.playing
        return ()

    def change_speed(self, step: int) -> None:
        """Go faster (1), slower (-1), or at true speed (0)."""
        self.race.speed = next_speed(self.race.speed, step) if step else 1.0

    @property
    def words(self) -> str:
        """``at true speed``, ``at 5×, paused``."""
        speed = "at true speed" if self.speed == 1.0 else f"at {self.speed:.3g}×"
        return speed if self.playing or self.race.finished else f"{speed}, paused"
