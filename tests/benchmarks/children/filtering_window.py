"""From a keystroke to the painted list.

``python -m tests.benchmarks.children.filtering_window START ENTRIES`` opens the real window with a catalogue
of that many entries, and presses keys in its filter line. A keystroke has ended when the list has been
painted and the event loop has nothing left to do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt
from PySide6.QtGui import QKeyEvent

from fitgui.folders import default_data_folder
from fitgui.gui import app
from fitgui.gui.window import MainWindow
from fitgui.pallets.catalogue.bundled import FILE_NAME
from fitgui.pallets.catalogue.stored import write
from tests.benchmarks.generated_catalogue import entries, keystrokes

LONGEST_SECONDS = 60.0
QUIET_SECONDS = 3.0
"""After the window has started: example, workers, and whatever else it does for itself."""
NOTHING_TO_PAINT_SECONDS = 0.5


class Painted(QObject):
    """Notices when a widget has been painted."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let it be painted first, then note that it was."""
        if event.type() == QEvent.Type.Paint:
            self.last = time.perf_counter()
        return False


def main() -> int:
    """Print milliseconds of each keystroke."""
    count = int(sys.argv[2])
    data_folder = default_data_folder()
    write(data_folder / FILE_NAME, entries(count), datetime.now(UTC))
    application = app.make_application()
    window = app.make_window(data_folder)
    window.show()
    index_stands = _until(lambda: window.store.index is not None and len(window.store.index.rows) >= count)
    if not index_stands:
        print("the catalogue was not read in time", file=sys.stderr)
        return 1
    _wait(QUIET_SECONDS)
    figures = _type(window)
    window.close()
    application.processEvents()
    print(json.dumps({"keystrokes": figures, "shown": window.pallet_panel.catalogue.list.model().rowCount()}))
    return 0


def _type(window: MainWindow) -> list[float]:
    tab = window.pallet_panel.catalogue
    window.pallet_panel.focus_filter()
    line, painted = tab.filter_line, Painted()
    tab.list.viewport().installEventFilter(painted)
    figures = []
    for text in keystrokes():
        key, letter = (0, text[-1]) if len(text) > len(line.text()) else (Qt.Key.Key_Backspace, "")
        start = time.perf_counter()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(line, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter))
        _until(lambda start=start: painted.last > start, NOTHING_TO_PAINT_SECONDS)  # type: ignore[misc]
        QCoreApplication.processEvents()
        figures.append(1e3 * (time.perf_counter() - start))
        assert line.text() == text, (line.text(), text)
    return figures


def _until(condition: Callable[[], bool], longest: float = LONGEST_SECONDS) -> bool:
    end = time.perf_counter() + longest
    while not condition():
        if time.perf_counter() > end:
            return False
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 1)
    return True


def _wait(seconds: float) -> None:
    _until(lambda: False, seconds)


if __name__ == "__main__":
    sys.exit(main())
