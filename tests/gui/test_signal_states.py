"""What the form holds while other things happen: other analyses, pages, sessions; in real windows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.gui.analysis_choice import AnalysisChoice
from fitgui.gui.bridge import Bridge
from fitgui.gui.signal.answering.answers import Answers, Judgement
from fitgui.gui.signal.drafting.draft import Column, Draft, draft_of, signal_of
from fitgui.gui.signal.drafting.remembering import LARGEST, read_again, written
from fitgui.gui.signal.drafting.table_model import At
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.answer.live import Heard, LiveAnswer, LiveAnswers
from fitgui.reinterpretation.answer.verdict import State
from fitgui.reinterpretation.model import BinRef, Signal, Systematic, Target
from fitgui_backends.contract import FitOptions
from tests.gui.hands import MINUTE, open_and_wait, shown_texts
from tests.gui.signals import LEFT, button_of, drop_file, view_of
from tests.gui.tabs import go_to
from tests.gui.test_signal_form import answer, enter, go_to_cell, open_form, paste, texts, type_text
from tests.reinterpretation.targets import example_target

EXCLUDED = "26\n20.75\n7.3"
ABSURD = "260000\n207500\n73000"
SR = [BinRef("SR", number) for number in range(3)]


def press_entry(view: SignalView, text: str) -> None:
    """Of the menu "More"."""
    (entry,) = [action for action in view.form.tools.menu.actions() if action.text() == text]
    entry.trigger()


def wait_for_refusal(qtbot: QtBot, view: SignalView) -> None:
    qtbot.waitUntil(lambda: view.judgement is not None and bool(view.judgement.refusal), timeout=MINUTE)


def choose(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Another analysis of the pallet, and wait until the form is ready for it."""
    (choice,) = window.findChildren(AnalysisChoice)
    choice.choose(name)
    wait_for_analysis(qtbot, window, name)


def wait_for_analysis(qtbot: QtBot, window: MainWindow, name: str) -> None:
    def there() -> bool:
        target = view_of(window).target
        return target is not None and target.analysis.name == name

    qtbot.waitUntil(there, timeout=MINUTE)


