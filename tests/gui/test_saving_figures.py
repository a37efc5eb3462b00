"""Save figure… and Save report… of the window: chosen by keyboard, drawn on a thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from fitgui.gui.saving_figures import FigureChoice, FigureDialog
from fitgui.gui.window import MainWindow
from tests.gui.hands import GRID, cut_texts

MINUTE = 60_000


def entry(window: MainWindow, title: str) -> Callable[[], None]:
    (found,) = [one for one in window.actions_.entries if one.text().replace("&", "") == title]
    return found.trigger


def open_file_dialog(window: MainWindow) -> QFileDialog:
    return [one for one in window.findChildren(QFileDialog) if one.isVisible()][-1]


def test_a_figure_and_a_report_are_saved(
    qtbot: QtBot, window: MainWindow, make_pallet: Callable[..., Path], tmp_path: Path
) -> None:
    figure, report = tmp_path / "plane.svg", tmp_path / "report.html"
    entry(window, "Save figure…")()
    assert "press Run first" in window.results_panel.notice.text
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open(make_pallet(GRID))
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.run()

    entry(window, "Save figure…")()
    dialog = window.saving_figures.dialog
    assert isinstance(dialog, FigureDialog)
    qtbot.waitExposed(dialog)
    assert cut_texts(dialog) == []
    assert dialog.choice == FigureChoice("plane", "atlas", 178.0, "marks")
    assert dialog.what.findData("limits") == -1, "this run has none"
    dialog.style_.setCurrentIndex(1)
    dialog.next.click()
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)), timeout=MINUTE)
    files = open_file_dialog(window)
    files.selectNameFilter("SVG (*.svg)")
    files.fileSelected.emit(str(figure))
    files.reject()
    qtbot.waitUntil(lambda: "The figure is in" in window.results_panel.notice.text, timeout=MINUTE)
    assert "All limits at 95 % CL" in figure.read_text(encoding="utf-8")

    window.saving_figures.save_report(report)
    qtbot.waitUntil(lambda: "The report is in" in window.results_panel.notice.text, timeout=MINUTE)
    assert str(window.workbench.run_id) in report.read_text(encoding="utf-8")

    window.saving_figures.save_figure(tmp_path / "x.jpg", FigureChoice("plane", "atlas", 86.0, "marks"))
    qtbot.waitUntil(lambda: "ends in none of" in window.results_panel.notice.text, timeout=MINUTE)
