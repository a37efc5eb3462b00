"""What the window remembers between sessions: its size, and what was opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

RECENT_KEPT = 10
DRAFTS_KEPT = 20
"""Analyses for which the form of a signal is kept."""
EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Recent:
    """Something that was opened before."""

    source: str
    """By which it is opened again: an absolute path, a DOI, or a name in the library."""
    name: str
    """What to call it."""
    digest: str = ""
    """By which the library finds it where nothing lies at its source any more."""


def name_of_source(source: str) -> str:
    """The last part of a path; anything else as it is."""
    path = Path(source)
    return path.name if path.is_absolute() and path.name else source


class WindowSettings:
    """A thin, typed face of ``QSettings``."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def recent(self) -> list[Recent]:
        """What was opened before, the latest first."""
        sources, names, digests = (self._texts(key) for key in ("recent", "recent_names", "recent_digests"))
        if len(names) != len(sources) or len(digests) != len(sources):
            return [Recent(source, name_of_source(source)) for source in sources]
        return [Recent(*known) for known in zip(sources, names, digests, strict=True)]

    def remember(self, source: str, name: str = "", digest: str = "") -> list[Recent]:
        """Put what was opened at the head of the list; the bundled example is always listed anyway.

        Args:
            source: as of :attr:`fitgui.pallets.Pallet.source`: an absolute path, a DOI or another name.
            name: what to call it.
            digest: by it the library finds it where it has moved.
        """
        recent = self.recent
        if source != EXAMPLE:
            latest = Recent(source, name or name_of_source(source), digest)
            others = (k for k in recent if k.source != source and (not digest or k.digest != digest))
            recent = [latest, *others][:RECENT_KEPT]
            for key, texts in (
                ("recent", [known.source for known in recent]),
                ("recent_names", [known.name for known in recent]),
                ("recent_digests", [known.digest for known in recent]),
            ):
                self._settings.setValue(key, texts)
        return recent

    def opened_before(self, source: str) -> Recent:
        """What was opened from there before; without name and digest if nothing was."""
        return next((known for known in self.recent if known.source == source), Recent(source, ""))

    @property
    def last_folder(self) -> str | None:
        """The folder of the latest file or folder that was opened from outside of the library."""
        paths = (Path(known.source) for known in self.recent)
        return next((str(path.parent) for path in paths if path.is_absolute() and path.parent.is_dir()), None)

    def _texts(self, key: str) -> list[str]:
        value = self._settings.value(key, [])
        if isinstance(value, str):  # a list of one comes back as a word
            return [value]
        return [str(item) for item in value] if isinstance(value, Sequence) else []

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

    @property
    def appearance(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return str(self._settings.value("appearance", "system"))

    @appearance.setter
    def appearance(self, mode: str) -> None:
        self._settings.setValue("appearance", mode)

    @property
    def plane(self) -> dict[str, str]:
        """How the plane was looked at in the last session, by what was chosen; as it was written."""
        keys = [key for key in self._settings.allKeys() if key.startswith("plane/")]
        return {key.removeprefix("plane/"): str(self._settings.value(key)) for key in keys}

    @plane.setter
    def plane(self, choices: Mapping[str, str]) -> None:
        for key, value in choices.items():
            self._settings.setValue(f"plane/{key}", value)

    @property
    def tab(self) -> str:
        """The title of the view of the results that was in front."""
        return str(self._settings.value("window/tab", ""))

    @tab.setter
    def tab(self, title: str) -> None:
        self._settings.setValue("window/tab", title)

    def cross_sections(self, digest: str) -> tuple[str, str] | None:
        """The table of cross sections that was opened for an analysis.

        Args:
            digest: of the workspace.

        Returns:
            Its path, and the label of the coordinate that is the mass; ``None`` where there was none.
        """
        path, mass = (self._settings.value(f"cross_sections/{digest}/{key}") for key in ("path", "mass"))
        return (path, str(mass or "")) if isinstance(path, str) and path else None

    def remember_cross_sections(self, digest: str, path: str, mass: str) -> None:
        """Take this table for the analysis from now on; none where the path is empty."""
        if not path:
            self._settings.remove(f"cross_sections/{digest}")
            return
        self._settings.setValue(f"cross_sections/{digest}/path", path)
        self._settings.setValue(f"cross_sections/{digest}/mass", mass)

    def draft(self, digest: str) -> str:
        """What stood in the form of a signal of one's own for an analysis; empty where nothing did.

        Args:
            digest: of the workspace.
        """
        return str(self._settings.value(f"signals/{digest}", "") or "")

    def remember_draft(self, digest: str, text: str) -> None:
        """Keep it, with those of the analyses before it; an empty one is forgotten."""
        before = self._texts("signals_order")
        kept = [*([digest] if text else []), *(one for one in before if one != digest)]
        for old in (*before, digest):
            if old not in kept[:DRAFTS_KEPT]:
                self._settings.remove(f"signals/{old}")
        if text:
            self._settings.setValue(f"signals/{digest}", text)
        self._settings.setValue("signals_order", kept[:DRAFTS_KEPT])

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
