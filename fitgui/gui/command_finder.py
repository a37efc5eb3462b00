"""What the command palette and the overview of shortcuts are filled with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fitgui.gui.palette import Command, CommandPalette, command_of
from fitgui.gui.recent_runs import RecentRuns
from fitgui.gui.settings import EXAMPLE
from fitgui.gui.shortcuts import ShortcutSheet

if TYPE_CHECKING:
    from fitgui.gui.actions import WindowActions
    from fitgui.gui.window import MainWindow

RUNS, PALLETS = "Recent run", "Recent pallet"


class CommandFinder:
    """Opens the palette and the overview; nothing here blocks."""

    def __init__(self, window: MainWindow, actions: WindowActions, runs: RecentRuns) -> None:
        self._window = window
        self._actions = actions
        self._runs = runs

    def find_command(self) -> None:
        """Find an action, a recent run or a recent pallet by some letters."""
        self._open(lambda: [*self._of_menus(), *self._of_runs(), *self._of_pallets()])

    def find_run(self) -> None:
        """Find a recent run by some letters of its pallet or its date."""
        self._open(self._of_runs)

    def show_shortcuts(self) -> None:
        """Everything with its keys."""
        ShortcutSheet(self._actions.groups, self._window).open()

    def _open(self, commands: Callable[[], list[Command]]) -> None:
        palette = CommandPalette(commands(), self._window)
        offer = self._runs.changed.connect(lambda: palette.offer(commands()))
        palette.finished.connect(lambda _result: self._runs.changed.disconnect(offer))
        self._runs.refresh()
        palette.open()

    def _of_menus(self) -> list[Command]:
        return [
            command_of(action, name) for name, actions in self._actions.groups.items() for action in actions
        ]

    def _of_runs(self) -> list[Command]:
        bench = self._window.workbench
        return [
            Command(run.text, RUNS, partial(bench.show_recorded, run.run_id), enabled=not bench.running)
            for run in self._runs.runs
        ]

    def _of_pallets(self) -> list[Command]:
        known = [(recent.source, recent.name) for recent in self._window.recent_pallets]
        return [
            Command(name, PALLETS, partial(self._window.open, source))
            for source, name in [*known, (EXAMPLE, "The bundled example")]
        ]
