"""A run is compared with pyhf, in the background: in a line, in the table, in a view of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.check_words import verdict_of
from fitgui.gui.log_panel import describe_event
from fitgui.gui.session import SessionResults
from fitgui.gui.window import MainWindow
from fitgui.runs.check import summary
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.events import (
    CheckStateChanged,
    PointChecked,
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
)
from fitgui_backends.results import FitResult, TwiceNll
from tests.gui.hands import GRID, MINUTE, MakePallet, column, control, fit_all, open_and_wait
from tests.gui.tabs import go_to

PATIENCE = 5 * MINUTE


def wait_for_check(qtbot: QtBot, window: MainWindow) -> None:
    bench = window.workbench
    qtbot.waitUntil(
        lambda: bench.snapshot is not None and bench.snapshot.check_state == "done", timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: "hecking" not in window.results_panel.check_line.text, timeout=MINUTE)


def button(window: MainWindow, text: str) -> QPushButton:
    (found,) = [b for b in window.results_panel.findChildren(QPushButton) if b.text() == text]
    return found


def test_agreement_is_told_with_its_size(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    # Enough points for a run that lasts some frames.
    open_and_wait(qtbot, window, make_pallet([[float(i), float(j)] for i in range(20) for j in range(20)]))
    line = window.results_panel.check_line
    assert not line.isVisible()
    control(window, QCheckBox, "Check with pyhf").setChecked(True)
    ends: list[str] = []
    window.workbench.run_ended.connect(ends.append)
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        window.run()
    qtbot.waitUntil(lambda: line.text == "3 points will be checked with pyhf after the run", timeout=MINUTE)
    assert button(window, "Stop check").isVisible(), "a check that waits can be given up, too"
    qtbot.waitUntil(lambda: ends != [], timeout=2 * MINUTE)
    wait_for_check(qtbot, window)
    assert line.text.startswith("✓ CLs agrees with pyhf on 3 of 3 points, largest difference ")
    assert float(line.text.rsplit(" ", 1)[1]) < 1e-4
    assert column(window, "State").count("✓ fitted, agrees") == 3
    assert ends == ["done"], "the end of a run is told once"
    log = window.results_panel.log.toPlainText()
    assert "Checking 3 points with pyhf" in log
    assert log.count("✓ check of") == 3
    row = next(i for i, text in enumerate(column(window, "State")) if "agrees" in text)
    tooltip = window.results_panel.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Check with pyhf: ✓ agrees" in tooltip


def test_a_finished_run_can_be_checked_and_checked_further(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID[:5]))
    fit_all(qtbot, window)
    line = window.results_panel.check_line
    assert line.text == "Not compared with pyhf yet"
    qtbot.mouseClick(button(window, "Check with pyhf"), Qt.MouseButton.LeftButton)
    wait_for_check(qtbot, window)
    assert "3 of 3 points" in line.text
    qtbot.mouseClick(button(window, "Check more with pyhf"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "5 of 5 points" in line.text, timeout=PATIENCE)
    wait_for_check(qtbot, window)
    assert not button(window, "Check more with pyhf").isVisible(), "nothing is left to check"


def test_a_check_goes_on_while_another_analysis_is_on_show(
    qtbot: QtBot, window: MainWindow, two_regions: Path
) -> None:
    open_and_wait(qtbot, window, two_regions)
    control(window, QCheckBox, "Check with pyhf").setChecked(True)
    fit_all(qtbot, window)
    checked = window.workbench.snapshot
    assert checked is not None
    box = control(window, QComboBox, "Analysis")
    box.setCurrentIndex(1)
    assert not window.results_panel.check_line.isVisible()
    qtbot.waitUntil(lambda: checked.check_state == "done", timeout=PATIENCE)
    assert not any("agrees" in text for text in column(window, "State"))
    box.setCurrentIndex(0)
    assert "CLs agrees with pyhf on 3 of 3 points" in window.results_panel.check_line.text
    assert column(window, "State").count("✓ fitted, agrees") == 3


def test_where_pyhf_is_wrong_on_a_published_pallet_the_window_says_so(
    qtbot: QtBot, window: MainWindow, real_pallets: Path
) -> None:
    open_and_wait(qtbot, window, real_pallets / "atlas-susy-2018-06-3L-eRJR.tar.gz")
    control(window, QCheckBox, "Check with pyhf").setChecked(True)
    window.results_panel.preview({"ERJR_300p0_100p0", "ERJR_350p0_100p0"})
    window.compute_panel.fit_selected()
    fit_all(qtbot, window)
    wait_for_check(qtbot, window)
    text = window.results_panel.check_line.text
    assert text.startswith(
        "⚠ pyhf differs on 2 of 2 points. ERJR_300p0_100p0: CLs 0.0181 (newton) against 0.99"
    )
    assert "is lower by 30.7 in 2NLL" in text
    assert column(window, "State").count("⚠ fitted, differs") == 2
    # By the keyboard: to the view, down its rows; the point is selected everywhere.
    go_to(qtbot, window, "Check")
    table = control(window, QTableWidget, "Checked points")
    assert table.hasFocus()
    panel = window.results_panel.check
    assert panel.current == "ERJR_300p0_100p0", "the largest difference comes first"
    assert "pyhf stopped above the minimum" in panel.details.toPlainText()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert panel.current == "ERJR_350p0_100p0"
    assert panel.details.toPlainText().startswith("ERJR_350p0_100p0")
    assert window.results_panel.table.selected() == {"ERJR_350p0_100p0"}


def test_a_check_is_stopped(qtbot: QtBot, window: MainWindow, real_pallets: Path) -> None:
    open_and_wait(qtbot, window, real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz")
    control(window, QCheckBox, "Check with pyhf").setChecked(True)
    window.results_panel.preview({point.name for point in window.compute_panel.chosen_points[:3]})
    window.compute_panel.fit_selected()
    fit_all(qtbot, window)
    line = window.results_panel.check_line
    qtbot.waitUntil(lambda: line.text.startswith("Checking 3 points with pyhf: "), timeout=MINUTE)
    qtbot.mouseClick(button(window, "Stop check"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "The check was given up" in line.text, timeout=MINUTE)
    assert button(window, "Check with pyhf").isVisible()
    assert column(window, "State").count("✓ fitted") + column(window, "State").count("⚠ fitted") == 3


def result(name: str, cls_obs: float, free: float) -> FitResult:
    return FitResult(
        name=name,
        cls_obs=cls_obs,
        cls_exp=(0.01, 0.02, 0.03, 0.04, 0.05),
        mu_hat=0.1,
        twice_nll=TwiceNll(free=free, mu0=free + 1, mu1=free + 2, asimov_mu1=1.0),
        converged=True,
    )


def followed(*events: RunEvent) -> SessionResults:
    names = ("a", "b", "c", "d")
    session = SessionResults()
    snapshot = RunSnapshot(names)
    begun: list[RunEvent] = [RunStarted(backend="local", workers=2, points=names)]
    begun += [PointFitted(result=result(name, 0.2, 10.0)) for name in names]
    begun += [RunFinished(outcome="done", wall_seconds=1.0)]
    for number, event in enumerate([*begun, *events], start=1):
        snapshot.apply(StampedEvent(sequence=number, time=0.0, elapsed=1.0, event=event))
    session.begin("run", snapshot)
    return session


ASKED = CheckStateChanged(
    state="running", wanted=3, points=("a", "b", "c"), engine="newton", reference="pyhf"
)
SAME = PointChecked(name="a", reference=result("a", 0.2 + 3e-6, 10.0))
OTHER = PointChecked(name="b", reference=result("b", 0.9, 40.7))
SILENT = PointChecked(name="c", reference=None, error="pyhf took longer than 1800 s")
DONE = CheckStateChanged(state="done", wanted=3, points=("a", "b", "c"), engine="newton", reference="pyhf")


@pytest.mark.parametrize(
    ("events", "role", "text"),
    [
        ((), "muted", "Not compared with pyhf yet"),
        (
            (CheckStateChanged(state="waiting", wanted=3),),
            "muted",
            "3 points will be checked with pyhf after the run",
        ),
        ((ASKED,), "muted", "Checking 3 points with pyhf: 0 of 3 done"),
        ((ASKED, SAME), "muted", "Checking 3 points with pyhf: 1 of 3 done"),
        (
            (ASKED, SAME, OTHER),
            "warning",
            "Checking 3 points with pyhf: 2 of 3 done. ⚠ pyhf differs on 1 of 2 points. b: "
            "CLs 0.2000 (newton) against 0.9000 (pyhf); newton's free fit is lower by 30.7 in 2NLL",
        ),
        ((ASKED, SAME, DONE), "good", "✓ CLs agrees with pyhf on 1 of 1 point, largest difference 3e-06"),
        ((ASKED, SAME, SILENT, DONE), "warning", "⚠ pyhf has no answer for 1 of 2 points"),
        (
            (
                ASKED,
                SAME,
                CheckStateChanged(state="none", text="The check was given up: another fit was started"),
            ),
            "good",
            "✓ CLs agrees with pyhf on 1 of 1 point, largest difference 3e-06. "
            "The check was given up: another fit was started",
        ),
    ],
)
def test_the_line_says_how_a_check_stands(events: tuple[RunEvent, ...], role: str, text: str) -> None:
    session = followed(*events)
    assert session.snapshot is not None
    verdict = verdict_of(session.snapshot, summary(session.snapshot), session.checked)
    assert (verdict.role, verdict.text) == (role, text)


def test_a_new_fit_of_a_point_takes_its_check_away() -> None:
    session = followed(ASKED, SAME, OTHER, DONE)
    assert set(session.checked) == {"a", "b"}
    session.begin("second", RunSnapshot(["a"]))
    assert set(session.checked) == {"b"}
    assert session.statuses["b"].result is not None, "what the second run does not fit stays on show"


def test_a_check_is_logged_in_words() -> None:
    session = followed(ASKED, OTHER)
    stamped = StampedEvent(sequence=1, time=0.0, elapsed=0.0, event=OTHER)
    text = describe_event(stamped, session.checked)
    assert text.startswith("⚠ check of b: CLs observed is 0.2 by newton")
    assert "pyhf stopped above the minimum" in text
