"""What the window lets a user take away beside the results: a submission for HEPData, a point as Python."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from fitgui import words
from fitgui.gui.which_run import RunChoiceDialog, ask_which_run
from fitgui.gui.workbench import Workbench
from fitgui.pallets.library.library import Library

NO_RESULTS = "There are no results to take away yet: press Run first."
ONE_POINT = "Select one fitted point, in the plane or in the table, to copy it as Python."


class TakingAway:
    """The actions; work is done on a thread."""

    def __init__(
        self,
        parent: QWidget,
        workbench: Workbench,
        library: Library,
        selected: Callable[[], Collection[str]],
        tell: Callable[[str, str], None],
    ) -> None:
        self._parent = parent
        self._workbench = workbench
        self._library = library
        self._selected = selected
        self._tell = tell
        self.dialog: RunChoiceDialog | None = None
        """Of which run, where that was asked last."""

    def copy_python(self) -> None:
        """Put a script for pyhf that reproduces the selected point on the clipboard."""
        bench, names = self._workbench, list(self._selected())
        pallet, last, session = bench.pallet, bench.run_plan, bench.session
        if pallet is None or last is None or session.snapshot is None:
            self._tell("warning", NO_RESULTS)
            return
        status = session.statuses.get(names[0]) if len(names) == 1 else None
        run = session.run_of(names[0]) if status is not None else None
        if status is None or status.result is None or run is None:
            self._tell("warning", ONE_POINT)
            return
        name, result, library = names[0], status.result, self._library

        def work() -> str:
            from fitgui.takeaway.script import make_script  # noqa: PLC0415 -- what it loads would be felt
            from fitgui.takeaway.script_of_run import script_point  # noqa: PLC0415

            # The options are those with which this point was fitted, perhaps in an earlier run.
            plan = last if run == session.run_id else bench.journal.run(run).plan
            return make_script(script_point(plan, pallet, name, result, run=run, library=library))

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._tell(
                "info", f"{name} is on the clipboard as a script for pyhf: paste it into a file, and run it."
            )

        self._tell("info", f"Writing {name} as a script for pyhf …")
        bench.bridge.run(
            work, done, lambda error: self._tell("error", _sentence(error, "No script was made"))
        )

    def ask_for_folder(self) -> None:
        """Let the user name the folder of a submission, and of which run where there are several."""
        if self._workbench.run_id is None:
            self._tell("warning", NO_RESULTS)
            return
        self.dialog = ask_which_run(
            "a submission", self._workbench.session, self._ask_for_folder, self._parent
        )

    def _ask_for_folder(self, run: str) -> None:
        dialog = QFileDialog(self._parent, "Save a submission for HEPData: a new folder")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder:")
        dialog.setNameFilter("Folders (*)")
        dialog.selectFile("hepdata-submission")
        dialog.fileSelected.connect(lambda name: self.save_submission(Path(name), run))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save_submission(self, folder: Path, which: str | None = None) -> None:
        """Write the results of the last run, or of another one, for HEPData."""
        bench = self._workbench
        run, snapshot, library = which or bench.run_id, bench.snapshot, self._library
        if run is None or snapshot is None:
            self._tell("warning", NO_RESULTS)
            return
        live = snapshot.copy() if run == bench.run_id else None

        def work() -> int:
            from fitgui.runs.recorded import snapshot_of  # noqa: PLC0415 -- as above
            from fitgui.takeaway.hepdata import save_submission  # noqa: PLC0415
            from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

            record = bench.journal.run(run)
            pallet = record.plan.pallet
            state = live if live is not None else snapshot_of(bench.journal, record)
            return save_submission(folder, record, state, provenance(pallet.source, pallet.digest, library))

        def done(tables: int) -> None:
            of = f" of run {run}" if which is not None and len(bench.session.runs) > 1 else ""
            count = words.count(tables, "table")
            self._tell("info", f"A submission of {count} for HEPData{of} is in {folder}")

        bench.bridge.run(
            work, done, lambda error: self._tell("error", _sentence(error, "The submission was not written"))
        )


def _sentence(error: Exception, otherwise: str) -> str:
    """The error's own sentence where it was written for users, else a plain one."""
    from fitgui.runs.journal import JournalError  # noqa: PLC0415
    from fitgui.runs.plan import RunError  # noqa: PLC0415
    from fitgui_backends.engines.base import FitError  # noqa: PLC0415

    told = isinstance(error, (RunError, JournalError, FitError))
    return words.capital(str(error)) if told else f"{otherwise}: {error}"
