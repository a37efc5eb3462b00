"""All tasks of a run as one drawing: an item of its own for each would take too long to paint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt import internals
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from fitgui.gui.theme import Theme
from fitgui.gui.timeline.rows import Row
from fitgui.runs.timeline import COLUMNS, Timeline

Numbers = NDArray[np.float64]
_Stretches = tuple[Numbers, Numbers, Numbers, float]
"""Rows, begins and ends in seconds; height."""

THICK, THIN = 0.72, 0.24
"""Of the height of a row: work, and waiting or an answer on its way."""


class Bars(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """Bars in rows; x is seconds on the run's clock, y the number of the row."""

    def __init__(self, colours: Mapping[str, str], look: Theme) -> None:
        super().__init__()
        self._brushes = {kind: pg.mkBrush(colour) for kind, colour in colours.items()}
        faint = QColor(colours["running"])
        faint.setAlpha(110)
        self._brushes["running"] = pg.mkBrush(faint)
        self._brushes["base"], self._brushes["cut"] = pg.mkBrush(look.line), pg.mkBrush(look.panel)
        self._chosen_pen = pg.mkPen(look.text, width=2)
        self._rectangles: dict[str, Any] = {}
        self._boxes: dict[str, _Stretches] = {}
        self._rows = 0
        self._wall = 1.0
        self._chosen: QRectF | None = None
        self._nobody: tuple[float, float] | None = None
        """When tasks were sent and accepted, where no worker has begun yet."""
        self.begin: Numbers = np.empty(0)
        """Of each task, in seconds."""
        self.end: Numbers = np.empty(0)
        self.y: Numbers = np.empty(0)
        """The number of the row of each task."""
        self.open_y: Numbers = np.empty(0)
        """The rows in which something is under way, and since when:"""
        self.open_since: Numbers = np.empty(0)

    def show_timeline(self, timeline: Timeline, rows: Sequence[Row], wall: float) -> None:
        """Draw these tasks; ``wall`` is now, in seconds on the run's clock."""
        row_of = np.zeros(max(1, len(timeline.workers)))
        for number, row in enumerate(rows):
            if row.worker is not None:
                row_of[row.worker] = number
        column = {name: np.array(timeline.columns[name]) for name in COLUMNS}
        self._rows = len(rows)
        self.y = row_of[np.array(timeline.rows, dtype=np.int64)]
        self.begin, self.end = column["begin"], column["end"]
        names = {worker.name: number for number, worker in enumerate(timeline.workers)}
        open_ = [(row_of[names[t.worker]], t.since) for t in timeline.working if t.worker in names]
        self.open_y = np.array([y for y, _ in open_])
        self.open_since = np.array([since for _, since in open_])
        self._arrange(column)
        lost = [(row_of[names[t.worker]], t.since, t.until) for t in timeline.lost if t.worker in names]
        y, since, until = np.array(lost).reshape(-1, 3).T
        self._boxes["lost"] = (y, since, until, THICK)
        self._nobody = timeline.waiting if not timeline.workers else None
        base = np.array([float(n) for n, row in enumerate(rows) if row.worker is not None])
        self._boxes["base"] = (base, np.zeros(base.size), np.full(base.size, wall), 0.06)
        self.go_on(wall)

    def go_on(self, wall: float) -> None:
        """Time went by, and nothing else happened."""
        self._wall = wall
        since = np.minimum(self.open_since, wall)
        self._boxes["running"] = (self.open_y, since, np.full(since.size, wall), THICK)
        if self._nobody is not None:
            sent, accepted = (np.array([moment]) for moment in self._nobody)
            self._boxes["transfer"] = (np.zeros(1), sent, accepted, THIN)
            self._boxes["waiting"] = (np.zeros(1), accepted, np.maximum(accepted, wall), THIN)
        if "base" in self._boxes:
            y, low, _, height = self._boxes["base"]
            self._boxes["base"] = (y, low, np.full(y.size, wall), height)
        self.prepareGeometryChange()
        self.update()

    def choose(self, number: int | None) -> None:
        """Frame a task."""
        self._chosen = None
        if number is not None and number < self.y.size:
            begin, end, y = self.begin[number], self.end[number], self.y[number]
            self._chosen = QRectF(begin, y - 0.48, max(end - begin, 0.0), 0.96)
        self.update()

    def at(self, x: float, y: float, reach: float) -> int | None:
        """The task at this place, or within ``reach`` seconds of it; the nearest one."""
        if not self.y.size or abs(y - round(y)) > 0.5 * THICK + 0.1:
            return None
        (inside,) = np.nonzero(self.y == round(y))
        if not inside.size:
            return None
        away = np.maximum(np.maximum(self.begin[inside] - x, x - self.end[inside]), 0.0)
        nearest = int(np.argmin(away))
        return int(inside[nearest]) if away[nearest] <= reach else None

    def neighbour(self, number: int | None, step: int) -> int | None:
        """The task before (-1) or after (+1) in the same row; the first of all where there is none yet."""
        if not self.y.size:
            return None
        if number is None or number >= self.y.size:
            return int(np.lexsort((self.begin, self.y))[0])
        (inside,) = np.nonzero(self.y == self.y[number])
        ordered = inside[np.argsort(self.begin[inside], kind="stable")]
        place = int(np.nonzero(ordered == number)[0][0]) + step
        return int(ordered[min(max(place, 0), ordered.size - 1)])

    def in_next_row(self, number: int | None, step: int) -> int | None:
        """The task above (-1) or below (+1) that begins nearest to this one."""
        if number is None or number >= self.y.size:
            return self.neighbour(None, step)
        others = np.unique(self.y)
        place = int(np.searchsorted(others, self.y[number])) + step
        if not 0 <= place < others.size:
            return number
        (inside,) = np.nonzero(self.y == others[place])
        return int(inside[np.argmin(np.abs(self.begin[inside] - self.begin[number]))])

    def boundingRect(self) -> QRectF:
        """All of it, in seconds and rows."""
        return QRectF(0.0, -0.6, max(self._wall, 1e-3), max(self._rows, 1) + 0.2)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw all rectangles of a colour at once."""
        pixel = self.pixelLength(pg.Point(1, 0)) or 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for kind, stretches in self._boxes.items():
            self._fill(painter, kind, stretches, 0.5 * pixel)
        wide = self.end - self.begin > 4 * pixel  # tasks are told apart where there is room for that
        self._fill(painter, "cut", (self.y[wide], self.end[wide] - pixel, self.end[wide], THICK), 0.0)
        if self._chosen is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = self._chosen_pen
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawRect(self._chosen)

    def _fill(self, painter: QPainter, kind: str, box_of: _Stretches, least: float) -> None:
        y, left, right, height = box_of
        if not y.size:
            return
        known = self._rectangles.setdefault(kind, internals.PrimitiveArray(QRectF, 4))
        known.resize(y.size)
        box = known.ndarray()
        box[:, 0], box[:, 1], box[:, 2], box[:, 3] = left, y - height / 2, 0.0, height
        box[:, 2] = np.maximum(right - left, least)
        painter.setBrush(self._brushes[kind])
        painter.drawRects(*known.drawargs())

    def _arrange(self, column: Mapping[str, Numbers]) -> None:
        """Which stretches get which colour."""
        y, begin, end = self.y, self.begin, self.end
        known = column["unpack"] + column["model"] + column["fit"]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            scale = np.where(known > end - begin, np.where(known > 0, (end - begin) / known, 0.0), 1.0)
        unpacked = begin + scale * column["unpack"]
        modelled = unpacked + scale * column["model"]
        fitted = np.minimum(modelled + scale * column["fit"], end)
        self._boxes = {
            "base": self._boxes.get("base", (np.empty(0), np.empty(0), np.empty(0), 0.06)),
            "transfer": (y, self._idle_from(column["sent"]), self._idle_from(column["accepted"]), THIN),
            "waiting": (y, self._idle_from(column["accepted"]), begin, THIN),
            "delay": (y, end, column["received"], THIN),
            "unpack": (y, begin, unpacked, THICK),
            "model": (y, unpacked, modelled, THICK),
            "fit": (y, modelled, fitted, THICK),
            "overhead": (y, fitted, end, THICK),
        }
        # What is empty is not drawn, and a hair's breadth of it neither.
        for kind in ("delay", "transfer", "waiting", "unpack", "model", "overhead"):
            y_, low, high, height = self._boxes[kind]
            there = high > low
            self._boxes[kind] = (y_[there], low[there], high[there], height)

    def _idle_from(self, moment: Numbers) -> Numbers:
        """This moment of each task, but not before its worker was free for it, nor after it began."""
        if not self.y.size:
            return moment
        order = np.lexsort((self.begin, self.y))
        before = np.empty(order.size)
        before[0] = 0.0
        before[1:] = np.where(self.y[order][1:] == self.y[order][:-1], self.end[order][:-1], 0.0)
        free = np.empty(order.size)
        free[order] = before
        return np.minimum(np.maximum(free, moment), self.begin)
