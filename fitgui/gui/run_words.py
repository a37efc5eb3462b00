"""A recorded run in a few words that tell it from others."""

from __future__ import annotations

from fitgui import words
from fitgui.runs.plan import RunPlan


def engine_of(plan: RunPlan) -> str:
    """``newton, with limits``."""
    options = plan.plan.options
    parts = [options.engine]
    if options.limits:
        parts.append("with limits")
    if options.discovery:
        parts.append("with p₀")
    if options.toys:
        parts.append(f"{options.toys} toys")
    return ", ".join(parts)


def place_of(plan: RunPlan) -> str:
    """``local, 2 workers``; how many only where that was chosen."""
    workers = plan.plan.workers
    return plan.backend + (f", {words.count(workers, 'worker')}" if workers else "")


def points_of(plan: RunPlan, fitted: int | None = None) -> str:
    """``98 of 125 points``; without the number of results, of how many the run was asked for."""
    asked = words.count(len(plan.points), "point")
    # A point that was fitted again has told twice.
    return asked if fitted is None else f"{min(fitted, len(plan.points))} of {asked}"
