"""What stands in the form, fitted elsewhere: against other analyses and by runs; in a real window."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.gui.signal.comparing.as_regions import Taken, asked_of
from fitgui.gui.signal.comparing.compare_model import ANSWER, CLS, FIRST_LOOK, MU
from fitgui.gui.signal.comparing.compare_page import ComparePage
from fitgui.gui.signal.comparing.contenders import contender, shared
from fitgui.gui.signal.drafting.draft import Column, draft_of
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.pallets import open_pallet
from fitgui.reinterpretation.answer.verdict import cls_text
from fitgui.reinterpretation.mapping.edits import ignore
from fitgui.reinterpretation.mapping.placing import Placing
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import BinRef
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.target.target import target_of
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait, shown_texts
from tests.gui.signals import button_of, copy, entry_of, use_map, view_of

SR = (BinRef("SR", 0), BinRef("SR", 1))

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists, off screen


def open_tab(qtbot: QtBot, window: MainWindow, source: str | Path) -> SignalView:
    open_and_wait(qtbot, window, source)
    window.signals.try_own()
    qtbot.waitUntil(lambda: view_of(window).target is not None, timeout=MINUTE)
    return view_of(window)


def fill(view: SignalView, *events: str, systematic: str = "") -> None:
    cells = {(place, Column.SIGNAL): text for place, text in zip(SR, events, strict=True)}
    if systematic:
        cells |= {(place, Column.SYSTEMATIC): systematic for place in SR}
    view.form.sheet.fill(cells, "yields")


def compare(qtbot: QtBot, window: MainWindow, number: int) -> ComparePage:
    """Compare, until all that can be fitted is."""
    window.signals.show_compare()
    page = window.signals.compare
    qtbot.waitUntil(lambda: len(page.contenders) == number, timeout=MINUTE)
    wait_until_fitted(qtbot, page)
    return page


def wait_until_fitted(qtbot: QtBot, page: ComparePage) -> None:
    qtbot.waitUntil(
        lambda: all(one.looked and (one.final or one.signal is None) for one in page.contenders),
        timeout=MINUTE,
    )


def tick(page: ComparePage, name: str, *, on: bool = True) -> None:
    (entry,) = [
        page.pallets.item(row) for row in range(page.pallets.count()) if page.pallets.item(row).text() == name
    ]
    entry.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def text_of(page: ComparePage, row: int, column: int) -> str:
    return str(page.model.index(row, column).data())


def judged(qtbot: QtBot, view: SignalView) -> None:
    qtbot.waitUntil(lambda: view.judgement is not None and view.judgement.final, timeout=MINUTE)


def test_what_the_form_does_not_fit_is_not_fitted_elsewhere(
    qtbot: QtBot, window: MainWindow, two_regions: Path
) -> None:
    view = open_tab(qtbot, window, two_regions)
    fill(view, "3", "many")
    window.signals.show_compare()
    assert "“many” is not a number" in window.results_panel.notice.text
    fill(view, "5e6", "5e6")
    judged(qtbot, view)
    assert view.judgement is not None
    assert view.judgement.refusal
    notice = window.results_panel.notice
    asks: tuple[Callable[[], None], ...] = (
        window.signals.show_compare,
        entry_of(view.form.tools.menu, "Fit as a run…").trigger,
    )
    for ask in asks:
        notice.hide()
        ask()
        qtbot.waitUntil(notice.isVisible, timeout=MINUTE)
        assert view.judgement.refusal in notice.text
        assert view.page == "form"
    signal = view.signal
    assert signal is not None
    notice.hide()
    window.signals.run_signals((signal,))
    qtbot.waitUntil(notice.isVisible, timeout=MINUTE)
    assert view.page == "form"
    # Whoever says that it is right may fit it everywhere.
    view.form.sheet.confirm(view.judgement.to_confirm)
    judged(qtbot, view)
    window.signals.run_signals((signal,))
    qtbot.waitUntil(lambda: view.page == "scan", timeout=MINUTE)
    assert window.signals.scan.findings.findings  # what was noticed goes along
    button_of(window.signals.scan, "The form…").click()
    assert view.page == "form"


def test_the_comparison_fits_what_the_form_fits(qtbot: QtBot, window: MainWindow, two_regions: Path) -> None:
    view = open_tab(qtbot, window, two_regions)
    copy("region,events\nloose,6\ntight,9\n")
    window.signals.paste()
    qtbot.waitUntil(lambda: view.page == "mapping", timeout=MINUTE)
    mapping = window.signals.mapping
    for region, place in zip(("loose", "tight"), SR, strict=True):
        mapping.choose(region, place)
    use_map(qtbot, mapping)
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    fill(view, "6", "9", systematic="60%")
    view.form.sheet.use_luminosity(on=False)
    judged(qtbot, view)
    signal, judgement = view.signal, view.judgement
    assert judgement is not None
    assert judgement.verdict is not None
    page = compare(qtbot, window, 2)
    first, second = page.contenders
    assert first.signal == signal
    assert first.result is not None
    assert f"CLs = {cls_text(first.result.cls_obs)} " in judgement.verdict.headline
    # Under the names of the file, in the other analysis of the search, too, with all that was typed.
    assert [one.region for one in second.imported.points[0].regions] == ["loose", "tight"]
    assert second.signal is not None
    assert second.signal.yields == {"SR": (6.0, 9.0)}
    assert second.signal.systematics[0].up == {"SR": pytest.approx((3.6, 5.4))}
    assert not second.signal.with_luminosity
    assert second.final
    # Numbers that may change are not told, or marked, as an answer.
    doubtful = replace(first, provisional=True, final=False)
    page.model.show_rows((doubtful, second), None, None)
    assert text_of(page, 0, ANSWER) == FIRST_LOOK
    assert "…" in text_of(page, 0, CLS)
    assert "…" in text_of(page, 0, MU)


def test_each_analysis_of_a_search_has_its_regions(real_pallets: Path) -> None:
    pallet = open_pallet(real_pallets / "atlas-susy-2018-04-stau.tar.gz")
    targets = {one.name: target_of(pallet, one) for one in pallet.analyses}
    combined = targets["Region-combined"]
    (imported,) = read_signals(
        ("mine.csv", "region,events\nSRlow,9.2\nSRhigh,11.4\nloose,300\n"), target=combined
    )
    known = propose(imported, combined, known=shipped_maps(combined, imported.tool))
    region_map = ignore(known, "loose")
    signal = Placing(region_map, combined).signal(imported.points[0])
    asked = asked_of(draft_of(signal, combined), combined, Taken(imported, signal, region_map))
    found = shared([contender(asked, target) for target in targets.values()], combined.source)
    texts = {one.target.analysis.name: (one.regions_text, one.obstacle) for one in found}
    assert texts == {
        "Region-combined": ("2 of 3", ""),
        "Region-highMass": ("1 of 3", ""),
        "Region-lowMass": ("1 of 3", ""),
    }


def test_what_was_confirmed_is_not_asked_again(qtbot: QtBot, window: MainWindow, two_regions: Path) -> None:
    view = open_tab(qtbot, window, two_regions)
    copy("6\n9\n")
    window.signals.paste()
    qtbot.waitUntil(lambda: view.page == "mapping", timeout=MINUTE)
    mapping = window.signals.mapping
    button_of(mapping, "I have compared").click()
    use_map(qtbot, mapping)
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    page = compare(qtbot, window, 2)
    assert all(one.final for one in page.contenders), shown_texts(window)


def test_yields_that_look_wrong_for_another_search_wait_for_a_word(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    folder = make_pallet(GRID, name="tiny")
    background = folder / "BkgOnly.json"
    document = json.loads(background.read_text())
    document["channels"][0]["samples"][0]["data"] = [0.002, 0.001]
    document["observations"][0]["data"] = [0.0, 0.0]
    background.write_text(json.dumps(document))
    patches = folder / "patchset.json"
    known = json.loads(patches.read_text())
    for patch in known["patches"]:
        patch["patch"][0]["value"]["data"] = [0.001, 0.002]
    patches.write_text(json.dumps(known))
    open_and_wait(qtbot, window, folder)
    qtbot.waitUntil(lambda: len(window.store.library.items()) == 1, timeout=MINUTE)
    view = open_tab(qtbot, window, make_pallet(GRID))
    qtbot.waitUntil(lambda: len(window.store.items) == 2, timeout=MINUTE)
    fill(view, "6", "12")
    page = compare(qtbot, window, 1)
    # Ticked and unticked again before it is read: it does not join.
    tick(page, "tiny")
    tick(page, "tiny", on=False)
    qtbot.waitUntil(lambda: window.workbench.bridge.idle, timeout=MINUTE)
    assert len(page.contenders) == 1
    tick(page, "tiny")
    qtbot.waitUntil(lambda: len(page.contenders) == 2, timeout=MINUTE)
    wait_until_fitted(qtbot, page)
    assert page.contenders[1].result is None
    assert "needs your word" in text_of(page, 1, ANSWER)
    page.table.selectRow(1)
    wrong = page.contenders[1].open_findings
    assert wrong
    assert wrong[0].sentence in shown_texts(window)
    window.resize(1024, 640)
    QApplication.processEvents()
    assert not cut_texts(window)
    button_of(page, "Map its regions…").click()
    mapping = window.signals.mapping
    button_of(mapping, "I have read this").click()
    use_map(qtbot, mapping)
    qtbot.waitUntil(lambda: view.page == "compare", timeout=MINUTE)
    qtbot.waitUntil(lambda: page.contenders[1].final, timeout=MINUTE)
    assert page.contenders[1].result is not None
