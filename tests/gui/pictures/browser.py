"""The browser of pallets, with a stand-in for HEPData: from the catalogue to a kept pallet."""

from __future__ import annotations

from pathlib import Path

from fitgui.gui import theme
from fitgui.gui.window import MainWindow
from fitgui.pallets.catalogue.shelf import Row
from tests.gui.pictures.stage import open_pallet, take, wait_until
from tests.hepdata.faults import Slow
from tests.hepdata.standin import StandIn


def picture_browser(standin: StandIn, look: theme.Theme, folder: Path) -> None:
    """From the catalogue to a kept pallet: filter, card with its preview, download, library."""
    window = open_pallet("example", look, folder)
    panel, store = window.pallet_panel, window.store
    wait_until(lambda: store.index is not None)
    take(window, f"catalogue-{look.name}")
    panel.catalogue.filter_line.setText("lepton")
    panel.catalogue.facets.unfold()
    panel.catalogue.choose(row_of(window, "3ℓ eRJR").key)
    take(window, f"filter-{look.name}")
    panel.catalogue.facets.unfold(on=False)
    panel.catalogue.filter_line.clear()
    panel.catalogue.choose(row_of(window, "1Lbb").key)
    slow = standin.fault("file", Slow(piece=40_000, pause=0.1))
    panel.card.press_primary()
    wait_until(lambda: received(window) > 900_000)
    take(window, f"download-{look.name}")
    slow.end()
    wait_until(lambda: window.workbench.pallet is not None and window.workbench.pallet.source != "example")
    panel.catalogue.choose(row_of(window, "Direct stau").key)
    panel.card.press_primary()
    wait_until(lambda: len(store.items) == 2)
    wait_until(lambda: window.workbench.pallet is not None and "2018-04" in window.workbench.pallet.name)
    panel.card.show_preview()
    take(window, f"card-{look.name}")
    panel.show_tab(1)
    panel.library.choose(store.items[-1].digest)
    take(window, f"library-{look.name}")
    window.close()


def row_of(window: MainWindow, nickname: str) -> Row:
    """A row of the catalogue."""
    return next(row for row in window.store.rows if nickname in row.entry.nickname)


def received(window: MainWindow) -> int:
    """Bytes of the download that is going on."""
    states = [state for state in window.store.downloads.values() if state.going_on]
    return states[0].progress.received if states and states[0].progress is not None else 0
