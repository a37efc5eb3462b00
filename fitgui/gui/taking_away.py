"""What the window lets a user take away beside the results: a submission for HEPData, a point as Python."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from fitgui import words
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

    def copy_python(self) -> None:
        """Put a script for pyhf that reproduces the selected point on the clipboard."""
        bench, names = self._workbench, list(self._selected())
        pallet, plan, run, snapshot = bench.pallet, bench.run_plan, bench.run_id, bench.snapshot
        if pallet is None or plan is None or run is None or snapshot is None:
            self._tell("warning", NO_RESULTS)
            return
        status = snapshot.points.get(names[0]) if len(names) == 1 else None
        if status is None or status.result is None:
            self._tell("warning", ONE_POINT)
            return
        name, result, library = names[0], status.result, self._library

        def work() -> str:
            from fitgui.takeaway.script import make_script  # noqa: PLC0415 -- what it loads would be felt
            from fitgui.takeaway.script_of_run import script_point  # noqa: PLC0415

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
        """Let the user name the folder of a submission."""
        if self._workbench.run_id is None:
            self._tell("warning", NO_RESULTS)
            return
        dialog = QFileDialog(self._parent, "Save a submission for HEPData: a new folder")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder:")
        dialog.setNameFilter("Folders (*)")
        dialog.selectFile("hepdata-submission")
        dialog.fileSelected.connect(lambda name: self.save_submission(Path(name)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save_submission(self, folder: Path) -> None:
        """Write the results of the run on show for HEPData."""
        bench = self._workbench
        run, snapshot, library = bench.run_id, bench.snapshot, self._library
        if run is None or snapshot is None:
            self._tell("warning", NO_RESULTS)
            return
        state = snapshot.copy()

        def work() -> int:
            from fitgui.takeaway.hepdata import save_submission  # noqa: PLC0415 -- as above
            from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

            record = bench.journal.run(run)
            pallet = record.plan.pallet
            return save_submission(folder, record, state, provenance(pallet.source, pallet.digest, library))

        def done(tables: int) -> None:
            self._tell("info", f"A submission of {words.count(tables, 'table')} for HEPData is in {folder}")

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
