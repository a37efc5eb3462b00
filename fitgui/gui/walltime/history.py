"""Earlier runs of the analysis on show, read on a thread; the latest request wins."""

from __future__ import annotations

from collections.abc import Callable

from fitgui.gui.workbench import Workbench
from fitgui.runs.wall_history import earlier_runs
from fitgui.runs.wall_times import RunTimes


class History:
    """What the journal knows of an analysis.

    Args:
        workbench: reads on its threads.
        took: called in the GUI thread when :attr:`runs` are others.
    """

    def __init__(self, workbench: Workbench, took: Callable[[], None]) -> None:
        self._workbench = workbench
        self._took = took
        self._digest = ""
        self._without: str | None = None
        self._request = 0
        self._all: dict[str, RunTimes] = {}
        self.usual: set[str] = set()
        """Which are shown unless the user chooses."""
        self.chosen: dict[str, bool] = {}
        """What the user ticked on or off."""

    @property
    def runs(self) -> list[RunTimes]:
        """The newest first, without the run on show."""
        return [run for run in self._all.values() if run.run_id != self._without]

    def show_analysis(self, digest: str) -> None:
        """Look up the runs of another analysis."""
        if digest != self._digest:
            self._digest, self._all, self.usual, self.chosen = digest, {}, set(), {}
        self._without = None
        self.refresh()

    def leave_out(self, run_id: str | None) -> None:
        """The run on show is not among the earlier ones."""
        if run_id != self._without:
            self._without = run_id
            self._took()

    def refresh(self) -> None:
        """Look again."""
        self._request += 1
        request, digest, known = self._request, self._digest, dict(self._all)
        journal = self._workbench.journal
        if not digest:
            return

        def done(runs: list[RunTimes]) -> None:
            if request == self._request and runs != list(self._all.values()):
                self._all = {run.run_id: run for run in runs}
                self._took()

        # A journal that cannot be read is told of by whoever writes it; earlier runs are only missing here.
        self._workbench.bridge.run(
            lambda: earlier_runs(journal, digest, known=known), done, lambda _error: None
        )
