"""Which line through the points ``fitgui runs plot`` draws along, and in which cross sections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.exclusion.cross_sections import CrossSectionError, CrossSections, read_cross_sections
from fitgui.exclusion.line_choice import choose_line, lines_along
from fitgui.pallets.model import Coordinate, SignalPoint
from fitgui.runs.plan import RunPlan

MOST_NAMED = 12
"""Values in an error."""


def read_table(path: Path | None) -> CrossSections | None:
    """The table of ``--cross-sections``.

    Raises:
        CommandUsageError: if it is none.
    """
    if path is None:
        return None
    try:
        return read_cross_sections(path)
    except CrossSectionError as error:
        raise CommandUsageError(str(error)) from error


def line_asked(plan: RunPlan, asked: Sequence[str]) -> tuple[str, dict[str, Coordinate]]:
    """The coordinate that runs, and the values of the others.

    Args:
        plan: of the run.
        asked: each ``NAME=VALUE``, with the name of a coordinate.

    Raises:
        CommandUsageError: if there is no such coordinate, or no such line.
    """
    labels = plan.analysis.labels
    if not asked:
        return "", {}
    at: dict[str, Coordinate] = {}
    for text in asked:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name or not value:
            raise CommandUsageError(
                f"--line {text} is no NAME=VALUE: say for example --line {_example(plan)}"
            )
        if name not in labels:
            raise unknown("coordinate", name, labels, where=f" among those of {plan.analysis.name}")
        at[name] = _value(value)
    along = next((label for label in labels if label not in at), "")
    if not along:
        raise CommandUsageError(
            f"--line fixes every coordinate of {plan.analysis.name}: leave out the one that runs"
        )
    points = [SignalPoint(name, plan.values.get(name, {}), b"", "") for name in plan.points]
    if choose_line(points, labels, along, at) is None:
        last = next(reversed(at))
        values = {dict(line.fixed).get(last) for line in lines_along(points, along, labels)} - {None}
        ordered = sorted(values, key=lambda value: (isinstance(value, str), value))
        named = ", ".join(_text(value) for value in ordered[:MOST_NAMED])
        more = f" and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else ""
        raise CommandUsageError(
            f"no two points of this run lie on a line along {along} at --line {' --line '.join(asked)}"
            + (f": there are lines at {last} = {named}{more}" if ordered else "")
        )
    return along, at


def _value(text: str) -> Coordinate:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _text(value: Coordinate | None) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _example(plan: RunPlan) -> str:
    label = plan.analysis.labels[-1] if plan.analysis.labels else "m2"
    value = next((plan.values[name].get(label) for name in plan.points if name in plan.values), 0.0)
    return f"{label}={_text(value)}"
