"""Save figure… and Save report… of the window: chosen by keyboard, drawn on a thread."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from fitgui.exclusion.model import Line, Surface
from fitgui.figures.of_run import What
from fitgui.figures.style import Style, sheet
from fitgui.gui.limits import wording
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.plane.compared import Overlay
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.plane.quantities import QUANTITIES
from fitgui.gui.saving_figures import FigureChoice, FigureDialog
from fitgui.gui.which_run import RunChoiceDialog
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import FitOptions
from tests.figures.inspecting import curves, words_of
from tests.gui.hands import GRID, cut_texts, fit_all, open_and_wait

SVG = "{http://www.w3.org/2000/svg}"
MINUTE = 20_000


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


def fit_again(qtbot: QtBot, window: MainWindow, names: set[str], options: FitOptions) -> None:
    """As with points that were chosen with a lasso."""
    shown = window.compute_panel.shown
    assert shown is not None
    points = [point for point in shown.points if point.name in names]
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.workbench.start(shown.analysis, points, options)


def marks_in(svg: Path, gid: str) -> int:
    """How many marks a group of a figure has."""
    groups = [one for one in ET.parse(svg).iter(f"{SVG}g") if one.get("id") == gid]
    return sum(1 for group in groups for _ in group.iter(f"{SVG}use"))


def test_what_is_taken_away_after_two_runs_is_what_the_plane_shows(
    qtbot: QtBot, window: MainWindow, make_pallet: Callable[..., Path], tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, broken=[1]))
    fit_all(qtbot, window)
    bench, view = window.workbench, window.results_panel.plane_page.view
    first = bench.run_id
    again = {"point_100.0_0.0", "point_200.0_0.0"}
    fit_again(qtbot, window, again, FitOptions(engine="newton", limits=True))
    second = bench.run_id
    assert first is not None
    assert second is not None
    assert bench.session.runs == {second: 2, first: 3}

    # The figure: all points of the plane, also the failed one, and its very contours.
    qtbot.waitUntil(lambda: view.up_to_date and view.exclusion is not None, timeout=MINUTE)
    exclusion = view.exclusion
    assert exclusion is not None
    assert len(exclusion.points.names) == 5
    assert exclusion.contours[Surface.EXPECTED]
    figure = tmp_path / "plane.svg"
    window.saving_figures.save_figure(figure, FigureChoice("plane", "neutral", 178.0, "marks"))
    qtbot.waitUntil(lambda: "The figure is in" in window.results_panel.notice.text, timeout=MINUTE)
    assert marks_in(figure, "points") == 5
    assert marks_in(figure, "failed") == 1
    text = figure.read_text(encoding="utf-8")
    assert "1 of 6 points left out of the contours" in text
    assert "Results of 2 runs" in text
    make = window.saving_figures._maker("marks", beside=False)
    assert make is not None
    with sheet(Style.NEUTRAL) as where:
        drawn = make()[2].draw(What.PLANE, where)
        for surface in (Surface.OBSERVED, Surface.EXPECTED):
            lines, found = exclusion.contours[surface], curves(drawn, str(surface))
            assert len(found) == len(lines)
            for line, curve in zip(lines, found, strict=True):
                np.testing.assert_array_equal(curve, np.column_stack([line.x, line.y]))

    # A point of each run as Python: with the run in which it was fitted.
    for name, run in (("point_300.0_0.0", first), ("point_200.0_0.0", second)):
        window.results_panel.table.select({name})
        entry(window, "Copy the selected point as Python")()
        qtbot.waitUntil(lambda name=name: f"{name} is on the clipboard" in notice(window), timeout=MINUTE)
        script = QGuiApplication.clipboard().text()
        assert run in script
        assert ({first, second} - {run}).pop() not in script

    # A report, a submission and a file of results are of one run: the dialog says of how much, and asks.
    entry(window, "Save report…")()
    dialog = window.saving_figures.run_dialog
    assert isinstance(dialog, RunChoiceDialog)
    qtbot.waitExposed(dialog)
    assert cut_texts(dialog) == []
    assert "2 of the 5 fitted points" in " ".join(dialog.sentence.text().split())
    assert dialog.run.currentData() == second
    dialog.run.setCurrentIndex(1)
    dialog.next.click()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(QFileDialog)))
    report, table = tmp_path / "report.html", tmp_path / "results.json"
    open_file_dialog(window).fileSelected.emit(str(report))
    open_file_dialog(window).reject()
    qtbot.waitUntil(lambda: "The report is in" in notice(window), timeout=MINUTE)
    assert first in report.read_text(encoding="utf-8")
    with qtbot.waitSignal(bench.saved, timeout=MINUTE):
        bench.export(table, first)
    assert len(json.loads(table.read_text(encoding="utf-8"))["points"]) == 6
    folder = tmp_path / "submission"
    window.taking_away.save_submission(folder, first)
    qtbot.waitUntil(lambda: f"for HEPData of run {first} is in" in notice(window), timeout=MINUTE)


def test_what_is_chosen_in_the_views_is_in_the_figure(
    qtbot: QtBot, window: MainWindow, make_pallet: Callable[..., Path], tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open(make_pallet(GRID))
    shown = window.compute_panel.shown
    assert shown is not None
    names = {point.name for point in shown.points}
    fit_again(qtbot, window, names, FitOptions(engine="newton", limits=True))
    panel = window.results_panel
    page = panel.plane_page
    choices = replace(page.toolbar.choices, contours=Wanted(observed=False, band=False, wide_band=True))
    page.toolbar.show_choices(choices)
    page.view.show_choices(choices)
    page.view.colour_by(QUANTITIES[1])
    kept = {Surface.OBSERVED: (Line(np.array([100.0, 300.0]), np.array([0.0, 50.0]), closed=False),)}
    page.view.show_overlays([Overlay("here", "Another one", kept)])
    panel.show_titled("Limits")
    (limits,) = [one for one in panel.views if isinstance(one, LimitsView)]
    masses = tmp_path / "sigma.csv"
    masses.write_text("mass [GeV], xsec [pb]\n50, 2\n400, 0.01\n")
    with qtbot.waitSignal(limits.sections.changed, timeout=MINUTE):
        limits.sections.open(masses)
    limits._line_box.setCurrentIndex(1)
    limits._choose_line(1)
    assert limits.limits is not None
    assert limits.limits.quantity == "sigma"
    assert wording.ASSUMED in limits.remark
    assert cut_texts(limits) == []

    entry(window, "Save figure…")()
    dialog = window.saving_figures.dialog
    assert isinstance(dialog, FigureDialog)
    assert dialog.choice == FigureChoice("cross-section", "atlas", 178.0, "colours")
    assert dialog.marks.currentText() == "μ limit observed as colours"
    assert dialog.what.findData("workers") >= 0
    dialog.reject()
    make = window.saving_figures._maker("colours", beside=False)
    assert make is not None
    with sheet(Style.NEUTRAL) as where:
        figures = make()[2]
        plane = figures.draw(What.PLANE, where)
        assert curves(plane, str(Surface.OBSERVED)) == []
        said = words_of(plane)
        assert "Expected ±2 σ" in said
        assert "Expected ±1 σ" not in said
        assert "Another one" in said
        assert "95 % CL upper limit on μ, observed" in [axes.get_ylabel() for axes in plane.figure.axes]
        line = figures.draw(What.CROSS_SECTION, where)
        (curve,) = curves(line, "observed")
        np.testing.assert_allclose(curve[:, 1], limits.limits.obs)
        assert "m2 = 50" in words_of(line)
        assert "branching fraction included" in words_of(line)
        assert "Fits" in words_of(figures.draw(What.WORKERS, where))


def notice(window: MainWindow) -> str:
    return window.results_panel.notice.text
