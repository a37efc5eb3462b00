"""What can be wrong with a window that a program can see: cut texts, texts on texts, empty plots."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from fitgui.gui.point.row_chart import RowChart
from fitgui.gui.point.yields_chart import YieldsChart
from fitgui.gui.where.place_combo import PlaceCombo
from tests.gui.hands import cut_texts

TOUCHING = 2
"""Pixels by which frames of two texts may lie on each other."""


def faults_of(window: QWidget) -> list[str]:
    """A sentence for each."""
    cut = [f"cut: {text!r} in {size}, needs {needed}" for text, size, needed in cut_texts(window)]
    return [*cut, *cut_choices(window), *overlaps(window), *empty_plots(window)]


def cut_choices(window: QWidget) -> list[str]:
    """Boxes to choose from that show a part of what is chosen."""
    found = []
    for box in window.findChildren(QComboBox):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()
        if isinstance(box, PlaceCombo):  # it leaves a word out by itself; a name must be whole
            cut = "…" in box.shortened(room - 2)
        else:
            cut = box.fontMetrics().horizontalAdvance(box.currentText()) > room
        if _seen(box) and cut:
            found.append(f"cut: {box.currentText()!r} in {room} pixels of {box.accessibleName()!r}")
    return found


def overlaps(window: QWidget) -> list[str]:
    """Labels and buttons that are seen, and lie on one another."""
    texts = [
        (widget.text(), _place(widget, window), widget)
        for widget in window.findChildren(QWidget)
        if isinstance(widget, (QLabel, QAbstractButton)) and widget.text() and _seen(widget)
    ]
    found = []
    for (text, place, widget), (other, there, second) in combinations(texts, 2):
        both = place.intersected(there)
        nested = widget.isAncestorOf(second) or second.isAncestorOf(widget)
        if not nested and both.width() > TOUCHING and both.height() > TOUCHING:
            found.append(f"{text!r} and {other!r} lie on one another")
    return found


def empty_plots(window: QWidget) -> list[str]:
    """Plots and lists that are seen, and show nothing."""
    found = []
    for widget in window.findChildren(QWidget):
        if not _seen(widget):
            continue
        if isinstance(widget, pg.PlotWidget):
            empty = not any(map(_has_data, widget.getPlotItem().vb.addedItems))
        elif isinstance(widget, RowChart):
            empty = not widget.rows
        elif isinstance(widget, YieldsChart):
            empty = widget._stack is None
        elif isinstance(widget, QAbstractItemView):
            empty = widget.model() is None or widget.model().rowCount(widget.rootIndex()) == 0
        else:
            continue
        if empty:
            name = widget.accessibleName() or widget.parentWidget().accessibleName()
            found.append(f"nothing in {type(widget).__name__} {name!r}")
    return found


def _has_data(item: Any) -> bool:
    """Whether something that was added to a plot shows data that are finite."""
    if not item.isVisible() or isinstance(item, (pg.InfiniteLine, pg.TextItem, pg.GridItem)):
        return False
    if isinstance(item, pg.ImageItem):
        return item.image is not None
    if isinstance(item, (pg.PlotDataItem, pg.PlotCurveItem, pg.ScatterPlotItem)):
        x, y = item.getData()
        return x is not None and bool(np.any(np.isfinite(x) & np.isfinite(y)))
    box = item.boundingRect()
    return bool(box.width() > 0 and box.height() > 0)


def _seen(widget: QWidget) -> bool:
    """Whether any part is; of what scrolls only the inside is seen."""
    if isinstance(widget, QAbstractScrollArea):
        widget = widget.viewport()
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _place(widget: QWidget, window: QWidget) -> QRect:
    """The part that is seen, in the window."""
    return widget.visibleRegion().boundingRect().translated(widget.mapTo(window, QPoint(0, 0)))
