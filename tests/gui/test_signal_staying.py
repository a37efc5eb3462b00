"""What is being imported while something else changes: numbers, analysis, pallet; in a real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.gui.signal.coordinator import NOTHING_MAPPED
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.mapping.files import write_map
from tests.gui.hands import MINUTE, cut_texts, open_and_wait, shown_texts
from tests.gui.signals import button_of, copy, drop_file, use_map, view_of

EFFICIENCIES = (
    "SR,events,acceptance,err\nAll,20000,20000,20000\nSR[0],132,0.0066,0.0006\nSR[1],164,0.0082,0.0006\n"
)
NAMED = "region,events,error\nSR[0],3,0.3\nSR[1],1,0.1\n"
OTHER_NAMES = "region,events\nloose,3\ntight,1\n"
SCAN = "m_X,m_Y,SR[0],SR[1]\n" + "".join(
    f"{x},{y},{600 / x:.4g},{200 / x:.4g}\n" for x in (100, 200, 300) for y in (0, 50)
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists, off screen


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow, two_regions: Path) -> SignalView:
    """The tab, with a pallet of two analyses."""
    open_and_wait(qtbot, window, two_regions)
    window.signals.try_own()
    qtbot.waitUntil(lambda: view_of(window).target is not None, timeout=MINUTE)
    return view_of(window)


def wait_for_page(qtbot: QtBot, view: SignalView, page: str) -> None:
    qtbot.waitUntil(lambda: view.page == page, timeout=MINUTE)


def paste(window: MainWindow, text: str) -> None:
    copy(text)
    window.signals.paste()


def file_of(tmp_path: Path, text: str, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def analysis_of(view: SignalView) -> str:
    return "" if view.target is None else view.target.analysis.name


def test_a_word_holds_for_the_numbers_that_were_read(
    qtbot: QtBot, window: MainWindow, view: SignalView
) -> None:
    page = window.signals.mapping
    paste(window, EFFICIENCIES)
    wait_for_page(qtbot, view, "mapping")
    page.bar.lumi.setText("139 fb^-1")
    page.bar.sigma.setText("1200 pb")
    qtbot.waitUntil(lambda: not page.ready, timeout=MINUTE)
    insist = button_of(page, "I have read this")
    insist.click()
    assert page.ready
    page.bar.sigma.setText("1200000 pb")
    assert not page.ready
    assert not insist.isChecked()
    page.bar.sigma.setText("1200 pb")
    assert page.ready  # that was read
    window.resize(1024, 640)
    QApplication.processEvents()
    assert not cut_texts(page)


def test_a_file_goes_into_the_form_of_the_analysis_that_is_open(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    """Also where another one was on show when the tab was looked at last."""
    view.form.sheet.clear()
    window.results_panel.show_plane()
    open_and_wait(qtbot, window, "example")
    drop_file(window, file_of(tmp_path, NAMED + "SR[2],1,0.1\n"))

    def is_filled() -> bool:
        signal = view.signal
        return signal is not None and signal.yields == {"SR": (3.0, 1.0, 1.0)}

    qtbot.waitUntil(is_filled, timeout=MINUTE)
    assert analysis_of(view) != "RegionA"
    assert window.results_panel.tabs.currentWidget() is view


def test_what_is_read_while_the_analysis_changes_goes_to_the_new_one(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    assert analysis_of(view) == "RegionA"
    window.signals.read(file_of(tmp_path, NAMED))
    window.compute_panel.choose_analysis("RegionB")
    qtbot.waitUntil(lambda: analysis_of(view) == "RegionB" and view.signal is not None, timeout=MINUTE)
    assert "3 regions" not in shown_texts(window)
    # What is said of a file goes with the analysis that it was said of.
    assert "mine.csv: 2 regions found their bins" in shown_texts(window)
    window.compute_panel.choose_analysis("RegionA")
    assert "2 regions found their bins" not in shown_texts(window)


def test_another_analysis_ends_a_scan_of_the_form_and_maps_a_file_anew(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    signals = window.signals
    signals.read(file_of(tmp_path, SCAN, "scan.csv"))
    wait_for_page(qtbot, view, "scan")
    window.compute_panel.choose_analysis("RegionB")
    qtbot.waitUntil(lambda: "RegionB" in signals.scan.title.text(), timeout=MINUTE)
    button_of(signals.scan, "Cancel").click()
    signals.read(file_of(tmp_path, NAMED))
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    signal = view.signal
    assert signal is not None
    signals.run_signals((signal,))
    wait_for_page(qtbot, view, "scan")
    window.compute_panel.choose_analysis("RegionA")
    assert view.page == "form"
    qtbot.waitUntil(lambda: window.workbench.bridge.idle, timeout=MINUTE)
    assert view.page == "form"


def test_a_map_is_used_only_for_what_is_being_mapped(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    page = window.signals.mapping
    paste(window, OTHER_NAMES)
    wait_for_page(qtbot, view, "mapping")
    target = page.target
    assert target is not None
    for region, place in zip(("loose", "tight"), target.bins(), strict=True):
        page.choose(region, place)
    path = tmp_path / "regions.json"
    write_map(path, page.region_map, target)
    use_map(qtbot, page)
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    drop_file(window, path)
    qtbot.waitUntil(lambda: NOTHING_MAPPED in shown_texts(window), timeout=MINUTE)
    paste(window, "region,events\nlow,3\nhigh,1\n")
    wait_for_page(qtbot, view, "mapping")
    assert NOTHING_MAPPED not in shown_texts(window)
    window.results_panel.show_plane()
    drop_file(window, path)
    qtbot.waitUntil(lambda: "regions.json is in use" in shown_texts(window), timeout=MINUTE)
    assert page.isVisible()


def test_yields_without_a_pallet_say_what_is_missing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop_file(window, file_of(tmp_path, NAMED))
    qtbot.waitUntil(lambda: "mine.csv is no pallet" in shown_texts(window), timeout=MINUTE)
    assert "Open a pallet first" in window.results_panel.notice.text


def test_nothing_is_cut_in_the_smallest_window(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    window.resize(1024, 640)
    page = window.signals.mapping
    paste(window, "region,events\nSR[0],3\nsomething_else,4\n")
    wait_for_page(qtbot, view, "mapping")
    QApplication.processEvents()
    assert not cut_texts(page)
    page.leave_out_the_rest()
    button_of(page, "No signal in the other bins").click()
    use_map(qtbot, page)
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    window.signals.show_compare()
    wait_for_page(qtbot, view, "compare")
    compare = window.signals.compare
    qtbot.waitUntil(
        lambda: len(compare.contenders) == 2 and all(one.final for one in compare.contenders), timeout=MINUTE
    )
    QApplication.processEvents()
    assert not cut_texts(compare)
    header = compare.table.horizontalHeader()
    assert header.length() <= compare.table.viewport().width()
    window.signals.read(file_of(tmp_path, SCAN, "scan.csv"))
    wait_for_page(qtbot, view, "scan")
    QApplication.processEvents()
    assert not cut_texts(window.signals.scan)
    assert window.signals.scan.isVisible()
