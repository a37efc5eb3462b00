"""Write the pictures of the README by driving the real window: ``make screenshots``.

The bundled example is opened and fitted; pictures are taken half way and at the end, light and dark. Where
the real pallets are at hand, one of them is pictured as well.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from fitgui.gui import theme
from fitgui.gui.app import make_application, make_window
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import TaskState

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (1360, 840)
PATIENCE_MILLISECONDS = 15 * 60_000
STAU = "atlas-susy-2018-04-stau.tar.gz"


def wait_until(condition: Callable[[], bool]) -> None:
    """Run the event loop until ``condition`` holds.

    Raises:
        TimeoutError: if that takes longer than a quarter of an hour.
    """
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: condition() and loop.quit())
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start(20)
    limit.start(PATIENCE_MILLISECONDS)
    if loop.exec() != 0:
        raise TimeoutError("the window did not come to what was to be pictured")


def take(window: MainWindow, name: str) -> None:
    """Save the window as it stands."""
    QApplication.processEvents()
    path = PICTURES / f"{name}.png"
    window.grab().save(str(path))
    print(path.relative_to(PICTURES.parents[1]))


def fitted(window: MainWindow) -> int:
    """How many points have a result."""
    snapshot = window.workbench.snapshot
    return 0 if snapshot is None else snapshot.counts[TaskState.DONE]


def picture_example(look: theme.Theme, folder: Path) -> None:
    """The bundled example: before, during and after the run."""
    application = make_application()
    theme.apply_theme(application, look)
    window = make_window(folder, look=look)
    window.resize(*SIZE)
    window.show()
    window.open("example")
    window.workbench.prepare_backend()
    wait_until(lambda: window.workbench.pallet is not None)
    points = len(window.compute_panel.chosen_points)
    if look is theme.LIGHT:
        take(window, "first-start")
    window.run()
    wait_until(lambda: fitted(window) >= 0.6 * points)
    take(window, f"running-{look.name}")
    wait_until(lambda: not window.workbench.running and window.compute_panel.ready)
    take(window, f"window-{look.name}")
    if look is theme.LIGHT:
        window.results_panel.tabs.setCurrentWidget(window.results_panel.log)
        take(window, "log")
    window.close()


def picture_real_pallet(pallet: Path, folder: Path) -> None:
    """Some points of a published pallet."""
    window = make_window(folder, look=theme.LIGHT)
    theme.apply_theme(make_application(), theme.LIGHT)
    window.resize(*SIZE)
    window.show()
    window.open(pallet)
    window.workbench.prepare_backend()
    wait_until(lambda: window.workbench.pallet is not None)
    window.compute_panel.choose_analysis("Region-lowMass")
    chosen = sorted(point.name for point in window.compute_panel.chosen_points)[::8]
    window.results_panel.preview(chosen)
    window.compute_panel.fit_selected()
    window.run()
    wait_until(lambda: fitted(window) >= len(chosen) - 2)
    take(window, "published-pallet")
    window.close()


def main() -> int:
    """Write all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        picture_example(theme.LIGHT, Path(folder) / "light")
        picture_example(theme.DARK, Path(folder) / "dark")
        pallets = Path(os.environ.get("FITGUI_PALLETS", PICTURES.parents[2] / "shared" / "pallets"))
        if (pallets / STAU).exists():
            picture_real_pallet(pallets / STAU, Path(folder) / "real")
        else:
            print(f"{STAU} is not at hand: published-pallet.png is left as it is", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
