"""Trying a place out: a small task on one of its workers, and what that reported, beside this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui.appearance import breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.comparison import lines, summary
from fitgui.gui.where.panel_dialog import PanelDialog, copy
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui_backends.contract import Health

HEADINGS = ("What", "On the worker", "Here", "Comparison")
TICK_MILLISECONDS = 1000


class TrialDialog(PanelDialog):
    """One check of a place; may be asked for again.

    Args:
        cluster: whose chosen place is tried out.
        here: versions and more of this machine, to compare.
        parent: the window.
    """

    def __init__(self, cluster: Cluster, here: Mapping[str, str], parent: QWidget | None = None) -> None:
        place = cluster.place
        assert place is not None  # whoever opens this has looked
        self._place = place
        self._named = place.name or place.identifier
        super().__init__(f"Check of {self._named}", f"Check of {self._named}", parent)
        self._cluster, self._here = cluster, here
        self._attempt = 0
        self._waits = False
        """Whether an answer is to come."""
        self._since = time.monotonic()
        self._report = ""
        self._text = text_label(wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._verdicts = QVBoxLayout()
        self._table = _table()
        self.body.addWidget(self._text)
        self.body.addLayout(self._verdicts)
        self.body.addWidget(self._table, stretch=1)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        self._copy = push_button("Copy", "Copy what the worker reported, as text", lambda: copy(self._report))
        self._again = push_button("Check again", "Run the small task once more", self.begin)
        self._close = push_button("Close", "Back to the window", self.reject)
        self.buttons.addWidget(self._copy)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self._again)
        self.buttons.addWidget(self._close)
        self.finished.connect(lambda _result: self._give_up())

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text.text()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What stands in the table."""
        model = self._table.model()
        return [
            tuple(str(model.index(row, column).data()) for column in range(model.columnCount()))
            for row in range(model.rowCount())
        ]

    def begin(self) -> None:
        """Run the check task."""
        self._attempt += 1
        attempt = self._attempt
        self._since = time.monotonic()
        self._clear()
        if not self.isVisible():
            self.open_at(620, 580)
        self._clock.start()
        self._tick()
        self._waits = True
        self._cluster.try_out(
            lambda health: self._done(attempt, health), lambda why: self._failed(attempt, why)
        )

    def _tick(self) -> None:
        seconds = time.monotonic() - self._since
        passed = f" {words.duration(seconds)}" if seconds >= 1.0 else ""
        word = self._cluster.word
        self._text.setText(
            f"◔ A small task is on its way to a worker of {self._named} …{passed}\n"
            f"Where the {word} has to ask its cluster for a node first, this takes a minute or more."
        )
        set_role(self._text, "")

    def _done(self, attempt: int, health: Health) -> None:
        if attempt != self._attempt:
            return
        self._end()
        passed = words.duration(time.monotonic() - self._since)
        icon = "✓" if health.ready else "✗"
        remedy = f". {health.remedy}" if health.remedy else ""
        self._text.setText(
            breakable(f"{icon} {words.capital(health.summary.rstrip('.'))}{remedy}, after {passed}.", 60)
        )
        set_role(self._text, "good" if health.ready else "error")
        if not health.details:
            return
        said = summary(health, self._here)
        for level, sentence in said:
            self._verdicts.addWidget(text_label(sentence, role=level, wrap=True))
        found = lines(health.details, self._here)
        self._table.setRowCount(len(found))
        for row, line in enumerate(found):
            for column, text in enumerate((line.what, line.there, line.here, line.verdict)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self._table.setItem(row, column, item)
        self._table.resizeRowsToContents()
        self._table.setCurrentCell(-1, -1)
        self._table.show()
        self._close.setFocus()
        self._report = "\n".join(
            [self.text, *(sentence for _level, sentence in said)]
            + [f"{line.what}: {line.there} (here: {line.here or '–'})" for line in found]
        )
        self._copy.show()

    def _failed(self, attempt: int, why: str) -> None:
        if attempt == self._attempt:
            self._end()
            self._text.setText(breakable(f"✗ {why}.", 60))
            set_role(self._text, "error")

    def _end(self) -> None:
        self._waits = False
        self._clock.stop()
        self._close.setText("Close")
        describe(self._close, "Close", "Back to the window")
        self._again.setEnabled(True)

    def _clear(self) -> None:
        while (item := self._verdicts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._table.setRowCount(0)
        self._table.hide()
        self._copy.hide()
        self._again.setEnabled(False)
        self._close.setText("Give up")
        describe(self._close, "Give up", "Wait no longer; what a worker may still report is dropped")

    def _give_up(self) -> None:
        """Nobody waits any more, so nothing is to be asked about the task."""
        self._attempt += 1
        self._clock.stop()
        if self._waits:
            self._waits = False
            self._cluster.give_up_try_out(self._place)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(HEADINGS))
    table.setHorizontalHeaderLabels(list(HEADINGS))
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(True)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column, mode in enumerate(
        (
            QHeaderView.ResizeMode.ResizeToContents,
            QHeaderView.ResizeMode.Stretch,
            QHeaderView.ResizeMode.Stretch,
            QHeaderView.ResizeMode.ResizeToContents,
        )
    ):
        table.horizontalHeader().setSectionResizeMode(column, mode)
    describe(table, "What the worker reported", "Versions and resources of the worker, beside this machine")
    return table
