"""What is said is said once, whole, and no more than is known."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.appearance import point_description, toys_cls, with_error
from fitgui.gui.check_words import limits_left_out, verdict_of
from fitgui.gui.headline import Headline
from fitgui.gui.log_panel import describe_event
from fitgui.gui.plane.colour_scale import CLS, LIMIT, ColourBar, Colours
from fitgui.gui.plane.mark_looks import MarkLooks
from fitgui.gui.points_columns import columns_for
from fitgui.gui.points_model import PointsModel
from fitgui.gui.points_table import PointsTable, two_lines
from fitgui.gui.session import SessionResults
from fitgui.gui.window import MainWindow
from fitgui.pallets import SignalPoint
from fitgui.runs.check import summary
from fitgui.runs.checker import given_up
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PointChecked,
    PointFailed,
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
)
from fitgui_backends.results import FitResult, Seconds, ToyAnswer, TwiceNll, UpperLimits
from tests.gui.hands import GRID, MakePallet, cut_texts, fit_all, open_and_wait, primary, shown_texts

BAND = (0.01, 0.02, 0.03, 0.04, 0.05)
NO_LIMITS = UpperLimits(obs=None, exp=(None, None, None, None, None))


def result(
    name: str = "a",
    *,
    limits: UpperLimits | None = None,
    toys: ToyAnswer | None = None,
    mu_hat: float = 0.5,
    warnings: tuple[str, ...] = (),
) -> FitResult:
    return FitResult(
        name=name,
        cls_obs=0.3,
        cls_exp=BAND,
        mu_hat=mu_hat,
        twice_nll=TwiceNll(),
        limits=limits,
        toys=toys,
        converged=True,
        warnings=warnings,
        seconds=Seconds(fit=10.0),
    )


def done(found: FitResult) -> PointStatus:
    return PointStatus(found.name, TaskState.DONE, result=found)


def snapshot_of(*events: RunEvent, points: tuple[str, ...] = ("a",)) -> RunSnapshot:
    snapshot = RunSnapshot(points)
    for number, event in enumerate((RunStarted(backend="local", workers=2, points=points), *events), start=1):
        snapshot.apply(StampedEvent(sequence=number, time=0.0, elapsed=float(number), event=event))
    return snapshot


def test_a_check_that_was_given_up_says_so_once() -> None:
    event = given_up("it was cancelled")
    sentence = "The check was given up: it was cancelled"
    assert describe_event(StampedEvent(sequence=1, time=0.0, elapsed=0.0, event=event)) == sentence
    snapshot = snapshot_of(PointFitted(result=result()), event)
    assert verdict_of(snapshot, summary(snapshot), {}).text == sentence


def test_a_check_of_cls_promises_nothing_of_limits() -> None:
    for limits, more in ((None, ""), (NO_LIMITS, "; limits are not compared")):
        ours = result(limits=limits)
        snapshot = snapshot_of(PointFitted(result=ours), PointChecked(name="a", reference=result()))
        session = SessionResults()
        session.begin("run", snapshot)
        assert limits_left_out(session.checked["a"]) == bool(limits)
        text = verdict_of(snapshot, summary(snapshot), session.checked).text
        assert text == f"✓ CLs agrees with pyhf on 1 of 1 point, largest difference 0e+00{more}"


def test_a_limit_beyond_the_bound_is_no_limit_at_the_bound(qtbot: QtBot) -> None:
    looks = MarkLooks(theme.LIGHT)
    looks.quantity = LIMIT
    at_bound = UpperLimits(obs=10.0, exp=(1.0, 1.0, 1.0, 1.0, 1.0))
    beyond = looks.of(done(result(limits=NO_LIMITS)), selected=False)
    within = looks.of(done(result(limits=at_bound)), selected=False)
    assert beyond.brush.color() != within.brush.color()
    assert beyond.brush.color() not in looks.colours.colours
    bar = ColourBar(Colours(), theme.LIGHT.muted)
    qtbot.addWidget(bar)
    assert bar.labels == ["≤ 0.001", "0.01", "0.05", "0.1", "1"], "CLs of 1e-49 has the lowest colour, too"
    bar.show_quantity(LIMIT)
    bar.show_bound(10.0)
    assert bar.labels == ["≤ 0.1", "0.3", "1", "3", "10", "> 10"]
    bar.show_bound(100.0)
    assert bar.labels[-2:] == ["≥ 10", "> 100"]
    assert CLS.tick_label(1.0, 100.0) == "1"
    assert "observed > 10\n" in point_description("a", done(result(limits=NO_LIMITS)), None, 10.0)


def test_bounds_are_those_of_the_measurement(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    folder = make_pallet(GRID[:2])
    open_and_wait(qtbot, window, folder)
    shown = window.compute_panel.shown
    assert shown is not None
    assert shown.bound == 10.0, "what pyhf takes where nothing is said"
    background = folder / "BkgOnly.json"
    document = json.loads(background.read_text())
    document["measurements"][0]["config"]["parameters"] = [{"name": "mu_SIG", "bounds": [[0, 40]]}]
    background.write_text(json.dumps(document))
    open_and_wait(qtbot, window, folder)
    shown = window.compute_panel.shown
    assert shown is not None
    assert shown.bound == 40.0


def test_without_a_poi_nothing_can_be_run(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    folder = make_pallet(GRID)
    background = folder / "BkgOnly.json"
    document = json.loads(background.read_text())
    document["measurements"][0]["config"]["poi"] = ""
    background.write_text(json.dumps(document))
    open_and_wait(qtbot, window, folder)
    assert not window.compute_panel.ready
    assert primary(window).text() == "Run"
    assert "names no parameter of interest" in window.compute_panel.choice


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.22110, 0.0430, "0.221 ± 0.043"),
        (0.0476, 0.00254, "0.0476 ± 0.0025"),
        (1.3912, 12.3, "1 ± 12"),
        (1.0, 0.0, "1.0000 ± 0"),
        (0.9999, 0.0996, "1.000 ± 0.100"),
    ],
)
def test_numbers_are_rounded_to_their_error(value: float, error: float, text: str) -> None:
    assert with_error(value, error) == text


def test_toys_that_are_all_as_extreme_are_explained() -> None:
    toys = ToyAnswer(number=100, seed=0, failed=0, cls_obs=1.0, cls_obs_error=0.0137, cls_exp=BAND)
    assert toys_cls(toys) == "1.000 ± 0.014"
    sentence = "mu-hat is above the tested μ"
    assert sentence in point_description("a", done(result(toys=toys, mu_hat=1.3)))
    assert sentence not in point_description("a", done(result(toys=toys, mu_hat=0.3)))


def test_every_heading_has_room_in_two_lines(qtbot: QtBot) -> None:
    model = PointsModel()
    table = PointsTable(model, cancel_points=len, retry_points=len)
    qtbot.addWidget(table)
    points = [SignalPoint("p", {"m1": 100.0, "mass of the neutralino": 1.0}, b"[]", "patchset")]
    model.show_points(points, ["m1", "mass of the neutralino"])
    metrics = QFontMetrics(table.view.font())
    wrap = int(Qt.TextFlag.TextWordWrap)
    for number, column in enumerate(columns_for(points, ["m1", "mass of the neutralino"])):
        table.view.setColumnHidden(number, False)
        width = table.view.columnWidth(number) - 12
        lines = metrics.boundingRect(0, 0, width, 1000, wrap, column.title).height() / metrics.lineSpacing()
        assert lines < 2.5, column.title
        assert two_lines(column.title, metrics) <= metrics.horizontalAdvance(column.title + " ▾")


@pytest.mark.parametrize("width", [432, 688, 1300])
def test_the_headline_is_never_cut(qtbot: QtBot, width: int) -> None:
    names = tuple(f"p{number}" for number in range(19))
    snapshot = snapshot_of(
        *(PointFitted(result=result(name)) for name in names[:2]),
        PointFailed(name=names[2], error="no"),
        TaskStateChanged(points=names[3:], state=TaskState.CANCELLED),
        RunFinished(outcome="cancelled", wall_seconds=12.0),
        points=names,
    )
    headline = Headline()
    qtbot.addWidget(headline)
    headline.show()
    headline.show_run(snapshot, 12.0)
    headline.resize(width, headline.heightForWidth(width))
    QApplication.processEvents()
    assert headline.width() == width, "it asks for no more room"
    assert cut_texts(headline) == []


def test_the_remark_of_the_selected_point_can_be_read_whole(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    table = window.results_panel.table
    warning = "The fit at mu = 1 ended with a very long story. " * 5
    name, other = table.model.name_at(0), table.model.name_at(1)
    statuses = {name: done(result(name, warnings=(warning,))), other: done(result(other))}
    table.model.show_statuses(statuses)
    assert not table.remark.isVisible()
    table.select({name})
    assert table.remark.isVisible()
    assert table.remark.toPlainText() == f"{name}: {warning}"
    statuses[name] = PointStatus(name, TaskState.FAILED, error="The measurement names nothing.")
    table.model.points_changed({name})
    assert table.remark.toPlainText() == f"{name}: The measurement names nothing."
    table.select({other})
    assert not table.remark.isVisible()
    table.select({name, other})
    assert not table.remark.isVisible()


def test_the_window_is_no_larger_than_the_screen(qtbot: QtBot, window: MainWindow) -> None:
    window.fit_into(QSize(1280, 720))
    assert window.width() <= 1280
    assert window.height() < 720, "there is a title above"
    button = primary(window)
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    window.fit_into(QSize(800, 500))
    assert window.minimumHeight() < 500
    assert shown_texts(window)


def test_numbers_of_the_table_are_whole(qtbot: QtBot, window: MainWindow) -> None:
    """The example's strongest exclusions have the longest numbers."""
    open_and_wait(qtbot, window, "example")
    fit_all(qtbot, window)
    view, model = window.results_panel.table.view, window.results_panel.model
    for column_ in range(1, model.columnCount() - 1):
        if not view.isColumnHidden(column_):
            assert view.sizeHintForColumn(column_) <= view.columnWidth(column_), model.headerData(
                column_, Qt.Orientation.Horizontal
            )
