"""The list itself: arrows, Enter for what is most useful, letters go on filtering."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from fitgui.gui.browser.list_model import LINE, Line, ListModel
from fitgui.gui.browser.row_painter import RowPainter
from fitgui.gui.widgets import describe

BATCH = 100
"""Lines that are laid out at once: more than any screen shows."""


class BrowserList(QListView):
    """Shows a :class:`ListModel` and keeps what is chosen through its changes."""

    chosen = Signal(object)
    """The :class:`Line` that is selected now; ``None`` if there is none."""
    wanted = Signal(object)
    """The :class:`Line` on which Enter was pressed or that was clicked twice."""
    typed = Signal(str)
    """Letters that belong into the filter."""
    left_upwards = Signal()
    """The arrow up on the first line."""
    escaped = Signal()
    """The key Escape."""
    removal_asked = Signal()
    """The key Delete."""
    content_changed = Signal()
    """Other lines are shown."""

    def __init__(self, name: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_ = ListModel()
        self._key = ""
        self._showing = False
        self.setModel(self.model_)
        self._painter = RowPainter(self)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        describe(self, name, explanation)
        self.setToolTip("")  # each line has its own
        self.doubleClicked.connect(self._want)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def show_lines(self, lines: list[Line], *, stay: bool = False) -> None:
        """Other lines; what was chosen stays chosen as long as it is among them.

        Args:
            lines: in their order.
            stay: whether the place to which the user has scrolled is kept.
        """
        self._showing = True
        where = self.verticalScrollBar().value()
        self.setAutoScroll(False)  # what is chosen may be far down: the user sees to the place
        self.model_.show(lines)
        place = self.model_.position(self._key) if self._key else None
        if place is not None:
            self._select(place)
        if stay:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(where)
        self.setAutoScroll(True)
        self._showing = False
        self.content_changed.emit()

    def show_top(self) -> None:
        """Bring the first lines into view: the best hits of what was typed."""
        self.executeDelayedItemsLayout()
        self.scrollToTop()

    @property
    def fitting_height(self) -> int:
        """Pixels that show all lines."""
        rows = self.model_.rowCount()
        return (self.sizeHintForRow(0) * rows if rows else 0) + 2 * self.frameWidth()

    def height_within(self, tab: QWidget) -> int:
        """Pixels that ``tab``, in whose layout the list is, needs to show all lines."""
        layout = tab.layout()
        wraps = layout is not None and layout.hasHeightForWidth()
        whole = layout.totalHeightForWidth(tab.width()) if layout is not None and wraps else -1
        whole = whole if whole >= 0 else tab.sizeHint().height()
        return whole if self.isHidden() else whole - self.sizeHint().height() + self.fitting_height

    def choose(self, key: str) -> bool:
        """Select the line of ``key`` and bring it into view; whether it is shown."""
        place = self.model_.position(key)
        if place is None:
            return False
        self._select(place)
        self.scrollTo(self.model_.index(place))
        return True

    def choose_first(self) -> None:
        """Select the first line that can be, unless one is selected already."""
        if not self.currentIndex().isValid():
            for place in range(self.model_.rowCount()):
                if self.model_.flags(self.model_.index(place)) & Qt.ItemFlag.ItemIsSelectable:
                    self._select(place)
                    return

    def choose_none(self, later: str = "") -> None:
        """Nothing is chosen; the line of ``later`` will be, as soon as it is shown."""
        self.selectionModel().clear()
        self._key = later

    @property
    def current(self) -> Line | None:
        """The line that is selected."""
        line = self.currentIndex().data(LINE)
        return line if isinstance(line, Line) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts, letters filter, Escape and the arrow up on the first line go back to the filter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():  # a key that is held would get and cancel in turn
                self._want(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_asked.emit()
        elif event.key() == Qt.Key.Key_Up and self._is_first(self.currentIndex()):
            self.left_upwards.emit()
        elif event.text().isprintable() and event.text().strip() and not _is_shortcut(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A larger type makes all lines higher."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scheduleDelayedItemsLayout()

    def _is_first(self, index: QModelIndex) -> bool:
        return not any(
            self.model_.flags(self.model_.index(place)) & Qt.ItemFlag.ItemIsSelectable
            for place in range(index.row())
        )

    def _select(self, place: int) -> None:
        self.selectionModel().setCurrentIndex(
            self.model_.index(place), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        line = self.current if index.isValid() else None
        if line is not None:
            self._key = line.key
        if not self._showing:
            self.chosen.emit(line)

    def _want(self, index: QModelIndex) -> None:
        line = index.data(LINE)
        if isinstance(line, Line):
            self.wanted.emit(line)


def _is_shortcut(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return bool(held)
