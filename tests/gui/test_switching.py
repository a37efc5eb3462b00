"""Nothing on show ever belongs to another pallet, analysis or run."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.points_table import stretches
from fitgui.gui.window import MainWindow
from fitgui.pallets.plane import axis_title
from tests.gui.hands import GRID, MINUTE, column, control, fit_all, open_and_wait, primary

MakePallet = Callable[..., Path]
AGAIN = "Fit failed and cancelled points again"


def test_run_pressed_while_a_pallet_is_being_read_keeps_the_old_one(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    first, second = make_pallet(GRID, name="first"), make_pallet([[1.0, 2.0]], name="second")
    open_and_wait(qtbot, window, first)
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.open(second)
        window.run()
    assert window.workbench.pallet.name == "first"
    assert "first" in window.windowTitle()
    assert set(column(window, "State")) == {"✓ fitted"}
    assert len(column(window, "Point")) == len(GRID)


def test_retry_is_about_the_analysis_on_show(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, name="first", broken=[1]))
    fit_all(qtbot, window)
    again = control(window, QPushButton, AGAIN)
    assert again.isVisible()
    open_and_wait(qtbot, window, make_pallet([[1.0, 2.0]], name="second"))
    assert not again.isVisible()
    assert window.workbench.run_id is None
    assert column(window, "State") == ["· not fitted"]


def test_results_come_back_with_their_analysis(qtbot: QtBot, window: MainWindow, two_regions: Path) -> None:
    open_and_wait(qtbot, window, two_regions)
    box = control(window, QComboBox, "Analysis")
    assert box.count() == 2
    fit_all(qtbot, window)
    first = column(window, "CLs obs")
    assert all(first)
    box.setCurrentIndex(1)
    assert not any(column(window, "CLs obs"))
    box.setCurrentIndex(0)
    assert column(window, "CLs obs") == first


def test_a_second_run_adds_to_the_first(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    names = column(window, "Point")
    pattern = control(window, QLineEdit, "Name pattern")
    for name in names[:2]:
        pattern.clear()
        qtbot.keyClicks(pattern, name)
        qtbot.waitUntil(primary(window).isEnabled, timeout=MINUTE)
        fit_all(qtbot, window)
    assert column(window, "State") == ["✓ fitted"] * 2 + ["· not fitted"] * (len(GRID) - 2)


def test_a_pattern_marks_what_it_matches(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    qtbot.keyClicks(control(window, QLineEdit, "Name pattern"), "*_200.0_*")
    assert window.results_panel.table.selected() == {"point_200.0_0.0", "point_200.0_50.0"}


def test_results_are_saved_from_the_window(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    fit_all(qtbot, window)
    path = tmp_path / "results.json"
    with qtbot.waitSignal(window.workbench.saved, timeout=MINUTE):
        window.workbench.export(path)
    saved = json.loads(path.read_text())
    assert [f"{point['cls_obs']:.4f}" for point in saved["points"]] == column(window, "CLs obs")
    assert str(path) in window.results_panel.notice.text


def test_a_damaged_journal_is_told(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], tmp_path: Path, make_pallet: MakePallet
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "journal.sqlite").write_bytes(b"this is not a database" * 1000)
    window = make_window_in(folder)
    assert "journal" in window.results_panel.notice.text
    open_and_wait(qtbot, window, make_pallet(GRID))
    assert "journal" in window.results_panel.notice.text
    assert "journal" in window.results_panel.log.toPlainText()


def test_the_sort_arrow_goes_with_the_sorting(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, name="first"))
    view = window.results_panel.table.view
    view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    open_and_wait(qtbot, window, make_pallet(GRID, name="second"))
    assert view.horizontalHeader().sortIndicatorSection() == -1
    assert column(window, "Point")[0] == "point_100.0_0.0"


@given(st.sets(st.integers(0, 60)))
def test_stretches_hold_every_row_once(rows: set[int]) -> None:
    found = stretches(sorted(rows))
    assert [row for first, last in found for row in range(first, last + 1)] == sorted(rows)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))


@pytest.mark.parametrize("label", ["m1", "mst", "mn2", "m_X", "m(C1)", "mass", "mN1", "M1"])
def test_masses_get_their_unit(label: str) -> None:
    assert axis_title(label, np.array([100.0, 900.0])) == f"{label} [GeV]"


@pytest.mark.parametrize("label", ["mu", "model", "m1 [TeV]", "mixing", "tanb", "width"])
def test_nothing_else_gets_a_unit(label: str) -> None:
    assert axis_title(label, np.array([100.0, 900.0])) == label
