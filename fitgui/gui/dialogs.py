"""The few dialogs there are; each is opened without blocking, and deletes itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from fitgui import words
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState

ARCHIVES = "Pallets (*.tar *.tar.gz *.tgz *.tar.xz *.zip *.json);;All files (*)"


def ask_for_pallet(
    parent: QWidget, chosen: Callable[[str], object], *, folder: bool, start: str | None
) -> None:
    """Let the user choose an archive or a folder.

    Args:
        parent: the window.
        chosen: called with the path.
        folder: a folder rather than a file.
        start: the folder that is shown first.
    """
    dialog = QFileDialog(parent, "Open a folder that holds a pallet" if folder else "Open a pallet")
    dialog.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile)
    if not folder:
        dialog.setNameFilter(ARCHIVES)
    if start is not None:
        dialog.setDirectory(start)
    dialog.fileSelected.connect(chosen)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def ask_where_to_save(parent: QWidget, chosen: Callable[[Path], object]) -> None:
    """Let the user choose a file for the results."""
    dialog = QFileDialog(parent, "Save the results")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["Results as JSON (*.json)", "Table as CSV (*.csv)"])
    dialog.setDefaultSuffix("json")
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "json"))
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def ask_before_closing(
    parent: QWidget, snapshot: RunSnapshot | None, elapsed: float, leave: Callable[[], object]
) -> None:
    """Ask whether a run is to be interrupted; ``leave`` is called if so."""
    done = snapshot.counts[TaskState.DONE] if snapshot is not None else 0
    total = snapshot.total if snapshot is not None else 0
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(f"{done} of {total} points are fitted, {words.duration(elapsed)} into the run.")
    box.setInformativeText("Quit now? What is done is kept, and the run can be resumed.")
    quit_button = box.addButton("Quit", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Keep running", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    quit_button.clicked.connect(lambda: leave())
    box.open()


def ask_before_leaving(
    parent: QWidget,
    snapshot: RunSnapshot | None,
    place: str,
    *,
    leave: Callable[[], object],
    cancel: Callable[[], object],
) -> None:
    """Ask what is to become of a run that goes on without the window.

    Args:
        parent: the window.
        snapshot: of the run.
        place: where it goes on.
        leave: closes the window.
        cancel: cancels the run, and then closes the window.
    """
    done = snapshot.counts[TaskState.DONE] if snapshot is not None else 0
    total = snapshot.total if snapshot is not None else 0
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)  # whoever runs the endpoint has given it its name
    box.setText(f"{done} of {total} points are fitted. The run goes on at {place} without this window.")
    box.setInformativeText(
        "Close it and fetch the results later: open the same pallet again, and choose Fetch results."
    )
    later = box.addButton("Close, fetch later", QMessageBox.ButtonRole.AcceptRole)
    end = box.addButton("Cancel the run", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(later)
    box.setEscapeButton(stay)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    later.clicked.connect(lambda: leave())
    end.clicked.connect(lambda: cancel())
    box.open()


def tell_where(rescued: Path | None, trouble: str) -> QMessageBox:
    """The last word of a window whose journal is not written; keeps the program until it is read."""
    where = f"The results are in {rescued}" if rescued else "The last results could not be kept anywhere"
    box = QMessageBox(QMessageBox.Icon.Warning, "fitgui", f"{where}: {trouble}.")
    box.show()
    return box
