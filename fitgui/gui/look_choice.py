"""Light or dark: as the desktop asks for, followed while the window is open, or as the user wants it."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from fitgui.gui import theme
from fitgui.gui.settings import WindowSettings

Mode = Literal["system", "light", "dark"]
MODES: Final[dict[Mode, str]] = {
    "system": "Colours like the &system",
    "light": "&Light colours",
    "dark": "&Dark colours",
}
"""In the menu."""
_SCHEMES: Final[dict[Mode, Qt.ColorScheme]] = {
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_THEMES: Final[dict[Mode, theme.Theme]] = {"light": theme.LIGHT, "dark": theme.DARK}


class LookChoice(QObject):
    """Which theme is on show, and who decides.

    Args:
        settings: keep what the user chooses.
        look: colours that were asked for this once; ``None`` takes what the settings say.
        parent: of this object.
    """

    changed = Signal(object)
    """The application has the colours of another :class:`~fitgui.gui.theme.Theme`: plots take them, too."""

    def __init__(
        self, settings: WindowSettings, look: theme.Theme | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.mode: Mode = mode_of(settings.appearance if look is None else look.name)
        self.look = look or self._wanted(QGuiApplication.styleHints().colorScheme())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def choose(self, mode: Mode) -> None:
        """Take this from now on, also in the next session."""
        self.mode = mode
        self._settings.appearance = mode
        hints = QGuiApplication.styleHints()
        if mode in _SCHEMES:
            hints.setColorScheme(_SCHEMES[mode])  # also of the frame that the desktop draws around the window
        else:
            hints.unsetColorScheme()
        self._show(self._wanted(hints.colorScheme()))

    def apply(self) -> None:
        """Give the application the colours of :attr:`look`."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply_theme(application, self.look)

    def fill(self, menu: QMenu) -> list[QAction]:
        """One entry for each mode."""
        group, entries = QActionGroup(menu), []
        for mode, text in MODES.items():
            entry = menu.addAction(text)
            entry.setCheckable(True)
            entry.setChecked(mode == self.mode)
            entry.triggered.connect(lambda _on, mode=mode: self.choose(mode))
            group.addAction(entry)
            entries.append(entry)
        return entries

    def _wanted(self, scheme: Qt.ColorScheme) -> theme.Theme:
        return _THEMES.get(self.mode) or theme.theme_for(scheme)

    def _scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.mode == "system":
            self._show(theme.theme_for(scheme))

    def _show(self, look: theme.Theme) -> None:
        if look != self.look:
            self.look = look
            self.apply()
            self.changed.emit(look)


def mode_of(text: str) -> Mode:
    """What is meant by a word of a settings file, which anybody may have written."""
    return next((mode for mode in MODES if mode == text), "system")
