"""Trying a place out, and offering only the engines that can run there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.engine_choice import EngineChoice
from fitgui.gui.where.comparison import engines_there, lines, summary
from fitgui.gui.where.engines import why_not
from fitgui.gui.where.trial_dialog import TrialDialog
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import BackendError, FitOptions, Health
from fitgui_backends.local import LocalBackend
from fitgui_backends.remote.surroundings import check
from tests.gui.clusters import RIVER, WORKER, HandGlobus
from tests.gui.hands import MINUTE, control, cut_texts
from tests.gui.test_where import choose, window_with

MakeWindow = Callable[..., MainWindow]
BARE = {**WORKER, "fitgui-backends": "not installed", "scipy": "not installed"}


def report(**details: str) -> Health:
    names = {"backends": "fitgui-backends"}
    return Health(ready=True, summary="", details={names.get(k, k): value for k, value in details.items()})


def at_the_endpoint(
    qtbot: QtBot, make: MakeWindow, folder: Path, globus: HandGlobus
) -> tuple[MainWindow, QPushButton]:
    window = window_with(qtbot, make, folder, globus)
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    cluster.choose(RIVER.identifier)
    cluster.set_options({"account": "fitgui"})
    button = control(window, QPushButton, "Check of the endpoint")
    qtbot.waitUntil(button.isEnabled, timeout=MINUTE)
    return window, button


def verdicts(dialog: TrialDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.text()[:1] in "✓⚠✗"]


def test_the_worker_is_shown_beside_this_machine(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus()
    globus.gate.clear()
    window, button = at_the_endpoint(qtbot, make_window_in, tmp_path, globus)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(TrialDialog)
    assert not dialog.isModal()
    assert "on its way to a worker of river-slurm" in dialog.text
    assert dialog.rows == []
    globus.gate.set()
    qtbot.waitUntil(lambda: bool(dialog.rows), timeout=MINUTE)
    assert "✓ A worker answered from river-017" in dialog.text
    assert "✓ newton and pyhf can run there." in verdicts(dialog)
    shown = {row[0]: row[1:] for row in dialog.rows}
    assert shown["host"][0] == "river-017"
    assert shown["fitgui-backends"] == ("0.1.0", "0.1.0", "✓ same")
    assert shown["block"] == ("Slurm 418", "", "")
    assert cut_texts(dialog) == []
    (copy,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Copy"]
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert "host: river-017" in QGuiApplication.clipboard().text()


def test_without_fitgui_backends_on_the_worker_only_pyhf_is_offered(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window, button = at_the_endpoint(qtbot, make_window_in, tmp_path, HandGlobus(worker=BARE))
    engines = control(window, QComboBox, "Engine")
    assert window.compute_panel.fit_options.engine == "newton"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(TrialDialog)
    qtbot.waitUntil(lambda: bool(dialog.rows), timeout=MINUTE)
    sentence = "⚠ fitgui-backends is not installed there: newton cannot run there, pyhf can."
    assert sentence in verdicts(dialog)
    assert window.compute_panel.fit_options.engine == "pyhf"
    assert not engines.model().item(0).isEnabled()
    assert "no fitgui-backends" in engines.itemData(0, Qt.ItemDataRole.ToolTipRole)
    choose(qtbot, window, "This machine")
    assert window.compute_panel.fit_options.engine == "newton", "the wish is kept for where it can run"
    assert engines.model().item(0).isEnabled()


def test_a_check_that_fails_says_why_and_can_be_repeated(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus()
    window, button = at_the_endpoint(qtbot, make_window_in, tmp_path, globus)
    globus.trouble = BackendError("Slurm refused the job: invalid partition specified: lunch")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(TrialDialog)
    qtbot.waitUntil(lambda: "✗" in dialog.text, timeout=MINUTE)
    assert "invalid partition specified: lunch" in dialog.text
    globus.trouble = None
    (again,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Check again"]
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.rows), timeout=MINUTE)


@pytest.mark.parametrize("by_key", [True, False])
def test_a_check_that_is_closed_is_given_up(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, *, by_key: bool
) -> None:
    globus = HandGlobus()
    globus.gate.clear()
    window, button = at_the_endpoint(qtbot, make_window_in, tmp_path, globus)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(TrialDialog)
    qtbot.waitUntil(lambda: "try_out" in globus.asked, timeout=MINUTE)
    (give_up,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Give up"]
    if by_key:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        qtbot.mouseClick(give_up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.findChildren(TrialDialog), timeout=MINUTE)
    qtbot.waitUntil(globus.check_given_up.is_set, timeout=MINUTE)
    assert "give_up_try_out river-slurm" in globus.asked
    assert window.where.standing.ready
    assert window.where.clusters["globus"].worker is None
    globus.gate.set()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(TrialDialog)
    qtbot.waitUntil(lambda: bool(dialog.rows), timeout=MINUTE)
    before = list(globus.asked)
    (close,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Close"]
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.findChildren(TrialDialog), timeout=MINUTE)
    assert globus.asked == before, "there is nothing to give up"


@pytest.mark.parametrize(
    ("details", "engines"),
    [
        (WORKER, {"newton", "pyhf"}),
        (BARE, {"pyhf"}),
        ({**WORKER, "pyhf": "not installed"}, {"newton"}),
        ({"host": "somewhere"}, {"newton", "pyhf"}),
    ],
)
def test_engines_follow_what_is_installed(details: Mapping[str, str], engines: set[str]) -> None:
    assert engines_there(Health(ready=True, summary="", details=dict(details))) == engines
    assert engines_there(Health(ready=False, summary="no", details=dict(details))) is None
    assert engines_there(None) is None


def test_an_engine_that_lacks_something_says_what() -> None:
    newton = EngineChoice("newton", FitOptions(engine="newton"))
    minuit = EngineChoice("pyhf", FitOptions(engine="pyhf", optimizer="minuit"))
    assert why_not(newton, None, None) == ""
    assert "cannot be used" in why_not(newton, ("pyhf",), None)
    assert "no fitgui-backends" in why_not(newton, ("newton", "pyhf"), report(backends="not installed"))
    assert why_not(minuit, None, report(backends="0.1.0", pyhf="0.7.6")) == "", "it does not say"
    assert "no iminuit" in why_not(minuit, None, report(pyhf="0.7.6", iminuit="not installed"))


def test_other_versions_are_told() -> None:
    here = {"fitgui-backends": "0.1.0", "pyhf": "0.7.6", "numpy": "2.4.6"}
    worker = report(backends="0.2.0", pyhf="0.7.6", numpy="2.0.0")
    said = [sentence for _level, sentence in summary(worker, here)]
    assert said[1:] == ["⚠ fitgui-backends is 0.2.0 there and 0.1.0 here: numbers may differ slightly."]
    compared = {line.what: line.verdict for line in lines(worker.details, here)}
    assert compared == {"fitgui-backends": "⚠ differs", "pyhf": "✓ same", "numpy": "· differs"}


def test_what_the_real_check_reports_is_understood() -> None:
    """The function that runs on workers, here: this machine beside itself."""
    worker = Health(ready=True, summary="", details=check())
    local = LocalBackend(workers=1)
    here = local.check().details
    local.close()
    assert engines_there(worker) == {"newton", "pyhf"}
    assert summary(worker, here) == [("good", "✓ newton and pyhf can run there.")]
    verdict = {line.what: line.verdict for line in lines(worker.details, here)}
    assert {verdict[name] for name in ("Python", "fitgui-backends", "pyhf", "numpy", "scipy")} == {"✓ same"}
