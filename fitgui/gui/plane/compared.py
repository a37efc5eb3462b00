"""What the contours of a plane are compared with: recorded runs, and published contours."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from fitgui.exclusion.model import AxisChoice, Line, Method, Surface
from fitgui.gui.plane.published_names import ContourKind, kind_of_names
from fitgui.gui.run_words import engine_of, place_of, points_of
from fitgui.pallets.plane import plane_of
from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.recorded import recorded_run
from fitgui.runs.snapshot import RunSnapshot

MOST_RUNS = 12
"""Offered in the menu, the newest."""
FEWEST_POINTS = 3
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Contours to compare with: of another run, or published ones."""

    key: str
    """Tells it from others."""
    name: str
    """In the legend."""
    contours: Mapping[Surface, Sequence[Line]]
    """Observed and expected, as far as they are known."""
    variations: Mapping[ContourKind, Sequence[Line]] = field(default_factory=dict)
    """The same, moved by standard deviations."""


class CompareError(Exception):
    """Something cannot be compared with; one sentence says why."""


@dataclass(frozen=True, slots=True)
class View:
    """How the plane on show looks at its points."""

    x_label: str
    y_label: str
    axes: AxisChoice
    method: Method


class Source(Protocol):
    """Something with contours."""

    @property
    def key(self) -> str:
        """Tells it from others."""

    @property
    def name(self) -> str:
        """In the legend and in the menu."""

    def overlay(self, view: View) -> Overlay:
        """Its contours, seen like this; takes its time.

        Raises:
            CompareError: if it has none.
        """


@dataclass(frozen=True, slots=True)
class RunSource:
    """A recorded run."""

    journal: Journal = field(repr=False)
    record: RunRecord = field(repr=False)
    name: str
    _read: list[RunSnapshot] = field(default_factory=list, init=False, repr=False, compare=False)
    """Its results once they were read: other axes need no other ones."""

    @property
    def key(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def snapshot(self) -> RunSnapshot:
        """Its results; read from the journal once, or again while it goes on elsewhere.

        Raises:
            JournalError: if the journal cannot be read.
        """
        if self._read:
            return self._read[0]
        snapshot = recorded_run(self.journal, self.record).snapshot
        if snapshot.outcome is not None or not self.record.alive:
            self._read.append(snapshot)
        return snapshot

    def overlay(self, view: View) -> Overlay:
        """Contours of its results."""
        # Late: the window is there before anything of this is needed.
        from fitgui.exclusion.contours import find_exclusion  # noqa: PLC0415
        from fitgui.exclusion.points import plane_points  # noqa: PLC0415

        plan, snapshot = self.record.plan, self.snapshot
        data = plane_of(plan.places(), view.x_label, view.y_label)
        points = [snapshot.points[name] for name in data.names]
        results = [point.result for point in points]
        going_on = snapshot.outcome is None and self.record.alive
        waiting = np.array([going_on and not point.state.is_final for point in points], dtype=np.bool_)
        exclusion = find_exclusion(
            plane_points(data.names, data.x.values, data.y.values, results),
            view.axes,
            view.method,
            missing=np.column_stack([data.x.values[waiting], data.y.values[waiting]]),
        )
        if exclusion.problem:
            raise CompareError(f"{self.name}: {exclusion.problem}")
        contours = {surface: exclusion.contours[surface] for surface in (Surface.OBSERVED, Surface.EXPECTED)}
        if not any(contours.values()):
            raise CompareError(f"{self.name} has no contour at 95 % CL.")
        return Overlay(self.key, self.name, contours)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedSource:
    """Published contours, in the coordinates that the plane had when they were read."""

    key: str
    name: str
    contours: Mapping[Surface, Sequence[Line]]
    variations: Mapping[ContourKind, Sequence[Line]]
    x_label: str
    y_label: str

    def overlay(self, view: View) -> Overlay:
        """The contours as they were published; exchanged with the axes."""
        if (view.x_label, view.y_label) == (self.x_label, self.y_label):
            return Overlay(self.key, self.name, self.contours, self.variations)
        if (view.y_label, view.x_label) == (self.x_label, self.y_label):
            return Overlay(self.key, self.name, _turned(self.contours), _turned(self.variations))
        raise CompareError(
            f"{self.name} is given along {self.x_label} and {self.y_label}, and cannot be drawn along others."
        )


def published_source(path: Path, view: View) -> PublishedSource:
    """The contours in a table file of HEPData, CSV or YAML, taken to be along the axes that are on show.

    Which are expected ones, and which are moved by standard deviations, is told by their names; all others
    count as observed.

    Raises:
        CompareError: if the file has none.
    """
    from fitgui.exclusion.published import PublishedError, read_published  # noqa: PLC0415  # late, as above

    try:
        found = read_published(path)
    except PublishedError as error:
        raise CompareError(str(error)) from error
    contours: dict[Surface, list[Line]] = {}
    variations: dict[ContourKind, list[Line]] = {}
    for contour in found:
        kind = kind_of_names([contour.y.name, *reversed(contour.name.split(": "))])
        if kind.variation:
            variations.setdefault(kind, []).append(contour.line)
        else:
            contours.setdefault(kind.surface, []).append(contour.line)
    # Behind the title of the table stands what tells its contours apart.
    title = found[0].name.rpartition(": ")[0] if len(found) > 1 else found[0].name
    return PublishedSource(str(path), f"Published: {title}", contours, variations, view.x_label, view.y_label)


def _turned(contours: Mapping[Kind, Sequence[Line]]) -> dict[Kind, list[Line]]:
    """The same along exchanged axes."""
    return {kind: [Line(line.y, line.x, line.closed) for line in lines] for kind, lines in contours.items()}


def runs_to_compare(
    journal: Journal, labels: Sequence[str], digest: str, without: str | None
) -> list[RunSource]:
    """The newest runs with these coordinates that have results, those of the same analysis first.

    Args:
        journal: all runs.
        labels: the coordinates of the analysis on show.
        digest: of its workspace.
        without: the run on show.

    Raises:
        JournalError: if the journal cannot be read.
    """
    results = journal.results()
    fitting = [
        record
        for record in journal.runs()
        if record.id != without
        and results.get(record.id, 0) >= FEWEST_POINTS
        and set(labels) == set(record.plan.analysis.labels)
        and len(record.plan.points) >= FEWEST_POINTS
    ]
    same = [record for record in fitting if record.plan.analysis.digest == digest]
    others = [record for record in fitting if record.plan.analysis.digest != digest]
    return [
        RunSource(journal, record, name_of(record, results[record.id], same=record in same))
        for record in (*same, *others)[:MOST_RUNS]
    ]


def name_of(record: RunRecord, fitted: int, *, same: bool) -> str:
    """What is different of a run: engine, place, points, time; of another analysis also its name."""
    plan = record.plan
    when = time.strftime("%d %b %H:%M", time.localtime(record.started)).lstrip("0")
    parts = [engine_of(plan), place_of(plan), points_of(plan, fitted), when]
    return " · ".join(parts if same else [plan.analysis.name, *parts])
