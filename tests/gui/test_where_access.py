"""With every place on show, every control can be reached, named and read, and no text is cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.app import make_application
from fitgui.gui.where.panel_dialog import PanelDialog
from fitgui.gui.where.place_combo import BETWEEN, PlaceCombo
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import PlaceInfo
from tests.gui.clusters import RIVER, HandCluster, HandGlobus, parsl
from tests.gui.hands import MINUTE, cut_texts
from tests.gui.test_access import controls
from tests.gui.test_where import window_with

MakeWindow = Callable[..., MainWindow]
LONG = PlaceInfo(
    identifier=RIVER.identifier,
    name="the-endpoint-with-the-longest-name-of-the-whole-mountain-institute",
    status="online",
    description="Mountain Institute of Precision Measurements and Exclusion · login-17.example.org · Slurm",
)
WORDY = "alexandrina.bartholomew-featherstonehaugh@mountain-institute.example.org"


def long_globus(**wishes: object) -> HandGlobus:
    return HandGlobus(spots=(LONG,), user=WORDY, **wishes)  # type: ignore[arg-type]


def ready_at(
    qtbot: QtBot, make: MakeWindow, folder: Path, *clusters: HandCluster, name: str = "globus"
) -> MainWindow:
    window = window_with(qtbot, make, folder, *clusters)
    window.open("example")
    qtbot.waitUntil(lambda: window.workbench.pallet is not None, timeout=MINUTE)
    window.compute_panel.places.choose(name)
    cluster = window.where.clusters[name]
    qtbot.waitUntil(
        lambda: not cluster.listing and not cluster.asking and cluster.health is not None, timeout=MINUTE
    )
    return window


@pytest.mark.parametrize("size", [(1024, 640), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_the_longest_texts_are_whole(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, size: tuple[int, int], look: theme.Theme
) -> None:
    window = ready_at(qtbot, make_window_in, tmp_path, long_globus())
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application, look)
    window.resize(*size)
    cluster = window.where.clusters["globus"]
    cluster.set_favourite(LONG.identifier, on=True)
    for options in ({}, {"account": "fitgui", "max_blocks": 64}):
        cluster.set_options(options)
        qtbot.waitUntil(lambda: not cluster.asking, timeout=MINUTE)
        qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
        qtbot.waitUntil(lambda: cut_texts(window) == [])
        panel = window.compute_panel
        (scroll,) = [area for area in panel.findChildren(QScrollArea) if area.accessibleName() == "Choices"]
        inside = scroll.widget()
        assert inside is not None
        assert inside.width() <= scroll.viewport().width(), "nothing is beyond the edge"


@pytest.mark.parametrize(
    "clusters",
    [
        (),
        (HandGlobus(logged_in=False),),
        (HandGlobus(spots=()),),
        (HandGlobus(), parsl()),
    ],
    ids=["not installed", "needs login", "no endpoint", "two"],
)
def test_no_state_of_a_card_cuts_its_words(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, clusters: tuple[HandCluster, ...]
) -> None:
    window = ready_at(qtbot, make_window_in, tmp_path, *clusters)
    window.resize(1024, 640)
    for name in window.compute_panel.places.cards:
        window.compute_panel.places.choose(name)
        cluster = window.where.cluster
        qtbot.waitUntil(lambda cluster=cluster: cluster is None or not cluster.listing, timeout=MINUTE)
        qtbot.waitUntil(lambda: cut_texts(window) == [])


def test_every_control_has_a_name_of_its_own_and_a_tooltip(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = ready_at(qtbot, make_window_in, tmp_path, HandGlobus(), parsl())
    found = [w for w in controls(window) if window.compute_panel.isAncestorOf(w)]
    assert [repr(w) for w in found if not w.accessibleName() or not w.toolTip()] == []
    visible = [w.accessibleName() for w in found if w.isVisible()]
    assert len(visible) == len(set(visible))


def test_tab_goes_through_the_card_in_the_order_of_what_is_seen(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = ready_at(qtbot, make_window_in, tmp_path, HandGlobus())
    window.where.clusters["globus"].choose(RIVER.identifier)
    window.where.clusters["globus"].set_options({"account": "fitgui"})
    qtbot.waitUntil(lambda: window.where.standing.ready, timeout=MINUTE)
    radio = window.compute_panel.places.cards["globus"].radio
    radio.setFocus()
    names, widget = [], QApplication.focusWidget()
    for _ in range(8):
        assert isinstance(widget, QWidget)
        names.append(widget.accessibleName())
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    assert names == [
        "Globus Compute",
        "Log out of Globus Compute",
        "Find endpoint",
        "Look for endpoints again",
        "Endpoint",
        "Favourite endpoint",
        "Options of the endpoint",
        "Check of the endpoint",
    ]


def test_the_menu_offers_what_the_place_can_do(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    window = ready_at(qtbot, make_window_in, tmp_path, HandGlobus())
    entries = {entry.text().replace("&", ""): entry for entry in window.actions_.entries}
    assert not entries["Log in…"].isEnabled()
    assert entries["Log out"].isEnabled()
    assert not entries["Check…"].isEnabled(), "no endpoint is chosen"
    window.where.clusters["globus"].choose(RIVER.identifier)
    window.where.clusters["globus"].set_options({"account": "fitgui"})
    qtbot.waitUntil(entries["Check…"].isEnabled, timeout=MINUTE)
    qtbot.keyClick(
        window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    (dialog,) = window.findChildren(PanelDialog)
    assert dialog.windowTitle() == "Options of river-slurm"
    dialog.close()
    window.compute_panel.places.choose("local")
    assert not entries["Options…"].isEnabled()


def test_a_long_name_leaves_room_for_the_state_of_its_endpoint(qtbot: QtBot) -> None:
    make_application()
    box = PlaceCombo("Endpoint", "Computes")
    qtbot.addWidget(box)
    box.addItem(f"★ river-slurm{BETWEEN}✓ online")
    whole = box.fontMetrics().horizontalAdvance(box.currentText())
    assert box.shortened(whole) == "★ river-slurm · ✓ online"
    assert box.shortened(whole - 1) == "★ river-slurm ✓"
    shortest = box.shortened(whole // 3)
    assert shortest.endswith("… ✓")
    assert box.fontMetrics().horizontalAdvance(shortest) <= whole // 3
    box.setItemText(0, "11111111-1111-1111-1111-111111111111")
    assert box.shortened(whole // 3).endswith("…")
