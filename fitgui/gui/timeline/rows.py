"""Which worker stands in which row, and the labels beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from fitgui import words
from fitgui.runs.task_bars import SeenWorker

WIDEST_LABEL = 170
GAP = 3
"""Pixels between labels, at the least."""


@dataclass(frozen=True, slots=True)
class Row:
    """A worker, or the heading of the workers of a block."""

    label: str
    worker: int | None = None
    """Its place in the timeline; ``None`` for a heading."""
    explanation: str = ""


def rows_of(workers: Sequence[SeenWorker]) -> list[Row]:
    """Workers in the order of their blocks, hosts and processes; above each block a heading."""
    order: dict[str, int] = {}
    for worker in workers:
        order.setdefault(worker.block, len(order))

    def key(number: int) -> tuple[int, str, int, str]:
        worker = workers[number]
        return order[worker.block], worker.host, len(worker.pid), worker.pid

    rows: list[Row] = []
    block = ""
    for number in sorted(range(len(workers)), key=key):
        worker = workers[number]
        if worker.block and worker.block != block:
            same = [other for other in workers if other.block == worker.block]
            hosts = sorted({other.host for other in same})
            counted = words.count(len(same), "worker")
            rows.append(
                Row(
                    f"Block {worker.block} · {counted}",
                    explanation=f"Block (job of the batch system) {worker.block}: {counted} seen, on "
                    f"{', '.join(hosts[:8])}{' …' if len(hosts) > 8 else ''}",
                )
            )
        block = worker.block
        where = f"Worker {worker.name}" + (f", in block {worker.block}" if worker.block else "")
        rows.append(Row(worker.name, number, f"{where}: process {worker.pid} on {worker.host}"))
    return rows


NOBODY = Row("no worker yet", explanation="Tasks that are on their way: no worker has begun with one yet")
"""Stands alone where a run has begun and no worker."""


class RowAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph brings no types
    """Labels of rows: as many as there is room for, headings first, long ones without their middle."""

    def __init__(self, colour: str, muted: str) -> None:
        super().__init__("left", maxTickLength=0)
        self._rows: Sequence[Row] = ()
        self._font = QFont()
        self._colour, self._muted = colour, muted
        self.setStyle(tickTextOffset=6, autoExpandTextSpace=False, autoReduceTextSpace=False)
        self.setPen(pg.mkPen(None))
        self.setTextPen(colour)

    def show_rows(self, rows: Sequence[Row], font: QFont) -> None:
        """Label these rows, the first at 0."""
        self._rows, self._font = rows, font
        self.setTickFont(font)
        metrics = QFontMetrics(font)
        widest = max((metrics.horizontalAdvance(row.label) for row in rows), default=0)
        self.setWidth(min(widest, WIDEST_LABEL) + 14)
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """The rows that get a label: none touches another."""
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        pixels = size / max(high - low, 1e-9)
        apart = (QFontMetrics(self._font).height() + GAP) / pixels
        inside = [n for n in range(len(self._rows)) if low - 0.5 <= n <= high + 0.5]
        chosen: list[int] = []
        for wanted_heading in (True, False):
            for number in inside:
                heading = self._rows[number].worker is None
                if heading == wanted_heading and all(abs(number - other) >= apart for other in chosen):
                    chosen.append(number)
        return [(1.0, [float(number) for number in sorted(chosen)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The labels of these rows."""
        metrics = QFontMetrics(self._font)
        return [
            metrics.elidedText(self._rows[round(v)].label, Qt.TextElideMode.ElideMiddle, WIDEST_LABEL)
            for v in values
        ]

    def mouseDragEvent(self, event: Any) -> None:
        """Dragging a label moves nothing."""
        event.ignore()
