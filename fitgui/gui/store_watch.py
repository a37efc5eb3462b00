"""Noticing what other windows and commands do to the library, so that all show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

SETTLE_MILLISECONDS = 150
"""One change is many to the file system; the shelf is read once they are over."""
MOST = 1000
"""Kept files that are watched for changes in what is known of them; systems limit the number of watches."""


class LibraryWatch(QObject):
    """Tells that the library, or the catalogue beside it, has changed on disk.

    Args:
        data_folder: of the window; in it lie the library and the refreshed catalogue.
        library: its folder, which need not exist yet.
        changed: is called some time after a change.
    """

    def __init__(
        self,
        data_folder: Path,
        library: Path,
        changed: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fixed = (data_folder, library)
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MILLISECONDS)
        self._settle.timeout.connect(changed)
        self._watcher.directoryChanged.connect(self._notice)

    def follow(self, items: Iterable[Path]) -> None:
        """Watch the folders of these kept files, too, and of no others."""
        fixed = {str(folder) for folder in self._fixed if folder.is_dir()}
        wanted = fixed | {str(folder) for folder in islice(items, MOST)}
        watched = set(self._watcher.directories())
        if gone := watched - wanted:
            self._watcher.removePaths(list(gone))
        if new := wanted - watched:
            self._watcher.addPaths(list(new))
        if new & fixed and watched:
            self._settle.start()  # it may have been filled before it was watched

    def stop(self) -> None:
        """Notice nothing any more."""
        self._settle.stop()
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)

    def _notice(self, _folder: str) -> None:
        if not self._settle.isActive():
            self._settle.start()
