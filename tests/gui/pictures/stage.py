"""A window to be pictured: open it, wait for it, save it and look it over."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from fitgui.gui import theme
from fitgui.gui.app import make_application, make_window
from fitgui.gui.result_view import ResultView
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import Backend, TaskState
from tests.gui.pictures.faults import faults_of

ROOT = Path(__file__).parents[3]
SHOWN = ROOT / "docs" / "pictures"
"""Pictures that a document shows; they are in the repository."""
OTHERS = ROOT / "build" / "pictures"
"""All others: they are made to be looked at, and too large to be kept."""
SCALE = float(os.environ.get("QT_SCALE_FACTOR", "1"))
"""Pixels of the screen to a pixel of the design."""
SIZE = (1280, 720)
SECONDS_TO_LOOK = 2.0
PATIENCE_MILLISECONDS = 15 * 60_000
LEAST_COMPRESSED_SIZE = 0
"""To Qt the quality of a PNG file is how little it is compressed."""

faults: list[str] = []
"""What was found in the pictures of this process so far."""


def _note_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error that Qt stepped over is a fault, too."""
    faults.append(f"{kind.__name__}: {error}")
    sys.__excepthook__(kind, error, trace)


sys.excepthook = _note_error

View = TypeVar("View", bound=ResultView)


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


def wait(seconds: float) -> None:
    """Let the event loop run for so long."""
    begun = time.monotonic()
    wait_until(lambda: time.monotonic() >= begun + seconds)


def shown_in_documents() -> frozenset[str]:
    """The names of the pictures that any document shows."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return frozenset(
        name
        for document in documents
        for name in re.findall(r"pictures/([\w-]+)\.png", document.read_text(encoding="utf-8"))
    )


def take(window: QWidget, name: str) -> None:
    """Save the window as it stands, where it belongs, and note what is wrong with it."""
    for _ in range(3):  # a layout that changes its mind needs a second turn
        QApplication.processEvents()
    if SCALE == 1 and name in shown_in_documents():
        path = SHOWN / f"{name}.png"
    else:
        path = OTHERS / (f"{name}.png" if SCALE == 1 else f"{name}@{SCALE:g}x.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(path), "PNG", LEAST_COMPRESSED_SIZE):
        raise OSError(f"{path} cannot be written")
    found = faults_of(window)
    faults.extend(f"{path.name}: {fault}" for fault in found)
    sys.stdout.write("\n  ".join([str(path.relative_to(ROOT)), *found]) + "\n")
    sys.stdout.flush()


def open_pallet(
    source: Path | str,
    look: theme.Theme,
    folder: Path,
    makers: Mapping[str, Callable[[], Backend]] | None = None,
) -> MainWindow:
    """A window with a pallet in it and workers at hand."""
    theme.apply_theme(make_application(), look)
    window = make_window(folder, look=look, makers=makers)
    window.resize(*SIZE)
    window.show()
    window.open(source)
    window.prepare()
    wait_until(lambda: window.workbench.pallet is not None)
    wait(SECONDS_TO_LOOK)  # nobody presses Run sooner than workers need to start
    return window


def run_to_the_end(window: MainWindow) -> None:
    """Press Run, and wait for all points."""
    bench, panel = window.workbench, window.compute_panel
    wait_until(lambda: panel.ready)
    before = bench.run_id
    window.run()
    wait_until(lambda: bench.run_id != before and fitted(window) > 0)
    wait_until(lambda: not bench.running and panel.ready)


def fitted(window: MainWindow) -> int:
    """How many points have a result."""
    snapshot = window.workbench.snapshot
    return 0 if snapshot is None else snapshot.counts[TaskState.DONE]


def is_checked(window: MainWindow) -> bool:
    """Whether the check of the run is done, and on show."""
    snapshot = window.workbench.snapshot
    done = snapshot is not None and snapshot.check_state == "done"
    return done and "Checking" not in window.results_panel.check_line.text


def tick(window: MainWindow, name: str, *, on: bool) -> None:
    """Tick a box of the Compute panel, or take the tick away."""
    (box,) = [box for box in window.findChildren(QCheckBox) if box.accessibleName() == name]
    box.setChecked(on)


def show_view(window: MainWindow, kind: type[View]) -> View:
    """Bring a tab of the results to the front."""
    (view,) = [view for view in window.results_panel.views if isinstance(view, kind)]
    window.results_panel.show_tab(view)
    return view
