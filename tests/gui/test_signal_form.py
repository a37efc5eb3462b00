"""The tab of a signal of one's own, in a real window: type, paste, undo, scale, read the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.analysis_choice import AnalysisChoice
from fitgui.gui.palette import CommandPalette
from fitgui.gui.signal.answering.wording import FITTING, READING
from fitgui.gui.signal.drafting.draft import Column
from fitgui.gui.signal.drafting.table_model import At
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.answer.verdict import State, cls_text
from fitgui.reinterpretation.model import BinRef, Treatment
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait, shown_texts
from tests.gui.tabs import go_to
from tests.gui.test_access import controls
from tests.reinterpretation.targets import ONE_LEPTON, STAU, fit, real_target

CTRL = Qt.KeyboardModifier.ControlModifier
SR = [BinRef("SR", number) for number in range(3)]


def view_of(window: MainWindow) -> SignalView:
    (view,) = [view for view in window.results_panel.views if isinstance(view, SignalView)]
    return view


def open_form(qtbot: QtBot, window: MainWindow, source: str | Path = "example") -> SignalView:
    open_and_wait(qtbot, window, source)
    go_to(qtbot, window, "Your signal")
    qtbot.waitUntil(lambda: view_of(window).target is not None, timeout=MINUTE)
    return view_of(window)


def answer(qtbot: QtBot, view: SignalView) -> State:
    """Of what stands in the form."""
    qtbot.waitUntil(
        lambda: not view.form.strip.is_stale and view.judgement is not None and view.judgement.final,
        timeout=MINUTE,
    )
    assert view.judgement is not None
    assert view.judgement.verdict is not None, view.judgement
    return view.judgement.verdict.state


def editor_of(view: SignalView) -> QLineEdit:
    """The line that is typed into; those that are closed already may still be there."""
    (line,) = [line for line in view.form.table.viewport().findChildren(QLineEdit) if line.isVisible()]
    return line


def type_text(qtbot: QtBot, view: SignalView, text: str) -> None:
    """Into the current cell, key by key, as far as the editor goes; Enter is the caller's."""
    view.form.table.setFocus()
    qtbot.keyClicks(view.form.table, text[0])
    qtbot.keyClicks(editor_of(view), text[1:])


