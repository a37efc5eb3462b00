"""The dialogs about files of signals and of maps; each is opened without blocking, and deletes itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

YIELDS: Final = (
    "Yields of a signal (*.csv *.tsv *.txt *.json *.dat *.saf *.py *.yaml *.xlsx)",
    "All files (*)",
)
MAPS: Final = ("Maps of regions (*.json)", "All files (*)")
SCAN: Final = "Many model points as CSV, a line for each (*.csv)"
TEMPLATES: Final = ("One model point as CSV (*.csv)", SCAN, "One model point as JSON (*.json)")


def ask_for_yields(parent: QWidget, chosen: Callable[[Path], object], *, folder: bool) -> None:
    """Let the user choose a file of yields, or a folder with the outputs of a tool."""
    title = "Import a folder of a tool's outputs, one for each model point" if folder else "Import a signal"
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile)
    if not folder:
        dialog.setNameFilters(list(YIELDS))
    _open(dialog, chosen)


def ask_for_map(parent: QWidget, chosen: Callable[[Path], object]) -> None:
    """Let the user choose a map of regions."""
    dialog = QFileDialog(parent, "Load a map of regions")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(list(MAPS))
    _open(dialog, chosen)


def ask_where_to_save_map(parent: QWidget, name: str, chosen: Callable[[Path], object]) -> None:
    """Let the user choose a file for a map of regions; ``name`` is proposed."""
    _open(_to_save(parent, "Save the map of regions", MAPS[:1], name), chosen)


def ask_where_to_save_template(parent: QWidget, name: str, chosen: Callable[[Path, bool], object]) -> None:
    """Let the user choose a file for a template of yields; ``name`` is proposed.

    Args:
        parent: the window.
        name: proposed.
        chosen: is called with the path, and whether it is for many model points.
    """
    dialog = _to_save(parent, "Save a template to fill in", TEMPLATES, name)
    _open(dialog, lambda path: chosen(path, dialog.selectedNameFilter() == SCAN))


def _to_save(parent: QWidget, title: str, filters: Sequence[str], name: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(filters))
    dialog.setDefaultSuffix("csv" if "csv" in filters[0] else "json")
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "json"))
    dialog.selectFile(name)
    return dialog


def _open(dialog: QFileDialog, chosen: Callable[[Path], object]) -> None:
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
