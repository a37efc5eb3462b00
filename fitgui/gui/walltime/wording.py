"""What the view of wall times says in words."""

from __future__ import annotations

from fitgui import words
from fitgui.gui.timeline.wording import Figure
from fitgui.runs.published_times import PublishedTimes
from fitgui.runs.wall_bars import BarKind, WallBar, comparison, factor_text
from fitgui.runs.wall_times import RunTimes

NOTHING = (
    "Nothing has been run yet. During a run its wall time grows here, beside what one core would need for "
    "the same points, earlier runs of this analysis, and published times where there are some."
)
NO_RUN = "No run on show: its wall time will stand here, beside these."
CHOOSE = "Choose a bar to compare this run with it."


def figures_of(this: RunTimes | None, published: PublishedTimes | None) -> tuple[Figure, ...]:
    """Speed-up and efficiency, and how the run stands beside the published one."""
    if this is None:
        return (Figure("–", "speed-up against one core"), Figure("–", "parallel efficiency"))
    found = [
        Figure(
            "–" if this.speed_up is None else f"{factor_text(this.speed_up)} ×",
            "speed-up: one core / wall time",
        ),
        Figure(
            "–" if this.efficiency is None else words.percent(this.efficiency),
            "parallel efficiency" + (f" of {words.count(this.workers, 'worker')}" if this.workers else ""),
        ),
    ]
    main = published.main if published is not None else None
    same = published is not None and this.total == published.points and not this.asked
    if main is not None and same and this.is_whole and this.wall:
        factor = main.seconds / this.wall
        fast = factor >= 1
        found.append(
            Figure(
                f"{factor_text(factor if fast else 1 / factor)} ×",
                "as fast as the published cluster" if fast else "as long as the published cluster",
            )
        )
    return tuple(found)


def sentence_of(this: RunTimes | None, chosen: WallBar | None, bars: list[WallBar]) -> str:
    """How this run compares with the chosen bar, else with the published cluster."""
    if this is None:
        return NO_RUN
    if chosen is None or chosen.kind is BarKind.THIS:
        chosen = next((bar for bar in bars if bar.kind is BarKind.PUBLISHED and bar.error is not None), None)
    return CHOOSE if chosen is None else comparison(this, chosen) or CHOOSE
