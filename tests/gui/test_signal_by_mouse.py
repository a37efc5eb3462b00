"""A theorist's path with the mouse: a published search, yields from a spreadsheet, a map, the verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from fitgui.gui.signal.mapping.mapping_page import MappingPage
from fitgui.gui.window import MainWindow
from fitgui.pallets import open_pallet
from fitgui.reinterpretation.answer.verdict import State, cls_text
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.fitting import Memory, fit_point
from fitgui_backends.results import FitResult
from tests.gui.browsing import button, choose_by_mouse
from tests.gui.hands import MINUTE, control, cut_texts, shown_texts
from tests.gui.signals import (
    LEFT,
    bin_cell,
    button_of,
    combo_of,
    copy,
    drag_region,
    drop_file,
    rows,
    view_of,
)

STAU = "atlas-susy-2018-04-stau.tar.gz"
SPREADSHEET = "Region\tEvents\nSRlow\t9.2\nSR_highM\t11.4\nPreselection\t310\n"
"""Names of a tool, one of them with a slip, and a row that is no region of the search."""
OF_ANOTHER = "Region\tEvents\nSRHMEM_mct2[0]\t2.0\nSRMMEM_mct2[1]\t1.5\n"
EFFICIENCIES = """SR,events,acceptance,err
All,20000,20000,20000
SRlow,132,0.0066,0.00057
SRhigh,164,0.0082,0.00064
"""

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists, off screen


def open_stau(qtbot: QtBot, window: MainWindow, folder: Path) -> MappingPage:
    """Drop the archive, choose the whole search, press "My own signal…"."""
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        drop_file(window, folder / STAU)
    choose_by_mouse(qtbot, control(window, QComboBox, "Analysis"), "Region-combined")
    qtbot.mouseClick(button(window, "My own signal…"), LEFT)
    view = view_of(window)
    assert window.results_panel.tabs.currentWidget() is view
    qtbot.waitUntil(lambda: view.target is not None, timeout=MINUTE)
    return window.signals.mapping


def paste(qtbot: QtBot, window: MainWindow, text: str, page: str = "mapping") -> None:
    copy(text)
    qtbot.mouseClick(button_of(view_of(window), "Paste"), LEFT)
    qtbot.waitUntil(lambda: view_of(window).page == page, timeout=MINUTE)
    QApplication.processEvents()


def choose_bin(qtbot: QtBot, page: MappingPage, region: str, text: str) -> None:
    """Click on the bin of a region, then on another one in the list."""
    table, place = bin_cell(page, region)
    qtbot.mouseClick(table.viewport(), LEFT, pos=place.toPoint())
    box = combo_of(page, region)
    qtbot.waitUntil(box.view().isVisible, timeout=MINUTE)
    row = next(row for row in range(box.count()) if box.itemText(row).startswith(text))
    box.view().setCurrentIndex(box.model().index(row, 0))
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)


def judged(qtbot: QtBot, window: MainWindow) -> State:
    view = view_of(window)
    qtbot.waitUntil(
        lambda: not view.form.strip.is_stale and view.judgement is not None and view.judgement.final,
        timeout=MINUTE,
    )
    assert view.judgement is not None
    assert view.judgement.verdict is not None, view.judgement
    return view.judgement.verdict.state


def fitted_by_hand(folder: Path, yields: dict[str, float]) -> FitResult:
    """The same signal by a patch that is written here, bin by bin, fitted without the window.

    pyhf is the reference of patches elsewhere; on this one it takes half a minute and misses the minimum.
    """
    pallet = open_pallet(folder / STAU)
    (analysis,) = [one for one in pallet.analyses if one.name == "Region-combined"]
    names = [channel["name"] for channel in analysis.workspace["channels"]]
    modifiers = [
        {"name": "mu_SIG", "type": "normfactor", "data": None},
        {"name": "lumi", "type": "lumi", "data": None},
    ]
    operations = [
        {
            "op": "add",
            "path": f"/channels/{names.index(name)}/samples/0",
            "value": {"name": "by_hand", "data": [events], "modifiers": modifiers},
        }
        for name, events in yields.items()
    ]
    memory = Memory()
    memory.keep(analysis.digest, analysis.workspace_json)
    prepared = memory.prepare(analysis.digest, None, FitOptions())
    found = fit_point(prepared, FitPoint(name="by_hand", operations=json.dumps(operations).encode()))
    assert isinstance(found, FitResult)
    return found


def test_from_a_spreadsheet_to_the_verdict(qtbot: QtBot, window: MainWindow, real_pallets: Path) -> None:
    page = open_stau(qtbot, window, real_pallets)
    paste(qtbot, window, SPREADSHEET)
    assert not page.ready
    assert "2 regions (SR_highM, Preselection)" in shown_texts(window)
    assert [row[2] for row in rows(page.regions)] == ["SR1cut_cuts", "choose …", "choose …"]
    QApplication.processEvents()
    assert not cut_texts(window)
    # A slip: the wrong bin, which has a region already.
    choose_bin(qtbot, page, "SR_highM", "SR1cut_cuts")
    qtbot.waitUntil(lambda: "filled by 2 regions (SRlow, SR_highM)" in shown_texts(window), timeout=MINUTE)
    assert not page.ready
    drag_region(page, "SR_highM", "SR2cut_cuts")
    assert rows(page.regions)[1][2:] == ("SR2cut_cuts", "chosen")
    assert ("SR2cut_cuts", "SR_highM") in [(row[0], row[3]) for row in rows(page.bins)]
    qtbot.mouseClick(button_of(page, "Leave out the 1 region"), LEFT)
    assert rows(page.regions)[2][2] == "leave out"
    assert page.ready
    qtbot.mouseClick(button_of(page, "Use these"), LEFT)
    qtbot.waitUntil(lambda: view_of(window).page == "form", timeout=MINUTE)
    state = judged(qtbot, window)
    verdict = view_of(window).judgement.verdict
    assert verdict is not None
    assert verdict.headline in shown_texts(window)
    by_hand = fitted_by_hand(real_pallets, {"SR1cut_cuts": 9.2, "SR2cut_cuts": 11.4})
    numbers = f"CLs = {cls_text(by_hand.cls_obs)} (expected {cls_text(by_hand.cls_exp[2])})"
    assert numbers in verdict.headline
    assert (state is State.EXCLUDED) == (by_hand.cls_obs < 0.05)
    QApplication.processEvents()
    assert not cut_texts(window)

    # The same table once more, a tenth of it: the map is remembered, and nothing is asked.
    paste(qtbot, window, SPREADSHEET.replace("9.2", "0.92").replace("11.4", "1.14"), page="form")

    def is_smaller() -> bool:
        signal = view_of(window).signal
        return signal is not None and signal.yields == {"SR1cut_cuts": (0.92,), "SR2cut_cuts": (1.14,)}

    qtbot.waitUntil(is_smaller, timeout=MINUTE)
    assert "2 regions found their bins" in shown_texts(window)
    assert "1 region left out" in shown_texts(window)
    assert judged(qtbot, window) is State.NOT_EXCLUDED


def test_a_table_of_another_analysis_is_noticed(qtbot: QtBot, window: MainWindow, real_pallets: Path) -> None:
    page = open_stau(qtbot, window, real_pallets)
    paste(qtbot, window, OF_ANOTHER)
    assert "is the file for another analysis?" in shown_texts(window)
    assert not page.ready
    qtbot.mouseClick(button_of(page, "Cancel"), LEFT)
    assert view_of(window).page == "form"
    assert view_of(window).signal is None


def test_wrong_units_are_noticed(qtbot: QtBot, window: MainWindow, real_pallets: Path) -> None:
    page = open_stau(qtbot, window, real_pallets)
    paste(qtbot, window, EFFICIENCIES)
    assert not page.ready
    assert "Type the cross section and the luminosity, with the unit." in shown_texts(window)
    sigma = control(window, QLineEdit, "Cross section")
    qtbot.mouseClick(sigma, LEFT)
    qtbot.keyClicks(sigma, "10")
    assert "unit" in page.bar.trouble
    qtbot.mouseClick(button_of(page, "Take 139 fb⁻¹"), LEFT)
    qtbot.keyClicks(sigma, " pb")
    assert page.bar.trouble == ""
    assert "σ = 10000 fb" in shown_texts(window)
    # A thousand times too large, as the background and published signals show.
    insist = button_of(page, "I have read this")
    assert not page.ready
    qtbot.waitUntil(lambda: "fb had been taken for pb" in shown_texts(window), timeout=MINUTE)
    QApplication.processEvents()
    assert not cut_texts(window)
    sigma.selectAll()
    qtbot.keyClicks(sigma, "10 fb")
    assert "Events = efficiency × σ = 10 fb × L = 139 fb⁻¹" in shown_texts(window)
    assert not insist.isVisible()
    assert page.ready
    qtbot.mouseClick(button_of(page, "Use these"), LEFT)
    assert judged(qtbot, window) in (State.EXCLUDED, State.NOT_EXCLUDED)
    signal = view_of(window).signal
    assert signal is not None
    assert signal.yields["SR1cut_cuts"][0] == pytest.approx(0.0066 * 10 * 139)
