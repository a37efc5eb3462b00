"""What leads to a signal of one's own, and from it: files, maps, scans, other analyses; in a real window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from fitgui.gui.palette import CommandPalette
from fitgui.gui.signal.comparing.compare_model import ANSWER, MARK
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.formats.template import write_template
from fitgui.reinterpretation.model import BinRef
from fitgui_backends.contract import TaskState
from tests.gui.hands import GRID, MINUTE, MakePallet, control, cut_texts, open_and_wait, shown_texts
from tests.gui.signals import LEFT, button_of, combo_of, copy, drop_file, entry_of, rows, use_map, view_of

SR = tuple(BinRef("SR", number) for number in range(3))
NAMED = "region,events,error\nSR[0],3,0.3\nSR[1],2,0.2\nSR[2],1,0.1\n"
OTHER_NAMES = "region,events\nsoft,3\nmedium,2\nhard,1\n"
SCAN = "m_X,m_Y,SR[0],SR[1],SR[2]\n" + "".join(
    f"{x},{y},{600 / x:.4g},{400 / x:.4g},{200 / x:.4g}\n" for x in (100, 200, 300) for y in (0, 50)
)
TWO_ANALYSES = """analysis sr o b db s ds
atlas_mine SR[0] 10 9.1 1.2 3.2 0.4
atlas_mine SR[1] 10 9.1 1.2 2.2 0.3
atlas_mine SR[2] 10 9.1 1.2 1.2 0.2
cms_theirs SR[0] 10 9.1 1.2 3.4 0.4
cms_theirs SR[1] 10 9.1 1.2 2.4 0.3
cms_theirs SR[2] 10 9.1 1.2 1.4 0.2
"""

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists, off screen


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow) -> SignalView:
    """The tab, with the bundled example."""
    return open_tab(qtbot, window, "example")


def open_tab(qtbot: QtBot, window: MainWindow, source: str | Path) -> SignalView:
    open_and_wait(qtbot, window, source)
    window.signals.try_own()
    qtbot.waitUntil(lambda: view_of(window).target is not None, timeout=MINUTE)
    return view_of(window)


def write(tmp_path: Path, text: str, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def wait_for_page(qtbot: QtBot, window: MainWindow, page: str) -> None:
    def is_there() -> None:
        found = [finding.sentence for finding in window.signals.mapping.findings.findings]
        now = view_of(window).page
        assert now == page, (now, window.results_panel.notice.text, found)

    qtbot.waitUntil(is_there, timeout=MINUTE)
    QApplication.processEvents()


def wait_for_yields(qtbot: QtBot, window: MainWindow, *events: float) -> None:
    def there() -> bool:
        signal = view_of(window).signal
        return signal is not None and signal.yields.get("SR") == events

    qtbot.waitUntil(there, timeout=MINUTE)


def seen_cut(window: MainWindow) -> list[tuple[str, object, object]]:
    """Texts that are cut once layouts have followed them."""
    QApplication.processEvents()
    return cut_texts(window)


def map_others(qtbot: QtBot, window: MainWindow) -> None:
    """The regions of OTHER_NAMES, as they should be."""
    for region, place in zip(("soft", "medium", "hard"), SR, strict=True):
        window.signals.mapping.choose(region, place)
    assert window.signals.mapping.ready


def answer_dialog(window: MainWindow, path: Path) -> None:
    """Choose a file in the dialog that is open."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_dropped_yields_fill_the_form_and_pallets_still_open(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path, make_pallet: MakePallet
) -> None:
    drop_file(window, write(tmp_path, NAMED))
    wait_for_yields(qtbot, window, 3.0, 2.0, 1.0)
    assert view.page == "form"
    assert "mine.csv: 3 regions found their bins (same name)" in shown_texts(window)
    drop_file(window, write(tmp_path, json.dumps({"SR": [4.0, 3.0, 2.0]}), "mine.json"))
    wait_for_yields(qtbot, window, 4.0, 3.0, 2.0)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        drop_file(window, make_pallet(GRID))
    drop_file(window, write(tmp_path, "nothing of any use", "notes.txt"))
    qtbot.waitUntil(lambda: "notes.txt" in window.results_panel.notice.text, timeout=MINUTE)


