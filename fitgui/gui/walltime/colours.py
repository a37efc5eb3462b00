"""A colour for each run, the same in bars and curves; of the Okabe-Ito set."""

from __future__ import annotations

from collections.abc import Sequence

from fitgui.gui.theme import Theme
from fitgui.gui.timeline.colours import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from fitgui.runs.wall_bars import BarKind, WallBar

_OTHERS = (VERMILLION, GREEN, PURPLE, ORANGE)


def colours_of(bars: Sequence[WallBar], look: Theme) -> dict[str, str]:
    """The colour of each bar by its key; runs beyond the fourth begin anew, and differ by their dashes."""
    dark = look.name == "dark"
    found, others = {}, 0
    for bar in bars:
        match bar.kind:
            case BarKind.THIS:
                found[bar.key] = SKY if dark else BLUE
            case BarKind.CORE:
                found[bar.key] = BLUE if dark else SKY
            case BarKind.PUBLISHED:
                found[bar.key] = look.grid
            case BarKind.RUN:
                found[bar.key] = _OTHERS[others % len(_OTHERS)]
                others += 1
    return found
