"""The contours of a run as numbers: CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fitgui.exclusion.contours import find_exclusion
from fitgui.exclusion.model import SURFACES, AxisChoice, Exclusion, PlanePoints
from fitgui.exclusion.points import plane_points
from fitgui.pallets.plane import plane_of, preferred_axes
from fitgui.pallets.published import Notation
from fitgui.runs.plan import RunPlan
from fitgui.takeaway.tables import Chosen, axis_name, rounded
from fitgui_backends.levels import EXCLUSION_CLS

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ContourAxis:
    """A coordinate of the plane."""

    label: str
    """In the patch set; empty where there is no plane."""
    name: str
    """As HEPData shows it."""
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Contours:
    """What the results of a run say about the plane, as it is shown first."""

    x: ContourAxis
    y: ContourAxis
    exclusion: Exclusion


def find_contours(plan: RunPlan, chosen: Chosen, notation: Mapping[str, Notation]) -> Contours:
    """Contours at 95 % CL in the first two coordinates that vary.

    Args:
        plan: of the run.
        chosen: the points whose numbers can be trusted.
        notation: how coordinates are written, by label.
    """
    points = plan.places(chosen.results)
    nowhere = ContourAxis("", "", "")
    if len(plan.analysis.labels) < 2:
        return Contours(nowhere, nowhere, _none("the points have fewer than two coordinates"))
    data = plane_of(points, *preferred_axes(points, plan.analysis.labels), notation)
    x, y = (ContourAxis(axis.label, axis_name(axis), axis.unit) for axis in (data.x, data.y))
    if plan.plan.options.poi_test != 1.0:
        return Contours(x, y, _none(f"CLs was tested at mu = {plan.plan.options.poi_test:g}, not at 1"))
    if data.x.words or data.y.words:
        return Contours(x, y, _none("a coordinate is a word, and nothing lies between words"))
    found = plane_points(data.names, data.x.values, data.y.values, list(chosen.results.values()))
    return Contours(x, y, find_exclusion(found, AxisChoice(allowed=data.allowed)))


def contours_document(
    plan: RunPlan, contours: Contours, left_out: tuple[str, ...], *, run: str
) -> dict[str, Any]:
    """The contours for a program: every surface with its pieces.

    Returns:
        What ``docs/results-file.md`` describes; lengths and order of ``x`` and ``y`` of a piece are the same.
    """
    exclusion = contours.exclusion
    return {
        "schema": SCHEMA,
        "run": run,
        "pallet": {"name": plan.pallet.name, "source": plan.pallet.source, "digest": plan.pallet.digest},
        "analysis": {"name": plan.analysis.name, "digest": plan.analysis.digest},
        "cls": EXCLUSION_CLS,
        "x": {"label": contours.x.label, "unit": contours.x.unit},
        "y": {"label": contours.y.label, "unit": contours.y.unit},
        "points": len(exclusion.points.names),
        "left_out": list(left_out),
        "problem": exclusion.problem or None,
        "contours": {
            str(surface): [
                {
                    "closed": piece.closed,
                    "x": [rounded(value) for value in piece.x.tolist()],
                    "y": [rounded(value) for value in piece.y.tolist()],
                }
                for piece in exclusion.contours[surface]
            ]
            for surface in SURFACES
        },
    }


def contours_csv(contours: Contours) -> str:
    """The contours as a table: a row for each point of a line, with its surface and piece."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["contour", "piece", "closed", contours.x.label or "x", contours.y.label or "y"])
    for surface in SURFACES:
        for number, piece in enumerate(contours.exclusion.contours[surface], start=1):
            closed = "true" if piece.closed else "false"
            for x, y in zip(piece.x.tolist(), piece.y.tolist(), strict=True):
                writer.writerow([str(surface), number, closed, rounded(x), rounded(y)])
    return stream.getvalue()


def _none(problem: str) -> Exclusion:
    nothing = PlanePoints((), np.empty(0), np.empty(0), np.empty((0, len(SURFACES))))
    return Exclusion(nothing, dict.fromkeys(SURFACES, ()), {}, problem)
