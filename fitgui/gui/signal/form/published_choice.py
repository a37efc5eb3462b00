"""Choosing a published point to start from, by some letters of its name or its coordinates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from fitgui import words
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.palette import Command, CommandPalette
from fitgui.pallets import SignalPoint

TITLE: Final = "Published points"
SELECTED: Final = "selected"


def choose_published(
    parent: QWidget, shown: Shown, selected: Collection[str], chosen: Callable[[SignalPoint], object]
) -> CommandPalette:
    """Open the list, those that are selected in the plane first; nothing here blocks.

    Args:
        parent: the window.
        shown: the analysis.
        selected: names of points.
        chosen: is called with the point.
    """
    points = sorted(shown.points, key=lambda point: point.name not in selected)
    palette = CommandPalette(
        [command(point, chosen, selected=point.name in selected) for point in points],
        parent,
        title=TITLE,
        wanted="a published point, or its coordinates",
    )
    palette.open()
    return palette


def command(point: SignalPoint, chosen: Callable[[SignalPoint], object], *, selected: bool) -> Command:
    """A row of the list."""
    place = words.coordinates(point.values)
    told = f"{place} ({SELECTED})" if selected else place
    return Command(point.name, told, partial(chosen, point))
