"""From a press of Run to the last point, in the real window.

``python -m tests.benchmarks.children.window_run START PALLET WORKERS [limits]`` opens the pallet, waits for
the workers to be warm, chooses what is asked for as a user would, and presses the primary button.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QCheckBox, QSpinBox

from fitgui.folders import default_data_folder
from fitgui.gui import app
from fitgui_backends.contract import TaskState

WARM_MILLISECONDS = 3000


class Presser(QObject):
    """Presses Run once the workers are warm, and notes when the last point is shown."""

    def __init__(self, workers: int, *, limits: bool) -> None:
        super().__init__()
        self.figures: dict[str, float] = {}
        self._workers, self._limits = workers, limits
        self._pressed = 0.0
        self.window = app.make_window(default_data_folder())
        bench = self.window.workbench
        bench.pallet_opened.connect(lambda: QTimer.singleShot(WARM_MILLISECONDS, self._press))
        bench.failed.connect(self._failed)
        bench.points_changed.connect(self._look)
        bench.run_ended.connect(self._ended)

    def _press(self) -> None:
        panel = self.window.compute_panel
        for box in panel.findChildren(QCheckBox):
            if box.text().startswith("Upper limits"):
                box.setChecked(self._limits)
            elif box.text().startswith("Check with pyhf"):
                box.setChecked(False)
        assert panel.fit_options.limits == self._limits
        for spin in panel.findChildren(QSpinBox):
            if spin.accessibleName() == "Workers":
                spin.setValue(self._workers)
        assert panel.workers == self._workers
        self._pressed = time.monotonic()
        panel.press_primary()

    def _look(self) -> None:
        snapshot = self.window.workbench.snapshot
        if snapshot is not None and snapshot.counts[TaskState.DONE] == len(snapshot.points):
            QTimer.singleShot(0, self._shown)

    def _shown(self) -> None:
        self.figures.setdefault("last_point", time.monotonic() - self._pressed)

    def _ended(self) -> None:
        self.figures["ended"] = time.monotonic() - self._pressed
        QTimer.singleShot(0, self.window.close)

    def _failed(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        app.make_application().exit(1)


def main() -> int:
    """Print the seconds until the last point was shown, and until the run had ended."""
    application = app.make_application()
    presser = Presser(int(sys.argv[3]), limits="limits" in sys.argv)
    presser.window.show()
    presser.window.workbench.prepare_backend()  # as the application does once its window is up
    presser.window.open(sys.argv[2])
    status = application.exec()
    print(json.dumps(presser.figures))
    return status


if __name__ == "__main__":
    sys.exit(main())
