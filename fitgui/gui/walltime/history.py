"""Earlier runs of the analysis on show, read on a thread, one time after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from fitgui.gui.latest import Latest
from fitgui.gui.workbench import Workbench
from fitgui.runs.wall_history import KnownRun, earlier_runs
from fitgui.runs.wall_times import RunTimes


class History:
    """What the journal knows of an analysis.

    Args:
        workbench: reads on its threads.
        took: called in the GUI thread when :attr:`runs` are others.
        parent: the view, after whose end nobody is told.
    """

    def __init__(self, workbench: Workbench, took: Callable[[], None], parent: QObject) -> None:
        self._workbench = workbench
        self._took = took
        self._digest = ""
        self._without: str | None = None
        # A journal that cannot be read is told of by whoever writes it; earlier runs are only missing here.
        self._latest = Latest[list[RunTimes]](workbench.bridge.run, self._found, lambda _error: None, parent)
        self._known: dict[str, KnownRun] = {}
        """For the thread that reads."""
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
            self._known = {}
            self._latest.withdraw()
        self._without = None
        self.refresh()

    def leave_out(self, run_id: str | None) -> None:
        """The run on show is not among the earlier ones."""
        if run_id != self._without:
            self._without = run_id
            self._took()

    def refresh(self) -> None:
        """Look again."""
        digest, known, journal = self._digest, self._known, self._workbench.journal
        if digest:
            self._latest.ask(lambda: earlier_runs(journal, digest, known=known))

    def _found(self, runs: list[RunTimes]) -> None:
        if runs != list(self._all.values()):
            self._all = {run.run_id: run for run in runs}
            self._took()
