"""Lines of plots are as thick at 200 % scaling as at 100 %, which Qt takes over when a process starts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

DRAW = """
from PySide6.QtWidgets import QApplication
application = QApplication([])
from fitgui.gui import theme
from fitgui.gui.point.curve_page import _Items
from fitgui.gui.widgets import themed_plot
plot = themed_plot(theme.LIGHT)
items = _Items(plot, theme.LIGHT)
print(items._lines[-1][1].opts["pen"].widthF(), items._level.pen.widthF())
"""


@pytest.mark.parametrize("scale", [1, 2])
def test_lines_grow_with_the_scale(scale: int) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
    answer = subprocess.run(
        [sys.executable, "-c", DRAW], env=environment, capture_output=True, text=True, check=True
    )
    assert [float(width) for width in answer.stdout.split()] == [2.0 * scale, 1.5 * scale]
