"""What every plot of the window has in common."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.widgets import themed_plot


@pytest.mark.parametrize("values", [[0.002, 0.004], [0.2, 5.0], [2e4, 5e4]])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_an_axis_is_in_the_units_that_its_title_says(
    qtbot: QtBot, values: list[float], logarithmic: bool
) -> None:
    plot = themed_plot(theme.LIGHT)
    qtbot.addWidget(plot)
    plot.setLogMode(x=logarithmic, y=logarithmic)
    for side in ("bottom", "left"):
        plot.setLabel(side, "limit on μ")
    plot.plot(values, values)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.grab()
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        assert axis.label.toPlainText().strip() == "limit on μ"
        assert axis.autoSIPrefixScale == 1.0
