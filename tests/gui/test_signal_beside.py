"""The tab of a signal of one's own beside what else there is: other analyses, scans, runs, signals."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from fitgui.gui.analysis_choice import AnalysisChoice
from fitgui.gui.signal.drafting.draft import Column
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.patching.own_pallet import own_pallet
from fitgui.reinterpretation.patching.patch import signal_point
from tests.gui.hands import MINUTE, open_and_wait, shown_texts
from tests.gui.tabs import go_to
from tests.gui.test_signal_form import answer, enter, go_to_cell, open_form, paste, texts, view_of
from tests.reinterpretation.targets import STAU


def test_what_a_paste_leaves_is_said_and_an_imported_signal_is_replaced(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_form(qtbot, window)
    form = view.form
    go_to_cell(view, 3)
    paste(qtbot, view, "1\n1\n1")
    go_to_cell(view, 0)
    paste(qtbot, view, "26\t0.8\n20.75\t0.7\n7.3\t0.2")
    assert form.note.text() == "⚠ 6 cells pasted: SR[0] to SR[2]. CR_W keeps its yields."
    assert view.signal is not None
    assert view.signal.yields["CR_W"] == (1.0, 1.0, 1.0)
    paste(qtbot, view, "2\n2\n2")
    assert "the pasted yields have the uncertainties that stood beside them" in form.note.text()

    assert view.target is not None
    point = view.target.analysis.points[20]
    view.start_from(point)
    qtbot.waitUntil(lambda: view.form.sheet.draft.published == point.name, timeout=MINUTE)
    assert any(texts(view, Column.SYSTEMATIC))
    go_to_cell(view, 1)
    enter(qtbot, view, "0.5")
    assert "cells changed here" in form.note.text()
    go_to_cell(view, 0)
    paste(qtbot, view, "26\n20.75\n7.3")  # another signal: nothing is left of the published one
    assert view.signal is not None
    assert view.signal.yields == {"SR": (26.0, 20.75, 7.3)}
    assert (view.signal.name, view.signal.values) == ("My signal", {})
    assert view.signal.systematics == ()
    assert "⚠" not in form.note.text()
    form.stand(form._standing)
    assert form.note.text() == "My signal: typed."


def test_the_numbers_of_a_run_leave_their_room(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    panel = window.results_panel
    assert not panel.headline.isVisible()
    assert not panel.check_line.isVisible()
    panel.show_plane()
    assert panel.headline.isVisible()
    assert "signal points" in shown_texts(window)
    window.run()
    go_to(qtbot, window, "Your signal")
    qtbot.waitUntil(lambda: panel.headline.isVisible() or not window.workbench.running, timeout=MINUTE)
    assert panel.headline.height() < 3 * view.fontMetrics().height()  # the bar
    qtbot.waitUntil(lambda: not window.workbench.running, timeout=MINUTE)
    qtbot.waitUntil(lambda: not panel.headline.isVisible(), timeout=MINUTE)


def test_a_scan_has_a_form_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, "26\n20.75\n7.3")
    answer(qtbot, view)
    target, signal = view.target, view.signal
    assert target is not None
    assert signal is not None
    pallet = own_pallet(target, "scan", [signal_point(target, signal, {})], [])
    window.workbench.open_own(pallet)
    qtbot.waitUntil(
        lambda: view.target is not None and view.target.analysis is pallet.analyses[0], timeout=MINUTE
    )
    assert texts(view)[:3] == ["", "", ""]  # what was typed is no part of it
    open_and_wait(qtbot, window, "example")
    go_to(qtbot, window, "Your signal")
    qtbot.waitUntil(lambda: texts(view)[:3] == ["26", "20.75", "7.3"], timeout=MINUTE)


def test_yields_follow_to_an_analysis_with_the_same_regions(
    qtbot: QtBot, window: MainWindow, real_pallets: Path
) -> None:
    open_and_wait(qtbot, window, real_pallets / STAU)
    (choice,) = window.findChildren(AnalysisChoice)
    choice.choose("Region-combined")
    go_to(qtbot, window, "Your signal")
    view = view_of(window)
    qtbot.waitUntil(lambda: view.target is not None, timeout=MINUTE)
    paste(qtbot, view, "9.2\n11.4")
    for analysis, expected, told in (
        ("Region-lowMass", ["9.2", "", ""], "⚠ Yields of the same regions were taken over from"),
        ("Region-highMass", ["", "", ""], "⚠ No region with yields is in this analysis"),
        ("Region-combined", ["9.2", "11.4", "", "", ""], ""),
    ):
        choice.choose(analysis)
        qtbot.waitUntil(
            lambda name=analysis: view.target is not None and view.target.analysis.name == name,
            timeout=MINUTE,
        )
        assert texts(view) == expected
        assert view.form.note.text().startswith(told)
