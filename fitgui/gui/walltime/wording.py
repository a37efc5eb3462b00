"""What the view of wall times says in words."""

from __future__ import annotations

from fitgui import words
from fitgui.gui.timeline.wording import Figure
from fitgui.runs.published_times import PublishedTimes
from fitgui.runs.wall_bars import BarKind, WallBar, comparison, factor_text
from fitgui.runs.wall_times import RunTimes

NOTHING = (
    "Nothing has been run yet: press Run in step 2. During a run its wall time grows here, beside what one "
    "core would need for the same points, earlier runs of this analysis, and published times where known."
)
NO_RUN = "No run on show: its wall time will stand here, beside these."
SPEED_UP = "What one core would have needed for the same models and fits, over the wall time"
EFFICIENCY = "The speed-up for each worker: 100 % if all of them did nothing but models and fits"
PUBLISHED = "The published wall time on a cluster beside this one, for the same points and CLs"
CHOOSE = "Choose a bar to compare this run with it."


def figures_of(this: RunTimes | None, published: PublishedTimes | None) -> tuple[Figure, ...]:
    """Speed-up and efficiency, and how the run stands beside the published one."""
    speed_up = this.speed_up if this is not None else None
    efficiency = this.efficiency if this is not None else None
    workers = f" of {words.count(this.workers, 'worker')}" if this is not None and this.workers else ""
    found = [
        Figure(
            "–" if speed_up is None else f"{factor_text(speed_up)} ×",
            "speed-up over one core",
            explanation=SPEED_UP,
        ),
        Figure(
            "–" if efficiency is None else words.percent(efficiency),
            f"efficiency{workers}",
            explanation=EFFICIENCY,
        ),
    ]
    main = published.main if published is not None else None
    same = this is not None and published is not None and this.total == published.points and not this.asked
    if main is not None and this is not None and same and this.is_whole and this.wall:
        factor = main.seconds / this.wall
        number = factor_text(factor if factor >= 1 else 1 / factor)
        meaning = "as fast as published" if factor >= 1 else "as long as published"
        found.append(Figure(f"{number} ×", meaning, explanation=PUBLISHED))
    return tuple(found)


def sentence_of(this: RunTimes | None, chosen: WallBar | None, bars: list[WallBar]) -> str:
    """How this run compares with the chosen bar, else with the published cluster."""
    if this is None:
        return NO_RUN
    if chosen is None or chosen.kind is BarKind.THIS:
        chosen = next((bar for bar in bars if bar.kind is BarKind.PUBLISHED and bar.error is not None), None)
    return CHOOSE if chosen is None else comparison(this, chosen) or CHOOSE
