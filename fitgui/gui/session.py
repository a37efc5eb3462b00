"""What the window knows of the points of an analysis: the results of this session, and their checks."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection
from dataclasses import dataclass, field

from fitgui.runs.check import Comparison, comparison
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.results import FitResult


@dataclass(frozen=True, slots=True)
class CheckedPoint:
    """A point that two engines have fitted."""

    comparison: Comparison
    ours: FitResult
    """Of the run."""
    theirs: FitResult | None
    """Of the other engine; ``None`` where it has no answer."""


@dataclass(slots=True)
class SessionResults:
    """The latest results of every point of an analysis, and its last run."""

    run_id: str | None = None
    snapshot: RunSnapshot | None = None
    statuses: ChainMap[str, PointStatus] = field(default_factory=ChainMap)
    """A live mapping: new results cover earlier ones, what only earlier runs had stays."""
    checked: dict[str, CheckedPoint] = field(default_factory=dict)
    """The points that another engine has fitted again, as long as the result that it checked stands."""
    _earlier: dict[str, str] = field(default_factory=dict)
    """Of points that only earlier runs had: in which they were fitted."""

    def begin(self, run_id: str, snapshot: RunSnapshot) -> None:
        """Another run of this analysis, or the same one again."""
        self._earlier = {name: run for name in self.statuses if (run := self.run_of(name)) is not None}
        self.run_id, self.snapshot = run_id, snapshot
        self.statuses = ChainMap(snapshot.points, dict(self.statuses))
        self.update(snapshot.points)

    def run_of(self, name: str) -> str | None:
        """The run that the status of a point is of; ``None`` where it has none."""
        if self.snapshot is not None and name in self.snapshot.points:
            return self.run_id
        return self._earlier.get(name)

    @property
    def runs(self) -> dict[str, int]:
        """Of each run whose results are on show, of how many points they are; the last run first."""
        found = {} if self.run_id is None else {self.run_id: 0}
        for name, status in self.statuses.items():
            run = self.run_of(name) if status.result is not None else None
            if run is not None:
                found[run] = found.get(run, 0) + 1
        return found

    def update(self, names: Collection[str]) -> None:
        """Compare these points anew."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        for name in names:
            status = snapshot.points.get(name)
            if status is None:
                continue
            found = comparison(snapshot, name)
            if found is None or status.result is None:
                self.checked.pop(name, None)
            else:
                self.checked[name] = CheckedPoint(found, status.result, snapshot.checks[name].reference)
