"""The command palette: actions, recent runs and pallets, found by some letters, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.fuzzy import ranked
from fitgui.gui.widgets import describe, text_label

WIDTH, ROWS = 800, 14

ROW_MARGIN = 8
"""Pixels above and below the words of a row."""
HINT = "↑ ↓ to choose, Enter to do it, Esc to close"
NOTHING = "Nothing of that kind: try fewer letters."


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done."""

    text: str
    group: str
    """Where it is: the name of a menu."""
    act: Callable[[], object]
    shortcut: str = ""
    enabled: bool = True


def command_of(action: QAction, group: str) -> Command:
    """An action of a menu."""
    native = QKeySequence.SequenceFormat.NativeText
    return Command(
        plain_text(action.text()),
        group,
        action.trigger,
        action.shortcut().toString(native),
        action.isEnabled(),
    )


def plain_text(text: str) -> str:
    """The words of an action, without the mark of its letter."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


class CommandPalette(QDialog):
    """A line to type in, and the commands that fit, the best first."""

    def __init__(
        self,
        commands: Sequence[Command],
        parent: QWidget,
        *,
        query: str = "",
        title: str = "Commands",
        wanted: str = "a command, a run or a pallet",
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("palette")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._commands = tuple(commands)
        self.line = QLineEdit(query)
        self.line.setPlaceholderText(f"Type some letters of {wanted} …")
        describe(self.line, "Find a command", "Type some letters of what you want to do")
        self.line.textChanged.connect(lambda _text: self._refresh())
        self.line.installEventFilter(self)
        self.rows = QTreeWidget()
        self.rows.setColumnCount(3)
        self.rows.setHeaderHidden(True)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setAllColumnsShowFocus(True)
        self.rows.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # the line keeps it: arrows reach the list from there
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.header().setStretchLastSection(False)
        describe(self.rows, "Commands that fit", "The best match stands first")
        self.rows.itemActivated.connect(lambda _item, _column: self._do())
        self.rows.itemClicked.connect(lambda _item, _column: self._do())
        self._row_height = QFontMetrics(self.rows.font()).height() + ROW_MARGIN
        self._hint = text_label(HINT, role="muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        layout.setSpacing(theme.SPACING)
        for widget in (self.line, self.rows, self._hint):
            layout.addWidget(widget)
        self.setFocusProxy(self.line)
        self.line.setFocus()
        self._refresh()
        self._fit()

    def offer(self, commands: Sequence[Command]) -> None:
        """Other commands: a list that was read on a thread has come."""
        self._commands = tuple(commands)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter are for the list, everything else for the line."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_PageUp: -ROWS,
                Qt.Key.Key_PageDown: ROWS,
            }
            key = Qt.Key(event.key())
            if key in steps:
                self._move(steps[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return super().eventFilter(watched, event)

    def _refresh(self) -> None:
        """The commands that fit; what cannot be done now stands last, and cannot be chosen."""
        texts = [f"{command.text} {command.group}" for command in self._commands]
        order = ranked(self.line.text(), texts)
        order.sort(key=lambda place: not self._commands[place].enabled)
        self.rows.clear()
        for place in order:
            command = self._commands[place]
            item = QTreeWidgetItem([command.text, command.group, command.shortcut])
            item.setData(0, Qt.ItemDataRole.UserRole, place)
            item.setToolTip(0, command.text)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setSizeHint(0, QSize(0, self._row_height))
            item.setDisabled(not command.enabled)
            self.rows.addTopLevelItem(item)
        self._hint.setText(HINT if order else NOTHING)
        first = self.rows.topLevelItem(0)
        if first is not None and not first.isDisabled():
            self.rows.setCurrentItem(first)

    def _move(self, steps: int) -> None:
        able = [
            row
            for row in range(self.rows.topLevelItemCount())
            if (item := self.rows.topLevelItem(row)) is not None and not item.isDisabled()
        ]
        if not able:
            return
        chosen = self.rows.currentItem()
        current = -1 if chosen is None else self.rows.indexOfTopLevelItem(chosen)
        place = able.index(current) if current in able else 0
        item = self.rows.topLevelItem(able[max(0, min(len(able) - 1, place + steps))])
        if item is not None:
            self.rows.setCurrentItem(item)

    def _do(self) -> None:
        item = self.rows.currentItem()
        if item is None or item.isDisabled():
            return
        command = self._commands[item.data(0, Qt.ItemDataRole.UserRole)]
        self.accept()
        # After this dialog is gone: the command may open another one, or move the focus.
        QTimer.singleShot(0, command.act)

    def _fit(self) -> None:
        """Wide enough for groups and shortcuts, and within the window."""
        metrics = QFontMetrics(self.rows.font())
        margin = 4 * theme.SPACING
        for column, texts in (
            (1, [c.group for c in self._commands]),
            (2, [c.shortcut for c in self._commands]),
        ):
            widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
            self.rows.header().resizeSection(column, widest + margin)
        self.rows.header().setSectionResizeMode(0, self.rows.header().ResizeMode.Stretch)
        window = self.parentWidget()
        room = window.size() if window is not None else self.size()
        rows = max(4, min(ROWS, room.height() // 2 // self._row_height))
        self.rows.setFixedHeight(rows * self._row_height + 2)  # whole rows only
        self.setFixedWidth(min(WIDTH, room.width() - 2 * theme.MARGIN))
        if window is not None:
            corner = window.mapToGlobal(window.rect().topLeft())
            self.move(corner.x() + (room.width() - self.width()) // 2, corner.y() + room.height() // 8)
