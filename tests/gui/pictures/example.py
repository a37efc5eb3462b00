"""The bundled example: before, during and after the run, which is checked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog

from fitgui.gui import theme
from tests.gui.pictures.stage import fitted, is_checked, open_pallet, take, wait_until


def picture_example(look: theme.Theme, folder: Path) -> None:
    """First start, half way, the end, the dialogs, the log."""
    window = open_pallet("example", look, folder)
    points = len(window.compute_panel.chosen_points)
    take(window, f"first-start-{look.name}")
    window.run()
    wait_until(lambda: fitted(window) >= 0.4 * points)
    take(window, f"running-{look.name}")
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    wait_until(lambda: is_checked(window))
    take(window, f"window-{look.name}")
    for place, name in ((0, "palette"), (2, "shortcuts")):
        window.actions_.groups["Help"][place].trigger()
        (dialog,) = [found for found in window.findChildren(QDialog) if found.isVisible()]
        take(dialog, f"{name}-{look.name}")
        dialog.close()
    window.results_panel.tabs.setCurrentWidget(window.results_panel.log)
    take(window, f"log-{look.name}")
    window.close()
