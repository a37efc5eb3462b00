"""A pallet on which pyhf's minimiser stops too early, and how the window tells."""

from __future__ import annotations

from pathlib import Path

from fitgui.gui import theme
from tests.gui.pictures.stage import is_checked, open_pallet, run_to_the_end, take, wait_until


def picture_check(pallet: Path, look: theme.Theme, folder: Path) -> None:
    """The details of the check."""
    window = open_pallet(pallet, look, folder)
    run_to_the_end(window)
    wait_until(lambda: is_checked(window))
    window.results_panel.show_check_details()
    take(window, f"check-{look.name}")
    window.close()
