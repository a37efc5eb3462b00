"""What a user has chosen to see in the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import get_args

from fitgui.exclusion.model import AxisChoice, Method
from fitgui.gui.plane.contour_item import Wanted
from fitgui.gui.plane.frame import Frame
from fitgui.pallets.plane import PlaneData

CONTOURS = tuple(field.name for field in fields(Wanted))


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

    def kept(self) -> dict[str, str]:
        """As words, for the next session; scales of axes belong to their plane, and are not among them."""
        return {
            "method": self.method,
            "border": _word(self.border),
            "numbers": _word(self.numbers),
            **{name: _word(getattr(self.contours, name)) for name in CONTOURS},
        }

    @classmethod
    def of_kept(cls, kept: Mapping[str, str]) -> PlaneChoices:
        """From what :meth:`kept` gave; what is missing or unknown is as at the first start."""
        first = cls()

        def on(name: str, otherwise: bool) -> bool:  # a word
            return {"yes": True, "no": False}.get(kept.get(name, ""), otherwise)

        method = next((name for name in get_args(Method) if name == kept.get("method")), first.method)
        return cls(
            method=method,
            border=on("border", first.border),
            numbers=on("numbers", first.numbers),
            contours=Wanted(**{name: on(name, getattr(first.contours, name)) for name in CONTOURS}),
        )

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


def _word(on: bool) -> str:  # a state
    return "yes" if on else "no"
