"""The results of a run in a report: read-outs, the table, warnings and notes by what they say."""

from __future__ import annotations

from collections.abc import Mapping

from fitgui import words
from fitgui.exclusion.interpolation import Interpolation, NoPlaneError
from fitgui.exclusion.readouts import AxisName, excluded_area, mass_reach
from fitgui.figures.of_run import RunFigures
from fitgui.pallets.plane import MINUS
from fitgui.report.blocks import Table
from fitgui.runs.check import comparison, summary
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.results import EXCLUSION_CLS, is_doubtful

DOUBTFUL = "⚠ doubtful"
_MOST_NAMES = 12
"""Of points behind one sentence; the table marks all of them."""


def summary_lines(record: RunRecord, snapshot: RunSnapshot) -> tuple[str, ...]:
    """What came out, in a few sentences."""
    counts = snapshot.counts
    done = [status.result for status in snapshot.points.values() if status.result is not None]
    sound = [result for result in done if result.converged]
    observed = sum(result.cls_obs < EXCLUSION_CLS for result in sound)
    expected = sum(result.cls_exp[2] < EXCLUSION_CLS for result in sound)
    states = [f"{len(done)} of {words.count(snapshot.total, 'point')} fitted"]
    states += [
        f"{counts[state]} {state}" for state in (TaskState.FAILED, TaskState.CANCELLED) if counts[state]
    ]
    if snapshot.outcome is None:
        states.append("the run has not ended" if record.alive else "the run was interrupted")
    lines = [f"{', '.join(states)}."]
    if sound:
        tested = record.plan.plan.options.poi_test
        lines.append(f"Excluded at 95 % CL (mu = {tested:g}): {observed} observed, {expected} expected.")
    if snapshot.doubtful:
        is_ = "result is" if snapshot.doubtful == 1 else "results are"
        lines.append(
            f"{snapshot.doubtful} {is_} doubtful: a fit, or the search for a limit, did not converge."
        )
    check = summary(snapshot)
    if check.done:
        engine = snapshot.check_engines[1]
        lines.append(f"{words.count(check.done, 'point')} fitted again with {engine}: {check.agree} agree.")
    return tuple(lines)


def read_outs(figures: RunFigures) -> tuple[str, ...]:
    """Limits along the lowest line of the grid, and the excluded area, as sentences.

    None of a plane with a difference of masses: its lowest line is where the grid begins.
    """
    try:
        plane, axis, exclusion = figures.exclusion
        field = Interpolation(exclusion.points, axis, figures.wishes.method)
    except (RunError, NoPlaneError):
        return ()
    if any(MINUS in one.label for one in (plane.x, plane.y)):
        return ()
    x, y = (AxisName(one.symbol or one.label, one.unit) for one in (plane.x, plane.y))
    found = [reach.text for reach in mass_reach(field, x, y)]
    return tuple(
        f"{text.rstrip('.')}." for text in [*found, *(area.text for area in excluded_area(field, x, y))]
    )


def results_table(plan: RunPlan, snapshot: RunSnapshot) -> Table:
    """Every point, in the order of its coordinates; what is doubtful says so."""
    labels = plan.analysis.labels
    limits = any(s.result is not None and s.result.limits is not None for s in snapshot.points.values())
    headings = ["Point", *labels, "CLs obs", "CLs exp", "−1σ", "+1σ"]
    headings += ["μ95 obs", "μ95 exp"] if limits else []
    ordered = sorted(
        snapshot.points.values(), key=lambda status: _key(plan.values.get(status.name, {}), labels)
    )
    rows, marked = [], set()
    for number, status in enumerate(ordered):
        values = plan.values.get(status.name, {})
        places = [words.coordinate(values[label]) if label in values else "–" for label in labels]
        rows.append((status.name, *places, *_numbers(status, limits=limits), _state(status)))
        if status.result is None or is_doubtful(status.result):
            marked.add(number)
    return Table((*headings, "State"), tuple(rows), frozenset(marked))


def _numbers(status: PointStatus, *, limits: bool) -> list[str]:
    result = status.result
    if result is None:
        return ["–"] * (6 if limits else 4)
    low, median, high = result.cls_exp[1:4]
    found = [words.number(value, 3) for value in (result.cls_obs, median, low, high)]
    if limits:
        known = result.limits
        pair = (None, None) if known is None else (known.obs, known.exp[2])
        found += [words.number(value, 3) for value in pair]
    return found


def _state(status: PointStatus) -> str:
    if status.result is not None:
        return DOUBTFUL if is_doubtful(status.result) else "fitted"
    return f"{status.state}: {status.error}" if status.error else str(status.state)


def _key(values: Mapping[str, float | str], labels: tuple[str, ...]) -> tuple[tuple[int, float, str], ...]:
    """Numbers before words before nothing."""
    return tuple(_order(values.get(label)) for label in labels)


def _order(value: float | str | None) -> tuple[int, float, str]:
    if value is None:
        return (2, 0.0, "")
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value), "")


def doubt_lines(snapshot: RunSnapshot) -> tuple[str, ...]:
    """What a reader has to know before using a number: of the run, and how many points have warnings."""
    lines = [notice.text for notice in snapshot.notices if notice.level != "info"]
    points = snapshot.points.values()
    warned = [status for status in points if status.result is not None and status.result.warnings]
    known = [status.result for status in points if status.result is not None]
    doubtful = [result.name for result in known if not result.converged]
    limits = [result.name for result in known if result.converged and is_doubtful(result)]
    failed = [status.name for status in points if status.error is not None]
    if doubtful:
        lines.append(f"Doubtful, for a fit did not converge: {_some(doubtful)}.")
    if limits:
        lines.append(f"Limits are doubtful, for the search for them did not converge: {_some(limits)}.")
    if failed:
        lines.append(f"Without a result: {_some(failed)}.")
    if warned:
        has = "has" if len(warned) == 1 else "have"
        lines.append(
            f"{words.count(len(warned), 'point')} {has} warnings: they stand at the end, point by point."
        )
    return tuple(lines)


def note_lines(snapshot: RunSnapshot) -> tuple[str, ...]:
    """What else there is to say about the run."""
    lines = [notice.text for notice in snapshot.notices if notice.level == "info"]
    if snapshot.check_text:
        lines.append(snapshot.check_text)
    return tuple(lines)


def remarks_table(snapshot: RunSnapshot) -> Table:
    """Every warning, note and error, by point."""
    rows: list[tuple[str, ...]] = []
    marked: set[int] = set()
    for status in snapshot.points.values():
        result = status.result
        said = [status.error] if status.error else []
        said += [] if result is None else [*result.warnings, *result.notes]
        if name_check := snapshot.checks.get(status.name):
            found = comparison(snapshot, status.name)
            if found is not None and not found.agrees:
                said.append(f"Differs from {snapshot.check_engines[1]}: {'; '.join(found.sentences)}")
            elif found is None and name_check.error:
                said.append(f"Not checked: {name_check.error}")
        if said:
            if result is None or is_doubtful(result):
                marked.add(len(rows))
            rows.append((status.name, " ".join(_sentence(text) for text in said)))
    return Table(("Point", "Remarks"), tuple(rows), frozenset(marked))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
