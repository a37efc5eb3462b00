"""The tab of one point, in a real window: select a point, and look into it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.point.view import KINDS, NONE_CHOSEN, PointView, place_in_words
from fitgui.gui.window import MainWindow
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import Axis
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait, shown_texts


def view_of(window: MainWindow) -> PointView:
    (view,) = [view for view in window.results_panel.views if isinstance(view, PointView)]
    return view


def select(window: MainWindow, *rows: int) -> None:
    """As a click in the table does it."""
    assert window.workbench.pallet is not None
    names = [point.name for point in window.workbench.pallet.analyses[0].points]
    window.results_panel.preview({names[row] for row in rows})


def test_coordinates_are_written_as_on_the_axes_of_the_plane() -> None:
    point = SignalPoint("p", {"m1": 500.0, "m2": 150.0, "tau": 0.1, "mode": "Wh"}, b"[]", "s")
    axes = {
        "m1": Axis("m1", np.array([500.0]), symbol="m(χ̃₁⁺)", unit="GeV"),
        "m2": Axis("m2", np.array([150.0]), unit="GeV"),
        "tau": Axis("tau", np.array([0.1])),
    }
    assert place_in_words(point, axes) == "m(χ̃₁⁺) = 500 GeV, m2 = 150 GeV, tau = 0.1, mode = Wh"


def test_a_point_is_looked_into(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, broken=[1]))
    view, panel = view_of(window), window.results_panel
    select(window, 0)
    assert view.inside is None  # nobody looks
    panel.show_tab(view)
    qtbot.waitUntil(lambda: view.inside is not None and bool(view.inside.fits), timeout=MINUTE)
    assert view.message == ""
    assert "m1 = 100 GeV, m2 = 0 GeV" in shown_texts(window)
    assert not cut_texts(view)
    qtbot.waitUntil(lambda: view.inside is not None and view.inside.complete, timeout=MINUTE)
    assert view.inside is not None
    assert not view.inside.trouble
    for kind in KINDS:
        (button,) = [b for b in view.findChildren(QPushButton) if b.text() == kind.title]
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        page = view.page
        assert isinstance(page, kind)
        assert view.message == page.missing
        assert page.isVisible() is not bool(page.missing)
        QApplication.processEvents()  # the layout follows the texts
        assert not cut_texts(view)
        picture = view.grab().toImage()
        assert not picture.isNull()

    select(window, 0, 2)
    assert view.message.startswith("2 points are selected")
    select(window)
    assert view.message == NONE_CHOSEN

    select(window, 1)
    qtbot.waitUntil(lambda: view.inside is not None and bool(view.inside.trouble), timeout=MINUTE)
    assert "could not be looked into" in view.message
    assert "Traceback" not in view.message
    (again,) = [b for b in view.findChildren(QPushButton) if b.text() == "Try again"]
    assert again.isVisible()
    select(window, 0)
    assert view.message == ""  # known from before
    assert view.inside is not None
    assert view.inside.complete
    np.testing.assert_array_equal(view.inside.fits["free"].channels[0].observed, [52.0, 19.0])