def enter(qtbot: QtBot, view: SignalView, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    type_text(qtbot, view, text)
    qtbot.keyClick(editor_of(view), key)
    QApplication.processEvents()


def go_to_cell(view: SignalView, row: int, column: At = At.SIGNAL) -> None:
    view.form.table.setCurrentIndex(view.form.model.index(row, column))


def paste(qtbot: QtBot, view: SignalView, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    view.form.table.setFocus()
    qtbot.keyClick(view.form.table, Qt.Key.Key_V, CTRL)


def texts(view: SignalView, column: Column = Column.SIGNAL) -> list[str]:
    return [view.form.sheet.draft.text(row.place, column) for row in view.form.model.rows]


def test_typing_is_followed_and_can_be_undone(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    form = view.form
    assert "Is your signal excluded?" in shown_texts(window)
    assert not window.results_panel.table.isVisible()
    assert not cut_texts(view)
    qtbot.waitUntil(
        lambda: form.model.background is not None and form.model.background.post_fit, timeout=MINUTE
    )
    assert form.model.headerData(At.BACKGROUND, Qt.Orientation.Horizontal) == "Background\npost-fit"

    type_text(qtbot, view, "26")
    assert form.sheet.draft.is_empty  # still in the editor
    assert form.chart.stack is not None
    np.testing.assert_array_equal(form.chart.stack.signal[:3], [26.0, 0.0, 0.0])  # but the bars follow
    qtbot.keyClick(editor_of(view), Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert form.chart.stack.signal.sum() == 0.0
    assert texts(view)[:3] == ["", "", ""]

    enter(qtbot, view, "26")
    assert form.table.currentIndex().row() == 1
    assert "SR[1] has no yield, but other bins of SR have" in form.note.text()  # blank is not zero
    assert view.signal is None
    enter(qtbot, view, "20,7.5", Qt.Key.Key_Tab)
    assert (form.table.currentIndex().row(), form.table.currentIndex().column()) == (1, At.STATISTICAL)
    assert "“20,7.5” is not a number" in form.note.text()
    assert "Not fitted" in shown_texts(window)
    assert texts(view)[1] == "20,7.5"  # never lost
    qtbot.keyClick(editor_of(view), Qt.Key.Key_Escape)  # Tab opened the next cell
    QApplication.processEvents()
    go_to_cell(view, 1)
    enter(qtbot, view, "20.75")
    enter(qtbot, view, "7.3")
    assert answer(qtbot, view) is State.EXCLUDED
    assert "Excluded at 95 % CL: CLs = " in shown_texts(window)
    assert view.signal is not None
    assert view.signal.yields == {"SR": (26.0, 20.75, 7.3)}

    for expected in (["26", "20.75", ""], ["26", "20,7.5", ""], ["26", "", ""], ["", "", ""]):
        qtbot.keyClick(form.table, Qt.Key.Key_Z, CTRL)
        assert texts(view)[:3] == expected
    assert "Is your signal excluded?" in shown_texts(window)
    for _ in range(4):
        qtbot.keyClick(form.table, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert texts(view)[:3] == ["26", "20.75", "7.3"]
    assert answer(qtbot, view) is State.EXCLUDED


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [(Qt.Key.Key_Y, CTRL), (Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)],
    ids=["Ctrl+Y", "Ctrl+Shift+Z"],
)
def test_the_last_undone_edit_is_done_again(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    view = open_form(qtbot, window)
    tools = view.form.tools
    assert (tools.undo.isEnabled(), tools.redo.isEnabled()) == (False, False)
    enter(qtbot, view, "9.2")
    go_to_cell(view, 0)
    enter(qtbot, view, "1")
    assert tools.undo.toolTip() == "Undo typing 1 into SR[0]"
    tools.undo.trigger()
    assert texts(view)[0] == "9.2"
    assert tools.redo.isEnabled()
    assert (tools.undo.toolTip(), tools.redo.toolTip()) == (
        "Undo typing 9.2 into SR[0]",
        "Redo typing 1 into SR[0]",
    )
    qtbot.keyClick(view.form.table, key, modifiers)
    assert texts(view)[0] == "1"
    assert not tools.redo.isEnabled()
    tools.undo.trigger()
    enter(qtbot, view, "7")  # what was undone is gone
    assert not tools.redo.isEnabled()


def test_cells_are_pasted_copied_and_cleared(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    form = view.form
    paste(qtbot, view, "26\t0.8\t10 %\n20.75\t0.7\t10 %\n7.3\t0.2\t10 %\n")
    assert texts(view)[:3] == ["26", "20.75", "7.3"]
    assert texts(view, Column.SYSTEMATIC)[:3] == ["10 %"] * 3
    assert view.form.strip.told == FITTING  # the first answer takes a moment
    assert "9 cells pasted: SR[0] to SR[2]" in form.note.text()
    assert answer(qtbot, view) is State.EXCLUDED
    assert view.signal is not None
    assert view.signal.statistical == {"SR": (0.8, 0.7, 0.2)}
    (one,) = view.signal.systematics
    np.testing.assert_allclose(one.up["SR"], [2.6, 2.075, 0.73])
    np.testing.assert_allclose(one.down["SR"], [-2.6, -2.075, -0.73])

    go_to_cell(view, 1)
    for _ in range(2):
        qtbot.keyClick(form.table, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(form.table, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "20.75\t0.7\t10 %"
    qtbot.keyClick(form.table, Qt.Key.Key_Delete)
    assert texts(view)[:3] == ["26", "", "7.3"]
    qtbot.keyClick(form.table, Qt.Key.Key_Z, CTRL)
    assert texts(view)[:3] == ["26", "20.75", "7.3"]

    go_to_cell(view, 0)
    paste(qtbot, view, "[1.5, 2, 3e-1]")  # a list goes down
    assert texts(view)[:3] == ["1.5", "2", "3e-1"]
    go_to_cell(view, 7)
    before = form.sheet.draft
    paste(qtbot, view, "1\n2\n3")
    assert "there is room for 1 rows" in form.note.text()
    assert form.sheet.draft == before
    said: list[str] = []
    view.import_wanted.connect(lambda _text: said.append(form.note.text()))
    with qtbot.waitSignal(view.import_wanted, timeout=MINUTE) as wanted:
        paste(qtbot, view, "SR[0]\t5\nSR[1]\t4")
    assert wanted.args == ["SR[0]\t5\nSR[1]\t4"]
    assert said == [READING]
    qtbot.waitUntil(lambda: form.note.text() != READING, timeout=MINUTE)


def test_a_yield_is_typed_with_its_uncertainty_and_a_decimal_comma(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    enter(qtbot, view, "26,5 +- 0,8")
    assert texts(view)[0] == "26,5"
    assert texts(view, Column.STATISTICAL)[0] == "0,8"
    enter(qtbot, view, "20.75 ± 5%")
    enter(qtbot, view, "1,234")  # or a thousand?
    assert "“1,234” may be 1.234 or 1234" in view.form.note.text()
    go_to_cell(view, 2)
    enter(qtbot, view, "7,3")
    assert answer(qtbot, view) is State.EXCLUDED
    assert view.signal is not None
    assert view.signal.yields == {"SR": (26.5, 20.75, 7.3)}
    np.testing.assert_allclose(view.signal.statistical["SR"], [0.8, 1.0375, 0.0])
    qtbot.keyClick(view.form.table, Qt.Key.Key_Z, CTRL)
    go_to_cell(view, 0)
    paste(qtbot, view, "$26.5 \\pm 0.8$ \\\\\n$20.75 \\pm 0.7$ \\\\\n")
    assert texts(view)[:2] == ["26.5", "20.75"]
    assert texts(view, Column.STATISTICAL)[:2] == ["0.8", "0.7"]


def test_the_signal_is_scaled_and_the_answer_is_about_that(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, "26\n20.75\n7.3")
    assert answer(qtbot, view) is State.EXCLUDED
    view.form.scale.slider.setFocus()
    for _ in range(8):
        qtbot.keyClick(view.form.scale.slider, Qt.Key.Key_Left)
    assert view.form.scale.box.value() == pytest.approx(0.398, abs=1e-3)
    assert answer(qtbot, view) is State.NOT_EXCLUDED
    assert "Your signal × 0.398" in shown_texts(window)
    assert view.signal is not None
    np.testing.assert_allclose(view.signal.yields["SR"], np.array([26, 20.75, 7.3]) * 0.398)
    qtbot.keyClick(view.form.scale.slider, Qt.Key.Key_Z, CTRL)  # the whole way is one step
    assert view.form.sheet.draft.scale == 1.0
    assert answer(qtbot, view) is State.EXCLUDED


def test_a_published_point_is_fitted_as_it_is_until_it_is_changed(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    form = view.form
    points = view.target.analysis.points if view.target else ()
    point = points[20]
    qtbot.mouseClick(form.tools.published, Qt.MouseButton.LeftButton)
    (palette,) = window.findChildren(CommandPalette)
    qtbot.keyClicks(palette.line, point.name)
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not form.sheet.draft.is_empty, timeout=MINUTE)
    answer(qtbot, view)
    assert f"{point.name} (m_X" in form.note.text()
    assert "as published" in form.note.text()
    assert view.signal is not None
    assert view.signal.patch == point.operations
    before = view.signal
    go_to_cell(view, 1)
    enter(qtbot, view, "0.5")
    answer(qtbot, view)
    assert "changed here" in form.note.text()
    assert view.signal.patch is None
    assert view.signal.yields["SR"][1] == 0.5
    assert view.signal.yields["SR"][0] == before.yields["SR"][0]  # exact, though the cell is rounded
    assert view.signal.systematics == before.systematics


@pytest.mark.qt_log_ignore(r"This plugin does not support (raise|grabbing)", extend=True)  # of menus
def test_what_becomes_of_regions_without_yields_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    form = view.form
    paste(qtbot, view, "26\n20.75\n7.3")
    answer(qtbot, view)
    assert form.model.index(3, At.BLANK).data() == "keep ▾"
    go_to_cell(view, 3, At.BLANK)
    qtbot.keyClick(form.table, Qt.Key.Key_Return)
    (menu,) = [menu for menu in form.table.findChildren(QMenu) if menu.isVisible()]
    (leave_out,) = [action for action in menu.actions() if action.text().startswith("Leave it out")]
    leave_out.trigger()
    menu.close()
    assert form.sheet.draft.treatments == {"CR_W": Treatment.DROP}
    assert form.model.index(3, At.REGION).data(Qt.ItemDataRole.FontRole).strikeOut()
    assert form.chart.stack is not None
    assert np.isnan(form.chart.stack.observed[3])  # nothing is drawn that is not in the fit
    assert form.chart.stack.background[3] == 0.0
    answer(qtbot, view)
    assert any("CR_W" in finding.sentence for finding in form.findings.findings)
    go_to_cell(view, 3)
    paste(qtbot, view, "1\n1\n1")  # it has yields by now: it is fitted
    assert view.signal is not None
    assert "CR_W" in view.signal.yields
    answer(qtbot, view)
    assert not any("loses its control region" in finding.sentence for finding in form.findings.findings)


def test_a_signal_that_looks_wrong_is_fitted_only_if_the_user_insists(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, "260000\n207500\n73000")
    qtbot.waitUntil(lambda: view.judgement is not None and view.judgement.final, timeout=MINUTE)
    assert view.judgement is not None
    assert view.judgement.refusal
    assert "Not fitted" in shown_texts(window)
    (insist,) = [b for b in view.findChildren(QPushButton) if b.text() == "Fit it anyway" and b.isVisible()]
    assert not cut_texts(view)
    qtbot.mouseClick(insist, Qt.MouseButton.LeftButton)
    assert answer(qtbot, view) is State.EXCLUDED


def test_drafts_outlive_other_tabs_analyses_colours_and_sessions(
    qtbot: QtBot,
    make_window_in: Callable[[Path], MainWindow],
    two_regions: Path,
    tmp_path: Path,
) -> None:
    window = make_window_in(tmp_path / "data")
    view = open_form(qtbot, window, two_regions)
    paste(qtbot, view, "8\n16")
    answer(qtbot, view)
    (choice,) = window.findChildren(AnalysisChoice)
    choice.choose("RegionB")
    qtbot.waitUntil(
        lambda: view.target is not None and view.target.analysis.name == "RegionB", timeout=MINUTE
    )
    assert texts(view) == ["", ""]
    choice.choose("RegionA")
    qtbot.waitUntil(
        lambda: view.target is not None and view.target.analysis.name == "RegionA", timeout=MINUTE
    )
    assert texts(view) == ["8", "16"]
    answer(qtbot, view)

    window.look_choice.choose("dark")
    view = view_of(window)
    qtbot.waitUntil(lambda: texts(view) == ["8", "16"], timeout=MINUTE)
    answer(qtbot, view)
    view.form.sheet.stack.undo()  # the edits are still known
    assert texts(view) == ["", ""]
    view.form.sheet.stack.redo()
    window.look_choice.choose("light")
    go_to(qtbot, window, "Log")
    window._closing = True
    window.close()

    again = make_window_in(tmp_path / "data")
    view = open_form(qtbot, again, two_regions)
    assert texts(view) == ["8", "16"]
    answer(qtbot, view)


def test_every_control_of_the_form_has_a_name_and_is_reached_by_tab(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, "26\n20.75\n7.3")
    answer(qtbot, view)
    expected = {
        widget
        for widget in controls(window)
        if view.form.isAncestorOf(widget)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    assert [widget for widget in expected if not widget.accessibleName() or not widget.toolTip()] == []
    reached: set[QWidget] = set()
    view.form.table.setFocus()
    for _ in range(100):
        widget = QApplication.focusWidget() or window
        reached.add(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    assert expected - reached == set()
    assert view.form.chart.chart in reached
    assert view.form.scale.slider in reached


@pytest.mark.parametrize(
    ("file", "analysis", "name"),
    [(ONE_LEPTON, "BkgOnly", "C1N2_Wh_hbb_500_150"), (STAU, "Region-combined", "DS_160_1_Staus")],
    ids=["1Lbb", "stau"],
)
def test_published_points_of_real_searches_have_the_answer_of_a_run(
    qtbot: QtBot, window: MainWindow, real_pallets: Path, file: str, analysis: str, name: str
) -> None:
    open_and_wait(qtbot, window, real_pallets / file)
    (choice,) = window.findChildren(AnalysisChoice)
    choice.choose(analysis)
    go_to(qtbot, window, "Your signal")
    view = view_of(window)
    qtbot.waitUntil(lambda: view.target is not None, timeout=MINUTE)
    assert view.target is not None
    (point,) = [point for point in view.target.analysis.points if point.name == name]
    view.start_from(point)
    qtbot.waitUntil(lambda: not view.form.sheet.draft.is_empty, timeout=MINUTE)
    answer(qtbot, view)
    reference = fit(real_target(real_pallets, file, analysis), point.operations)
    assert f"CLs = {cls_text(reference.cls_obs)} (expected {cls_text(reference.cls_exp[2])})" in shown_texts(
        window
    )
    assert not cut_texts(view)


def test_a_measurement_without_signal_strength_says_so(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    folder = make_pallet(GRID)
    path = folder / "BkgOnly.json"
    document = json.loads(path.read_text())
    document["measurements"][0]["config"]["poi"] = ""
    path.write_text(json.dumps(document))
    open_and_wait(qtbot, window, folder)
    go_to(qtbot, window, "Your signal")
    view = view_of(window)
    qtbot.waitUntil(lambda: "No signal can be added" in shown_texts(window), timeout=MINUTE)
    assert "names no parameter of interest" in shown_texts(window)
    assert view.target is None
    assert not view.form.isEnabled()
    assert not cut_texts(view)
