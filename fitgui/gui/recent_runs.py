"""Earlier runs: a submenu that shows their results again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from fitgui.gui.run_words import engine_of, place_of, points_of
from fitgui.runs.journal import Journal, RunRecord

if TYPE_CHECKING:
    from fitgui.gui.workbench import Workbench

MOST = 15
NO_RUNS = "No run yet"


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run in one line."""

    run_id: str
    text: str


def recent_runs(journal: Journal) -> tuple[RecentRun, ...]:
    """The newest runs; reads the journal, so not in the GUI thread.

    Raises:
        JournalError: if the journal cannot be read.
    """
    results = journal.results()
    return tuple(
        RecentRun(record.id, run_text(record, results.get(record.id, 0))) for record in journal.runs()[:MOST]
    )


def run_text(record: RunRecord, fitted: int | None = None) -> str:
    """``29 Nov 2026 14:34 · 1Lbb, BkgOnly · 98 of 125 points · newton, with limits · local, 2 workers``."""
    plan = record.plan
    when = time.strftime("%d %b %Y %H:%M", time.localtime(record.started)).lstrip("0")
    what = f"{plan.pallet.name}, {plan.analysis.name}"
    return " · ".join((when, what, points_of(plan, fitted), engine_of(plan), place_of(plan)))


class RecentRuns(QObject):
    """Keeps the list of runs, and fills a menu with it."""

    changed = Signal()

    def __init__(self, workbench: Workbench, menu: QMenu) -> None:
        super().__init__(menu)
        self._workbench = workbench
        self._menu = menu
        self._asked = 0
        self.runs: tuple[RecentRun, ...] = ()
        """The newest first, as they were when the journal was read last."""
        menu.aboutToShow.connect(self.refresh)
        workbench.run_began.connect(lambda _snapshot: self.refresh())
        self._fill()

    def refresh(self) -> None:
        """Read the journal on a thread."""
        self._asked += 1
        asked, journal = self._asked, self._workbench.journal

        def done(runs: tuple[RecentRun, ...]) -> None:
            if asked == self._asked and runs != self.runs:
                self.runs = runs
                self._fill()
                self.changed.emit()

        # A journal that cannot be read is told where it matters; here the list stays as it is.
        self._workbench.bridge.run(lambda: recent_runs(journal), done, lambda _error: None)

    def _fill(self) -> None:
        for old in self._menu.actions():
            self._menu.removeAction(old)
            old.deleteLater()
        for run in self.runs:
            self._add(run.text.replace("&", "&&"), partial(self._workbench.show_recorded, run.run_id))
        if not self.runs:
            self._add(NO_RUNS, lambda: None).setEnabled(False)

    def _add(self, text: str, act: Callable[[], object]) -> QAction:
        entry = QAction(text, self._menu)
        entry.triggered.connect(lambda: act())
        self._menu.addAction(entry)
        return entry
