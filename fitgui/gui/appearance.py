"""How states and numbers are written: an icon and a word for every state, the same everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from fitgui import words
from fitgui.gui.session import CheckedPoint
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult, ToyAnswer, is_doubtful

TOOLTIP_WIDTH = 80
BEYOND = "> bound"
"""An upper limit that is above what the measurement allows mu to be."""
ALL_AS_EXTREME = (
    "mu-hat is above the tested μ, so the test statistic of the data is 0 and every pseudo-experiment is at "
    "least as extreme: CLs of pseudo-experiments is 1, where the asymptotic formula gives less"
)
NOTHING = "–"
"""A number that does not exist."""
NAME_LENGTH = 60
WORD_LENGTH = 20


@dataclass(frozen=True, slots=True)
class StateLook:
    """An icon that needs no colour, and its word."""

    icon: str
    word: str

    def __str__(self) -> str:
        return f"{self.icon} {self.word}"


NOT_ASKED = StateLook("·", "not fitted")
LOOKS = {
    TaskState.QUEUED: StateLook("○", "waiting"),
    TaskState.RUNNING: StateLook("◔", "fitting"),
    TaskState.DONE: StateLook("✓", "fitted"),
    TaskState.FAILED: StateLook("✗", "failed"),
    TaskState.CANCELLED: StateLook("⊘", "cancelled"),
}
DOUBTFUL = StateLook("⚠", "doubtful")
"""A result whose fit did not converge: shown, but never as if it were sound."""
WARNED = StateLook("⚠", "fitted")
EXCLUDED = StateLook("●", "excluded")
NOT_EXCLUDED = StateLook("◆", "not excluded")
"""The signs of the plane, wherever exclusion is told; in the colour of text, as neither is an error."""


def look_of(status: PointStatus | None) -> StateLook:
    """The icon and word for a point; ``None`` is a point that no run has been asked for."""
    if status is None:
        return NOT_ASKED
    if status.state is TaskState.DONE and status.result is not None:
        if is_doubtful(status.result):
            return DOUBTFUL
        if status.result.warnings:
            return WARNED
    look = LOOKS[status.state]
    if status.phase and status.state is TaskState.QUEUED:
        return StateLook(look.icon, status.phase)
    if status.progress is not None:
        return StateLook(look.icon, f"{look.word} {words.percent(status.progress)}")
    return look


def look_of_check(checked: CheckedPoint) -> StateLook:
    """The icon and word for what another engine says of a point."""
    agrees = checked.comparison.agrees
    if agrees is None:
        return StateLook("⚠", "no answer")
    return StateLook("✓", "agrees") if agrees else StateLook("⚠", "differs")


def format_cls(value: float) -> str:
    """CLs with as many digits as a reader can use."""
    return f"{value:.4f}" if value >= 1e-3 else f"{value:.1e}"


def format_p_value(value: float) -> str:
    """A p-value, which may be very small."""
    return f"{value:.4f}" if value >= 1e-3 else f"{value:.1e}"


def format_limit(value: float | None, bound: float | None = None) -> str:
    """An upper limit on mu with three significant digits or more.

    ``None`` is beyond ``bound``, the largest mu that the measurement allows, where that is known.
    """
    if value is None:
        return BEYOND if bound is None else f"> {bound:g}"
    return f"{value:.3f}" if value >= 0.1 else f"{value:.2g}"


def toys_cls(toys: ToyAnswer) -> str:
    """The observed CLs of pseudo-experiments with its error; a dash where too few were thrown for one."""
    if toys.cls_obs is None or toys.cls_obs_error is None:
        return NOTHING
    return with_error(toys.cls_obs, toys.cls_obs_error)


def toys_limit(toys: ToyAnswer) -> str:
    """The observed limit from pseudo-experiments with its error; empty where none was asked for."""
    return "" if toys.limits is None else _scanned(toys.limits.obs, toys.limits.obs_error)


def with_error(value: float, error: float) -> str:
    """``0.221 ± 0.043``: two significant digits of the error, and as many decimals of the value."""
    if not (math.isfinite(error) and error > 0):
        return f"{value:.4f} ± {error:g}"
    decimals = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def _scanned(limit: float | None, error: float | None = None) -> str:
    """A limit from pseudo-experiments: without one it may be anywhere outside of where they were thrown."""
    if limit is None:
        return NOTHING
    return format_limit(limit) if error is None else with_error(limit, error)


def format_seconds(value: float) -> str:
    """Seconds without their unit: milliseconds are seen, hours have no digits to spare."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def short_name(name: str, length: int = NAME_LENGTH) -> str:
    """A name without its middle where it is longer than a line has place for."""
    if len(name) <= length:
        return name
    head = (length - 1) // 2
    return f"{name[:head]}…{name[head + 1 - length :]}"


