"""Windows of a talk on recorded runs that nobody had to fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fitgui.gui import theme
from fitgui.gui.bridge import Bridge
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.talk.material import Material, load, replayed
from fitgui.gui.talk.plot import TalkPlot
from fitgui.gui.talk.type import Line
from fitgui.gui.talk.window import TalkWindow
from fitgui.runs.journal import Journal
from tests.runs.recordings import STARTED, record

SIZE = (1280, 720)
TWO, ONE = "20261129-120000-bbbb", "20261129-110000-aaaa"
"""A run of 1Lbb with two workers in 12.5 s, and one with one worker in 20 s."""


def recorded(folder: Path) -> Journal:
    """A journal with both."""
    journal = Journal(folder / "journal.sqlite")
    record(journal, TWO, seconds=12.5, workers=2)
    record(journal, ONE, seconds=20.0, workers=1, started=STARTED - 3600)
    return journal


def material_of(folder: Path) -> dict[tuple[str, ...], Material]:
    """What is shown of both runs, the one with two workers first, and of that one alone; never changed."""
    journal = recorded(folder)
    try:
        return {runs: load(journal, runs) for runs in ((TWO, ONE), (TWO,))}
    finally:
        journal.close()


def give(
    material: Material, bridge: Bridge, look: theme.Theme = theme.LIGHT, size: tuple[int, int] = SIZE
) -> TalkWindow:
    """A talk that stands still: time passes when a test says so."""
    window = TalkWindow(look)
    window.add_slides(replayed(material, look, bridge))
    window.resize(*size)
    window.show()
    window._timer.stop()
    return window


def plane_of(slide: QWidget) -> PlaneView:
    """The plane that a slide shows; one of another size that it replaces may be there a moment longer."""
    (plot,) = slide.findChildren(TalkPlot)
    plane = plot._view
    assert isinstance(plane, PlaneView)
    return plane


def pass_seconds(window: TalkWindow, seconds: float, step: float = 0.2) -> None:
    """Let so many seconds pass in front of the audience."""
    for _ in range(round(seconds / step)):
        window.advance(step)


def until(window: TalkWindow, condition: Callable[[], bool]) -> None:
    """Let time pass until something holds."""
    for _ in range(10_000):
        if condition():
            return
        window.advance(0.1)
    raise TimeoutError("that never happened")


def lines(window: TalkWindow) -> list[str]:
    """The lines of text that are seen."""
    return [line.text for line in window.findChildren(Line) if line.isVisible() and line.text]
