"""How states and numbers are written: an icon and a word for every state, the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState

TOOLTIP_WIDTH = 80
EXCLUSION_CLS = 0.05
"""A point is excluded at 95 % CL where CLs is below this."""


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


def look_of(status: PointStatus | None) -> StateLook:
    """The icon and word for a point; ``None`` is a point that no run has been asked for."""
    if status is None:
        return NOT_ASKED
    if status.state is TaskState.DONE and status.result is not None:
        if not status.result.converged:
            return DOUBTFUL
        if status.result.warnings:
            return WARNED
    return LOOKS[status.state]


def format_cls(value: float) -> str:
    """CLs with as many digits as a reader can use."""
    return f"{value:.4f}" if value >= 1e-3 else f"{value:.1e}"


def point_description(name: str, status: PointStatus | None) -> str:
    """Everything about a point, in lines short enough for a tooltip."""
    lines = [name, str(look_of(status))]
    if status is not None and status.result is not None:
        result = status.result
        band = "  ".join(format_cls(value) for value in result.cls_exp)
        lines.append(f"CLs observed {format_cls(result.cls_obs)}")
        lines.append(f"CLs expected at -2, -1, 0, +1, +2 sigma: {band}")
        lines.append(f"mu-hat {result.mu_hat:.3f}")
        lines.extend(
            wrapped for warning in result.warnings for wrapped in wrap(f"⚠ {warning}", TOOLTIP_WIDTH)
        )
    elif status is not None and status.error:
        lines.extend(wrap(status.error, TOOLTIP_WIDTH))
    return "\n".join(lines)


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