def test_what_the_form_refuses_is_not_run_either(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    wanted: list[tuple[Signal, ...]] = []
    view.run_wanted.connect(wanted.append)
    paste(qtbot, view, ABSURD)
    press_entry(view, "Fit as a run…")  # nobody has looked at it yet
    assert wanted == []
    assert "is still being looked over" in window.results_panel.notice.text
    wait_for_refusal(qtbot, view)
    press_entry(view, "Fit as a run…")
    assert wanted == []
    assert view.page == "form"
    assert "Fit it anyway" in window.results_panel.notice.text
    assert view.judgement is not None
    assert view.judgement.refusal in window.results_panel.notice.text
    qtbot.mouseClick(button_of(view, "Fit it anyway"), LEFT)
    qtbot.waitUntil(lambda: view.judgement is not None and not view.judgement.refusal, timeout=MINUTE)
    press_entry(view, "Fit as a run…")
    assert [signal.yields for (signal,) in wanted] == [{"SR": (260000.0, 207500.0, 73000.0)}]


def test_a_file_for_another_analysis_leaves_the_form_of_the_last_one_alone(
    qtbot: QtBot, window: MainWindow, two_regions: Path, tmp_path: Path
) -> None:
    view = open_form(qtbot, window, two_regions)
    paste(qtbot, view, "8\n16")
    go_to(qtbot, window, "Plane")
    (choice,) = window.findChildren(AnalysisChoice)
    choice.choose("RegionB")
    assert view.signal is None  # of RegionA, which is not on show any more
    assert view.judgement is None
    path = tmp_path / "mine.csv"
    path.write_text("region,events\nSR[0],3\nSR[1],2\n", encoding="utf-8")
    drop_file(window, path)
    wait_for_analysis(qtbot, window, "RegionB")
    qtbot.waitUntil(lambda: texts(view) == ["3", "2"], timeout=MINUTE)
    assert window.results_panel.tabs.currentWidget() is view
    choose(qtbot, window, "RegionA")
    assert texts(view) == ["8", "16"]


def test_what_is_half_typed_is_entered_when_another_analysis_is_chosen(
    qtbot: QtBot, window: MainWindow, two_regions: Path
) -> None:
    view = open_form(qtbot, window, two_regions)
    paste(qtbot, view, "3\n16")
    go_to_cell(view, 0)
    type_text(qtbot, view, "8")
    choose(qtbot, window, "RegionB")
    choose(qtbot, window, "RegionA")
    form = view.form
    shown = [form.model.index(row, At.SIGNAL).data() for row in range(2)]
    assert shown == texts(view) == ["8", "16"]
    assert form.sheet.live == form.sheet.draft
    assert view.signal is not None
    assert view.signal.yields == {"SR": (8.0, 16.0)}
    form.sheet.stack.undo()
    assert texts(view) == ["3", "16"]


def test_an_answer_that_was_left_is_asked_for_again(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, EXCLUDED)
    press_entry(view, "Compare with other analyses…")  # before there is an answer
    qtbot.waitUntil(lambda: view.page == "compare", timeout=MINUTE)
    assert not view.form.isVisible()
    compare = window.signals.compare
    qtbot.waitUntil(lambda: any(one.final for one in compare.contenders), timeout=MINUTE)
    qtbot.mouseClick(button_of(compare, "Back"), LEFT)
    assert answer(qtbot, view) is State.EXCLUDED


def test_a_confirmation_is_of_the_numbers_that_were_confirmed(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, ABSURD)
    wait_for_refusal(qtbot, view)
    qtbot.mouseClick(button_of(view, "Fit it anyway"), LEFT)
    qtbot.waitUntil(lambda: view.judgement is not None and not view.judgement.refusal, timeout=MINUTE)
    go_to_cell(view, 0)
    enter(qtbot, view, "2600000")
    wait_for_refusal(qtbot, view)
    assert "Not fitted" in shown_texts(window)
    view.form.tools.undo.trigger()  # the confirmed numbers again
    qtbot.waitUntil(lambda: view.judgement is not None and not view.judgement.refusal, timeout=MINUTE)
    view.form.scale.slider.setFocus()
    qtbot.keyClick(view.form.scale.slider, Qt.Key.Key_Right)
    wait_for_refusal(qtbot, view)


def test_the_form_asks_again_after_a_scan_on_the_same_workspace(qtbot: QtBot, window: MainWindow) -> None:
    view = open_form(qtbot, window)
    paste(qtbot, view, EXCLUDED)
    answer(qtbot, view)
    target = view.target
    press_entry(view, "Fit as a run…")
    qtbot.waitUntil(lambda: view.page == "scan", timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button_of(window.signals.scan, "Open as a pallet"), LEFT)
    go_to(qtbot, window, "Your signal")
    qtbot.waitUntil(lambda: view.target is not None and view.target is not target, timeout=MINUTE)
    own = view.target
    open_and_wait(qtbot, window, "example")
    qtbot.waitUntil(lambda: view.target is not None and view.target is not own, timeout=MINUTE)
    assert view.target is not None
    assert view.target.pallet != (own.pallet if own is not None else "")
    assert texts(view)[:3] == EXCLUDED.split("\n")
    assert answer(qtbot, view) is State.EXCLUDED


def test_a_changed_published_point_is_not_called_like_the_published_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_form(qtbot, window)
    assert view.target is not None
    point = view.target.analysis.points[20]
    view.start_from(point)
    qtbot.waitUntil(lambda: view.signal is not None, timeout=MINUTE)
    assert view.signal is not None
    assert view.signal.name == point.name
    go_to_cell(view, 0)
    enter(qtbot, view, "0.5")
    assert view.signal.name == f"{point.name} (changed)"
    view.form.tools.undo.trigger()
    assert view.signal.name == point.name
    view.form.scale.slider.setFocus()
    qtbot.keyClick(view.form.scale.slider, Qt.Key.Key_Right)
    assert view.signal.name == f"{point.name} (changed)"


def test_what_is_typed_is_written_down_before_the_tab_is_left(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    window = make_window_in(tmp_path / "data")
    view = open_form(qtbot, window)
    assert view.target is not None
    settings, digest = view.context.settings, view.target.analysis.digest
    assert settings is not None
    go_to_cell(view, 0)
    enter(qtbot, view, "26")
    qtbot.waitUntil(lambda: '"26"' in settings.draft(digest), timeout=MINUTE)
    assert view.form.isVisible()
    view.form.tools.undo.trigger()
    qtbot.waitUntil(lambda: settings.draft(digest) == "", timeout=MINUTE)


@pytest.fixture(scope="module")
def target() -> Target:
    return example_target()


def test_a_draft_with_a_column_that_there_is_not_is_forgotten(target: Target) -> None:
    draft = Draft().typed({(SR[0], Column.SYSTEMATIC): "7"})
    text = written(draft)
    assert read_again(text, target) == draft
    spoiled = text.replace('["SR",0,2,"7"]', '["SR",0,7,"7"]')
    assert spoiled != text
    assert read_again(spoiled, target).is_empty


def test_of_a_draft_too_large_to_be_kept_the_table_is_kept(target: Target) -> None:
    yields = {"SR": (26.0, 20.75, 7.3)}
    change = {"SR": (1.0, 1.0, 1.0)}
    many = tuple(Systematic(f"uncertainty_{number}", change, change) for number in range(LARGEST // 50))
    draft = draft_of(Signal("large", yields=yields, systematics=many), target)
    assert len(written(draft)) <= LARGEST
    again = read_again(written(draft), target)
    assert again.cells == draft.cells
    assert signal_of(again, target).yields == yields
    (finding,) = again.findings
    assert "Import the file again" in finding.sentence


class Waiting(LiveAnswers):
    """Goes on only after the first answer was told: as one that is remembered may be, before it returns."""

    def ask(
        self, target: Target, operations: bytes, heard: Heard, *, options: FitOptions | None = None
    ) -> int:
        told = threading.Event()

        def hear(answer: LiveAnswer) -> None:
            heard(answer)
            told.set()

        serial = super().ask(target, operations, hear, options=options)
        assert told.wait(MINUTE / 1000)
        return serial


def test_an_answer_is_not_taken_back_by_what_was_known_before_it(
    qtbot: QtBot, qapp: QApplication, target: Target
) -> None:
    bridge, live = Bridge(), Waiting()
    answers = Answers(bridge, lambda: live)
    heard: list[Judgement] = []
    answers.judged.connect(heard.append)
    draft = Draft().typed({(place, Column.SIGNAL): "9" for place in SR})
    try:
        answers.ask(target, draft)
        qtbot.waitUntil(lambda: bridge.idle and any(one.final for one in heard), timeout=MINUTE)
    finally:
        bridge.close()
        live.close()
    known = [one.verdict is not None for one in heard]
    assert known == sorted(known)  # first without an answer, then with one
    assert heard[-1].final
