"""Light and dark, while the window is open: every panel takes the colours, and shows what it showed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.app import make_window
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.look_choice import MODES, Mode, mode_of
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, MakePallet, fit_all, open_and_wait

PLANE = [[float(x), float(y)] for x in (100, 200, 300) for y in (0, 50, 100)]
LOOKS = {look.name: look for look in (theme.LIGHT, theme.DARK)}


@pytest.fixture(autouse=True)
def leave_it_light(qapp: QApplication) -> Iterator[None]:
    yield
    QGuiApplication.styleHints().unsetColorScheme()
    theme.apply_theme(qapp, theme.LIGHT)


def choose(window: MainWindow, mode: Mode) -> None:
    (entry,) = [entry for entry in window.actions_.entries if entry.text() == MODES[mode]]
    entry.trigger()
    QApplication.processEvents()


def ground_share(widget: QWidget, look: theme.Theme) -> float:
    """Which part of a picture of the widget has a colour that this theme gives to grounds."""
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), -1)
    colours = [QColor(colour).rgb() for colour in (look.window, look.panel, look.field)]
    return float(np.isin(pixels, np.array(colours, np.uint32)).mean())


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.workbench.bridge.idle)


def test_every_panel_takes_the_colours_both_ways(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(PLANE))
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.run()
        for mode in ("dark", "light"):  # a run goes on through it
            choose(window, mode_of(mode))
    window.results_panel.table.view.selectRow(2)
    tabs = window.results_panel.tabs
    for mode, other in (("dark", "light"), ("light", "dark")):
        choose(window, mode_of(mode))
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            QApplication.processEvents()
            settle(qtbot, window)
            # White type and white halos exist on dark grounds; an old panel would be a large part.
            shares = ground_share(window, LOOKS[mode]), ground_share(window, LOOKS[other])
            assert shares[0] > 0.5, (mode, tabs.tabText(index), shares)
            assert shares[1] < 0.01, (mode, tabs.tabText(index), shares)


def test_what_was_chosen_and_found_stays(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet(PLANE))
    fit_all(qtbot, window)
    panel = window.results_panel
    panel.table.view.selectRow(2)
    (selected,) = panel.table.selected()
    (exchange,) = [a for a in panel.plane_page.toolbar.axes_menu.actions() if "xchange" in a.text()]
    exchange.trigger()
    (band,) = [entry for entry in panel.plane_page.toolbar.show_menu.actions() if "2σ" in entry.text()]
    band.trigger()
    titles = [panel.tabs.tabText(index) for index in range(panel.tabs.count())]
    (limits,) = [view for view in panel.views if isinstance(view, LimitsView)]
    panel.show_tab(limits)
    (lines,) = [box for box in limits.findChildren(QComboBox) if box.accessibleName() == "Line"]
    lines.setCurrentIndex(2)
    lines.activated.emit(2)
    drawn = limits.limits
    choose(window, "dark")
    settle(qtbot, window)
    assert [panel.tabs.tabText(index) for index in range(panel.tabs.count())] == titles
    (again,) = [view for view in panel.views if isinstance(view, LimitsView)]
    assert again is not limits
    assert panel.tabs.currentWidget() is again
    assert drawn is not None
    assert again.limits is not None
    assert again.limits.names == drawn.names
    data = panel.plane.data
    assert data is not None
    assert (data.x.label, data.y.label) == ("m2", "m1")
    assert panel.plane.choices.contours.wide_band
    assert panel.plane.selected == {selected}
    fit_all(qtbot, window)  # of what ends now the old pages hear nothing
    panel.show_plane()
    qtbot.waitUntil(lambda: panel.plane.exclusion is not None)


def test_the_system_is_followed_until_the_user_chooses(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    hints = QGuiApplication.styleHints()
    window = make_window(tmp_path / "data")
    assert window.look_choice.mode == "system"
    for scheme, look in ((Qt.ColorScheme.Dark, theme.DARK), (Qt.ColorScheme.Light, theme.LIGHT)):
        hints.colorSchemeChanged.emit(scheme)
        assert window.look_choice.look == look
        assert qapp.palette().window().color() == QColor(look.window)
    choose(window, "dark")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.look_choice.look == theme.DARK
    window.results_panel.show_titled("Wall time")
    (band,) = [a for a in window.results_panel.plane_page.toolbar.show_menu.actions() if "2σ" in a.text()]
    band.trigger()
    window.close()
    theme.apply_theme(qapp, theme.LIGHT)
    later = make_window(tmp_path / "data")
    assert (later.look_choice.mode, later.look_choice.look) == ("dark", theme.DARK)
    assert qapp.palette().window().color() == QColor(theme.DARK.window)
    tabs = later.results_panel.tabs
    assert tabs.tabText(tabs.currentIndex()) == "Wall time", "the view in front comes back, too"
    assert later.results_panel.plane.choices.contours.wide_band
    choose(later, "system")
    assert later.look_choice.look == theme.system_theme()
    later.close()
    for closed in (window, later):
        closed.deleteLater()


def test_an_unknown_word_in_the_settings_follows_the_system() -> None:
    assert mode_of("mauve") == mode_of("") == "system"


def test_choices_of_the_plane_survive_being_written_down() -> None:
    chosen = PlaneChoices(
        method="rbf", border=False, numbers=True, contours=Wanted(expected=False, wide_band=True)
    )
    assert PlaneChoices.of_kept(chosen.kept()) == chosen
    assert (
        PlaneChoices.of_kept({}) == PlaneChoices.of_kept({"method": "magic", "border": "?"}) == PlaneChoices()
    )
