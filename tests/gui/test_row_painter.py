"""The lines of the list as they are painted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from fitgui.gui.browser.list_model import Kind, Line, ListModel
from fitgui.gui.browser.row_looks import RowLook
from fitgui.gui.browser.row_painter import ABOVE, PADDING, RowPainter

NAME = "Boosted bosons: hadronic electroweakinos, in final states without leptons"
WIDE = 900


def first_line(name: str, width: int, kind: Kind) -> npt.NDArray[np.uint8]:
    """The grey values of the first line of text of a row of that width."""
    model, delegate, option = ListModel(), RowPainter(), QStyleOptionViewItem()
    model.show([Line(kind, "key", look=RowLook(name))])
    height = delegate.sizeHint(option, model.index(0)).height()
    option.rect = QRect(0, 0, width, height)
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(0))
    painter.end()
    line = option.fontMetrics.lineSpacing()
    grey = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, image.bytesPerLine())
    return grey[ABOVE : ABOVE + line, :width].copy()


@pytest.mark.parametrize("kind", [Kind.ACTION, Kind.HEADING])
@pytest.mark.parametrize("width", [180, 260])
def test_a_long_name_keeps_its_beginning(qtbot: QtBot, width: int, kind: Kind) -> None:
    whole, cut = first_line(NAME, WIDE, kind), first_line(NAME, width, kind)
    assert (whole[:, width - PADDING :] < 128).any(), "the name has no room in the narrow row"
    room = int(0.75 * width)
    assert (cut[:, PADDING:room] < 128).any()
    assert (cut[:, :room] == whole[:, :room]).all()
    assert not (cut == whole[:, :width]).all(), "and ends with dots"
