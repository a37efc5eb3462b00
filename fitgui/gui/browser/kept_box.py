"""What can be done with a kept file, and what is known of where it came from."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from fitgui.gui.appearance import breakable
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.wording import date_words, parsed_time, size_words
from fitgui.gui.widgets import push_button, set_role, text_label
from fitgui.pallets.library.item import LibraryItem

REMOVE = "Remove"
SECONDS_TO_CONFIRM = 5


class KeptBox(QWidget):
    """Size, date, origin; show in folder, verify, remove with a confirming second press."""

    folder_asked = Signal(str)
    """Digest of the file whose folder is to be shown."""
    verify_asked = Signal(str)
    asks = Signal()
    """Pressed once: the question stands on the button."""
    remove_asked = Signal(str)
    """Pressed twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digest = ""
        self._size = ""
        self._story = text_label(role="muted", wrap=True)
        self._remove = push_button(REMOVE, "Remove the file from the library", self.press_remove, role="link")
        buttons = QGridLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(0)
        buttons.addWidget(
            push_button(
                "Show in folder",
                "Show the kept file in the file manager",
                lambda: self.folder_asked.emit(self._digest),
                role="link",
            ),
            0,
            0,
        )
        buttons.addWidget(
            push_button(
                "Verify again",
                "Compare the kept file with its digest",
                lambda: self.verify_asked.emit(self._digest),
                role="link",
            ),
            0,
            1,
        )
        buttons.addWidget(self._remove, 1, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._story)
        layout.addLayout(buttons)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(1000 * SECONDS_TO_CONFIRM)
        self._patience.timeout.connect(self._calm_down)
        self.hide()

    @property
    def digest(self) -> str:
        """Of the file; empty without one."""
        return self._digest

    @property
    def remove_button(self) -> QPushButton:
        """The button that asks before it removes."""
        return self._remove

    def show_item(self, item: LibraryItem | None) -> None:
        """Tell about a kept file; hidden without one."""
        self.setVisible(item is not None)
        digest = item.digest if item is not None else ""
        if digest != self._digest:
            self._calm_down()
        self._digest = digest
        self._size = size_words(item.size) if item is not None else ""
        if item is None:
            return
        added = parsed_time(item.added)
        origins = dict.fromkeys(origin.source for origin in item.origins)
        lines = [f"✓ In the library: {item.file_name}"]
        lines.append(" · ".join(filter(None, (size_words(item.size), date_words(added) if added else ""))))
        lines += [f"from {source}" for source in list(origins)[:2]]
        self._story.setText("\n".join(map(breakable, filter(None, lines))))
        self._story.setToolTip(plain_tooltip("\n".join([*origins, f"sha256 {item.digest}"])))

    def press_remove(self) -> None:
        """The first press asks for a second one, the second one removes."""
        if not self._digest:
            return
        if self._patience.isActive():
            self._calm_down()
            self.remove_asked.emit(self._digest)
        else:
            self._ask(f"Remove {self._size}? Press again", "")
            self._patience.start()
            self.asks.emit()

    def _calm_down(self) -> None:
        self._patience.stop()
        self._ask(REMOVE, "link")

    def _ask(self, text: str, role: str) -> None:
        """What the button says; a question has the frame of a button, so that it is seen."""
        self._remove.setText(text)
        self._remove.setAccessibleName(text)
        set_role(self._remove, role)
