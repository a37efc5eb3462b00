"""What the view of limits says, where it cannot show anything or not all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitgui import words
from fitgui.exclusion.cross_sections import CrossSections
from fitgui.exclusion.line_choice import PointLine
from fitgui.exclusion.line_limits import LineLimits, Quantity
from fitgui.exclusion.model import Floats
from fitgui_backends.results import FitResult

NO_PALLET = "Open a pallet on the left: limits along a line through its points appear here."
NO_POINTS = "This analysis is a measurement: it has no signal points, and so no limits on a signal."
NO_COORDINATES = (
    "The names of these points give no coordinates, so no line leads through them: see the table below."
)
NO_LINE = "No two points of this analysis lie on a line along one coordinate: see the table below."
LOOKING = "Looking for lines through the points …"
NOT_FOUND = "The lines through the points could not be found."
NOTHING_YET = "No point of this line is fitted yet: Run, in step 2, fits it."
NO_LIMITS = "Upper limits come with the option “Upper limits on μ” of step 2; until then, this is CLs."
ASSUMED = "Assumes the signal was normalised to this cross section, branching fraction included."
"""What a limit on the cross section takes for granted, and no likelihood tells."""
SHORT: Mapping[Quantity, str] = {"sigma": "Upper limit on σ", "mu": "Upper limit on μ", "cls": "CLs at μ = 1"}


def remark(
    limits: LineLimits,
    results: Mapping[str, FitResult],
    table: CrossSections | None,
    masses: Floats,
) -> str:
    """What the plot does not show, and why; empty where it shows all."""
    if not results:
        return NOTHING_YET
    without = sum(result.limits is None for result in results.values())
    if without == len(results):
        more = " A limit on the cross section needs them." if table is not None else ""
        return NO_LIMITS + more
    texts = []
    if limits.quantity != "cls" and without:
        texts.append(
            f"{words.count(without, 'point')} of this line {'was' if without == 1 else 'were'} fitted "
            "without upper limits."
        )
    if limits.quantity == "sigma" and table is not None:
        texts += _reach(limits, table, masses)
    return " ".join(texts)


def _reach(limits: LineLimits, table: CrossSections, masses: Floats) -> list[str]:
    outside = int(np.sum((masses < table.masses[0]) | (masses > table.masses[-1])))
    if not outside:
        return [f"Cross sections of {table.name}, in {table.unit}.", ASSUMED]
    reach = f"{table.masses[0]:g} to {table.masses[-1]:g} GeV"
    if outside == len(limits.names):
        return [f"{table.name} has cross sections from {reach}: no point of this line is there."]
    return [
        f"{table.name} has cross sections from {reach}: {words.count(outside, 'point')} outside of that "
        f"{'has' if outside == 1 else 'have'} no limit on σ.",
        ASSUMED,
    ]


def choice_text(line: PointLine, place: str) -> str:
    """A line in a list to choose from."""
    count = words.count(len(line.names), "point")
    return f"{place} · {count}" if place else count
