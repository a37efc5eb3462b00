"""The real window: ``python -m tests.benchmarks.children.window START FIRST_PALLET [NEXT_PALLET]``.

Runs what the command ``fitgui gui FIRST_PALLET`` runs and watches from outside. A moment counts once the
window has been painted and the event loop has come round again, that is, when it would react to a click.
"""

from __future__ import annotations

import json
import sys
import time

from pyqtgraph import PlotWidget
from PySide6.QtCore import QEvent, QObject, QTimer

from fitgui import __main__ as _entry_point  # noqa: F401  # its import belongs to the start of the application
from fitgui.gui import app
from fitgui.gui.window import MainWindow

POOL_STARTS_MILLISECONDS = 3000
"""The workers start a moment after the window; only the opening is to be measured."""


class Watch(QObject):
    """Sees the window's paint events and writes down when what happened."""

    def __init__(self, started: float, next_pallet: str | None) -> None:
        super().__init__()
        self.figures: dict[str, float] = {}
        self._started = started
        self._next_pallet = next_pallet
        self._window: MainWindow | None = None
        self._opening_since: float | None = None
        self._plot_awaited = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the first show of the window, then every painting of it and of the plots."""
        kind = event.type()
        if kind == QEvent.Type.Show and self._window is None and isinstance(watched, MainWindow):
            self._found(watched)
        elif kind == QEvent.Type.Paint and watched is self._window and "usable" not in self.figures:
            QTimer.singleShot(0, self._usable)
        elif kind == QEvent.Type.Paint and self._plot_awaited and watched is not self._window:
            self._plot_awaited = False
            QTimer.singleShot(0, self._plotted)
        return False

    def _found(self, window: MainWindow) -> None:
        self._window = window
        application = app.make_application()
        application.removeEventFilter(self)
        window.installEventFilter(self)
        for plot in window.findChildren(PlotWidget):
            plot.viewport().installEventFilter(self)
        window.workbench.pallet_opened.connect(self._pallet_opened)
        window.workbench.failed.connect(self._failed)

    def _usable(self) -> None:
        self.figures.setdefault("usable", time.monotonic() - self._started)

    def _pallet_opened(self) -> None:
        self._plot_awaited = True

    def _failed(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        app.make_application().exit(1)

    def _plotted(self) -> None:
        now = time.monotonic()
        window = self._window
        assert window is not None
        self.figures.setdefault("plotted", now - self._started)
        if self._opening_since is not None:
            self.figures["opened"] = now - self._opening_since
            window.close()
        elif self._next_pallet is not None:
            QTimer.singleShot(POOL_STARTS_MILLISECONDS, self._open_next)
        else:
            window.close()

    def _open_next(self) -> None:
        assert self._window is not None
        assert self._next_pallet is not None
        self._opening_since = time.monotonic()
        self._window.open(self._next_pallet)


def main() -> int:
    """Print the seconds until the window was usable, the first plane plotted, the next pallet opened."""
    started, first = int(sys.argv[1]) / 1e9, sys.argv[2]
    application = app.make_application()
    watch = Watch(started, sys.argv[3] if len(sys.argv) > 3 else None)
    application.installEventFilter(watch)
    status = app.run(first)
    print(json.dumps(watch.figures))
    return status


if __name__ == "__main__":
    sys.exit(main())
