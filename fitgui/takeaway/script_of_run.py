"""A point of a recorded run, in its pallet that is open again, for a script."""

from __future__ import annotations

from fitgui.pallets.library.library import Library
from fitgui.pallets.model import Pallet
from fitgui.runs.plan import RunError, RunPlan
from fitgui.takeaway.provenance import provenance
from fitgui.takeaway.script import ScriptPoint
from fitgui_backends.results import FitResult


def script_point(
    plan: RunPlan, pallet: Pallet, name: str, result: FitResult | None, *, run: str, library: Library
) -> ScriptPoint:
    """What a script needs to know of a point.

    Args:
        plan: of the run.
        pallet: as it was opened again.
        name: of the point.
        result: of the run.
        run: its name.
        library: what is kept.

    Raises:
        RunError: if the point has no result, or the pallet no longer holds what was fitted.
    """
    if result is None:
        raise RunError(f"point {name} has no result in run {run}: fit it first, then copy the script")
    plan.with_documents(pallet)  # says so if anything was changed
    analysis = plan.analysis_in(pallet)
    assert analysis is not None
    point = next(found for found in analysis.points if found.name == name)
    origin = provenance(pallet.source, pallet.digest, library)
    return ScriptPoint(pallet, analysis, point, plan.plan.options, origin, plan.plan.measurement, result, run)
