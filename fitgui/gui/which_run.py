"""Of which run a file is, where the results on show are of several."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from fitgui import words
from fitgui.gui.session import SessionResults
from fitgui.gui.where.panel_dialog import PanelDialog
from fitgui.gui.widgets import describe, narrow_combo, push_button, text_label


class RunChoiceDialog(PanelDialog):
    """Which run is saved; each has its own options, times and machine, which one file cannot mix.

    Args:
        what: is to be saved: ``a report``.
        session: the results on show.
        chosen: called with the name of the run.
        parent: the window.
    """

    def __init__(
        self, what: str, session: SessionResults, chosen: Callable[[str], object], parent: QWidget
    ) -> None:
        runs = session.runs
        super().__init__("Which run?", f"The results on show are of {len(runs)} runs", parent)
        self._chosen = chosen
        whole = sum(runs.values())
        last = runs[session.run_id or next(iter(runs))]
        self.sentence = text_label(
            f"{words.capital(what)} is of one run, with its options and its times. The last one has {last} "
            f"of the {words.count(whole, 'fitted point')} on show; save the others on their own.",
            wrap=True,
        )
        self.body.addWidget(self.sentence)
        self.run = narrow_combo("Run", "The run that is saved, and how many of the points on show are of it")
        for run, count in runs.items():
            more = ", the last run" if run == session.run_id else ""
            self.run.addItem(f"{run}: {count} of {whole} points{more}", run)
        form, label = QFormLayout(), QLabel("Run")
        label.setBuddy(self.run)
        form.addRow(label, self.run)
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.buttons.addStretch(1)
        self.buttons.addWidget(push_button("Cancel", "Save nothing", self.reject))
        self.next = push_button("Go on…", "Say where it is saved", self._go, role="action")
        self.next.setDefault(True)
        self.buttons.addWidget(self.next)
        describe(self, "Which run", self.sentence.text())
        self.setToolTip("")

    def _go(self) -> None:
        run = str(self.run.currentData())
        self.accept()
        self._chosen(run)


def ask_which_run(
    what: str, session: SessionResults, chosen: Callable[[str], object], parent: QWidget
) -> RunChoiceDialog | None:
    """Ask, where there is more than one run; else it is the only one.

    Args:
        what: is to be saved: ``a report``.
        session: the results on show, of a run at least.
        chosen: called with the name of the run.
        parent: the window.
    """
    runs = session.runs
    if len(runs) < 2:
        chosen(next(iter(runs)))
        return None
    dialog = RunChoiceDialog(what, session, chosen, parent)
    dialog.open_at(520, 220)
    return dialog
