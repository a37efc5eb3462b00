"""What a task goes through, each with its colour of the Okabe-Ito set."""

from __future__ import annotations

from fitgui.gui.theme import Theme

VERMILLION = "#d55e00"
BLUE, SKY = "#0072b2", "#56b4e9"
GREEN = "#009e73"
ORANGE = "#e69f00"
PURPLE = "#cc79a7"
YELLOW = "#f0e442"

GREY_LIGHT, GREY_DARK = "#b4bac4", "#5b6370"
PALE_LIGHT, PALE_DARK = "#dfe3e8", "#343a44"


def colours_of(look: Theme) -> dict[str, str]:
    """The colour of each kind of time, by the names of :class:`fitgui.runs.wall_split.WallSplit`."""
    dark = look.name == "dark"
    fit = SKY if dark else BLUE
    return {
        "transfer": PURPLE,
        "waiting": GREY_DARK if dark else GREY_LIGHT,
        "unpack": ORANGE,
        "model": GREEN,
        "fit": fit,
        "running": SKY if not dark else BLUE,
        "overhead": look.muted,
        "lost": YELLOW,
        "delay": VERMILLION,
        "idle": PALE_DARK if dark else PALE_LIGHT,
    }
