"""The menu *Compare*: which other contours are drawn into the plane, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from fitgui.gui.analysis_choice import Shown
from fitgui.gui.plane.compared import (
    CompareError,
    Overlay,
    RunSource,
    Source,
    View,
    published_source,
    runs_to_compare,
)
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.result_view import ViewContext
from fitgui.runs.journal import JournalError

FILES = "Published contours (*.csv *.yaml *.yml);;All files (*)"


class CompareMenu(QObject):
    """Keeps the sources that were chosen; their overlays are made anew when the axes are others.

    Args:
        menu: is filled each time it is opened.
        plane: shows the overlays.
        context: for the journal, a thread, and sentences.
        where: how the plane looks at its points now.
        parent: of the dialog.
    """

    def __init__(
        self,
        menu: QMenu,
        plane: PlaneView,
        context: ViewContext,
        where: Callable[[], View | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._menu, self._plane, self._context, self._where, self._parent = (
            menu,
            plane,
            context,
            where,
            parent,
        )
        self._shown: Shown | None = None
        self._run_id: str | None = None
        self._sources: list[Source] = []
        self._round = 0
        self._drawing = 0
        """Which of all drawings is the last that was asked for."""
        menu.aboutToShow.connect(self._fill)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is compared with."""
        return tuple(self._sources)

    def show_points(self, shown: Shown) -> None:
        """Another analysis: nothing is compared with."""
        self._shown, self._run_id = shown, None
        self._sources = []
        self._draw()

    def show_run(self, run_id: str | None) -> None:
        """The run on show is not offered."""
        self._run_id = run_id

    def axes_changed(self) -> None:
        """The plane looks at its points in another way."""
        if self._sources:
            self._draw()

    def compare_with(self, source: Source) -> None:
        """Draw the contours of this, too."""
        if all(source.key != other.key for other in self._sources):
            self._sources.append(source)
            self._draw()

    def remove(self, source: Source) -> None:
        """Draw its contours no more."""
        self._sources = [other for other in self._sources if other.key != source.key]
        self._draw()

    def open_published(self, path: Path) -> None:
        """Draw the contours in a table file of HEPData."""
        where = self._where()
        if where is not None:
            bridge = self._context.workbench.bridge
            bridge.run(lambda: published_source(path, where), self.compare_with, self._failed)

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction("Published contours from a &file…").triggered.connect(lambda: self._ask_for_file())
        for source in self._sources:
            entry = menu.addAction(f"&Remove {source.name.replace('&', '&&')}")
            entry.triggered.connect(lambda _on, source=source: self.remove(source))
        if self._shown is None:
            return
        menu.addSeparator()
        waiting = menu.addAction("Looking for other runs…")
        waiting.setEnabled(False)
        shown, bench, run_id = self._shown, self._context.workbench, self._run_id
        self._round += 1
        asked = self._round

        def look() -> list[RunSource]:
            return runs_to_compare(bench.journal, shown.labels, shown.analysis.digest, run_id)

        def found(runs: list[RunSource]) -> None:
            if asked != self._round:
                return
            chosen = {source.key for source in self._sources}
            left = [run for run in runs if run.key not in chosen]
            waiting.setText(
                "Other runs with these coordinates:" if left else "No other run with these coordinates"
            )
            for run in left:
                entry = menu.addAction(run.name.replace("&", "&&"))
                entry.triggered.connect(lambda _on, run=run: self.compare_with(run))

        def failed(error: Exception) -> None:
            if asked == self._round:
                waiting.setText(f"Other runs cannot be read: {error}")

        bench.bridge.run(look, found, failed)

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self._parent, "Published contours", "", FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.open_published(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _draw(self) -> None:
        """Make all overlays, off this thread; what cannot be drawn is told and taken away."""
        where, sources = self._where(), tuple(self._sources)
        self._drawing += 1
        if where is None or not sources:
            self._plane.show_overlays(())
            return
        drawing = self._drawing

        def work() -> tuple[list[Overlay], list[tuple[str, str]]]:
            overlays: list[Overlay] = []
            problems: list[tuple[str, str]] = []
            for source in sources:
                if drawing != self._drawing:
                    break  # nobody waits for it
                try:
                    overlays.append(source.overlay(where))
                except (CompareError, JournalError) as error:
                    problems.append((source.key, str(error)))
            return overlays, problems

        def done(found: tuple[list[Overlay], list[tuple[str, str]]]) -> None:
            if drawing != self._drawing:
                return  # other sources or other axes: another answer is on its way
            overlays, problems = found
            gone = {key for key, _ in problems}
            self._sources = [source for source in self._sources if source.key not in gone]
            self._plane.show_overlays(overlays)
            for _, sentence in problems:
                self._context.say("warning", sentence)

        def failed(error: Exception) -> None:
            if drawing == self._drawing:
                self._failed(error)

        self._context.workbench.bridge.run(work, done, failed)

    def _failed(self, error: Exception) -> None:
        self._context.say("warning", str(error))
