"""F11 in the window: the run that goes on, live, or the last one again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from fitgui.gui import theme
from fitgui.gui.workbench import Workbench
from fitgui.runs.journal import Journal
from fitgui.runs.recorded import runs_of_analysis, snapshot_of
from fitgui_backends.contract import TaskState

if TYPE_CHECKING:
    from fitgui.gui.talk.material import Material
    from fitgui.gui.talk.window import TalkWindow

NOTHING = (
    "There is nothing to show on a large screen yet: press Run, then F11 shows the points as they come in."
)


class TalkOpener(QObject):
    """Opens the window of a talk beside the main window, at most one.

    Args:
        workbench: knows the run.
        digest: of the analysis on show; empty where none is.
        say: tells the user a sentence with its level.
    """

    def __init__(
        self, workbench: Workbench, digest: Callable[[], str], say: Callable[[str, str], None]
    ) -> None:
        super().__init__()
        self._workbench, self._digest, self._say = workbench, digest, say
        self._loading = False
        self.window: TalkWindow | None = None
        """While it is open."""
        workbench.run_ended.connect(self._run_ended)

    def open(self) -> None:
        """Show the run that goes on or, played again, the last run of the analysis on show."""
        if self.window is not None:
            self.window.activateWindow()
            return
        bench = self._workbench
        plan = bench.run_plan
        if bench.running and plan is not None:
            from fitgui.gui.talk.material import live  # noqa: PLC0415 -- a talk is rarely given

            look = look_of_application()
            self._show(look).add_slides(live(plan, look, bench))
            return
        run_id, digest = bench.run_id, self._digest()
        self._read(lambda journal: run_id or _last_run(journal, digest), self._replay)

    def close(self) -> None:
        """The main window is closed."""
        if self.window is not None:
            self.window.close()

    def _read(self, choose: Callable[[Journal], str | None], done: Callable[[Material | None], None]) -> None:
        """Read a run, and those that it is compared with, on a thread."""
        if self._loading:
            return
        self._loading = True
        journal = self._workbench.journal

        def work() -> Material | None:
            from fitgui.gui.talk.material import load  # noqa: PLC0415

            run_id = choose(journal)
            return None if run_id is None else load(journal, [run_id], company=True)

        def answered(material: Material | None) -> None:
            self._loading = False
            done(material)

        def failed(error: Exception) -> None:
            self._loading = False
            self._say("error", f"The run cannot be shown on a large screen: {error}")

        self._workbench.bridge.run(work, answered, failed)

    def _replay(self, material: Material | None) -> None:
        if material is None or not material.runs[0].snapshot.counts[TaskState.DONE]:
            self._say("info", NOTHING)
            return
        from fitgui.gui.talk.material import replayed  # noqa: PLC0415

        look = look_of_application()
        self._show(look).add_slides(replayed(material, look, self._workbench.bridge))

    def _show(self, look: theme.Theme) -> TalkWindow:
        from fitgui.gui.talk.type import HEIGHT, WIDTH  # noqa: PLC0415
        from fitgui.gui.talk.window import TalkWindow  # noqa: PLC0415

        window = TalkWindow(look)
        window.closed.connect(self._closed)
        window.resize(WIDTH, HEIGHT)
        window.showFullScreen()
        self.window = window
        return window

    def _run_ended(self, _outcome: str) -> None:
        """What was shown live can be compared now."""
        run_id = self._workbench.run_id
        if self.window is not None and run_id is not None and self.window.is_live:
            self._read(lambda _journal: run_id, self._compare)

    def _compare(self, material: Material | None) -> None:
        if material is None or self.window is None or not self.window.is_live:
            return
        from fitgui.gui.talk.material import compared  # noqa: PLC0415

        self.window.add_slides(compared(material, look_of_application(), self._workbench.bridge))

    def _closed(self) -> None:
        self.window = None


def look_of_application() -> theme.Theme:
    """The colours that the application has now."""
    dark = QApplication.palette().window().color().lightness() < 128
    return theme.DARK if dark else theme.LIGHT


def _last_run(journal: Journal, digest: str) -> str | None:
    """The newest run of an analysis that has results."""
    for record in runs_of_analysis(journal, digest):
        if snapshot_of(journal, record).counts[TaskState.DONE]:
            return record.id
    return None
