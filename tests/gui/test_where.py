"""Choosing where to fit: what each place says of itself, what it needs; a run goes where it was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fitgui.gui.where.box import WhereBox
from fitgui.gui.where.setup_dialog import SetupDialog
from fitgui.gui.window import MainWindow
from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import BackendError, Place, PlaceInfo
from tests.gui.clusters import ATTIC, LAKE, RIVER, SLURM, HandCluster, HandGlobus, parsl
from tests.gui.hands import (
    GRID,
    MINUTE,
    MakePallet,
    column,
    control,
    fit_all,
    open_and_wait,
    primary,
    shown_texts,
)

MakeWindow = Callable[..., MainWindow]


def window_with(
    qtbot: QtBot, make: MakeWindow, folder: Path, *clusters: HandCluster, prepare: bool = True
) -> MainWindow:
    """A window whose clusters are these; those that are not given are not installed."""
    known = {cluster.name: cluster for cluster in (HandGlobus(missing=True), parsl(missing=True), *clusters)}
    makers = {name: lambda cluster=cluster: cluster for name, cluster in known.items()}
    window = make(folder, makers=makers)
    if prepare:
        window.prepare()
        clusters_ = window.where.clusters.values()
        qtbot.waitUntil(lambda: all(cluster.health is not None for cluster in clusters_), timeout=MINUTE)
        qtbot.waitUntil(lambda: window.where.local_health is not None, timeout=MINUTE)
    return window


def places(window: MainWindow) -> WhereBox:
    return window.compute_panel.places


def card_says(window: MainWindow, name: str) -> str:
    card = places(window).cards[name]
    return f"{card.state} / {card.line}"


def choose(qtbot: QtBot, window: MainWindow, title: str) -> None:
    """Press the radio button of a card, with the mouse."""
    radio = control(window, QRadioButton, title)
    qtbot.mouseClick(radio, Qt.MouseButton.LeftButton)


def ready(window: MainWindow) -> bool:
    return window.where.standing.ready


def test_every_place_says_what_it_is_and_nothing_is_asked_of_a_service(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus()
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    assert card_says(window, "local").startswith("✓ ready / ")
    assert card_says(window, "globus") == "✓ installed / "
    assert card_says(window, "parsl") == "○ not installed / needs fitgui[parsl]"
    assert globus.asked == [], "before the user chooses it"
    assert control(window, QRadioButton, "This machine").isChecked()


def test_a_missing_package_is_named_and_its_command_copied(
    qtbot: QtBot, make_window_in: MakeWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path / "data")
    open_and_wait(qtbot, window, make_pallet(GRID))
    choose(qtbot, window, "Parsl")
    assert 'pip install "fitgui[parsl]"' in shown_texts(window)
    assert not primary(window).isEnabled()
    qtbot.mouseClick(control(window, QPushButton, "Copy the command"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == 'pip install "fitgui[parsl]"'
    choose(qtbot, window, "This machine")
    assert primary(window).isEnabled()
    assert "fitgui[parsl]" not in window.compute_panel._obstacle_line.text


def test_a_run_goes_to_the_endpoint_that_is_chosen(
    qtbot: QtBot, make_window_in: MakeWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    globus = HandGlobus(schema={"type": "object", "properties": {}})
    window = window_with(qtbot, make_window_in, tmp_path / "data", globus)
    open_and_wait(qtbot, window, make_pallet(GRID))
    choose(qtbot, window, "Globus Compute")
    box = control(window, QComboBox, "Endpoint")
    qtbot.waitUntil(lambda: box.count() == 3, timeout=MINUTE)
    assert [box.itemText(i) for i in range(3)] == [
        "choose an endpoint …",
        "river-slurm · ✓ online",
        "lake-htcondor · ✗ offline",
    ]
    assert not primary(window).isEnabled()
    assert "Choose the endpoint" in window.compute_panel._obstacle_line.text
    qtbot.mouseClick(control(window, QPushButton, "Choose one"), Qt.MouseButton.LeftButton)
    assert box.hasFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: ready(window), timeout=MINUTE)
    assert card_says(window, "globus") == "✓ ready / river-slurm"
    fit_all(qtbot, window)
    assert set(column(window, "State")) <= {"✓ fitted", "⚠ fitted"}
    (plan,) = globus.plans
    assert plan.place == Place(identifier=RIVER.identifier, name="river-slurm")
    assert plan.workers is None, "the cluster decides"
    assert window.workbench.run_id is not None
    assert window.workbench._controller.plan(window.workbench.run_id).backend == "globus"
    assert ClusterSettings(tmp_path / "data").last("globus") == plan.place


def test_an_endpoint_that_is_offline_is_told_and_asked_again(
    qtbot: QtBot, make_window_in: MakeWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    globus = HandGlobus(schema={"type": "object", "properties": {}})
    window = window_with(qtbot, make_window_in, tmp_path / "data", globus)
    open_and_wait(qtbot, window, make_pallet(GRID))
    choose(qtbot, window, "Globus Compute")
    window.where.clusters["globus"].choose(LAKE.identifier)
    line = window.compute_panel._obstacle_line
    qtbot.waitUntil(lambda: "is offline" in line.text, timeout=MINUTE)
    assert card_says(window, "globus").startswith("✗ offline / ")
    assert primary(window).isEnabled(), "the service keeps the tasks until it is started again"
    globus.spots = (RIVER, PlaceInfo(identifier=LAKE.identifier, name=LAKE.name, status="online"))
    qtbot.mouseClick(control(window, QPushButton, "Look again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line.text == "", timeout=MINUTE)
    assert primary(window).isEnabled()


def test_a_service_that_does_not_answer_is_told_in_its_words(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus(trouble=BackendError("Globus Compute cannot be reached: look at the network."))
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    line = window.compute_panel._obstacle_line
    qtbot.waitUntil(lambda: "cannot be reached" in line.text, timeout=MINUTE)
    assert card_says(window, "globus").startswith("✗ no answer / ")
    globus.trouble = None
    qtbot.mouseClick(control(window, QPushButton, "Look again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card_says(window, "globus").startswith("○ none chosen"), timeout=MINUTE)


def test_favourites_come_first_and_are_remembered_with_the_last_place(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus()
    first = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, first, "Globus Compute")
    cluster = first.where.clusters["globus"]
    qtbot.waitUntil(lambda: cluster.places_known, timeout=MINUTE)
    cluster.choose(LAKE.identifier)
    qtbot.mouseClick(control(first, QToolButton, "Favourite endpoint"), Qt.MouseButton.LeftButton)
    first.close()
    second = window_with(qtbot, make_window_in, tmp_path, HandGlobus())
    assert card_says(second, "globus") == "✓ installed / lake-htcondor"
    choose(qtbot, second, "Globus Compute")
    box = control(second, QComboBox, "Endpoint")
    qtbot.waitUntil(lambda: box.count() == 2, timeout=MINUTE)
    assert box.itemText(0) == box.currentText() == "★ lake-htcondor · ✗ offline"


def test_one_of_many_endpoints_is_found_by_typing_and_an_unlisted_one_by_its_id(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    many = tuple(
        PlaceInfo(identifier=f"{n:08d}-0000-0000-0000-000000000000", name=f"node-{n:02d}", status="online")
        for n in range(40)
    )
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus(spots=many))
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    qtbot.waitUntil(lambda: len(cluster.places) == 40, timeout=MINUTE)
    find, box = control(window, QLineEdit, "Find endpoint"), control(window, QComboBox, "Endpoint")
    qtbot.keyClicks(find, "node-17")
    assert box.count() == 2
    qtbot.keyClick(find, Qt.Key.Key_Return)
    assert cluster.place is not None
    assert cluster.place.name == "node-17"
    assert find.text() == ""
    qtbot.keyClicks(find, "nothing like it")
    qtbot.keyClick(find, Qt.Key.Key_Return)
    assert "it is no id" in shown_texts(window)
    assert cluster.place.name == "node-17"
    find.clear()
    unlisted = "4b116d3c-1703-4f8f-9f6f-39921e5864df"
    qtbot.keyClicks(find, unlisted)
    qtbot.keyClick(find, Qt.Key.Key_Return)
    assert cluster.place.identifier == unlisted
    assert box.currentData() == unlisted


def test_without_any_endpoint_one_can_be_set_up(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus(spots=()))
    choose(qtbot, window, "Globus Compute")
    line = window.compute_panel._obstacle_line
    qtbot.waitUntil(lambda: "no endpoint that you may use yet" in line.text, timeout=MINUTE)
    button = control(window, QPushButton, "Set one up…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(SetupDialog)
    qtbot.waitUntil(lambda: bool(dialog.files), timeout=MINUTE)
    window.close()
    assert not dialog.isVisible(), "nothing outlives the window"


def test_a_card_that_is_ready_is_not_asked_again_when_it_is_chosen_again(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    globus = HandGlobus(schema={"type": "object", "properties": {}})
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    window.where.clusters["globus"].choose(RIVER.identifier)
    qtbot.waitUntil(lambda: ready(window) and not window.where.clusters["globus"].listing, timeout=MINUTE)
    asked = len(globus.asked)
    for title in ("This machine", "Globus Compute", "This machine", "Globus Compute"):
        choose(qtbot, window, title)
    assert ready(window)
    assert len(globus.asked) == asked, "the service has limits"
    qtbot.mouseClick(control(window, QToolButton, "Look for endpoints again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(globus.asked) == asked + 3, timeout=MINUTE)


def turn_wheel(widget: QWidget) -> None:
    """Towards the user, with the mouse over the middle of the widget."""
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(widget.rect().center())),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_scrolls_and_changes_no_endpoint(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus())
    window.resize(1024, 640)
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    cluster.choose(RIVER.identifier)
    box = control(window, QComboBox, "Endpoint")
    qtbot.waitUntil(lambda: box.count() == 2 and not cluster.asking, timeout=MINUTE)
    turn_wheel(box)
    assert box.currentText().startswith("river")
    assert cluster.place is not None
    assert cluster.place.identifier == RIVER.identifier
    box.setFocus()
    qtbot.waitUntil(box.hasFocus, timeout=MINUTE)
    turn_wheel(box)
    assert cluster.place.identifier == LAKE.identifier, "who went into the list means the list"


def test_damaged_settings_are_told(qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path) -> None:
    (tmp_path / "clusters.json").write_text("{ damaged")
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus())
    qtbot.waitUntil(lambda: "was damaged" in window.results_panel.notice.text, timeout=MINUTE)


def test_parsl_takes_the_scheduler_that_is_there(
    qtbot: QtBot, make_window_in: MakeWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    window = window_with(
        qtbot, make_window_in, tmp_path / "data", parsl(schema={"type": "object", "properties": {}})
    )
    open_and_wait(qtbot, window, make_pallet(GRID))
    choose(qtbot, window, "Parsl")
    qtbot.waitUntil(lambda: ready(window) and window.where.place is not None, timeout=MINUTE)
    assert window.where.place is not None
    assert window.where.place.identifier == SLURM.identifier
    assert not control(window, QLineEdit, "Find scheduler").isVisible(), "there are two"
    assert primary(window).isEnabled()


def test_the_whole_card_can_be_pressed_and_the_keys_reach_every_place(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = window_with(qtbot, make_window_in, tmp_path, HandGlobus())
    qtbot.mouseClick(places(window).cards["globus"], Qt.MouseButton.LeftButton)
    assert window.where.chosen == "globus"
    radio = control(window, QRadioButton, "Globus Compute")
    qtbot.keyClick(radio, Qt.Key.Key_Down)
    assert window.where.chosen == "parsl"
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.where.chosen == "local"


@pytest.mark.parametrize("name", ["globus", "parsl"])
def test_a_backend_that_cannot_be_made_is_no_end_of_the_window(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, name: str
) -> None:
    def fails() -> HandCluster:
        raise ImportError(f"No module named {name!r}")

    window = make_window_in(tmp_path, makers={name: fails})
    window.prepare()
    cluster = window.where.clusters[name]
    qtbot.waitUntil(lambda: cluster.health is not None, timeout=MINUTE)
    assert card_says(window, name).startswith("○ not installed")


def test_favourites_and_the_chosen_endpoint_are_asked_for_though_they_are_in_no_list(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    settings = ClusterSettings(tmp_path)
    settings.set_favourite("globus", ATTIC.identifier, on=True)
    settings.remember("globus", Place(identifier=RIVER.identifier, name="river-slurm"))
    globus = HandGlobus(unlisted=(ATTIC,))
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    box = control(window, QComboBox, "Endpoint")
    qtbot.waitUntil(lambda: box.count() == 3, timeout=MINUTE)
    assert globus.first == (ATTIC.identifier, RIVER.identifier)
    assert box.itemText(0) == "★ attic · ✓ online"


def test_what_strangers_call_their_endpoints_is_no_html(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    name = "<img src=file:///etc/passwd><b>free</b>"
    evil = PlaceInfo(identifier=RIVER.identifier, name=name, status="online", description="<h1>of eve</h1>")
    globus = HandGlobus(spots=(evil,), user="<i>eve</i>")
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    qtbot.waitUntil(lambda: window.where.standing.look.word == "incomplete", timeout=MINUTE)
    box = control(window, QComboBox, "Endpoint")
    tips = [str(box.itemData(row, Qt.ItemDataRole.ToolTipRole)) for row in range(box.count())]
    tips += [widget.toolTip() for widget in window.compute_panel.findChildren(QWidget)]
    shown = [tip for tip in tips if "free" in tip or "eve" in tip]
    assert len(shown) >= 3
    for tip in shown:
        assert not QtText.mightBeRichText(tip) or tip.startswith("<qt>"), tip
        assert "<img" not in tip
        assert "<i>" not in tip
    assert name in shown_texts(window), "in the line of the card, as it stands"
