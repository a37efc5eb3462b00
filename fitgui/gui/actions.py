"""The menu and its shortcuts: every action of the window by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from fitgui.gui.command_finder import CommandFinder
from fitgui.gui.palette import plain_text
from fitgui.gui.recent_runs import RecentRuns
from fitgui.gui.talk.opening import TalkOpener
from fitgui.gui.where.standing import TITLES

if TYPE_CHECKING:
    from fitgui.gui.window import MainWindow


class WindowActions:
    """Fills the menu bar of the window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.entries: list[QAction] = []
        """Of all menus."""
        self.groups: dict[str, list[QAction]] = {}
        """The same by the name of their menu."""
        panel, card = window.pallet_panel, window.pallet_panel.card
        pallet = window.menuBar().addMenu("&Pallet")
        self._add(pallet, "&Find in the catalogue", "Ctrl+K", panel.focus_filter)
        self._add(pallet, "&Library", "Ctrl+L", panel.focus_library)
        self._act = self._add(pallet, "&Get, open or cancel what is chosen", "Ctrl+G", card.press_primary)
        pallet.addSeparator()
        self._add(pallet, "&Open file…", QKeySequence.StandardKey.Open, window.ask_for_file)
        self._add(pallet, "Open fol&der…", "Ctrl+Shift+O", window.ask_for_folder)
        self._add(pallet, "Open bundled &example", "Ctrl+E", lambda: window.open("example"))
        pallet.addSeparator()
        self._add(pallet, "&Save results…", QKeySequence.StandardKey.Save, window.ask_where_to_save)
        self._add(pallet, "Save f&igure…", "Ctrl+Shift+G", window.saving_figures.ask_for_figure)
        self._add(pallet, "Save re&port…", "Ctrl+Shift+E", window.saving_figures.ask_for_report)
        self._add(pallet, "Save as HEPData s&ubmission…", "Ctrl+Shift+H", window.taking_away.ask_for_folder)
        pallet.addSeparator()
        self._add(pallet, "&Quit", "Ctrl+Q", window.close)
        published = window.menuBar().addMenu("&HEPData")
        self._add(published, "&Search HEPData for the filter's text", "Ctrl+Shift+F", panel.search)
        self._versions = self._add(
            published, "&Versions and files of what is chosen", "Ctrl+Shift+V", card.look_up
        )
        self._add(published, "&Refresh the catalogue", "F5", window.store.refresh_catalogue)
        published.addSeparator()
        self._cite = self._add(published, "Copy &BibTeX", "Ctrl+Shift+B", card.copy_citation)
        self._of_kept = (
            self._add(published, "Show in f&older", "Ctrl+Shift+L", card.show_in_folder),
            self._add(published, "Compare with its &digest", "Ctrl+Shift+D", card.verify),
            self._add(published, "Re&move from the library", "Ctrl+Del", card.press_remove),
        )
        card.changed.connect(self._offer)
        self._offer()
        self._fill_run()
        self._fill_signal()
        self._fill_where()
        view = window.menuBar().addMenu("&View")
        results = window.results_panel
        pages: list[tuple[str, Callable[[], object]]] = [
            ("Plane", results.show_plane),
            *(
                (page.title, lambda place=place: results.show_tab(results.views[place]))
                for place, page in enumerate(results.views)
            ),
            ("Workers", results.show_workers),
            ("Check", results.show_check_details),
            ("Log", lambda: results.show_tab(results.log)),
        ]
        for number, (title, bring) in enumerate(pages, start=1):
            self._add(view, title, f"Ctrl+{number}", bring)
        self._add(
            view, "&Filter the table", QKeySequence.StandardKey.Find, window.results_panel.table.focus_filter
        )
        view.addSeparator()
        looks = window.look_choice.fill(view.addMenu("&Appearance"))
        self.entries += looks
        self.groups[plain_text(view.title())] += looks
        self.talk = TalkOpener(window.workbench, self._digest, window.tell)
        """The run in large type, on the whole screen."""
        self._add(view, "&Talk: large type, full screen", "F11", self.talk.open)

        self._fill_help()

    def _fill_run(self) -> None:
        """What becomes of a run, and earlier ones."""
        window = self._window
        run = window.menuBar().addMenu("&Run")
        self._add(run, "&Run or cancel", "Ctrl+Return", window.compute_panel.press_primary)
        self._add(run, "Fit failed and cancelled points &again", "Ctrl+Shift+R", window.workbench.retry)
        self._add(run, "&Check with another engine", "Ctrl+Shift+K", window.check)
        self._add(run, "&Stop the check", "Ctrl+Shift+S", window.workbench.stop_check)
        run.addSeparator()
        python = self._add(
            run, "Copy the selected point as &Python", "Ctrl+Shift+C", window.taking_away.copy_python
        )
        table = window.results_panel.table.view
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        table.addAction(python)
        self.recent_runs = RecentRuns(window.workbench, run.addMenu("R&ecent runs"))

    def _fill_signal(self) -> None:
        """What is done with a signal of one's own."""
        menu, signals = self._window.menuBar().addMenu("&Signal"), self._window.signals
        self._add(menu, "&Try your own signal", "Ctrl+T", signals.try_own)
        self._add(menu, "&Import signal…", "Ctrl+I", signals.ask_for_file)
        self._add(menu, "Import &folder of outputs…", "Ctrl+Shift+M", signals.ask_for_folder)
        self._add(menu, "&Paste signal", "Ctrl+Shift+Y", signals.paste)
        self._add(menu, "Sa&ve template…", "Ctrl+Shift+W", signals.ask_where_to_save_template)
        menu.addSeparator()
        self._add(menu, "&Load region map…", "Ctrl+M", signals.ask_for_map)
        self._add(menu, "&Save region map…", "Ctrl+Shift+X", signals.ask_where_to_save_map)
        menu.addSeparator()
        self._add(menu, "Fit against several &analyses", "Ctrl+Shift+J", signals.show_compare)

    def _fill_help(self) -> None:
        """Finding everything else."""
        window = self._window
        find = window.menuBar().addMenu("H&elp")
        finder = CommandFinder(window, self, self.recent_runs)
        self._add(find, "&Commands, runs and pallets", "Ctrl+P", finder.find_command)
        self._add(find, "Look at an earlier &run", "Ctrl+R", finder.find_run)
        self._add(find, "&Keyboard shortcuts", "F1", finder.show_shortcuts)

    def _digest(self) -> str:
        """Of the analysis on show; empty where no pallet is open."""
        shown = self._window.compute_panel.shown
        return "" if shown is None else shown.analysis.digest

    def _fill_where(self) -> None:
        """Where the next run goes, and what can be done there."""
        window, places = self._window, self._window.compute_panel.places
        menu = window.menuBar().addMenu("&Where")
        self._cards = [
            self._add(menu, f"Compute on &{number} {TITLES.get(name, name)}", f"Alt+{number}", choose)
            for number, (name, choose) in enumerate(
                ((name, lambda name=name: places.choose(name)) for name in places.cards), start=1
            )
        ]
        menu.addSeparator()
        self._of_place = {
            "log in": self._add(menu, "&Log in…", "Ctrl+Shift+I", places.log_in_here),
            "log out": self._add(menu, "Log o&ut", "Ctrl+Shift+U", places.log_out_here),
            "options": self._add(menu, "&Options…", "Ctrl+Shift+P", places.fill_in_here),
            "check": self._add(menu, "&Check…", "Ctrl+Shift+T", places.try_out_here),
            "again": self._add(menu, "Look &again", "Ctrl+Shift+A", places.look_again),
        }
        menu.addSeparator()
        self._add(menu, "Set up an &endpoint…", "Ctrl+Shift+N", places.set_up)
        window.where.changed.connect(self.offer_places)
        self.offer_places()

    def offer_places(self) -> None:
        """What cannot be done with the chosen place, or while a run goes on, cannot be chosen either."""
        places, free = self._window.compute_panel.places, not self._window.workbench.running
        for entry in self._cards:
            entry.setEnabled(free)
        for name, entry in self._of_place.items():
            entry.setEnabled(name in places.possible)

    def _add(
        self,
        menu: QMenu,
        text: str,
        shortcut: QKeySequence.StandardKey | str,
        action: Callable[[], object],
    ) -> QAction:
        entry = QAction(text, self._window)
        entry.setShortcut(QKeySequence(shortcut))
        entry.triggered.connect(lambda: action())
        menu.addAction(entry)
        self.entries.append(entry)
        self.groups.setdefault(plain_text(menu.title()), []).append(entry)
        return entry

    def _offer(self) -> None:
        """What cannot be done with what the card shows cannot be chosen either."""
        card = self._window.pallet_panel.card
        self._act.setEnabled(card.can_act)
        self._versions.setEnabled(card.is_published)
        self._cite.setEnabled(card.is_published)
        for entry in self._of_kept:
            entry.setEnabled(card.is_kept)