def test_a_file_of_several_analyses_asks_which(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    window.signals.read(write(tmp_path, TWO_ANALYSES, "total_results.txt"))
    wait_for_page(qtbot, window, "which")
    assert "total_results.txt speaks of 2 analyses" in shown_texts(window)
    assert not seen_cut(window)
    qtbot.mouseClick(button_of(window.signals.which, "atlas_mine"), LEFT)
    wait_for_yields(qtbot, window, 3.2, 2.2, 1.2)
    # Only one of them has the regions of the analysis that is open: nothing is asked, but said.
    window.signals.read(write(tmp_path, TWO_ANALYSES.replace("atlas_mine SR", "atlas_mine x"), "other.txt"))
    wait_for_yields(qtbot, window, 3.4, 2.4, 1.4)
    assert "Of 2 analyses in the file, cms_theirs is taken" in shown_texts(window)


def test_an_order_is_confirmed_by_somebody(qtbot: QtBot, window: MainWindow, view: SignalView) -> None:
    copy("3\n2\n1\n")
    window.signals.paste()
    wait_for_page(qtbot, window, "mapping")
    page = window.signals.mapping
    assert [row[2:] for row in rows(page.regions)] == [(f"SR[{number}]", "position") for number in range(3)]
    assert "a wrong order gives a wrong limit" in shown_texts(window)
    assert not page.ready
    button_of(page, "I have compared").click()
    assert page.ready
    qtbot.mouseClick(button_of(page, "Use these"), LEFT)
    wait_for_yields(qtbot, window, 3.0, 2.0, 1.0)


def test_a_map_is_made_by_keyboard_saved_and_loaded(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    signals, page = window.signals, window.signals.mapping
    copy(OTHER_NAMES)
    signals.paste()
    wait_for_page(qtbot, window, "mapping")
    page.regions_table.setCurrentIndex(page.regions.index(0, 0))
    qtbot.keyClick(page.regions_table, Qt.Key.Key_Return)
    box = combo_of(page, "soft")
    qtbot.waitUntil(box.view().isVisible, timeout=MINUTE)
    qtbot.keyClicks(box.view(), "SR[0]")
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(page.regions)[0][2] == "SR[0]", timeout=MINUTE)
    map_others(qtbot, window)
    path = tmp_path / "regions.json"
    signals.ask_where_to_save_map()
    answer_dialog(window, path)
    qtbot.waitUntil(path.exists, timeout=MINUTE)
    # Somebody else gets the file, who has never mapped these regions.
    entry_of(page.menu, "Propose again").trigger()
    assert not page.ready
    entry_of(page.menu, "Load map…").trigger()
    answer_dialog(window, path)
    qtbot.waitUntil(lambda: page.ready, timeout=MINUTE)
    entry_of(page.menu, "Propose again").trigger()
    drop_file(window, path)
    qtbot.waitUntil(lambda: page.ready, timeout=MINUTE)
    assert [row[2] for row in rows(page.regions)] == ["SR[0]", "SR[1]", "SR[2]"]
    assert all("regions.json" in row[3] for row in rows(page.regions))
    # What is no map is refused in a sentence, and nothing changes.
    signals.load_map(write(tmp_path, NAMED))
    qtbot.waitUntil(lambda: "is no region map" in window.results_panel.notice.text, timeout=MINUTE)
    assert page.ready


def test_several_regions_share_a_bin_only_if_one_says_so(
    qtbot: QtBot, window: MainWindow, view: SignalView
) -> None:
    copy(OTHER_NAMES + "harder,0.5\n")
    window.signals.paste()
    wait_for_page(qtbot, window, "mapping")
    page = window.signals.mapping
    for region, place in (("soft", SR[0]), ("medium", SR[1]), ("hard", SR[2]), ("harder", SR[2])):
        page.choose(region, place)
    assert not page.ready
    button_of(page, "Several regions may share").click()
    assert page.ready
    assert rows(page.bins)[2][3] == "hard + harder"
    use_map(qtbot, page)
    wait_for_yields(qtbot, window, 3.0, 2.0, 1.5)


def test_bins_without_a_region_are_no_signal_only_if_one_says_so(
    qtbot: QtBot, window: MainWindow, view: SignalView
) -> None:
    copy("region,events\nSR[0],3\nSR[2],1\n")
    window.signals.paste()
    wait_for_page(qtbot, window, "mapping")
    page = window.signals.mapping
    assert not page.ready
    qtbot.mouseClick(button_of(page, "No signal in the other bins of SR"), LEFT)
    assert page.ready
    use_map(qtbot, page)
    wait_for_yields(qtbot, window, 3.0, 0.0, 1.0)


def test_other_colours_and_another_analysis_keep_what_is_being_mapped(
    qtbot: QtBot, window: MainWindow, two_regions: Path
) -> None:
    view = open_tab(qtbot, window, two_regions)
    copy("region,events\nloose,3\ntight,1\n")
    window.signals.paste()
    wait_for_page(qtbot, window, "mapping")
    page = window.signals.mapping
    page.choose("loose", SR[0])
    window.look_choice.choose("dark")
    assert view_of(window) is not view
    assert view_of(window).page == "mapping"
    assert page.isVisible()
    assert rows(page.regions)[0][2] == "SR[0]"
    window.compute_panel.choose_analysis("RegionB")
    qtbot.waitUntil(
        lambda: page.target is not None and page.target.analysis.name == "RegionB", timeout=MINUTE
    )
    assert "RegionB" in page.title.text()
    qtbot.mouseClick(button_of(page, "Cancel"), LEFT)
    assert view_of(window).page == "form"
    window.look_choice.choose("light")


def test_a_scan_is_opened_as_a_pallet_and_run(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    window.signals.read(write(tmp_path, SCAN, "scan.csv"))
    wait_for_page(qtbot, window, "scan")
    scan = window.signals.scan
    assert "6 points of scan.csv" in shown_texts(window)
    assert scan.model.rowCount() == 6
    assert scan.model.index(0, 1).data() == "100"
    assert not seen_cut(window)
    qtbot.mouseClick(button_of(scan, "Regions…"), LEFT)
    assert view.page == "mapping"
    use_map(qtbot, window.signals.mapping)
    wait_for_page(qtbot, window, "scan")
    qtbot.waitUntil(lambda: window.where.standing.ready, timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_ended, timeout=2 * MINUTE):
        qtbot.mouseClick(button_of(scan, "Open and run"), LEFT)
    pallet, snapshot = window.workbench.pallet, window.workbench.snapshot
    assert pallet is not None
    assert snapshot is not None
    assert snapshot.counts[TaskState.DONE] == 6
    assert pallet.analyses[0].labels == ("m_X", "m_Y")
    assert window.results_panel.tabs.currentWidget() is window.results_panel.plane_page
    # It is opened again as any other, and does not fill the library.
    open_and_wait(qtbot, window, pallet.source)
    assert window.workbench.pallet is not pallet
    assert window.workbench.pallet.digest == pallet.digest
    assert pallet.digest not in [item.digest for item in window.store.library.items()]


def test_the_signal_of_the_form_is_fitted_as_a_run(
    qtbot: QtBot, window: MainWindow, view: SignalView
) -> None:
    copy(NAMED)
    window.signals.paste()
    wait_for_yields(qtbot, window, 3.0, 2.0, 1.0)
    qtbot.waitUntil(lambda: view.judgement is not None, timeout=MINUTE)
    entry_of(view.form.tools.menu, "Fit as a run…").trigger()
    wait_for_page(qtbot, window, "scan")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button_of(window.signals.scan, "Open as a pallet"), LEFT)
    assert len(window.compute_panel.chosen_points) == 1


def test_a_scan_without_a_signal_region_asks_what_becomes_of_it(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    lines = "m_X,CR_top[0],CR_top[1]\n100,3,2\n200,2,1\n"
    window.signals.read(write(tmp_path, lines, "scan.csv"))
    wait_for_page(qtbot, window, "mapping")  # all events are in a control region
    page = window.signals.mapping
    assert not page.ready
    button_of(page, "I have read this").click()
    use_map(qtbot, page)
    wait_for_page(qtbot, window, "scan")
    scan = window.signals.scan
    assert not scan.ready
    assert "Say what becomes of SR" in shown_texts(window)
    control(window, QComboBox, "What becomes of SR").setCurrentIndex(1)
    assert scan.ready


def test_the_same_signal_against_several_pallets(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, name="other"))
    qtbot.waitUntil(lambda: len(window.store.library.items()) == 1, timeout=MINUTE)
    open_tab(qtbot, window, "example")
    signals, compare = window.signals, window.signals.compare
    signals.show_compare()
    assert "Type, paste or import the yields" in window.results_panel.notice.text
    copy(OTHER_NAMES)
    signals.paste()
    wait_for_page(qtbot, window, "mapping")
    map_others(qtbot, window)
    use_map(qtbot, signals.mapping)
    wait_for_yields(qtbot, window, 3.0, 2.0, 1.0)
    qtbot.waitUntil(lambda: len(window.store.items) > 0, timeout=MINUTE)
    signals.show_compare()
    wait_for_page(qtbot, window, "compare")
    qtbot.waitUntil(lambda: [one.final for one in compare.contenders] == [True], timeout=MINUTE)
    entry = next(
        compare.pallets.item(row)
        for row in range(compare.pallets.count())
        if compare.pallets.item(row).text() == "other"
    )
    entry.setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: len(compare.contenders) == 2, timeout=MINUTE)
    qtbot.waitUntil(lambda: compare.contenders[1].looked is not None, timeout=MINUTE)
    assert compare.contenders[1].signal is None
    assert "needs a map" in str(compare.model.index(1, ANSWER).data())
    compare.table.selectRow(1)
    qtbot.mouseClick(button_of(compare, "Map its regions…"), LEFT)
    assert view_of(window).page == "mapping"
    page = signals.mapping
    page.choose("soft", SR[0])
    page.choose("medium", SR[1])
    page.leave_out_the_rest()
    use_map(qtbot, page)
    wait_for_page(qtbot, window, "compare")
    qtbot.waitUntil(lambda: all(one.final for one in compare.contenders), timeout=MINUTE)
    marked = [row for row in range(2) if MARK in str(compare.model.index(row, ANSWER).data())]
    expected = [one.result.limits.exp[2] for one in compare.contenders if one.result and one.result.limits]
    assert marked == [expected.index(min(expected))]
    assert "not combined" in shown_texts(window)
    assert not seen_cut(window)
    qtbot.mouseClick(button_of(compare, "Back"), LEFT)
    assert view_of(window).page == "form"


def test_actions_are_found_in_the_palette_and_a_template_reads_back(
    qtbot: QtBot, window: MainWindow, view: SignalView, tmp_path: Path
) -> None:
    assert view.target is not None
    path = tmp_path / "template.csv"
    window.signals.ask_where_to_save_template()
    answer_dialog(window, path)
    qtbot.waitUntil(path.exists, timeout=MINUTE)
    same = tmp_path / "same.csv"
    write_template(view.target, same)
    assert path.read_text() == same.read_text()
    window.actions_.groups["Help"][0].trigger()
    (palette,) = window.findChildren(CommandPalette)
    palette.line.setText("try your own")
    first = palette.rows.topLevelItem(0)
    assert first is not None
    assert first.text(0) == "Try your own signal"
    palette.close()
