"""The check of a run in words: one line for the results, some lines for a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fitgui import words
from fitgui.gui.appearance import format_cls, short_name
from fitgui.gui.session import CheckedPoint
from fitgui.runs.check import CheckSummary
from fitgui.runs.snapshot import RunSnapshot

FIT_TITLES = {
    "free": "free fit",
    "mu0": "fit at μ = 0",
    "mu1": "fit at the tested μ",
    "asimov_mu1": "fit of the tested μ to the Asimov data",
}


class CheckVerdict(NamedTuple):
    """One line, and how serious it is."""

    role: str
    """``muted``, ``good`` or ``warning``: the look in the style sheet."""
    text: str


def verdict_of(
    snapshot: RunSnapshot, summary: CheckSummary, checked: Mapping[str, CheckedPoint]
) -> CheckVerdict:
    """How the check of a run stands.

    Args:
        snapshot: the run.
        summary: of its check.
        checked: the points that were compared.
    """
    reference = snapshot.check_engines[1]
    wanted = words.count(summary.wanted, "point")
    if summary.state == "waiting":
        return CheckVerdict("muted", f"{wanted} will be checked with {reference} after the run")
    found = _verdict(reference, summary, checked)
    if summary.state == "running":
        # What one check after the other found; the points of this one are the last of those.
        done = sum(name in snapshot.checks for name in snapshot.check_points)
        text = f"Checking {wanted} with {reference}: {done} of {max(summary.wanted, done)} done"
        worst = found if found is not None and found.role == "warning" else None
        return (
            CheckVerdict("muted", text) if worst is None else CheckVerdict("warning", f"{text}. {worst.text}")
        )
    said = snapshot.check_text  # a whole sentence, why a check was given up
    if found is not None:
        return CheckVerdict(found.role, f"{found.text}. {said}" if said else found.text)
    return CheckVerdict("muted", said or f"Not compared with {reference} yet")


def describe_checked(name: str, point: CheckedPoint) -> str:
    """Everything that two engines say of a point, line by line."""
    seen = point.comparison
    lines = [name]
    lines += [words.capital(sentence) for sentence in seen.sentences]
    if limits_left_out(point):
        lines.append(f"Only CLs is compared: {seen.reference} was not asked for upper limits")
    if seen.fits:
        lines.append(f"2NLL of {seen.reference} minus that of {seen.engine}:")
    for fit in seen.fits:
        if fit.difference is None:
            value = "not comparable"
        else:
            value = f"{fit.difference:+.3g}" + ("" if fit.lower else ", the same minimum")
        lines.append(f"    {FIT_TITLES[fit.fit]}: {value}")
    if point.theirs is not None:
        seconds = (point.ours.seconds.fit, point.theirs.seconds.fit)
        ours, theirs = (f"{second:.3g} s" for second in seconds)
        lines.append(f"The fits took {ours} with {seen.engine}, {theirs} with {seen.reference}")
        lines += [f"⚠ {seen.reference}: {warning}" for warning in point.theirs.warnings]
        lines += [f"{seen.reference}: {note}" for note in point.theirs.notes]
    return "\n".join(lines)


def limits_left_out(point: CheckedPoint) -> bool:
    """Whether a point that is compared has upper limits which the other engine did not compute."""
    seen = point.comparison
    return seen.agrees is not None and point.ours.limits is not None and seen.limit_difference is None


def _verdict(
    reference: str, summary: CheckSummary, checked: Mapping[str, CheckedPoint]
) -> CheckVerdict | None:
    if not summary.done:
        return None
    points = words.count(summary.done, "point")
    largest = summary.largest_difference
    if summary.agree == summary.done and largest is not None:
        text = f"CLs agrees with {reference} on {summary.agree} of {points}, largest difference {largest:.0e}"
        if any(map(limits_left_out, checked.values())):
            text += "; limits are not compared"
        return CheckVerdict("good", f"✓ {text}")
    parts = []
    if summary.differ:
        parts.append(f"{reference} differs on {summary.differ} of {points}")
    if summary.failed:
        parts.append(f"{reference} has no answer for {summary.failed} of {points}")
    text = "; ".join(parts)
    differing = {name: point for name, point in checked.items() if point.comparison.agrees is False}
    if differing:
        worst = max(differing, key=lambda name: differing[name].comparison.cls_difference or 0.0)
        text += f". {short_name(worst, 40)}: {_difference(differing[worst])}"
    return CheckVerdict("warning", f"⚠ {text}")


def _difference(point: CheckedPoint) -> str:
    """``CLs 0.018 (newton) against 0.999 (pyhf); newton's fit is lower by 30.7 in 2NLL``."""
    seen = point.comparison
    if point.theirs is None:
        return seen.sentences[0]
    text = (
        f"CLs {format_cls(point.ours.cls_obs)} ({seen.engine}) against "
        f"{format_cls(point.theirs.cls_obs)} ({seen.reference})"
    )
    apart = [fit for fit in seen.fits if fit.lower is not None and fit.difference is not None]
    if apart:
        most = max(apart, key=lambda fit: abs(fit.difference or 0.0))
        text += (
            f"; {most.lower}'s {FIT_TITLES[most.fit]} is lower by {abs(most.difference or 0.0):.3g} in 2NLL"
        )
    return text
