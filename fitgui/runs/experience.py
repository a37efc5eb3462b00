"""What points of a workspace took before, to size the tasks of the next run."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

import msgspec

from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.plan import RunPlan
from fitgui_backends.contract import FitOptions
from fitgui_backends.events import PointFitted

RUNS_LOOKED_AT = 30
"""Of the newest; whoever fits a workspace again mostly does so soon."""
POINTS_LOOKED_AT = 200


def seconds_per_point(journal: Journal, plan: RunPlan) -> float | None:
    """What a point took a worker in the newest comparable run: the same workspace, the same questions.

    Args:
        journal: of all runs.
        plan: of the run to come.

    Returns:
        Seconds for model and fit, the median; ``None`` where nothing is known.
    """
    try:
        for record in journal.runs()[:RUNS_LOOKED_AT]:
            if record.plan.analysis.digest != plan.analysis.digest:
                continue
            if _question(record.plan.plan.options) != _question(plan.plan.options):
                continue
            results = (stamped.event for stamped in journal.events(record.id))
            took = _seconds(event for event in results if isinstance(event, PointFitted))
            if took is not None:
                return took
    except JournalError:  # it is only a guess that becomes worse
        return None
    return None


def _question(options: FitOptions) -> FitOptions:
    """The options without what does not change how long a point takes."""
    return msgspec.structs.replace(options, seed=0, timeout_seconds=None, poi_test=1.0)


def _seconds(events: Iterable[PointFitted]) -> float | None:
    took = [event.result.seconds.model + event.result.seconds.fit for event in events][:POINTS_LOOKED_AT]
    return median(took) if took else None
