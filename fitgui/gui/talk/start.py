"""``fitgui talk``: recorded runs on the whole screen, without the window."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QEventLoop

from fitgui.folders import default_data_folder
from fitgui.gui import theme
from fitgui.gui.app import make_application
from fitgui.gui.bridge import Bridge
from fitgui.gui.talk.material import load, replayed
from fitgui.gui.talk.type import HEIGHT, WIDTH
from fitgui.gui.talk.window import TalkWindow
from fitgui.runs.journal import Journal
from fitgui.trouble import report

LOOKS = {"dark": theme.DARK, "light": theme.LIGHT}


def run_talk(
    runs: Sequence[str],
    *,
    speed: float | None = None,
    seconds: float | None = None,
    look: str | None = None,
    windowed: bool = False,
) -> int:
    """Show recorded runs until they are left.

    Args:
        runs: names in the journal; at least one.
        speed: seconds of the runs in a second; ``None`` chooses one.
        seconds: what the longest of them is to take, instead.
        look: ``dark`` or ``light``; ``None`` follows the desktop.
        windowed: in a window instead of the whole screen.

    Returns:
        The exit status.

    Raises:
        JournalError: if a run cannot be read.
    """
    journal = Journal(default_data_folder() / "journal.sqlite")
    try:
        material = load(journal, runs)
    finally:
        journal.close()
    application = make_application()
    chosen = LOOKS[look] if look is not None else theme.system_theme()
    theme.apply_theme(application, chosen)
    bridge = Bridge()
    window = TalkWindow(chosen)
    window.add_slides(replayed(material, chosen, bridge, speed=speed, seconds=seconds))
    # A loop of its own: the end of the application's would end every other one of this process.
    loop = QEventLoop()
    window.closed.connect(loop.quit)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: window.close())
    sys.excepthook = lambda _kind, error, _trace: _complain(report(error))
    window.resize(WIDTH, HEIGHT)
    if windowed:
        window.show()
    else:
        window.showFullScreen()
    try:
        return loop.exec()
    finally:
        bridge.close()


def _complain(sentence: str) -> None:
    """One line where the command was started; an audience sees nothing of it."""
    if sys.stderr is not None:
        sys.stderr.write(f"fitgui: {sentence}\n")
