"""What the Compute panel asks of every point, and what comes back of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from fitgui.gui.fit_options import FitOptionsBox
from fitgui.gui.window import MainWindow
from fitgui.runs.plan import Check, RunPlan
from tests.gui.hands import (
    GRID,
    MINUTE,
    MakePallet,
    column,
    control,
    fit_all,
    open_and_wait,
    shown_columns,
    shown_texts,
)


def tick(qtbot: QtBot, window: MainWindow, name: str) -> QCheckBox:
    """Tick a box by the keyboard."""
    box: QCheckBox = control(window, QCheckBox, name)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    return box


def unfold(qtbot: QtBot, window: MainWindow) -> QToolButton:
    fold: QToolButton = control(window, QToolButton, "More options")
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    return fold


def choose_engine(window: MainWindow, title: str) -> None:
    box: QComboBox = control(window, QComboBox, "Engine")
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemText(i).startswith(title)))


def plan_of(window: MainWindow) -> RunPlan:
    bench = window.workbench
    assert bench.run_id is not None
    return bench._controller.plan(bench.run_id)


def test_newton_is_the_default_and_pyhf_comes_after_it(window: MainWindow) -> None:
    box: QComboBox = control(window, QComboBox, "Engine")
    titles = [box.itemText(i) for i in range(box.count())]
    assert box.currentText() == titles[0] == "newton · exact derivatives"
    assert titles[1] == "pyhf · NumPy, SLSQP"
    assert window.compute_panel.fit_options.engine == "newton"
    assert FitOptionsBox().check_points == 3, "a new user's first run is checked"


def test_everything_that_is_ticked_reaches_the_plan(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID[:2]))
    fold = unfold(qtbot, window)
    tick(qtbot, window, "Upper limits on μ")
    tick(qtbot, window, "Check with pyhf")
    tick(qtbot, window, "Pseudo-experiments")
    tick(qtbot, window, "Discovery p-value, p₀")
    tick(qtbot, window, "Second opinion, rates ≥ 0")
    for name, value in (("Pseudo-experiments per hypothesis", 100), ("Points to check", 1), ("Seed", 7)):
        control(window, QSpinBox, name).setValue(value)
    control(window, QComboBox, "Test statistic").setCurrentText("q")
    assert control(window, QCheckBox, "Check with pyhf").text() == "Check with pyhf (1 point)"
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert fold.text() == "More: toys, p₀, rates ≥ 0, q"
    fit_all(qtbot, window)
    plan = plan_of(window)
    options = plan.plan.options
    assert (options.engine, options.limits, options.discovery) == ("newton", True, True)
    assert (options.toys, options.seed) == (100, 7)
    assert (options.non_negative, options.test_statistic) == (True, "q")
    assert plan.check == Check(points=1, seed=7)
    assert {"μ₉₅ obs", "μ₉₅ exp", "p₀ obs", "CLs toys", "μ₉₅ toys"} <= set(shown_columns(window))
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    for row, name in enumerate(column(window, "Point")):
        result = snapshot.points[name].result
        assert result is not None
        assert result.limits is not None
        assert result.discovery is not None
        assert result.toys is not None
        assert column(window, "μ₉₅ obs")[row] == f"{result.limits.obs:.3f}"
        assert float(column(window, "p₀ obs")[row]) == pytest.approx(result.discovery.p0_obs, rel=0.05)
        assert result.toys.cls_obs is not None
        assert result.toys.cls_obs_error is not None
        value, error = map(float, column(window, "CLs toys")[row].split(" ± "))
        assert error == pytest.approx(result.toys.cls_obs_error, rel=0.05)
        assert value == pytest.approx(result.toys.cls_obs, abs=max(0.05 * error, 5e-5))
        assert result.toys.limits is not None
        told = column(window, "μ₉₅ toys")[row]
        if result.toys.limits.obs is None:
            assert told == "–"
        else:
            assert float(told.split(" ± ")[0]) == pytest.approx(result.toys.limits.obs, rel=0.05)


def test_pyhf_says_what_it_lacks(qtbot: QtBot, window: MainWindow) -> None:
    unfold(qtbot, window)
    toys = tick(qtbot, window, "Pseudo-experiments")
    number = control(window, QSpinBox, "Pseudo-experiments per hypothesis")
    assert window.compute_panel.fit_options.toys == number.value() == 1000
    choose_engine(window, "pyhf")
    assert not toys.isEnabled()
    assert not toys.isChecked(), "a tick would look as if it were asked for"
    assert not number.isEnabled()
    assert not control(window, QSpinBox, "Seed").isEnabled(), "nothing is drawn"
    assert "Not with this engine" in toys.toolTip()
    assert window.compute_panel.fit_options.toys == 0, "what is disabled is not asked for"
    assert not control(window, QCheckBox, "Second opinion, rates ≥ 0").isEnabled()
    assert control(window, QCheckBox, "Check with newton").isEnabled()
    choose_engine(window, "newton")
    assert toys.isEnabled()
    assert toys.isChecked(), "the wish is kept for an engine that can"
    assert control(window, QSpinBox, "Seed").isEnabled()
    assert window.compute_panel.fit_options.toys == 1000


def test_few_toys_are_allowed_with_a_hint(qtbot: QtBot, window: MainWindow) -> None:
    unfold(qtbot, window)
    tick(qtbot, window, "Pseudo-experiments")
    number = control(window, QSpinBox, "Pseudo-experiments per hypothesis")
    hint = "large error"
    assert hint not in shown_texts(window)
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "30")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert window.compute_panel.fit_options.toys == 30
    assert hint in shown_texts(window)
    choose_engine(window, "pyhf")
    assert hint not in shown_texts(window)


def test_limits_have_columns_only_where_there_are_limits(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    fit_all(qtbot, window)
    assert not {"μ₉₅ obs", "μ₉₅ exp", "p₀ obs", "CLs toys"} & set(shown_columns(window))
    colour = control(window, QComboBox, "Colour")
    offered = [colour.itemText(index) for index in range(colour.count())]
    assert offered[:2] == ["CLs observed", "CLs expected"]
    assert not any("limit" in text for text in offered)
    tick(qtbot, window, "Upper limits on μ")
    qtbot.waitUntil(lambda: window.compute_panel.ready, timeout=MINUTE)
    fit_all(qtbot, window)
    assert {"μ₉₅ obs", "μ₉₅ exp"} <= set(shown_columns(window))
    assert all(column(window, "μ₉₅ exp"))
    tooltip = window.results_panel.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Upper limit on μ at 95 % CL, observed" in tooltip
    assert "Upper limit expected at -2, -1, 0, +1, +2 sigma" in tooltip
    marks = window.results_panel.plane._marks.item
    before = list(marks.data["brush"])
    assert colour.isVisible()
    colour.setFocus()
    qtbot.keyClick(colour, Qt.Key.Key_Down)
    assert list(marks.data["brush"]) != before
    assert "μ" in window.results_panel.plane.bar.accessibleName()
    window.results_panel.tabs.setCurrentWidget(window.results_panel.log)
    assert not colour.isVisible(), "the log has no colours to choose"


def test_wishes_are_remembered(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    first = make_window_in(tmp_path / "data")
    tick(qtbot, first, "Upper limits on μ")
    control(first, QSpinBox, "Points to check").setValue(5)
    first.close()
    second = make_window_in(tmp_path / "data")
    assert control(second, QCheckBox, "Upper limits on μ").isChecked()
    assert control(second, QCheckBox, "Check with pyhf").text() == "Check with pyhf (5 points)"


@pytest.mark.parametrize("size", [(1024, 640), (1280, 720), (1920, 1080)])
def test_the_fold_cuts_nothing(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    unfold(qtbot, window)
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    inside = window.compute_panel.options
    for kind in (QCheckBox, QLabel, QSpinBox, QComboBox):
        for widget in inside.findChildren(kind):
            if widget.isVisible():
                assert widget.width() >= min(widget.sizeHint().width(), 64), widget
                right = widget.mapTo(window.compute_panel, widget.rect().topRight()).x()
                assert right < window.compute_panel.width(), widget
    last = control(window, QComboBox, "Test statistic")
    start = control(window, QCheckBox, "Second opinion, rates ≥ 0")
    start.setFocus()
    qtbot.keyClick(start, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())
