"""How far an exclusion reaches, in one sentence."""

from __future__ import annotations

from fitgui.exclusion.model import AxisChoice, Surface
from fitgui.gui.talk.subject import Subject, plane_of_subject
from fitgui.pallets.plane import Axis
from fitgui.runs.snapshot import RunSnapshot


def reach_of(subject: Subject, snapshot: RunSnapshot) -> str:
    """``Observed limit at m(χ̃₁⁰) = 0 GeV: m(χ̃₁±/χ̃₂⁰) = 740 GeV (grid spacing 50 GeV)``.

    Args:
        subject: what was fitted.
        snapshot: how the run stands.

    Returns:
        What is excluded along the lowest line of the plane; empty where the plane does not tell.
    """
    data = plane_of_subject(subject)
    if data is None or data.x.words or data.y.words:
        return ""
    # scipy is imported here, on a thread, and by nothing that a talk needs to open.
    from fitgui.exclusion.interpolation import Interpolation, NoPlaneError  # noqa: PLC0415
    from fitgui.exclusion.points import plane_points  # noqa: PLC0415
    from fitgui.exclusion.readouts import AxisName, mass_reach  # noqa: PLC0415

    def named(axis: Axis) -> AxisName:
        return AxisName(axis.symbol or axis.label, axis.unit)

    results = [snapshot.points[name].result for name in data.names]
    points = plane_points(data.names, data.x.values, data.y.values, results)
    try:
        plane = Interpolation(points, AxisChoice(allowed=data.allowed))
    except NoPlaneError:
        return ""
    found = mass_reach(plane, named(data.x), named(data.y), surfaces=(Surface.OBSERVED,))
    return next((reach.text for reach in found if reach.ranges), "")
