"""What the views make of 0, 1, 2, 3 and more coordinates, of words, and of long tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from fitgui import words
from fitgui.gui.appearance import breakable, format_rate, look_of
from fitgui.gui.headline import Headline
from fitgui.gui.log_panel import describe_event
from fitgui.gui.plane.colour_scale import LEVELS, QUANTITIES, Quantity
from fitgui.gui.points_columns import columns_for
from fitgui.gui.points_model import PointsModel
from fitgui.gui.window import MainWindow
from fitgui.pallets import SignalPoint
from fitgui.pallets.plane import axis_of, axis_title, plane_of, preferred_axes
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    Notice,
    PointFitted,
    PointProgress,
    RunEvent,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
)
from fitgui_backends.results import FitResult, Seconds, TwiceNll
from tests.gui.hands import cut_texts

MakePallet = Callable[..., Path]
MINUTE = 60_000
CLS_COLUMN = [column.title for column in columns_for([], ["m1"])].index("CLs obs")


def point(name: str, **values: float | str) -> SignalPoint:
    return SignalPoint(name, values, b"[]", "patchset")


def fitted(name: str, cls_obs: float, *, converged: bool = True) -> PointStatus:
    result = FitResult(
        name=name,
        cls_obs=cls_obs,
        cls_exp=(0.01, 0.02, 0.03, 0.04, 0.05),
        mu_hat=0.5,
        twice_nll=TwiceNll(),
        converged=converged,
        seconds=Seconds(fit=1.0),
    )
    return PointStatus(name, TaskState.DONE, result=result)


def open_and_wait(qtbot: QtBot, window: MainWindow, source: Path) -> None:
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open(source)


def test_a_point_with_many_toys_tells_how_far_it_is(qtbot: QtBot) -> None:
    snapshot = RunSnapshot(["a", "b"])
    headline = Headline()
    qtbot.addWidget(headline)
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=2, points=("a", "b")),
        TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="here:1"),
        PointProgress(name="a", done=300, total=1000, workers=("here:1", "here:2")),
    ]
    for number, event in enumerate(events, start=1):
        snapshot.apply(StampedEvent(sequence=number, time=0.0, elapsed=10.0 * number, event=event))
    assert str(look_of(snapshot.points["a"])) == "◔ fitting 30 %"
    assert str(look_of(snapshot.points["b"])) == "○ waiting"
    headline.show_run(snapshot, 30.0)
    texts = {label.text() for label in headline.findChildren(QLabel)}
    assert {"0 / 2", "points fitted · fitting 30 %", "2 workers busy"} <= texts
    assert "elapsed · about 57 s to go" in texts, "10 s for 30 % of a point"
    bar = headline.findChild(QProgressBar)
    assert bar is not None
    assert bar.value() / bar.maximum() == pytest.approx(0.15)
    done = PointFitted(result=fitted("a", 0.5).result)
    snapshot.apply(StampedEvent(sequence=4, time=0.0, elapsed=60.0, event=done))
    headline.show_run(snapshot, 60.0)
    assert "points fitted" in {label.text() for label in headline.findChildren(QLabel)}


def test_one_coordinate_is_a_line(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[100.0], [200.0], [400.0]], ["mass"]))
    panel = window.results_panel
    assert panel.tabs.tabText(0) == "Line"
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.run()
    x, y = panel.line._observed.getOriginalDataset()
    assert list(x) == [100.0, 200.0, 400.0]
    results = [window.workbench.snapshot.points[name].result for name in panel.line._names]
    assert list(y) == [result.cls_obs for result in results]
    assert panel.line._plot.getAxis("bottom").labelText == "mass [GeV]"


def test_three_coordinates_offer_the_axes(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    values = [[100.0, 1.0, 0.0], [100.0, 1.0, 50.0], [200.0, 1.0, 50.0]]
    open_and_wait(qtbot, window, make_pallet(values, ["m1", "width", "m2"]))
    plane, toolbar = window.results_panel.plane, window.results_panel.plane_page.toolbar
    bottom, left = (plane._plot.getAxis(side) for side in ("bottom", "left"))
    assert (bottom.labelText, left.labelText) == ("m1 [GeV]", "m2 [GeV]")
    (vertical,) = [action.menu() for action in toolbar.axes_menu.actions() if action.text() == "&Vertical"]
    assert [action.text() for action in vertical.actions()][:3] == ["m1 [GeV]", "width", "m2 [GeV]"]
    vertical.actions()[1].trigger()
    assert left.labelText == "width"
    assert sorted(plane._marks.item.getData()[1]) == [1.0, 1.0, 1.0]
    assert "1 points lie on others" in plane.legend.text() or "1 point lies" in plane.legend.text()


def test_no_coordinates_leave_the_table(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[], []], []))
    assert window.results_panel.plane_page.empty.isVisible()
    assert window.results_panel.model.rowCount() == 2


def test_words_are_places_on_the_axis() -> None:
    points = [point("a", model="wino", m=100.0), point("b", model="bino", m=200.0), point("c", m=300.0)]
    axis = axis_of(points, "model")
    assert axis.words == ("bino", "wino")
    np.testing.assert_array_equal(axis.values, [1.0, 0.0, np.nan])
    assert axis.title == "model"


def test_units_are_claimed_for_masses_only() -> None:
    assert axis_title("m1", np.array([100.0, 900.0])) == "m1 [GeV]"
    assert axis_title("mixing", np.array([0.1, 0.5])) == "mixing"
    assert axis_title("tanb", np.array([2.0, 60.0])) == "tanb"


def test_axes_prefer_what_varies() -> None:
    points = [point("a", m1=1.0, m2=5.0, m3=1.0), point("b", m1=1.0, m2=6.0, m3=2.0)]
    assert preferred_axes(points, ["m1", "m2", "m3"]) == ("m2", "m3")
    with pytest.raises(ValueError, match="two coordinates"):
        preferred_axes(points, ["m1"])


def test_points_on_one_place_are_counted() -> None:
    points = [point("a", x=1.0, y=1.0), point("b", x=1.0, y=1.0), point("c", x=2.0, y=1.0), point("d", x=2.0)]
    assert plane_of(points, "x", "y").shared_places == 1


@given(st.sampled_from(QUANTITIES), st.lists(st.floats(0), min_size=2, max_size=50))
def test_larger_values_never_take_an_earlier_colour(quantity: Quantity, values: list[float]) -> None:
    levels = [quantity.level(value) for value in sorted(values)]
    assert levels == sorted(levels)
    assert 0 <= levels[0] <= levels[-1] < LEVELS


@given(st.floats(0, 1e6))
def test_durations_stay_short(seconds: float) -> None:
    text = words.duration(seconds)
    assert len(text) <= len("1000 h 00 min")
    assert "60 s" not in text
    assert "60 min" not in text


def test_rates_are_imaginable() -> None:
    assert format_rate(41.2) == "41 /s"
    assert format_rate(1.25) == "1.2 /s"
    assert format_rate(0.05) == "3.0 /min"


@given(
    st.lists(st.tuples(st.integers(0, 40), st.none() | st.floats(0, 1)), max_size=40),
    st.integers(0, CLS_COLUMN + 2),
    st.booleans(),
    st.sampled_from(["", "p1", "fitted", "zzz"]),
)
def test_table_sorts_and_filters_like_python(
    rows: list[tuple[int, float | None]], column: int, descending: bool, words: str
) -> None:
    model = PointsModel()
    points = [point(f"p{number}", m1=float(mass)) for number, (mass, _) in enumerate(rows)]
    model.show_points(points, ["m1"])
    model.show_statuses(
        {
            f"p{number}": fitted(f"p{number}", value)
            for number, (_, value) in enumerate(rows)
            if value is not None
        }
    )
    model.set_filter(words)
    model.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
    texts = [
        [model.index(row, col).data() for col in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    assert all(any(words in cell for cell in line) for line in texts)
    if column == 1:
        masses = [float(line[1]) for line in texts]
        assert masses == sorted(masses, reverse=descending)
    if column == CLS_COLUMN:
        known = [model.name_at(row) for row, line in enumerate(texts) if line[column]]
        values = [rows[int(name[1:])][1] for name in known]
        assert values == sorted(values, reverse=descending)
        assert all(line[column] for line in texts[: len(known)]), "points without a value come last"


def test_model_keeps_qt_s_rules(qtbot: QtBot) -> None:
    model = PointsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    points = [point(f"p{i}", m1=float(i)) for i in range(20)]
    model.show_points(points, ["m1"])
    statuses: dict[str, PointStatus] = {}
    model.show_statuses(statuses)
    for i in range(20):
        statuses[f"p{i}"] = fitted(f"p{i}", 1 - i / 20)
        model.points_changed({f"p{i}"})
    held = model.index(0, 0)
    model.sort(CLS_COLUMN)
    model.set_filter("p1")
    model.set_filter("")
    assert tester.model() is model
    assert held.isValid()
    assert model.name_at(0) == "p19"


def test_selection_survives_sorting(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[float(i), 0.0] for i in range(6)]))
    table = window.results_panel.table
    chosen = {"point_1.0_0.0", "point_4.0_0.0"}
    table.select(chosen)
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert table.selected() == chosen


def test_doubtful_results_look_different(qtbot: QtBot) -> None:
    model = PointsModel()
    model.show_points([point("a"), point("b")], [])
    model.show_statuses({"a": fitted("a", 0.5), "b": fitted("b", 0.5, converged=False)})
    assert model.index(0, 1).data() == "✓ fitted"
    assert model.index(1, 1).data() == "⚠ doubtful"


def test_notices_are_logged_in_words() -> None:
    event = StampedEvent(
        sequence=1, time=0.0, elapsed=0.0, event=Notice(level="warning", text="A worker died.")
    )
    assert describe_event(event) == "⚠ A worker died."


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_no_text_is_cut_after_a_run_however_long_the_names(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, size: tuple[int, int]
) -> None:
    label = "mass_of_the_second_lightest_neutralino_in_this_scenario"
    values = [[float(m1), float(m2)] for m1 in (100, 200) for m2 in (0, 50)]
    folder = make_pallet(values, [label, "m2"], name="a_pallet_with_a_name_of_one_long_word" * 3, broken=[1])
    open_and_wait(qtbot, window, folder)
    window.resize(*size)
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.run()
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    QApplication.processEvents()
    assert cut_texts(window) == []
    heading = window.results_panel.model.headerData(1, Qt.Orientation.Horizontal)
    assert heading.endswith(" [GeV]")
    assert len(heading) < 30


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("atlas-susy-2018-04-stau", ["atlas-susy-2018-04-stau"]),
        ("a" * 45, ["a" * 20, "a" * 20, "a" * 5]),
        ("a" * 20, ["a" * 20]),
        (f"two words {'b' * 21}", [f"two words {'b' * 20}", "b"]),
    ],
)
def test_long_words_can_be_broken(name: str, parts: list[str]) -> None:
    assert breakable(name).split("\N{ZERO WIDTH SPACE}") == parts
