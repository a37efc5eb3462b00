"""Figures as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fitgui.figures.style import KINDS, PAGE, Sheet, Style, sheet
from fitgui.runs.files import write_whole_bytes
from fitgui.runs.plan import RunError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Sheet], "Figure"]


def save_figure(path: Path, draw: Draw, *, style: str | Style = Style.ATLAS, width: float = PAGE) -> None:
    """Draw and write a figure; may be called from any thread.

    Args:
        path: ends in ``.pdf``, ``.svg`` or ``.png``.
        draw: makes the figure.
        style: its look.
        width: in millimetres.

    Raises:
        RunError: if there is nothing to draw, the name has another ending, or it cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise RunError(f"{path.name} ends in none of .pdf, .svg, .png: choose a name that does")
    with sheet(Style(style), width) as where:
        content = where.encoded(draw(where), kind)
    write_whole_bytes(path, content)
