"""What the window remembers between sessions: its size, and what was opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

RECENT_KEPT = 10


class WindowSettings:
    """A thin, typed face of ``QSettings``."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def recent(self) -> list[str]:
        """Sources of pallets, the latest first."""
        value = self._settings.value("recent", [])
        if isinstance(value, str):  # a list of one comes back as a word
            return [value]
        return [str(item) for item in value] if isinstance(value, Sequence) else []

    def remember(self, source: str) -> list[str]:
        """Put a source at the head of the list; the bundled example is always listed anyway."""
        recent = self.recent
        if source != "example":
            source = str(Path(source).absolute())
            recent = [source, *(item for item in recent if item != source)][:RECENT_KEPT]
            self._settings.setValue("recent", recent)
        return recent

    @property
    def options(self) -> dict[str, object] | None:
        """What was asked of points in the last session; ``None`` before the first."""
        keys = ("limits", "check", "points")
        known = {key: self._settings.value(f"options/{key}") for key in keys}
        return known if None not in known.values() else None

    @options.setter
    def options(self, options: Mapping[str, object]) -> None:
        for key, value in options.items():
            self._settings.setValue(f"options/{key}", value)

    def restore(self, window: QMainWindow, splitters: Sequence[QSplitter]) -> None:
        """Give the window the size that it had."""
        geometry = self._settings.value("window/geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        for number, splitter in enumerate(splitters):
            state = self._settings.value(f"window/splitter{number}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def save(self, window: QMainWindow, splitters: Sequence[QSplitter]) -> None:
        """Keep the size for the next session."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        for number, splitter in enumerate(splitters):
            self._settings.setValue(f"window/splitter{number}", splitter.saveState())
        self._settings.sync()
