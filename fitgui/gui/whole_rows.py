"""No row of a list is cut in two."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget


class WholeRows(QWidget):
    """Gives a list of rows of one height as much room as whole ones take, and leaves the rest free.

    Args:
        view: the list or table; it is scrolled by rows.
    """

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__()
        self._view = view
        self._fitting = False
        view.setParent(self)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        view.viewport().installEventFilter(self)
        self.setSizePolicy(view.sizePolicy())

    def sizeHint(self) -> QSize:
        """That of the list."""
        return self._view.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """That of the list."""
        return self._view.minimumSizeHint().expandedTo(self._view.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A heading of two lines, or a bar for scrolling, takes room as well."""
        if event.type() == QEvent.Type.Resize and not self._fitting:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        view = self._view
        around = view.height() - view.viewport().height()
        if isinstance(view, QTableView):
            row = view.verticalHeader().defaultSectionSize()
        else:
            row = view.sizeHintForRow(0)
        room = self.height() - around
        spare = room % row if row > 0 and room > row else 0
        self._fitting = True
        view.setGeometry(0, 0, self.width(), self.height() - spare)
        self._fitting = False