def breakable(text: str, length: int = WORD_LENGTH) -> str:
    """The text with places at which a line may be broken, where there is none for so many characters."""
    return re.sub(rf"[^\s-]{{{length}}}(?=[^\s-])", "\\g<0>\N{ZERO WIDTH SPACE}", text)


def point_description(
    name: str,
    status: PointStatus | None,
    checked: CheckedPoint | None = None,
    bound: float | None = None,
    place: str = "",
) -> str:
    """Everything about a point, in lines short enough for a tooltip.

    Args:
        name: its name.
        status: how it stands; ``None`` where no run was asked for it.
        checked: what another engine says of it.
        bound: the largest mu.
        place: its coordinates, in words.
    """
    lines = [*wrap(name, TOOLTIP_WIDTH), *wrap(place, TOOLTIP_WIDTH), str(look_of(status))]
    if status is not None and status.result is not None:
        lines += _describe_result(status.result, bound)
        if checked is not None:
            lines.append(f"Check with {checked.comparison.reference}: {look_of_check(checked)}")
            lines += [
                wrapped
                for sentence in checked.comparison.sentences
                for wrapped in wrap(words.capital(sentence), TOOLTIP_WIDTH)
            ]
        lines += [
            wrapped for warning in status.result.warnings for wrapped in wrap(f"⚠ {warning}", TOOLTIP_WIDTH)
        ]
        lines += [wrapped for note in status.result.notes for wrapped in wrap(note, TOOLTIP_WIDTH)]
    elif status is not None and status.error:
        lines.extend(wrap(status.error, TOOLTIP_WIDTH))
    return "\n".join(lines)


def _describe_result(result: FitResult, bound: float | None) -> list[str]:
    at = "at -2, -1, 0, +1, +2 sigma"
    lines = [
        f"CLs observed {format_cls(result.cls_obs)}",
        f"CLs expected {at}: {_row(format_cls(value) for value in result.cls_exp)}",
    ]
    if result.limits is not None:
        doubt = "" if result.limits.converged else " (⚠ the search for it did not converge)"
        lines.append(f"Upper limit on μ at 95 % CL, observed {format_limit(result.limits.obs, bound)}{doubt}")
        expected = _row(format_limit(limit, bound) for limit in result.limits.exp)
        lines.append(f"Upper limit expected {at}: {expected}")
    lines.append(f"mu-hat {result.mu_hat:.3f}")
    if result.discovery is not None:
        expected = _row(format_p_value(value) for value in result.discovery.p0_exp)
        lines.append(
            f"p₀ observed {format_p_value(result.discovery.p0_obs)}; expected at μ = 1, {at}: {expected}"
        )
    if result.toys is not None:
        toys = result.toys
        failed = f", {words.count(toys.failed, 'fit')} not converged" if toys.failed else ""
        lines.append(
            f"With {words.count(toys.number, 'pseudo-experiment')} of each hypothesis (seed "
            f"{toys.seed}{failed}): CLs observed {toys_cls(toys)}"
        )
        lines.append(f"CLs expected {at}: {_row(format_cls(value) for value in toys.cls_exp)}")
        if toys.cls_obs == 1.0 and result.mu_hat >= 1.0:
            lines += wrap(ALL_AS_EXTREME, TOOLTIP_WIDTH)
        if toys.limits is not None:
            lines.append(f"Upper limit on μ, observed {toys_limit(toys)}")
            lines.append(f"Upper limit expected {at}: {_row(map(_scanned, toys.limits.exp))}")
    if result.non_negative is not None:
        mark = "" if result.non_negative.converged else "⚠ not converged: "
        lines.append(f"{mark}CLs observed with all rates ≥ 0: {format_cls(result.non_negative.cls_obs)}")
    return lines


def _row(texts: Iterable[str]) -> str:
    return "  ".join(texts)


def format_coordinate(value: float | str) -> str:
    """Masses without a trailing ``.0``; words as they are."""
    return value if isinstance(value, str) else f"{value:g}"


def format_rate(points_per_second: float) -> str:
    """Points per second, or per minute where that is easier to imagine."""
    if points_per_second >= 9.95:
        return f"{points_per_second:.0f} /s"
    if points_per_second >= 0.5:
        return f"{points_per_second:.1f} /s"
    return f"{points_per_second * 60:.1f} /min"
