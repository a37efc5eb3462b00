"""Start the window."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from fitgui import words
from fitgui.folders import default_data_folder
from fitgui.gui import theme
from fitgui.gui.garbage import GuiThreadCollector
from fitgui.gui.pallet_store import PalletStore
from fitgui.gui.settings import WindowSettings
from fitgui.gui.where.lazy import LazyBackends
from fitgui.gui.where.where import Where
from fitgui.gui.window import MainWindow
from fitgui.gui.workbench import Workbench
from fitgui.pallets.library.library import Library
from fitgui.resources import resource_path
from fitgui.runs.backends import backend_names, create_backend, default_workers
from fitgui.runs.clusters import ClusterSettings
from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal
from fitgui.trouble import report
from fitgui_backends.contract import Backend

WARM_UP_DELAY_MILLISECONDS = 300
"""Workers start once the window stands: they take the cores for a second."""


def run(pallet: str | None = None, *, run: bool = False, self_test: bool = False) -> int:
    """Open the window and stay until it is closed.

    Args:
        pallet: path of a pallet, ``example``, a name in the library or a DOI, which is fetched if it must;
            ``None`` opens the pallet of the last session, or, at the first start, the bundled example.
        run: fit all points of the first analysis as soon as the pallet is open.
        self_test: close again once the pallet is on show; for packages.

    Returns:
        The exit status.
    """
    application = make_application()
    window = make_window(default_data_folder())
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python runs the handler when the frame timer next calls into it; what is done is in the journal.
        signal.signal(number, lambda _number, _frame: window.close_now())
    sys.excepthook = lambda _kind, error, _trace: window.tell("error", words.capital(report(error)))
    window.show()
    window.open_first(pallet, run=run)
    QTimer.singleShot(WARM_UP_DELAY_MILLISECONDS, window.prepare)
    if self_test:
        window.workbench.pallet_opened.connect(lambda _pallet: QTimer.singleShot(0, window.close))
        for failed in (window.workbench.failed, window.store.failed):
            failed.connect(lambda _sentence: application.exit(1))
        window.store.download_changed.connect(lambda state: state.can_retry and application.exit(1))
    return application.exec()


def make_application() -> QApplication:
    """The application object with its name, icon and theme."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    if not isinstance(existing, QApplication):
        GuiThreadCollector(application)
    application.setApplicationName("fitgui")
    application.setOrganizationName("fitgui")
    application.setDesktopFileName("io.github.fitgui.fitgui")
    icon = resource_path("icons/fitgui.svg")
    if icon.exists():
        application.setWindowIcon(QIcon(str(icon)))
    theme.apply_theme(application, theme.system_theme())
    return application


def make_window(
    data_folder: Path,
    *,
    look: theme.Theme | None = None,
    makers: Mapping[str, Callable[[], Backend]] | None = None,
) -> MainWindow:
    """A window with its own journal, backends, library and settings below ``data_folder``.

    Args:
        data_folder: all files are below it.
        look: the colours; ``None`` for those that were chosen before, else those of the desktop.
        makers: make backends by name, instead of those that there are, or beside them.
    """
    clusters = ClusterSettings(data_folder)

    def maker(name: str) -> Callable[[], Backend]:
        return lambda: create_backend(name, folder=data_folder, client_id=clusters.client_id)

    backends = LazyBackends({**{name: maker(name) for name in backend_names()}, **(makers or {})})
    journal = Journal(data_folder / "journal.sqlite")
    controller = RunController(journal, backends)
    library = Library(data_folder / "library")
    workbench = Workbench(controller, backends, library)
    store = PalletStore(data_folder, workbench.bridge, library)
    where = Where(backends, clusters, workbench.bridge)
    settings = QSettings(str(data_folder / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(
        workbench,
        store,
        where,
        WindowSettings(settings),
        look,
        workers=default_workers("local") or 1,
    )
    if look is None and window.look_choice.look != theme.system_theme():
        window.look_choice.apply()
    for notice in journal.notices:
        window.tell("warning", notice)
    return window
