"""A signal of one's own on the stau search: form, map of regions, units, scan, several analyses."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from fitgui.gui import theme
from fitgui.gui.signal.view import SignalView
from fitgui.gui.window import MainWindow
from fitgui.reinterpretation.model import BinRef
from tests.gui.hands import control
from tests.gui.pictures.stage import open_pallet, take, wait_until
from tests.gui.signals import button_of, copy

SPREADSHEET = "Region\tEvents\tError\nSRlow\t9.2\t0.8\nSR_highM\t11.4\t0.9\nPreselection\t310\t6\n"
EFFICIENCIES = """SR,events,acceptance,err
All,20000,20000,20000
SRlow,132,0.0066,0.00057
SRhigh,164,0.0082,0.00064
"""
MASSES = [(stau, neutralino) for stau in range(120, 401, 40) for neutralino in range(1, stau - 40, 40)]
"""Of the scan, in GeV."""


def picture_own_signal(archive: Path, look: theme.Theme, folder: Path) -> None:
    """Every page of the tab, with what leads there."""
    window = open_pallet(archive, look, folder)
    signals, page = window.signals, window.signals.mapping
    window.compute_panel.choose_analysis("Region-combined")
    signals.try_own()
    view = signals.view
    wait_until(lambda: view.target is not None)
    take(window, f"signal-empty-{look.name}")
    copy(SPREADSHEET)
    signals.paste()
    wait_until(lambda: view.page == "mapping")
    take(window, f"signal-mapping-{look.name}")
    page.choose("SR_highM", BinRef("SR2cut_cuts", 0))
    page.leave_out_the_rest()
    take(window, f"signal-mapped-{look.name}")
    page.press_use()
    wait_until(lambda: view.page == "form" and is_judged(view))
    take(window, f"signal-form-{look.name}")
    signals.show_compare()
    wait_until(lambda: len(signals.compare.contenders) > 1)
    wait_until(
        lambda: all(one.looked and (one.final or one.signal is None) for one in signals.compare.contenders)
    )
    take(window, f"signal-compare-{look.name}")
    copy(EFFICIENCIES)
    signals.paste()
    wait_until(lambda: view.page == "mapping")
    control(window, QLineEdit, "Cross section").setText("10 pb")
    control(window, QLineEdit, "Luminosity").setText("139 fb^-1")
    take(window, f"signal-units-{look.name}")
    picture_scan(window, look, folder)
    window.close()


def picture_scan(window: MainWindow, look: theme.Theme, folder: Path) -> None:
    """A file with a line for each model point, and its plane."""
    signals = window.signals
    path = folder / "my-staus.csv"
    lines = ["m_stau,m_neutralino,SRlow,SRhigh"]
    for stau, neutralino in MASSES:
        left = max(stau - neutralino, 0) / stau
        low, high = 2.2e3 * left / stau, 9e4 * left**2 / (stau**2 + 1e4)
        lines.append(f"{stau},{neutralino},{low:.4g},{high:.4g}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    signals.read(path)
    wait_until(lambda: signals.view.page == "scan" and signals.scan.ready)
    take(window, f"signal-scan-{look.name}")
    button_of(signals.scan, "Open and run").click()
    wait_until(lambda: window.workbench.run_id is not None)
    wait_until(lambda: not window.workbench.running)
    panel = window.results_panel
    panel.show_plane()
    wait_until(lambda: panel.plane.up_to_date)
    take(window, f"signal-plane-{look.name}")


def is_judged(view: SignalView) -> bool:
    """Whether the answer stands."""
    judgement = view.judgement
    return not view.form.strip.is_stale and judgement is not None and judgement.final
