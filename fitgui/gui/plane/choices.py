"""What a user has chosen to see in the plane."""

from __future__ import annotations

from dataclasses import dataclass, field

from fitgui.exclusion.model import AxisChoice, Method
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.plane.frame import Frame
from fitgui.pallets.plane import PlaneData


@dataclass(frozen=True, slots=True)
class PlaneChoices:
    """Scales, interpolation, contours, and what is written."""

    x_log: bool = False
    y_log: bool = False
    method: Method = "linear"
    contours: Wanted = field(default_factory=Wanted)
    border: bool = True
    """Whether the border of the kinematically allowed side is drawn, and ends the contours."""
    numbers: bool = False
    """Whether the coloured quantity is also written at the points."""

    def frame(self, data: PlaneData) -> Frame:
        """The scales of the axes; words stand on linear ones."""
        return Frame(self.x_log and not data.x.words, self.y_log and not data.y.words)

    def axes(self, data: PlaneData) -> AxisChoice:
        """How the plane is interpolated."""
        frame = self.frame(data)
        return AxisChoice(
            "log" if frame.x_log else "linear",
            "log" if frame.y_log else "linear",
            data.allowed if self.border else "all",
        )
