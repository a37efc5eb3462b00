"""Files and folders from elsewhere: buttons, a place to drop them, what was opened before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.settings import EXAMPLE, Recent
from fitgui.gui.widgets import describe, push_button, text_label

RECENT_SHOWN = 5
RECENT_WIDTH = 200


class DropArea(QFrame):
    """Where a file or folder can be dropped."""

    def __init__(self, dropped: Callable[[Path], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dropped = dropped
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        self.setAccessibleName("Drop area for pallets")
        layout = QVBoxLayout(self)
        hint = text_label("Drop an archive, a folder or a JSON file here", role="muted", wrap=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(hint)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept local files."""
        if dropped_path(event) is not None:
            event.acceptProposedAction()
            self._show_active(active=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget it."""
        self._show_active(active=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._show_active(active=False)
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self._dropped(path)

    def _show_active(self, *, active: bool) -> None:
        self.setProperty("active", active)
        self.style().unpolish(self)
        self.style().polish(self)


class OpenTab(QWidget):
    """Buttons, drop area, recent."""

    def __init__(
        self,
        *,
        open_file: Callable[[], object],
        open_folder: Callable[[], object],
        open_source: Callable[[str | Path], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_source = open_source
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACING)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(
            push_button(
                "Open file…", "Open an archive (tar, tar.gz, tgz, tar.xz, zip) or a JSON file", open_file
            )
        )
        buttons.addWidget(push_button("Folder…", "Open a folder that holds an unpacked pallet", open_folder))
        column.addLayout(buttons)
        column.addWidget(DropArea(open_source))
        column.addWidget(text_label("Recent", role="muted"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column.addLayout(self._recent)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(scroll, "Open a file", "Files, folders, what was opened before, and the bundled example")
        scroll.setToolTip("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def show_recent(self, recent: Sequence[Recent]) -> None:
        """List what was opened before; the bundled example is always there."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for known in [*recent[:RECENT_SHOWN], Recent(EXAMPLE, "Bundled example")]:
            button = push_button(
                known.name, f"Open {known.source}", partial(self._open_source, known.source), role="link"
            )
            metrics = button.fontMetrics()
            button.setText(metrics.elidedText(known.name, Qt.TextElideMode.ElideMiddle, RECENT_WIDTH))
            self._recent.addWidget(button)


def dropped_path(event: QDropEvent) -> Path | None:
    """The first local file or folder of a drag, if there is one."""
    for url in event.mimeData().urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None
