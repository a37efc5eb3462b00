"""Contours that follow the points as they arrive, computed off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject

from fitgui.exclusion.model import Exclusion
from fitgui.gui.latest import Latest, Run
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.marks import Marks
from fitgui.pallets.plane import PlaneData


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the fitted points say about the plane."""

    exclusion: Exclusion | None
    problem: str = ""
    """Why there are no contours, in words."""
    reading: str = ""
    """The numbers that one would read off the contours, in words."""


class LiveExclusion(QObject):
    """Computes one exclusion at a time, always of the newest results.

    Args:
        run: where the work is done.
        changed: is called in the GUI thread when there is another :attr:`found`.
        parent: owns it.
    """

    def __init__(self, run: Run[Found], changed: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(run, self._done, self._failed, self)
        self._changed = changed
        self.found: Found | None = None
        """``None`` before the first point is fitted."""

    @property
    def exclusion(self) -> Exclusion | None:
        """The contours, as far as there are any."""
        return None if self.found is None else self.found.exclusion

    @property
    def idle(self) -> bool:
        """Whether the contours are those of all results."""
        return self._latest.idle

    def forget(self) -> None:
        """Other points are on show."""
        self._latest.withdraw()
        self.found = None

    def ask(self, data: PlaneData, marks: Marks, choices: PlaneChoices, *, now: bool) -> None:
        """Compute the exclusion of what is known now; the inputs are copied before this returns."""
        if all(result is None for result in marks.results):
            self._latest.withdraw()
            if self.found is not None:
                self._done(None)
            return
        if data.x.words or data.y.words:
            label = data.x.label if data.x.words else data.y.label
            self._latest.withdraw()
            self._done(Found(None, f"No contours: {label} is given in words."))
            return
        names, x, y, waiting = tuple(marks.names), marks.x, marks.y, marks.waiting
        # A point that is fitted again has its earlier result no more.
        results = [
            None if waits else result for waits, result in zip(waiting.tolist(), marks.results, strict=True)
        ]
        axes, method = choices.axes(data), choices.method
        titles = data.x, data.y

        def work() -> Found:
            # Late: the window is there before anything of this is needed.
            from fitgui.exclusion.contours import exclusion_of  # noqa: PLC0415
            from fitgui.exclusion.interpolation import Interpolation, NoPlaneError  # noqa: PLC0415
            from fitgui.exclusion.points import plane_points, with_toys  # noqa: PLC0415
            from fitgui.gui.plane.readings import reading_of  # noqa: PLC0415

            points = plane_points(names, x, y, results)
            try:
                missing = np.column_stack([x[waiting], y[waiting]])
                interpolation = Interpolation(points, axes, method, missing=missing)
            except NoPlaneError as error:
                return Found(None, str(error))
            so_far = bool(waiting.any())
            reading = reading_of(interpolation, *titles, toys=with_toys(results), so_far=so_far)
            return Found(exclusion_of(interpolation, points), reading=reading)

        self._latest.ask(work, now=now)

    def _done(self, found: Found | None) -> None:
        self.found = found
        self._changed()

    def _failed(self, error: Exception) -> None:
        self._done(Found(None, f"No contours: {error}"))
