"""What the dialogs about clusters share: none of them blocks, each deletes itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.widgets import describe, text_label


class PanelDialog(QDialog):
    """A heading, a body, and a row of buttons; other windows can be used while it is open.

    Args:
        title: of its window.
        heading: its first line.
        parent: the window that it belongs to.
    """

    def __init__(self, title: str, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.heading = text_label(heading, role="title", wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.SPACING)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.SPACING)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.SPACING + 2)
        column.addWidget(self.heading)
        column.addLayout(self.body, stretch=1)
        column.addLayout(self.buttons)

    def open_at(self, width: int, height: int) -> None:
        """Show it, no larger than the screen, without blocking."""
        self.resize(self.screen().availableSize().boundedTo(self.minimumSizeHint().expandedTo(self.size())))
        room = self.screen().availableSize()
        self.resize(min(width, room.width()), min(height, room.height() - 40))
        self.show()


def scrolled(inside: QWidget, name: str, explanation: str) -> QScrollArea:
    """A widget that scrolls where there is too little room."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    describe(area, name, explanation)
    area.setToolTip("")
    return area


def copy(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)
